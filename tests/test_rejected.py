"""Rejected is a state of its own: the number is told, the reason with it, and no cost is."""

import base64
import json

import pytest
from click.testing import CliRunner
from pictures import quadrants, saved

import multitok
from multitok import ImageInfo
from multitok.cli import multitok as cli
from multitok.counting.comparison import priced, ranked
from multitok.counting.inspection import Inspection
from multitok.counting.subject import subject_of
from multitok.drawing.figures import figures_of
from multitok.report import page
from multitok.report.comparison import render_bare, render_rows, row_to_dict, ties
from multitok.report.inspection import inspection_to_dict, render_inspection

AVIF, PNG = saved("AVIF"), saved("PNG")
WHY = "Anthropic takes JPEG, PNG, GIF or WebP, and rejects AVIF: convert it"


def run(*arguments, **more):
    return CliRunner().invoke(cli, [*map(str, arguments)], **more)


@pytest.fixture
def avif(tmp_path):
    path = tmp_path / "photo.avif"
    path.write_bytes(AVIF)
    return path


# --- comparisons and pages ------------------------------------------------------------------------


def test_a_rejected_row_has_a_number_a_reason_and_no_cost():
    """48 x 20 px are 2 x 1 patches of 28."""
    [taken] = multitok.compare(PNG, models="claude-opus-5")
    [row] = multitok.compare(AVIF, models="claude-opus-5")
    assert (taken.kind, taken.why, taken.cost is None) == ("documented", None, False)
    assert (row.kind, row.count.tokens, row.why, row.cost) == ("rejected", 2, WHY, None)
    assert priced(row) is row


def test_a_row_that_its_rule_itself_rejects_has_no_number():
    [row] = multitok.compare(ImageInfo(6000, 6000), models="gpt-6-astra")
    assert (row.kind, row.count) == ("rejected", None)
    assert "the API rejects more than 30000" in row.why


def test_a_row_of_no_published_rule_is_rejected_all_the_same():
    """Nobody knows what the picture costs, and the page says that it is not taken."""
    [row] = multitok.compare(AVIF, models="gpt-4-vision-preview")
    [unknown] = multitok.compare(PNG, models="gpt-4-vision-preview")
    assert (row.kind, unknown.kind) == ("rejected", "unknown")
    assert row.why == "OpenAI takes PNG, JPEG, WebP or GIF, and rejects AVIF: convert it"


def test_rejected_rows_are_ranked_last_and_tie_with_nothing():
    names = ["claude-opus-5", "mistral-small-2506", "Qwen/Qwen3-VL-8B-Instruct"]
    rows = multitok.compare(AVIF, models=names)
    assert [row.kind for row in ranked(rows, "tokens")] == ["exact", "rejected", "rejected"]
    assert ties(rows) == []


def test_the_table_shows_the_state_and_the_reason_below():
    rows = multitok.compare(AVIF, models=["claude-opus-5"])
    assert render_rows(rows, color=False) == (
        "model          tokens  kind      of context  sees\n"
        "claude-opus-5       2  rejected      <0.1 %  48 x 20\n"
        "\n"
        f"claude-opus-5: {WHY}"
    )
    assert render_bare(rows) == "? claude-opus-5"


def test_json_has_the_state_the_number_and_the_reasons():
    [row] = multitok.compare(AVIF, models="claude-opus-5")
    found = row_to_dict(row)
    assert (found["kind"], found["tokens"]) == ("rejected", 2)
    assert "cost_usd" not in found  # null is a price that nobody knows
    assert found["rejected"] == [WHY]


def test_the_cheapest_is_never_a_rejected_one(avif):
    """Of these, Anthropic rejects the format."""
    result = run("compare", avif, "-m", "claude-opus-5", "--cheapest", "--json")
    assert json.loads(result.stdout)["rows"] == []
    result = run("compare", avif, "-m", "claude-opus-5", "--fits")
    assert result.exit_code == 2
    assert "its API rejects it" in result.stderr


def test_an_inspection_says_it_once_with_the_sum_and_once_below_the_table():
    found = Inspection(subject=subject_of(AVIF), models=("claude-opus-5",))
    text = render_inspection(found, color=False)
    assert text.count(WHY) == 2
    assert f"  rejected: {WHY}\n" in text
    assert "rejected  the API answers with an error" in text
    assert "no published rule" not in text


def test_the_page_shows_it_as_rejected_and_without_a_cost():
    found = Inspection(subject=subject_of(AVIF), models=("claude-opus-5",))
    names = [row.model for row in found.rows]
    section = page.Section(
        document=inspection_to_dict(found), names=names, figures=figures_of(found)
    )
    html = page.html([section])
    assert '<span class="kind rejected"><b>×</b> rejected</span>' in html
    assert "and rejects AVIF: convert it" in html
    assert "input cost" not in html


def test_what_is_rejected_costs_nothing_that_could_be_told():
    cost = multitok.cost(AVIF, model="claude-opus-5")
    assert (cost.high, cost.why) == (None, WHY)


# --- checks ---------------------------------------------------------------------------------------


def test_a_check_fails_for_what_the_api_rejects(avif):
    [one] = multitok.check(avif, max_tokens=1000, model="claude-opus-5")
    assert (one.status, one.message) == ("failed", f"{avif}: {WHY}")
    result = run("check", avif, "--max-tokens", 1000, "-m", "claude-opus-5")
    assert result.exit_code == 2
    assert f"failed  {avif}: {WHY}" in result.stderr


def test_a_check_passes_for_the_model_that_takes_it(avif):
    model = "Qwen/Qwen3-VL-8B-Instruct"
    [one] = multitok.check(avif, max_tokens=1000, model=model)
    assert one.status == "ok"


# --- requests -------------------------------------------------------------------------------------


def anthropic(*files):
    blocks = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg",
                                     "data": base64.b64encode(file).decode()}}
        for file in files
    ]  # fmt: skip
    return {
        "model": "claude-opus-5",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": blocks}],
    }


def pictures(model, *files):
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded}"}}
        for encoded in (base64.b64encode(file).decode() for file in files)
    ]
    return {"model": model, "messages": [{"role": "user", "content": parts}]}


def of_pictures(counted):
    """Its parts without what the provider puts around them."""
    return [part for part in counted.parts if part.what == "image"]


def test_a_rejected_part_rejects_the_request():
    """Whatever its media type says: the format is the file's own."""
    counted = multitok.count_request(anthropic(PNG, AVIF))
    assert [part.kind for part in of_pictures(counted)] == ["documented", "rejected"]
    assert [part.tokens for part in of_pictures(counted)] == [2, 2]
    assert (counted.kind, counted.complete) == ("rejected", True)
    assert counted.tokens == sum(part.tokens for part in counted.parts)
    [part] = counted.rejected
    assert part.rejected == (WHY,)
    assert part.notes[0] == WHY


def test_a_request_is_shown_as_rejected_and_not_priced():
    result = run("request", input=json.dumps(anthropic(AVIF)))
    assert "     2  rejected  messages[0].content[0]  image 48 x 20" in result.stdout
    assert f"rejected messages[0].content[0]: {WHY}\n" in result.stdout
    assert "cost     unknown: messages[0].content[0] is rejected, and the request with it" in (
        result.stdout
    )
    assert "no published rule" not in result.stdout


def test_the_bare_number_of_a_rejected_request_exits_with_2_and_says_why():
    result = run("request", "-q", input=json.dumps(anthropic(AVIF)))
    tokens = multitok.count_request(anthropic(AVIF)).tokens
    assert (result.stdout, result.exit_code) == (f"{tokens}\n", 2)
    assert f"messages[0].content[0]: {WHY}" in result.stderr


def test_the_json_of_a_request_has_the_state_and_the_reasons():
    result = run("request", "--json", input=json.dumps(anthropic(AVIF)))
    part = json.loads(result.stdout)["parts"][0]
    assert (part["kind"], part["tokens"], part["rejected"]) == ("rejected", 2, [WHY])


def test_one_picture_too_many_is_rejected():
    """Mistral takes 8 in a request."""
    counted = multitok.count_request(pictures("mistral-small-2506", *[PNG] * 9))
    assert [part.kind for part in of_pictures(counted)] == [*["estimate"] * 8, "rejected"]
    assert counted.parts[8].rejected == (
        "Mistral rejects more than 8 pictures in a request, and this is number 9: send several"
        " requests",
    )


def test_a_large_picture_is_rejected_in_a_crowd():
    """More than 20 pictures of Claude's: a side over 2,000 px is rejected; with 20 it is not."""
    large = saved("PNG", quadrants(2001, 10))
    counted = multitok.count_request(anthropic(large, *[PNG] * 20))
    assert [part.kind for part in of_pictures(counted)] == ["rejected", *["documented"] * 20]
    assert counted.parts[0].rejected == (
        "Anthropic rejects a side over 2000 px in a request of more than 20 pictures, and this is"
        " 2001 x 10 in one of 21: shrink it",
    )
    assert multitok.count_request(anthropic(large, *[PNG] * 19)).rejected == ()


def test_what_its_rule_rejects_is_a_rejected_part_without_a_number():
    huge = saved("PNG", quadrants(6000, 6000))
    counted = multitok.count_request(pictures("gpt-6-astra", huge))
    [part] = counted.rejected
    assert (part.kind, part.tokens, counted.complete) == ("rejected", None, False)


def test_what_was_billed_was_not_rejected():
    """A bill is compared by the kind of the number, whatever a page says is taken."""
    billed = multitok.count_request(anthropic(PNG))
    usage = {"input_tokens": billed.tokens, "output_tokens": 1}
    [found] = multitok.reconcile([json.dumps({"request": anthropic(AVIF), "usage": usage})])
    assert (found.counted.kind, found.why, found.drift) == (billed.kind, None, 0.0)


def test_a_guard_looks_at_the_budget_and_leaves_it_to_the_api_to_refuse():
    counted = multitok.count_request(anthropic(AVIF), answered=True)
    assert (counted.kind, counted.rejected) == (multitok.count_request(anthropic(PNG)).kind, ())

"""Offset and slope of a model's estimates: drawn through bills, refused where they do not help."""

import json
import random
import runpy
from pathlib import Path
from statistics import median

import pytest
from click.testing import CliRunner

from multitok.cli import multitok as cli
from multitok.core.errors import SourceError
from multitok.core.info import ImageInfo
from multitok.requests.bills import calibrated, calibration_of, points, reconcile
from multitok.requests.calibration import Correction, read_calibration
from multitok.requests.corrected import corrected
from multitok.requests.counted import RequestPart
from multitok.requests.regression import Line, Point, Trend, theil_sen, trend
from multitok.requests.usage import Usage
from multitok.requests.whole import count_request

NUMBERS = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "bills_numbers.py"))
SIZES = (10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 320, 453, 640, 905, 1280, 1810)
MODEL = "grok-4"  # its words are an estimate wherever it is counted
HI = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}


def grok(words, **more):
    return {"model": MODEL, "messages": [{"role": "user", "content": "word " * words}], **more}


def bills(offset, slope, sizes=SIZES):
    return [Point(n, round(offset + slope * n), round(offset + slope * n)) for n in sizes]


# --- the line ------------------------------------------------------------------------------------


def test_a_line_is_found_to_the_token():
    found = trend(bills(12, 0.8))
    assert found.line.offset == pytest.approx(12, abs=0.6)
    assert found.line.slope == pytest.approx(0.8, abs=0.01)
    assert found.requests == 16
    assert found.after < 0.01 < found.before


def test_a_quarter_of_the_bills_may_be_of_something_else():
    """Four of twenty are a thousand times what they should be: the line stays, and the range ends
    at 2."""
    strange = [Point(n, 1_000 * n, 1_000 * n) for n in (30, 100, 300, 1000)]
    found = trend([*bills(12, 0.8), *strange])
    assert found.line.offset == pytest.approx(12, abs=4)
    assert found.line.slope == pytest.approx(0.8, abs=0.05)
    assert found.high == 2.0


def test_bills_of_one_size_show_an_offset_alone():
    """What is around the words cannot be told from the words: 100 estimated, 90 billed."""
    assert trend([Point(100, 90, 90)] * 16).line == Line(-10.0, 1.0)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (bills(12, 0.8)[:1], "1 request, at least 16 are needed"),
        (bills(12, 0.8)[:15], "15 requests, at least 16 are needed"),
        (bills(0, 0.25), "a slope of 0.25 is not believed, 0.5 to 2 is"),
        (bills(0, 40), "a slope of 40 is not believed, 0.5 to 2 is"),
        (bills(9000, 1), "an offset of 9,000 tokens is not believed, up to 2,000 is"),
        (bills(0, 1), "the counts are 0.0 % off as they are"),
        ([Point(n, n + 30 * (-1) ** i, 100) for i, n in enumerate(range(50, 210, 10))],
         "no better: 30.0 % off without it, 60.0 % with it"),
    ],
)  # fmt: skip
def test_a_line_that_is_none_is_refused_and_says_why(given, why):
    """The last: eight are 30 too many and eight 30 too few; of fifteen the other kind has a
    majority, so that each one left out is 60 off."""
    assert trend(given) == why


def test_more_bills_than_are_looked_at_give_the_same_line():
    many = [Point(n, round(7 + 1.2 * n), 9 + n) for n in range(1, 3000)]
    found = trend(many)
    assert (found.line.slope, found.requests) == (pytest.approx(1.2, abs=0.001), 2999)


def test_the_line_does_not_ask_in_which_order_the_bills_came():
    shuffled = bills(12, 0.8)
    random.Random(0).shuffle(shuffled)
    assert theil_sen(shuffled) == theil_sen(bills(12, 0.8))


# --- from bills in numbers -----------------------------------------------------------------------


def test_a_bill_with_details_tells_each_modality_and_one_without_tells_one():
    """Of 100 text 40 are an estimate, of 85 image all; 195 are billed, 105 of them text."""
    two, counted = {"text": 40, "image": 85}, {"text": 100, "image": 85}
    detailed = Usage(195, by_modality={"text": 105, "image": 90})
    assert points(two, counted, detailed) == {
        "text": Point(40, 45, 195),
        "image": Point(85, 90, 195),
    }
    assert points(two, counted, Usage(195)) == {}
    assert points({"tools": 40}, counted, Usage(195)) == {"tools": Point(40, 50, 195)}


def halves():
    """The whole bills of each provider, parted in their order, by turns, and by lot."""
    for plain in (True, False):
        whole = [row for row in NUMBERS["read"](plain) if row["state"] == "whole"]
        by_provider = {}
        for row in whole:
            by_provider.setdefault(row["provider"], []).append(row)
        for seed in ("first", "turns", 0, 1, 2, 3):
            drawn, held = [], []
            for rows in by_provider.values():
                rows = list(rows)
                if seed not in ("first", "turns"):
                    random.Random(seed).shuffle(rows)
                middle = len(rows) // 2
                drawn += rows[::2] if seed == "turns" else rows[:middle]
                held += rows[1::2] if seed == "turns" else rows[middle:]
            yield pytest.param(plain, drawn, held, id=f"{'plain' if plain else 'all'}-{seed}")


def estimates(row):
    text = "tools" if row["tools"] else "text"
    found = {name: row[f"estimated_{name}"] for name in NUMBERS["MODALITIES"]}
    return {text if name == "text" else name: n for name, n in found.items() if n}


def points_of(row):
    media = {name: row[name] or 0 for name in NUMBERS["MODALITIES"] if name != "text"}
    counted = {"text": row["tokens"] - sum(media.values()), **media}
    told = {name: row[f"billed_{name}"] for name in NUMBERS["MODALITIES"]}
    billed = Usage(row["billed"], by_modality={name: n for name, n in told.items() if n})
    return points(estimates(row), counted, billed)


def errors(drawn, held):
    """By provider, the median error of the held bills before and after; None where no line is."""
    seen = {}
    for row in drawn:
        for part, point in points_of(row).items():
            seen.setdefault((row["model"], part), []).append(point)
    calibration = calibrated(seen, "half")
    found = {}
    for row in held:
        tokens = row["tokens"]
        for part, estimated in estimates(row).items():
            line = calibration.correction(row["model"], part)
            if line is not None:
                tokens += round(line.trend.line.at(estimated)) - estimated
        pair = [abs(n - row["billed"]) / row["billed"] for n in (row["tokens"], tokens)]
        found.setdefault(row["provider"], []).append(pair)
    return {
        name: [median(pair[i] for pair in pairs) for i in (0, 1)] for name, pairs in found.items()
    }


@pytest.mark.parametrize("plain", [True, False])
def test_a_calibration_on_the_first_half_makes_no_provider_worse_on_the_second(plain):
    """Where no vocabulary is at hand it makes better what is far off and has bills enough (3.1 to
    2.4 % for Anthropic, 2.6 to 2.5 % for Bedrock); where one is, nothing is left to correct."""
    _, drawn, held = next(one.values for one in halves() if one.values[0] == plain)
    found = errors(drawn, held)
    assert {name for name, (before, after) in found.items() if after > before} == set()
    better = {name for name, (before, after) in found.items() if after < before}
    if not plain:
        assert max(before for before, _ in found.values()) < 0.004
    assert better >= {"Anthropic", "Bedrock"} if plain else better == set()


def test_over_all_halves_ten_are_better_for_one_that_is_worse():
    better, worse, gained, lost = 0, 0, 0.0, 0.0
    for plain, drawn, held in (one.values for one in halves()):
        for before, after in errors(drawn, held).values():
            better += after < before
            worse += after > before
            gained += max(0.0, before - after)
            lost += max(0.0, after - before)
            assert plain or after == before
    assert better >= 10 * worse
    assert gained >= 20 * lost


# --- the file, and counts by it ------------------------------------------------------------------


def correction(offset=0.0, slope=2.0, high=1.5, name="mine.json"):
    return Correction(Trend(Line(offset, slope), 0.9, high, 8, 0.2, 0.01), name, "2026-11-28")


def calibration(path, model=MODEL, part="text", **given):
    parts = {part: correction(**given).to_dict()}
    path.write_text(json.dumps({"schema": 2, "measured": "2026-11-28", "models": {model: parts}}))
    return str(path)


def run(text, *arguments):
    return CliRunner().invoke(cli, list(arguments), input=text)


def log(slope=2, sizes=range(20, 340, 20)):
    """A line a request whose words are billed `slope` times the count of them."""
    lines = []
    for words in sizes:
        counted = count_request(grok(words))
        known = sum(part.tokens for part in counted.parts if part.kind != "estimate")
        billed = known + round(slope * (counted.tokens - known))
        lines.append(json.dumps({"request": grok(words), "usage": {"prompt_tokens": billed}}))
    return "\n".join(lines)


def test_a_calibration_is_written_and_later_counts_use_and_name_it(tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    result = run(log(slope=1.5), "reconcile", "-o", str(path))
    assert result.exit_code == 1
    assert result.stderr.endswith(f"multitok: 1 correction in {path}\n")
    line = read_calibration(path).correction(MODEL, "text").trend.line
    assert line == (pytest.approx(0, abs=1), pytest.approx(1.5, abs=0.01))
    before = count_request(grok(100))
    monkeypatch.setenv("MULTITOK_CALIBRATION", str(path))
    after = count_request(grok(100))
    assert after.tokens == pytest.approx(1.5 * before.tokens, rel=0.02)
    assert after.parts[0].kind == "estimate"
    day = read_calibration(path).measured
    assert after.parts[0].notes[-1] == (
        f"calibrated by mine.json: 16 requests, slope {line.slope:.3f}, offset {line.offset:+.0f},"
        f" measured {day}"
    )


def test_what_is_not_kept_is_told_with_its_reason(tmp_path):
    path = tmp_path / "mine.json"
    result = run(log(sizes=[20, 40]), "reconcile", "-o", str(path))
    assert result.stderr == (
        f"multitok: {MODEL}, text: not kept: 2 requests, at least 16 are needed\n"
        f"multitok: {path}: not written: nothing could be kept\n"
    )
    assert not path.exists()


def test_open_requests_tell_nothing():
    """The server tool's tokens are in the bill and in no count."""
    request = grok(20, tools=[{"type": "web_search"}])
    line = json.dumps({"request": request, "usage": {"prompt_tokens": 9000}})
    found = calibration_of(reconcile([line] * 16), "mine.json")
    assert (found.models, found.refused) == ({}, {})


def test_the_flag_corrects_estimates_and_the_output_names_the_file(tmp_path):
    path = calibration(tmp_path / "mine.json")
    text = json.dumps(grok(100))
    counted = count_request(grok(100))
    known = sum(part.tokens for part in counted.parts if part.kind != "estimate")
    twice = known + 2 * (counted.tokens - known)
    shown = run(text, "request", "--calibration", path)
    assert shown.exit_code == 0, shown.output
    assert (
        "measured text calibrated by mine.json: 8 requests, slope 2.000, offset +0, measured"
        " 2026-11-28\n" in shown.output
    )
    assert int(run(text, "request", "--calibration", path, "-q").stdout) == twice
    document = json.loads(run(text, "request", "--calibration", path, "--json").stdout)
    assert document["tokens"] == twice
    assert document["calibration"]["name"] == "mine.json"
    assert list(document["calibration"]["corrected"]) == ["text"]


def test_a_calibration_that_corrects_nothing_says_so(tmp_path):
    other = calibration(tmp_path / "mine.json")
    shown = run(json.dumps(HI), "request", "--calibration", other).output
    assert "measured nothing: mine.json has none of gpt-4o\n" in shown
    exact = calibration(tmp_path / "mine.json", "gpt-4o")
    shown = run(json.dumps(HI), "request", "--calibration", exact).output
    assert (
        "measured nothing: mine.json is of text of gpt-4o, and no estimate here is of that\n"
        in shown
    )
    why = {"gpt-4o": {"text": "3 requests, at least 16 are needed"}}
    path = tmp_path / "mine.json"
    path.write_text(
        json.dumps({"schema": 2, "measured": "2026-11-28", "models": {}, "refused": why})
    )
    shown = run(json.dumps(HI), "request", "--calibration", str(path)).output
    assert (
        "measured nothing: mine.json has none of gpt-4o; text is not kept: 3 requests, at least"
        " 16 are needed\n" in shown
    )


def test_what_is_exact_is_not_corrected(tmp_path):
    assert count_request(HI, calibration=calibration(tmp_path / "mine.json", "gpt-4o")).tokens == 8


def test_with_tools_the_words_have_a_correction_of_their_own(tmp_path):
    path = calibration(tmp_path / "mine.json", part="tools")
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    assert count_request(grok(9), calibration=path).tokens == count_request(grok(9)).tokens
    with_tools = grok(9, tools=[tool])
    assert count_request(with_tools, calibration=path).tokens > count_request(with_tools).tokens


def part(tokens, kind="estimate", modality="text", most=None):
    return RequestPart("p", modality, tokens, kind, most=most)


def corrected_by(found, *parts, name="text"):
    from multitok.requests.calibration import Calibration

    return corrected(parts, "m", Calibration("f", "", {"m": {name: found}}))


def test_corrected_parts_add_up_to_the_line_at_their_sum():
    """10 + 7 + 3 = 20; 5 + 2 x 20 = 45 in shares of 10, 7 and 3; what is observed stays."""
    found = corrected_by(correction(offset=5), part(10), part(100, "observed"), part(7), part(3))
    assert [one.tokens for one in found] == [22, 100, 16, 7]


def test_no_upper_end_gets_lower_and_none_is_below_its_part():
    """Half of 10 is 5, 8 at most by the bills; the estimate itself says 13."""
    (found,) = corrected_by(correction(slope=0.5), part(10, most=13))
    assert (found.tokens, found.most) == (5, 13)
    (found,) = corrected_by(correction(slope=2), part(10, most=13))
    assert (found.tokens, found.most) == (20, 30)


def test_a_correction_never_makes_a_part_negative():
    found = corrected_by(correction(offset=-50, slope=1), part(10), part(3))
    assert [one.tokens for one in found] == [0, 0]


def test_a_picture_is_corrected_by_pictures():
    image = RequestPart("p", "image", 100, "estimate", info=ImageInfo(8, 8))
    found = corrected_by(correction(offset=-15, slope=1), image, part(50), name="image")
    assert [one.tokens for one in found] == [85, 50]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "'measured'"),
        ({"slope": float("nan")}, "slope must be 0.5 to 2, got nan"),
        ({"slope": 947.5}, "slope must be 0.5 to 2, got 947.5"),
        ({"offset": -1e9}, "offset must be -2000 to 2000, got -1000000000.0"),
        ({"high": 0.5}, "high must be 1 to 2, got 0.5"),
        ({"requests": 0}, "requests must be from 1, got 0"),
    ],
)
def test_a_file_that_is_no_calibration_is_refused(tmp_path, given, why):
    path = tmp_path / "mine.json"
    one = {**correction().to_dict(), **given}
    whole = {"schema": 2, "measured": "2026-11-28", "models": {MODEL: {"text": one}}}
    path.write_text(json.dumps(whole if given else {}))
    with pytest.raises(SourceError) as error:
        read_calibration(path)
    assert str(error.value) == (
        f"{path}: not a calibration file ({why}). multitok reconcile writes one: multitok"
        " reconcile usage.jsonl -o calibration.json"
    )


def test_a_file_of_the_first_schema_says_what_to_type(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"schema": 1, "measured": "2026-11-23", "models": {}}')
    with pytest.raises(SourceError) as error:
        read_calibration(path)
    assert str(error.value) == (
        f"{path}: a calibration of schema 1, this version reads 2. Measure again: multitok"
        " reconcile usage.jsonl -o mine.json"
    )


def test_a_file_is_read_as_it_was_written(tmp_path):
    from multitok.requests.bills import write_calibration

    written = calibration_of(reconcile(log().splitlines()), "mine.json")
    write_calibration(written, tmp_path / "mine.json")
    read = read_calibration(tmp_path / "mine.json")
    assert read.to_dict() == written.to_dict()
    assert read.correction(MODEL, "text").trend.line == written.correction(MODEL, "text").trend.line

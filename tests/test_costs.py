"""What a count costs stands beside it: on the Count, in the table, in JSON (null: unknown)."""

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

import multitok
from multitok import ImageInfo
from multitok.cli import multitok as command

PHOTO = ImageInfo(600, 400)


def run(*words):
    return CliRunner().invoke(command, words)


def test_a_count_knows_what_it_costs():
    """425 tokens at $2.50 a million."""
    counted = multitok.count(PHOTO, model="gpt-4o")
    assert counted.cost().high == Decimal("425") * Decimal("2.5") / 1_000_000
    assert counted.cost() == multitok.cost(PHOTO, model="gpt-4o")


def test_a_dated_name_keeps_its_own_price():
    """gpt-4o of May 2024 cost twice as much."""
    old = multitok.count(PHOTO, model="gpt-4o-2024-05-13")
    assert old.model == "gpt-4o"
    assert old.cost().high == 2 * multitok.count(PHOTO, model="gpt-4o").cost().high


def test_the_words_of_a_cost_are_those_of_the_function():
    words = {"output": (10, 20), "cached": 5, "mode": "batch", "requests": 3}
    counted = multitok.count(PHOTO, model="gpt-4o")
    assert counted.cost(**words) == multitok.cost(PHOTO, model="gpt-4o", **words)


def test_what_a_tokenizer_counted_has_no_price():
    cost = multitok.count("samples/english.txt", tokenizer="bytes").cost()
    assert (cost.high, cost.why) == (
        None, "tokenizer 'bytes' has no price: count with a model, model='gpt-4o'",
    )  # fmt: skip


def test_costs_add_up_as_requests_of_their_own():
    one, two = (multitok.count(PHOTO, model=name) for name in ("gpt-4o", "gpt-5.4"))
    total = (one + two).cost()
    assert total.high == one.cost().high + two.cost().high
    assert total.requests == 2
    assert sum(total.parts.values()) == total.high


def test_one_unknown_price_makes_the_sum_unknown():
    known = multitok.count(PHOTO, model="gpt-4o")
    open_one = multitok.count(PHOTO, model="Qwen/Qwen3-VL-8B-Instruct")
    assert (known + open_one).cost().high is None
    assert (known + open_one).cost().why == "no price is known for this model"


def test_the_table_has_the_cost_where_it_is_asked_for():
    bare = run("count", "--size", "600x400", "--size", "64x64", "-m", "gpt-4o")
    priced = run("count", "--size", "600x400", "--size", "64x64", "-m", "gpt-4o", "--cost")
    assert "cost" not in bare.stdout
    assert priced.stdout.splitlines() == [
        "tokens  kind              cost  model   input",
        "   425  documented  $0.0010625  gpt-4o  600x400",
        "   255  documented  $0.0006375  gpt-4o  64x64",
        "   680  documented  $0.0017000  gpt-4o  total",
    ]


def test_why_there_is_no_cost_is_a_note():
    found = run("count", "--size", "600x400", "-m", "Qwen/Qwen3-VL-8B-Instruct", "--cost")
    assert "unknown" in found.stdout
    assert "note: 600x400: cost: no price is known for this model" in found.stderr


def test_json_has_every_digit_and_null_for_unknown_only():
    asked = ("count", "--size", "600x400", "-m", "gpt-4o", "--json")
    assert "cost_usd" not in json.loads(run(*asked).stdout)["counts"][0]
    found = json.loads(run(*asked, "--cost").stdout)
    assert (found["counts"][0]["cost_usd"], found["total_usd"]) == ("0.0010625", "0.0010625")
    unknown = ("count", "--size", "600x400", "-m", "Qwen/Qwen3-VL-8B-Instruct", "--json", "--cost")
    assert json.loads(run(*unknown).stdout)["counts"][0]["cost_usd"] is None


def test_inspect_and_compare_tell_one_cost():
    """null stood in one for what the other knew."""
    words = ("samples/photo.jpg", "-m", "gpt-4o", "-m", "gpt-5.4", "-m", "claude-opus-5", "--json")
    inspected = json.loads(run("inspect", *words).stdout)["inputs"][0]["rows"]
    compared = json.loads(run("compare", *words).stdout)["rows"]
    assert [row["cost_usd"] for row in inspected] == [row["cost_usd"] for row in compared]
    assert None not in [row["cost_usd"] for row in inspected]


def test_what_nobody_charges_has_no_cost():
    """Not null: that is a price that is not known."""
    document = json.loads(run("inspect", "samples/english.txt", "-t", "bytes", "--json").stdout)
    assert "cost_usd" not in document["inputs"][0]["rows"][0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-t", "bytes"), "a cost is a model's: name one (-m gpt-4o) in place of -t"),
        (("-m", "gpt-4o", "-q"), "-q prints one number, the tokens: --cost goes without it"),
    ],
)
def test_a_cost_that_cannot_be_shown_says_why(words, message):
    found = run("count", "samples/english.txt", "--cost", *words)
    assert (found.exit_code, found.stderr.splitlines()[-1]) == (2, f"Error: {message}")


def test_sums_stand_where_one_model_is_or_they_are_asked_for():
    two = ("inspect", "samples/photo.jpg", "-m", "gpt-4o", "-m", "gpt-5.4")
    assert "patches of 32 px" not in run(*two).stdout
    assert run(*two).stdout.endswith(
        "Each sum in words, with its notes and its source: --explain, or one model (-m)\n\n"
    )
    assert "patches of 32 px" in run(*two, "--explain").stdout
    assert "patches of 32 px" in run("inspect", "samples/photo.jpg", "-m", "gpt-5.4").stdout


def test_the_answer_of_a_picture_fits_a_screen():
    """Of eight models, without a word of their sums."""
    assert len(run("inspect", "samples/photo.jpg").stdout.splitlines()) < 24


def test_a_bound_is_a_line_too():
    """--bound --jsonl printed nothing."""
    found = run("count", "samples/english.txt", "-m", "gpt-4o", "--bound", "--jsonl")
    line = json.loads(found.stdout)
    assert (line["kind"], line["tokens"]) == ("upper-bound", 2690)

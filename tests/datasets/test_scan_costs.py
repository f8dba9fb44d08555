"""What a scan costs is what its items cost, one by one."""

from decimal import Decimal

from hypothesis import given, strategies as st
from PIL import Image

import multitok
from multitok.prices import price_for
from multitok.prices.rates import cost_of
from multitok.prices.sums import Alike, borders, cost_of_sums

GEMINI = price_for("gemini-2.5-pro")  # a tier from 200,000 tokens on


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=20), st.integers(0, 1000))
def test_sums_cost_what_their_requests_cost(prompts, output):
    [border] = borders(GEMINI)
    sides = ([n for n in prompts if n <= border], [n for n in prompts if n > border])
    sums = [Alike(len(side), max(side), {"text": sum(side)}) for side in sides if side]
    each = [cost_of(GEMINI, prompt, output=(output, 2 * output)) for prompt in prompts]
    whole = cost_of_sums(GEMINI, sums, output=(output, 2 * output))
    assert (whole.low, whole.high) == (sum(c.low for c in each), sum(c.high for c in each))


def test_a_model_without_a_price_costs_an_unknown_sum():
    cost = cost_of_sums(None, [Alike(1, 5, {"text": 5})])
    assert (cost.high, cost.why) == (None, "no price is known for this model")


def test_a_scan_costs_the_sum_of_its_counts(tmp_path):
    for number in range(4):
        Image.new("RGB", (300 * (number + 1), 400)).save(tmp_path / f"{number}.png")
    (tmp_path / "text.txt").write_text("hello world")
    found = multitok.scan(tmp_path, models="gpt-5.4", workers=0)
    each = [
        multitok.cost(str(path), model="gpt-5.4", output=(10, 20)) for path in tmp_path.iterdir()
    ]
    cost = found.costs((10, 20))["gpt-5.4"]
    assert (cost.low, cost.high) == (sum(c.low for c in each), sum(c.high for c in each))
    assert cost.requests == 5


def test_what_failed_or_is_rejected_costs_nothing_and_is_told(tmp_path):
    Image.new("RGB", (9000, 10)).save(tmp_path / "wide.png")  # Anthropic takes no side over 8,000
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found = multitok.scan(tmp_path, models="claude-opus-5", workers=0)
    cost = found.costs()["claude-opus-5"]
    assert cost.high == Decimal(0)
    assert cost.notes == (
        "not in it: 1 item that could not be counted",
        "not in it: 1 item that the API would reject",
    )
    assert [row["kind"] for row in found.table().to_pylist()] == [None, "rejected"]


def test_totals_are_those_of_the_rows(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("word " * number + "end")
    found = multitok.scan(tmp_path, tokenizer="words", workers=0)
    rows = found.table().to_pylist()
    [total] = found.totals("modality")
    assert total.by == {"modality": "text"}
    assert (total.rows, total.tokens) == (5, sum(row["tokens"] for row in rows))
    assert found.top(1)[0]["tokens"] == max(row["tokens"] for row in rows)
    assert sum(rows for _, rows in found.histogram()[None]) == 5

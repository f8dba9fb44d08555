"""The history of prices: dated rows with sources, lines by stated rules, honest charts."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from multitok.cli import multitok as cli
from multitok.core.info import ImageInfo
from multitok.counting.content_costs import content_costs
from multitok.counting.subject import subject_of
from multitok.drawing.charts import Axis, Line, Points
from multitok.drawing.charts.colors import GROUNDS, contrast, readable
from multitok.drawing.charts.plot import svg
from multitok.prices.dated import (
    DISCLAIMER,
    DatedPrice,
    best_models,
    cheapest,
    fall,
    history,
    of_model,
    rebound,
)
from multitok.report import prices_page
from multitok.report.price_panels import content_panel, headline, price_panel
from multitok.report.shell import policy


def row(day, model, dollars, provider="p", flagship=False):
    price = Decimal(dollars)
    return DatedPrice(
        date.fromisoformat(day), provider, model, price, price, "s", "launch", "c", flagship
    )


def test_every_row_has_a_source_and_a_price_above_zero():
    assert len(history()) == 148
    assert all(row.source and row.date_kind and row.confidence for row in history())
    assert all(row.input > 0 and row.output > 0 for row in history())


def test_the_cheapest_changes_only_when_a_lower_price_appears_or_the_lowest_rises():
    rows = [
        row("2024-01-01", "a", "10"),
        row("2024-02-01", "b", "20"),
        row("2024-03-01", "c", "1"),
        row("2024-04-01", "c", "30"),
    ]
    assert [(r.day.month, r.input) for r in cheapest(rows)] == [(1, 10), (3, 1), (4, 10)]


def test_a_price_of_the_same_model_replaces_its_older_one():
    """An aside in brackets is the same model: 'a (<=128k)' is 'a'."""
    rows = [row("2024-01-01", "a (<=128k)", "1"), row("2024-02-01", "a", "2")]
    assert [r.input for r in cheapest(rows)] == [1, 2]


def test_the_best_models_are_the_marked_ones():
    best = best_models(history())
    assert best["openai"][0].model == "davinci (GPT-3)"
    assert not any("pro" in r.name.split("-") for r in best["openai"])


def test_a_model_is_found_with_its_dated_names():
    assert [r.input for r in of_model(history(), "gpt-4o")] == [Decimal(5), Decimal("2.5")]
    assert of_model(history(), "gpt-4o-mini")[0].input == Decimal("0.15")
    assert of_model(history(), "gpt") == []


def test_the_fall_is_told_in_words():
    rows = [row("2021-11-01", "a", "60"), row("2024-11-01", "b", "0.06")]
    assert fall(rows) == "$60 to $0.06 per million tokens: 1,000 times less in 3.0 years"
    assert fall(rows[::-1]).startswith("$0.06 to $60 per million tokens: 1000.0 times more")


def test_one_content_costs_tokens_times_price_through_each_models_own_count():
    """A picture of 1024 x 1024: gpt-4o takes 765 tokens, gpt-5 630."""
    rows = [r for r in history() if r.name in ("gpt-4o-2024-05-13", "gpt-5", "claude-2")]
    costs, missing = content_costs(subject_of(ImageInfo(1024, 1024)), rows)
    assert [(c.price.name, c.count.tokens, c.dollars) for c in costs] == [
        ("gpt-4o-2024-05-13", 765, Decimal("0.003825")),
        ("gpt-5", 630, Decimal("0.0007875")),
    ]
    assert missing == ["claude-2"]


def run(*arguments):
    return CliRunner().invoke(cli, ["prices", *arguments])


def test_the_terminal_shows_the_chart_and_says_what_a_price_is_not():
    result = run("--picture")
    assert result.exit_code == 0
    assert "Price of a million input tokens" in result.output
    assert "Cost of a picture of 1024 x 1024, by each model's own count" in result.output
    assert DISCLAIMER in result.output


def test_the_csv_is_the_data_that_ships():
    rows = list(csv.DictReader(io.StringIO(run("--csv").stdout)))
    assert len(rows) == len(history())
    assert rows[0]["date"] == "2021-11-01"


def test_the_json_has_prices_content_and_rules():
    document = json.loads(run("--picture", "--json").stdout)
    assert document["schema"] == 1
    assert document["disclaimer"] == DISCLAIMER
    assert {c["model"]: c["tokens"] for c in document["content_costs"]}["gpt-5"] == 630


def test_a_model_shows_its_dated_rates_and_the_source():
    result = run("gpt-4o")
    assert "2024-05-13  gpt-4o-2024-05-13  $5.00  $15.00  launch" in result.output
    assert "source: genai-prices" in result.output


def test_an_unknown_model_is_an_error_with_a_suggestion():
    result = run("gpt-4p")
    assert result.exit_code != 0
    assert str(result.exception) == (
        "unknown price of model 'gpt-4p'. Did you mean 'gpt-4'? See: multitok prices --csv"
    )


def test_the_pages_are_written_and_hold_every_line(tmp_path):
    png, page = tmp_path / "p.png", tmp_path / "p.html"
    result = run("--picture", "--png", str(png), "--html", str(page))
    assert result.exit_code == 0
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    text = page.read_text("utf-8")
    assert "://" not in text.split("<details>")[0]  # nothing is loaded from elsewhere
    assert text.count("<tr>") == len(history()) + 1
    for drawing in [part.split("</svg>")[0] + "</svg>" for part in text.split("<svg")[1:]]:
        ET.fromstring("<svg" + drawing)
    for name in ("OpenAI", "Anthropic", "Mistral", "DeepSeek", "Google", "xAI", "the cheapest"):
        assert f">{name}</text>" in text


def test_the_page_of_prices_has_the_policy_of_every_page(tmp_path):
    """Nothing is loaded; one script of ours runs. Each point names its model."""
    path = tmp_path / "p.html"
    run("--picture", "--html", str(path))
    text = path.read_text("utf-8")
    code = re.search(r"<script>(.*)</script>", text, re.DOTALL)[1]
    assert f'http-equiv="Content-Security-Policy" content="{policy(code)}"' in text
    assert text.count("<script") == 1
    for tip in (
        "gpt-5, from 2025-08-07\n$1.25 for a million input tokens",
        "gpt-5, from 2025-08-07\n$0.0007875 for 630 tokens",
    ):
        assert text.count(f"<title>{tip}</title>") == 2  # wide and narrow


def test_an_axis_names_its_unit_and_a_chart_without_one_none():
    rows = [row("2024-01-01", "a", "10"), row("2025-01-01", "a", "1")]
    panel = price_panel(rows)
    assert {text[0] for _, text in panel.ranged().y.marked(5)} == {"$"}
    assert ">$10</text>" in drawn(panel)
    assert "$" not in drawn(replace(panel, y=Axis(log=True), marks=[Line(x=[1, 2], y=[1, 10])]))


def drawn(panel):
    return svg([[panel]], size=(900, 400), name="a chart")


def test_a_chart_of_a_page_is_the_same_to_the_byte_and_has_no_id_twice(tmp_path):
    page = tmp_path / "p.html"
    run("--picture", "--html", str(page))
    first = page.read_bytes()
    run("--picture", "--html", str(page), "--force")
    assert page.read_bytes() == first
    ids = re.findall(r' id="([^"]+)"', first.decode())
    assert len(ids) == len(set(ids))


def test_each_color_of_a_chart_has_one_for_a_dark_page():
    """Text is told from its paper, light and dark."""
    text = drawn(price_panel(history()))
    written = re.findall(r"<text style=[^>]*fill: light-dark\((#\w+), (#\w+)\)", text)
    colors = set(written)
    assert len(colors) >= 6
    for pair in colors:
        for written, ground in zip(pair, GROUNDS, strict=True):
            assert contrast(tuple(bytes.fromhex(written[1:])), ground) >= 4.5
    assert re.findall(r"#[0-9a-f]{6}", re.sub(r"light-dark\([^)]*\)", "", text)) == []


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_any_color_of_a_chart_can_be_read_on_paper_light_and_dark(color):
    for ground in GROUNDS:
        assert contrast(readable(color, ground), ground) >= 4.5


def test_the_paper_of_a_chart_is_that_of_the_style_sheet():
    style = (Path(prices_page.__file__).parent / "page.css").read_text("utf-8")
    papers = re.findall(r"--paper: #(..)(..)(..);", style)
    assert tuple(tuple(int(part, 16) for part in paper) for paper in papers) == GROUNDS


def test_black_on_white_has_the_contrast_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_a_provider_has_one_sign_on_every_chart():
    rows = history()
    costs, _ = content_costs(subject_of(ImageInfo(1024, 1024)), [r for r in rows if r.flagship])
    panels = price_panel(rows, lines=False), content_panel(costs, rows, "x", lines=False)
    signs = [{m.label: m.sign for m in p.marks if isinstance(m, Points)} for p in panels]
    assert len(set(signs[0].values())) == len(signs[0]) == 6
    assert signs[1].items() <= signs[0].items()


def test_the_years_of_both_charts_stand_under_each_other():
    text = run("--picture").output.splitlines()
    years = [line for line in text if line.split() == ["2022", "2023", "2024", "2025", "2026"]]
    assert len(years) == 2
    assert years[0] == years[1]


def test_a_maker_whose_best_model_got_dearer_is_told():
    rows = [row("2024-01-01", "a", "2"), row("2025-01-01", "b", "1"), row("2026-01-01", "c", "5")]
    low, last = rebound({"p": rows})
    assert (low.model, last.model) == ("b", "c")
    assert rebound({"p": rows[:2]}) is None


def test_two_fixed_contents_are_refused():
    result = run("--picture", "--size", "10x10")
    assert result.exit_code == 2
    assert "one fixed content: --content, --picture or one --size" in result.stderr


@pytest.mark.parametrize("size", ["10x10", "4000x3000"])
def test_a_size_of_your_own_is_the_content(size):
    assert json.loads(run("--size", size, "--json").stdout)["content"].startswith("a picture of")


def test_the_title_of_the_chart_says_what_happened_since():
    """Computed: the cheapest fell for the last time in December 2024; OpenAI's best got dearer."""
    assert headline(history()) == (
        "The cheapest token is flat since December 2024, the best models dearer"
    )
    rows = [row("2024-01-01", "a", "2", flagship=True), row("2025-03-01", "a", "1", flagship=True)]
    assert headline(rows) == "The cheapest token is flat since March 2025"

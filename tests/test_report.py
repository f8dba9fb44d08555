"""The report is pure: the same input gives the same text, and nothing is printed."""

from datetime import date
from decimal import Decimal

from multitok import Count, ImageInfo
from multitok.counting.comparison import Row
from multitok.report.columns import table
from multitok.report.comparison import render_rows, ties
from multitok.report.counts import count_to_dict, render_counts
from multitok.report.text import dollars, percent, rates, style


def counted(tokens=765, kind="documented", error=None, model="gpt-4o"):
    return Count(
        tokens=tokens,
        kind=kind,
        parts={"base": 85, "tiles": tokens - 85},
        info=ImageInfo(1024, 1024),
        model=model,
        tokenizer="openai-tile",
        source="https://example.org/rule",
        checked=date(2026, 11, 23),
        notes=("shrunk",),
        geometry={"resized": [768, 768]},
        error=error,
        context_window=128_000,
        size_seen=(768, 768),
    )


def test_columns_line_up_and_numbers_stand_right():
    shown = table(["a", "n"], [["x", "1"], ["longer", "1000"]], right=(1,))
    assert shown == "a          n\nx          1\nlonger  1000"


def test_color_is_only_where_it_is_asked_for():
    assert style("x", "bold", color=False) == "x"
    assert style("x", "bold", color=True) == "\x1b[1mx\x1b[0m"


def test_numbers_have_one_form_in_every_table():
    """Machines read -q and --json; a table has separators on a terminal and in a pipe alike."""
    one = [("a", counted(12345))]
    assert render_counts(one, color=True).splitlines()[1].split()[0] == "12,345"
    assert render_counts(one, color=False).splitlines()[1].split()[0] == "12,345"
    assert (
        render_rows([Row("m", counted(12345))], color=False).splitlines()[1].split()[1] == "12,345"
    )


def test_a_column_of_money_has_one_number_of_digits():
    """The finest amount needs seven: points stand under points."""
    amounts = [Decimal("0.003"), Decimal("0.0007425"), None]
    assert dollars(amounts) == ["$0.0030000", "$0.0007425", "unknown"]
    assert dollars([Decimal("1.5"), Decimal("1234")]) == ["$1.50", "$1,234.00"]


def test_a_listed_price_keeps_its_digits():
    assert rates([Decimal("60"), Decimal("2.125"), None]) == ["$60.000", "$2.125", "unknown"]


def test_a_total_is_as_weak_as_its_weakest_part():
    pairs = [("a", counted()), ("b", counted(10, "estimate"))]
    last = render_counts(pairs, color=False).splitlines()[-1]
    assert last.split() == ["775", "estimate", "gpt-4o", "total"]


def test_an_estimate_carries_its_range():
    assert count_to_dict(counted(100, error=(0.9, 1.2)))["range"] == [90, 120]


def test_a_small_share_of_the_context_is_not_rounded_to_nothing():
    assert (percent(0.0001), percent(0.0123), percent(None)) == (
        "<0.1 %",
        "1.2 %",
        "",
    )


def test_counts_within_their_stated_error_are_a_tie():
    rows = [
        Row("a", counted(100, error=(0.9, 1.1))),
        Row("b", counted(105)),
        Row("c", counted(500)),
    ]
    assert ties(rows) == ["tie: a and b are within the stated error"]


def test_a_row_without_a_count_says_why():
    shown = render_rows([Row("m", None, "no published rule")], color=False).splitlines()
    assert shown[1].split() == ["m", "?", "unknown"]
    assert shown[-1] == "m: no published rule"


def test_the_size_a_model_sees_is_width_by_height():
    row = Row("m", counted())
    assert row.sees == (768, 768)
    assert Row("m", None).sees is None


def test_control_characters_of_a_text_are_shown_not_sent():
    from multitok.counting.inspection import Tokenized
    from multitok.modalities.text.pieces import Piece
    from multitok.report.texts import render_tokenized

    pieces = [Piece("a\x1b[0m", (1,)), Piece("\t\n", (2,))]
    assert render_tokenized(Tokenized("m", 2, pieces), color=False) == "a\\x1b[0m|⇥⏎\n"

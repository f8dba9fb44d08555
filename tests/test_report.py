"""The report is pure: the same input gives the same text, and nothing is printed."""

from datetime import date

from multitok import Count, ImageInfo
from multitok.counting.comparison import Row
from multitok.report import counts as report


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
    )


def test_columns_line_up_and_numbers_stand_right():
    shown = report.table(["a", "n"], [["x", "1"], ["longer", "1000"]], right=(1,))
    assert shown == "a          n\nx          1\nlonger  1000"


def test_color_is_only_where_it_is_asked_for():
    assert report.style("x", "bold", color=False) == "x"
    assert report.style("x", "bold", color=True) == "\x1b[1mx\x1b[0m"


def test_people_get_thousands_separators_and_pipes_do_not():
    assert report.number(12345, people=True) == "12,345"
    assert report.number(12345, people=False) == "12345"


def test_a_total_is_as_weak_as_its_weakest_part():
    pairs = [("a", counted()), ("b", counted(10, "estimate"))]
    last = report.render_counts(pairs, people=False, color=False).splitlines()[-1]
    assert last.split() == ["775", "estimate", "gpt-4o", "total"]


def test_an_estimate_carries_its_range():
    assert report.count_to_dict(counted(100, error=(0.9, 1.2)))["range"] == [90, 120]


def test_a_small_share_of_the_context_is_not_rounded_to_nothing():
    assert (report.percent(0.0001), report.percent(0.0123), report.percent(None)) == (
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
    assert report.ties(rows) == ["tie: a and b are within the stated error"]


def test_a_row_without_a_count_says_why():
    shown = report.render_rows([Row("m", None, "no published rule")], color=False).splitlines()
    assert shown[1].split() == ["m", "?", "unknown"]
    assert shown[-1] == "m: no published rule"


def test_the_size_a_model_sees_is_width_by_height():
    row = Row("m", counted())
    assert row.sees == (768, 768)
    assert Row("m", None).sees is None


def test_control_characters_of_a_text_are_shown_not_sent():
    from multitok.modalities.text.pieces import Piece

    shown = report.render_pieces([Piece("a\x1b[0m", (1,)), Piece("\n", (2,))], color=False)
    assert shown == "a\u241b[0m|\u23ce\n"

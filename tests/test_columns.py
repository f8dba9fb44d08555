"""Text that fits a terminal: whole words, nothing lost, color takes no room."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from multitok.cli import multitok, printing
from multitok.report.columns import fold, narrowed, table, visible, wrapped


def test_a_long_line_goes_on_below_two_beyond_its_indent():
    assert wrapped("  rule: one two three\nshort", 14) == "  rule: one\n    two three\nshort"


def test_a_pipe_gets_its_lines_whole():
    assert wrapped("x " * 200, None) == "x " * 200


def test_a_word_longer_than_the_line_stays_whole():
    """An address that is broken cannot be clicked."""
    assert wrapped("see https://example.org/a/long/one", 12) == (
        "see\n  https://example.org/a/long/one"
    )


def test_color_takes_no_room():
    assert visible("\x1b[32mexact\x1b[0m") == 5
    assert wrapped("\x1b[32mexact\x1b[0m count", 11) == "\x1b[32mexact\x1b[0m count"


def test_a_colored_line_hangs_by_what_is_seen():
    assert wrapped("\x1b[2m  rule: one two\x1b[0m", 11) == "\x1b[2m  rule: one\n    two\x1b[0m"


def test_a_label_keeps_its_column():
    assert wrapped("smaller  a picture costs less", 20, hang=9) == (
        "smaller  a picture\n         costs less"
    )


@given(st.text(st.sampled_from("ab c/-"), max_size=80), st.integers(4, 30))
def test_no_word_is_lost(text, width):
    assert wrapped(text, width).split() == text.split()
    assert "".join(fold(text, width)).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, fold(text, width))) <= width


def test_the_widest_column_gives_way_and_numbers_stay_whole():
    assert narrowed([40, 6, 20], 56, least=[12, 6, 12]) == [30, 6, 20]
    assert narrowed([20, 30], 30, least=[12, 30]) == [12, 30]
    assert narrowed([8, 8], 10, least=[8, 8]) == [8, 8]


def test_a_wide_table_folds_its_cells_and_fits():
    rows = [["a/long-model-name-of-thirty-char", "1,234", "documented"], ["short", "5", "exact"]]
    colors = {(0, 2): "cyan"}
    shown = table(["model", "tokens", "kind"], rows, right=(1,), colors=colors, width=40)
    assert shown.splitlines() == [
        "model                 tokens  kind",
        "a/long-model-name-     1,234  documented",
        "of-thirty-char",
        "short                      5  exact",
    ]
    assert max(map(len, shown.splitlines())) == 40


def test_a_word_is_not_broken_where_the_next_line_holds_it():
    assert fold("Qwen3-VL-8B-Instruct", 10) == ["Qwen3-VL-", "8B-", "Instruct"]
    assert fold("chronos, 4,096 ids", 10) == ["chronos,", "4,096 ids"]
    assert fold("gpt-4o-2024-05-13", 15) == ["gpt-4o-", "2024-05-13"]


def test_a_heading_gives_way_before_a_number_does():
    rows = [["a", "1,234", "12.3 %"]]
    assert table(["model", "tokens", "of context"], rows, right=(1, 2), width=22).splitlines() == [
        "model  tokens       of",
        "               context",
        "a       1,234   12.3 %",
    ]


def test_signs_of_the_east_take_two_columns_and_marks_none():
    assert visible("日本 e\u0301") == 6
    assert table(["name", "n"], [["日本", "1"], ["abc", "2"]], right=(1,)).splitlines() == [
        "name  n",
        "日本  1",
        "abc   2",
    ]


CELLS = st.text(st.sampled_from("ab c/-_.,日\u0301"), max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 9999)), min_size=1, max_size=4))
def test_a_table_fits_wherever_its_numbers_do(rows):
    """Two columns of words and one of numbers: 30 columns hold them, folded."""
    body = [[a, b, f"{n:,}"] for a, b, n in rows]
    for width in (30, 60):
        lines = table(["left", "middle", "n"], body, right=(2,), width=width).splitlines()
        assert max(map(visible, lines)) <= width
    folded = "".join(table(["left", "middle", "n"], body, right=(2,), width=30).split())
    assert sorted(folded) == sorted(
        "".join(["left", "middle", "n", *(c for r in body for c in r)]).replace(" ", "")
    )


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize(
    "command",
    ["compare samples/photo.jpg", "inspect samples/sunspots.csv", "request samples/request.json",
     "prices gpt-4o", "prices", "efficiency samples/english.txt", "doctor", "models", "tokenizers",
     "fit samples/clip.mp4 -m Qwen/Qwen2.5-VL-7B-Instruct --max-tokens 600",
     "fit samples/photo.jpg -m gpt-4o --max-tokens 300", "count samples/photo.jpg -m gpt-4o"],
)  # fmt: skip
def test_no_command_overflows_a_terminal(width, command, monkeypatch):
    """Only a word longer than the terminal, such as an address, stands over its edge."""
    monkeypatch.setattr(printing, "columns_wanted", lambda: width)
    monkeypatch.chdir(Path(__file__).parent.parent)
    lines = CliRunner().invoke(multitok, command.split()).stdout.splitlines()
    assert len(lines) > 1
    assert [line for line in lines if visible(line) > width and len(line.split()) > 1] == []

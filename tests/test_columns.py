"""Text that fits a terminal: whole words, nothing lost, color takes no room."""

from hypothesis import given, strategies as st

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

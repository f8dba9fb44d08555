"""Plots: ticks are round, nothing drawn is lost, text never covers a dot it could avoid."""

import doctest
import re
import sys
from dataclasses import replace
from html import unescape
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import multitok.drawing.charts.axes
import multitok.drawing.charts.colors
import multitok.drawing.charts.labels
import multitok.drawing.charts.plot
import multitok.drawing.charts.terminal
import multitok.drawing.charts.thinning
from multitok.core.errors import MediaError, MissingDependencyError
from multitok.drawing.charts import Axis, Band, Level, Line, Panel, Points, chart, page, plot, rows
from multitok.drawing.charts.axes import COLORS, Track, texts
from multitok.drawing.charts.labels import Box, along, free

PAPER = (251, 250, 247)


@pytest.mark.parametrize(
    "module",
    [
        multitok.drawing.charts.axes,
        multitok.drawing.charts.colors,
        multitok.drawing.charts.labels,
        multitok.drawing.charts.plot,
        multitok.drawing.charts.terminal,
        multitok.drawing.charts.thinning,
    ],
)
def test_the_examples_print_what_they_say(module):
    assert doctest.testmod(module).failed == 0


def test_linear_ticks_are_round_and_inside():
    """0..97 in about 5: steps of 20."""
    assert Axis(low=0, high=97).marked(5) == [
        (0, "0"), (20, "20"), (40, "40"), (60, "60"), (80, "80")
    ]  # fmt: skip


def test_log_ticks_are_powers_of_ten_when_there_are_many():
    assert [text for _, text in Axis(low=1e-3, high=1e3, log=True).marked(7)] == [
        "0.001", "0.01", "0.1", "1", "10", "100", "1,000"
    ]  # fmt: skip


def test_a_short_log_axis_has_values_between_the_powers():
    assert [v for v, _ in Axis(low=1, high=10, log=True).marked(4)] == [1, 2, 3, 5, 10]


def test_ticks_of_your_own_are_thinned_to_fit():
    years = tuple((float(y), str(y)) for y in range(1900, 2000))
    assert [t for _, t in Axis(low=1900, high=1999, ticks=years).marked(5)] == [
        "1900", "1920", "1940", "1960", "1980"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([-1_000_020.0, -1_000_010.0, -1_000_000.0], ["-1.00002M", "-1.00001M", "-1M"]),
        ([1234.0, 1234.5], ["1,234", "1,234.5"]),
        ([1.00001e-7, 1.00002e-7], ["1.00001e-07", "1.00002e-07"]),
        ([2.0, 2.0], ["2", "2"]),
    ],
)
def test_ticks_that_differ_read_differently(values, shown):
    assert texts(values) == shown


def test_a_constant_row_is_told_once_and_an_empty_one_not_at_all():
    assert rows([[3.25]] * 9, ["v"], width=20).count("3.25") == 1
    assert rows([[float("nan")]] * 9, ["v"], width=20) == "v   │\n    │\n    │"


def test_a_name_stands_beside_its_curve_and_not_on_it():
    """A level curve to the right of its dot: the name is not to the right."""
    curve = along([(100, 100), (400, 100)])
    inside = Box(0, 0, 400, 200)
    assert free((100, 100), (60, 20), [], [], inside).left > 100
    spot = free((100, 100), (60, 20), [], curve, inside)
    assert not any(map(spot.covers, curve))


def test_a_name_without_room_is_left_out():
    inside = Box(0, 0, 400, 200)
    assert free((100, 100), (60, 20), [inside], [], inside) is None


def laid(panels, size=(900, 600), **words):
    """The texts of a page with their boxes."""
    said = {"title": "", "subtitle": "", "note": ""} | words
    with plot._library():
        sheet, _ = plot._drawn(panels, said["title"], said["subtitle"], said["note"], size)
        return sheet.texts()


numbers = st.floats(1e-3, 1e6)
names = st.text(st.characters(codec="utf-8"), max_size=24)
points = st.lists(st.tuples(numbers, numbers, names), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    sets=st.lists(st.tuples(points, names), min_size=1, max_size=4),
    log=st.booleans(), named=st.booleans(), columns=st.integers(1, 2), size=st.sampled_from(
        [(900, 600), (360, 420)]
    ), title=names,
)  # fmt: skip
def test_no_text_of_a_chart_lies_on_another_or_leaves_the_page(
    sets, log, named, columns, size, title
):
    """Ticks, titles, names of points, names at the right edge: whatever they say and wherever they
    lie. The boxes of letters may touch by a pixel: DejaVu's are rounded."""
    marks = [
        Points(
            x=[x for x, _, _ in one], y=[y for _, y, _ in one],
            names=[name for _, _, name in one] if named else (), label="" if named else label[:9],
        )
        for one, label in sets
    ]  # fmt: skip
    axis = Axis(log=log)
    panel = Panel(marks=marks, title="a panel", x=axis, y=replace(axis, label="what it is"))
    columns = 1 if size[0] < 500 else columns
    found = laid([[panel] * columns], size, title=title)
    for (one, a), (other, b) in combinations(found, 2):
        shrunk = Box(a.left + 1, a.top + 1, a.right - 1, a.bottom - 1)
        assert not shrunk.covers(b), (one, other)
    page = Box(-1, -1, size[0] + 1, size[1] + 1)
    assert [text for text, box in found if not page.holds(box)] == []


@pytest.mark.parametrize("name", ["a$b$.csv", r"$\frac{1}{2}$", "a_b^c", "100 %"])
def test_what_is_no_formula_is_drawn_as_it_is(name):
    assert name in [text for text, _ in laid([[Panel(marks=[Line(x=[0], y=[1])], title=name)]])]


def test_a_letter_without_a_shape_is_spelled():
    """DejaVu has no Han characters: in a picture their numbers stand, and nothing warns."""
    panel = Panel(marks=[Line(x=[0, 1], y=[0, 1])], title="温度 ä\u202e")
    texts = [text for text, _ in laid([[panel]])]
    assert "\\u6e29\\u5ea6 ä\\u202e" in texts
    page([[panel]], size=(400, 300))


def test_a_picture_is_the_same_to_the_byte():
    panels = [[Panel(marks=[Line(x=[0, 1], y=[0, 1], label="a")])]]
    assert page(panels, size=(400, 300)).tobytes() == page(panels, size=(400, 300)).tobytes()


def test_a_chart_without_the_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError) as raised:
        page([[Panel(marks=[])]])
    assert str(raised.value) == "drawing a chart needs matplotlib: pip install '.[plots]'"


def test_equal_ends_are_spread():
    assert Axis().ranged([3.0, 3.0]).ends == (2.5, 3.5)
    assert Axis(log=True).ranged([3.0]).ends == (1.5, 6.0)


def test_a_log_axis_leaves_out_what_is_not_positive():
    axis = Axis(log=True).ranged([0.0, -1.0, 10.0, 1000.0])
    assert axis.ends == (10.0, 1000.0)
    assert axis.place(100.0) == pytest.approx(0.5)
    assert np.isnan(axis.place(0.0))


def test_a_log_axis_refuses_an_end_of_zero():
    with pytest.raises(MediaError) as raised:
        Axis(log=True, low=0, high=1).ranged([])
    assert str(raised.value) == "a log axis needs ends above 0, got 0 and 1"


def test_an_empty_row_of_panels_is_refused():
    with pytest.raises(MediaError) as raised:
        page([[]])
    assert str(raised.value) == "a page needs at least one panel in every row"


def test_too_many_rows_for_the_page_are_refused():
    panel = Panel(marks=[Line(x=[0, 1], y=[0, 1])], title="a")
    with pytest.raises(MediaError) as raised:
        page([[panel]] * 30, size=(400, 300))
    assert str(raised.value) == "30 rows of panels do not fit: make the page larger"


def _ink(image, color, near=40):
    pixels = np.asarray(image).astype(int)
    return (np.abs(pixels - np.array(color)).sum(axis=2) < near).sum()


def test_each_line_is_drawn_in_its_own_color():
    lines = [Line(x=[0, 1, 2], y=[i, i, i], label=f"l{i}") for i in range(3)]
    drawn = page([[Panel(marks=lines)]], size=(500, 400))
    for color in COLORS[:3]:
        assert _ink(drawn, color) > 300
    assert _ink(drawn, COLORS[3]) == 0


def test_a_spike_among_100000_values_is_drawn():
    """Thinning keeps the extremes of each pixel column."""
    y = np.zeros(100_000)
    y[54_321] = 1.0
    drawn = page([[Panel(marks=[Line(x=np.arange(100_000), y=y)])]], size=(500, 400))
    columns = np.abs(np.asarray(drawn).astype(int) - COLORS[0]).sum(axis=2) < 60
    assert columns.any(axis=1).sum() > 200  # from foot to top, not the flat line alone


def test_a_gap_breaks_the_line():
    y = [1.0] * 40 + [float("nan")] * 20 + [1.0] * 40
    whole = page([[Panel(marks=[Line(x=range(100), y=[1.0] * 100)])]], size=(500, 300))
    broken = page([[Panel(marks=[Line(x=range(100), y=y)])]], size=(500, 300))
    assert 0.7 < _ink(broken, COLORS[0]) / _ink(whole, COLORS[0]) < 0.85


def test_bands_and_levels_reach_the_page():
    panel = Panel(
        marks=[
            Band(low=0, high=1, color=(255, 200, 200), text="here"),
            Level(y=1.5, color=(0, 0, 0)),
            Points(x=[0, 2], y=[1, 2], names=["a", "b"]),
        ],
        x=Axis(label="x", log=False),
        y=Axis(label="y"),
    )
    drawn = page([[panel]], title="t", subtitle="s", note="n", size=(500, 400))
    assert _ink(drawn, (255, 200, 200), 10) > 10_000
    assert np.asarray(drawn).shape == (400, 500, 3)
    assert tuple(np.asarray(drawn)[1, 1]) == PAPER


def test_points_stand_where_they_should_in_a_terminal():
    """The lower left and the upper right of the padded frame."""
    unit = Axis(low=0, high=1)
    points = Points(x=[0, 1], y=[0, 1], label="p")
    lines = chart(Panel(marks=[points], x=unit, y=unit), width=30, height=5).split("\n")
    assert lines[0].endswith("●")
    assert lines[4].split("┤")[1].startswith("●")
    assert lines[-1].strip() == "● p"


def test_a_chart_says_when_it_has_no_room():
    with pytest.raises(MediaError) as raised:
        chart(Panel(marks=[Line(x=[0, 1], y=[0, 1])]), width=6, height=4)
    assert str(raised.value) == "a chart needs at least 11 x 2 characters, got 6 x 4"


def test_rows_draw_one_row_per_channel_and_name_the_rest():
    text = rows(np.zeros((5, 14)), [f"c{i}" for i in range(14)], lines=1)
    assert text.count("\n") == 12
    assert text.endswith("and 2 more channels")


@pytest.mark.parametrize("values", [np.empty((0, 1)), np.full((4, 1), np.nan), [[1.0]]])
def test_rows_survive_nothing_missing_and_a_single_value(values):
    assert rows(values, ["a"]).startswith("a")


def test_a_missing_stretch_stays_empty_in_a_row():
    values = np.ones(1000)
    values[200:800] = np.nan
    (line,) = rows(values, ["a"], lines=1, width=50).split("\n")
    drawn = line.split("┤")[1]
    assert drawn[2] != " "
    assert set(drawn[12:30]) == {" "}


told = st.lists(
    st.tuples(
        st.sampled_from([float("nan"), -2.0, 0.0, 0.5, 3.0, 70.0]),
        st.sampled_from([-1.0, 0.0, 8.0]),
        st.lists(names.filter(bool), min_size=1, max_size=3).map(tuple),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(sets=st.lists(told, min_size=1, max_size=3), log=st.booleans(), lines=st.booleans())
def test_each_point_that_has_a_place_and_a_tip_is_titled(sets, log, lines):
    """Escaped and spelled, a line each; a value without a place (none, or none on a log axis) has
    nothing to point at."""
    kind = Line if lines else Points
    marks = [
        kind(x=[x for x, _, _ in one], y=[y for _, y, _ in one], tips=[tip for _, _, tip in one])
        for one in sets
    ]
    with plot._library():
        drawing = plot.svg([[Panel(marks=marks, x=Axis(log=log))]], size=(600, 400), name="")
    wanted = [tip for one in sets for x, _, tip in one if x == x and (x > 0 or not log)]
    found = re.findall(r'<circle class="point"[^>]*><title>(.*?)</title>', drawing, re.DOTALL)
    assert [unescape(title).count("\n") + 1 for title in found] == [len(tip) for tip in wanted]
    assert [unescape(title) for title in found] == ["\n".join(map(spelled, tip)) for tip in wanted]


def spelled(line):
    """What cannot be seen, as its number."""
    return "".join(
        c if c.isprintable() else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}"
        for c in line
    )


def test_a_plot_with_stops_is_titled_with_what_all_of_them_are():
    track = Track(edges=[0.0, 0.5, 1.0], stops=[("a",), ("b",)], whole="two <stops>")
    panel = Panel(marks=[Line(x=[0, 1], y=[0, 1])], track=track)
    drawing = plot.svg([[panel, panel]], size=(900, 300), name="")
    title = "<title>two &lt;stops&gt;</title></rect>"
    assert len(re.findall(f'<rect class="track" data-track="0" [^>]*>{title}', drawing)) == 2

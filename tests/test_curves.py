"""Series and movement drawn: tokens over the curve, the decoded beside it, rate and distortion."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from multitok.cli import multitok as cli
from multitok.core.errors import MediaError
from multitok.core.media import Actions, Series
from multitok.core.registry import get_tokenizer
from multitok.counting import distortion
from multitok.drawing.charts import curves, plot
from multitok.drawing.charts.axes import Axis, Line, Panel
from multitok.drawing.charts.clock import dates

SAMPLES = Path(__file__).parent.parent / "samples"
WAVE = Series(np.stack([np.sin(np.arange(300) / 20), np.cos(np.arange(300) / 15)], axis=1))


def ink(image, color, near=30):
    return (np.abs(np.asarray(image).astype(int) - color).sum(axis=2) < near).sum()


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("chronos", {"context_length": 50}),
        ("series-patch", {"preset": "chronos-bolt"}),
        ("series-patch", {"preset": "patchtst"}),
        ("sax", {"segments": 9}),
        ("dwt-bins", {}),
        ("series-bpe", {}),
        ("llmtime", {"text": "bytes"}),
    ],
)
def test_every_kind_of_token_can_be_drawn(name, params):
    """Two channels: 330 px each under the title, with input and decoded in their colors."""
    drawn = curves.overlay(WAVE, get_tokenizer(name, **params))
    assert drawn.size == (1600, 150 + 2 * 330)
    assert ink(drawn, curves.SOURCE) > 200
    assert ink(drawn, curves.BACK) > 200


def test_patches_and_segments_are_shaded_in_turn():
    for name in ("series-patch", "sax"):
        drawn = curves.overlay(WAVE, get_tokenizer(name))
        assert ink(drawn, curves.EVEN, 4) > 10_000
        assert ink(drawn, curves.ODD, 4) > 10_000


LEFT, RIGHT = (slice(None), slice(0, 775)), (slice(None), slice(800, None))


@pytest.mark.parametrize("name", ["llmtime", "dwt-bins", "chronos"])
def test_tokens_without_a_place_show_their_error_instead(name):
    """Of ids that stand for no step, or for more of them than have room: the left plot has no curve
    of the input, which the right one shows, but what decoding adds."""
    params = {"text": "bytes"} if name == "llmtime" else {}
    drawn = np.asarray(curves.overlay(WAVE, get_tokenizer(name, **params)))
    assert ink(drawn[LEFT], curves.BACK) > 200
    assert ink(drawn[LEFT], curves.UNDER) == 0
    assert ink(drawn[RIGHT], curves.UNDER) > 200


def test_values_that_stay_are_drawn_as_stairs():
    """Two steps at 1, two at 5: the riser stands half way between the second and the third."""
    line = curves._decoded([0.0, 1.0, 2.0, 3.0], np.array([1.0, 1.0, 5.0, 5.0]))
    assert (line.style, line.x, line.y) == (
        "steps", [-0.5, 0.5, 1.5, 2.5, 3.5], [1.0, 1.0, 5.0, 5.0, 5.0]
    )  # fmt: skip
    assert curves._decoded([0.0, 1.0, 2.0], np.array([1.0, 2.0, 3.0])).style == "line"


def test_no_label_runs_into_the_next_plot():
    """A date stands at the end of the first axis and at the start of the second."""
    axis = Axis(low=0.0, high=1.0, ticks=((0.0, "1949-01-01"), (1.0, "1960-12-01")))
    panel = Panel(marks=[Line(x=[0.0, 1.0], y=[0.0, 1.0])], x=axis)
    with plot._library():
        sheet, _ = plot._drawn([[panel, panel]], "", "", "", (1000, 300))
        dates = [box for text, box in sheet.texts() if "-01" in text]
    assert [a.right + 8 < b.left for a, b in pairwise(dates)] == [True] * 3


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        ("1949-01-01", "1960-12-01", ["1950", "1952", "1954", "1956", "1958", "1960"]),
        ("2020-01-15", "2020-06-20", ["Feb", "Mar", "Apr", "May", "Jun"]),
        ("2020-02-27T10:00", "2020-02-27T16:30", [f"{hour}:00" for hour in range(10, 17)]),
    ],
)
def test_ticks_of_dates_stand_where_something_begins(first, last, texts):
    low, high = (np.datetime64(day, "s").astype(float) for day in (first, last))
    with plot._library():
        ticks = dates(Axis(low=low, high=high, dates=True), 6)
    assert [text for _, text in ticks] == texts
    assert all(low <= t <= high for t, _ in ticks)


def test_movement_shows_its_chunks():
    t = np.arange(100)[:, None] / 50
    drawn = curves.overlay(Actions(0.5 * np.sin(t * [1.0, 2.0])), get_tokenizer("fast"))
    assert ink(drawn, curves.ODD, 4) > 10_000


def test_a_run_of_patches_covers_each_step_once():
    """17 steps in patches of 16: the first holds step 0, the second the other sixteen."""
    tokenizer = get_tokenizer("series-patch")
    tokens = tokenizer.encode(Series(np.arange(17.0)))
    assert tokenizer.spans(tokens, 0) == [(0, 1, "1"), (1, 17, "2")]


def test_nothing_cannot_be_drawn():
    with pytest.raises(MediaError) as raised:
        curves.overlay(Series(np.empty((0, 1))), get_tokenizer("chronos"))
    assert str(raised.value) == "nothing to draw: the series has no steps"


def test_more_bins_cost_bits_and_save_error():
    rows = {row.label: row for row in distortion.compare_tokenizers(WAVE)}
    fine, coarse = rows["quantile-bins, 256"], rows["quantile-bins, 8"]
    assert fine.bits_per_step > coarse.bits_per_step
    assert fine.rmse < coarse.rmse
    assert rows["chronos, 4,096 ids"].bits == 12 * len(get_tokenizer("chronos").encode(WAVE))
    assert rows["series-patch, 16"].bits is None


def test_the_rate_picture_has_a_dot_for_each_setting():
    rows = distortion.compare_tokenizers(WAVE)
    panel = curves.rate_panel(rows)
    points = [m for m in panel.marks if isinstance(m, curves.Points)]
    assert sum(len(m.x) for m in points) == sum(1 for r in rows if r.bits and r.rmse > 0)
    assert curves.rate(rows).size == (1400, 860)
    with pytest.raises(MediaError) as raised:
        curves.rate_panel([])
    assert str(raised.value) == (
        "no tokenizer gave both bits and an error: there is no curve to draw"
    )


def test_a_point_of_the_rate_picture_tells_its_row():
    """As many tips as points, with the numbers of the table."""
    rows = distortion.compare_tokenizers(WAVE)
    by_label = {row.label: row for row in rows}
    points = [m for m in curves.rate_panel(rows).marks if isinstance(m, curves.Points)]
    assert [len(mark.tips) for mark in points] == [len(mark.x) for mark in points]
    for label, tokens, bits, error in (tip for mark in points for tip in mark.tips):
        row = by_label[label]
        assert tokens == f"{row.tokens:,} tokens"
        assert bits == f"{row.bits:,.0f} bits, {row.bits_per_step:.4g} a step"
        assert error == f"RMSE {row.rmse:.4g}, worst {row.worst:.4g}"


def test_float_noise_is_no_point_of_the_rate_picture():
    rows = [
        row._replace(rmse=1e-16) if i else row
        for i, row in enumerate(distortion.compare_tokenizers(WAVE))
    ]
    panel = curves.rate_panel(rows)
    assert sum(len(m.x) for m in panel.marks if isinstance(m, curves.Points)) == 1


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (600, "600 steps · 1 channel · the last 512 are kept · 1 token a step"),
        (8, "8 steps · 1 channel · 1.12 tokens a step"),
    ],
)
def test_the_subtitle_says_what_is_kept(steps, says):
    series = Series(np.arange(float(steps))[:, None])
    tokens = get_tokenizer("chronos").encode(series)
    assert curves._subtitle(series, tokens, 1, min(steps, 512)).startswith(says)


def test_inspect_shows_a_series_and_draws_it(tmp_path):
    overlay, plot = tmp_path / "seen.png", tmp_path / "rate.png"
    sunspots = str(SAMPLES / "sunspots.csv")
    run = CliRunner().invoke(
        cli, ["inspect", sunspots, "--overlay", str(overlay), "--plot", str(plot)]
    )
    assert run.exit_code == 0, run.output
    assert "309 steps · 1 channel" in run.output
    assert "190.2 ┤" in run.output
    assert "chronos, 4,096 ids      310     1.0         12.0     0.1045" in run.output
    assert overlay.stat().st_size > 10_000
    assert plot.stat().st_size > 10_000


def test_inspect_tells_of_one_tokenizer_and_of_missing_values(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n,4\n5,6\n7,8\n")
    run = CliRunner().invoke(cli, ["inspect", str(path), "-t", "series-bpe"])
    assert run.exit_code == 0, run.output
    assert "1 value missing (12.5 %)" in run.output
    assert "8 values merged into 8 tokens" in run.output
    run = CliRunner().invoke(cli, ["inspect", str(path), "--json"])
    rows = json.loads(run.output)["inputs"][0]["distortion"]
    assert rows[0]["label"] == "chronos, 4,096 ids"


def test_a_long_series_is_measured_on_its_first_steps_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(distortion, "EXCERPT", 40)
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n3,5\n" * 50)
    run = CliRunner().invoke(cli, ["inspect", str(path)])
    assert "of the first 20 of 100 steps:\ntokenizer" in run.output
    assert "chronos, 4,096 ids       42 " in run.output
    run = CliRunner().invoke(cli, ["inspect", str(path), "--json"])
    assert json.loads(run.output)["inputs"][0]["distortion"][0]["steps"] == 20


def test_a_wide_table_is_measured_on_its_first_channels_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(distortion, "CHANNELS", 2)
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n" + "1,2,3\n3,5,4\n" * 5)
    run = CliRunner().invoke(cli, ["inspect", str(path)])
    assert "of the first 2 of 3 channels:\ntokenizer" in run.output
    run = CliRunner().invoke(cli, ["inspect", str(path), "--json"])
    assert json.loads(run.output)["inputs"][0]["distortion"][0]["channels"] == 2
    run = CliRunner().invoke(cli, ["inspect", str(path), "-t", "gato"])
    assert "of the first" not in run.output


def test_an_excerpt_of_a_wide_movement_keeps_what_belongs_to_its_dims(monkeypatch):
    ends = (0.0, 1.0, 2.0), (3.0, 4.0, 5.0)
    motion = Actions(np.arange(6.0).reshape(2, 3), 50.0, ("a", "b", "c"), quantiles=ends)
    monkeypatch.setattr(distortion, "CHANNELS", 2)
    seen = distortion.excerpt(motion)
    assert seen == Actions(np.array([[0.0, 1.0], [3.0, 4.0]]), 50.0, ("a", "b"))
    assert seen.quantiles == ((0.0, 1.0), (3.0, 4.0))
    assert distortion.excerpt(motion, all_channels=True) is motion


def test_a_table_is_read_once_to_be_inspected(tmp_path, monkeypatch):
    from multitok.loaders.columns import series

    read, load = [], series.load
    monkeypatch.setattr(series, "load", lambda *given: read.append(given) or load(*given))
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n3,5\n" * 5)
    run = CliRunner().invoke(cli, ["inspect", str(path)])
    assert run.exit_code == 0, run.output
    assert len(read) == 1


INSPECTED = """
import sys
import time
from multitok import inspect
from multitok.report.inspection import render_inspection

def seconds(path):
    began = time.process_time()
    render_inspection(inspect(path), color=False)
    return time.process_time() - began

seconds(sys.argv[1])  # what is loaded and kept
print(min(seconds(sys.argv[2]) for _ in range(3)) / min(seconds(sys.argv[1]) for _ in range(3)))
"""


def test_a_table_four_times_as_wide_is_inspected_in_no_more_than_four_times_the_time(tmp_path):
    """Beyond CHANNELS what is measured grows no more: reading does, and most is not reading."""
    paths = []
    for wide in (2_000, 8_000):
        paths.append(str(tmp_path / f"{wide}.csv"))
        rows = (",".join(str(c * r % 97) for c in range(wide)) for r in range(1, 4))
        head = ",".join(f"c{c}" for c in range(wide))
        (tmp_path / f"{wide}.csv").write_text("\n".join([head, *rows]))
    ran = [sys.executable, "-c", INSPECTED, *paths]
    child = subprocess.run(ran, capture_output=True, text=True, check=True)
    assert float(child.stdout) < 2.5


def test_an_excerpt_keeps_what_belongs_to_its_steps():
    long = Series(np.zeros((60_000, 1)), ("a",), np.arange(60_000.0))
    assert distortion.excerpt(long) == Series(np.zeros((50_000, 1)), ("a",), np.arange(50_000.0))
    assert distortion.excerpt(WAVE) is WAVE
    motion = Actions(np.zeros((60_000, 2)), 50.0)
    assert distortion.excerpt(motion) == Actions(np.zeros((25_000, 2)), 50.0)


def test_a_plot_of_a_picture_is_refused(tmp_path):
    run = CliRunner().invoke(
        cli, ["inspect", str(SAMPLES / "photo.jpg"), "--plot", str(tmp_path / "a.png")]
    )
    assert run.exit_code == 2
    assert "rate and distortion are drawn of series and movement, not of image" in run.stderr


def test_where_two_curves_lie_on_each_other_a_strip_shows_what_is_between_them():
    """FAST's error is no wider than a line; that of nine segments is seen as it is."""
    close = curves.overlay_chart(Actions(WAVE.values / 2), get_tokenizer("fast"))
    apart = curves.overlay_chart(WAVE, get_tokenizer("sax", segments=9))
    assert [right.under is not None for _, right in close.panels] == [True, True]
    assert [right.under is not None for _, right in apart.panels] == [False, False]

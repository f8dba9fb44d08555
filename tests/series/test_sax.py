"""SAX: the symbols of aeon, except where a float's noise decides."""

import json
from pathlib import Path

import numpy as np
import pytest

from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.modalities.series.sax import SaxTokenizer, segment_means

GOLDEN = Path(__file__).parent.parent / "golden" / "sax_dwt.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text().splitlines()]


def lcg(n, seed):
    state, out = seed, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out.append(state / 2**32)
    return np.array(out)


SERIES = {
    "sine64": np.sin(2 * np.pi * np.arange(64) / 16),
    "ramp64": np.arange(64.0),
    "walk100": np.cumsum(lcg(100, 1) - 0.5),
    "const": np.full(32, 3.0),
    "zeros": np.zeros(32),
    "step": np.repeat([0.0, 1.0], 16),
    "spike": np.array([0.0] * 31 + [9.0]),
    "len7": np.array([1.0, 2.0, 3.0, 10.0, 3.0, 2.0, 1.0]),
}


def series_of(row):
    return np.array(row["series"]) if "series" in row else SERIES[row["name"]]


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["kind"] == "aeon_sax"],
    ids=lambda r: f"{r['name']}-{r['n_segments']}-{r['alphabet_size']}-{r['znormalized_flag']}",
)  # fmt: skip
def test_the_published_symbols(row):
    tok = SaxTokenizer(
        segments=row["n_segments"],
        alphabet=row["alphabet_size"],
        normalize=not row["znormalized_flag"],
    )
    np.testing.assert_allclose(tok.breakpoints(), row["breakpoints"], rtol=0, atol=1e-12)
    x = series_of(row)
    made = tok.encode(Series(x))
    means = segment_means((Series(x).values - made.state["mean"]) / made.state["std"], len(made))
    near = np.abs(means - np.array(tok.breakpoints())).min(axis=1) < 1e-9
    np.testing.assert_array_equal(made.ids[~near], np.array(row["symbols"])[~near])


@pytest.mark.parametrize("row", [r for r in ROWS if r["kind"] == "pyts_paa"], ids=str)
def test_segment_means_where_the_length_divides(row):
    x = series_of(row)
    if len(x) % row["output_size"] == 0:
        ours = segment_means(x[:, None], row["output_size"])[:, 0]
        np.testing.assert_allclose(ours, row["paa"], rtol=0, atol=1e-9)


def test_a_mean_on_a_breakpoint_goes_up():
    """Zeros under four symbols: the middle breakpoint is 0, so symbol 2 of 0..3."""
    assert SaxTokenizer(segments=2).encode(Series(np.zeros(8))).ids.tolist() == [2, 2]


def test_the_first_segments_are_one_longer():
    """7 steps in 3 segments: 3, 2, 2."""
    means = segment_means(np.arange(7.0)[:, None], 3)
    assert means[:, 0].tolist() == [1.0, 3.5, 5.5]


@pytest.mark.parametrize(("steps", "n"), [(0, 0), (1, 1), (7, 7), (8, 8), (100, 8)])
def test_a_short_series_has_a_segment_a_step(steps, n):
    assert SaxTokenizer().count(SeriesInfo(steps, 3)) == 3 * n


def test_missing_values_are_left_out_of_the_mean():
    x = [np.nan, 1.0, np.nan, np.nan, 5.0, 5.0]
    tok = SaxTokenizer(segments=3)
    made = tok.encode(Series(x))
    assert tok.text(made) == "a?d"
    assert np.isnan(tok.decode(made).values[:, 0]).tolist() == [
        True,
        False,
        True,
        True,
        False,
        False,
    ]


def test_letters_end_at_26():
    tok = SaxTokenizer(alphabet=27)
    with pytest.raises(MediaError) as raised:
        tok.text(tok.encode(Series([1.0])))
    assert str(raised.value) == "letters go to 26 symbols, this alphabet has 27"


@pytest.mark.parametrize("name", ["sax", "dwt-bins", "gato", "quantile-bins", "series-mulaw"])
def test_a_value_whose_square_overflows_is_refused(name):
    series = Series([[1e200], [-1e200], [5.0], [7.0]])
    with pytest.raises(MediaError, match=f"^{name} cannot encode 1e\\+200 "):
        registry.build(name, registry.class_for(name).examples[0]).encode(series)

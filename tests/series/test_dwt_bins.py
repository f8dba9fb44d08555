"""Wavelet bins: PyWavelets' coefficients, and back."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.modalities.series.dwt_bins import DwtBinsTokenizer
from multitok.modalities.series.wavelets import band_lengths, wavedec, waverec

GOLDEN = Path(__file__).parent.parent / "golden" / "sax_dwt.jsonl"
LINES = [json.loads(line) for line in GOLDEN.read_text().splitlines()]
ROWS = [row for row in LINES if row["kind"] == "pywt_wavedec"]


def lcg(n, seed):
    state, out = seed, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out.append(state / 2**32)
    return np.array(out)


SERIES = {
    "sine64": np.sin(2 * np.pi * np.arange(64) / 16),
    "walk100": np.cumsum(lcg(100, 1) - 0.5),
    "spike": np.array([0.0] * 31 + [9.0]),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['name']}-{r['wavelet']}-{r['mode']}")
def test_the_published_coefficients(row):
    x = np.array(row["series"]) if "series" in row else SERIES[row["name"]]
    tok = DwtBinsTokenizer(wavelet=row["wavelet"], mode=row["mode"], level=row["level"])
    assert tok.lengths(len(x)) == row["lens"]
    assert tok.count(SeriesInfo(len(x))) == sum(row["lens"])
    bands = tok.coefficients(Series(x))
    for ours, theirs in zip(bands, row["coeffs"], strict=True):
        np.testing.assert_allclose(ours[:, 0], theirs, rtol=0, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 70),
    st.sampled_from(["haar", "db2", "bior2.2"]),
    st.sampled_from(["periodization", "symmetric"]),
    st.integers(1, 4),
)
def test_the_transform_has_an_inverse(steps, wavelet, mode, level):
    x = np.random.default_rng(steps).standard_normal((steps, 2))
    bands = wavedec(x, wavelet, mode, level)
    assert [len(band) for band in bands] == band_lengths(steps, wavelet, mode, level)
    np.testing.assert_allclose(waverec(bands, steps, wavelet, mode), x, rtol=0, atol=1e-9)


def test_haar_by_hand():
    """(1 + 3) / √2 and (1 - 3) / √2, up to the sign that PyWavelets gives."""
    approximation, detail = wavedec(np.array([[1.0], [3.0]]), "haar", "periodization", 1)
    assert approximation[0, 0] == pytest.approx(4 / 2**0.5)
    assert detail[0, 0] == pytest.approx(-2 / 2**0.5)


def test_a_smooth_series_needs_few_different_ids():
    """A threshold sends what is small to the middle bin, which decodes to exactly 0."""
    x = np.sin(np.linspace(0, 6, 256))
    tok = DwtBinsTokenizer(threshold=0.1)
    made = tok.encode(Series(x))
    assert (made.ids == 511).mean() > 0.7
    assert tok.error_bound(made) < 0.2


def test_gaps_are_bridged_before_the_transform():
    tok = DwtBinsTokenizer()
    prepared = tok.prepare(Series([1.0, np.nan, 3.0, np.nan]))
    assert prepared.values[:, 0].tolist() == [1.0, 2.0, 3.0, 3.0]


def test_an_id_beyond_the_bins_is_refused():
    tok = DwtBinsTokenizer(bins=31)
    made = tok.encode(Series(np.arange(16.0)))
    with pytest.raises(DecodeError) as raised:
        tok.decode(replace(made, ids=np.full_like(made.ids, 31)))
    assert str(raised.value) == ("dwt-bins: id 31 at token 0 stands for no value: ids are 0 to 30")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"bins": 4}, "bins must be odd and at least 3, got 4"),
        ({"level": 0}, "level must be at least 1, got 0"),
        ({"limit": 0.0}, "limit must be above 0, got 0.0"),
        ({"threshold": -1.0}, "threshold must not be negative, got -1.0"),
        ({"wavelet": "db9"}, "wavelet must be haar, db2 or bior2.2, got 'db9'"),
    ],
)
def test_wrong_parameters_are_named(params, message):
    with pytest.raises(MediaError) as raised:
        DwtBinsTokenizer(**params)
    assert str(raised.value) == message

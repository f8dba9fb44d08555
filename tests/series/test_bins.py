"""One id per value: Gato, mu-law and quantile bins."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.modalities.series.gato import GatoTokenizer
from multitok.modalities.series.mulaw import SeriesMuLawTokenizer
from multitok.modalities.series.quantile_bins import QuantileBinsTokenizer

GOLDEN = Path(__file__).parent.parent / "golden" / "action.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text().splitlines()]


def row_of(kind):
    (found,) = [row for row in ROWS if row["kind"] == kind]
    return found


def test_the_published_gato_observations():
    row = row_of("gato_continuous")
    tok = GatoTokenizer(mu=row["mu"], M=row["M"], bins=row["bins"], shift=row["shift"])
    series = Series(row["values"])
    np.testing.assert_allclose(tok.companded(series.values)[:, 0], row["companded"], atol=1e-9)
    made = tok.encode(series)
    assert made.ids.tolist() == row["token_ids"]
    assert (made.ids - row["shift"]).tolist() == row["bins_idx"]
    center = tok.decode(made).values[:, 0]
    np.testing.assert_allclose(center, row["decoded_bin_centre"], rtol=0, atol=1e-9)
    left = replace(tok, point="left").decode(made).values[:, 0]
    np.testing.assert_allclose(left, row["decoded_bin_left_gia"], rtol=0, atol=1e-9)


def test_the_published_gato_actions():
    row = row_of("gato_action_nomu")
    made = GatoTokenizer(compand=False).encode(Series(row["values"]))
    assert made.ids.tolist() == row["token_ids"]


def test_gato_flattens_step_by_step():
    """(steps, channels): 0 is bin 512 and 1 bin 744; the missing id is the one after the last."""
    series = Series([[0.0, 1.0], [np.nan, 0.0]])
    assert GatoTokenizer(shift=0).encode(series).ids.tolist() == [512, 744, 1024, 512]
    by_channel = GatoTokenizer(shift=0, channels="separate")
    assert by_channel.encode(series).ids.tolist() == [512, 1024, 744, 512]
    decoded = by_channel.decode(by_channel.encode(series)).values
    assert np.isnan(decoded[1, 0])


def test_gato_counts_what_it_clips():
    tok = GatoTokenizer()
    made = tok.encode(Series([1000.0, -256.0]))
    assert made.state["clipped"] == 1
    assert made.state["overshoot"] == 744.0


def test_the_published_mu_law_codes():
    row = row_of("mulaw_torchaudio_formula")
    tok = SeriesMuLawTokenizer(q=row["q"], peak=1.0)
    made = tok.encode(Series(row["values"]))
    assert made.ids.tolist() == row["codes"]
    np.testing.assert_allclose(tok.decode(made).values[:, 0], row["decoded"], atol=1e-9)


def test_the_published_mu_law_table():
    row = row_of("mulaw_decode_table")
    tok = SeriesMuLawTokenizer(q=row["q"], peak=1.0)
    table = tok._expanded(np.arange(row["q"]))
    np.testing.assert_allclose(table, row["decoded"], atol=1e-9)
    assert tok.encode(Series(table)).ids.tolist() == list(range(row["q"]))


def test_each_channel_has_its_own_peak():
    made = SeriesMuLawTokenizer().encode(Series([[1.0, -400.0], [0.5, 200.0]]))
    assert made.state["peak"].tolist() == [1.0, 400.0]
    assert made.ids[[0, 2]].tolist() == [255, 0]


def test_quantile_bins_are_used_alike():
    """1000 values of a skewed distribution in 10 bins: 100 each."""
    x = np.random.default_rng(0).exponential(size=1000)
    ids = QuantileBinsTokenizer(bins=10).encode(Series(x)).ids
    assert np.bincount(ids).tolist() == [0] + [100] * 10


def test_fitted_edges_serve_another_series():
    tok = QuantileBinsTokenizer(bins=2).trained([Series([0.0, 1.0]), np.array([2.0, 3.0, 4.0])])
    assert tok.edges == (0.0, 2.0, 4.0)
    made = tok.encode(Series([1.9, 2.0, 9.0, np.nan]))
    assert made.ids.tolist() == [1, 2, 2, 0]
    assert tok.decode(made).values[:3, 0].tolist() == [1.0, 3.0, 3.0]
    assert tok.error_bound(made) >= 6.0


def test_too_few_values_to_fit_is_an_error():
    with pytest.raises(MediaError) as raised:
        QuantileBinsTokenizer(bins=8).trained([Series([1.0, np.nan])])
    assert str(raised.value) == "8 bins need at least as many values, got 1"


TOKENIZERS = [GatoTokenizer(), SeriesMuLawTokenizer(), QuantileBinsTokenizer(bins=5)]
ONE = pytest.mark.parametrize("tok", TOKENIZERS, ids=lambda t: t.name)


@ONE
@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=2, max_size=2),
             max_size=20)
)  # fmt: skip
def test_the_bound_holds_for_any_values(tok, values):
    series = Series(np.array(values, dtype=float).reshape(-1, 2))
    made = tok.encode(series)
    assert len(made) == tok.count(SeriesInfo(len(values), 2))
    decoded = tok.decode(made).values
    assert (np.isnan(decoded) == np.isnan(series.values)).all()
    gap = np.abs(decoded - series.values)
    assert np.nanmax(gap, initial=0.0, where=~np.isnan(gap)) <= tok.error_bound(made)


@ONE
def test_infinity_is_refused(tok):
    with pytest.raises(MediaError) as raised:
        tok.encode(Series([1.0, -np.inf]))
    assert str(raised.value) == (
        f"{tok.name} cannot encode -inf (step 1, channel 'channel0', 1 such values): fill them or"
        " make them NaN"
    )


@ONE
def test_an_id_outside_the_vocabulary_is_refused(tok):
    made = tok.encode(Series([1.0, 2.0]))
    with pytest.raises(DecodeError) as raised:
        tok.decode(replace(made, ids=np.array([99999, 1])))
    assert str(raised.value).startswith(
        f"{tok.name}: id 99999 at token 0 stands for no value: ids are "
    )


@ONE
def test_a_cut_sequence_is_refused(tok):
    made = tok.encode(Series([1.0, 2.0]))
    cut = replace(made, ids=made.ids[:1], special=made.special[:1], positions=None)
    with pytest.raises(DecodeError) as raised:
        tok.decode(cut)
    assert str(raised.value) == (
        f"{tok.name} makes 2 tokens of SeriesInfo(steps=2, channels=1), got 1: pass the whole"
        " sequence"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: GatoTokenizer(bins=1), "bins must be at least 2, got 1"),
        (lambda: GatoTokenizer(mu=0.0), "mu must be above 0, got 0.0"),
        (lambda: GatoTokenizer(shift=-1), "shift must be at least 0, got -1"),
        (lambda: GatoTokenizer(point="right"), "point must be center or left, got 'right'"),
        (lambda: SeriesMuLawTokenizer(q=1), "q must be at least 2, got 1"),
        (lambda: SeriesMuLawTokenizer(peak=-1.0), "peak must be above 0, got -1.0"),
        (lambda: QuantileBinsTokenizer(bins=2, edges=(1.0, 0.0, 2.0)),
         "edges must not fall, got 1.0 before 0.0"),
        (lambda: QuantileBinsTokenizer(bins=3, edges=(1.0, 2.0)), "3 bins need 4 edges, got 2"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_named(make, message):
    with pytest.raises(MediaError) as raised:
        make()
    assert str(raised.value) == message

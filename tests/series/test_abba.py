"""ABBA: the strings of fABBA, and what becomes of a series that is cut, filled or changed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from multitok.core.errors import DecodeError, MediaError, NeedsContentError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.modalities.series import straight
from multitok.modalities.series.abba import AbbaTokenizer

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
    "walk100": np.cumsum(lcg(100, 1) - 0.5),
    "step": np.repeat([0.0, 1.0], 16),
}


@pytest.mark.parametrize("row", [r for r in ROWS if r["kind"] == "fabba"], ids=lambda r: r["name"])
def test_the_published_string_and_error(row):
    x = SERIES[row["name"]]
    tok = AbbaTokenizer(tol=row["tol"], alpha=row["alpha"])
    made = tok.encode(Series(x))
    assert tok.text(made) == row["string"]
    assert len(made) == row["n_symbols"]
    rmse = np.sqrt(((tok.decode(made).values[:, 0] - x) ** 2).mean())
    assert rmse == pytest.approx(row["rec_rmse"], abs=1e-9)


def test_a_tent_is_two_pieces_and_comes_back():
    """Up 3 in 3 steps, down 3 in 3: two groups, ids 0 and 1, and no error."""
    made = AbbaTokenizer().encode(Series([0.0, 1, 2, 3, 2, 1, 0]))
    assert made.ids.tolist() == [0, 1]
    assert made.state["centers"].tolist() == [[3.0, 3.0], [3.0, -3.0]]
    assert made.positions.tolist() == [[0, 0], [3, 0]]
    assert AbbaTokenizer().decode(made).values[:, 0].tolist() == [0, 1, 2, 3, 2, 1, 0]


def test_tol_is_the_squared_error_of_each_inner_step():
    """0, 1, 0 lies 1 from its chord at the one inner step: one piece from tol=1 on."""
    x = Series([0.0, 1.0, 0.0])
    assert AbbaTokenizer(tol=1.0).count(x) == 1
    assert AbbaTokenizer(tol=0.99).count(x) == 2


def test_max_len_cuts_a_line():
    assert AbbaTokenizer(max_len=4).count(Series(np.arange(10.0))) == 3


def test_normalizing_makes_tol_free_of_the_unit():
    x = SERIES["walk100"]
    tok = AbbaTokenizer(tol=0.05, normalize=True)
    assert tok.text(tok.encode(Series(x))) == tok.text(tok.encode(Series(x * 1000 + 7)))


def test_channels_have_their_own_tables_and_holes_come_back():
    x = np.stack([SERIES["walk100"], np.arange(100.0)], axis=1)
    x[[0, 40, 41, 99], 1] = np.nan
    tok = AbbaTokenizer()
    made = tok.encode(Series(x))
    assert made.state["tokens"][1] == 3  # flat, line, flat
    assert made.state["symbols"][1] == 2
    assert np.isnan(tok.decode(made).values).sum() == 4


def test_few_steps():
    tok = AbbaTokenizer()
    for n in (0, 1):
        made = tok.encode(Series(np.full((n, 1), 2.5)))
        assert len(made) == 0
        assert tok.decode(made).values.tolist() == [[2.5]] * n


def test_a_cut_or_changed_sequence_is_refused():
    tok = AbbaTokenizer()
    made = tok.encode(Series(SERIES["walk100"]))
    with pytest.raises(
        DecodeError, match=r"^abba made \d+ tokens, got 1: pass the whole sequence$"
    ):
        tok.decode(replace(made, ids=made.ids[:1], special=made.special[:1], positions=None))
    with pytest.raises(
        DecodeError, match=r"^abba: id 99 at token 0 stands for no value: channel 0"
    ):
        tok.decode(replace(made, ids=np.where(np.arange(len(made)) == 0, 99, made.ids)))
    one = tok.encode(Series([0.0, 1, 2, 3, 0, 0, 0, 0, 0, 0]))
    with pytest.raises(DecodeError, match=r"^abba: the tokens of channel 0 do not span 10 steps$"):
        tok.decode(replace(one, ids=np.zeros_like(one.ids)))


def test_a_shape_a_wrong_parameter_and_what_squares_cannot_hold_are_refused():
    with pytest.raises(NeedsContentError) as raised:
        AbbaTokenizer().count(SeriesInfo(steps=9))
    assert str(raised.value) == (
        "abba token counts depend on the values: pass Series(...), not"
        " SeriesInfo(steps=9, channels=1)"
    )
    with pytest.raises(MediaError, match=r"^alpha must be finite and not negative, got -1$"):
        AbbaTokenizer(alpha=-1)
    with pytest.raises(MediaError, match=r"^abba cannot encode 1e\+200 \(step 1, channel"):
        AbbaTokenizer().encode(Series([0.0, 1e200]))


STEPS = np.arange(1000.0)
ROWS_OF = {
    "walk": np.random.default_rng(0).standard_normal(1000).cumsum(),
    "wave": np.round(np.sin(STEPS / 9), 2),
    "still": np.where(STEPS < 700, 5.0, STEPS),
    "huge": 1e140 * np.sin(STEPS),
    "waves, then noise": np.where(
        STEPS < 500, np.sin(STEPS / 30), np.random.default_rng(1).random(1000)
    ),
    "flat": np.zeros(1000),
}


def alone(row, tol, longest):
    """The steps of each piece, one after the other."""
    values, start, found = row.tolist(), 0, []
    while start < len(values) - 1:
        found.append(straight.steps_of(values, start, tol, longest))
        start += found[-1]
    return found


@pytest.mark.parametrize("tol", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("longest", [1, 4, 10**6])
@pytest.mark.parametrize("kind", ROWS_OF)
def test_what_is_found_ahead_is_what_each_piece_is(kind, longest, tol):
    """From a place every 30 steps, all together; some of a thousand steps are reached by none."""
    row = ROWS_OF[kind]
    known = straight.found_ahead(row, tol, longest, mean=15.0, width=200)
    at = np.flatnonzero(known)
    values = row.tolist()
    assert known[at].tolist() == [straight.steps_of(values, s, tol, longest) for s in at.tolist()]
    assert len(at) > 30 or longest != 4  # the shortest are found wherever they are looked for


def test_most_pieces_are_looked_up(monkeypatch):
    """A walk of some 1,400 pieces: 16 are a sample, few are longer than those that were sampled."""
    worked_out = []

    def counted(*given):
        worked_out.append(given)
        return steps_of(*given)

    steps_of = straight.steps_of
    monkeypatch.setattr(straight, "steps_of", counted)
    made = straight.pieces(np.random.default_rng(0).standard_normal(2000).cumsum(), 0.1, 2000)
    assert len(worked_out) < len(made) / 10


@pytest.mark.parametrize("tol", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("longest", [1, 2, 7, 10**6])
@pytest.mark.parametrize("kind", ROWS_OF)
def test_the_pieces_are_those_worked_out_one_after_the_other(monkeypatch, kind, longest, tol):
    monkeypatch.setattr(straight, "STRETCH", 300)  # judged anew thrice
    monkeypatch.setattr(straight, "FEW", 3)
    row = ROWS_OF[kind]
    made = straight.pieces(row, tol, longest)
    steps = alone(row, tol, longest)
    ends = np.cumsum(steps)
    np.testing.assert_array_equal(made[:, 0], steps)
    np.testing.assert_array_equal(made[:, 1], row[ends] - row[ends - steps])

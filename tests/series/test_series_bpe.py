"""Series BPE: recurring runs become tokens; nothing is lost but the bins' width."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from multitok.core.errors import DecodeError, MediaError, NeedsContentError, SourceError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.modalities.series.series_bpe import SeriesBpeTokenizer, _text, _words
from multitok.testing import check


def beats(n, seed=0):
    """The same beat again and again, with a pause of random length between."""
    rng = np.random.default_rng(seed)
    beat = [0, 1, 4, 9, 4, 1, 0, -2, -1]
    return np.concatenate([[*beat, *[0] * rng.integers(1, 5)] for _ in range(n)]).astype(float)


@pytest.fixture
def trained(tmp_path):
    return SeriesBpeTokenizer.train(
        [Series(beats(60, seed)) for seed in range(3)], tmp_path / "beats.json",
        bins=16, vocab_size=60,
    )  # fmt: skip


def test_what_recurs_is_merged(trained):
    """A beat of nine steps is one or two tokens."""
    series = Series(beats(20, seed=9))
    assert trained.count(series) < len(series.values) / 4
    decoded = trained.decode(trained.encode(series)).values
    assert np.abs(decoded - series.values).max() <= trained.error_bound(trained.encode(series))


def test_it_keeps_the_laws(trained):
    check(trained)


def test_the_same_series_give_the_same_file(tmp_path):
    files = []
    for name in ("a.json", "b.json"):
        SeriesBpeTokenizer.train([beats(30)], tmp_path / name, bins=8, vocab_size=40)
        files.append((tmp_path / name).read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize("values", [0, 1, 1000, 1001, 300_000])
def test_a_long_series_is_learned_from_in_pieces(values):
    """A word costs the square of its length: pieces of 1,000 cost 1,000 a value, however many."""
    codes = np.arange(values) % 16
    words = _words(codes)
    assert sum(len(word) ** 2 for word in words) <= 1000 * values
    assert "".join(words) == _text(codes)


def test_pieces_are_for_learning_only(tmp_path):
    """2,000 times 0, 1, 2: a token of what recurs lies across step 1,000, which is no multiple."""
    series = Series(np.tile([0.0, 1.0, 2.0], 2000))
    made = SeriesBpeTokenizer.train([series], tmp_path / "a.json", bins=4).encode(series)
    starts = made.positions[:, 0]
    assert 1000 not in starts.tolist()
    assert len(made) < 100


def test_no_token_spans_two_channels(trained):
    x = beats(5)
    one = trained.encode(Series(x))
    two = trained.encode(Series(np.stack([x, x], axis=1)))
    assert two.ids.tolist() == one.ids.tolist() * 2
    assert two.positions[len(one)].tolist() == [0, 1]


def test_a_missing_value_has_its_own_character():
    tok = SeriesBpeTokenizer(bins=4)
    made = tok.encode(Series([1.0, np.nan, 3.0]))
    assert made.ids.tolist()[1] == 4
    assert np.isnan(tok.decode(made).values[1, 0])


def test_a_shape_cannot_be_counted():
    with pytest.raises(NeedsContentError) as raised:
        SeriesBpeTokenizer().count(SeriesInfo(3))
    assert str(raised.value) == (
        "series-bpe token counts depend on the values: pass Series(...), not"
        " SeriesInfo(steps=3, channels=1)"
    )


def test_too_little_data_and_too_small_a_vocabulary(tmp_path):
    with pytest.raises(MediaError) as raised:
        SeriesBpeTokenizer.train([np.array([1.0])], tmp_path / "a.json")
    assert str(raised.value) == "series-bpe needs at least 2 values to train on, got 1"
    with pytest.raises(MediaError) as raised:
        SeriesBpeTokenizer.train([beats(3)], tmp_path / "a.json", bins=64, vocab_size=65)
    assert str(raised.value) == ("vocab_size must exceed the 64 bins and the missing value, got 65")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, np.inf, 3.0], "series-bpe cannot encode inf (step 1, channel 'channel0', 1 such"),
        ([1.0, 2.0, 3.0], "series-bpe found no run that recurs in 3 values: pass more of them, or"),
    ],
)
def test_what_cannot_be_learned_from_writes_no_file(tmp_path, values, message):
    with pytest.raises(MediaError) as raised:
        SeriesBpeTokenizer.train([np.array(values)], tmp_path / "a.json")
    assert str(raised.value).startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_none_of_ours(tmp_path):
    missing = SeriesBpeTokenizer(path=str(tmp_path / "no.json"))
    with pytest.raises(SourceError) as raised:
        missing.encode(Series([1.0]))
    assert str(raised.value) == f"{tmp_path}/no.json: No such file or directory"
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(SourceError) as raised:
        SeriesBpeTokenizer(path=str(tmp_path / "bad.json")).encode(Series([1.0]))
    assert str(raised.value).startswith(f"{tmp_path}/bad.json: not a tokenizer.json (")


def test_a_file_whose_model_cannot_encode_is_said(tmp_path, trained):
    """Words that are looked up, in place of merges: what is not one of them has no token."""
    stored = json.loads(Path(trained.path).read_text("utf-8"))
    stored["model"] = {"type": "WordLevel", "vocab": stored["model"]["vocab"], "unk_token": "?"}
    (tmp_path / "words.json").write_text(json.dumps(stored), "utf-8")
    with pytest.raises(SourceError, match=r"words.json: it cannot encode \(WordLevel error"):
        SeriesBpeTokenizer(path=str(tmp_path / "words.json")).encode(Series(beats(2)))


def test_tokens_that_spell_another_length_are_refused(trained):
    made = trained.encode(Series(beats(2)))
    swapped = made.ids.copy()
    longest = int(np.argmax([len(run) for run in _runs(trained)]))
    swapped[:] = longest
    with pytest.raises(DecodeError, match="spell"):
        trained.decode(replace(made, ids=swapped))
    with pytest.raises(DecodeError) as raised:
        trained.decode(replace(made, ids=made.ids[1:], special=made.special[1:], positions=None))
    assert str(raised.value) == (
        f"series-bpe made {len(made)} tokens, got {len(made) - 1}: pass the whole sequence"
    )


def _runs(tok):

    return tok._vocabulary().runs

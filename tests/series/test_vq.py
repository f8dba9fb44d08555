"""Windows of a series by the codes of a codebook."""

from dataclasses import replace

import numpy as np
import pytest

from multitok import Series, SeriesInfo, get_tokenizer
from multitok.core.errors import DecodeError, SourceError
from multitok.modalities.series.vq import SeriesVqTokenizer

LAYERS = (((0.0, 0.0), (1.0, 1.0)), ((-0.25, -0.25), (0.25, 0.25)))


def test_a_hand_worked_series():
    """Windows near (1, 1) less a quarter and (0, 0) more a quarter, and a last one of one step,
    filled by itself; layer 1 numbers its codes from 2."""
    vq = SeriesVqTokenizer(codebook=LAYERS, norm="none")
    tokens = vq.encode(Series([0.75, 0.8, 0.2, 0.3, 1.2]))
    assert tokens.ids.tolist() == [1, 2, 0, 3, 1, 3]
    assert tokens.positions.tolist() == [[s, 0, layer] for s in (0, 2, 4) for layer in (0, 1)]
    assert vq.decode(tokens).values[:, 0].tolist() == [0.75, 0.75, 0.25, 0.25, 1.25]
    assert vq.error_bound(tokens) == pytest.approx(0.05)


def test_channels_are_scaled_by_themselves():
    """-1, 1, ... of either unit: the codes are of the mean 0 and the deviation 1."""
    wave = np.tile([-1.0, 1.0], 4)
    vq = SeriesVqTokenizer(codebook=(((-1.0, 1.0), (1.0, -1.0)),))
    both = Series(np.stack([wave * 5 + 100, -wave / 1000], axis=1))
    tokens = vq.encode(both)
    assert tokens.ids.tolist() == [0] * 4 + [1] * 4
    assert np.allclose(vq.decode(tokens).values, both.values)
    assert vq.count(SeriesInfo(8, 2)) == 8


def test_a_channel_that_rests_and_no_step_at_all():
    vq = SeriesVqTokenizer(codebook=LAYERS)
    still = Series(np.full((5, 2), 7.0))
    back = vq.decode(vq.encode(still))
    assert np.abs(back.values - 7).max() <= vq.error_bound(vq.encode(still))
    assert len(vq.encode(Series(np.empty((0, 1))))) == 0


@pytest.mark.parametrize("key", [None, "window.codes"])
def test_a_codebook_from_a_file(tmp_path, key):
    path = tmp_path / "codes.npz"
    np.savez(path, **{key or "codebook": np.array(LAYERS[0]), "other": np.zeros(3)})
    vq = get_tokenizer("series-vq", codebook=str(path), key=key, norm="none")
    assert vq.encode(Series([0.9, 0.9, 0.1, 0.1])).ids.tolist() == [1, 0]
    assert (vq.codes, vq.ids_below) == (2, 2)


def test_a_file_without_codes_says_what_shape_they_have(tmp_path):
    np.savez(tmp_path / "codes.npz", mean=np.zeros(3))
    vq = get_tokenizer("series-vq", codebook=str(tmp_path / "codes.npz"))
    with pytest.raises(SourceError, match=r"Save the codes as codebooks, \(layers, codes, width\)"):
        vq.count(SeriesInfo(4, 1))


def test_a_missing_value_lies_on_the_line_between_its_neighbors():
    vq = SeriesVqTokenizer(codebook=LAYERS)
    whole, holed = Series([1.0, 2.0, 3.0]), Series([1.0, float("nan"), 3.0])
    assert vq.encode(holed).ids.tolist() == vq.encode(whole).ids.tolist()


def test_what_is_refused():
    vq = SeriesVqTokenizer(codebook=LAYERS)
    tokens = vq.encode(Series([1.0, 2.0, 3.0]))
    with pytest.raises(DecodeError) as raised:
        vq.decode(replace(tokens, ids=tokens.ids[::-1]))
    assert str(raised.value) == (
        "series-vq: the token at position 0 belongs to layer 0, its id"
        f" {int(tokens.ids[-1])} does not"
    )
    with pytest.raises(DecodeError, match="were made with another codebook"):
        vq.decode(replace(tokens, state={**tokens.state, "vocabulary": "another"}))

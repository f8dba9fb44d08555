"""k-means and residual codebooks: fitted on data, saved, loaded, and honest about their error."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from multitok.core.errors import DecodeError, MediaError, SourceError
from multitok.core.info import ActionsInfo
from multitok.core.media import Actions
from multitok.modalities.actions.codebook import KmeansTokenizer, RvqTokenizer
from multitok.modalities.coding.lloyd import nearest
from multitok.testing import check


def walks(n=20, steps=57, dims=3):
    rng = np.random.default_rng(0)
    return [np.cumsum(rng.standard_normal((steps, dims)), axis=0) / 10 for _ in range(n)]


def test_two_heaps_give_two_codes(tmp_path):
    """Values around 0 and around 10: the codes are their means."""
    data = [[[0.0], [0.2], [10.0], [10.4]]]
    tokenizer = KmeansTokenizer.train(data, tmp_path / "codes.npz", codes=2)
    np.testing.assert_allclose(np.sort(tokenizer.layers()[0][:, 0]), [0.1, 10.2])


def test_a_fitted_codebook_keeps_the_laws(tmp_path):
    data = walks()
    media = [Actions(data[0], hz=30.0), Actions(data[1][:1])]
    check(KmeansTokenizer.train(data, tmp_path / "k.npz", codes=32, horizon=5), media)
    check(RvqTokenizer.train(data, tmp_path / "r.npz", layers=3, codes=16, horizon=5), media)


def test_each_layer_brings_the_motion_nearer(tmp_path):
    data = walks()
    off = []
    for layers in (1, 2, 4):
        tokenizer = RvqTokenizer.train(data, tmp_path / f"{layers}.npz", layers=layers, codes=16)
        decoded = tokenizer.decode(tokenizer.encode(Actions(data[0]))).values
        off.append(float(np.sqrt(((decoded - data[0]) ** 2).mean())))
    assert off[0] > off[1] > off[2]


def test_layers_number_their_codes_one_after_the_other():
    tokenizer = RvqTokenizer(codebooks=(((0.0,), (1.0,)), ((-0.1,), (0.1,))))
    assert tokenizer.encode(Actions([[0.9], [0.1]])).ids.tolist() == [1, 2, 0, 3]


def test_the_last_chunk_is_filled_and_cut_again():
    """5 steps at horizon 2 are 3 chunks; the sixth step repeats the fifth and is not decoded."""
    tokenizer = KmeansTokenizer(codebook=((0.0, 0.0), (1.0, 1.0)), horizon=2)
    made = tokenizer.encode(Actions([0.0, 0.0, 1.0, 1.0, 1.0]))
    assert made.ids.tolist() == [0, 1, 1]
    assert tokenizer.decode(made).values[:, 0].tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]


def test_nearest_is_the_nearest():
    rng = np.random.default_rng(0)
    vectors, codes = rng.standard_normal((50, 4)), rng.standard_normal((9, 4))
    slow = ((vectors[:, None] - codes[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest(vectors, codes) == slow).all()


def test_the_same_data_make_the_same_file_in_another_process(tmp_path):
    script = (
        "import sys, numpy as np;"
        "from multitok.modalities.actions.codebook import RvqTokenizer;"
        "r = np.random.default_rng(0);"
        "RvqTokenizer.train([r.standard_normal((300, 2))], sys.argv[1], codes=20)"
    )
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.npz"
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p)},
        )
        made.append(path.read_bytes())
    assert made[0] == made[1]


def test_fit_on_too_little_data(tmp_path):
    with pytest.raises(MediaError) as error:
        KmeansTokenizer.train([[[0.0], [0.0], [1.0]]], tmp_path / "k.npz", codes=8)
    assert str(error.value) == (
        "kmeans layer 0: 2 different chunks cannot give 8 codes: pass more movement, or fewer codes"
    )
    with pytest.raises(MediaError) as nothing:
        KmeansTokenizer.train([], tmp_path / "k.npz", codes=8)
    assert str(nothing.value) == (
        "kmeans layer 0: 0 different chunks cannot give 8 codes: pass more movement, or fewer codes"
    )


def test_a_chunk_of_the_wrong_shape():
    tokenizer = KmeansTokenizer(codebook=((0.0, 0.0), (1.0, 1.0)))
    with pytest.raises(MediaError) as error:
        tokenizer.count(ActionsInfo(5, 3))
    assert str(error.value) == "kmeans codes have 2 numbers, 1 steps of 3 dims are 3"


def test_ragged_codes():
    with pytest.raises(MediaError) as error:
        KmeansTokenizer(codebook=((0.0,), (1.0, 2.0)))
    assert str(error.value) == (
        "a codebook needs codes of one length, in layers of one size, got [(2, 1), (2, 2)]"
    )


def test_a_layered_file_is_not_for_kmeans(tmp_path):
    path = tmp_path / "r.npz"
    RvqTokenizer.train(walks(), path, codes=4)
    with pytest.raises(MediaError) as error:
        KmeansTokenizer(codebook=str(path)).count(ActionsInfo(5, 3))
    assert str(error.value) == f"{str(path)!r} holds 2 layers: load it with rvq"


def test_a_missing_and_a_strange_file(tmp_path):
    path = tmp_path / "none.npz"
    with pytest.raises(SourceError) as missing:
        KmeansTokenizer(codebook=str(path)).count(ActionsInfo(5, 3))
    assert str(missing.value) == (
        f"{path}: no codebook there (No such file or directory). Make one: multitok train kmeans"
    )
    np.savez(path, other=np.zeros(3))
    with pytest.raises(SourceError) as strange:
        KmeansTokenizer(codebook=str(path)).count(ActionsInfo(5, 3))
    assert str(strange.value).startswith(f"{path}: not a codebook (")


def test_nan_a_cut_sequence_and_wrong_ids_are_refused():
    tokenizer = RvqTokenizer(codebooks=(((0.0,), (1.0,)), ((-0.1,), (0.1,))))
    with pytest.raises(MediaError) as refused:
        tokenizer.encode(Actions([[float("nan")]]))
    assert str(refused.value) == (
        "rvq cannot encode nan (step 0, dim 'dim0', 1 such values): fill or drop these steps"
    )
    made = tokenizer.encode(Actions([[0.9], [0.1]]))
    with pytest.raises(DecodeError) as cut:
        tokenizer.decode(
            replace(made, ids=made.ids[:-1], special=made.special[:-1], positions=None)
        )
    assert str(cut.value) == (
        "rvq: 2 x 1 actions are 4 tokens, got 3: the sequence is cut, or of another shape"
    )
    with pytest.raises(DecodeError) as wrong:
        tokenizer.decode(replace(made, ids=made.ids + 2))
    assert str(wrong.value) == "rvq ids run from 0 to 3, got 4 at position 1"
    with pytest.raises(DecodeError) as swapped:
        tokenizer.decode(replace(made, ids=made.ids[::-1]))
    assert str(swapped.value) == (
        "rvq: the token at position 0 belongs to layer 0, its id 3 does not"
    )


def test_tokens_of_another_codebook_are_refused():
    made = KmeansTokenizer(codebook=((0.0,), (1.0,))).encode(Actions([[0.9]]))
    other = KmeansTokenizer(codebook=((0.0,), (2.0,)))
    with pytest.raises(DecodeError, match=r"^these tokens are of kmeans\(codebook=\[\["):
        other.decode(made)


@pytest.mark.parametrize("shape", [(4, 6), (1, 4, 6)])
@pytest.mark.parametrize("name", ["codes.npy", "codebooks", "codebook", "embedding.weight"])
def test_a_codebook_of_another_program(tmp_path, shape, name):
    """An array of codes, by itself or under any of these names: 3 steps of 2 dims each."""
    codes = np.arange(24.0).reshape(shape)
    path = tmp_path / ("codes.npy" if name == "codes.npy" else "codes.npz")
    if path.suffix == ".npy":
        np.save(path, codes)
    else:
        np.savez(path, **{name: codes})
    tokenizer = KmeansTokenizer(codebook=str(path), horizon=3)
    assert tokenizer.encode(Actions(np.arange(6.0, 12).reshape(3, 2))).ids.tolist() == [1]


def test_a_file_without_codes_says_what_it_holds(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, mean=np.zeros(3), std=np.ones((2, 2)))
    with pytest.raises(SourceError) as error:
        RvqTokenizer(codebooks=str(path)).count(ActionsInfo(5, 3))
    assert str(error.value) == (
        f"{path}: not a codebook (it holds mean (3,), std (2, 2). Save the codes as codebooks,"
        " (layers, codes, width), or as codebook, (codes, width), or name them: key=...)"
    )

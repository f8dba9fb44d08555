"""Codebooks of other programs: safetensors, arrays by name, layers apart, and what is refused."""

import json
import struct

import numpy as np
import pytest

from multitok.core.errors import MediaError, SourceError
from multitok.core.media import Actions
from multitok.modalities.actions.codebook import KmeansTokenizer, RvqTokenizer
from multitok.modalities.coding import stored
from multitok.modalities.coding.codebooks import layers_of

CODES = np.arange(24.0).reshape(4, 6)


def safetensors(path, **tensors):
    """As the format is written: (name, type, array) behind a JSON header and its length."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (kind, array) in tensors.items():
        raw = array.tobytes()
        places = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": places}
        data += raw
    head = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)
    return str(path)


@pytest.mark.parametrize(("kind", "dtype"), [("F64", "<f8"), ("F32", "<f4"), ("F16", "<f2")])
def test_safetensors_of_any_float(tmp_path, kind, dtype):
    path = safetensors(tmp_path / "c.safetensors", codebook=(kind, CODES.astype(dtype)))
    tokenizer = KmeansTokenizer(codebook=path, horizon=3)
    assert tokenizer.encode(Actions(np.arange(6.0, 12).reshape(3, 2))).ids.tolist() == [1]


def test_bfloat16_is_the_upper_half_of_a_float(tmp_path):
    upper = (CODES.astype("<f4").view("<u4") >> 16).astype("<u2")
    path = safetensors(tmp_path / "c.safetensors", codebook=("BF16", upper))
    assert (layers_of(path)[0] == CODES).all()


def test_a_star_stands_for_the_number_of_a_layer(tmp_path):
    """Ten layers in the order of their numbers, not of their spelling."""
    layers = {f"q.layers.{i}.embed": ("F64", np.full((2, 3), float(i))) for i in range(11)}
    path = safetensors(tmp_path / "c.safetensors", **layers, bias=("F64", np.zeros(3)))
    rvq = RvqTokenizer(codebooks=path, key="q.layers.*.embed")
    assert rvq.layers()[:, 0, 0].tolist() == list(range(11))


def test_a_key_names_one_of_many(tmp_path):
    path = tmp_path / "c.npz"
    np.savez(path, near=CODES, far=CODES + 1)
    assert layers_of(str(path), "far")[0, 0, 0] == 1


def test_what_a_key_does_not_name(tmp_path):
    path = safetensors(tmp_path / "c.safetensors", a=("F64", CODES), b=("F64", CODES))
    with pytest.raises(SourceError) as error:
        layers_of(path, "c.*")
    assert str(error.value) == (
        f"{path}: not a codebook (it has no 'c.*'. it holds a (4, 6), b (4, 6))"
    )
    with pytest.raises(SourceError, match=r"or name them: key=\.\.\."):
        layers_of(path)


def test_a_key_of_numbers():
    with pytest.raises(MediaError) as error:
        KmeansTokenizer(codebook=((0.0,), (1.0,)), key="embed")
    assert str(error.value) == (
        "key names an array of a file, these codes are none: leave key='embed' out"
    )


def test_a_cut_file_is_damaged(tmp_path):
    whole = tmp_path / "c.safetensors"
    path = safetensors(whole, codebook=("F64", CODES))
    whole.write_bytes(whole.read_bytes()[:-1])
    with pytest.raises(SourceError, match="codebook lacks bytes: the file is cut, or damaged"):
        layers_of(path)


@pytest.mark.parametrize("damage", [b"", b"\xff" * 9, struct.pack("<Q", 3) + b"[1]", b"{}" * 40])
def test_what_is_no_safetensors(tmp_path, damage):
    path = tmp_path / "c.safetensors"
    path.write_bytes(damage)
    with pytest.raises(SourceError, match="not a codebook"):
        layers_of(str(path))


def test_an_array_of_objects_is_not_read(tmp_path):
    path = tmp_path / "c.npy"
    np.save(path, np.array([[{}]], object), allow_pickle=True)
    with pytest.raises(SourceError, match="an array of object, numbers are read"):
        layers_of(str(path))


def test_a_vast_array_takes_no_memory(tmp_path):
    """A header that claims a million million numbers, and one more than are read."""
    for shape in ("(1000000, 1000000)", f"({stored.MOST_NUMBERS + 1}, 1)"):
        path = tmp_path / "c.npy"
        with path.open("wb") as file:
            header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.ljust(117).encode())
            file.write(b"\n")
        with pytest.raises(SourceError, match=r"67,108,864 are read at most"):
            layers_of(str(path))


def test_another_file_is_none(tmp_path):
    path = tmp_path / "c.txt"
    path.write_text("1 2 3")
    with pytest.raises(SourceError, match=r"it is no \.npy, \.npz or \.safetensors file"):
        layers_of(str(path))

"""A NaN that signals, which numpy warns of, is a missing value like any other."""

import io
import struct

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import multitok
from multitok.core.errors import MediaError, SourceError
from multitok.modalities.coding.codebooks import layers_of

SIGNALING = np.array([0x7F800001, 0x3F800000], np.uint32).view(np.float32)
"""NaN as damage leaves it, and 1."""


def npy(path):
    np.save(path, SIGNALING)


def npz(path):
    with open(path, "wb") as file:
        np.savez(file, t=np.arange(2), a=SIGNALING)


def parquet(path):
    pq.write_table(pa.table({"a": pa.array(SIGNALING)}), path)


def lists(path):
    cells = pa.array([SIGNALING[:1], SIGNALING[1:]], pa.list_(pa.float32()))
    pq.write_table(pa.table({"a": cells}), path)


def arrow(path):
    table = pa.table({"a": pa.array(SIGNALING)})
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table)


def hdf5(path):
    with h5py.File(path, "w") as file:
        file["a"] = SIGNALING


FORMS = {"npy": npy, "npz": npz, "parquet": parquet, "list.parquet": lists, "arrow": arrow,
         "h5": hdf5}  # fmt: skip


@pytest.mark.parametrize("modality", ["series", "actions"])
@pytest.mark.parametrize("form", FORMS)
def test_a_file_has_a_missing_value(form, modality, tmp_path):
    FORMS[form](tmp_path / f"x.{form}")
    values = multitok.load(tmp_path / f"x.{form}", modality=modality).values
    assert np.isnan(values).ravel().tolist().count(True) == 1
    assert 1.0 in values


@pytest.mark.parametrize("made", [multitok.Series, multitok.Actions])
def test_an_array_has_a_missing_value(made):
    assert np.isnan(made(SIGNALING[:, None]).values).tolist() == [[True], [False]]


def test_sound_has_none():
    with pytest.raises(MediaError, match="audio samples must be finite"):
        multitok.Audio(SIGNALING, 16000)
    with pytest.raises(MediaError, match="audio samples must be finite"):
        multitok.Audio(np.array([1e300, 0.0]), 16000)


def test_a_codebook_has_none(tmp_path):
    header = b'{"codebook": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}'
    data = struct.pack("<Q", len(header)) + header + SIGNALING.tobytes()
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(SourceError, match="codebooks must be finite"):
        layers_of(str(tmp_path / "x.safetensors"))


def test_bytes_are_read_as_a_file_is():
    file = io.BytesIO()
    np.save(file, SIGNALING)
    assert np.isnan(multitok.load(file.getvalue(), modality="series").values[0, 0])

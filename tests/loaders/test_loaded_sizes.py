"""What is loaded whole has a limit, and a count of it none."""

import wave

import numpy as np
import pytest

import multitok
from multitok.core.errors import SourceError
from multitok.loaders.columns import bounds

MANY = 1001
"""Steps of two channels: 2,002 numbers, where 2,000 are allowed."""


def npy(path):
    np.save(path, np.zeros((MANY, 2)))


def npz(path):
    np.savez(path, a=np.zeros((MANY, 2)))


def csv(path):
    path.write_text("a,b\n" + "1,2\n" * MANY)


def wav(path):
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(10)
        sound.writeframes(bytes(4 * MANY))


def hdf5(path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file["a"] = np.zeros((MANY, 2))


def parquet(path):
    pq = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    pq.write_table(pa.table({"a": [1.0] * MANY, "b": [2.0] * MANY}), path)


FORMS = {".npy": npy, ".npz": npz, ".csv": csv, ".wav": wav, ".h5": hdf5, ".parquet": parquet}


@pytest.mark.parametrize("suffix", FORMS)
def test_a_table_that_is_too_large_is_counted_and_not_loaded(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"a{suffix}"
    FORMS[suffix](path)
    assert multitok.load(path, modality="series").values.shape == (MANY, 2)
    monkeypatch.setattr(bounds, "MOST", 2000)
    with pytest.raises(SourceError) as error:
        multitok.load(path, modality="series")
    why = "1,001 steps of 2 channels are 2,002 numbers, 2,000 at most are loaded"
    assert str(error.value).startswith(f"{path}: {why}")
    assert multitok.count(path, tokenizer="chronos", modality="series").tokens > 0


def test_four_gigabytes_of_holes_are_refused_at_once(tmp_path):
    """A sparse file: 500 million zeros that take no place on the disk."""
    path = tmp_path / "a.npy"
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (500000000,)}"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with path.open("r+b") as file:
        file.truncate(10 + len(header) + 4_000_000_000)
    with pytest.raises(SourceError, match="500,000,000 numbers, 134,217,728 at most are loaded"):
        multitok.load(path, modality="series")

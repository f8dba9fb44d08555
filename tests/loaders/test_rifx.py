"""A RIFX is a WAV in big-endian order, and loads as the same WAV in the other order does."""

import struct

import numpy as np
import pytest
from sounds import chunk, wav

from multitok.core.errors import SourceError
from multitok.loaders.door import examine, load

PCM, ADPCM, FLOAT, A_LAW, MU_LAW = 1, 2, 3, 6, 7


def test_the_samples_of_a_rifx_are_those_that_were_written():
    """16 bits: 32,768 is the largest sample, so 8,192 loads as a quarter."""
    data = struct.pack(">4h", 0, 8192, -16384, 1)
    sound = load(wav(chunk(b"data", data, order=">"), form=b"RIFX"))
    np.testing.assert_array_equal(sound.samples[:, 0], [0, 0.25, -0.5, 1 / 32768])
    assert sound.sample_rate == 8000


@pytest.mark.parametrize(
    ("code", "width", "letter"),
    [(PCM, 1, "B"), (PCM, 2, "h"), (PCM, 4, "i"), (FLOAT, 4, "f"), (FLOAT, 8, "d"),
     (A_LAW, 1, "B"), (MU_LAW, 1, "B")],
)  # fmt: skip
def test_it_loads_as_the_same_wav_in_the_other_order(code, width, letter):
    numbers = [0, 1, 7, 100, 127] if code != FLOAT else [0, 0.5, -0.25, 1e-3, -1]
    little, big = (struct.pack(f"{order}5{letter}", *numbers) for order in "<>")
    riff = load(wav(chunk(b"data", little), code=code, width=width))
    rifx = load(wav(chunk(b"data", big, order=">"), form=b"RIFX", code=code, width=width))
    np.testing.assert_array_equal(rifx.samples, riff.samples)
    assert rifx.info == riff.info


def test_samples_of_24_bits_are_turned_whole():
    """0x400000 of 0x800000 is a half."""
    data = bytes.fromhex("400000 c00000 000000")
    sound = load(wav(chunk(b"data", data, order=">"), form=b"RIFX", width=3))
    np.testing.assert_array_equal(sound.samples[:, 0], [0.5, -0.5, 0])


def test_a_rifx_that_is_cut_off_says_so():
    """8,000 samples at 8,000 Hz are 1 s, of which 8,000 bytes are gone."""
    whole = wav(chunk(b"data", bytes(16_000), order=">"), form=b"RIFX")
    probed = examine(whole[:-8000])
    assert probed.info.samples == 4000
    assert probed.notes == (
        "the file ends 0.5 s before its header says: it looks truncated, what is there is counted",
    )
    assert load(whole[:-8000]).info == probed.info


@pytest.mark.parametrize("read", [examine, load])
def test_packed_samples_in_a_rifx_are_refused(read):
    packed = wav(chunk(b"data", bytes(64), order=">"), form=b"RIFX", code=ADPCM)
    with pytest.raises(SourceError) as refused:
        read(packed)
    assert str(refused.value) == (
        "<bytes>: a big-endian WAV (RIFX) of packed samples is not read here: convert it to WAV or"
        " FLAC"
    )

"""Sounds from every container: samples, rate and channels are what loading gives."""

import struct

import numpy as np
import pytest
from clips import clip, tone
from sounds import chunk, sound

from multitok.core.errors import MediaError, SourceError
from multitok.core.info import AudioInfo
from multitok.loaders import door as loaders


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("x.wav", "pcm_s16le"),
        ("x.flac", "flac"),
        ("x.mp3", "libmp3lame"),
        ("x.m4a", "aac"),
        ("x.aiff", "pcm_s16be"),
    ],
)
def test_the_samples_are_those_that_were_written(tmp_path, name, codec):
    path = tone(tmp_path / name, codec)
    assert loaders.probe(path) == AudioInfo(20_001, 44_100, 2)
    assert loaders.load(path).info == AudioInfo(20_001, 44_100, 2)


def test_ogg_warm_up_is_not_counted(tmp_path):
    path = tone(tmp_path / "x.ogg", "libopus", rate=48_000)
    assert loaders.probe(path) == AudioInfo(20_001, 48_000, 2)


def test_the_wave_is_decoded_to_minus_one_to_one(tmp_path):
    """A sine of 8000 / 32768."""
    wave = loaders.load(tone(tmp_path / "x.wav", "pcm_s16le", layout="mono")).samples[:, 0]
    expected = np.sin(np.arange(20_001) * 0.05) * 8000 / 32768
    assert np.abs(wave - expected).max() < 1e-4


def test_the_sound_of_a_video_is_a_sound_when_asked(tmp_path):
    path = clip(tmp_path / "clip.mp4", sound="aac")
    assert loaders.probe(path, modality="audio") == AudioInfo(48_000, 48_000, 2)
    assert len(loaders.load(path, modality="audio").samples) == 48_000


def test_a_silent_video_has_no_sound(tmp_path):
    path = clip(tmp_path / "silent.mp4")
    with pytest.raises(SourceError) as refused:
        loaders.probe(path, modality="audio")
    assert str(refused.value) == f"{path}: no audio track in it"


def test_a_rate_that_changes_on_the_way_is_brought_to_the_first():
    """Two streams of AAC, one behind the other: the second is heard at the rate of the first."""
    data = sound("aac", "adts", rate=48_000) + sound("aac", "adts", rate=24_000)
    loaded = loaders.load(data)
    assert loaded.info == loaders.probe(data)
    assert loaded.info.sample_rate == 48_000
    assert np.abs(loaded.samples[25_000:]).max() > 0.1


def test_a_section_of_a_sound(tmp_path):
    """0.1 to 0.3 s at 44,100 Hz."""
    path = tone(tmp_path / "x.wav", "pcm_s16le", layout="mono")
    whole = loaders.load(path).samples
    part = loaders.load(path, start=0.1, end=0.3)
    assert part.info == loaders.probe(path, start=0.1, end=0.3) == AudioInfo(8820, 44_100, 1)
    assert np.array_equal(part.samples, whole[4410:13230])
    with pytest.raises(MediaError, match=r"start and end must lie in the sound's 0\.45 s"):
        loaders.probe(path, start=1.0)


def test_a_truncated_wav_is_counted_as_far_as_it_goes(tmp_path):
    """44 bytes of header, then 2 bytes a sample."""
    data = tone(tmp_path / "x.wav", "pcm_s16le", layout="mono").read_bytes()
    path = tmp_path / "cut.wav"
    path.write_bytes(data[: len(data) // 2])
    probed = loaders.examine(path)
    start = data.index(b"data") + 8
    assert probed.info.samples == (len(data) // 2 - start) // 2
    assert probed.notes == (
        "the file ends 0.2 s before its header says: it looks truncated, what is there is counted",
    )
    with pytest.raises(SourceError, match="it looks truncated"):
        loaders.probe(path, strict=True)


STORED = {8: ("u1", 1), 16: ("<i2", 1), 32: ("<i4", 1), -32: ("<f4", 3), -64: ("<f8", 3)}
"""Bits of a sample, below zero of floats: how numpy writes it, and its code in a WAV file."""


@pytest.mark.parametrize("channels", [64, 65, 128])
@pytest.mark.parametrize("bits", STORED)
def test_every_channel_of_an_array_of_microphones_is_read(bits, channels):
    """Channel c holds c / 256 - 1/4: more channels than FFmpeg's resampler takes, or not."""
    kind, code = STORED[bits]
    width = abs(bits) // 8
    level = np.arange(channels) / 256 - 0.25
    stored = level if bits < 0 else level * 2 ** (bits - 1) + (128 if bits == 8 else 0)
    body = np.tile(stored, (20, 1)).astype(kind).tobytes()
    head = struct.pack("<HHIIHH", code, channels, 8000, 8000 * channels * width, channels * width,
                       abs(bits))  # fmt: skip
    inside = b"WAVE" + chunk(b"fmt ", head) + chunk(b"data", body)
    heard = loaders.load(b"RIFF" + struct.pack("<I", len(inside)) + inside)
    assert heard.info == AudioInfo(20, 8000, channels)
    assert np.abs(heard.samples - level).max() < (1 / 128 if bits == 8 else 1e-4)

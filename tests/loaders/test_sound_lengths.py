"""The length of a sound is what its bytes hold, whatever its header or its stamps say."""

import struct

import av
import numpy as np
import pytest
from sounds import WRITTEN, chunk, decoded, sound, wav

from multitok.core.errors import SourceError
from multitok.loaders.door import examine, load

LOSSLESS = [
    ("pcm_s16le", "wav"), ("pcm_f32le", "wav"), ("pcm_s16be", "aiff"), ("pcm_s16be", "au"),
    ("pcm_mulaw", "au"), ("pcm_s16be", "caf"), ("flac", "flac"), ("flac", "ogg"),
    ("flac", "matroska"), ("flac", "mp4"), ("alac", "ipod"), ("alac", "matroska"),
    ("wavpack", "wv"), ("tta", "tta"), ("pcm_s16le", "nut"), ("pcm_s16le", "avi"),
    ("pcm_s16le", "mov"), ("pcm_s16le", "matroska"), ("pcm_s24le", "matroska"),
]  # fmt: skip
GAPLESS = [
    ("libmp3lame", "mp3"), ("libmp3lame", "matroska"), ("libopus", "ogg"), ("libopus", "webm"),
    ("libopus", "mp4"), ("aac", "ipod"), ("aac", "mp4"),
]  # fmt: skip
OTHERS = [
    ("pcm_s16le", "w64"), ("mp2", "mp2"), ("aac", "adts"), ("aac", "matroska"), ("aac", "mpegts"),
    ("aac", "flv"), ("ac3", "ac3"), ("eac3", "eac3"), ("ac3", "mp4"), ("ac3", "matroska"),
    ("ac3", "mpegts"), ("mp2", "mpeg"), ("libmp3lame", "avi"), ("adpcm_ima_wav", "wav"),
    ("adpcm_ms", "wav"),
]  # fmt: skip
AT_8_KHZ = [  # some builds of FFmpeg have no encoder of the first
    pair
    for pair in [("libopencore_amrnb", "amr"), ("real_144", "rm")]
    if pair[0] in av.codecs_available
]
SLOW = {"libopencore_amrnb": 8000, "real_144": 8000, "wmav1": 44_100, "wmav2": 44_100}


def length(data):
    return examine(data, modality="audio").info.samples


@pytest.mark.parametrize(("codec", "container"), LOSSLESS + GAPLESS)
def test_the_samples_are_those_that_were_written(codec, container):
    assert length(sound(codec, container)) == WRITTEN


@pytest.mark.parametrize(("codec", "container"), [*OTHERS, *AT_8_KHZ])
def test_the_samples_are_those_that_a_decoder_gives(codec, container):
    data = sound(codec, container, rate=SLOW.get(codec, 48_000))
    assert length(data) == decoded(data)


@pytest.mark.parametrize(
    ("codec", "container"),
    [("vorbis", "ogg"), ("vorbis", "webm"), ("wmav1", "asf"), ("wmav2", "asf")],
)
def test_sounds_that_have_stamps_alone_are_right_to_a_frame(codec, container):
    """2,048 samples are a frame of these."""
    data = sound(codec, container, rate=SLOW.get(codec, 48_000))
    assert abs(length(data) - decoded(data)) <= 2048


@pytest.mark.parametrize(("codec", "container"), LOSSLESS)
def test_a_lossless_sound_loads_as_it_was_written(codec, container):
    """A sine of 0.3, to half a step of 16 bits; of 8 where the encoder takes these first."""
    wave = load(sound(codec, container), modality="audio").samples[:, 0]
    error = np.abs(wave - 0.3 * np.sin(0.05 * np.arange(WRITTEN))).max()
    assert error < (0.01 if codec in ("pcm_mulaw", "wavpack", "tta") else 1e-4)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.77, 0.999])
@pytest.mark.parametrize(("codec", "container"), [("flac", "flac"), ("libmp3lame", "mp3")])
def test_a_sound_that_is_cut_off_is_as_long_as_what_is_left(codec, container, share):
    data = sound(codec, container, samples=300_000)
    cut = data[: int(len(data) * share)]
    assert abs(length(cut) - decoded(cut)) <= 4096 * (share > 0.99)


def test_a_flac_that_is_cut_off_says_so():
    """300,000 samples at 48,000 Hz are 6.25 s, in frames of 4,608."""
    data = sound("flac", "flac", samples=300_000)
    cut = data[: len(data) // 2]
    probed = examine(cut)
    missing = 6.25 - probed.info.duration
    note = (
        f"the file ends {missing:.1f} s before its header says: it looks truncated, what is there"
        " is counted"
    )
    assert probed.info.samples % 4608 == 0
    assert probed.notes == (note,)
    with pytest.raises(SourceError) as refused:
        examine(cut, strict=True)
    assert str(refused.value) == f"<bytes>: {note}"


@pytest.mark.parametrize(
    "behind", [b"TAG" + bytes(125), b"APETAGEX" + bytes(100_000)], ids=["ID3", "APE"]
)
def test_a_tag_behind_a_flac_is_no_sound(behind):
    probed = examine(sound("flac", "flac") + behind)
    assert probed.info.samples == WRITTEN
    assert probed.notes == ()


def test_the_links_of_a_chained_ogg_add_up():
    one, two = sound("libopus", "ogg"), sound("libopus", "ogg", samples=48_000)
    assert length(one + two) == decoded(one + two) == WRITTEN + 48_000


SAMPLES = struct.pack("<100h", *range(100))


@pytest.mark.parametrize(
    ("data", "samples"),
    [
        (wav(chunk(b"data", SAMPLES)), 100),
        (wav(chunk(b"data", SAMPLES), chunk(b"data", SAMPLES[:20])), 110),
        (wav(chunk(b"odd ", b"123"), chunk(b"data", SAMPLES)), 100),
        (wav(chunk(b"data", SAMPLES, 0xFFFFFFFF)), 100),
        (wav(chunk(b"data", SAMPLES, 0)), 100),
        (wav(chunk(b"data", b""), chunk(b"LIST", b"INFO")), 0),
        (wav(chunk(b"data", SAMPLES), bytes(1 << 18)), 100),
        (
            wav(
                chunk(b"ds64", struct.pack("<QQQI", 0, 200, 100, 0)),
                chunk(b"data", SAMPLES, 0xFFFFFFFF),
                chunk(b"LIST", b"INFO"),
                form=b"RF64",
            ),
            100,
        ),
        (wav(chunk(b"data", SAMPLES), form=b"BW64"), 100),
        (wav(chunk(b"data", SAMPLES, order=">"), form=b"RIFX"), 100),
    ],
    ids=["plain", "two data", "odd", "open", "crashed", "empty", "zeros", "RF64", "BW64", "RIFX"],
)
def test_the_chunks_of_a_wav_are_held_against_its_bytes(data, samples):
    probed = examine(data)
    assert (probed.modality, probed.format) == ("audio", "WAV")
    assert probed.info.samples == samples
    assert probed.notes == ()


def without_packets(data):
    """The mp4 with tables of no packets: as a recorder leaves it that was stopped at once."""
    made = bytearray(data)
    for table, at in ((b"stts", 8), (b"stsz", 12), (b"stsc", 8), (b"stco", 8)):
        struct.pack_into(">I", made, made.index(table) + at, 0)
    return bytes(made)


@pytest.mark.parametrize("modality", [None, "audio"])
@pytest.mark.parametrize(
    ("codec", "container"), [("aac", "ipod"), ("aac", "mp4"), ("alac", "mov"), ("flac", "mp4")]
)
def test_a_sound_track_without_a_packet_is_no_sound_of_no_length(codec, container, modality):
    with pytest.raises(SourceError) as refused:
        examine(without_packets(sound(codec, container)), modality=modality)
    assert str(refused.value) == (
        "<bytes>: a sound track without a packet: nothing was recorded, or the file is cut off"
        " behind its index. Get the whole file"
    )


def test_a_flac_that_ends_before_its_first_frame_says_so():
    """8,192 bytes of padding lie between its header and the frames."""
    whole = sound("flac", "flac")
    with pytest.raises(SourceError) as refused:
        examine(whole[:8250])
    assert str(refused.value) == (
        "<bytes>: the file ends before its first packet: get the whole file"
    )
    within = examine(whole[:8400])
    assert within.info.samples == 0
    assert within.notes[0] == "a sound track without a whole packet: nothing is heard"


def test_a_wav_and_an_aiff_may_be_of_no_length():
    """FFmpeg writes 54 bytes before the samples of an AIFF, and the sizes of its chunks last."""
    aiff = bytearray(sound("pcm_s16be", "aiff", samples=100)[:54])
    struct.pack_into(">I", aiff, aiff.index(b"SSND") + 4, 8)
    for data in (wav(chunk(b"data", b"")), bytes(aiff)):
        assert (examine(data).info.samples, examine(data).notes) == (0, ())

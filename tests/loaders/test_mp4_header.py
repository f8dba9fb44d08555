"""The header of an mp4, read without FFmpeg: what a demux pass gives, or no answer."""

import struct
import tempfile
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import av
import pytest
from clips import clip, picture, sine, tone, trimmed, turned
from hypothesis import HealthCheck, given, settings, strategies as st

from multitok.core.errors import MediaError, MultitokError, SourceError
from multitok.loaders import door as loaders
from multitok.loaders.clips.mp4_header import mp4_header
from multitok.loaders.clips.parameter_sets import Bits, h264_picture

SAMPLE = Path(__file__).parents[2] / "samples" / "clip.mp4"
START = {"movflags": "faststart"}


@contextmanager
def by_demux():
    with patch("multitok.loaders.clips.video.mp4_header", lambda source: None):
        yield


def answered(source):
    """Whether the header was enough; where it was, it says what the demux pass says."""
    with by_demux():
        passed = loaders.examine(source)
    assert loaders.examine(source) == passed
    return mp4_header(loaders.source_of(source)) is not None


def steps(*lengths):
    """Milliseconds of frames that last so long."""
    return [sum(lengths[:i]) for i in range(len(lengths))]


def x265(parameters="", preset="ultrafast", **how):
    """A clip of HEVC by these parameters of its encoder."""
    said = f"log-level=0:{parameters}".rstrip(":")
    return {"codec": "libx265", "encoder": {"preset": preset, "x265-params": said}, **how}


HEVC = x265(preset="medium")
HIDDEN = {"auto-alt-ref": "1", "lag-in-frames": "16"}

ENOUGH = {
    "plain": {},
    "index first": {"muxer": START},
    "with sound": {"sound": "aac"},
    "with sound, index first": {"sound": "aac", "muxer": START},
    "B-frames": {
        "encoder": {"g": "10", "bf": "3", "x264-params": "b-adapt=0:scenecut=0"},
        "size": (128, 96),
        "frames": 60,
    },
    "open groups": {
        "encoder": {"g": "8", "bf": "3", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"},
        "frames": 40,
    },
    "no B-frames": {"encoder": {"g": "10", "bf": "0"}},
    "keys only": {"encoder": {"g": "1"}},
    "ntsc": {"fps": Fraction(30000, 1001)},
    "one frame": {"frames": 1},
    "two frames and sound": {"frames": 2, "sound": "aac"},
    "cropped": {"size": (322, 182)},
    "pixels 4:3": {"aspect": Fraction(4, 3)},
    "pixels 9:16": {"aspect": Fraction(9, 16), "size": (322, 182)},
    "variable rate": {"frames": 8, "stamps": steps(33, 33, 34, 200, 33, 67, 500, 33)},
    "one gap": {"frames": 40, "stamps": steps(*[40] * 20, 120, *[40] * 19)},
    "no edit list": {"encoder": {"bf": "0"}, "muxer": {"use_editlist": "0"}},
    "a coarse clock": {"muxer": {"movie_timescale": "600", "video_track_timescale": "600"}},
    "interlaced": {"encoder": {"flags": "+ilme+ildct", "x264-params": "tff=1"}},
    "large index": {"frames": 400, "sound": "aac"},
    "pictures later than sound": {"stamps": [500 + 33 * i for i in range(30)], "sound": "aac"},
    "HEVC": HEVC,
    "HEVC with sound": {**HEVC, "sound": "aac", "muxer": START},
    "HEVC, cropped": {**HEVC, "size": (322, 182), "frames": 60},
    "HEVC, pixels 4:3": {**HEVC, "aspect": Fraction(4, 3)},
    "HEVC, open groups": x265("keyint=8:min-keyint=8:open-gop=1:bframes=3", frames=40),
    "HEVC, closed groups": x265("keyint=8:min-keyint=8:open-gop=0:bframes=3", frames=40),
    "HEVC with scaling lists": x265("scaling-list=default"),
    "HEVC, interlaced": x265("interlace=tff"),
    "HEVC, in two layers of time": x265("temporal-layers=2", frames=40),
    "VP9": {"codec": "libvpx-vp9", "encoder": {}, "sound": "aac"},
    "VP9, hidden frames": {"codec": "libvpx-vp9", "encoder": HIDDEN, "frames": 60},
    "VP9, pixels 4:3": {"codec": "libvpx-vp9", "encoder": {}, "aspect": Fraction(4, 3)},
    "AV1": {"codec": "libsvtav1", "encoder": {"preset": "12"}, "sound": "aac"},
    "AV1, cropped": {"codec": "libsvtav1", "encoder": {"preset": "12"}, "size": (322, 182)},
}


@pytest.mark.parametrize("kind", ["mp4", "mov"])
@pytest.mark.parametrize("name", ENOUGH)
def test_the_header_says_what_the_packets_say(tmp_path, name, kind):
    asked = ENOUGH[name]
    if kind == "mov" and asked.get("codec") in ("libvpx-vp9", "libsvtav1"):
        pytest.skip("QuickTime has no such codec")
    assert answered(clip(tmp_path / f"a.{kind}", **asked))


NOT_ENOUGH = {
    "fragments": {"muxer": {"movflags": "frag_keyframe+empty_moov"}},
    "other sound": {"sound": "mp3"},
    "sound of Opus": {"sound": "libopus"},
    "MPEG-4": {"codec": "mpeg4", "encoder": {}},
    "HEVC of 4:4:4": x265("", form="yuv444p"),
    "offsets below zero": {
        "muxer": {"movflags": "negative_cts_offsets"},
        "encoder": {"g": "10", "bf": "3", "x264-params": "b-adapt=0:scenecut=0"},
    },
}


@pytest.mark.parametrize("name", NOT_ENOUGH)
def test_what_the_header_leaves_open_is_left_to_the_packets(tmp_path, name):
    assert not answered(clip(tmp_path / "a.mp4", **NOT_ENOUGH[name]))


def test_a_sample_of_vp9_that_shows_nothing_is_left_to_the_packets(tmp_path):
    """The tenth of 30 frames is marked as hidden: an index would count it."""
    path = clip(tmp_path / "a.mp4", codec="libvpx-vp9", encoder={})
    with av.open(str(path)) as container:
        at = [packet.pos for packet in container.demux(video=0) if packet.size][9]
    data = bytearray(path.read_bytes())
    data[at] &= ~0b10
    assert not answered(bytes(data))
    assert loaders.probe(bytes(data)).frames == 29


@pytest.mark.parametrize(("name", "enough"), [("HEVC", True), ("AV1", True), ("VP9", False)])
def test_where_each_look_is_a_request_samples_are_not_looked_at(tmp_path, name, enough):
    """Nor need they be, but of VP9. A look here is one too many."""
    source = loaders.source_of(clip(tmp_path / "a.mp4", **ENOUGH[name]))
    with patch("multitok.loaders.clips.mp4_header._LOOKS", 0):
        assert mp4_header(source) is None
        source.far = True
        assert (mp4_header(source) is not None) == enough


@pytest.mark.parametrize("words", [b"meta", b"tmcd"])
def test_tracks_of_words_are_passed_over(tmp_path, words):
    """As a phone's: the track of pictures a second time, as one of words about them."""
    data = clip(tmp_path / "a.mov", **HEVC).read_bytes()
    moov = data.index(b"moov") - 4
    start = data.index(b"trak") - 4
    length = struct.unpack_from(">I", data, start)[0]
    track = bytearray(data[start : start + length])
    at = track.index(b"vide")
    track[at : at + 4] = words
    at = track.index(b"hev1")
    track[at : at + 4] = b"mebx" if words == b"meta" else words
    whole = struct.pack(">I", len(data) - moov + length)
    grown = data[:moov] + whole + data[moov + 4 : start] + track + data[start:]
    assert answered(grown)
    assert loaders.probe(grown).frames == 30


def test_a_copied_clip_that_begins_later_is_shown_later(tmp_path):
    """An edit of half a second without media is before the frames."""
    late = [500 + 33 * i for i in range(30)]
    data = clip(tmp_path / "a.mp4", stamps=late, sound="aac").read_bytes()
    empty, nothing = struct.unpack_from(">Ii", data, data.index(b"elst") + 12)
    (second,) = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)
    assert (empty / second, nothing) == (0.5, -1)


def test_the_sample_clip_needs_no_demux_pass():
    assert answered(SAMPLE)


@pytest.mark.parametrize(("start", "end"), [(0.5, None), (None, 1.2), (1.0, 2.0)])
def test_a_section_is_the_same_either_way(start, end):
    with by_demux():
        passed = loaders.examine(SAMPLE, start=start, end=end)
    assert loaders.examine(SAMPLE, start=start, end=end) == passed


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turn_is_read(tmp_path, degrees):
    data = clip(tmp_path / "a.mp4", sound="aac").read_bytes()
    assert answered(turned(data, degrees))


def test_a_mirrored_matrix_is_left_to_the_packets(tmp_path):
    data = clip(tmp_path / "a.mp4").read_bytes()
    at = data.index(b"tkhd") + 4 + 40
    assert not answered(data[:at] + struct.pack(">i", -1 << 16) + data[at + 4 :])


@pytest.mark.parametrize("bframes", ["0", "2"])
@pytest.mark.parametrize("ticks", [1, 511, 512, 1025, 5120])
def test_an_edit_list_that_cuts_is_left_to_the_packets(tmp_path, bframes, ticks):
    data = clip(
        tmp_path / "a.mp4",
        encoder={"g": "10", "bf": bframes, "x264-params": "b-adapt=0:scenecut=0"},
    ).read_bytes()
    first = struct.unpack_from(">i", data, data.index(b"elst") + 16)[0]
    assert not answered(trimmed(data, first + ticks))


@pytest.mark.parametrize("share", [0.999, 0.9, 0.5, 0.2])
def test_a_file_shorter_than_its_index_says_is_left_to_the_packets(tmp_path, share):
    path = clip(tmp_path / "a.mp4", frames=60, size=(320, 240), muxer=START, sound="aac")
    data = path.read_bytes()
    assert not answered(data[: int(len(data) * share)])


def test_bytes_after_the_last_box_are_left_to_the_packets(tmp_path):
    assert not answered(clip(tmp_path / "a.mp4").read_bytes() + b"rubbish")


def test_a_file_of_sound_is_left_to_the_packets(tmp_path):
    assert not answered(tone(tmp_path / "a.mp4", "aac"))


@pytest.mark.parametrize("rate", [8_000, 22_050, 32_000, 44_100, 96_000])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
@pytest.mark.parametrize("seconds", [0.3, 2.5])
def test_sound_is_measured_whatever_its_rate_and_length(tmp_path, rate, layout, seconds):
    """A second of picture, with less sound and with more."""
    path = scene(tmp_path / "a.mp4", (rate, layout, round(rate * seconds)))
    assert answered(path)
    assert loaders.probe(path).audio.sample_rate == rate


def scene(path, *sounds):
    """A second of picture with sound tracks of (rate, layout, samples)."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        tracks = [out.add_stream("aac", rate=rate, layout=layout) for rate, layout, _ in sounds]
        for i in range(30):
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture(i), format="rgb24")))
        out.mux(video.encode())
        for track, (rate, layout, samples) in zip(tracks, sounds, strict=True):
            sine(out, track, samples, rate, layout)
    return path


def test_two_sound_tracks_are_told(tmp_path):
    path = scene(tmp_path / "a.mp4", (48_000, "stereo", 48_000), (44_100, "mono", 20_000))
    assert answered(path)
    assert loaders.examine(path).notes == ("2 sound tracks: the first is counted",)


def test_a_second_picture_track_is_left_to_the_packets(tmp_path):
    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=30)
        cover = out.add_stream("mjpeg", rate=1)
        for track, form in ((video, "yuv420p"), (cover, "yuvj420p")):
            track.width, track.height, track.pix_fmt = 64, 48, form
        cover.disposition = av.stream.Disposition.attached_pic.value
        art = av.VideoFrame.from_ndarray(picture(0), format="rgb24")
        for track, form in ((cover, "yuvj420p"), (video, "yuv420p")):
            out.mux(track.encode(art.reformat(format=form)))
            out.mux(track.encode())
    assert not answered(path)


@settings(max_examples=15, deadline=None)
@given(
    fps=st.sampled_from([5, 24, 30, Fraction(30000, 1001)]),
    frames=st.integers(1, 30),
    size=st.tuples(st.integers(32, 90), st.integers(16, 50)).map(lambda s: (s[0] * 2, s[1] * 2)),
    group=st.integers(1, 20),
    bframes=st.integers(0, 4),
    opened=st.booleans(),
    references=st.integers(1, 5),
    kind=st.sampled_from(["mp4", "mov"]),
)
def test_any_plain_clip_of_hevc_is_read_from_its_header(
    fps, frames, size, group, bframes, opened, references, kind
):
    said = f"keyint={group}:bframes={bframes}:open-gop={int(opened)}:ref={references}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{kind}"
        assert answered(clip(path, frames=frames, fps=fps, size=size, **x265(said)))


@settings(max_examples=15, deadline=None)
@given(
    fps=st.sampled_from([5, 12, 24, 25, 30, 60, Fraction(24000, 1001), Fraction(60000, 1001)]),
    frames=st.integers(1, 40),
    size=st.tuples(st.integers(8, 70), st.integers(8, 50)).map(lambda s: (s[0] * 2, s[1] * 2)),
    group=st.integers(1, 20),
    bframes=st.integers(0, 4),
    first=st.booleans(),
)
def test_any_plain_clip_is_read_from_its_header(fps, frames, size, group, bframes, first):
    encoder = {"g": str(group), "bf": str(bframes), "x264-params": "b-adapt=0:scenecut=0"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        how = {"muxer": START if first else {}, "encoder": encoder}
        assert answered(clip(path, frames=frames, fps=fps, size=size, **how))


DATA = SAMPLE.read_bytes()
INDEX = DATA.index(b"moov")
LENGTH = struct.unpack_from(">I", DATA, INDEX - 4)[0]
MADE = {
    "HEVC.mov": {**x265(), "sound": "aac"},
    "VP9.mp4": {"codec": "libvpx-vp9", "encoder": {}},
    "AV1.mp4": {"codec": "libsvtav1", "encoder": {"preset": "12"}},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    return {name: clip(folder / name, **how).read_bytes() for name, how in MADE.items()}


def outcome(data):
    try:
        return loaders.examine(data)
    except (SourceError, MediaError) as error:
        return type(error), str(error)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(INDEX, INDEX + LENGTH - 8), st.binary(min_size=1, max_size=4)),
        min_size=1,
        max_size=2,
    )
)
def test_a_damaged_index_is_what_ffmpeg_says_of_it_or_a_named_error(damage):
    """Where the header answers, a demux pass says the same."""
    data = bytearray(DATA)
    for at, wrong in damage:
        data[at : at + len(wrong)] = wrong
    given = bytes(data)
    if mp4_header(loaders.source_of(given)) is None:
        outcome(given)
        return
    with by_demux():
        passed = outcome(given)
    assert outcome(given) == passed


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 1), wrong=st.binary(min_size=1, max_size=4))
def test_a_damaged_index_of_another_codec_is_what_ffmpeg_says_of_it(made, name, share, wrong):
    data = bytearray(made[name])
    start = data.index(b"moov")
    at = start + round(share * (len(data) - start - len(wrong)))
    data[at : at + len(wrong)] = wrong
    given = bytes(data)
    if mp4_header(loaders.source_of(given)) is not None:
        with by_demux():
            passed = outcome(given)
        assert outcome(given) == passed


@given(st.binary(max_size=300))
def test_rubbish_in_an_index_is_no_answer_and_no_error(rubbish):
    box = struct.pack(">I4s", 8 + len(rubbish), b"moov") + rubbish
    data = b"\0\0\0\x10ftypisom\0\0\0\0" + box
    assert mp4_header(loaders.source_of(data)) is None
    with pytest.raises(MultitokError):
        loaders.examine(data)


def test_a_table_that_promises_more_samples_than_the_file_has_bytes_is_no_answer():
    """A hostile million samples of one size in a few bytes of table."""
    at = DATA.index(b"stsz") + 8
    data = DATA[:at] + struct.pack(">II", 1 << 20, 1_000_000) + DATA[at + 8 :]
    assert mp4_header(loaders.source_of(data)) is None


def test_exp_golomb_numbers_are_read():
    """1, 010, 011, 00100, 00111: 0 to 3 and 6."""
    bits = Bits(bytes([0b10100110, 0b01000011, 0b10000000]))
    assert [bits.golomb() for _ in range(5)] == [0, 1, 2, 3, 6]


def test_a_set_that_is_not_for_pictures_is_not_sure():
    """One sequence parameter set is needed, and a unit of type 7."""
    assert h264_picture(bytes([1, 66, 0, 10, 0xFF, 0xE2, 0, 1, 0x67])) is None
    assert h264_picture(bytes([1, 66, 0, 10, 0xFF, 0xE1, 0, 1, 0x68])) is None


def test_the_clips_above_do_have_frames_out_of_order(tmp_path):
    data = clip(tmp_path / "a.mp4", **ENOUGH["B-frames"]).read_bytes()
    assert struct.unpack_from(">I", data, data.index(b"ctts") + 8)[0] > 10

"""Videos from every container: the shape is what a full decode gives, and what is odd is told."""

import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import clip, decoded, locked, picture, rolled, sine, tone, trimmed, turned
from PIL import Image as Pillow

from multitok.core.errors import MediaError, SourceError
from multitok.core.info import AudioInfo, VideoInfo
from multitok.loaders import containers, door as loaders
from multitok.loaders.clips.announced import of_boxes
from multitok.loaders.clips.display import Look
from multitok.loaders.clips.frames import _Shown as Shown
from multitok.loaders.clips.video import frames
from multitok.loaders.source import source_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


CONTAINERS = {
    "h264.mp4": {"sound": "aac"},
    "vp9.webm": {"codec": "libvpx-vp9", "sound": "libopus"},
    "h264.mkv": {"sound": "flac"},
    "mpeg4.avi": {"codec": "mpeg4", "sound": "mp3"},
    "h264.ts": {"sound": "aac"},
    "fragmented.mp4": {"muxer": {"movflags": "frag_keyframe+empty_moov"}},
    "ntsc.mp4": {"fps": Fraction(30000, 1001)},
    "raw.h264": {"format": "h264"},
    "b-frames.mp4": {
        "encoder": {"g": "10", "bf": "3", "x264-params": "b-adapt=0:scenecut=0"},
        "size": (128, 96),
    },
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_frame_count_is_that_of_a_full_decode(folder, name):
    path = clip(folder / name, **CONTAINERS[name])
    probed = loaders.examine(path)
    assert probed.info.frames == decoded(path)[0] == 30
    assert (probed.info.width, probed.info.height) == CONTAINERS[name].get("size", (64, 48))
    assert loaders.load(path).info == probed.info


def test_a_fragment_of_more_samples_than_bytes_is_refused_before_they_are_listed(folder):
    """FFmpeg takes 24 bytes for each sample that a run names: 70 million in a file of 10 kB."""
    path = clip(folder / "many.mp4", **CONTAINERS["fragmented.mp4"])
    data = bytearray(path.read_bytes())
    run = data.index(b"trun")
    data[run + 8 : run + 12] = struct.pack(">I", 70_000_000)
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"bytes say that they hold 70,000,0\d\d samples"):
        loaders.examine(path)


DAMAGED = """
import resource, struct, sys
from contextlib import suppress
import multitok

with open(sys.argv[1], "rb") as file:
    whole = file.read()
multitok.examine(whole)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run = whole.index(b"trun")
many = whole[: run + 8] + struct.pack(">I", 70_000_000) + whole[run + 12 :]
for kind in sys.argv[2].split():
    at = many.index(kind.encode()) - 4
    for size in (0, 1, 7, 8, 40, 5000, 2**31 - 1, 2**32 - 1):
        with suppress(multitok.SourceError):
            multitok.examine(many[:at] + struct.pack(">I", size) + many[at + 4 :])
wide = many[: run - 4] + b"\\0\\0\\0\\1trun" + bytes(6) + b"\\2\\0" + many[run + 4 :]
with suppress(multitok.SourceError):
    multitok.examine(wide)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_nor_are_they_where_the_boxes_before_them_are_damaged(folder):
    """Of whatever size a box says to be, FFmpeg finds the run behind it, or in it."""
    path = clip(folder / "many.mp4", **CONTAINERS["fragmented.mp4"])
    boxes = (
        "ftyp moov mvhd trak tkhd mdia mdhd hdlr minf vmhd dinf stbl stsd avc1 avcC stts stsc stsz"
        " stco mvex trex moof mfhd traf tfhd tfdt trun"
    )
    grown = subprocess.run(
        [sys.executable, "-c", DAMAGED, str(path), boxes],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(grown.stdout) < 200_000, grown.stdout  # kB: the samples take 1,700,000


@pytest.mark.parametrize("size", [1, 2, 40_000, 2**32 - 1])
def test_so_is_a_table_that_gives_all_of_them_one_size(size, folder):
    """Such a table has no number for each, so that no end of the file ends it."""
    data = bytearray(clip(folder / "table.mp4").read_bytes())
    table = data.index(b"stsz")
    data[table + 8 : table + 16] = struct.pack(">II", size, 70_000_000)
    with pytest.raises(SourceError, match="bytes say that they hold 70,000,000 samples"):
        loaders.examine(bytes(data))


def test_so_is_an_index_of_mxf_whose_entries_are_more_than_its_bytes(folder):
    """FFmpeg looks for each where it should be: 67 million took 32 seconds, and 850 MB."""
    path = clip(folder / "index.mxf", codec="mpeg2video")
    assert loaders.examine(path).info.frames == 30
    data = bytearray(path.read_bytes())
    entries = data.index(b"\x3f\x0a", data.index(bytes.fromhex("060e2b34025301010d01020101100100")))
    data[entries + 4 : entries + 12] = struct.pack(">II", 67_000_000, 50_331_663)
    with pytest.raises(SourceError, match=r"say that they hold [0-9,]* bytes of an index"):
        loaders.examine(bytes(data))


@pytest.mark.parametrize(("codec", "size"), [("pcm_alaw", 1), ("pcm_s16le", 2)])
def test_samples_of_plain_sound_may_be_more_than_its_bytes(codec, size, tmp_path):
    """FFmpeg lists its chunks; it may be cut off, and QuickTime's first codecs were counted before
    they were packed."""
    path = tmp_path / "old.mov"
    with av.open(str(path), "w") as file:
        track = file.add_stream(codec, rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.rate = 8000
        file.mux(track.encode(frame))
        file.mux(track.encode(None))
    data = bytearray(path.read_bytes())
    table = data.index(b"stsz")
    assert data[table + 8 : table + 16] == struct.pack(">II", size, 800)
    data[table + 12 : table + 16] = struct.pack(">I", 6400)
    path.write_bytes(data)
    assert of_boxes(source_of(str(path))) == (0, 0)


def test_words_of_a_title_are_no_run(folder):
    path = clip(folder / "titled.mp4", **CONTAINERS["fragmented.mp4"])
    titled = path.read_bytes() + box(b"udta", b"tfhd, and a tree trunk photographed")
    assert loaders.examine(titled).info == loaders.examine(path).info


@pytest.mark.parametrize("kind", [b"iloc", b"iinf"])
@pytest.mark.parametrize("front", [b"", bytes(4), b"\0\0\xff\xff\xff\xff\0\0"], ids=len)
@pytest.mark.parametrize("place", [(), (b"moov",), (b"moov", b"trak", b"mdia", b"minf")], ids=len)
@pytest.mark.parametrize("first", [b"", b"ftyp", b"free"])
def test_a_list_of_more_pictures_than_bytes_is_refused_before_there_is_room_for_it(
    kind, place, first, front, folder
):
    """FFmpeg makes room for all that a list says to have: 8 bytes each, or a hundred. In a `meta`
    it looks for the first box, whatever stands in front."""
    many = struct.pack(">I", 135_000_000)
    content = b"\2\0\0\0" + (b"\0\0" if kind == b"iloc" else b"") + many + bytes(40)
    data = box(b"meta", front + box(b"hdlr", bytes(24)) + box(kind, content))
    for name in reversed(place):
        data = box(name, data)
    if place[:1] != (b"moov",):
        data = box(b"moov", b"") + data
    data = (box(first, b"isom" + bytes(4)) if first else b"") + data
    path = folder / f"list-{kind.decode()}-{len(place)}-{first.decode()}.mp4"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"bytes say that they hold 135,000,000 pictures"):
        loaders.examine(path, modality="video")


def box(kind, content):
    return struct.pack(">I", 8 + len(content)) + kind + content


def test_a_name_that_is_no_utf_8_does_not_stop_the_count(folder):
    """Each library writes its own name, Lavf and Lavc, as metadata of the file and of the track."""
    path = clip(folder / "named.mkv")
    misnamed = path.read_bytes().replace(b"Lav", b"\xff\xfe\xfd")
    assert loaders.examine(misnamed).info == loaders.examine(path).info


@pytest.mark.parametrize(
    ("name", "fps"),
    [("h264.mp4", 30), ("vp9.webm", 30), ("mpeg4.avi", 30), ("h264.ts", 30), ("raw.h264", 30)],
)
def test_the_rate_of_a_steady_clip_is_whole_whatever_the_clock_of_the_container(folder, name, fps):
    path = clip(folder / f"rate-{name}", **{**CONTAINERS[name], "sound": None})
    assert loaders.probe(path).fps == fps


def test_an_empty_slot_of_an_avi_is_a_gap(folder):
    """Its MP3 begins before 0, so the writer shifts the video and leaves the second slot empty: 30
    frames in 31 slots of 1/30 s."""
    info = loaders.probe(clip(folder / "slots.avi", **CONTAINERS["mpeg4.avi"]))
    assert (info.frames, info.duration) == (30, pytest.approx(31 / 30))
    assert info.fps == pytest.approx(30 * 30 / 31)


def test_the_rate_of_ntsc_is_exact(folder):
    path = clip(folder / "ntsc-rate.mp4", fps=Fraction(30000, 1001))
    assert loaders.probe(path).fps == pytest.approx(30000 / 1001, abs=1e-9)


def test_a_raw_stream_has_no_times_and_says_so(folder):
    notes = loaders.examine(clip(folder / "notes.h264", format="h264")).notes
    assert "no timestamps in a raw stream: 30 fps taken from its header" in notes


def test_a_sound_track_is_told_with_its_rate_and_channels(folder):
    info = loaders.probe(clip(folder / "sound.mp4", sound="aac"))
    assert info == VideoInfo(64, 48, 30, 30.0, 1.0, AudioInfo(48_000, 48_000, 2))


def test_a_variable_rate_is_told_with_the_true_average(folder):
    """10 frames from 0 to 1000 ms, the last shown for 33 ms: 10 / 1.033 = 9.68 a second."""
    stamps = [0, 33, 66, 100, 300, 333, 400, 900, 933, 1000]
    probed = loaders.examine(clip(folder / "vfr.mkv", frames=10, stamps=stamps))
    assert probed.facts["variable_rate"] is True
    assert probed.info.fps == pytest.approx(10 / 1.033, abs=0.01)
    assert probed.notes[0].startswith("frames at a variable rate, 9.68 a second on average")


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_read_from_the_track_header_of_mp4(folder, degrees):
    data = clip(folder / "upright.mp4").read_bytes()
    path = folder / f"turned{degrees}.mp4"
    path.write_bytes(turned(data, degrees))
    probed = loaders.examine(path)
    assert probed.facts["rotation"] == degrees == -decoded(path)[1] % 360
    wide, high = (48, 64) if degrees != 180 else (64, 48)
    assert (probed.info.width, probed.info.height) == (wide, high)


def test_rotation_is_read_from_the_projection_of_matroska(folder):
    data = clip(folder / "upright.mkv").read_bytes()
    path = folder / "rolled.mkv"
    path.write_bytes(rolled(data, 90.0))
    probed = loaders.examine(path)
    assert (probed.info.width, probed.info.height) == (48, 64)
    assert probed.facts["rotation"] == -decoded(path)[1] % 360


def test_an_encrypted_clip_is_counted_by_packets_told_and_not_loaded(folder):
    data = clip(folder / "open.webm", codec="libvpx", sound="libopus").read_bytes()
    path = folder / "locked.webm"
    path.write_bytes(locked(data))
    probed = loaders.examine(path)
    assert probed.info.frames == 30
    assert probed.facts["encrypted"] == ["sound", "video"]
    assert probed.notes == (
        "the video and the sound of it are encrypted: counted by packets, and not to be decoded"
        " without the key",
    )
    with pytest.raises(SourceError) as refused:
        loaders.load(path)
    assert str(refused.value) == (
        f"{path}: its video is encrypted: it cannot be decoded without the key"
    )


def test_an_encrypted_sound_is_told_and_not_loaded(folder):
    path = folder / "locked.mka"
    path.write_bytes(locked(tone(folder / "open.mka", "libopus", rate=48_000).read_bytes()))
    probed = loaders.examine(path)
    assert probed.notes[-1] == (
        "the sound of it is encrypted: counted by packets, and not to be decoded without the key"
    )
    with pytest.raises(SourceError) as refused:
        loaders.load(path)
    assert str(refused.value) == (
        f"{path}: its sound is encrypted: it cannot be decoded without the key"
    )


def test_an_encrypted_track_of_an_mp4_is_told(folder):
    """Its sample entry is "encv", and what it was stands in a box within."""
    data = bytearray(clip(folder / "open.mp4").read_bytes())
    at = data.index(b"avc1", data.index(b"stsd"))
    (size,) = struct.unpack(">I", data[at - 4 : at])
    original = struct.pack(">I4sI4s4s", 20, b"sinf", 12, b"frma", b"avc1")
    data[at - 4 : at + 4] = struct.pack(">I4s", size + 20, b"encv")
    data[at - 4 + size : at - 4 + size] = original
    for box in (b"stsd", b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        place = data.index(box) - 4
        data[place : place + 4] = struct.pack(">I", struct.unpack_from(">I", data, place)[0] + 20)
    path = folder / "locked.mp4"
    path.write_bytes(bytes(data))
    assert loaders.examine(path).facts["encrypted"] == ["video"]


def test_the_rotation_of_a_container_without_one_in_its_header_is_read_in_silence(folder):
    assert loaders.examine(clip(folder / "quiet.avi", codec="mpeg4")).notes == ()


def test_the_pixels_are_turned_as_the_size_says(folder):
    """The ramp is bright on the left; a quarter turn clockwise has it bright at the top."""
    data = clip(folder / "ramp.mp4", frames=1).read_bytes()
    path = folder / "ramp-turned.mp4"
    path.write_bytes(turned(data, 90))
    (frame,) = frames(path)
    assert frame.pixels.shape == (64, 48, 3)
    assert frame.pixels[:8].mean() > frame.pixels[-8:].mean() + 50


def test_pixels_that_are_not_square_are_counted_as_displayed(folder):
    probed = loaders.examine(clip(folder / "anamorphic.mp4", aspect=Fraction(4, 3)))
    assert (probed.info.width, probed.info.height) == (85, 48)
    assert probed.notes == ("pixels are 4:3: 64 x 48 stored, 85 wide as displayed",)


def test_frames_before_an_edit_list_are_not_counted(folder):
    """A phone's trim: the file has 30 frames and shows those from the 20th on."""
    whole = clip(folder / "whole.mp4", encoder={"g": "10", "bf": "0"}).read_bytes()
    path = folder / "trimmed.mp4"
    path.write_bytes(trimmed(whole, 15360 * 20 // 30))
    count = loaders.probe(path).frames
    assert count == decoded(path)[0] < 30


@pytest.mark.parametrize("name", ["h264.mp4", "vp9.webm", "h264.mkv", "h264.ts"])
def test_a_truncated_clip_is_counted_as_far_as_it_goes_and_told(folder, name):
    how = {**CONTAINERS[name], "frames": 60, "size": (320, 240)}
    if name.endswith("mp4"):
        how["muxer"] = {"movflags": "faststart"}
    data = clip(folder / f"long-{name}", **how).read_bytes()
    path = folder / f"cut-{name}"
    path.write_bytes(data[: len(data) * 2 // 3])
    probed = loaders.examine(path)
    assert 0 < probed.info.frames < 60
    assert probed.info.frames == len(list(frames(path)))
    if not name.endswith("ts"):  # a transport stream has no header that promises a length
        assert any("it looks truncated" in note for note in probed.notes)
        with pytest.raises(SourceError, match="it looks truncated"):
            loaders.examine(path, strict=True)


def test_a_matroska_clip_that_starts_late_is_not_cut_short(folder):
    """30 frames from 5 s on: its header says 6 s, counted from 0, and nothing is missing."""
    stamps = [5000 + i * 1000 // 30 for i in range(30)]
    probed = loaders.examine(clip(folder / "late.mkv", stamps=stamps), strict=True)
    assert (probed.info.frames, round(probed.info.duration, 2)) == (30, 1.0)


def test_a_codec_goes_by_its_own_name_not_its_decoders(folder):
    """FFmpeg decodes MP3 by `mp3float`."""
    path = clip(folder / "sound.mkv", sound="libmp3lame")
    assert loaders.examine(path).facts["tracks"][0]["codec"] == "mp3"


def test_an_mp4_without_its_index_says_what_is_missing(folder):
    data = clip(folder / "index-last.mp4").read_bytes()
    path = folder / "no-index.mp4"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError) as refused:
        loaders.examine(path)
    assert str(refused.value) == (
        f"{path}: the file is cut off before its index (no moov box): nothing in it can be placed."
        " Get the whole file"
    )


def test_a_file_of_sound_alone_is_a_sound(folder):
    path = tone(folder / "sound.mp4", "aac")
    probed = loaders.examine(path)
    assert probed.info == AudioInfo(20_001, 44_100, 2)
    assert probed.notes == ("no video track: read as audio",)
    with pytest.raises(SourceError) as refused:
        loaders.examine(path, modality="video")
    assert str(refused.value) == (f"{path}: no video track in it, only audio. Leave out --as video")


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("cover.mp4", "aac"), ("cover.m4a", "aac"), ("cover.mp3", "libmp3lame"),
        ("cover.flac", "flac"),
    ],
)  # fmt: skip
def test_cover_art_is_not_a_video(folder, name, codec):
    path = folder / name
    art = np.zeros((32, 32, 3), np.uint8)
    form, brand = ("mp4", {"brand": "M4A "}) if name.endswith("m4a") else (None, {})
    with av.open(str(path), "w", format=form, options=brand) as out:
        sound = out.add_stream(codec, rate=48_000, layout="stereo")
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic.value
        frame = av.VideoFrame.from_ndarray(art, format="rgb24").reformat(format="yuvj420p")
        out.mux(cover.encode(frame))
        out.mux(cover.encode())
        sine(out, sound, 4800)
    assert isinstance(loaders.probe(path), AudioInfo)


def test_an_ogg_with_a_video_in_it_is_a_clip(folder):
    """Its sound alone is read where that is asked for."""
    path = clip(folder / "a.ogv", codec="libvpx", sound="libopus", format="ogg")
    assert loaders.probe(path).frames == 30
    assert isinstance(loaders.probe(path, modality="audio"), AudioInfo)
    assert isinstance(loaders.probe(tone(folder / "a.ogg", "libopus", rate=48_000)), AudioInfo)


def test_a_section_has_its_own_frames_and_sound(folder):
    """From 0.2 to 0.5 s at 30 fps: frames 6 to 14."""
    path = clip(folder / "section.mp4", sound="aac")
    info = loaders.probe(path, start=0.2, end=0.5)
    assert (info.frames, info.duration) == (9, pytest.approx(0.3))
    assert info.audio == AudioInfo(14_400, 48_000, 2)
    assert loaders.load(path, start=0.2, end=0.5).info == info
    assert [round(f.time, 3) for f in frames(path, start=0.2, end=0.3)] == [0.2, 0.233, 0.267]


def test_a_section_outside_the_clip_is_refused(folder):
    path = clip(folder / "outside.mp4")
    with pytest.raises(MediaError) as refused:
        loaders.probe(path, start=5.0)
    assert str(refused.value) == (
        f"{path}: start and end must lie in the clip's 1.00 s, start first: got 5 and 1"
    )


@pytest.mark.parametrize("form", ["gif", "webp", "png", "avif"])
def test_an_animated_picture_is_a_video_when_asked(folder, form):
    path = folder / f"moving.{form}"
    pages = [Pillow.fromarray(picture(i * 3)) for i in range(5)]
    durations = [100, 100, 100, 100, 100]
    pages[0].save(path, save_all=True, append_images=pages[1:], duration=durations, loop=0)
    assert loaders.probe(path).width == 64  # a picture, unless asked
    probed = loaders.examine(path, modality="video")
    assert probed.info == VideoInfo(64, 48, 5, 10.0, 0.5)
    shown = list(frames(path))
    assert [round(f.time, 3) for f in shown] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert all(f.pixels.shape == (48, 64, 3) for f in shown)


def test_a_folder_of_pictures_is_a_video_at_the_rate_given(tmp_path):
    """frame2 comes before frame10."""
    for i in range(1, 11):
        Pillow.fromarray(np.full((6, 8, 3), i, np.uint8)).save(tmp_path / f"frame{i}.png")
    assert loaders.probe(tmp_path, fps=2) == VideoInfo(8, 6, 10, 2.0, 5.0)
    shown = [int(f.pixels[0, 0, 0]) for f in frames(tmp_path, fps=2)]
    assert shown == list(range(1, 11))


def test_a_folder_needs_a_rate_and_one_size(tmp_path):
    Pillow.new("RGB", (8, 6)).save(tmp_path / "a.png")
    Pillow.new("RGB", (9, 6)).save(tmp_path / "b.png")
    with pytest.raises(SourceError, match="a folder of frames needs its frames per second"):
        loaders.probe(tmp_path, modality="video")
    with pytest.raises(SourceError) as refused:
        loaders.probe(tmp_path, fps=2)
    assert str(refused.value) == (
        f"{tmp_path}: the frames of a video have one size: a.png is 8 x 6, b.png is 9 x 6"
    )


def test_frames_are_sampled_by_time_by_number_or_all(folder):
    path = clip(folder / "sampled.mp4", frames=60)
    assert [f.number for f in frames(path, 3)] == [0, 10, 20, 30, 40, 50]
    assert [f.number for f in frames(path, [5, 5, 59])] == [5, 5, 59]
    assert len(list(frames(path))) == 60


def test_a_frame_that_is_not_there_is_an_error(folder):
    path = clip(folder / "short.mp4")
    with pytest.raises(MediaError, match="the clip has no frame 30"):
        list(frames(path, [0, 30]))


def test_decoded_pixels_are_those_that_were_written(folder):
    path = clip(folder / "pixels.mp4", encoder={"g": "10", "crf": "10"})
    for frame in frames(path, [0, 7, 29]):
        assert np.abs(frame.pixels.astype(int) - picture(frame.number)).mean() < 6


def test_a_codec_without_a_decoder_is_named(folder):
    data = clip(folder / "known.mp4").read_bytes()
    path = folder / "unknown.mp4"
    path.write_bytes(data.replace(b"avc1", b"zzzz"))
    with pytest.raises(SourceError) as refused:
        loaders.examine(path)
    assert str(refused.value) == (
        f"{path}: FFmpeg has no decoder for its video codec 'zzzz': convert it to H.264"
    )


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_track_whose_clock_is_not_that_of_the_movie_is_told(folder, codec):
    """Where the track says a tick a second, the first frame's 512 ticks are 512 s, and the edit of
    1 s keeps no other."""
    data = bytearray(clip(folder / f"clock-{codec}.mp4", codec=codec, encoder={}).read_bytes())
    at = data.index(b"mdhd") + 4
    data[at + 12 : at + 16] = struct.pack(">I", 1)
    path = folder / f"odd-clock-{codec}.mp4"
    path.write_bytes(bytes(data))
    assert loaders.examine(path).notes[-1] == (
        "its frames last 512.00 s, and its header says 1.00 s: the clock of one of the two is"
        " damaged"
    )


def test_a_rate_that_no_camera_has_is_refused(folder):
    """Stamps a microsecond apart: the clock of the file is damaged."""
    path = clip(folder / "fast.mp4", fps=90_000)
    with pytest.raises(SourceError) as refused:
        loaders.examine(path)
    assert str(refused.value) == (
        f"{path}: 90000 frames a second make no sense: the times of the file are damaged"
    )


def test_nothing_of_ffmpeg_is_printed(folder):
    """A clip with rubbish in its middle: FFmpeg would fill the screen."""
    data = bytearray(clip(folder / "good.mp4", frames=60, size=(320, 240)).read_bytes())
    middle = len(data) // 3
    data[middle : middle + 2000] = b"\x55" * 2000
    path = folder / "damaged.mp4"
    path.write_bytes(bytes(data))
    code = (
        "import sys, multitok; from multitok.loaders.clips.frames import frames;"
        "print(multitok.probe(sys.argv[1]).frames, sum(1 for _ in frames(sys.argv[1])) > 20)"
    )
    child = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert (child.stdout, child.stderr) == ("60 True\n", "")


def test_a_few_wrong_bits_end_a_strict_decode_and_no_other(tmp_path):
    """No length is wrong, so only the decoder sees them."""
    sample = Path(__file__).parent.parent.parent / "samples" / "clip.mp4"
    data = bytearray(sample.read_bytes())
    begin = data.find(b"mdat")
    for at in range(begin + 2000, begin + 40_000, 97):
        data[at] ^= 0x55
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    assert len(list(frames(damaged))) == 100
    with pytest.raises(SourceError, match="had to mend frames"):
        list(frames(damaged, strict=True))
    assert len(list(frames(sample, strict=True))) == 100


def test_a_power_in_the_name_of_a_frame_is_no_number(tmp_path):
    """² is a digit to Unicode, and no number that can be read."""
    for name in ("10²1.png", "2²1.png"):
        Pillow.new("RGB", (8, 8)).save(tmp_path / name)
    assert len(list(frames(tmp_path, fps=2))) == 2


def test_a_frame_that_no_scaler_takes_is_an_error_in_words():
    """As a damaged clip has them: 7168 x 7 where its header says 25 x 2056."""
    picture = av.VideoFrame(7168, 7, "yuv420p")
    shown = Shown(picture, Look(25, 2056, 0), None, "a.nut")
    with pytest.raises(SourceError, match=r"^a.nut: a frame of 7168 x 7, yuv420p, that cannot be"):
        shown.draw()


@pytest.mark.parametrize(("most", "decoded_of_them"), [(1 << 25, 60), (10_000, 30)])
def test_frames_far_larger_than_the_clip_says_are_left_out(
    most, decoded_of_them, folder, monkeypatch
):
    monkeypatch.setattr(containers, "MOST_PIXELS", most)
    small = clip(folder / "small.h264", format="h264", size=(64, 48))
    large = clip(folder / "large.h264", format="h264", size=(320, 240))
    both = small.read_bytes() + large.read_bytes()
    assert {frame.pixels.shape for frame in frames(both)} == {(48, 64, 3)}
    assert sum(1 for _ in frames(both)) == decoded_of_them


def test_a_stream_that_begins_on_the_way_changes_nothing(folder):
    """FLV's header does not list its streams."""
    data = clip(folder / "late.flv", codec="flv1", format="flv").read_bytes()
    sound = b"\x08" + (101).to_bytes(3, "big") + bytes(7) + b"\x06" + bytes(100)  # 8-bit PCM
    late = data + sound + (112).to_bytes(4, "big")
    assert loaders.examine(late).info.frames == sum(1 for _ in frames(late)) == 30


def test_nor_where_pyav_looks_for_it_at_the_end():
    """Before 19 it reads behind its list of the streams that are asked for, and what is there may
    be anything."""

    class Container:
        def demux(self, *streams):
            yield from streams
            raise IndexError("list index out of range")

    assert list(containers.packets(Container(), "a", "b")) == ["a", "b"]

"""Packets are not frames: what a clip is said to hold is what a full decode of it gives."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from clips import clip, decoded, picture, remuxed, trimmed
from PIL import Image as Pillow

from multitok.core.errors import SourceError
from multitok.loaders import door as loaders
from multitok.loaders.clips.shown import Showing


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


OPEN = {"g": "10", "bf": "3", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"}
HEVC = {"x265-params": "keyint=10:bframes=3:b-adapt=0:open-gop=1:log-level=none"}


def vp8_with_hidden_frames(folder):
    """Every tenth frame is stored and not shown: bit 4 of its first byte is 0."""
    path = clip(folder / "shown.webm", codec="libvpx", frames=60)
    return remuxed(
        path,
        folder / "vp8.webm",
        lambda i, data: bytes([data[0] & ~16]) + data[1:] if i % 10 == 5 else data,
    )


def vp9_with_hidden_frames(folder):
    """Of key frames alone: the fifth is hidden (bit 1 of its first byte), the seventh replaced by
    one byte that shows what is stored in place 0."""
    path = clip(folder / "keys.webm", codec="libvpx-vp9", encoder={"g": "1"})

    def change(i, data):
        hidden = bytes([data[0] & ~2]) + data[1:]
        return {5: hidden, 7: bytes([0b10001000])}.get(i, data)

    return remuxed(path, folder / "vp9.webm", change)


def vp9_superframes(folder):
    """The hidden frame and the one after it stand in one packet, with an index behind them."""
    path = vp9_with_hidden_frames(folder)
    return remuxed(path, folder / "super.webm", lambda i, data: data, "vp9_superframe")


def vp9_without_its_key_frames(folder):
    """Of three groups of 10 frames the first is there but for its key frame."""
    path = clip(folder / "groups.webm", codec="libvpx-vp9", encoder={"g": "10"})
    return remuxed(path, folder / "lost.webm", lambda i, data: data if i else None)


def av1_frame_by_frame(folder):
    """A packet for each stored frame, hidden or not, where others keep them together."""
    path = clip(folder / "whole.mkv", codec="libsvtav1", frames=60, encoder={"preset": "11"})
    return remuxed(path, folder / "av1.mkv", lambda i, data: data, "av1_frame_split")


def cut(folder, name, codec, encoder, frames=60):
    """A transport stream without its first third: it begins between two key frames."""
    whole = clip(
        folder / f"whole-{name}", codec=codec, encoder=encoder, frames=frames, size=(320, 240)
    )
    data = whole.read_bytes()
    path = folder / name
    path.write_bytes(data[len(data) // 3 // 188 * 188 :])
    return path


def without_its_first(folder, name, **how):
    """A clip whose first packets were lost."""
    whole = clip(folder / f"all-{name}", **how)
    return remuxed(whole, folder / name, lambda i, data: data if i >= 4 else None)


def hevc_with_a_damaged_frame(folder):
    """Of 30 key frames the fifth says that its first part is longer than all of it."""
    every = {"x265-params": "keyint=1:log-level=none"}
    path = clip(folder / "sound.mp4", codec="libx265", encoder=every)

    def change(i, data):
        return b"\x7f" + data[1:] if i == 5 else data

    return remuxed(path, folder / "damaged.mp4", change)


def animated(folder, name, durations):
    path = folder / name
    pages = [Pillow.fromarray(picture(i * 3)) for i in range(len(durations))]
    pages[0].save(path, save_all=True, append_images=pages[1:], duration=durations, loop=0)
    return path


def at_one_time(folder):
    """Each frame is 0 ticks after the one before: the time-to-sample table says so."""
    data = bytearray(clip(folder / "timed.mp4", encoder={"g": "1"}).read_bytes())
    at = data.index(b"stts") + 8
    data[at + 8 : at + 12] = bytes(4)
    path = folder / "stuck.mp4"
    path.write_bytes(bytes(data))
    return path


def edited(folder):
    whole = clip(folder / "unedited.mp4", encoder={"g": "10", "bf": "0"}).read_bytes()
    path = folder / "edited.mp4"
    path.write_bytes(trimmed(whole, 15360 * 20 // 30))
    return path


CLIPS = {
    "the sample": lambda f: Path(__file__).parents[2] / "samples" / "clip.mp4",
    "VP8 with hidden frames": vp8_with_hidden_frames,
    "VP9 with hidden frames": vp9_with_hidden_frames,
    "VP9 superframes": vp9_superframes,
    "AV1 frame by frame": av1_frame_by_frame,
    "H.264 from the middle": lambda f: cut(f, "h264.ts", "libx264", OPEN),
    "H.264 refreshed in stripes": lambda f: cut(
        f, "stripes.ts", "libx264", {"x264-params": "intra-refresh=1:keyint=20:bframes=0"}, 90
    ),
    "HEVC with a damaged frame": hevc_with_a_damaged_frame,
    "HEVC from the middle": lambda f: cut(f, "hevc.ts", "libx265", HEVC),
    "MPEG-2 from the middle": lambda f: cut(f, "m2.ts", "mpeg2video", {"g": "12", "bf": "2"}),
    "MPEG-4 from the middle": lambda f: cut(f, "m4.ts", "mpeg4", {"g": "12", "bf": "2"}),
    "H.264 without its key frame": lambda f: without_its_first(
        f, "keyless.mkv", encoder=OPEN, frames=40
    ),
    "H.264 without its key frame, in mp4": lambda f: without_its_first(
        f, "keyless.mp4", encoder=OPEN, frames=40
    ),
    "an edit list": edited,
    "a screen recording": lambda f: clip(
        f / "screen.mp4", stamps=[*range(0, 500, 33), *range(9000, 9500, 33)], frames=32
    ),
    "a variable rate": lambda f: clip(
        f / "vfr.mkv", frames=10, stamps=[0, 33, 66, 100, 300, 333, 400, 900, 933, 1000]
    ),
    "frames at one time": at_one_time,
    "FLV": lambda f: clip(f / "a.flv", codec="flv"),
    "AVI with sound": lambda f: clip(f / "a.avi", codec="mpeg4", sound="libmp3lame"),
    "AVI with B-frames": lambda f: clip(f / "c.avi", frames=40, encoder=OPEN),
    "VP9 without its key frames": vp9_without_its_key_frames,
    "MPEG program stream": lambda f: clip(f / "a.mpg", codec="mpeg2video", fps=25),
    "raw HEVC in a transport stream": lambda f: clip(f / "b.ts", codec="libx265", encoder=HEVC),
    "a steady GIF": lambda f: animated(f, "a.gif", [30] * 4),
    "a GIF of unlike frames": lambda f: animated(f, "b.gif", [100, 20, 500]),
    "a WebP of unlike frames": lambda f: animated(f, "b.webp", [100, 20, 500]),
    "an APNG without delays": lambda f: animated(f, "c.png", [0, 0, 0]),
}


@pytest.fixture(scope="module", params=CLIPS)
def path(request, folder):
    return CLIPS[request.param](folder)


@pytest.mark.parametrize("part", [{}, {"start": 0.04}], ids=["all", "a part"])
def test_probe_and_load_agree_and_the_rate_is_frames_by_seconds(path, part):
    info = loaders.probe(path, modality="video", **part)
    video = loaders.load(path, modality="video", **part)
    assert info.frames == len(video.frames)
    assert info.fps * info.duration == pytest.approx(info.frames, rel=1e-9)
    assert video.info == info
    assert np.all(np.diff(video.timestamps) >= 0)
    assert video.timestamps[-1] < info.duration


STOPS = ("VP9 without its key frames", "HEVC with a damaged frame")
"""PyAV's `decode` stops at what it cannot decode."""


@pytest.mark.parametrize(
    "name", [n for n in CLIPS if n not in STOPS and not any(p in n for p in ("GIF", "WebP", "PNG"))]
)
def test_a_frame_is_what_ffmpeg_decodes(folder, name):
    """For MPEG-4's lost key frame it gives a gray one, which no camera took."""
    path, gray = CLIPS[name](folder), name == "MPEG-4 from the middle"
    assert loaders.probe(path).frames == decoded(path)[0] - gray


def test_frames_of_an_avi_are_numbered_and_timed_in_the_order_in_which_they_are_shown(folder):
    times = loaders.load(CLIPS["AVI with B-frames"](folder)).timestamps
    assert times == pytest.approx(np.arange(40) / 30)


def test_hidden_frames_are_no_gaps_in_time(folder):
    """Frames 5, 15, ... of 60 are hidden: 54 frames are left; nothing is odd but the six gaps."""
    info = loaders.probe(vp8_with_hidden_frames(folder))
    assert (info.frames, info.fps) == (54, 27.0)


def test_what_a_decoder_drops_at_the_start_is_told(folder):
    """Packets 4 to 9 and the open group's leading pictures refer to the key frame that is gone."""
    probed = loaders.examine(CLIPS["H.264 without its key frame"](folder))
    assert probed.notes[0].endswith(
        "packets before the first whole frame not counted: what they refer to is not in the file"
    )


def test_a_damaged_frame_is_told_and_not_counted(folder):
    probed = loaders.examine(hevc_with_a_damaged_frame(folder))
    assert probed.info.frames == 29
    assert probed.notes[0] == "1 damaged or cut-off packet not counted"


def test_a_clip_without_any_key_frame_has_no_frames(folder):
    whole = clip(folder / "one-group.webm", codec="libvpx", encoder={"g": "100"})
    path = remuxed(whole, folder / "none.webm", lambda i, data: data if i else None)
    with pytest.raises(SourceError) as refused:
        loaders.examine(path)
    assert str(refused.value) == (
        f"{path}: a video track without a frame: none of its packets is a key frame to begin with"
    )


def test_frames_at_one_time_have_the_rate_of_the_header(folder):
    probed = loaders.examine(at_one_time(folder))
    assert probed.info.frames == 30
    assert probed.notes[0].startswith("all frames have one time stamp: ")


def test_one_long_gap_makes_the_average_and_is_told(folder):
    """16 frames, 8.5 s of nothing, 16 frames at 30 a second: 32 frames in 9.495 + 0.033 s."""
    probed = loaders.examine(CLIPS["a screen recording"](folder))
    assert probed.info.fps == pytest.approx(32 / 9.528, rel=1e-3)
    assert probed.notes == (
        "1 gap between frames that are 30 a second elsewhere: 3.357 a second on average, which is"
        " what rules go by",
    )


class Packet(bytes):
    pts, is_keyframe = 0, True


@pytest.mark.parametrize(
    ("codec", "data", "frames"),
    [
        ("vp8", bytes([0x10]), 1),  # a key frame with the show bit
        ("vp8", bytes([0x00]), 0),
        ("vp9", bytes([0b10_00_0_0_1_0]), 1),  # a key frame that is shown
        ("vp9", bytes([0b10_00_0_0_0_0]), 0),
        ("vp9", bytes([0b10_11_0_0_0_1]), 1),  # profile 3 has a bit between
        ("vp9", bytes([0b10_11_0_0_0_0]), 0),
        # a hidden key frame of 2 bytes and one of 1 that shows a stored frame, then their index
        ("vp9", bytes([0b10_00_0_0_0_0, 0, 0b10_00_1_000, 0xC1, 2, 1, 0xC1]), 1),
        ("av1", bytes([0x12, 0, 0x32, 1, 0b0_00_1_0000]), 1),  # a delimiter, then a shown key frame
        ("av1", bytes([0x12, 0, 0x32, 1, 0b0_00_0_0000]), 0),
        ("av1", bytes([0x32, 1, 0, 0x1A, 1, 0b1_000_0000]), 1),  # hidden, then shown by its number
        ("h264", bytes([0, 0, 0, 1, 9, 0x10]), 0),  # a delimiter and no picture
        ("h264", bytes([0, 0, 0, 1, 0x65, 0x88]), 1),
    ],
)
def test_the_first_bits_tell_what_is_shown(codec, data, frames):
    assert Showing(codec, None).frames(Packet(data)) == frames


def test_a_strict_look_finds_the_damage_that_the_index_of_an_mp4_does_not_tell(folder):
    """The fifth of 30 key frames of H.264 says that its first part is longer than all of it."""
    path = clip(folder / "plain.mp4", encoder={"g": "1", "bf": "0"})
    with av.open(str(path)) as container:
        at = [packet.pos for packet in container.demux(video=0) if packet.size][5]
    data = bytearray(path.read_bytes())
    data[at] = 0x7F
    damaged = folder / "plain-damaged.mp4"
    damaged.write_bytes(bytes(data))
    assert loaders.probe(damaged).frames == 30
    assert len(loaders.load(damaged).frames) == 29
    with pytest.raises(SourceError) as refused:
        loaders.examine(damaged, strict=True)
    assert str(refused.value) == f"{damaged}: 1 damaged or cut-off packet not counted"


def test_damage_that_leaves_all_lengths_whole_is_seen_in_the_pixels_alone(folder):
    """A byte in the middle of the sixth of 30 key frames is another: no count reads that far."""
    path = clip(folder / "bits.mp4", encoder={"g": "1", "bf": "0"})
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        at = packets[5].pos + packets[5].size // 2
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    damaged = folder / "bits-damaged.mp4"
    damaged.write_bytes(bytes(data))
    strict = loaders.examine(damaged, strict=True)
    assert (strict.info, strict.notes) == (loaders.probe(path), ())
    differs = loaders.load(path).frames != loaders.load(damaged).frames
    assert differs[5].any()
    assert not differs[[*range(5), *range(6, 30)]].any()


def test_a_part_that_reaches_out_of_its_packet_is_damage():
    """The configuration says 4 bytes of length; the second unit says 9 bytes and has 1."""
    avc = bytes([1, 100, 0, 30, 0xFF])
    good = struct.pack(">I", 3) + b"\x65\x88\x80"
    showing = Showing("h264", avc)
    assert showing.frames(Packet(good)) == 1
    assert showing.frames(Packet(good + struct.pack(">I", 9) + b"\x41")) == 0
    assert showing.damaged == 1
    assert Showing("h264", avc, indexed=True).frames(Packet(good + b"\0\0\0\x09\x41")) == 1

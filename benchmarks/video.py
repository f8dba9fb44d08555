"""Clips and sound: headers, counts, sampled frames encoded, log-mel of ten minutes.

The peers are transformers' video processor on decoded frames, and qwen_vl_utils before it, with the
reader it finds (torchcodec or decord). Memory is the largest a process of its own comes to.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np

import multitok
from measure import Row, best, row, skipped
from multitok.core.media import Audio
from multitok.core.sequence import TokenSequence
from multitok.loaders.clips.video import frames as multitok_frames
from multitok.modalities.audio.log_mel import LogMelTokenizer

SECONDS, FPS, SIZE = 30, 30, (1920, 1080)
TEN_MINUTES = 600 * 16_000


def rows() -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        path = clip(Path(folder) / "clip.mp4")
        yield header(path)
        yield count(path)
        yield memory_of_a_count(path)
        yield from encoded(path)
        yield from other_codecs(Path(folder))
    yield log_mel()


def clip(path: Path) -> Path:
    """Thirty seconds of moving soft noise, H.264, as a camera writes it."""
    noise = np.random.default_rng(0).integers(0, 256, (140, 260, 3), np.uint8)
    from PIL import Image as Pillow

    wide = np.asarray(Pillow.fromarray(noise).resize((260 * 8, 140 * 8), Pillow.Resampling.BICUBIC))
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "34"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        for i in range(SECONDS * FPS):
            x, y = i % 150, i % 30
            view = np.ascontiguousarray(wide[y : y + SIZE[1], x : x + SIZE[0]])
            frame = av.VideoFrame.from_ndarray(view, format="rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode())
    return path


def header(path: Path) -> Row:
    """Size, frames, rate and sound of an mp4."""
    work, faster = "probe of a 30 s 1080p mp4, frames counted", 4
    asked, name = header_command(path)
    if not asked:
        return skipped(work, f"{faster} times faster", "neither ffprobe nor ffmpeg is installed")
    ours, peer = best(
        lambda: multitok.probe(path), lambda: subprocess.run(asked, capture_output=True, check=True)
    )
    return row(work, ours=ours, peer=peer, against=name, faster=faster)


def header_command(path: Path) -> tuple[list[str], str]:
    """ffprobe that counts packets; where only ffmpeg is installed, its copy to nowhere, which reads
    the same bytes."""
    if command := shutil.which("ffprobe"):
        words = ["-v", "error", "-count_packets", "-show_streams", "-of", "json", str(path)]
        return [command, *words], "ffprobe, a process"
    if find_spec("imageio_ffmpeg"):
        import imageio_ffmpeg

        command = imageio_ffmpeg.get_ffmpeg_exe()
        words = ["-v", "error", "-i", str(path), "-c", "copy", "-f", "null", "-"]
        return [command, *words], "ffmpeg, a process (no ffprobe here)"
    return [], ""


VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"
AV1 = "-c:v libaom-av1 -usage realtime -cpu-used 8"
CODECS = (
    ("HEVC and AAC, .mov", "phone.mov", "-c:v libx265 -preset ultrafast -tag:v hvc1 -c:a aac"),
    ("VP9 and AAC, .mp4", "vp9.mp4", f"{VP9} -c:a aac"),
    ("AV1 and AAC, .mp4", "av1.mp4", f"{AV1} -c:a aac"),
    ("VP9 and Opus, .webm, which has no table of samples", "clip.webm", f"{VP9} -c:a libopus"),
    ("AV1 and Opus, .mkv, which has no table of samples", "clip.mkv", f"{AV1} -c:a libopus"),
)


def other_codecs(folder: Path) -> Iterator[Row]:
    """Clips of which each packet is looked at, or its head, from path to tokens, against a count of
    packets."""
    for name, file, words in CODECS:
        work, faster, path = f"count of a 30 s clip, {name}", 10, folder / file
        asked, against = header_command(path)
        if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
            yield skipped(work, f"{faster} times faster", "ffmpeg and ffprobe are not installed")
            continue
        source = f"testsrc2=s=640x360:r={FPS}:d={SECONDS}"
        inputs = ["-f", "lavfi", "-i", source, "-f", "lavfi", "-i", f"sine=d={SECONDS}"]
        made = ["ffmpeg", "-v", "quiet", *inputs, *words.split(), "-b:v", "1M", str(path)]
        subprocess.run(made, check=True, stderr=subprocess.DEVNULL)
        ours, peer = best(
            lambda path=path: multitok.count(path, model="gemini-2.5-flash"),
            lambda asked=asked: subprocess.run(asked, capture_output=True, check=True),
            3.0,
        )
        yield row(work, ours=ours, peer=peer, against=f"{against}, -count_packets", faster=faster)


def peers_missing() -> str:
    """What the peers of the video rows lack here, in words; empty where nothing is missing."""
    wanted = ("transformers", "torchvision", "qwen_vl_utils")
    missing = [name for name in wanted if find_spec(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed"
    if not any(find_spec(name) for name in ("torchcodec", "decord")):
        return "qwen_vl_utils finds no reader: neither torchcodec nor decord is installed"
    return ""


def video_processor() -> Any:
    from transformers import Qwen2VLVideoProcessor

    return Qwen2VLVideoProcessor(cap_pixels_per_frame=False)


def fetched(path: Path) -> Any:
    """What qwen_vl_utils makes of the clip: sampled, resized frames as a tensor."""
    from qwen_vl_utils.vision_process import fetch_video

    return fetch_video({"video": str(path), "fps": 1.0})


def encoded_by_the_peers(path: Path) -> Any:
    return video_processor()(
        videos=[fetched(path)], do_resize=False, do_sample_frames=False, return_tensors="np"
    )


def reader() -> str:
    from qwen_vl_utils.vision_process import get_video_reader_backend

    return f"qwen_vl_utils ({get_video_reader_backend()}) and transformers"


def count(path: Path) -> Row:
    work, faster = "count of a 30 s 1080p mp4 for Qwen2.5-VL, from its path", 100
    if missing := peers_missing():
        return skipped(work, f"{faster} times faster", missing)
    processor = video_processor()
    frames = np.stack([frame.pixels for frame in multitok_frames(path, 1.0)])
    ours, peer = best(
        lambda: multitok.count(path, tokenizer="qwen-video", options={"fps": 1.0}),
        lambda: processor(videos=frames, do_sample_frames=False, return_tensors="np"),
    )
    against = "transformers' video processor on the decoded frames"
    return row(work, ours=ours, peer=peer, against=against, faster=faster)


PEAK = """
print(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
"""
OURS_COUNT = "import multitok; multitok.count({path!r}, tokenizer='qwen-video')" + PEAK
OURS = (
    """
import multitok
from multitok.loaders.clips.video import frames
info = multitok.probe({path!r})
rule = multitok.get_tokenizer("qwen-vl-utils-video", fps=1.0)
stream = frames({path!r}, rule.frame_indices(info))
rule.encode_frames(info, ((frame.time, frame.pixels) for frame in stream))
"""
    + PEAK
)
PEER = (
    """
import sys
sys.path.insert(0, {here!r})
import video
video.encoded_by_the_peers({path!r})
"""
    + PEAK
)


def peak(code: str, path: Path) -> int:
    """Megabytes a process that runs the code comes to."""
    text = code.format(path=str(path), here=str(Path(__file__).parent))
    child = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return int(child.stdout.split()[-1]) // 1024


def memory_of_a_count(path: Path) -> Row:
    used = peak(OURS_COUNT, path)
    return {
        "work": "memory of that count, a process whole", "ours": f"{used} MB", "peer": "",
        "ratio": "", "target": "under 100 MB", "ok": used < 100,
    }  # fmt: skip


def encoded(path: Path) -> Iterator[Row]:
    """A frame a second, decoded and made into patches; the same patches on both sides."""
    work = "a 30 s 1080p mp4 at 1 fps encoded for Qwen2.5-VL, from its path"
    if missing := peers_missing():
        yield skipped(work, "not slower", missing)
        return
    rule = multitok.get_tokenizer("qwen-vl-utils-video", fps=1.0)

    def ours() -> TokenSequence:
        info = multitok.probe(path)
        stream = multitok_frames(path, rule.frame_indices(info))
        return rule.encode_frames(info, ((frame.time, frame.pixels) for frame in stream))

    def peer() -> Any:
        return encoded_by_the_peers(path)

    off = np.abs(ours().inputs["pixel_values_videos"] - peer()["pixel_values_videos"])
    note = f"{np.mean(off > 1e-4):.3%} of the values differ, by {off.max():.3f} at most"
    mine, theirs = best(ours, peer, seconds=15.0)
    yield row(work, ours=mine, peer=theirs, against=reader(), faster=1, note=note)
    used, other = peak(OURS, path), peak(PEER, path)
    yield {
        "work": "memory of that, a process whole", "ours": f"{used} MB",
        "peer": f"{reader()}: {other} MB", "ratio": f"{used / other:.2f} of it",
        "target": "half of it", "ok": used <= other / 2,
    }  # fmt: skip


def log_mel() -> Row:
    work, faster = "log-mel of 10 minutes of sound, one thread", 3
    if find_spec("transformers") is None:
        return skipped(work, f"{faster} times faster", "transformers is not installed")
    import cv2
    import torch
    from transformers import WhisperFeatureExtractor

    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    wave = (np.random.default_rng(0).standard_normal(TEN_MINUTES) * 0.1).astype(np.float32)
    extractor, ours = WhisperFeatureExtractor(), LogMelTokenizer()
    sound = Audio(wave, 16_000)
    mine, theirs = best(
        lambda: ours.encode(sound),
        lambda: extractor(wave, sampling_rate=16_000, truncation=False, padding="longest"),
        seconds=3.0,
    )
    return row(work, ours=mine, peer=theirs, against="WhisperFeatureExtractor", faster=faster)


if __name__ == "__main__":
    for made in rows():
        print(made)

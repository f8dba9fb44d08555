"""The hosted rows about video and sound: what providers printed and what was measured, all hold."""

import csv
import re
from pathlib import Path

import pytest

from multitok.catalog.load import catalog
from multitok.core.info import AudioInfo, VideoInfo

GOLDEN = Path(__file__).parent.parent / "golden" / "api.csv"
KINDS = ("video", "video_frame", "audio", "audio_output")
ROWS = [
    row
    for row in csv.DictReader(GOLDEN.read_text("utf-8").splitlines())
    if row["modality"] in KINDS
]

MODELS = {
    "gemini-3.x": ["gemini-3-flash-preview", "gemini-3.8-flash", "gemini-4-argon"],
    "gemini-2.5": ["gemini-2.5-pro", "gemini-2.5-flash-lite"],
    "gemini-2.x": ["gemini-2.5-flash"],  # of 2.0 bills say otherwise: test_measured_rows
    "nova-lite/pro v1": ["nova-lite", "nova-pro"],
    "nova-premier / nova-lite-1.5 / nova-2-lite": ["nova-premier", "nova-lite-1.5", "nova-2-lite"],
    "gpt-realtime": ["gpt-realtime", "gpt-audio"],
}
RATE = 24_000


def edition(row):
    """Gemini 2.x has three pages with three figures: the row says which it was printed on."""
    if not row["model"].startswith("gemini-2") or not row["modality"].startswith("video"):
        return {}
    page = row["source"].split("gemini-api/docs/")[1].split()[0]
    return {"edition": page}


def cases():
    for row in ROWS:
        for model in MODELS[row["model"]]:
            yield pytest.param(row, model, id=f"{model}-{row['modality']}-{row['input']}")


@pytest.mark.parametrize(("row", "model"), list(cases()))
def test_row(row, model):
    options = dict(re.findall(r"(\w+)=(\w+)", row["input"])) | edition(row)
    seconds = float(re.match(r"[\d.]+", row["input"])[0])
    if row["modality"].startswith("audio"):
        if row["modality"] == "audio_output":
            options["direction"] = "output"
        info = AudioInfo(round(seconds * RATE), RATE)
        rule = catalog().model(model).rule("audio", options)
    else:  # a row for one frame is a clip of one second at the default 1 fps
        info = VideoInfo(1280, 720, frames=round(seconds * 25), fps=25, duration=seconds)
        rule = catalog().model(model).rule("video", options)
    parts, expected = rule.counter().breakdown(info), int(row["expected_tokens"])
    tokens = parts.get("frames", sum(parts.values()))  # a row about a clip tells of its frames
    if "approximate" in row["confidence"]:  # the page's figure lies within what is stated
        assert rule.kind in ("upper-bound", "estimate", "observed")
        assert rule.error is not None
        assert tokens <= expected <= tokens * rule.error[1]
    else:
        assert tokens == expected


def test_gemini_adds_its_sound_track():
    """10 s at 1 fps: 10 x 66, and 10 s of sound at 25 tokens a second."""
    sound = AudioInfo(480_000, 48_000, 2)
    clip = VideoInfo(1920, 1080, frames=300, fps=30, duration=10, audio=sound)
    counter = catalog().model("gemini-3-flash-preview").rule("video").counter()
    assert counter.breakdown(clip) == {"frames": 660, "audio": 250}


def test_a_higher_rate_costs_frames_and_no_sound():
    """The same clip at 5 fps: 50 x 66, and the sound as before."""
    sound = AudioInfo(480_000, 48_000, 2)
    clip = VideoInfo(1920, 1080, frames=300, fps=30, duration=10, audio=sound)
    counter = catalog().model("gemini-3-flash-preview").rule("video", {"fps": 5}).counter()
    assert counter.breakdown(clip) == {"frames": 3300, "audio": 250}


def test_a_runtime_is_chosen_before_its_rate_is_set():
    """4 s at 1 fps are 4 frames, two groups of 13 x 23 tokens, in each runtime."""
    clip = VideoInfo(640, 360, frames=100, fps=25)
    for runtime in ("transformers", "qwen_vl_utils", "vllm", "sglang"):
        options = {"fps": 1.0, "runtime": runtime}
        rule = catalog().model("Qwen/Qwen2.5-VL-7B-Instruct").rule("video", options)
        assert rule.counter().count(clip) == 2 * 13 * 23

"""What was billed for pictures, sounds, clips and pages of known size, held against the rules.

tests/golden/measured.csv is the data: the tokens of the medium alone, as the usage of a response
(or the API's own count) told them. An observed rule meets each; a documented one, and an endpoint
that counts its own way, lies within what the rule states.
"""

import csv
import re
from pathlib import Path

import pytest

from multitok.catalog.load import catalog
from multitok.core.info import AudioInfo, ImageInfo, VideoInfo
from multitok.core.media import Pdf, PdfPage

GOLDEN = Path(__file__).parent.parent / "golden" / "measured.csv"
ROWS = list(csv.DictReader(GOLDEN.read_text("utf-8").splitlines()))
PAGES = {"A4": (595.0, 842.0), "Letter": (612.0, 792.0)}
STAMP = 2
"""Tokens of a frame's time stamp, which Vertex AI does not write: 1.35 s of Gemini 2.0 were billed
258 and 260 on the Gemini API."""


def media(row):
    """The pictures, or the one sound, clip or page, of a row."""
    said = row["input"]
    if row["modality"] == "image":
        return [ImageInfo(int(w), int(h)) for w, h in re.findall(r"(\d+)x(\d+)", said)]
    if row["modality"] == "audio":
        seconds, rate = re.match(r"([\d.]+) s at (\d+) Hz", said).groups()
        return [AudioInfo(round(float(seconds) * int(rate)), int(rate))]
    if row["modality"] == "video":
        width, height, frames, seconds = re.match(
            r"(\d+)x(\d+), (\d+) frames, ([\d.]+) s", said
        ).groups()
        return [VideoInfo(int(width), int(height), int(frames), duration=float(seconds))]
    width_pt, height_pt = PAGES[said]
    return [Pdf(pages=(PdfPage(text="words", width_pt=width_pt, height_pt=height_pt),))]


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row['provider']}-{row['model']}-{row['input']}-{row['tokens']}"
)
def test_a_rule_gives_what_was_billed(row):
    rule = catalog().model(row["model"]).rule(row["modality"])
    counter = rule.counter()
    parts = [counter.breakdown(medium) for medium in media(row)]
    name = "frames" if row["modality"] == "video" else None
    tokens = sum(part[name] if name else sum(part.values()) for part in parts)
    billed = int(row["tokens"])
    own_way = rule.kind == "documented" or row["provider"] == "google-vertex"
    if row["modality"] in ("audio", "video") and own_way:
        low, high = rule.error or (1, 1)
        assert tokens * low <= billed <= tokens * high
    elif row["modality"] == "video":
        assert billed in (tokens, tokens + STAMP)
    else:
        assert tokens == billed


def test_every_observed_picture_rule_of_google_says_how_many_bills_met_it():
    for name in ("gemini-3-flash-preview", "gemini-2.5-flash", "gemini-2.0-flash"):
        rule = catalog().model(name).rule("image")
        assert rule.kind == "observed"
        assert rule.bills is not None


def test_a_sound_of_gemini_2_0_pays_whole_seconds_alone():
    """6.96 s are six seconds of 25, and half a second is one."""
    counter = catalog().model("gemini-2.0-flash").rule("audio").counter()
    assert counter.count(AudioInfo(111_360, 16_000)) == 150
    assert counter.count(AudioInfo(8_000, 16_000)) == 25


def test_a_silent_clip_pays_for_sound_in_gemini_2_5():
    """5 s: five frames of 263, and 160 for the sound that it has not."""
    clip = VideoInfo(640, 360, frames=120, duration=5.0)
    counter = catalog().model("gemini-2.5-flash").rule("video").counter()
    assert counter.breakdown(clip) == {"frames": 1315, "audio": 160}


def test_a_clip_of_gemini_3_pays_whole_seconds():
    """1.35 s: one frame of 64 and its time stamp."""
    clip = VideoInfo(1280, 720, frames=32, duration=1.35)
    counter = catalog().model("gemini-3-flash-preview").rule("video").counter()
    assert counter.breakdown(clip) == {"frames": 66}

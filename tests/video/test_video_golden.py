"""Every golden clip, through the rule that its family names: frames, sizes, tokens, words."""

import json
import tomllib
from pathlib import Path

import pytest

from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo

GOLDEN = Path(__file__).parent.parent / "golden"
FAMILIES = tomllib.loads((GOLDEN / "families.toml").read_text("utf-8"))
ROWS: dict[str, list[dict]] = {}
for line in (GOLDEN / "video.jsonl").read_text("utf-8").splitlines():
    row = json.loads(line)
    ROWS.setdefault(row["family"], []).append(row)

FROM_THE_ROW = {"nframes", "max_pixels", "total_pixels"}
NOT_GEOMETRY = {
    "video_tokens",
    "count_fn",
    "count_fn_patches",
    "count_fn_agrees",
    "embedding_output_shape",  # its last number is the width of the model
    "error",
}
"""Fields about the reference, and the counts, which are compared by themselves."""


def rule(row):
    """The family's rule; qwen_vl_utils' rows carry words of the request."""
    family = FAMILIES[row["family"]]
    family = family.get("video", family)
    assert family["modality"] == "video"
    request = {}
    if family["tokenizer"] == "qwen-vl-utils-video":
        request = {k: v for k, v in row["params"].items() if k in FROM_THE_ROW}
    return registry.build(family["tokenizer"], {**family["params"], **request})


def problems(row):
    """What differs from the row: an empty list when all agrees."""
    counter, expected = rule(row), row["expected"]
    info = VideoInfo(row["width"], row["height"], row["total_frames"], row["fps"])
    if "error" in expected:
        with pytest.raises(MediaError, match="the reference"):
            counter.count(info)
        return []
    breakdown = counter.breakdown(info)
    tokens = expected["tokens"] if "tokens" in expected else expected["video_tokens"]
    specials = {name: n for name, n in breakdown.items() if name != "video"}
    geometry = counter.geometry(info)
    pairs = [
        ("video", breakdown["video"], tokens),
        ("special", specials, expected.get("special_tokens", {})),
        ("count", counter.count(info), tokens + sum(specials.values())),
        ("text", sum(counter.literal_text(info).values()), geometry["num_literal_pieces"]),
    ]
    for key, value in expected.items():
        if key == "sample_fps":
            value = pytest.approx(value, abs=1e-6)
        if key not in NOT_GEOMETRY:
            pairs.append((key, geometry.get(key), value))
    return [f"{info}: {what}: {got}, not {want}" for what, got, want in pairs if got != want]


@pytest.mark.parametrize("family", ROWS)
def test_every_row_of_the_family(family):
    assert [problem for row in ROWS[family] for problem in problems(row)] == []


def test_a_row_is_compared_in_full():
    """The walk looks at every field but the named few: a row with a changed field fails."""
    row = json.loads(json.dumps(ROWS["qwen3-vl/cap=False"][0]))
    row["expected"]["literal_text_first"][2] = "<2.4 seconds>"
    assert len(problems(row)) == 1


def test_a_crop_is_a_note():
    """640 x 360 at a short side of 224 is 398 x 224: the middle 224 of 398 px is 56 %."""
    counter = registry.build("tubelet", {})
    assert counter.notes(VideoInfo(640, 360, frames=100, fps=25)) == [
        "center crop drops 44% of each frame"
    ]
    assert counter.notes(VideoInfo(360, 360, frames=100, fps=25)) == []

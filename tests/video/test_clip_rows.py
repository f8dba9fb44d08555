"""Clips of models whose processors were run without weights: frames and tokens of their rows."""

import csv
from itertools import groupby
from pathlib import Path

import pytest

import multitok
from multitok import VideoInfo
from multitok.core.errors import MediaError
from multitok.modalities.video import sampling

with (Path(__file__).parent.parent / "golden" / "clips.csv").open(encoding="utf-8") as file:
    GOLDEN = {
        key: list(rows)
        for key, rows in groupby(
            csv.DictReader(file), lambda row: (row["model"], row["option"], row["value"])
        )
    }
SECOND = VideoInfo(640, 360, frames=30, fps=30)


def info(row):
    sides = (int(row[name]) for name in ("width", "height", "frames"))
    return VideoInfo(*sides, fps=float(row["fps"]))


@pytest.mark.parametrize("asked", GOLDEN, ids=" ".join)
def test_the_row_counts_as_the_published_processor_wrote(asked):
    """Which frames, and all tokens but plain text; what it refuses is refused here."""
    model, option, value = asked
    options = {option: float(value) if "." in value else int(value)} if option else {}
    rule = multitok.tokenizer_for_model(model, "video", options=options)
    for row in GOLDEN[asked]:
        clip = info(row)
        if not row["tokens"]:
            with pytest.raises(MediaError, match="the reference"):
                rule.count(clip)
            continue
        chosen, text = rule.frame_indices(clip), rule.breakdown(clip).get("timestamps", 0)
        found = len(chosen), sum(chosen), rule.count(clip) - text
        assert found == tuple(int(row[k]) for k in ("sampled", "index_sum", "tokens")), clip


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        # 30 frames, 15 groups; 640 x 360 rounds to 644 x 364: 23 x 13 cells of 28 px
        ("baidu/ERNIE-4.5-VL-28B-A3B-PT", {"video": 15 * 23 * 13}),
        # one frame, a group of it twice; the same cells, a mark on either side
        (
            "MiniMaxAI/MiniMax-M3",
            {"video": 23 * 13, "]<]start of image[>[": 1, "]<]end of image[>[": 1},
        ),
        # as many frames as they take, whatever the clip; patches and a class token, or queries
        ("LanguageBind/Video-LLaVA-7B-hf", {"video": 8 * (16 * 16 + 1)}),
        ("Salesforce/instructblip-vicuna-7b", {"video": 4 * 32}),
        ("google/videoprism-base-f16r288", {"video": 16 * (288 // 18) ** 2}),
    ],
)
def test_a_second_by_hand(model, parts):
    assert multitok.tokenizer_for_model(model, "video").breakdown(SECOND) == parts


def test_a_frame_of_minicpm_is_a_picture_of_it():
    """Four seconds: four times the picture, and the ends of the lines between its slices."""
    clip, model = VideoInfo(1280, 1800, frames=100, fps=25), "openbmb/MiniCPM-V-4.6"
    picture = multitok.tokenizer_for_model(model, "image")
    video = multitok.tokenizer_for_model(model, "video")
    size = multitok.ImageInfo(1280, 1800)
    assert picture.literal_text(size)["\n"] > 0
    assert video.count(clip) == 4 * picture.count(size)
    assert video.literal_text(clip) == {k: 4 * n for k, n in picture.literal_text(size).items()}


def test_a_time_of_minimax_is_that_of_the_first_frame_of_its_group():
    """A frame a second of 25: the first, third and fifth are at 0, 2 and 4 s."""
    rule = multitok.tokenizer_for_model("MiniMaxAI/MiniMax-M3", "video")
    clip = VideoInfo(640, 360, frames=150, fps=25)
    assert rule.geometry(clip)["literal_text"] == [
        f"]<]{second}.0 seconds[>[" for second in (0, 2, 4)
    ]


def test_a_time_of_nemotron_is_of_whole_milliseconds():
    """A frame of 30 a second lasts 33 of them: the thirtieth after the first is at 0.99 s."""
    rule = multitok.get_tokenizer("nemotron-video", fps=2.0)
    assert rule.geometry(VideoInfo(640, 360, frames=60, fps=30))["literal_text"] == [
        "Frame 1 sampled at 0.00 seconds and frame 2 sampled at 0.49 seconds: ",
        "\nFrame 3 sampled at 0.99 seconds and frame 4 sampled at 1.49 seconds: ",
    ]


def test_four_groups_of_minimax_are_a_segment():
    """Nine frames are five groups: a segment of four and one of one, of one grid otherwise."""
    rule = multitok.get_tokenizer("minimax-video", fps=9.0, max_pixels=7840)
    tokens = rule.encode(multitok.load("samples/clip.mp4", end=1.0))
    grids = tokens.inputs["video_grid_thw"].tolist()
    assert [grid[0] for grid in grids] == [4, 1]
    assert rule.decode(tokens).frames.shape[0] == 9


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"num_frames": 20}, "the rule samples 20 frames and the clip has 10"),
        ({"num_frames": 2}, "the rule samples 2 frames and the clip has 10"),
    ],
)
def test_frames_that_the_reference_does_not_take_are_refused(words, message):
    with pytest.raises(MediaError, match=message):
        sampling.between(10, 5.0, fps=None, min_frames=4, max_frames=180, **words)

"""Open rows for clips: what runs them, and the words people ask with."""

import pytest

from multitok import MediaError, UnknownNameError, VideoInfo, count
from multitok.counting.rules import tokenizer_for_model

QWEN25, QWEN3 = "Qwen/Qwen2.5-VL-7B-Instruct", "Qwen/Qwen3-VL-8B-Instruct"
MINUTE = VideoInfo(1280, 720, frames=1800, fps=30)


def tokens(model, clip=MINUTE, **options):
    return count(clip, model=model, options=options).tokens


def refusal(kind, **options):
    with pytest.raises(kind) as raised:
        tokens(QWEN25, **options)
    return str(raised.value)


# a frame of 720p is 26 x 46 = 1,196 tokens of 28 px, two frames a group


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 900 * 1_196),  # transformers takes all 1,800 frames
        ({"runtime": "transformers"}, 900 * 1_196),
        ({"fps": 2}, 60 * 1_196),
        ({"num_frames": 16}, 8 * 1_196),
        ({"runtime": "vllm"}, 60 * 1_196),
        ({"runtime": "vllm-0.23"}, 16 * 1_196),  # 32 frames
        ({"runtime": "sglang"}, 60 * 720),  # 20 x 36: at most 768 tokens a frame
        ({"runtime": "qwen_vl_utils"}, 60 * 720),
    ],
)
def test_what_runs_qwen_2_5_decides_its_frames(options, expected):
    assert tokens(QWEN25, **options) == expected


def test_a_server_s_number_is_that_of_its_32_frames():
    """vllm-project/vllm 11657: 43,698 for 5 s of 1080p: 640 of text, vision start and end,
    and 16 groups of 39 x 69 = 2,691."""
    clip = VideoInfo(1920, 1080, frames=150, fps=30)
    shown = tokens("Qwen/Qwen2-VL-7B-Instruct", clip, runtime="vllm-0.23")
    assert shown == 16 * 2_691 == 43_698 - 640 - 2


def test_the_default_says_what_others_make_of_the_clip():
    notes = count(MINUTE, model=QWEN25).notes
    assert notes[-1] == (
        "71,760 under its frames and limits: runtime=vllm; 19,136 under its frames and limits:"
        " runtime=vllm-0.23; 43,200 under its frames and limits: runtime=sglang or qwen_vl_utils"
    )
    assert "transformers takes every frame unless fps or num_frames is given" in notes


def test_vllm_loads_32_frames_from_the_first_to_the_last_where_a_model_has_no_loader():
    """InternVL: 32 frames of 256 tokens, two marks each, and their labels: 4 tokens for `Frame1: `,
    5 after a line end, 6 from `Frame10: ` on."""
    rule = tokenizer_for_model("OpenGVLab/InternVL3-8B-hf", "video", options={"runtime": "vllm"})
    assert rule.frame_indices(MINUTE)[:3] == (0, 58, 116)
    assert rule.frame_indices(MINUTE)[-1] == 1799
    labels = 4 + 8 * 5 + 23 * 6
    assert rule.count(MINUTE) == 32 * 258 + labels


def test_a_clip_of_fewer_frames_is_taken_whole_by_vllm():
    short = VideoInfo(640, 360, frames=10, fps=10)
    with pytest.raises(MediaError, match="the rule samples 32 frames and the clip has 10"):
        tokens("google/gemma-4-E2B-it", short)
    found = count(short, model="google/gemma-4-E2B-it", options={"runtime": "vllm"})
    assert found.parts["<start_of_image>"] == 10


@pytest.mark.parametrize("model", [QWEN3, "Qwen/Qwen3.5-9B"])
def test_qwen_3_by_qwen_vl_utils_has_its_stamps_too(model):
    parts = count(MINUTE, model=model, options={"runtime": "qwen_vl_utils"}).parts
    assert parts["timestamps"] == 410
    assert parts["<|vision_start|>"] == 60


def test_sglang_s_number_for_qwen_3_is_that_of_frames_resized_twice():
    """sgl-project/sglang 13805: 4,692 for 16 frames of 756 x 756, 27 x 28 px, which become 24 x 32:
    8 groups of 578, 8 stamps of 6, and 20 of the chat template and the question."""
    clip = VideoInfo(756, 756, frames=240, fps=30)
    assert tokens(QWEN3, clip, runtime="sglang") == 8 * 578 + 8 * 6 == 4_692 - 20


def test_sglang_shrinks_a_frame_before_the_processor_does():
    """1280 x 720 within 602,112 px is 1008 x 560, then 32 x 18 cells of 32 px (560 / 32 = 17.5)."""
    ten = VideoInfo(1280, 720, frames=300, fps=30)
    assert tokens(QWEN3, ten, runtime="sglang") == 10 * (18 * 32 + 2) + 10 * 6


# the words of requests


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        (QWEN25, {"fps": 1}, 30 * 1_196),
        (QWEN25, {"fps": 2, "max_frames": 32}, 16 * 1_196),
        (QWEN25, {"fps": 0.01, "min_frames": 8}, 4 * 1_196),
        (QWEN25, {"fps": 1, "max_pixels": 200_704}, 30 * 12 * 21),  # 256 tokens at most
        (QWEN25, {"fps": 1, "min_pixels": 2_007_040}, 30 * 38 * 68),  # 2,560 tokens at least
        (QWEN3, {"num_frames": 10}, 5 * (22 * 40 + 2) + 6 + 4 * 7),
        (QWEN3, {"max_pixels": 1_048_576, "num_frames": 8}, 4 * (8 * 15 + 2) + 27),
        (QWEN3, {"runtime": "qwen_vl_utils", "total_pixels": 4_000_000}, 60 * (8 * 15 + 2) + 410),
        ("llava-hf/llava-onevision-qwen2-7b-ov-hf", {"num_frames": 16}, 16 * 196 + 1),
        ("llava-hf/llava-onevision-qwen2-7b-ov-hf", {"fps": 1}, 60 * 196 + 1),
        ("OpenGVLab/InternVL3-8B-hf", {"num_frames": 1}, 258 + 4),
        ("google/gemma-4-E2B-it", {"num_frames": 1, "max_soft_tokens": 140}, 8 * 15 + 2 + 6),
    ],
)
def test_a_word_of_a_request_reaches_the_rule(model, options, expected):
    assert tokens(model, **options) == expected


def test_cap_pixels_per_frame_shares_the_budget_among_the_frames():
    """At 30 fps of 60 s 768 frames are sampled: 128,000 x 0.9 tokens in 384 groups are 300 each."""
    free = tokens(QWEN25, fps=30)
    capped = tokens(QWEN25, fps=30, cap_pixels_per_frame=True)
    assert free == 384 * 1_196
    assert capped == 384 * 12 * 23


def test_the_old_word_says_what_to_type():
    assert refusal(UnknownNameError, pipeline="qwen_vl_utils") == (
        "option 'pipeline' of model 'Qwen/Qwen2.5-VL-7B-Instruct' is called 'runtime' now."
        " Type runtime=qwen_vl_utils"
    )


def test_a_word_that_the_runtime_does_not_take_is_refused():
    assert refusal(UnknownNameError, total_pixels=1_000_000) == (
        "option 'total_pixels' of model 'Qwen/Qwen2.5-VL-7B-Instruct' does not go with the others:"
        " they count by qwen-video. It takes: longest_edge, shortest_edge, num_frames, min_frames,"
        " max_frames, min_pixels, max_pixels, fps"
    )

"""The text between frames is counted in the tokens of a vocabulary, and stands in the layout."""

import numpy as np
import pytest

from multitok import VideoInfo, count, probe
from multitok.catalog.load import catalog
from multitok.core import registry
from multitok.core.media import Video
from multitok.modalities.video.timestamps import clock, day_clock, text_tokens

CHAT_FRAME = 11
"""Tokens of Qwen3-VL's chat template around a clip and its question, as the server was asked."""


@pytest.mark.parametrize(
    ("width", "height", "seconds", "served"),
    [
        (1280, 720, 20, 12_061),
        (1280, 720, 60, 11_941),
        (1280, 720, 90, 11_611),
        (1920, 1080, 1, 4_107),
    ],
)
def test_a_live_server_s_prompt_tokens_are_met(width, height, seconds, served):
    """llm-d/llm-d-router 2600: what a vLLM server with Qwen3-VL reported as usage.prompt_tokens."""
    clip = VideoInfo(width, height, frames=30 * seconds, fps=30)
    counted = count(clip, model="Qwen/Qwen3-VL-8B-Instruct")
    assert (counted.tokens + CHAT_FRAME, counted.kind) == (served, "exact")


def test_gemma_4_meets_what_was_reported_of_it():
    """vllm-project/vllm 46988: 2,399 = 32 frames of 66 and two marks, the first time 6 tokens, each
    other one 7 with the space before it: 32 x 68 + 6 + 31 x 7."""
    clip = VideoInfo(1920, 1080, frames=300, fps=30)
    assert count(clip, model="google/gemma-4-26B-A4B-it").tokens == 2_399


@pytest.mark.parametrize(
    ("vocabulary", "text", "tokens"),
    [
        ("qwen", "<2.4 seconds>", 6),  # < 2 . 4 _seconds >
        ("qwen", "<123.5 seconds>", 8),
        ("qwen", "\nFrame12: ", 6),  # line end, Frame, 1, 2, colon, space
        ("qwen", " 12.5 ", 6),
        ("olmo", " 12.5 ", 5),  # 12 is one token
        ("gemma", " 00:01 ", 7),
        ("kimi", "00:01:02.500", 7),  # 00 : 01 : 02 . 500
        ("glm", "12.0 seconds", 4),
        ("glm", "150", 1),  # GLM has 150 whole, and cuts 219 in two
        ("glm", "219", 2),
        ("glm", "1500", 2),  # 150, 0
        ("smollm", "\nFrame from 00:01:", 10),
        ("smollm", "\n\n", 1),
    ],
)
def test_a_text_is_cut_as_the_vocabulary_cuts_it(vocabulary, text, tokens):
    assert text_tokens(text, vocabulary) == tokens


ENGINES = {
    "qwen": ("qwen3", lambda tenth: f"<{tenth / 10:.1f} seconds>"),
    "gemma": ("gemma4", lambda tenth: f" {clock(tenth / 10)} "),
    "glm": ("glm4", lambda tenth: f"{tenth / 10:.1f} seconds"),
    "kimi": ("kimi_k2", lambda tenth: day_clock(tenth / 7)),
    "olmo": ("olmo2", lambda tenth: f" {tenth / 10:.1f} "),
}


@pytest.mark.parametrize("vocabulary", ENGINES)
def test_every_stamp_of_an_hour_is_what_the_published_vocabulary_makes_of_it(vocabulary):
    splintr = pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    engine, stamp = ENGINES[vocabulary]
    published = splintr.Tokenizer.from_pretrained(engine)
    stamps = [stamp(tenth) for tenth in range(36_000)]
    off = [s for s in stamps if text_tokens(s, vocabulary) != len(published.encode_ordinary(s))]
    assert off == []


def test_the_sentence_of_smolvlm_is_31_tokens():
    """13 to " a", the clock with its space 8, " [H:MM:SS]" 7, " video", full stop, line end:
    as SmolLM2's vocabulary cuts it."""
    sentence = (
        "You are provided the following series of sixty-four frames from a 0:01:04 [H:MM:SS]"
        " video.\n"
    )
    assert text_tokens(sentence, "smollm") == 31


STAMPED = [
    ("Qwen/Qwen3-VL-8B-Instruct", 6 + 6),  # <0.3 seconds>, <1.6 seconds>
    ("Qwen/Qwen3.5-9B", 6 + 6),
    ("zai-org/GLM-4.1V-9B-Thinking", 1 + 1),  # 0, 1
    ("moonshotai/Kimi-K2.5", 7 + 1),  # 00:00:00.000 and video
    ("OpenGVLab/InternVL3-8B-hf", 4 + 7 * 5),  # eight labels, all but the first after a line end
    ("allenai/Molmo2-8B", 4 + 3 * 5),  # "0.0 ", " 0.5 ", ...
    ("allenai/Molmo2-O-7B", 4 + 3 * 5),
    ("HuggingFaceTB/SmolVLM2-2.2B-Instruct", 29 + 2 * 10 + 1),
]


@pytest.mark.parametrize(("model", "tokens"), STAMPED, ids=[model for model, _ in STAMPED])
def test_each_family_counts_its_text_and_names_it(model, tokens):
    """Two seconds of 30 frames each."""
    counted = count(VideoInfo(640, 360, frames=60, fps=30), model=model)
    assert counted.parts["timestamps"] == tokens
    assert not [note for note in counted.notes if "not counted" in note]


def test_stamps_are_in_the_layout_and_carry_no_picture():
    """Two groups of two frames, each after 6 tokens of its time."""
    rule = registry.build("qwen3-video", {"vocabulary": "qwen", "max_pixels": 20_000})
    clip = Video(np.zeros((60, 64, 64, 3), np.uint8), np.arange(60) / 30, 30.0, 2.0)
    tokens = rule.encode(clip)
    names = tokens.placeholders()
    cells = len(names) // 2 - 8
    group = ["<|vision_start|>", *["<|video_pad|>"] * cells, "<|vision_end|>"]
    assert names == [*["<0.3 seconds>"] * 6, *group, *["<1.6 seconds>"] * 6, *group]
    assert tokens.special.tolist() == [name != "<|video_pad|>" for name in names]
    assert len(tokens) == rule.count(clip.info)


def test_text_that_is_left_out_makes_the_number_an_estimate():
    clip = VideoInfo(640, 360, frames=60, fps=30)
    counted = count(clip, tokenizer="qwen3-video")
    assert counted.kind == "estimate"
    assert counted.notes[-1] == (
        "plus the text '<0.3 seconds>' x 1, '<1.6 seconds>' x 1 around the placeholders, not"
        " counted here"
    )


def test_no_row_with_a_clip_leaves_text_out():
    """Every open row that writes text between frames says in which vocabulary, or the model's own
    rule of text counts it."""
    clip = VideoInfo(640, 360, frames=3000, fps=30)
    rules = {m.id: m.rules["video"].counter() for m in catalog().models() if "video" in m.rules}
    written = [name for name, rule in rules.items() if rule.literal_text(clip)]
    assert [name for name in written if "text" not in count(clip, model=name).parts] == []


def test_a_clip_of_the_samples_by_name():
    info = probe("samples/clip.mp4")
    assert count(info, model="Qwen/Qwen3-VL-8B-Instruct").parts["timestamps"] == 4 * 6

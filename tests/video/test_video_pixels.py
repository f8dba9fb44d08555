"""What the encoders are fed: the reference's own values and order, for every family."""

import json
from pathlib import Path

import numpy as np
import pytest

from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.media import Video
from multitok.modalities.image.antialias import resize
from multitok.modalities.video.tubelet import TubeletTokenizer

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "video_pixels.json").read_text())
ONE_LEVEL = 2 / 255
"""Of Molmo2's frames, which two libraries interpolate in float and round."""


def stripes(frames, height, width):
    """Hard edges everywhere."""
    f, y, x = np.indices((frames, height, width))
    colors = [(3 * x + 17 * f) % 256, (5 * y + 7 * f) % 256, (x + y + 31 * f) % 256]
    return np.stack(colors, -1).astype(np.uint8)


def smooth(frames, height, width):
    """Waves that drift by 3 px right and 5 px down a frame."""
    f, y, x = np.indices((frames, height, width)).astype(np.float64)
    x, y = x + 3 * f, y + 5 * f
    turns = [np.sin(x * 2 / 97 * np.pi), np.cos(y * 2 / 61 * np.pi), (x + 2 * y) * 2 / 151 * np.pi]
    waves = np.stack([turns[0], turns[1], np.sin(turns[2])], -1)
    return np.floor(0.5 + 127.5 + 127.5 * waves).clip(0, 255).astype(np.uint8)


def clip(pixels, fps=GOLDEN["fps"]):
    return Video(pixels, np.arange(len(pixels)) / fps, fps, len(pixels) / fps)


def inputs(tokenizer, made):
    """A sequence's inputs; tubelets as the reference has them: (1, frames, 3, height, width)."""
    if not isinstance(tokenizer, TubeletTokenizer):
        return made.inputs
    groups, rows, columns = tokenizer.grid
    boxes = made.values[~made.special].reshape(
        groups, rows, columns, tokenizer.depth, tokenizer.patch, tokenizer.patch, 3
    )
    frames = boxes.transpose(0, 3, 6, 1, 4, 2, 5)
    whole = frames.reshape(1, groups * tokenizer.depth, 3, tokenizer.crop, tokenizer.crop)
    return {"pixel_values": whole, "pixel_values_videos": whole}


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"{c['name']}-{c['pattern']}")
def test_values_and_their_order_are_the_references(case):
    tokenizer = registry.build(case["tokenizer"], case["params"])
    pixels = {"stripes": stripes, "smooth": smooth}[case["pattern"]](**case["clip"])
    made = inputs(tokenizer, tokenizer.encode(clip(pixels)))
    for name, wanted in case["inputs"].items():
        assert list(made[name].shape) == wanted["shape"]
        off = np.abs(made[name].ravel()[wanted["index"]] - wanted["values"]).max()
        resized = case["pattern"] == "smooth"
        assert off < (ONE_LEVEL + 1e-4 if case["name"] == "molmo2" and resized else 1e-4)


def test_a_resize_is_worked_out_by_hand():
    """4 px to 2, bilinear: the window is 4 px wide, (1/8, 3/8, 3/8, 1/8) and cut off at the edges.

    First pixel, (3, 3, 1)/7 of (0, 70, 140): 50. Second, (1, 3, 3)/7 of (70, 140, 210): 160.
    """
    line = np.repeat(np.array([[[0], [70], [140], [210]]], np.uint8), 3, axis=2)
    assert resize(line, 2, 1, "bilinear")[0, :, 0].tolist() == [50, 160]


def test_a_resize_of_a_constant_picture_is_constant():
    gray = np.full((31, 47, 3), 255, np.uint8)
    for resample in ("bilinear", "bicubic", "lanczos"):
        assert (resize(gray, 13, 89, resample) == 255).all()


FAMILIES = (
    ("qwen-video", {"fps": 1.5, "min_pixels": 784}),
    ("qwen3-video", {"num_frames": 5, "fps": None}),
    ("frame-patch", {"num_frames": 5}),
    ("pooled-frames", {"num_frames": 5, "size": 56, "patch": 14, "fill": "crop"}),
    ("smolvlm-video", {"fps": 2.0, "size": 48, "per_frame": 9}),
    ("molmo-video", {"size": 56}),
    ("gemma-video", {"num_frames": 5}),
    ("kimi-video", {"max_patches": 16}),
    ("tubelet", {"num_frames": 5, "short_side": 36, "crop": 32}),
)


@pytest.mark.parametrize(("name", "params"), FAMILIES)
def test_frames_that_come_one_by_one_give_the_same_tokens(name, params):
    """A clip of 7 frames, some sampled: streamed, its tokens equal those of the whole clip."""
    video = clip(stripes(7, 60, 80))
    tokenizer = registry.build(name, params)
    chosen = tokenizer.frame_indices(video)
    stream = ((video.timestamps[i], video.frames[i]) for i in chosen)
    assert tokenizer.encode_frames(video.info, stream) == tokenizer.encode(video)


def garbage(shape, dtype=np.float64, order="C"):
    """What np.empty may give: float32 values that warn as soon as they are used (signaling NaN)."""
    made = np.zeros(shape, dtype, order)
    made.ravel("K").view(np.uint8)[:] = np.resize([0xA0, 0xA0, 0xA0, 0x7F], made.nbytes)
    return made


@pytest.mark.parametrize("more", [-1, 1])
@pytest.mark.parametrize(("name", "params"), FAMILIES)
def test_a_stream_of_another_length_than_planned_is_refused(name, params, more, monkeypatch):
    """Before anything is worked out from the rows that no frame has filled."""
    monkeypatch.setattr(np, "empty", garbage)
    video = clip(stripes(7, 60, 80))
    tokenizer = registry.build(name, params)
    planned = len(tokenizer.frame_indices(video))
    stream = ((0.0, video.frames[0]) for _ in range(planned + more))
    came = "more" if more > 0 else planned - 1
    with pytest.raises(MediaError, match=rf"^{planned} frames were planned and {came} came$"):
        tokenizer.encode_frames(video.info, stream)


def test_groups_merge_frames_in_pairs_and_repeat_the_last():
    """5 frames in pairs: the third pair holds frame 4 twice."""
    video = clip(stripes(5, 56, 84))
    made = registry.build("qwen-video", {"fps": None, "min_pixels": 784}).encode(video)
    patches = made.inputs["pixel_values_videos"].reshape(3, -1, 3, 2, 14, 14)
    assert np.array_equal(patches[2, :, :, 0], patches[2, :, :, 1])
    assert not np.array_equal(patches[1, :, :, 0], patches[1, :, :, 1])
    assert made.positions[-1].tolist() == [2, 1, 2]


def test_tokens_around_a_frame_and_after_the_clip_have_no_place():
    """2 frames of 2 x 2 tokens between <img> and </img>, and a newline after the last."""
    rule = {"num_frames": 2, "size": 56, "patch": 14, "around": ("<img>", "</img>"), "newline": 1}
    made = registry.build("pooled-frames", rule).encode(clip(stripes(2, 60, 80)))
    frame = [True, False, False, False, False, True]
    assert made.special.tolist() == [*frame, *frame, True]
    assert made.positions[7].tolist() == [1, 0, 0]
    assert made.placeholders()[5:8] == ["</img>", "<img>", "<video>"]


def test_kimis_chunk_of_frames_shares_the_tokens_of_one():
    """6 frames of 2 x 3 patches: a chunk of 4 and one of 2; each 1 x 2 tokens, padding included."""
    rule = registry.build("kimi-video", {"fps": 2.0})
    made = rule.encode(clip(stripes(6, 28, 42)))
    assert made.inputs["video_grid_thw"].tolist() == [[4, 2, 4], [2, 2, 4]]
    assert len(made.inputs["pixel_values_videos"]) == 6 * 2 * 4
    assert rule.breakdown(made.info)["video"] == 4
    assert (rule.decode(made).frames[:, :, 42:] == 0).all()

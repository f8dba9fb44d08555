"""What the encoders are fed: the reference's own values and order, for frames of the right size."""

import json
from pathlib import Path

import numpy as np
import pytest

from multitok import registry
from multitok.media import Video
from multitok.modalities.video.tubelet import TubeletTokenizer

GOLDEN = json.loads((Path(__file__).parent.parent / "golden" / "video_pixels.json").read_text())


def clip(frames, height, width, fps=2.0):
    """The pattern of the golden file."""
    f, y, x = np.indices((frames, height, width))
    colors = [(3 * x + 17 * f) % 256, (5 * y + 7 * f) % 256, (x + y + 31 * f) % 256]
    pixels = np.stack(colors, -1).astype(np.uint8)
    return Video(pixels, np.arange(frames) / fps, fps, frames / fps)


def whole(tokenizer, made):
    """A tubelet sequence as the reference has its clip: (1, frames, 3, height, width)."""
    groups, rows, columns = tokenizer.grid
    boxes = made.values[int(tokenizer.class_token) :].reshape(
        groups, rows, columns, tokenizer.depth, tokenizer.patch, tokenizer.patch, 3
    )
    frames = boxes.transpose(0, 3, 6, 1, 4, 2, 5)
    return frames.reshape(1, groups * tokenizer.depth, 3, tokenizer.crop, tokenizer.crop)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_values_and_their_order_are_the_references(case):
    tokenizer = registry.build(case["tokenizer"], case["params"])
    made = tokenizer.encode(clip(case["frames"], case["height"], case["width"]))
    tubelets = isinstance(tokenizer, TubeletTokenizer)
    values = whole(tokenizer, made) if tubelets else made.inputs["pixel_values_videos"]
    assert list(values.shape) == case["shape"]
    assert np.abs(values.ravel()[case["index"]] - case["values"]).max() < 1e-4


def test_a_resize_stays_near_the_references_on_smooth_content():
    """One gray level of the other library's bicubic is 0.0150: a smooth clip is resized twice here,
    by Pillow whole and by Pillow in float, and the two differ by less than the stated 0.03."""
    from PIL import Image as Pillow

    f, y, x = np.indices((2, 90, 150))
    smooth = (128 + 100 * np.sin(x / 20 + f) * np.cos(y / 25)).astype(np.uint8)
    video = Video(np.repeat(smooth[..., None], 3, -1), np.arange(2) / 2, 2.0, 1.0)
    tokenizer = registry.build("qwen-video", {"fps": None, "min_pixels": 784, "max_pixels": 6272})
    made = tokenizer.encode(video)
    (height, width) = tokenizer.plan(video.info).resized
    floats = [
        np.asarray(Pillow.fromarray(frame.astype(np.float32)).resize((width, height), 3))
        for frame in smooth
    ]
    back = tokenizer.decode(made).frames[..., 0]
    assert np.abs(back - np.stack(floats)).max() / 255 / 0.27 < 0.03


def test_frames_that_come_one_by_one_give_the_same_tokens():
    """A clip of 7 frames, 5 of them sampled: streamed, its tokens equal those of the whole clip."""
    video = clip(7, 60, 80)
    for name, params in (
        ("qwen-video", {"fps": 1.5, "min_pixels": 784}),
        ("qwen3-video", {"num_frames": 5, "fps": None}),
        ("frame-patch", {"num_frames": 5}),
    ):
        tokenizer = registry.build(name, params)
        chosen = tokenizer.frame_indices(video)
        stream = ((video.timestamps[i], video.frames[i]) for i in chosen)
        assert tokenizer.encode_frames(video.info, stream) == tokenizer.encode(video)


def test_groups_merge_frames_in_pairs_and_repeat_the_last():
    """5 frames in pairs: the third pair holds frame 4 twice."""
    made = registry.build("qwen-video", {"fps": None, "min_pixels": 784}).encode(clip(5, 56, 84))
    patches = made.inputs["pixel_values_videos"].reshape(3, -1, 3, 2, 14, 14)
    assert np.array_equal(patches[2, :, :, 0], patches[2, :, :, 1])
    assert not np.array_equal(patches[1, :, :, 0], patches[1, :, :, 1])
    assert made.positions[-1].tolist() == [2, 1, 2]

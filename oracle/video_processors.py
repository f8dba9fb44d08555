"""The published video processors, and the tokenizer that stands for each.

Shared by the oracle test and by make_video_pixels.py. The processors are transformers' own with
torchvision; frames are sampled here and given to them as arrays.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

import multitok

FPS = 2.0
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


class Reference(NamedTuple):
    """A video processor with its settings, a tokenizer with its parameters, and the (frames,
    height, width) of a clip whose frames neither resizes."""

    module: str
    name: str
    settings: dict[str, Any]
    tokenizer: str
    params: dict[str, Any]
    fitting: tuple[int, int, int]

    def processor(self) -> Any:
        module = import_module(f"transformers.models.{self.module}.video_processing_{self.module}")
        return getattr(module, f"{self.name}VideoProcessor")(**self.settings)

    def made(self, processor: Any, clip: multitok.Video) -> dict[str, np.ndarray]:
        """What the processor feeds its encoder of the frames that the tokenizer samples."""
        rule = multitok.get_tokenizer(self.tokenizer, **self.params)
        frames = clip.frames[list(rule.frame_indices(clip.info))]
        found = processor(videos=frames, do_sample_frames=False, return_tensors="np")
        return {key: np.asarray(value) for key, value in found.items()}


def look(mean_std: tuple[Any, Any]) -> dict[str, Any]:
    return {"mean": mean_std[0], "std": mean_std[1]}


def pooled(size: int, **more: Any) -> dict[str, Any]:
    return {"num_frames": None, "size": size, "patch": 14, **more}


def box(side: int) -> dict[str, int]:
    return {"height": side, "width": side}


REFERENCES = {
    "qwen2-vl": Reference(
        "qwen2_vl", "Qwen2VL", {"size": {"shortest_edge": 784, "longest_edge": 602_112}},
        "qwen-video", {"fps": None, "min_pixels": 784, "max_pixels": 602_112}, (5, 56, 84),
    ),
    "qwen3-vl": Reference(
        "qwen3_vl", "Qwen3VL", {"size": {"shortest_edge": 4096, "longest_edge": 25_165_824}},
        "qwen3-video", {"fps": None}, (6, 64, 96),
    ),
    "glm-4.1v": Reference("glm4v", "Glm4v", {}, "glm-video", {}, (4, 112, 168)),
    "glm-4.6v": Reference(
        "glm46v", "Glm46V", {}, "glm-video", {"version": "4.6v"}, (4, 112, 168)
    ),
    "llava-onevision": Reference(
        "llava_onevision", "LlavaOnevision", {}, "pooled-frames",
        pooled(384, ceil=True, newline=1), (3, 384, 384),
    ),
    "llava-next-video": Reference(
        "llava_next_video", "LlavaNextVideo",
        {"size": {"shortest_edge": 336}, "crop_size": box(336)},
        "pooled-frames", pooled(336, fill="crop"), (2, 336, 448),
    ),
    "internvl": Reference(
        "internvl", "InternVL",
        {"size": box(448), "image_mean": list(IMAGENET[0]), "image_std": list(IMAGENET[1])},
        "pooled-frames", pooled(448, **look(IMAGENET)), (2, 448, 448),
    ),
    "perception-lm": Reference(
        "perception_lm", "PerceptionLM", {}, "pooled-frames", pooled(448, **look(HALF)),
        (2, 448, 448),
    ),
    "smolvlm2": Reference(
        "smolvlm", "SmolVLM",
        {"size": {"longest_edge": 384}, "max_image_size": {"longest_edge": 384}},
        "smolvlm-video", {"fps": FPS}, (2, 384, 384),
    ),
    "smolvlm2-class-defaults": Reference(
        "smolvlm", "SmolVLM", {}, "smolvlm-video", {"fps": FPS, "size": 364, "longest": 1456},
        (2, 1456, 1456),
    ),
    "molmo2": Reference(
        "molmo2", "Molmo2", {"do_rescale": True, "do_normalize": True}, "molmo-video", {},
        (2, 378, 378),
    ),
    "gemma-4": Reference(
        "gemma4", "Gemma4", {}, "gemma-video", {"num_frames": 3}, (3, 336, 432)
    ),
    "minimax-m3": Reference(
        "minimax_m3_vl", "MiniMaxM3VL", {}, "minimax-video", {"fps": FPS}, (9, 56, 84)
    ),
    "kimi-k2.5": Reference("kimi_k25", "Kimi_K25", {}, "kimi-video", {}, (5, 50, 90)),
    "videomae": Reference(
        "videomae", "VideoMAE", {}, "tubelet", {"num_frames": 4}, (4, 224, 300)
    ),
    "vivit": Reference(
        "vivit", "Vivit", {}, "tubelet",
        {
            "num_frames": 4, "short_side": 256, "class_token": True,
            "scale": 1 / 127.5, "offset": -1.0,
        },
        (4, 256, 300),
    ),
    "timesformer": Reference(
        "timesformer", "Timesformer", {}, "tubelet",
        {"num_frames": 3, "depth": 1, "class_token": True, **look(IMAGENET)}, (3, 224, 300),
    ),
    "vjepa2": Reference(
        "vjepa2", "VJEPA2", {}, "tubelet",
        {"num_frames": 4, "short_side": 292, "crop": 256, **look(IMAGENET)}, (4, 292, 300),
    ),
}  # fmt: skip


def stripes(frames: int, height: int, width: int) -> np.ndarray:
    """Hard edges everywhere."""
    f, y, x = np.indices((frames, height, width))
    colors = [(3 * x + 17 * f) % 256, (5 * y + 7 * f) % 256, (x + y + 31 * f) % 256]
    return np.stack(colors, -1).astype(np.uint8)


def smooth(frames: int, height: int, width: int) -> np.ndarray:
    """Waves that drift by 3 px right and 5 px down a frame."""
    f, y, x = np.indices((frames, height, width)).astype(np.float64)
    x, y = x + 3 * f, y + 5 * f
    turns = [np.sin(x * 2 / 97 * np.pi), np.cos(y * 2 / 61 * np.pi), (x + 2 * y) * 2 / 151 * np.pi]
    waves = np.stack([turns[0], turns[1], np.sin(turns[2])], -1)
    return np.floor(0.5 + 127.5 + 127.5 * waves).clip(0, 255).astype(np.uint8)


PATTERNS = {"stripes": stripes, "smooth": smooth}


def clip(pattern: str, frames: int, height: int, width: int) -> multitok.Video:
    pixels = PATTERNS[pattern](frames, height, width)
    return multitok.Video(pixels, np.arange(frames) / FPS, FPS, frames / FPS)


def encoded(reference: Reference, video: multitok.Video) -> dict[str, np.ndarray]:
    """The tokenizer's inputs under the reference's names; a tubelet's boxes as whole frames."""
    rule: Any = multitok.get_tokenizer(reference.tokenizer, **reference.params)
    made = rule.encode(video)
    if reference.tokenizer != "tubelet":
        return dict(made.inputs)
    groups, rows, columns = rule.grid
    boxes = made.values[~made.special].reshape(
        groups, rows, columns, rule.depth, rule.patch, rule.patch, 3
    )
    frames = boxes.transpose(0, 3, 6, 1, 4, 2, 5)
    shape = (1, groups * rule.depth, 3, rule.crop, rule.crop)
    name = "pixel_values_videos" if reference.module == "vjepa2" else "pixel_values"
    return {name: frames.reshape(shape)}

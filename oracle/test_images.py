"""Open vision models: multitok against the published processors, over random sizes and pixels.

The processors are transformers' own, by their Pillow backend, built from the parameters that the
golden families name; tests/golden/families.toml says which tokenizer stands for which family.
"""

import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image as Pillow

import multitok
from multitok.core.errors import MediaError

FAMILIES = tomllib.loads(
    (Path(__file__).parent.parent / "tests" / "golden" / "families.toml").read_text("utf-8")
)


class Reference(NamedTuple):
    """A processor of transformers, and how many placeholders its output stands for."""

    module: str
    name: str
    params: dict[str, Any]
    tokens: Callable[[Any], int]


def merged(merge: int = 2) -> Callable[[Any], int]:
    return lambda made: int(np.prod(made["image_grid_thw"][0])) // merge**2


def square(patch: int) -> Callable[[Any], int]:
    """Rows x columns of the padded picture's true size."""
    return lambda made: int(np.prod([side // patch for side in made["image_sizes"][0]]))


def each(tokens: int, key: str = "") -> Callable[[Any], int]:
    """So many tokens for each crop, tile or tile and thumbnail."""
    return lambda made: tokens * (int(made[key][0]) if key else made["pixel_values"].shape[1])


def cells(patch: int, extra: int = 0) -> Callable[[Any], int]:
    """Patches of the one size that the picture is brought to, and the class token."""

    def tokens(made: Any) -> int:
        return extra + int(np.prod([side // patch for side in made["pixel_values"].shape[-2:]]))

    return tokens


def limits(low: int, high: int) -> dict[str, Any]:
    return {"size": {"shortest_edge": low, "longest_edge": high}}


HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
REFERENCES = {
    "qwen2-vl": Reference("qwen2_vl", "Qwen2VL", limits(3136, 12845056), merged()),
    "qwen2-vl/default": Reference("qwen2_vl", "Qwen2VL", {}, merged()),
    "qwen3-vl": Reference(
        "qwen2_vl", "Qwen2VL", {**limits(65536, 16777216), "patch_size": 16, **HALF}, merged()
    ),
    "glm4v": Reference("glm4v", "Glm4v", limits(12544, 9633792), merged()),
    "glm46v": Reference("glm46v", "Glm46V", limits(12544, 9633792), merged()),
    "video-llama-3/default": Reference("video_llama_3", "VideoLlama3", {}, merged(1)),
    "ernie4.5-vl-moe/default": Reference("ernie4_5_vl_moe", "Ernie4_5_VLMoe", {}, merged()),
    "cohere-compass/default": Reference("cohere_compass", "CohereCompass", {}, merged()),
    "pixtral": Reference(
        "pixtral", "Pixtral", {"size": {"longest_edge": 1024}, "patch_size": 16}, square(16)
    ),
    "mistral3": Reference(
        "pixtral", "Pixtral", {"size": {"longest_edge": 1540}, "patch_size": 28}, square(28)
    ),
    "internvl/max12": Reference(
        "got_ocr2",
        "GotOcr2",
        {
            "size": {"height": 448, "width": 448},
            "crop_to_patches": True,
            "min_patches": 1,
            "max_patches": 12,
        },
        each(256, "num_patches"),
    ),
    "idefics3": Reference(
        "idefics3",
        "Idefics3",
        {"size": {"longest_edge": 1456}, "max_image_size": {"longest_edge": 364}},
        each(169),
    ),
    "smolvlm-256m-500m": Reference(
        "smolvlm",
        "SmolVLM",
        {"size": {"longest_edge": 2048}, "max_image_size": {"longest_edge": 512}},
        each(64),
    ),
    "gemma3": Reference(
        "gemma3", "Gemma3", {"size": {"height": 896, "width": 896}}, lambda made: 256
    ),
    "gemma3/pan-and-scan": Reference(
        "gemma3",
        "Gemma3",
        {
            "size": {"height": 896, "width": 896},
            "do_pan_and_scan": True,
            "pan_and_scan_min_crop_size": 256,
            "pan_and_scan_max_num_crops": 4,
            "pan_and_scan_min_ratio_to_activate": 1.2,
        },
        lambda made: 256 * (1 + int(made["num_crops"][0])),
    ),
    "gemma4/280": Reference(
        "gemma4", "Gemma4", {}, lambda made: int(made["num_soft_tokens_per_image"][0])
    ),
    "ovis2": Reference(
        "ovis2",
        "Ovis2",
        {
            "size": {"height": 448, "width": 448},
            "crop_to_patches": True,
            "max_patches": 9,
            "use_covering_area_grid": True,
        },
        lambda made: 256 * len(made["pixel_values"]),
    ),
    "clip-vit-b16": Reference("clip", "CLIP", {}, cells(16, 1)),
    "vit-b16-224": Reference("vit", "ViT", {}, cells(16, 1)),
    "siglip-so400m-384": Reference(
        "siglip", "Siglip", {"size": {"height": 384, "width": 384}}, cells(14)
    ),
    "siglip2-naflex/256": Reference(
        "siglip2", "Siglip2", {}, lambda made: int(np.prod(made["spatial_shapes"][0]))
    ),
}
LANDED = [family for family in REFERENCES if family in FAMILIES]


def processor(family: str) -> Any:
    reference = REFERENCES[family]
    module = f"transformers.models.{reference.module}.image_processing_pil_{reference.module}"
    return getattr(import_module(module), f"{reference.name}ImageProcessorPil")(**reference.params)


def tokenizer(family: str) -> Any:
    row = FAMILIES[family]
    return multitok.get_tokenizer(row["tokenizer"], **row["params"])


def sizes(count: int, largest: int, seed: int) -> list[tuple[int, int]]:
    """Widths and heights, evenly spread over the magnitudes."""
    rng = np.random.default_rng(seed)
    drawn = np.exp(rng.uniform(0, np.log(largest), (count, 2)))
    return [(int(width), int(height)) for width, height in drawn]


def picture(width: int, height: int, seed: int) -> np.ndarray:
    """Noise over a slope: a shift by a pixel or another filter shows."""
    rng = np.random.default_rng(seed)
    slope = np.linspace(0, 200, width)[None, :, None] + np.linspace(0, 30, height)[:, None, None]
    return (slope + rng.integers(0, 26, (height, width, 3))).astype(np.uint8)


@pytest.mark.parametrize("family", LANDED)
def test_counts(family):
    """Sizes up to 1,300 px; where the reference refuses, so do we."""
    ours, theirs = tokenizer(family), processor(family)
    wrong = []
    for width, height in [(1, 1), (28, 27), *sizes(40, 1300, 0)]:
        info = multitok.ImageInfo(width, height)
        try:
            made = theirs(Pillow.new("RGB", (width, height)), return_tensors="np")
            expected: Any = REFERENCES[family].tokens(made)
        except (ValueError, ZeroDivisionError) as error:
            expected = type(error)
        try:
            got: Any = ours.breakdown(info)["image"]
        except MediaError:
            got = ValueError
        if got != expected and not (got is ValueError and isinstance(expected, type)):
            wrong.append((width, height, got, expected))
    assert wrong == []


@pytest.mark.parametrize("family", LANDED)
def test_pixels(family):
    """What the model is fed, to a ten-thousandth."""
    ours, theirs = tokenizer(family), processor(family)
    if not isinstance(ours, multitok.Tokenizer):
        pytest.skip("counted, not encoded")
    for seed, (width, height) in enumerate([(31, 45), (300, 200), *sizes(4, 700, 1)]):
        if max(width, height) > 100 * min(width, height):
            continue
        pixels = picture(width, height, seed)
        made = theirs(Pillow.fromarray(pixels), return_tensors="np")
        inputs = ours.encode(multitok.Image(pixels)).inputs
        shared = sorted(set(made) & set(inputs))
        assert "pixel_values" in shared
        for key in shared:
            expected = np.asarray(made[key])
            got = np.asarray(inputs[key]).reshape(expected.shape)
            np.testing.assert_allclose(got, expected, atol=1e-4, err_msg=f"{key} {width}x{height}")

"""Frame sizes: the resize rules that only videos have, in float64 as the references compute.

Sizes are (height, width), as in the references. `factor` is patch x merge: sides become multiples.
"""

from __future__ import annotations

from math import ceil, floor, sqrt

from multitok.errors import MediaError
from multitok.modalities.image.fitting import refuse_thin

ASPECT_LIMIT = 200
"""The references refuse a frame more than 200 times as long as wide."""


def clip_budget(
    frames: int,
    height: int,
    width: int,
    *,
    factor: int,
    temporal: int,
    min_pixels: int,
    max_pixels: int,
) -> tuple[int, int]:
    """Multiples of `factor` with the area of all `frames` together between the bounds.

    Short sides grow first. An odd number of frames is rounded to whole groups in the comparison and
    not in the scale: so has it the reference.

    >>> clip_budget(120, 720, 1280, factor=32, temporal=2, min_pixels=4096, max_pixels=25165824)
    (320, 608)
    """
    if frames < temporal:
        raise MediaError(
            f"the rule samples {frames} frames: the reference needs at least {temporal}."
            " Give a longer clip",
            frames=frames,
        )
    if height < factor or width < factor:
        grow = max(factor / height, factor / width)
        height, width = int(height * grow), int(width * grow)
    refuse_thin(width, height, ASPECT_LIMIT)
    tall, wide = round(height / factor) * factor, round(width / factor) * factor
    volume = round(frames / temporal) * temporal * tall * wide
    if volume > max_pixels:
        shrink = sqrt((frames * height * width) / max_pixels)
        tall = max(factor, floor(height / shrink / factor) * factor)
        wide = max(factor, floor(width / shrink / factor) * factor)
    elif volume < min_pixels:
        grow = sqrt(min_pixels / (frames * height * width))
        tall = ceil(height * grow / factor) * factor
        wide = ceil(width * grow / factor) * factor
    return tall, wide


def patch_budget(
    height: int, width: int, *, patch: int, merge: int, max_patches: int, max_side: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Kimi-K2.5: shrink to a number of patches, never grow; then pad to whole cells.

    Gives (resized, padded). `max_side` counts patches.

    >>> patch_budget(1080, 1920, patch=14, merge=2, max_patches=4096, max_side=512)
    ((672, 1196), (672, 1204))
    """
    patches = max(1, height // patch) * max(1, width // patch)
    limit = max_side * patch
    scale = min(1.0, sqrt(max_patches / patches), limit / height, limit / width)
    tall = min(max(1, int(height * scale)), limit)
    wide = min(max(1, int(width * scale)), limit)
    cell = patch * merge
    return (tall, wide), (-(-tall // cell) * cell, -(-wide // cell) * cell)


def soft_token_budget(
    height: int, width: int, *, patch: int, pool: int, max_tokens: int
) -> tuple[int, int]:
    """Gemma 4: scale to fill `max_tokens` cells of pool x pool patches, both sides rounded down.

    >>> soft_token_budget(1080, 1920, patch=16, pool=3, max_tokens=70)
    (288, 528)
    """
    cell = patch * pool
    budget = max_tokens * pool * pool * patch * patch
    scale = sqrt(budget / (height * width))
    tall, wide = floor(scale * height / cell) * cell, floor(scale * width / cell) * cell
    if not tall and not wide:
        raise MediaError(f"{max_tokens} tokens are too few for a frame: the reference refuses it")
    if not tall:
        tall, wide = cell, min(width // height * cell, max_tokens * cell)
    elif not wide:
        tall, wide = min(height // width * cell, max_tokens * cell), cell
    if tall * wide > budget:
        raise MediaError(
            f"{width}x{height} does not fit {max_tokens} tokens: the reference refuses"
        )
    return tall, wide

"""The sizes that frames are scaled to, where no picture rule has them."""

from __future__ import annotations

from math import ceil, floor, sqrt

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.modalities.image.limits import refuse_thin

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
            f"the reference needs at least {temporal} sampled frames, and the rule samples"
            f" {frames} of this clip. Give a longer clip",
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


def short_side(info: VideoInfo, side: int) -> tuple[int, int]:
    """(height, width) with the shorter side at `side`; the longer one is cut down.

    >>> short_side(VideoInfo(640, 360, frames=1, fps=1), 224)
    (224, 398)
    """
    if info.width <= info.height:
        return int(side * info.height / info.width), side
    return side, int(side * info.width / info.height)

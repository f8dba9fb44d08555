"""Bring a picture between two pixel limits on a grid: the resize rule of Qwen-VL and its relatives.

Every variant rounds both sides to a multiple of the factor (patch times merge), then scales by a
square root when the area leaves the limits. They differ in what they do with a side shorter than
one factor. Arithmetic is float64 in the order of the reference, so a count equals the reference
also where the exact quotient is a whole number; sides up to 2**31 - 1 lose nothing before the root.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, sqrt
from struct import Struct
from typing import Literal

from multitok.core.errors import MediaError

Small = Literal["fit", "clamp", "enlarge", "enlarge-rounded", "enlarge-or-trim", "single"]
"""What happens to a side shorter than the factor.

fit              it rounds to 0, which is below the lower limit: the picture is scaled up to that
                 limit, each side rounded up (transformers: Qwen-VL and most others)
clamp            it rounds to one factor before the limits are looked at (qwen_vl_utils)
enlarge          the picture is scaled until no side is shorter, cut to whole pixels (GLM, Cosmos)
enlarge-rounded  the same a side at a time, rounded half to even (PaddleOCR-VL)
enlarge-or-trim  the shorter one becomes one factor, the other follows; where both hold a factor, a
                 side over the aspect limit is taken for one at it (Ovis 2.5)
single           as `clamp`, in float32, halves rounded up, and no aspect is refused (llama.cpp)
"""

Limit = Callable[[int, int, int, float, float, int, int], tuple[int, int]]


def too_thin(width: int, height: int, limit: int) -> MediaError:
    """The error for a picture whose sides differ by more than the rule's limit."""
    ratio = max(width, height) / min(width, height)
    return MediaError(
        f"aspect ratio must be at most {limit}, got {ratio:.6g} for {width}x{height}:"
        " crop the picture or pad its short side",
        width=width,
        height=height,
        limit=limit,
    )


def refuse_thin(width: int, height: int, limit: int) -> None:
    """MediaError for a picture whose sides differ by more than the rule's limit."""
    if width > limit * height or height > limit * width:
        raise too_thin(width, height, limit)


def limit(
    width: int, height: int, factor: int, low: float, high: float, frames: int, aspect: int
) -> tuple[int, int]:
    """Width and height after the published resize; `frames` copies share the pixel limits.

    >>> limit(1920, 1080, 28, 3136, 12845056, 1, 200)
    (1932, 1092)
    >>> limit(1999, 10, 28, 3136, 12845056, 1, 200)
    (812, 28)
    """
    if width > aspect * height or height > aspect * width:
        raise too_thin(width, height, aspect)
    w, h = round(width / factor) * factor, round(height / factor) * factor
    area = frames * w * h
    if area > high:
        by = sqrt(frames * width * height / high)
        return max(factor, floor(width / by / factor) * factor), max(
            factor, floor(height / by / factor) * factor
        )
    if area < low:
        by = sqrt(low / (frames * width * height))
        return ceil(width * by / factor) * factor, ceil(height * by / factor) * factor
    return w, h


def limit_clamped(
    width: int, height: int, factor: int, low: float, high: float, frames: int, aspect: int
) -> tuple[int, int]:
    """qwen_vl_utils: at least one factor a side, except that its shrinking can end at 0 px.

    >>> limit_clamped(1999, 10, 28, 3136, 12845056, 1, 200)
    (1988, 28)
    """
    if width > aspect * height or height > aspect * width:
        raise too_thin(width, height, aspect)
    return _between(width, height, factor, low, high, frames)


def _between(
    width: int, height: int, factor: int, low: float, high: float, frames: int
) -> tuple[int, int]:
    """A factor a side at least, then the limits; MediaError where shrinking ends at 0 px."""
    w = max(factor, round(width / factor) * factor)
    h = max(factor, round(height / factor) * factor)
    area = frames * w * h
    if area > high:
        by = sqrt(frames * width * height / high)
        w, h = floor(width / by / factor) * factor, floor(height / by / factor) * factor
        if w < 1 or h < 1:
            raise MediaError(
                f"the reference cannot process {width}x{height}: under a limit of {high} px it"
                f" gives {w}x{h}. Raise the limit or crop the picture",
                width=width,
                height=height,
            )
        return w, h
    if area < low:
        by = sqrt(low / (frames * width * height))
        return ceil(width * by / factor) * factor, ceil(height * by / factor) * factor
    return w, h


def limit_enlarged(
    width: int, height: int, factor: int, low: float, high: float, frames: int, aspect: int
) -> tuple[int, int]:
    """GLM: scale up until both sides hold one factor, then `limit`; the aspect is checked after.

    >>> limit_enlarged(1999, 10, 28, 12544, 9633792, 2, 200)
    (5600, 28)
    """
    if width < factor or height < factor:
        by = max(factor / height, factor / width)
        wide, tall = int(width * by), int(height * by)
        if wide > aspect * tall or tall > aspect * wide:
            raise too_thin(width, height, aspect)
        width, height = wide, tall
    return limit(width, height, factor, low, high, frames, aspect)


def limit_enlarged_rounded(
    width: int, height: int, factor: int, low: float, high: float, frames: int, aspect: int
) -> tuple[int, int]:
    """PaddleOCR-VL: a short side becomes one factor, the other follows; then `limit`.

    >>> limit_enlarged_rounded(1, 100, 28, 147456, 2359296, 1, 200)
    (56, 3864)
    """
    if height < factor:
        width, height = round(width * factor / height), factor
    if width < factor:
        width, height = factor, round(height * factor / width)
    return limit(width, height, factor, low, high, frames, aspect)


def limit_trimmed(
    width: int, height: int, factor: int, low: float, high: float, frames: int, aspect: int
) -> tuple[int, int]:
    """Ovis 2.5: no aspect is refused, but the ones that shrink to nothing.

    >>> limit_trimmed(20_000, 64, 32, 200704, 2408448, 1, 200)
    (12800, 64)
    """
    if height < factor or width < factor:
        if height < width:
            width, height = round(factor / height * width), factor
        else:
            width, height = factor, round(factor / width * height)
    else:
        width, height = min(width, aspect * height), min(height, aspect * width)
    return _between(width, height, factor, low, high, frames)


_FLOAT32 = Struct("f")
_LLAMA_LONGEST = 65_536


def float32(value: float) -> float:
    """The nearest float32: of each float64 result it is what float32 arithmetic gives."""
    rounded: float = _FLOAT32.unpack(_FLOAT32.pack(value))[0]
    return rounded


def limit_single(
    width: int, height: int, factor: int, low: float, high: float, frames: int, aspect: int
) -> tuple[int, int]:
    """llama.cpp's calc_size_preserved_ratio, which knows neither copies nor an aspect limit; what
    it resizes to has no side over 65,536 px.

    >>> limit_single(4000, 3000, 32, 8192, 4194304, 1, 200)
    (2336, 1760)
    """
    w = (2 * width + factor) // (2 * factor) * factor or factor
    h = (2 * height + factor) // (2 * factor) * factor or factor
    if low <= w * h <= high and w <= _LLAMA_LONGEST and h <= _LLAMA_LONGEST:
        return w, h
    if w * h > high:
        by = float32(sqrt(float32(float32(width * height) / float32(high))))
        w = floor(float32(float32(width / by) / factor)) * factor or factor
        h = floor(float32(float32(height / by) / factor)) * factor or factor
    elif w * h < low:
        by = float32(sqrt(float32(float32(low) / float32(width * height))))
        w = ceil(float32(float32(width * by) / factor)) * factor
        h = ceil(float32(float32(height * by) / factor)) * factor
    if max(w, h) > _LLAMA_LONGEST:
        raise MediaError(
            f"llama.cpp resizes to at most {_LLAMA_LONGEST} px a side, and {width}x{height} would"
            f" be {w}x{h}: crop the picture",
            width=width,
            height=height,
        )
    return w, h


LIMITS: dict[str, Limit] = {
    "fit": limit,
    "clamp": limit_clamped,
    "enlarge": limit_enlarged,
    "enlarge-rounded": limit_enlarged_rounded,
    "enlarge-or-trim": limit_trimmed,
    "single": limit_single,
}

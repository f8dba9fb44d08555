"""Which frames a model is shown: the published samplers, index by index, without numpy or torch.

The references compute indices with numpy (float64) and torch (float32); each rounding is repeated
here, since a frame more or less is a count more or less. `frames` is the clip's true frame count,
`source_fps` its average rate. Every function gives indices in order and raises MediaError where the
reference refuses the clip.
"""

from __future__ import annotations

from math import ceil, floor
from struct import pack, unpack

from multitok.core.errors import MediaError

LANES = 8
"""torch fills a float32 range eight values at a time; the last, partial group one by one."""
MOST = 1 << 20
"""Frames that are taken of a clip: nine hours of 30 a second."""
FPS_MAX_FRAMES = 768
"""Of qwen_vl_utils (vision_process.py): the most frames where a request names no limit."""


def _float32(x: float) -> float:
    rounded: float = unpack("<f", pack("<f", x))[0]
    return rounded


def _few(n: float) -> None:
    """MediaError for more frames than are taken."""
    if n > MOST:
        raise MediaError(
            f"the rule takes {n:,.0f} frames, {MOST:,} at most: name num_frames, or a lower fps"
        )


def torch_arange(start: float, end: int, step: float) -> list[int]:
    """`torch.arange(start, end, step).int()`: float32 steps, cut to whole numbers.

    Now and then a step that should end exactly at `end` falls short of it in floating point, and
    there is one value more: the reference samples that frame, so it is counted.

    >>> torch_arange(0, 10, 2.5)
    [0, 2, 5, 7]
    """
    n = ceil((end - start) / step)
    _few(n)
    whole_groups = n // (2 * LANES) * (2 * LANES)
    indices = []
    for i in range(n):
        if i < whole_groups:
            first = i // LANES * LANES
            indices.append(int(_float32(_float32(start + step * first) + (i - first) * step)))
        else:
            indices.append(int(_float32(start + step * i)))
    return indices


def torch_linspace(last: int, n: int) -> list[int]:
    """`torch.linspace(0, last, n).round()`: float32, counted from both ends, half to even.

    >>> torch_linspace(9, 4)
    [0, 3, 6, 9]
    """
    _few(n)
    if n == 1:
        return [0]
    step = _float32(_float32(last) / _float32(n - 1))
    return [
        round(_float32(step * i if i < n // 2 else last - step * (n - 1 - i))) for i in range(n)
    ]


def linspace(first: float, last: float, n: int) -> list[float]:
    """`numpy.linspace(first, last, n)`.

    >>> linspace(0, 9, 4)
    [0.0, 3.0, 6.0, 9.0]
    """
    _few(n)
    if n == 1:
        return [float(first)]
    span = last - first
    step = span / (n - 1)
    values = [i * step + first if step else i / (n - 1) * span + first for i in range(n)]
    return [*values[:-1], float(last)] if values else []


def _all(frames: int) -> list[int]:
    _few(frames)
    return list(range(frames))


def unique_and_even(indices: list[int]) -> list[int]:
    """Repeats dropped, then the last frame again when their number is odd."""
    kept = list(dict.fromkeys(indices))
    return [*kept, kept[-1]] if len(kept) % 2 else kept


def uniform(
    frames: int, source_fps: float, *, num_frames: int | None, fps: float | None
) -> list[int]:
    """The default of transformers: floor(i * frames / n), n given or from `fps`; else all frames.

    >>> uniform(10, 10.0, num_frames=4, fps=None)
    [0, 2, 5, 7]
    """
    if num_frames is None and fps is None:
        num_frames = frames
    n = num_frames if num_frames is not None else max(1, int(frames / source_fps * (fps or 0)))
    _few(min(n, frames))
    if n > frames:
        raise MediaError(
            f"the rule samples {n} frames and the clip has {frames}: the reference refuses it."
            " Sample fewer frames, or give a longer clip",
            frames=frames,
        )
    return [i * frames // n for i in range(n)]


def qwen2(
    frames: int,
    source_fps: float,
    *,
    num_frames: int | None,
    fps: float | None,
    min_frames: int,
    max_frames: int,
    temporal: int,
) -> list[int]:
    """Qwen2-VL in transformers: a whole number of temporal groups, at `fps` within limits.

    >>> qwen2(10, 10.0, num_frames=None, fps=2, min_frames=4, max_frames=768, temporal=2)
    [0, 2, 5, 7]
    """
    if num_frames is None and fps is None:
        return _all(frames)
    if num_frames is not None:
        n = round(num_frames / temporal) * temporal
    else:
        most = min(max_frames, frames) // temporal * temporal
        wanted = min(max(frames / source_fps * (fps or 0), min_frames), most, frames)
        n = floor(wanted / temporal) * temporal
    if n > frames or n < 1:
        raise MediaError(
            f"the rule samples {n} frames and the clip has {frames}: the reference"
            f" {'divides by zero' if n < 1 else 'refuses it'}. It needs at least {temporal} frames",
            frames=frames,
        )
    return torch_arange(0, frames, frames / n)


def qwen3(
    frames: int,
    source_fps: float,
    *,
    num_frames: int | None,
    fps: float | None,
    min_frames: int,
    max_frames: int,
) -> list[int]:
    """Qwen3-VL: n frames from the first to the last, evenly, at `fps` within limits.

    >>> qwen3(10, 10.0, num_frames=None, fps=2, min_frames=4, max_frames=768)
    [0, 3, 6, 9]
    """
    if num_frames is not None:
        n = num_frames
    elif fps is not None:
        n = min(max(int(frames / source_fps * fps), min_frames), max_frames, frames)
    else:
        n = min(max(frames, min_frames), max_frames)
    return [round(value) for value in linspace(0, frames - 1, n)]


def between(
    frames: int,
    source_fps: float,
    *,
    num_frames: int | None,
    fps: float | None,
    min_frames: int,
    max_frames: int,
) -> list[int]:
    """ERNIE-4.5-VL: all frames, or `fps` a second, within limits; a rate may ask for a part of a
    frame more, as the reference does not round it.

    >>> between(10, 10.0, num_frames=None, fps=4.5, min_frames=1, max_frames=180)
    [0, 2, 4, 6, 8]
    """
    if num_frames is not None:
        wanted: float = num_frames
    else:
        wanted = frames if fps is None else frames / source_fps * fps
        wanted = min(max(wanted, min_frames), max_frames, frames)
    if wanted > frames or not min(min_frames, frames) <= wanted <= max_frames:
        raise MediaError(
            f"the rule samples {wanted:g} frames and the clip has {frames}: the reference takes"
            f" {min_frames} to {max_frames}, and no more than there are. Say num_frames or fps",
            frames=frames,
        )
    return torch_arange(0, frames, frames / wanted)


def seconds(frames: int, source_fps: float, *, max_frames: int) -> list[int]:
    """MiniCPM-V 4.6: the first frame of each second; of a clip of more seconds than `max_frames`,
    that many of the frames a tenth of a second apart.

    >>> seconds(100, 30.0, max_frames=128), seconds(100, 30.0, max_frames=2)
    ([0, 30, 60, 90], [0, 96])
    """
    duration = frames / source_fps
    if duration <= max_frames:
        return [int(second * source_fps) for second in range(ceil(duration))]
    n = int(duration / 0.1)
    _few(n)
    tenths = [min(int(round(i * 0.1, 1) * source_fps), frames - 1) for i in range(n)]
    if n <= max_frames:
        return tenths
    return [tenths[int(place)] for place in linspace(0, n - 1, max_frames)]


def qwen_vl_utils(
    frames: int,
    source_fps: float,
    *,
    num_frames: int | None,
    fps: float,
    min_frames: int,
    max_frames: int | None,
) -> list[int]:
    """qwen_vl_utils: an even number of frames, at least 2 and at most what the clip has."""
    if num_frames is not None:
        n = round(num_frames / 2) * 2
    else:
        least = ceil(min_frames / 2) * 2
        limit = max_frames if max_frames is not None else min(FPS_MAX_FRAMES, frames)
        most = floor(limit / 2) * 2
        n = floor(min(min(max(frames / source_fps * fps, least), most), frames) / 2) * 2
    if not 2 <= n <= frames:
        raise MediaError(
            f"the rule samples {n} frames and the clip has {frames}: the reference takes"
            f" 2 to {frames}. Sample fewer frames, or give a longer clip",
            frames=frames,
        )
    return torch_linspace(frames - 1, n)


def glm41(frames: int, source_fps: float, *, fps: float, max_duration: int) -> list[int]:
    """GLM-4.1V and 4.5V: `fps` a second up to `max_duration`; spread over the clip beyond it.

    >>> glm41(10, 10.0, fps=2, max_duration=300)
    [0, 5]
    """
    last = frames - 1
    duration = frames / source_fps
    if duration <= max_duration:
        n = max(floor(duration * fps), 1)
        _few(n)
        indices = [min(last, ceil(i * source_fps / fps)) for i in range(n)]
    else:
        n = int(max_duration * fps)
        if n >= frames:
            indices = _all(frames)
        else:
            indices = [min(last, ceil(t * source_fps)) for t in linspace(0, duration, n)]
    return unique_and_even(indices)


GLM46_FPS = ((30, 3.0), (300, 1.0), (2400, 0.5))
GLM46_MAX_FRAMES = 640


def glm46(frames: int, source_fps: float, *, temporal: int) -> list[int]:
    """GLM-4.6V: 3, 1 or 0.5 temporal groups a second as the clip grows, at most 640 frames.

    >>> glm46(10, 10.0, temporal=2)
    [0, 2, 4, 5, 7, 9]
    """
    duration = frames / source_fps
    effective = min(duration, GLM46_FPS[-1][0])
    target = next(rate for limit, rate in GLM46_FPS if effective <= limit)
    wanted = min(int(effective * target * temporal), GLM46_MAX_FRAMES)
    if frames < wanted:
        indices = [int(value) for value in linspace(0, frames - 1, wanted)]
    else:
        indices = _glm46_walk(frames, source_fps, int(duration), 1 / (temporal * target), wanted)
    if len(indices) < wanted:
        indices = [int(value) for value in linspace(indices[0], indices[-1], wanted)]
    elif len(indices) > wanted:
        indices = [int(value) for value in linspace(0, frames - 1, wanted)]
    return unique_and_even(indices)


def _glm46_walk(
    frames: int, source_fps: float, max_second: int, interval: float, wanted: int
) -> list[int]:
    """The first frame at or after each multiple of `interval` seconds; one more than are `wanted`
    tells that all of them are spread anew."""
    indices, due, frame_time = [], 0.0, 1 / source_fps
    index = 0
    while index < frames:
        if index * frame_time >= due:
            due += interval
            indices.append(index)
            if due >= max_second or len(indices) > wanted:
                break
            # nothing between here and the frame before the next due time can be taken
            index = max(index + 1, int(due * source_fps) - 1)
        else:
            index += 1
    return indices


def smolvlm(
    frames: int, source_fps: float, *, fps: float, num_frames: int, skip_seconds: float
) -> list[int]:
    """SmolVLM2: `fps` a second up to `num_frames`, both ends of a long clip skipped.

    >>> smolvlm(300, 30.0, fps=1, num_frames=64, skip_seconds=1)[:3]
    [0, 33, 66]
    """
    duration = frames / source_fps
    n = max(min(round(fps * duration), num_frames), 1)
    first, last = 0, frames - 1
    if skip_seconds > 0 and duration - 2 * skip_seconds > num_frames * fps:
        first = max(0, int(skip_seconds * source_fps))
        last = min(int(frames - skip_seconds * source_fps), frames - 1)
        if first >= last:
            first, last = 0, frames - 1
    return sorted({int(value) for value in linspace(first, last, n)})


def ends(frames: int, source_fps: float, *, num_frames: int | None, fps: float | None) -> list[int]:
    """vLLM's loader where a model has none of its own: evenly from the first frame to the last, as
    many as `num_frames` and `fps` both allow; a shorter clip whole.

    >>> ends(300, 30.0, num_frames=32, fps=None)[:3], len(ends(8, 4.0, num_frames=32, fps=None))
    ([0, 9, 19], 8)
    """
    n = min(frames, num_frames or frames)
    if fps is not None:
        n = min(n, floor(frames / source_fps * fps))
    return [int(value) for value in linspace(0, frames - 1, max(1, n))]


def centers(
    frames: int, source_fps: float, *, num_frames: int | None, fps: float | None
) -> list[int]:
    """InternVL: the middle of each of `num_frames` equal spans; or as many as `fps` asks for.

    >>> centers(300, 30.0, num_frames=8, fps=None)[:3]
    [18, 56, 93]
    """
    if num_frames is None:
        num_frames = max(1, int(frames / source_fps * (fps or 0)))
    if num_frames > frames:
        raise MediaError(
            f"the rule samples {num_frames} frames and the clip has {frames}: the reference"
            " refuses it. Sample fewer frames, or give a longer clip",
            frames=frames,
        )
    return torch_arange(frames / num_frames / 2, frames, frames / num_frames)


def at_most(
    frames: int, source_fps: float, *, num_frames: int, max_fps: float, fps: float | None
) -> list[int]:
    """Molmo2: `num_frames`, but never more than `max_fps` a second; `fps` asks for a rate instead.

    >>> at_most(16, 8.0, num_frames=64, max_fps=2, fps=None)
    [0, 4, 8, 12]
    """
    duration = frames / source_fps
    if fps is not None:
        n = int(duration * fps)
    else:
        n = min(num_frames, int(duration * max_fps)) if source_fps > max_fps else num_frames
    n = max(min(n, frames), 1)
    return torch_arange(0, frames, frames / n)

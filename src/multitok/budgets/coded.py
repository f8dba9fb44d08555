"""Fit of pictures that are written as tokens: by the step and by the size, whichever loses less.

A coarser step and a smaller picture both save tokens. For each size the finest step that stays
within the budget is sought; the picture is decoded, brought back to its own size and measured
against itself. A large budget goes into the step, a small one needs a smaller picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isinf
from typing import TYPE_CHECKING

from multitok.budgets.breakpoints import Breakpoint, Fit
from multitok.core.integers import scale_to
from multitok.core.media import Image
from multitok.modalities.image.coded.targets import off, steps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.modalities.image.coded.dct_bpe import DctBpeTokenizer

SIZES = (1000, 707, 500, 354, 250, 177, 125, 88, 62)
"""Thousandths of the picture's own sides that are tried: each has half the pixels of the last."""


@dataclass(frozen=True, slots=True)
class CodedPoint(Breakpoint):
    """A size, the finest step at which it is within the budget, and the PSNR of what comes back at
    the picture's own size, in dB; None where nothing is lost."""

    step: float
    psnr: float | None


def fit_coded(image: Image, max_tokens: int, tokenizer: DctBpeTokenizer) -> Fit:
    """The size and the step within a budget that lose least. `breakpoints` are the sizes that were
    tried; `tokens` is what the picture costs as the tokenizer is."""
    now = tokenizer.count(image)
    tried: list[CodedPoint] = []
    for point in _points(image, max_tokens, tokenizer, now):
        tried.append(point)
        if _quality(point) < max(map(_quality, tried)):
            break  # what is smaller still loses more
    best = max(tried, key=_quality, default=None)
    if best is None:
        notes = [f"no size fits {max_tokens:,} tokens: a patch of 32 x 32 px costs one at least"]
    else:
        step = f"-t dct-bpe -s step={best.step:g}"
        whole = (best.width, best.height) == (image.info.width, image.info.height)
        first = "" if whole else f"resize it to {best.width} x {best.height}, then "
        came = "comes back whole" if best.psnr is None else f"comes back at {best.psnr:.1f} dB"
        notes = [f"it {came}: {first}multitok encode {step}"]
    return Fit(image.info, None, max_tokens, now, best, tuple(tried), tuple(notes))


def _quality(point: CodedPoint) -> float:
    return float("inf") if point.psnr is None else point.psnr


def _points(
    image: Image, max_tokens: int, tokenizer: DctBpeTokenizer, now: int
) -> Iterator[CodedPoint]:
    """For each size that can fit, its finest step."""
    width, height = image.info.width, image.info.height
    rungs = steps()
    for part in SIZES:
        size = scale_to(width, part, SIZES[0]), scale_to(height, part, SIZES[0])
        small = Image(_resized(image.pixels, *size))
        low, high = 0, len(rungs) - 1
        if _at(tokenizer, rungs[high]).count(small) > max_tokens:
            continue
        while low < high:  # counts fall as the step grows
            middle = (low + high) // 2
            if _at(tokenizer, rungs[middle]).count(small) <= max_tokens:
                high = middle
            else:
                low = middle + 1
        at = _at(tokenizer, rungs[high])
        tokens = at.encode(small)
        back = _resized(at.decode(tokens).pixels, width, height)
        psnr = off(image.pixels, back).psnr
        lost = None if isinf(psnr) else psnr
        yield CodedPoint(*size, len(tokens), now - len(tokens), rungs[high], lost)
        if min(size) <= 1:
            return


def _at(tokenizer: DctBpeTokenizer, step: float) -> DctBpeTokenizer:
    return replace(tokenizer, step=step, psnr=None, max_error=None)


def _resized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """By Pillow's bicubic; one of this size is itself."""
    import numpy as np
    from PIL import Image as Pillow

    if pixels.shape[:2] == (height, width):
        return pixels
    picture = Pillow.fromarray(pixels).resize((width, height), Pillow.Resampling.BICUBIC)
    return np.asarray(picture)

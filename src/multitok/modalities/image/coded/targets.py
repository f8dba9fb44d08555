"""How near a picture is to what it was, and the coarsest step that keeps it as near as asked."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log10
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.errors import MediaError
from multitok.modalities.coding.ladder import climbed, ladder
from multitok.modalities.image.coded import blocks, quantization as qz

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.modalities.image.coded.blocks import Strip


class Off(NamedTuple):
    """How far a picture is from another: its PSNR in dB, and gray levels of the worst color."""

    psnr: float
    worst: int


class Target(NamedTuple):
    """What is asked for: at least so many dB, at most so many gray levels; None for neither."""

    psnr: float | None = None
    max_error: float | None = None

    def __bool__(self) -> bool:
        return self != Target()

    def met(self, off: Off) -> bool:
        near = self.psnr is None or off.psnr >= self.psnr
        return near and (self.max_error is None or off.worst <= self.max_error)

    def __str__(self) -> str:
        named = zip(self._fields, self, strict=True)
        return " and ".join(f"{name}={value:g}" for name, value in named if value is not None)


def steps() -> list[float]:
    """The steps that are tried."""
    return ladder(qz.FINEST, qz.COARSEST)


def off(picture: NDArray[np.uint8], decoded: NDArray[np.uint8]) -> Off:
    """How far a decoded picture is from what it was.

    >>> import numpy as np
    >>> off(np.zeros((1, 2, 3), np.uint8), np.full((1, 2, 3), 255, np.uint8))
    Off(psnr=0.0, worst=255)
    """
    import numpy as np

    gap = picture.astype(np.int16) - decoded
    square = float(np.square(gap, dtype=np.int32).mean(dtype=np.float64))
    return Off(10 * log10(255**2 / square) if square else inf, int(np.abs(gap).max()))


def coarsest(
    picture: NDArray[np.uint8], strips: Sequence[Strip], target: Target
) -> tuple[float, Off]:
    """The step, and how far it lies off. MediaError where no step meets the target."""
    height, width, _ = picture.shape

    def tried(step: float) -> Off:
        levels = ((strip.shape, qz.quantized(strip.shape, strip.exact, step)) for strip in strips)
        near = (blocks.inverse(shape, qz.restored(whole, step)) for shape, whole in levels)
        return off(picture, blocks.pixels(near, width, height))

    step, best = climbed(steps(), tried, target.met)
    if not target.met(best):
        full = ": chroma='full' keeps the color that 'half' loses" if strips[0].shape.half else ""
        raise MediaError(
            f"dct-bpe cannot hold {target} of this picture: the finest step, {qz.FINEST:g}, has"
            f" {best.psnr:.1f} dB and is off by {best.worst} at most{full}"
        )
    return step, best

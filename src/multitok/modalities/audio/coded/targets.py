"""How near a sound is to what it was, and the coarsest step that keeps it as near as asked."""

from __future__ import annotations

from math import inf, log10
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.errors import MediaError
from multitok.modalities.audio.coded import frames
from multitok.modalities.coding.ladder import climbed, ladder
from multitok.modalities.coding.rounding import whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.modalities.audio.coded.frames import Shape, Wave

FINEST, COARSEST = 2.0**-16, 4.0
"""Steps, where the loudest sample is 1: half the last of 16 bits, and next to nothing."""


class Off(NamedTuple):
    """How far a sound is from another: its signal-to-noise ratio in dB, and its worst sample."""

    snr: float
    worst: float


class Target(NamedTuple):
    """What is asked for: at least so many dB, no sample off by more; None for neither."""

    snr: float | None = None
    max_error: float | None = None

    def __bool__(self) -> bool:
        return self != Target()

    def met(self, off: Off) -> bool:
        near = self.snr is None or off.snr >= self.snr
        return near and (self.max_error is None or off.worst <= self.max_error)

    def __str__(self) -> str:
        named = zip(self._fields, self, strict=True)
        return " and ".join(f"{name}={value:g}" for name, value in named if value is not None)


def steps() -> list[float]:
    """The steps that are tried."""
    return ladder(FINEST, COARSEST)


def off(wave: NDArray[np.float32], decoded: NDArray[np.float32]) -> Off:
    """How far a decoded sound is from what it was; what is silent, and stays so, is off by nothing.

    >>> import numpy as np
    >>> off(np.ones((5, 1), np.float32), np.full((5, 1), 0.9, np.float32)).worst < 0.1001
    True
    """
    import numpy as np

    gap = wave.astype(np.float64) - decoded
    noise, signal = (float(np.square(x, dtype=np.float64).sum()) for x in (gap, wave))
    snr = inf if not noise else 10 * log10(signal / noise) if signal else -inf
    return Off(snr, float(np.abs(gap).max(initial=0.0)))


def levels(exact: Wave, step: float) -> NDArray[np.int32]:
    """Coefficients as whole numbers."""
    return whole(exact / step)


def played(shape: Shape, numbers: NDArray[np.int32], step: float) -> NDArray[np.float32]:
    """The sound of whole numbers, (samples, channels) in -1 to 1."""
    import numpy as np

    wave = frames.inverse(shape, np.multiply(numbers, step, dtype=np.float64))
    return np.clip(wave, -1, 1).astype(np.float32)


def coarsest(
    wave: NDArray[np.float32], shape: Shape, exact: Wave, target: Target, *, must: bool
) -> tuple[float, Off]:
    """The step, and how far it lies off. Where none meets the target a MediaError, or the finest
    if it `must` not."""

    def tried(step: float) -> Off:
        return off(wave, played(shape, levels(exact, step), step))

    step, best = climbed(steps(), tried, target.met)
    if must and not target.met(best):
        raise MediaError(
            f"mdct-bpe cannot hold {target} of this sound: the finest step, {FINEST:.4g}, has"
            f" {best.snr:.1f} dB and is off by {best.worst:.2g} at most"
        )
    return step, best

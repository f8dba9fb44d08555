"""A sound as overlapping frames of cosine coefficients, and back: the MDCT.

A frame covers two hops under a sine window, and has one coefficient a sample of a hop; the next
begins a hop later. Windowed twice, neighbors add up to the sound (Princen and Bradley 1987), and
lengths are kept: the coefficients have the energy of the samples. Of two channels the sum and the
difference are transformed, by a rotation, which keeps lengths too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.errors import MediaError
from multitok.core.integers import ceil_div

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Wave = NDArray[np.float64]

MOST_HOP = 8192
"""Samples of a hop: 20 ms at 400 kHz."""
MOST_SAMPLES = 1 << 28
"""Of all channels, four hours and a half at 16 kHz: coefficients take 2 GB."""
AT_ONCE = 1 << 14
"""Values that are transformed at once, whole frames of them: they stay in the processor's cache."""


class Shape(NamedTuple):
    """How a sound is cut: samples a channel, channels, and samples of a hop (an even number)."""

    samples: int
    channels: int
    hop: int

    @property
    def frames(self) -> int:
        """Of a channel: each sample lies in two, so there is one more than there are hops."""
        return ceil_div(self.samples, self.hop) + 1 if self.samples else 0

    @property
    def blocks(self) -> int:
        """Frames of all channels, which take turns."""
        return self.frames * self.channels

    @property
    def at_once(self) -> int:
        """Frames that are transformed together."""
        return max(1, AT_ONCE // (self.hop * self.channels))

    def too_long(self) -> str | None:
        """What is to be said of a sound that is longer than is held at once."""
        if (many := self.samples * self.channels) <= MOST_SAMPLES:
            return None
        return f"holds {MOST_SAMPLES:,} samples at once, got {many:,}: pass it in parts"

    def all_sizes(self) -> NDArray[np.int64]:
        """Coefficients of each block."""
        import numpy as np

        return np.full(self.blocks, self.hop, np.int64)


def hop_of(sample_rate: int, milliseconds: float) -> int:
    """Samples of a hop: the even number nearest to so many milliseconds.

    >>> hop_of(16_000, 20), hop_of(22_050, 20)
    (320, 440)
    """
    hop = max(2, 2 * round(sample_rate * milliseconds / 2000))
    if hop > MOST_HOP:
        raise MediaError(
            f"a hop of {milliseconds:g} ms at {sample_rate} Hz is {hop:,} samples, {MOST_HOP:,} are"
            " transformed at most: pass sample_rate, or a shorter hop"
        )
    return hop


def transformed(shape: Shape, wave: NDArray[np.float32]) -> Wave:
    """(samples, channels) as coefficients (blocks, hop)."""
    import numpy as np

    hop, made = shape.hop, np.empty((shape.frames, shape.channels, shape.hop))
    if not shape.frames:
        return made.reshape(0, hop)
    padded = np.zeros((shape.channels, (shape.frames + 1) * hop))
    padded[:, hop : hop + shape.samples] = wave.T
    rotated(padded)
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop, axis=1)[:, ::hop]
    step = shape.at_once
    for start in range(0, shape.frames, step):
        rows = views[:, start : start + step] * _window(hop)
        first, second = rows[..., :hop], rows[..., hop:]
        half = hop // 2
        folded = np.concatenate(
            [-second[..., half - 1 :: -1] - second[..., half:],
             first[..., :half] - first[..., : half - 1 : -1]], axis=-1,
        )  # fmt: skip
        made[start : start + step] = _cosines(folded).transpose(1, 0, 2)
    return made.reshape(shape.blocks, hop)


def inverse(shape: Shape, coefficients: Wave) -> Wave:
    """The inverse of `transformed`: float64 (samples, channels)."""
    import numpy as np

    hop, half = shape.hop, shape.hop // 2
    if not shape.frames:
        return np.empty((0, shape.channels))
    made = np.zeros((shape.channels, (shape.frames + 1) * hop))
    rows = coefficients.reshape(shape.frames, shape.channels, hop)
    step = shape.at_once
    for start in range(0, shape.frames, step):
        folded = _cosines(rows[start : start + step]).transpose(1, 0, 2)
        u, v = folded[..., :half], folded[..., half:]
        first = np.concatenate([v, -v[..., ::-1]], axis=-1) * _window(hop)[:hop]
        second = np.concatenate([-u[..., ::-1], -u], axis=-1) * _window(hop)[hop:]
        end = start + folded.shape[1]
        made[:, start * hop : end * hop] += first.reshape(shape.channels, -1)
        made[:, (start + 1) * hop : (end + 1) * hop] += second.reshape(shape.channels, -1)
    rotated(made)
    return made[:, hop : hop + shape.samples].T


def rotated(channels: Wave) -> None:
    """Two channels as their sum and difference over the root of 2, in place; done twice, they are
    back. One channel, or more than two, stay as they are."""
    if len(channels) == 2:
        left, right = channels
        channels[0], channels[1] = (left + right) * 0.5**0.5, (left - right) * 0.5**0.5


def _cosines(rows: Wave) -> Wave:
    """The orthonormal DCT-IV along the last axis, which is its own inverse, by a complex Fourier
    transform of half the length."""
    import numpy as np

    size = rows.shape[-1]
    turn = _turn(size)
    packed = (rows[..., ::2] + 1j * rows[..., ::-2]) * turn
    found = np.fft.fft(packed, axis=-1) * turn
    made = np.empty(rows.shape)
    made[..., ::2], made[..., ::-2] = found.real, -found.imag
    made *= (2 / size) ** 0.5
    return made


@lru_cache(maxsize=8)
def _turn(size: int) -> NDArray[np.complex128]:
    import numpy as np

    made: NDArray[np.complex128] = np.exp(-1j * np.pi * (8 * np.arange(size // 2) + 1) / (8 * size))
    made.setflags(write=False)
    return made


@lru_cache(maxsize=8)
def _window(hop: int) -> Wave:
    import numpy as np

    made: Wave = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop))
    made.setflags(write=False)
    return made

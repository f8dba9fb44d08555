"""WAV as a series: a row a sample, a column a channel."""

from __future__ import annotations

import struct
import wave
from typing import TYPE_CHECKING

from multitok.loaders.columns.bounds import loadable
from multitok.loaders.columns.tables import Table, chosen, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Integer PCM in -1..1, a step a sample."""
    try:
        with source.open() as file, wave.open(file) as sound:
            rows, width, rate = sound.getnframes(), sound.getsampwidth(), sound.getframerate()
            if width > 4:
                raise wave.Error(f"{8 * width} bits")
            names = tuple(f"channel{i}" for i in range(sound.getnchannels()))
            keep = chosen(source.name, names, options.columns)
            kept = tuple(names[c] for c in keep)
            if not values:
                return Table(names=kept, rows=rows, hz=float(rate))
            loadable(source.name, rows, len(names))
            data = sound.readframes(rows)
    except (wave.Error, EOFError, RuntimeError, struct.error) as error:
        why = str(error) or "cut short"
        raise wrong(source.name, f"not a WAV of whole numbers ({why}): read it as audio") from None
    data = data[: len(data) // (width * len(names)) * width * len(names)]  # steps that are whole
    numbers = _pcm(data, width).reshape(-1, len(names))[:, keep]
    return Table(names=kept, rows=len(numbers), values=numbers, hz=float(rate))


def _pcm(data: bytes, width: int) -> NDArray[np.float64]:
    """Samples of 1 to 4 bytes as numbers in -1..1; 8 bits are unsigned, the others signed."""
    import numpy as np

    if width == 1:
        return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 128
    raw = np.frombuffer(data, np.uint8).reshape(-1, width)
    wide = np.zeros((len(raw), 4), np.uint8)
    wide[:, 4 - width :] = raw
    return wide.view("<i4")[:, 0] / 2.0**31

"""How the channels of a series become one row of tokens, and what every series tokenizer checks.

separate      channel after channel, each a series of its own with its own scale (the reference
              of every published series model: "a channel is a row")
interleaved   step by step, the channels of a step side by side; each channel its own scale
flattened     step by step, and one scale for all: the channels must share a unit
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from multitok.core.errors import DecodeError, MediaError
from multitok.core.parameters import listed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence

Channels = Literal["separate", "interleaved", "flattened"]
CHANNELS: tuple[Channels, ...] = ("separate", "interleaved", "flattened")
LARGEST = 1e150
"""Squares of larger values overflow, and with them every mean and scale."""
CACHED = 1 << 14
"""Tokens up to which positions and masks of equal shape are shared, read-only, between calls."""


def check_choice(what: str, value: str, choices: tuple[str, ...]) -> None:
    """MediaError where a word is none of the choices."""
    if value not in choices:
        raise MediaError(f"{what} must be {listed(choices)}, got {value!r}")


def refuse_infinite(media: Series, name: str, then: str = "") -> None:
    """MediaError names the first inf, or a value whose square is one: no published rule gives it a
    meaning."""
    import numpy as np

    wrong = np.abs(media.values) > LARGEST
    if wrong.any():
        raise infinite(media, wrong, name, then)


def infinite(media: Series, wrong: NDArray[np.bool_], name: str, then: str = "") -> MediaError:
    """The error for the first of the values marked wrong."""
    import numpy as np

    step, channel = (int(i) for i in np.argwhere(wrong)[0])
    return MediaError(
        f"{name} cannot encode {float(media.values[step, channel])!r} (step {step}, channel"
        f" {media.names[channel]!r}, {int(wrong.sum())} such values): fill them or make them NaN"
        + then
    )


def rows_of(values: NDArray[Any], channels: Channels) -> NDArray[Any]:
    """(steps, channels) values as the rows that share a scale: (channels, steps), or one row."""
    return values.reshape(1, -1) if channels == "flattened" else values.T


def stacked(items: list[Series], first: int, channels: Channels) -> NDArray[Any]:
    """The `rows_of` each of several series of one shape, from step `first` on, as float32: what
    that cannot hold becomes inf, and the caller refuses it."""
    import numpy as np

    if len(items) == 1:
        return rows_of(items[0].values[first:], channels)
    values = np.concatenate([item.values for item in items], dtype="f4", casting="unsafe")
    values = values.reshape(len(items), *items[0].values.shape)[:, first:]
    _, steps, width = values.shape
    if channels == "flattened":
        return values.reshape(len(items), steps * width)
    return values.transpose(0, 2, 1).reshape(len(items) * width, steps)


def unlaid(ids: NDArray[Any], steps: int, width: int, channels: Channels) -> NDArray[Any]:
    """Ids in their order, separate or interleaved, as (steps, channels)."""
    return ids.reshape(width, steps).T if channels == "separate" else ids.reshape(steps, width)


def positions(
    steps: int, width: int, channels: Channels, *, first: int = 0, ends: int = 0
) -> NDArray[np.int32]:
    """(step, channel) of each token; `ends` tokens without a place follow each row.

    `first` is the step in the input where the tokens begin."""
    if (steps + ends) * width <= CACHED:
        return _positions(steps, width, channels, first, ends)
    return _make_positions(steps, width, channels, first, ends)


def _make_positions(
    steps: int, width: int, channels: Channels, first: int, ends: int
) -> NDArray[np.int32]:
    import numpy as np

    if width == 1 and sys.byteorder == "little":  # (step, 0) is an int64: one pass, not three
        pairs = np.arange(first, first + steps + ends, dtype=np.int64)
        pairs[steps:] = -1
        return pairs.view(np.int32).reshape(-1, 2)
    step = np.arange(first, first + steps, dtype=np.int32)
    channel = np.arange(width, dtype=np.int32)
    if channels == "separate":
        made = np.empty((width, steps + ends, 2), dtype=np.int32)
        made[:, steps:] = -1
        made[:, :steps, 0] = step
        made[:, :steps, 1] = channel[:, None]
        return made.reshape(-1, 2)
    flat = np.empty((steps * width + ends, 2), dtype=np.int32)
    flat[steps * width :] = -1
    body = flat[: steps * width].reshape(steps, width, 2)
    body[..., 0] = step[:, None]
    body[..., 1] = channel
    return flat


@lru_cache(maxsize=64)
def _positions(
    steps: int, width: int, channels: Channels, first: int, ends: int
) -> NDArray[np.int32]:
    made = _make_positions(steps, width, channels, first, ends)
    made.flags.writeable = False
    return made


def flags(steps: int, width: int, channels: Channels, *, ends: int = 0) -> NDArray[np.bool_]:
    """True for the end tokens, which carry no content."""
    if (steps + ends) * width <= CACHED:
        return _flags(steps, width, channels, ends)
    return _make_flags(steps, width, channels, ends)


def _make_flags(steps: int, width: int, channels: Channels, ends: int) -> NDArray[np.bool_]:
    import numpy as np

    rows, columns = (width, steps) if channels == "separate" else (1, steps * width)
    grid = np.zeros((rows, columns + ends), dtype=np.bool_)
    grid[:, columns:] = True
    return grid.reshape(-1)


@lru_cache(maxsize=64)
def _flags(steps: int, width: int, channels: Channels, ends: int) -> NDArray[np.bool_]:
    made = _make_flags(steps, width, channels, ends)
    made.flags.writeable = False
    return made


def present(n: int) -> NDArray[np.bool_]:
    """A mask without a hole."""
    if n <= CACHED:
        return _present(n)
    import numpy as np

    return np.ones(n, dtype=np.bool_)


@lru_cache(maxsize=64)
def _present(n: int) -> NDArray[np.bool_]:
    import numpy as np

    made = np.ones(n, dtype=np.bool_)
    made.flags.writeable = False
    return made


def ids_of(tokens: TokenSequence, name: str, expected: int) -> NDArray[np.int64]:
    """The ids, exactly as many as the tokenizer made; DecodeError says what is wrong."""
    if tokens.ids is None:
        raise DecodeError(f"{name} tokens are ids, got a sequence without them")
    if len(tokens.ids) != expected:
        raise DecodeError(
            f"{name} makes {expected} tokens of {tokens.info!r}, got {len(tokens.ids)}:"
            " pass the whole sequence"
        )
    return tokens.ids


def refuse_ids(ids: NDArray[np.int64], wrong: NDArray[np.bool_], name: str, allowed: str) -> None:
    """DecodeError names the first id that stands for nothing."""
    if wrong.any():
        at = int(wrong.argmax())
        raise DecodeError(f"{name}: id {int(ids[at])} at token {at} stands for no value: {allowed}")


def restored(tokens: TokenSequence, values: NDArray[np.float64]) -> Series:
    """The decoded values as a series with the names it had."""
    from multitok.core.media import Series

    return Series(values, names=tuple(tokens.state.get("names", ())))

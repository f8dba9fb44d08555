"""What every movement tokenizer checks, cuts and places: values, chunks, ids, lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ActionsInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Actions
    from multitok.core.sequence import TokenSequence


def refuse_non_finite(media: Actions, name: str) -> None:
    """MediaError names the first NaN or inf: no published rule gives either a meaning.

    OpenVLA would turn NaN into the largest action, FAST into an OverflowError.
    """
    import numpy as np

    wrong = ~np.isfinite(media.values)
    if wrong.any():
        step, dim = (int(i) for i in np.argwhere(wrong)[0])
        raise MediaError(
            f"{name} cannot encode {float(media.values[step, dim])!r} (step {step}, dim"
            f" {media.names[dim]!r}, {int(wrong.sum())} such values): fill or drop these steps"
        )


def check_horizon(horizon: int | None) -> None:
    """A chunk has at least one step; None means the whole trajectory is one chunk."""
    if horizon is not None and horizon < 1:
        raise MediaError(f"horizon must be at least 1 step, got {horizon!r}")


def check_placement(codes: int, vocab_size: int | None, skip: int) -> None:
    """`vocab_size` leaves room for the codes and the skipped ids behind them."""
    if skip < 0 or (skip and vocab_size is None):
        raise MediaError(f"skip counts ids at the end of vocab_size, got skip={skip!r} without one")
    if vocab_size is not None and vocab_size < codes + skip:
        raise MediaError(
            f"vocab_size must be at least {codes + skip} ({codes} codes, {skip} skipped),"
            f" got {vocab_size!r}"
        )


def place(codes: NDArray[Any], vocab_size: int | None, skip: int) -> NDArray[np.int64]:
    """Codes as ids: themselves, or counted down from the end of a language model's vocabulary."""
    import numpy as np

    ids = codes.astype(np.int64)
    return ids if vocab_size is None else vocab_size - 1 - skip - ids


def codes_of(
    tokens: TokenSequence,
    name: str,
    codes: int,
    vocab_size: int | None = None,
    skip: int = 0,
    *,
    first: int = 0,
) -> NDArray[np.int64]:
    """The codes (first to codes - 1) behind the ids; DecodeError names the first wrong id."""
    import numpy as np

    if tokens.ids is None:
        raise DecodeError(f"{name} tokens are ids, got a sequence without them")
    found = place(tokens.ids, vocab_size, skip)  # the placement is its own inverse
    wrong = (found < first) | (found >= codes)
    if wrong.any():
        at = int(wrong.argmax())
        low, high = sorted(place(np.array([first, codes - 1]), vocab_size, skip).tolist())
        raise DecodeError(
            f"{name} ids run from {low} to {high}, got {int(tokens.ids[at])} at position {at}"
        )
    return found


def refuse_length(tokens: TokenSequence, name: str, expected: int) -> None:
    """DecodeError when the ids are not as many as the shape needs."""
    if len(tokens) != expected:
        info = tokens.info_as(ActionsInfo)
        raise DecodeError(
            f"{name}: {info.steps} x {info.dims} actions are {expected} tokens, got"
            f" {len(tokens)}: the sequence is cut, or of another shape"
        )


def spans(steps: int, horizon: int | None) -> list[tuple[int, int]]:
    """Where the chunks of a trajectory begin and end; the last may be shorter, none is empty.

    >>> spans(7, 3)
    [(0, 3), (3, 6), (6, 7)]
    """
    size = horizon or max(steps, 1)
    return [(start, min(start + size, steps)) for start in range(0, steps, size)]


def restored(tokens: TokenSequence, values: NDArray[np.float64]) -> Actions:
    """Decoded values as Actions of the input's rate and names."""
    from multitok.core.media import Actions

    info = tokens.info_as(ActionsInfo)
    return Actions(values, hz=info.hz, names=tuple(tokens.state.get("names", ())))


def stacked(chunks: Sequence[Any], name: str) -> list[NDArray[np.float64]]:
    """Trajectories given as Actions or arrays, as float64 (steps, dims) arrays of equal dims."""
    from multitok.core.media import Actions

    media = [chunk if isinstance(chunk, Actions) else Actions(chunk) for chunk in chunks]
    for medium in media:
        refuse_non_finite(medium, name)
    dims = {medium.values.shape[1] for medium in media}
    if len(dims) > 1:
        raise MediaError(f"{name} is trained on chunks of one number of dims, got {sorted(dims)}")
    return [medium.values for medium in media]

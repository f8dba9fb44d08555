"""What every movement tokenizer checks, cuts and places: values, chunks, ids, lengths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ActionsInfo
from multitok.modalities.actions.placement import Placement

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

    if not all_finite(media.values):
        wrong = ~np.isfinite(media.values)
        step, dim = (int(i) for i in np.argwhere(wrong)[0])
        raise MediaError(
            f"{name} cannot encode {float(media.values[step, dim])!r} (step {step}, dim"
            f" {media.names[dim]!r}, {int(wrong.sum())} such values): fill or drop these steps"
        )


def all_finite(values: NDArray[np.float64]) -> bool:
    """Whether there is neither NaN nor inf; of a single step at a third of the cost of `all`."""
    import numpy as np

    return bool(np.count_nonzero(np.isfinite(values)) == values.size)


def any_of(flags: NDArray[np.bool_]) -> bool:
    """Whether one is true; of a single step at a fifth of the cost of `any`."""
    return b"\1" in flags.tobytes()


def check_horizon(horizon: int | None) -> None:
    """A chunk has at least one step; None means the whole trajectory is one chunk."""
    if horizon is not None and horizon < 1:
        raise MediaError(f"horizon must be at least 1 step, got {horizon!r}")


def codes_of(
    tokens: TokenSequence, name: str, placement: Placement, *, first: int = 0
) -> NDArray[np.int64]:
    """The codes (from `first` on) behind the ids; DecodeError names the first wrong id."""
    if tokens.ids is None:
        raise DecodeError(f"{name} tokens are ids, got a sequence without them")
    return codes_in(tokens.ids, name, placement, first)


def codes_in(
    ids: NDArray[Any], name: str, placement: Placement, first: int = 0
) -> NDArray[np.int64]:
    """The same of bare ids, of any shape."""
    found = placement.codes_of(ids)
    above = found - first if first else found
    room = _room(placement.codes - first)
    wrong = above.view(room.dtype) >= room  # below 0 is far above, unsigned
    if any_of(wrong):
        import numpy as np

        at = int(wrong.argmax())
        low, high = sorted(placement.ids(np.array([first, placement.codes - 1])).tolist())
        raise DecodeError(
            f"{name} ids run from {low} to {high}, got {int(ids.flat[at])} at position {at}"
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


@lru_cache(maxsize=64)
def _room(codes: int) -> NDArray[np.uint64]:
    """A number as numpy compares with it, without a look at how large it is."""
    import numpy as np

    return np.array(codes, np.uint64)


SHARED = 1 << 14
"""Tokens up to which the places of equal shape are shared, read-only, between calls."""


def places_of(steps: int, dims: int) -> NDArray[np.int32]:
    """(step, dim) of each token, where each value is one."""
    return _kept_places(steps, dims) if steps * dims <= SHARED else _places(steps, dims)


def _places(steps: int, dims: int) -> NDArray[np.int32]:
    import numpy as np

    return np.indices((steps, dims), dtype=np.int32).reshape(2, -1).T.copy()


@lru_cache(maxsize=64)
def _kept_places(steps: int, dims: int) -> NDArray[np.int32]:
    made = _places(steps, dims)
    made.flags.writeable = False
    return made


def unmarked(tokens: int) -> NDArray[np.bool_]:
    """`special` where each token carries content."""
    return _kept_unmarked(tokens) if tokens <= SHARED else _unmarked(tokens)


def _unmarked(tokens: int) -> NDArray[np.bool_]:
    import numpy as np

    return np.zeros(tokens, dtype=np.bool_)


@lru_cache(maxsize=64)
def _kept_unmarked(tokens: int) -> NDArray[np.bool_]:
    made = _unmarked(tokens)
    made.flags.writeable = False
    return made


def chunks_in(info: ActionsInfo, horizon: int | None) -> int:
    """How many chunks a trajectory has: `len(spans(...))`, without a list that grows with a shape
    which a file only claims.

    >>> chunks_in(ActionsInfo(steps=7, dims=1), 3)
    3
    """
    return sum(
        -(-length // (horizon or max(length, 1))) for length in info.episodes or (info.steps,)
    )


def spans(steps: int, horizon: int | None, episodes: tuple[int, ...] = ()) -> list[tuple[int, int]]:
    """Where the chunks of a trajectory begin and end: none is empty, none goes on from one episode
    into the next, and the last of each may be shorter.

    >>> spans(7, 3), spans(7, 3, episodes=(4, 3))
    ([(0, 3), (3, 6), (6, 7)], [(0, 3), (3, 4), (4, 7)])
    """
    found, begin = [], 0
    for length in episodes or (steps,):
        end = begin + length
        size = horizon or max(length, 1)
        found += [(start, min(start + size, end)) for start in range(begin, end, size)]
        begin = end
    return found


def spans_of(tokens: TokenSequence, name: str, horizon: int | None) -> list[tuple[int, int]]:
    """The chunks that tokens stand for, one at least for each; DecodeError for fewer tokens."""
    info = tokens.info_as(ActionsInfo)
    if (chunks := chunks_in(info, horizon)) > len(tokens):
        raise DecodeError(
            f"{name}: {info.steps} steps are {chunks} chunks of a token at least, got"
            f" {len(tokens)} tokens: the sequence is cut, or of another shape"
        )
    return spans(info.steps, horizon, info.episodes)


def filled(
    values: NDArray[np.float64], horizon: int, episodes: tuple[int, ...] = ()
) -> NDArray[np.float64]:
    """Chunks (n, horizon x dims), the last step of an episode repeated to fill its last."""
    steps, ends = _steps(len(values), horizon, episodes)
    chunks: NDArray[np.float64] = values[steps.clip(max=ends - 1)]
    return chunks.reshape(len(steps), horizon * values.shape[1])


def unfilled(chunks: NDArray[np.float64], horizon: int, info: ActionsInfo) -> NDArray[np.float64]:
    """The inverse of `filled`: (steps, dims), what was repeated cut again."""
    steps, ends = _steps(info.steps, horizon, info.episodes)
    values: NDArray[np.float64] = chunks.reshape(len(steps), horizon, info.dims)[steps < ends]
    return values


def _steps(
    steps: int, horizon: int, episodes: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The steps of each chunk (n, horizon), and where the chunk ends (n, 1)."""
    import numpy as np

    cuts = np.array(spans(steps, horizon, episodes), np.int64).reshape(-1, 2)
    return cuts[:, :1] + np.arange(horizon), cuts[:, 1:]


def restored(tokens: TokenSequence, values: NDArray[np.float64]) -> Actions:
    """Decoded values as Actions of the input's rate and names."""
    info = tokens.info_as(ActionsInfo)
    names = tuple(tokens.state.get("names", ()))
    return _actions()(values, info.hz, names, info.episodes)


@cache
def _actions() -> type[Actions]:
    from multitok.core.media import Actions

    return Actions


def stacked(chunks: Sequence[Any], name: str) -> list[NDArray[np.float64]]:
    """Trajectories given as Actions or arrays, as float64 (steps, dims) arrays of equal dims; each
    episode is one."""
    from multitok.core.media import Actions

    given = (chunk if isinstance(chunk, Actions) else Actions(chunk) for chunk in chunks)
    media = [episode for medium in given for episode in medium.apart()]
    for medium in media:
        refuse_non_finite(medium, name)
    dims = {medium.values.shape[1] for medium in media}
    if len(dims) > 1:
        raise MediaError(f"{name} is trained on chunks of one number of dims, got {sorted(dims)}")
    return [medium.values for medium in media]

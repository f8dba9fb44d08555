"""What rules with one id per value share: order, positions, the id of a missing value, checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from multitok.core.info import SeriesInfo
from multitok.modalities.series.layout import flags, ids_of, positions, refuse_ids, unlaid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.registry import AnyCounter
    from multitok.core.sequence import TokenSequence

Order = Literal["separate", "interleaved"]


def sequence(
    tokenizer: AnyCounter,
    media: Series,
    codes: NDArray[np.int64],
    order: Order,
    state: Mapping[str, Any],
) -> TokenSequence:
    """(steps, channels) ids as tokens: channel after channel, or step by step."""
    from multitok.core.sequence import TokenSequence

    steps, width = codes.shape
    return TokenSequence(
        tokenizer=tokenizer.config(),
        info=media.info,
        special=flags(steps, width, order),
        ids=(codes.T if order == "separate" else codes).reshape(-1).astype("int64"),
        axes=("step", "channel"),
        positions=positions(steps, width, order),
        state={"grid": [steps, width], "names": list(media.names), **state},
    )


def codes_of(
    tokens: TokenSequence, name: str, order: Order, *, first: int, last: int
) -> NDArray[np.int64]:
    """The (steps, channels) ids behind tokens; DecodeError for one outside first..last."""
    info = tokens.info_as(SeriesInfo)
    ids = ids_of(tokens, name, info.steps * info.channels)
    refuse_ids(ids, (ids < first) | (ids > last), name, f"ids are {first} to {last}")
    return unlaid(ids, info.steps, info.channels, order)


def clipping(
    values: NDArray[np.float64], low: NDArray[Any] | float, high: NDArray[Any] | float
) -> dict[str, Any]:
    """How many values lie beyond the ends, and how far the farthest is."""
    import numpy as np

    beyond = np.fmax(values - high, low - values)
    far = float(np.nanmax(beyond, initial=0.0, where=~np.isnan(beyond)))
    return {"clipped": int((beyond > 0).sum()), "overshoot": max(0.0, far)}

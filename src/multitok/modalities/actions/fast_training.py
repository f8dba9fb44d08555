"""FAST learned from your own movement: a vocabulary, and beside it the scale and the quantiles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitok.core.tokenizer import FEW
from multitok.core.writing import write_text, writing
from multitok.modalities.actions import fast_vocabulary
from multitok.modalities.actions.chunks import check_horizon, spans, stacked
from multitok.modalities.actions.dct import rounded
from multitok.modalities.actions.quantiles import QuantileNorm, stated_quantiles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def train(
    trajectories: Sequence[Any],
    path: str | Path,
    *,
    horizon: int | None,
    scale: float,
    vocab_size: int,
    coefficients: tuple[int, int] | None,
    margin: float,
    normalize: bool | None,
) -> None:
    """Write the tokenizer.json and its processor_config.json: see FastTokenizer.train."""
    import numpy as np

    check_horizon(horizon)
    beside = fast_vocabulary.free_sidecar(Path(path))
    data = stacked(trajectories, "fast")
    norm = None
    if normalize or (normalize is None and _unnormalized(trajectories, data)):
        norm = QuantileNorm.train(trajectories, variant="lerobot")
        data = [norm.apply(values) for values in data]
    rows = [
        rounded(values[None, start:end], scale).astype(np.int64).reshape(-1)
        for values in data
        for start, end in spans(len(values), horizon)
    ]
    made = fast_vocabulary.train(
        rows, vocab_size=vocab_size, coefficients=coefficients, margin=margin
    )
    settings: dict[str, Any] = {
        "scale": scale,
        "vocab_size": vocab_size,
        "time_horizon": horizon,
        "action_dim": data[0].shape[1],
    }  # SETTINGS, which free_sidecar knows as ours
    if norm is not None:
        settings |= {"q01": norm.q01, "q99": norm.q99}
    with writing(path) as file:
        file.write(made.to_str(pretty=False).encode())
        file.flush()  # both are written before one takes its place: neither is of use without it
        write_text(beside, json.dumps(settings, indent=2) + "\n")


def _unnormalized(trajectories: Sequence[Any], data: Sequence[NDArray[np.float64]]) -> bool:
    """Whether these actions are to be normalized: their data set states how, or they show it."""
    outside = sum(int((abs(values) > 1).sum()) for values in data)
    stated = stated_quantiles(trajectories) is not None
    return stated or outside > FEW * sum(values.size for values in data)

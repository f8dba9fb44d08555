"""The normalizations of patched series: location and scale of each channel or of each patch.

All take float32 (channels, steps) with NaN for what is not observed; sums are float64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.modalities.series.patch_rules import PatchRule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series


def loc_scale(
    rows: NDArray[np.float32], patches: NDArray[np.float32], rule: PatchRule
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Location and scale, float32 (channels, 1, 1), or (channels, patches, 1) where each patch has
    its own. rows (channels, steps); patches (channels, patches, patch), NaN where not observed."""
    import numpy as np

    if rule.norm == "causal":
        loc, scale = _causal(patches, rule)
    elif rule.norm == "first-patch":
        chosen = _first_full(patches)
        loc, scale = (a[:, None] for a in _moments(chosen, rule))
    elif rule.norm == "std":
        loc, scale = (a[:, None] for a in _moments(rows, rule))
    elif rule.norm == "mean":
        seen = np.maximum((~np.isnan(rows)).sum(axis=1), 1)
        mean = np.nansum(np.abs(rows), axis=1, dtype=np.float64) / seen
        scale = np.maximum(mean, rule.eps)[:, None]
        loc = np.zeros_like(scale)
    else:
        loc, scale = np.zeros((len(rows), 1)), np.ones((len(rows), 1))
    return loc[..., None].astype(np.float32), scale[..., None].astype(np.float32)


def _moments(rows: NDArray[np.float32], rule: PatchRule) -> tuple[Any, Any]:
    """Mean and guarded std of what is observed in each row; 0 and 1 where nothing is."""
    import numpy as np

    seen = (~np.isnan(rows)).sum(axis=1)
    wide = rows.astype(np.float64)
    mean = np.nansum(wide, axis=1) / np.maximum(seen, 1)
    if not rule.double:  # most references subtract the float32 mean
        mean = mean.astype(np.float32).astype(np.float64)
    squares = np.nansum((wide - mean[:, None]) ** 2, axis=1)
    variance = squares / np.maximum(seen - rule.ddof, 1)
    scale = guarded(variance, rule)
    if rule.guard == "location":
        flat = np.sqrt(variance).astype(np.float32) == 0
        scale = np.where(flat, np.abs(mean) + rule.eps, scale)
    return mean, np.where(seen == 0, _empty_scale(scale, rule), scale)


def _empty_scale(scale: Any, rule: PatchRule) -> Any:
    """Nothing observed: Chronos and TiRex have scale 1, a guarded root stays as it is."""
    return 1.0 if rule.guard in ("zero", "location") else scale


def guarded(variance: Any, rule: PatchRule) -> Any:
    """The root of the variance, kept from being zero in the rule's way."""
    import numpy as np

    if rule.guard == "variance":
        return np.sqrt(variance + rule.eps)
    root = np.sqrt(variance)
    if rule.guard == "deviation":
        return root + rule.eps
    if rule.guard == "small":
        return np.where(root < rule.eps, 1.0, root)
    if rule.guard == "floor":
        return np.maximum(root, rule.eps)
    return np.where(root.astype(np.float32) == 0, rule.eps, root)


def _causal(patches: NDArray[np.float32], rule: PatchRule) -> tuple[Any, Any]:
    """Mean and std of all that is observed up to the end of each patch.

    Sums of values moved by the channel's first observed one, so that no digits cancel."""
    import numpy as np

    wide = patches.astype(np.float64)
    seen = ~np.isnan(wide)
    flat, there = wide.reshape(len(wide), -1), seen.reshape(len(wide), -1)
    if flat.shape[1] == 0:
        return np.zeros(wide.shape[:2]), np.ones(wide.shape[:2])
    first = np.take_along_axis(flat, there.argmax(axis=1)[:, None], axis=1)
    base = np.nan_to_num(first)[:, :, None]
    moved = np.where(seen, wide - base, 0.0)
    n = seen.sum(axis=2).cumsum(axis=1)
    total, squares = moved.sum(axis=2).cumsum(axis=1), (moved**2).sum(axis=2).cumsum(axis=1)
    mean = total / np.maximum(n, 1)
    variance = np.maximum(squares - n * mean**2, 0.0) / np.maximum(n - rule.ddof, 1)
    loc = np.where(n > 0, mean + base[:, :, 0], 0.0)
    scale = guarded(np.where(variance < 1e-14 * mean**2, 0.0, variance), rule)
    if rule.decades:  # of all steps, with ddof 0
        count = np.maximum(there.sum(axis=1, keepdims=True), 1)
        around = moved.reshape(len(wide), -1)
        center = around.sum(axis=1, keepdims=True) / count
        spread = (np.where(there, around - center, 0.0) ** 2).sum(axis=1, keepdims=True) / count
        whole = guarded(spread, rule)
        scale = np.clip(scale, whole * 10.0**-rule.decades, whole * 10.0**rule.decades)
    return loc, scale


def _first_full(patches: NDArray[np.float32]) -> Any:
    """Of each channel, the first patch with at least 3 observed values; else the last patch."""
    import numpy as np

    enough = (~np.isnan(patches)).sum(axis=2) >= 3
    index = np.where(enough.any(axis=1), enough.argmax(axis=1), patches.shape[1] - 1)
    return patches[np.arange(len(patches)), index]


def leading_gaps(values: NDArray[np.float64]) -> int:
    """Steps at the start where every channel is missing; 0 when nothing is observed at all."""
    import numpy as np

    seen = ~np.isnan(values).all(axis=1)
    return int(seen.argmax()) if seen.any() else 0


def interpolated(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Missing values on straight lines between their neighbors; the ends repeat; none at all: 0."""
    import numpy as np

    filled = rows.copy()
    steps = np.arange(rows.shape[1])
    for row in filled:
        holes = np.isnan(row)
        if holes.all():
            row[:] = 0.0
        elif holes.any():
            row[holes] = np.interp(steps[holes], steps[~holes], row[~holes])
    return filled


def without_gaps(media: Series) -> Series:
    """The series with missing values so filled; itself where there are none."""
    import numpy as np

    from multitok.core.media import Series

    if not np.isnan(media.values).any():
        return media
    return Series(interpolated(media.values.T).T, media.names, media.timestamps)

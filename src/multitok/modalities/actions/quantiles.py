"""Normalization of each dim by its 1st and 99th percentile, in the three published variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from multitok.core.errors import MediaError
from multitok.core.parameters import check_parameters
from multitok.modalities.actions.chunks import stacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Variant = Literal["openvla", "openpi", "lerobot"]
RESTING = 1000
"""How much wider than its percentiles the range of a dim is that rests nearly always."""


def stated_quantiles(
    trajectories: Sequence[Any],
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """What the data set of these trajectories states, where it is one data set."""
    found = {getattr(one, "quantiles", None) for one in trajectories}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, kw_only=True)
class QuantileNorm:
    """Map [q01, q99] of each dim to [-1, 1]; one quantile serves all dims, or there is one a dim.

    openvla  2 (x - q01) / (q99 - q01 + 1e-8) - 1, clipped to [-1, 1]
    openpi   the same with 1e-6, not clipped
    lerobot  the same with a denominator of 1e-8 only where q99 == q01, not clipped
    A dim whose `mask` is False (a gripper that is 0..1 already) stays as it is.
    Source: openvla rlds/utils/data_utils.py, openpi transforms.py, lerobot normalize_processor.py.

    >>> QuantileNorm(q01=(0.0,), q99=(10.0,), variant="lerobot").apply([[5.0], [20.0]]).tolist()
    [[0.0], [3.0]]
    """

    q01: tuple[float, ...]
    q99: tuple[float, ...]
    mask: tuple[bool, ...] | None = None
    variant: Variant = "openvla"

    def __post_init__(self) -> None:
        check_parameters(self)
        if len(self.q01) != len(self.q99) or not self.q01:
            raise MediaError(
                f"q01 and q99 need one number a dim, got {len(self.q01)} and {len(self.q99)}"
            )
        for dim, (low, high) in enumerate(zip(self.q01, self.q99, strict=True)):
            if not low <= high:
                raise MediaError(f"q01 must not be above q99, got {low!r} and {high!r} (dim {dim})")

    def apply(self, values: Any) -> NDArray[np.float64]:
        """Values (steps, dims) as the model sees them."""
        import numpy as np

        x = np.asarray(values, np.float64)
        self.check_dims(x.shape[-1])
        low, _, span = self._arrays
        y = 2 * (x - low) / span - 1
        if self.variant == "openvla":
            y = y.clip(-1, 1)
        return y if self.mask is None else np.where(self.mask, y, x)

    def invert(self, values: Any) -> NDArray[np.float64]:
        """The inverse, as each project publishes it; a clipped value does not come back."""
        import numpy as np

        y = np.asarray(values, np.float64)
        self.check_dims(y.shape[-1])
        low, width, span = self._arrays
        x = 0.5 * (y + 1) * (width if self.variant == "openvla" else span) + low
        return x if self.mask is None else np.where(self.mask, x, y)

    def scale(self, dims: int) -> NDArray[np.float64]:
        """What one unit of the normalized range is in the units of each dim."""
        import numpy as np

        half = np.broadcast_to(self._arrays[2] / 2, (dims,))
        return half if self.mask is None else np.where(self.mask, half, 1.0)

    def widest(self, dims: int) -> float:
        """What an error of one in the normalized range is at most; of large numbers, the rounding
        of their own too."""
        far = max(map(abs, (*self.q01, *self.q99)))
        return float(self.scale(dims).max()) + 1e-12 * far

    def said(self) -> dict[str, Any]:
        """A JSON-able form, to tell whether two are the same."""
        mask = None if self.mask is None else list(self.mask)
        return {"q01": list(self.q01), "q99": list(self.q99), "mask": mask, "by": self.variant}

    def check_dims(self, dims: int) -> None:
        """MediaError when the quantiles are of another number of dims."""
        for what, given in (("q01 and q99", self.q01), ("mask", self.mask)):
            if given and len(given) not in (1, dims):
                raise MediaError(f"{what} hold {len(given)} dims, the actions have {dims}")

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """q01, q99 - q01, and what is divided by, which is never 0."""
        import numpy as np

        low = np.array(self.q01, np.float64)
        width = np.array(self.q99, np.float64) - low
        if self.variant == "lerobot":
            return low, width, np.where(width == 0, 1e-8, width)
        return low, width, width + (1e-8 if self.variant == "openvla" else 1e-6)

    @classmethod
    def train(
        cls,
        trajectories: Sequence[Any],
        *,
        mask: tuple[bool, ...] | None = None,
        variant: Variant = "openvla",
    ) -> QuantileNorm:
        """The quantiles of your own data, interpolated linearly between its values; those of their
        data set, where it states them.

        A dim that rests nearly always (a gripper that closes once) would be stretched a thousand
        times and more: of such a one the smallest and the largest value are taken."""
        import numpy as np

        data = stacked(trajectories, "quantile normalization")
        steps = sum(len(values) for values in data)
        if steps < 2:
            raise MediaError(
                f"quantiles need at least 2 steps, got {steps}: pass more trajectories"
            )
        if (stated := stated_quantiles(trajectories)) is not None:
            return cls(q01=stated[0], q99=stated[1], mask=mask, variant=variant)
        values = np.concatenate(data)
        low, high = np.quantile(values, [0.01, 0.99], axis=0)
        least, most = values.min(axis=0), values.max(axis=0)
        rests = RESTING * (high - low) < most - least
        low, high = np.where(rests, least, low), np.where(rests, most, high)
        return cls(q01=tuple(low.tolist()), q99=tuple(high.tolist()), mask=mask, variant=variant)

    @classmethod
    def from_stats(
        cls, stats: Mapping[str, Any], *, key: str = "action", variant: Variant = "lerobot"
    ) -> QuantileNorm:
        """The quantiles of a LeRobot meta/stats.json, read with json.load."""
        row = stats.get(key)
        if not isinstance(row, Mapping) or "q01" not in row or "q99" not in row:
            raise MediaError(
                f"the statistics hold no q01 and q99 for {key!r}. They hold: {', '.join(stats)}"
            )
        low, high = (tuple(float(number) for number in row[name]) for name in ("q01", "q99"))
        return cls(q01=low, q99=high, variant=variant)


@lru_cache(maxsize=64)
def norm_of(
    q01: tuple[float, ...], q99: tuple[float, ...], mask: tuple[bool, ...] | None, variant: Variant
) -> QuantileNorm:
    """The same normalization, made and checked once."""
    return QuantileNorm(q01=q01, q99=q99, mask=mask, variant=variant)

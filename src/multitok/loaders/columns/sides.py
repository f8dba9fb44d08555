"""The sides of an array as steps and channels.

(steps,)                  one channel
(steps, channels)
(series, steps, channels) a channel for each of each series: case0[0], case0[1], case1[0], ...
(steps, joints, 2 or 3)   movement: j0.x, j0.y, j0.z, j1.x, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.loaders.columns.tables import wrong

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 1_000_000
"""Channels: an array of more is turned, or no series."""


class Sides(NamedTuple):
    """How an array becomes a table.

    rows    steps
    names   of its channels, in order
    facts   what `inspect` tells of how its sides are read
    notes   what else its sides may mean
    cases   movements that stand side by side; 1 but for three sides
    series  whether the first side counts series, the second steps
    """

    rows: int
    names: tuple[str, ...]
    facts: Mapping[str, str]
    notes: tuple[str, ...] = ()
    cases: int = 1
    series: bool = False

    def flat(self, array: NDArray[Any]) -> NDArray[Any]:
        """The array as (steps, channels)."""
        if self.series:
            array = array.transpose(1, 0, 2)
        return array.reshape(self.rows, len(self.names))

    def one_movement(self, where: str, places: list[int]) -> None:
        """SourceError where the channels are of several movements: none runs beside another."""
        width = len(self.names) // self.cases
        if len({place // width for place in places}) > 1:
            first = self.names[0].partition("[")[0]
            raise wrong(
                where,
                f"{self.cases} movements of {self.rows} steps: name one, as in --columns {first}"
                " (columns=)",
            )


def sides(where: str, name: str, shape: tuple[int, ...], modality: str) -> Sides:
    """How an array of this shape is read; `name` is that of an array among several, else ""."""
    if len(shape) not in (1, 2, 3):
        raise wrong(
            where,
            "the array must be (steps,), (steps, channels), (series, steps, channels) or of"
            f" movement (steps, joints, 3), got shape {shape}: numpy.reshape makes it one",
        )
    width = 1
    for side in shape[1:]:
        width *= side
    series = len(shape) == 3 and not (modality == "actions" and shape[2] in (2, 3))
    if series:
        width = shape[0] * shape[2]
    if not width:
        raise wrong(where, f"the array has no channels: shape {shape}")
    if width > MOST:
        raise wrong(
            where,
            f"the array has {width:,} channels, {MOST:,} at most: shape {shape} (turn it: .T)",
        )
    if series:
        return _cases(name, shape, modality)
    if len(shape) == 3:
        return _joints(name, shape)
    if width == 1:
        return Sides(shape[0], (name or "channel0",), {})
    names = (f"{name}[{i}]" if name else f"channel{i}" for i in range(width))
    return Sides(shape[0], tuple(names), {})


def _joints(name: str, shape: tuple[int, ...]) -> Sides:
    steps, joints, axes = shape
    prefix = f"{name}." if name else ""
    names = tuple(f"{prefix}j{j}.{axis}" for j in range(joints) for axis in "xyz"[:axes])
    return Sides(steps, names, {"layout": f"{steps} steps x {joints} joints x {'xyz'[:axes]}"})


def _cases(name: str, shape: tuple[int, ...], modality: str) -> Sides:
    cases, steps, width = shape
    prefix = f"{name}." if name else ""
    names = tuple(
        f"{prefix}case{case}" + (f"[{c}]" if width > 1 else "")
        for case in range(cases)
        for c in range(width)
    )
    kind = "movements" if modality == "actions" else "series"
    facts = {"layout": f"{cases} {kind} x {steps} steps x {width} channels"}
    if modality == "actions":
        return Sides(steps, names, facts, (), cases, series=True)
    notes = (
        (f"read as {cases} series of {steps} steps: joints of {cases} steps are read --as actions",)
        if width in (2, 3)
        else ()
    )
    return Sides(steps, names, facts, notes, series=True)

"""Accelerators by name: peaks, memory and list prices, each with its source (accelerators.toml)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal, NamedTuple, get_args

from multitok.compute.spans import Span
from multitok.core.errors import UnknownNameError

Weights = Literal["bf16", "fp8", "int8", "int4"]
WEIGHTS: tuple[Weights, ...] = get_args(Weights)
BYTES: Mapping[str, float] = {"bf16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 0.5}
"""Bytes of a parameter. int8 and int4 are of weights alone: they are computed in BF16."""


class ListPrice(NamedTuple):
    """Dollars an hour of one accelerator, as a list had it on a day."""

    usd: Decimal
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class Accelerator:
    """Peaks are dense FLOP/s; `memory` is in bytes, `bandwidth` in bytes a second."""

    id: str
    name: str
    bf16: float
    fp8: float | None
    memory: float
    bandwidth: float
    source: str
    checked: date
    prices: tuple[ListPrice, ...]

    def peak(self, weights: str) -> float:
        """FLOP/s at most with weights of this kind."""
        return self.fp8 if weights == "fp8" and self.fp8 is not None else self.bf16

    @property
    def price(self) -> Span | None:
        """Dollars an hour: the middle one of the lists, and all of them as the range."""
        if not self.prices:
            return None
        listed = sorted(float(one.usd) for one in self.prices)
        return Span(listed[0], listed[(len(listed) - 1) // 2], listed[-1])


@cache
def accelerators() -> Mapping[str, Accelerator]:
    """All that are known, by name."""
    path = os.path.join(os.path.dirname(__file__), "accelerators.toml")
    with open(path, "rb") as file:
        rows = tomllib.load(file)
    checked = rows.pop("checked")
    return {
        name: Accelerator(
            id=name,
            name=row["name"],
            bf16=row["bf16"] * 1e12,
            fp8=row["fp8"] * 1e12 if "fp8" in row else None,
            memory=row["memory"] * 1e9,
            bandwidth=row["bandwidth"] * 1e9,
            source=row["source"],
            checked=checked,
            prices=tuple(
                ListPrice(Decimal(one["usd"]), one["day"], one["source"])
                for one in row.get("prices", ())
            ),
        )
        for name, row in rows.items()
    }


def accelerator_of(name: str) -> Accelerator:
    """The accelerator of a name; UnknownNameError with all names."""
    known = accelerators()
    found = known.get(name.lower()) if isinstance(name, str) else None
    if found is None:
        raise UnknownNameError.of("accelerator", name, known, f"Known: {', '.join(known)}")
    return found


def weights_of(name: str) -> Weights:
    """The kind of weights of a name; UnknownNameError with all of them."""
    for known in WEIGHTS:
        if name == known:
            return known
    raise UnknownNameError.of("kind of weights", name, WEIGHTS, f"Known: {', '.join(WEIGHTS)}")

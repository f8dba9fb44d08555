"""Ratios of billed to counted tokens that `reconcile` measured, for later estimates to use.

A file of JSON: {"schema": 1, "measured": "2026-11-23", "models": {"gpt-6-astra": {"text": {"ratio",
"low", "high", "requests"}}}}. Only estimates and bounds are corrected by it, and each says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any

from multitok.core.boundary import boundary
from multitok.core.errors import SourceError
from multitok.core.stamps import Stamp, stamp

SCHEMA = 1
VARIABLE = "MULTITOK_CALIBRATION"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Billed for counted, the range it was seen in, and over how many requests."""

    ratio: float
    low: float
    high: float
    requests: int
    name: str = ""
    measured: str = ""

    @property
    def note(self) -> str:
        """What a corrected part says."""
        many = "request" if self.requests == 1 else "requests"
        return (
            f"calibrated by {self.name}: {self.requests} {many} billed {self.ratio:.3f} times the"
            f" count, measured {self.measured}"
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Ratios by model and modality."""

    name: str
    measured: str
    models: Mapping[str, Mapping[str, Ratio]]

    def ratio(self, model: str, modality: str) -> Ratio | None:
        """The ratio for one modality of a model; tools and framing are text."""
        kinds = self.models.get(model, {})
        return kinds.get(modality if modality in kinds else "text" if modality == "tool" else "")

    def to_dict(self) -> dict[str, Any]:
        models = {
            model: {
                modality: {
                    "ratio": round(found.ratio, 6), "low": round(found.low, 6),
                    "high": round(found.high, 6), "requests": found.requests,
                }
                for modality, found in kinds.items()
            }
            for model, kinds in self.models.items()
        }  # fmt: skip
        return {"schema": SCHEMA, "measured": self.measured, "models": models}


def read_calibration(path: str | Path) -> Calibration:
    """A calibration file; SourceError says what is wrong with it."""
    with boundary("reading", path):
        return _read_calibration(os.fspath(path))


def _read_calibration(name: str) -> Calibration:
    try:
        given = json.loads(Path(name).read_text("utf-8"))
        if given.get("schema", SCHEMA) != SCHEMA:
            raise ValueError(f"schema {given['schema']!r}, this version reads {SCHEMA}")
        measured = str(given["measured"])
        models = {
            model: {
                modality: Ratio(
                    _ratio(one["ratio"]), _ratio(one["low"]), _ratio(one["high"]),
                    int(one["requests"]), os.path.basename(name), measured,
                )
                for modality, one in kinds.items()
            }
            for model, kinds in given["models"].items()
        }  # fmt: skip
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror}", source=name) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SourceError(
            f"{name}: not a calibration file ({error}). multitok reconcile writes one", source=name
        ) from None
    return Calibration(os.path.basename(name), measured, models)


def _ratio(given: Any) -> float:
    number = float(given)
    if not 0 < number < inf:
        raise ValueError(f"a ratio must be above 0, got {given!r}")
    return number


def stored_calibration() -> Calibration | None:
    """The file that MULTITOK_CALIBRATION names."""
    name = os.environ.get(VARIABLE)
    return _read(stamp(name)) if name else None


@lru_cache(maxsize=4)
def _read(file: Stamp) -> Calibration:
    return read_calibration(file.path)

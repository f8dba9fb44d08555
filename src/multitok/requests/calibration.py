"""What `reconcile` measured of a model's estimates, for later counts: a file, and what it holds.

A file of JSON: {"schema": 2, "measured": "2026-11-28", "models": {"claude-opus-5": {"tools":
{"offset", "slope", "low", "high", "requests", "before", "after"}}}, "refused": {...}}, named as in
`Trend`. A part of a model is `text`, `tools` (the text of a request that defines tools), `image`,
`audio`, `video` or `pdf`. Only estimates are corrected, and each says so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any

from multitok.core.boundary import boundary
from multitok.core.errors import SourceError
from multitok.core.schema import parsed
from multitok.core.stamps import Stamp, stamp
from multitok.requests.regression import OFFSET, SLOPES, WIDEST, Line, Trend

SCHEMA = 2
VARIABLE = "MULTITOK_CALIBRATION"


@dataclass(frozen=True, slots=True)
class Correction:
    """The line of one part of a model, where it was measured and when."""

    trend: Trend
    name: str = ""
    measured: str = ""

    @property
    def note(self) -> str:
        """What a corrected part says."""
        line, requests = self.trend.line, self.trend.requests
        return (
            f"calibrated by {self.name}: {requests:,} requests, slope {line.slope:.3f}, offset"
            f" {line.offset:+.0f}, measured {self.measured}"
        )

    def to_dict(self) -> dict[str, Any]:
        trend = self.trend
        return {
            "offset": trend.line.offset,
            "slope": trend.line.slope,
            "low": round(trend.low, 4),
            "high": round(trend.high, 4),
            "requests": trend.requests,
            "before": round(trend.before, 4),
            "after": round(trend.after, 4),
        }


@dataclass(frozen=True, slots=True)
class Calibration:
    """Corrections by model and part, and why others were not kept."""

    name: str
    measured: str
    models: Mapping[str, Mapping[str, Correction]]
    refused: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def correction(self, model: str, part: str) -> Correction | None:
        return self.models.get(model, {}).get(part)

    def to_dict(self) -> dict[str, Any]:
        models = {
            model: {part: found.to_dict() for part, found in parts.items()}
            for model, parts in self.models.items()
        }
        refused = {model: dict(parts) for model, parts in self.refused.items()}
        return {
            "schema": SCHEMA, "measured": self.measured, "models": models, "refused": refused,
        }  # fmt: skip


NOTHING = Calibration("", "", {})
"""Corrects nothing, and keeps MULTITOK_CALIBRATION from it."""


def read_calibration(path: str | Path) -> Calibration:
    """A calibration file; SourceError says what is wrong with it."""
    with boundary("reading", path):
        return _read_calibration(os.fspath(path))


def _read_calibration(name: str) -> Calibration:
    short = os.path.basename(name)
    try:
        given = parsed(Path(name).read_text("utf-8"))
        schema = given.get("schema", SCHEMA)
        measured = str(given["measured"])
        if schema == SCHEMA:
            models = {
                model: {
                    part: Correction(_trend(one), short, measured) for part, one in parts.items()
                }
                for model, parts in given["models"].items()
            }
            refused = {model: dict(parts) for model, parts in given.get("refused", {}).items()}
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror}", source=name) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SourceError(
            f"{name}: not a calibration file ({error}). multitok reconcile writes one: multitok"
            " reconcile usage.jsonl -o calibration.json",
            source=name,
        ) from None
    if schema != SCHEMA:
        raise SourceError(
            f"{name}: a calibration of schema {schema!r}, this version reads {SCHEMA}. Measure"
            f" again: multitok reconcile usage.jsonl -o {short}",
            source=name,
        )
    return Calibration(short, measured, models, refused)


def _trend(given: Mapping[str, Any]) -> Trend:
    return Trend(
        Line(_within(given, "offset", -OFFSET, OFFSET), _within(given, "slope", *SLOPES)),
        low=_within(given, "low", WIDEST[0], 1),
        high=_within(given, "high", 1, WIDEST[1]),
        requests=int(_within(given, "requests", 1, inf)),
        before=_within(given, "before", 0, inf),
        after=_within(given, "after", 0, inf),
    )


def _within(given: Mapping[str, Any], key: str, low: float, high: float) -> float:
    number = float(given[key])
    if not low <= number <= high or number == inf:
        bounds = f"from {low:g}" if high == inf else f"{low:g} to {high:g}"
        raise ValueError(f"{key} must be {bounds}, got {given[key]!r}")
    return number


def stored_calibration() -> Calibration | None:
    """The file that MULTITOK_CALIBRATION names."""
    name = os.environ.get(VARIABLE)
    return _read(stamp(name)) if name else None


@lru_cache(maxsize=4)
def _read(file: Stamp) -> Calibration:
    return read_calibration(file.path)

"""What a model is for, and until which day it answers: `task` and `retired` of a row."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, get_args

from multitok.catalog.providers import provider

if TYPE_CHECKING:
    from multitok.catalog.load import Model

Task = Literal[
    "chat", "completion", "embedding", "classification", "ocr", "transcription", "image-out",
    "speech-out", "rerank", "moderation", "forecast", "codec",
    "policy",
]  # fmt: skip
TASKS: tuple[Task, ...] = get_args(Task)
ANSWERS = ("chat", "completion")
"""The tasks of what answers a prompt."""


def check_life(row: Mapping[str, Any]) -> None:
    """ValueError for a task that is none and for a day that is none."""
    task, retired = row.get("task", "chat"), row.get("retired")
    if task not in TASKS:
        raise ValueError(f"task: {task!r} is none of {', '.join(TASKS)}")
    if retired is not None and day_of(retired) is None:
        raise ValueError(f"retired must be a day, 2026-05-15, got {retired!r}")


def day_of(text: Any) -> date | None:
    """The day of an ISO date; None for anything else."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def silence(model: Model, modality: str, on: date | None = None) -> tuple[str, ...]:
    """Why a prompt with this gets no answer of the model on a day, today when none is given; empty
    where it does. A series or a motion is no prompt: of it any task makes something."""
    found = gone(model, on)
    if modality not in ("series", "actions") and model.task not in ANSWERS:
        found = (*found, f"its task is {model.task}: it answers no prompt")
    return found


def today() -> date:
    """The day, or the one that SOURCE_DATE_EPOCH names where output is to be the same on any: asked
    again each minute, since a count is faster than that."""
    return _today(monotonic() // 60)


@lru_cache(maxsize=1)
def _today(_: float) -> date:
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(seconds), UTC).date() if seconds.isdecimal() else date.today()


def gone(model: Model, on: date | None = None) -> tuple[str, ...]:
    """Why nothing gets an answer of the model on a day; empty before it is retired."""
    if model.retired is None or model.retired > (on or today()):
        return ()
    whose = provider(model.provider).name
    return (f"retired on {model.retired}: {whose} no longer answers with this model",)

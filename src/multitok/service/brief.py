"""The short answers that agents get: what they pay for is read in every turn, so each says what
matters of a result, and no more. Pure: from a result to its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from multitok.report.documents import usd
from multitok.report.fits import fit_to_dict
from multitok.report.requests import render_overflow

if TYPE_CHECKING:
    from multitok.budgets.breakpoints import Fit
    from multitok.budgets.clips import VideoFit
    from multitok.budgets.sounds import SoundFit
    from multitok.counting.comparison import Row
    from multitok.counting.counts import Count
    from multitok.requests.batches import BatchCount
    from multitok.requests.whole import RequestCount

NOTES = 5
"""Of a count, the first: what matters stands first."""
DEAREST = 10
"""Parts, files and folders that are listed, the dearest first."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One count: `most` is what an estimate may be, `cost_usd` null where no price is known."""

    model: str
    tokens: int
    most: int
    kind: str
    cost_usd: str | None
    context_window: int | None
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Counts:
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A whole request: what is `unknown` is in no number."""

    model: str
    tokens: int
    most: int
    kind: str
    complete: bool
    cost_usd: str | None
    context_window: int | None
    dearest: list[dict[str, Any]]
    unknown: list[str]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fits; `choices` are alternatives, each to be turned by itself."""

    tokens_now: int
    fits: bool
    choices: list[dict[str, Any]]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    tokens: int
    next_start: int | None


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a folder added up: the largest folders and files are listed."""

    model: str
    files: int
    tokens: int
    kind: str
    cost_usd: str | None
    folders: list[dict[str, Any]]
    largest: list[dict[str, Any]]
    errors: list[str]


def counted_of(count: Count) -> Counted:
    return Counted(
        model=count.model or count.tokenizer,
        tokens=count.tokens,
        most=count.range[1] if count.range else count.tokens,
        kind="rejected" if count.rejected else count.kind,
        cost_usd=None if count.rejected else usd(count.cost().high),
        context_window=count.context_window,
        notes=list(count.notes[:NOTES]),
    )


def row_of(row: Row) -> dict[str, Any]:
    """A model's count, or why there is none."""
    if row.count is None:
        return {"model": row.model, "tokens": None, "kind": row.kind, "why": row.why}
    found = {**asdict(counted_of(row.count)), "model": row.model}
    del found["notes"]  # the same for many: `count` tells them
    return found | ({"why": row.why} if row.why else {})


def asked_of(count: RequestCount) -> Asked:
    """A request's sum, and the parts that it is mostly made of."""
    parts = [
        (name, "MCP server", sum(part.tokens or 0 for part in of))
        for name, of in count.servers().items()
    ] or [(part.path, part.what, part.tokens or 0) for part in count.parts]
    cost = count.cost()
    notes = [*render_overflow(count), *count.notes, *count.left_out]
    return Asked(
        model=count.model,
        tokens=count.tokens,
        most=count.most,
        kind=count.kind,
        complete=count.complete,
        cost_usd=usd(cost.high),
        context_window=count.context_window,
        dearest=_dearest(parts),
        unknown=[f"{part.path}: {'; '.join(part.notes)}" for part in count.unknown[:DEAREST]],
        notes=[*notes, *([cost.why] if cost.why else [])][:NOTES],
    )


def batch_of(batch: BatchCount) -> Asked:
    """A batch's sum, and the requests that it is mostly made of."""
    whole = batch.counted
    cost = batch.cost()
    open_ = [f"{line.id}: {line.error}" for line in batch.errors]
    open_ += [f"{line.id}: {p.path}" for line in batch.lines if line.counted
              for p in line.counted.unknown]  # fmt: skip
    models = sorted({one.model for one in whole})
    parts = [(line.id, "request", line.counted.tokens) for line in batch.lines if line.counted]
    return Asked(
        model=", ".join(models),
        tokens=batch.tokens,
        most=batch.most,
        kind=batch.kind,
        complete=batch.complete,
        cost_usd=usd(cost.high),
        context_window=None,
        dearest=_dearest(parts),
        unknown=open_[:DEAREST],
        notes=[f"{len(batch.lines)} requests", *([cost.why] if cost.why else [])],
    )


def _dearest(parts: Sequence[tuple[str, str, int]]) -> list[dict[str, Any]]:
    listed = sorted(parts, key=lambda part: -part[2])[:DEAREST]
    return [{"path": path, "what": what, "tokens": tokens} for path, what, tokens in listed]


def fitted_of(found: Fit | VideoFit | SoundFit) -> Fitted:
    """Each knob by itself, as far as it must be turned."""
    told = fit_to_dict(found)
    knobs = [("size", told.get("best")), *((k, told.get(k)) for k in ("rate", "size", "length"))]
    knobs += [("rate and size", one) for one in told.get("both", ())[:1]]
    return Fitted(
        tokens_now=told["now"]["tokens"] if "now" in told else told["tokens"],
        fits=found.fits,
        choices=[
            {"turn": knob, **{key: value for key, value in choice.items() if value is not None}}
            for knob, choice in knobs
            if choice is not None
        ],
        notes=list(told["notes"])[:NOTES],
    )


def tree_of(told: Mapping[str, Any], model: str, files: int, failed: list[str]) -> Tree:
    folders = sorted(told["folders"], key=lambda one: -one["tokens"])
    more = len(failed) - DEAREST
    return Tree(
        model=model,
        files=files,
        tokens=told["total"],
        kind=told["kind"],
        cost_usd=told["total_usd"],
        folders=[
            {"path": one["input"], "files": one["files"], "tokens": one["tokens"]}
            for one in folders[:DEAREST]
        ],
        largest=[{"path": one["input"], "tokens": one["tokens"]} for one in told["counts"]],
        errors=[*failed[:DEAREST], *([f"{more} more"] if more > 0 else [])],
    )

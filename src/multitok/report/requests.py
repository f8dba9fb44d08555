"""A request's count as text for people and as a dictionary for machines. Pure: nothing prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.info import AudioInfo, ImageInfo, PdfInfo, VideoInfo, info_to_dict
from multitok.report.columns import wrapped
from multitok.report.text import KIND_COLOR, SCHEMA, number, percent, style, table
from multitok.requests.advice import advice

if TYPE_CHECKING:
    from multitok.prices.rates import Cost
    from multitok.requests.part import RequestPart
    from multitok.requests.whole import RequestCount

SHOWN = 40
"""Rows of the table; the cheapest beyond them are one row together. --json has them all."""


def request_to_dict(count: RequestCount, cost: Cost | None = None) -> dict[str, Any]:
    """A RequestCount as JSON: parts whose known tokens add up to `tokens`."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "model": count.model,
        "provider": count.provider,
        "tokens": count.tokens,
        "kind": count.kind,
        "complete": count.complete,
        "parts": [_part_to_dict(part) for part in count.parts],
        "left_out": list(count.left_out),
        "advice": [
            {"path": part.path, "tokens": part.tokens, "sizes": sizes}
            for part, sizes in advice(count)
        ],
        "context_window": count.context_window,
        "calibration": None
        if count.calibration is None
        else {"name": count.calibration.name, "corrected": count.calibrated()},
    }
    if cost is not None:
        document["cost"] = cost_to_dict(cost)
    return document


def _part_to_dict(part: RequestPart) -> dict[str, Any]:
    return {
        "path": part.path,
        "modality": part.modality,
        "what": part.what,
        "role": part.role,
        "tokens": part.tokens,
        "kind": part.kind,
        "bytes": part.bytes,
        "info": info_to_dict(part.info) if part.info is not None else None,
        "options": dict(part.options),
        "source": part.source,
        "checked": part.checked.isoformat() if part.checked else None,
        "notes": list(part.notes),
    }


def cost_to_dict(cost: Cost) -> dict[str, Any]:
    """Dollars as decimal text; None with the reason where the price is not known."""
    price = cost.price
    return {
        "low_usd": str(cost.low) if cost.low is not None else None,
        "high_usd": str(cost.high) if cost.high is not None else None,
        "parts_usd": {name: str(amount) for name, amount in cost.parts.items()},
        "requests": cost.requests,
        "why": cost.why,
        "price": None
        if price is None
        else {
            "model": price.model,
            "provider": price.provider,
            "source": price.source,
            "taken": price.taken.isoformat(),
            "effective": price.effective.isoformat() if price.effective else None,
            "checked": price.checked.isoformat() if price.checked else None,
        },
        "notes": list(cost.notes),
    }


def render_cost(cost: Cost) -> str:
    """`$0.0028 for input (gpt-4o at openai, genai-prices 0.2.3, taken 2026-11-23)`."""
    if not cost.known:
        return f"cost     unknown: {cost.why}"
    price = cost.price
    many = f" for {cost.requests:,} requests" if cost.requests != 1 else ""
    source = ""
    if price is not None:
        name = price.source.partition(",")[0]
        source = f" ({price.model} at {price.provider}, {name},"
        source += f" taken {price.taken})"
    return f"cost     {cost}{many}{source}"


def render_request(
    count: RequestCount,
    *,
    color: bool,
    people: bool,
    cost: Cost | None = None,
    width: int | None = None,
) -> str:
    """A line a part, the total, what is unknown or left out, and what would be cheaper."""
    lines = [_table(count, color=color, people=people, width=width), ""]
    share = percent(count.tokens / count.context_window) if count.context_window else ""
    of = f", {share} of the context window" if share else ""
    total = style(number(count.tokens, people), "bold", color=color)
    kind = style(count.kind, KIND_COLOR[count.kind], color=color)
    lines.append(f"total    {total} tokens for {count.model}, {kind}{of}")
    if not count.complete:
        unknown = len(count.unknown)
        lines.append(f"         of what is known: {unknown} part{'s' * (unknown > 1)} could not be")
        lines[-1] += " counted"
    if cost is not None:
        lines.append(render_cost(cost))
        lines += [f"         {note}" for note in cost.notes]
    lines += _calibrated(count)
    lines += [f"unknown  {part.path}: {'; '.join(part.notes)}" for part in count.unknown]
    lines += [f"left out {what}" for what in count.left_out]
    for part, sizes in advice(count):
        cheaper = ", ".join(
            f"{size['width']} x {size['height']} would cost {number(size['tokens'], people)}"
            for size in sizes
        )
        cost_now = number(part.tokens or 0, people)
        lines.append(f"smaller  {part.path}: {_about(part)} costs {cost_now} tokens; {cheaper}")
    return wrapped("\n".join(lines), width, hang=9)


def _calibrated(count: RequestCount) -> list[str]:
    """Which estimates were corrected and by what; a calibration that corrects none says so."""
    if count.calibration is None or not count.calibration.models:
        return []
    found = count.calibrated()
    if found:
        return [f"measured {modality} {note}" for modality, note in found.items()]
    known = count.calibration.models.get(count.model)
    ratios = f"ratios for {' and '.join(known)}" if known else "no ratio"
    why = ", and no estimate here is of that" if known else ""
    return [f"measured nothing: {count.calibration.name} has {ratios} of {count.model}{why}"]


def _table(count: RequestCount, *, color: bool, people: bool, width: int | None) -> str:
    shown, rest = _shown(count.parts)
    rows = []
    colors = {}
    for i, part in enumerate(shown):
        colors[i, 1] = KIND_COLOR[part.kind]
        tokens = "?" if part.tokens is None else number(part.tokens, people)
        rows.append([tokens, part.kind, part.path, _about(part)])
    if rest:
        tokens = number(sum(part.tokens or 0 for part in rest), people)
        rows.append([tokens, "", f"{len(rest)} more", "the cheapest parts; --json has them all"])
    headers = ["tokens", "kind", "part", "what"]
    return table(headers, rows, right=(0,), color=color, colors=colors, width=width)


def _shown(parts: Sequence[RequestPart]) -> tuple[list[RequestPart], list[RequestPart]]:
    """The dearest and all unknown parts in their order, and the rest."""
    if len(parts) <= SHOWN:
        return list(parts), []
    by_cost = sorted(
        range(len(parts)), key=lambda i: (parts[i].tokens is not None, -_cost(parts[i]))
    )
    kept = set(by_cost[:SHOWN])
    return (
        [part for i, part in enumerate(parts) if i in kept],
        [part for i, part in enumerate(parts) if i not in kept],
    )


def _cost(part: RequestPart) -> int:
    return part.tokens or 0


def _about(part: RequestPart) -> str:
    """`image 2048 x 4096, 3.9 MB`."""
    words = [part.what]
    if isinstance(part.info, ImageInfo):
        words.append(str(part.info))
    elif isinstance(part.info, AudioInfo | VideoInfo):
        words.append(f"{part.info.duration:.1f} s")
    elif isinstance(part.info, PdfInfo):
        words.append(part.info.words())
    shown = " ".join(words)
    if part.bytes is not None and part.modality != "text":
        shown += f", {_size(part.bytes)}"
    options = ", ".join(f"{key}={value}" for key, value in part.options.items())
    return f"{shown}, {options}" if options else shown


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"

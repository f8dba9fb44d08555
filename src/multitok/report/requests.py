"""A request's count as text for people and as a dictionary for machines. Pure: nothing prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.counts import weakest
from multitok.core.info import AudioInfo, ImageInfo, PdfInfo, VideoInfo, info_to_dict, plural
from multitok.report.columns import table, wrapped
from multitok.report.documents import document, usd
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR, percent, style

if TYPE_CHECKING:
    from multitok.core.counts import Kind
    from multitok.prices.rates import Cost
    from multitok.requests.advice import Advice
    from multitok.requests.counted import RequestPart, Unanswered
    from multitok.requests.whole import RequestCount

ROWS = 40
"""Rows of the table; the cheapest beyond them are one row together. --json has them all."""
HANG = 9
"""Columns of the words before a line's own: `total    `, `smaller  `."""


def request_to_dict(
    count: RequestCount,
    cost: Cost | None = None,
    advice: Sequence[Advice] = (),
    output: int | None = None,
) -> dict[str, Any]:
    """A RequestCount as JSON: parts whose known tokens add up to `tokens`. `output` tokens are
    reserved for the answer."""
    fields: dict[str, Any] = {
        "model": count.model,
        "provider": count.provider,
        "tokens": count.tokens,
        "most": count.most,
        "kind": count.kind,
        "complete": count.complete,
        "parts": [_part_to_dict(part) for part in count.parts],
        "left_out": list(count.left_out),
        "notes": list(count.notes),
        "evidence": count.evidence._asdict() if count.evidence else None,
        "advice": [
            {
                "path": one.part.path,
                "tokens": one.part.tokens,
                "sizes": [size._asdict() for size in one.sizes],
            }
            for one in advice
        ],
        "context_window": count.context_window,
        "overflow": count.overflow(output),
        "calibration": None
        if count.calibration is None
        else {"name": count.calibration.name, "corrected": count.calibrated()},
    }
    if servers := count.servers():
        fields["servers"] = [
            {"name": name, "tools": len(tools), "tokens": _tokens(tools), "kind": _kind(tools)}
            for name, tools in servers.items()
        ]
    if cost is not None:
        fields["cost"] = cost_to_dict(cost)
    return document(fields)


def _tokens(parts: Sequence[RequestPart]) -> int:
    return sum(part.tokens or 0 for part in parts)


def _kind(parts: Sequence[RequestPart]) -> Kind | Unanswered:
    """The weakest; unknown where a part is."""
    known = [part.kind for part in parts if part.kind != "rejected" and part.kind != "unknown"]
    return weakest(known) if len(known) == len(parts) else "unknown"


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
        "rejected": list(part.rejected),
    }


def cost_to_dict(cost: Cost) -> dict[str, Any]:
    """Dollars as decimal text; None with the reason where the price is not known."""
    price = cost.price
    return {
        "low_usd": usd(cost.low),
        "high_usd": usd(cost.high),
        "parts_usd": {name: usd(amount) for name, amount in cost.parts.items()},
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
    """`cost     $0.0028 (gpt-4o at openai, genai-prices 0.2.3, taken 2026-11-23)`, then notes."""
    if not cost.known:
        return f"cost     unknown: {shown(cost.why)}"
    price = cost.price
    many = f" for {cost.requests:,} requests" if cost.requests != 1 else ""
    source = ""
    if price is not None:
        name = price.source.partition(",")[0]
        source = f" ({price.model} at {price.provider}, {name}, taken {price.taken})"
    lines = [f"cost     {cost}{many}{source}", *(f"         {note}" for note in cost.notes)]
    return "\n".join(map(shown, lines))


def render_request(
    count: RequestCount,
    *,
    color: bool,
    cost: Cost | None = None,
    advice: Sequence[Advice] = (),
    output: int | None = None,
    width: int | None = None,
) -> str:
    """A line a part, the total, what is unknown or left out, and what would be cheaper."""
    share = percent(count.tokens / count.context_window) if count.context_window else ""
    of = f", {share} of the context window" if share else ""
    total = style(f"{count.tokens:,}", "bold", color=color)
    kind = style(count.kind, KIND_COLOR[count.kind], color=color)
    lines = [f"total    {total} tokens for {shown(count.model)}, {kind}{of}"]
    if not count.complete:
        unknown = plural(len(count.unknown), "part")
        lines.append(f"         of what is known: {unknown} could not be counted")
    lines += render_overflow(count, output)
    lines += [f"rejected {shown(p.path)}: {shown('; '.join(p.rejected))}" for p in count.rejected]
    lines += [render_cost(cost)] if cost is not None else []
    lines += _calibrated(count)
    lines += [
        f"unknown  {shown(part.path)}: {_notes(part)}"
        for part in count.unknown
        if part.kind == "unknown"
    ]
    told = {f"{part.path}: {'; '.join(part.notes)}" for part in count.unknown}
    lines += [f"left out {shown(what)}" for what in count.left_out if what not in told]
    lines += [f"note     {shown(note)}" for note in count.notes]
    negative = [part for part in count.parts if (part.tokens or 0) < 0 and part.notes]
    lines += [f"note     {shown(part.path)}: {_notes(part)}" for part in negative]
    lines += [f"evidence {shown(count.model)}: {count.evidence}"] if count.evidence else []
    lines += map(_smaller, advice)
    below = wrapped("\n".join(lines), width, hang=HANG)
    return f"{_table(count, color=color, width=width)}\n\n{below}"


def render_overflow(count: RequestCount, output: int | None = None) -> list[str]:
    """The line on what is beyond the context window, and the budget that ends it; none where all
    is within it."""
    over = count.overflow(output)
    if not over:
        return []
    reserved = (count.max_output if output is None else output) or 0
    answer = f" and {reserved:,} of output" if reserved and not count.apart else ""
    window = f"the context window of {count.context_window:,}"
    room = count.most - over
    then = f": --fit {room}" if room > 0 else ""
    return [
        f"overflow {over:,} tokens: at most {count.most:,} of input{answer}, over {window}{then}"
    ]


def render_unknown(count: RequestCount) -> list[str]:
    """A line a part that is not counted: its path, and why; and what is rejected."""
    bad = (part for part in count.parts if part.kind in ("rejected", "unknown"))
    return [f"{shown(part.path)}: {_notes(part)}" for part in bad]


def _notes(part: RequestPart) -> str:
    return shown("; ".join(part.notes))


def _smaller(one: Advice) -> str:
    """`smaller  messages[0]: image 4000 x 3000 costs 2,942 tokens; 871 x 544 would cost 572`."""
    sizes = ", ".join(f"{s.width} x {s.height} would cost {s.tokens:,}" for s in one.sizes)
    what = shown(f"{one.part.path}: {about(one.part)}")
    return f"smaller  {what} costs {one.part.tokens or 0:,} tokens; {sizes}"


def _calibrated(count: RequestCount) -> list[str]:
    """Which estimates were corrected and by what; a calibration that corrects none says so."""
    if count.calibration is None or not count.calibration.name:
        return []
    found = count.calibrated()
    if found:
        return [shown(f"measured {modality} {note}") for modality, note in found.items()]
    kept = count.calibration.name
    known = count.calibration.models.get(count.model)
    if known:
        why = (
            f"{kept} is of {' and '.join(known)} of {count.model}, and no estimate here is of that"
        )
    else:
        refused = count.calibration.refused.get(count.model, {})
        told = [f"; {part} is not kept: {why}" for part, why in refused.items()]
        why = f"{kept} has none of {count.model}{''.join(told)}"
    return [shown(f"measured nothing: {why}")]


def _table(count: RequestCount, *, color: bool, width: int | None) -> str:
    if count.servers():
        return _servers(count, color=color, width=width)
    listed, rest = dearest(count.parts)
    rows = [
        ["?" if part.tokens is None else f"{part.tokens:,}", part.kind, part.path, about(part)]
        for part in listed
    ]
    colors = {(i, 1): KIND_COLOR[part.kind] for i, part in enumerate(listed)}
    if rest:
        tokens = sum(part.tokens or 0 for part in rest)
        what = "the cheapest parts; --json has them all"
        rows.append([f"{tokens:,}", "", f"{len(rest):,} more", what])
    headers = ["tokens", "kind", "part", "what"]
    return table(headers, rows, right=(0,), color=color, colors=colors, width=width)


def _servers(count: RequestCount, *, color: bool, width: int | None) -> str:
    """A row an MCP server, and what frames the tools of all of them."""
    servers = count.servers()
    whats = [plural(len(tools), "tool") for tools in servers.values()]
    beside = [part for part in count.parts if not any(part in of for of in servers.values())]
    groups = [*servers.values(), *((part,) for part in beside)]
    names = [*servers, *(part.path for part in beside)]
    whats += [about(part) for part in beside]
    rows = [
        [f"{_tokens(parts):,}", _kind(parts), name, what]
        for parts, name, what in zip(groups, names, whats, strict=True)
    ]
    colors = {(i, 1): KIND_COLOR[_kind(parts)] for i, parts in enumerate(groups)}
    headers = ["tokens", "kind", "server", "what"]
    return table(headers, rows, right=(0,), color=color, colors=colors, width=width)


def dearest(parts: Sequence[RequestPart]) -> tuple[list[RequestPart], list[RequestPart]]:
    """The dearest and all unknown or rejected parts in their order, and the rest."""
    if len(parts) <= ROWS:
        return list(parts), []
    order = sorted(
        range(len(parts)),
        key=lambda i: (parts[i].kind not in ("rejected", "unknown"), -(parts[i].tokens or 0)),
    )
    kept = set(order[:ROWS])
    return (
        [part for i, part in enumerate(parts) if i in kept],
        [part for i, part in enumerate(parts) if i not in kept],
    )


def about(part: RequestPart) -> str:
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

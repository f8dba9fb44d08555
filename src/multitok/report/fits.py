"""A fit as text: the sizes, rates and lengths that a budget allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.budgets.pictures import Fit
from multitok.report.text import style, table

if TYPE_CHECKING:
    from multitok.budgets.clips import VideoFit

SHOWN = 12
"""Rows of the table; --json has them all."""


def clip_page(found: VideoFit, *, color: bool) -> str:
    """Each knob by itself, as far as it must be turned; then rate and size together."""
    head = f"{found.info}: {found.now.tokens:,} tokens of {found.max_tokens:,}"
    chosen = [("rate", found.rate), ("size", found.size), ("length", found.length)]
    chosen += [("rate and size", choice) for choice in found.both[:4]]
    rows = [
        [
            knob,
            f"{choice.fps:g} fps" if choice.fps else f"{choice.frames} frames",
            f"{choice.width} x {choice.height}",
            f"{choice.seconds:.1f} s",
            f"{choice.tokens:,}",
        ]
        for knob, choice in chosen
        if choice is not None
    ]
    parts = [style(head, "bold", color=color)]
    if rows:
        headers = ["turn the", "frames", "size", "length", "tokens"]
        parts.append(table(headers, rows, right=(4,), color=color))
    return "\n\n".join([*parts, *(f"note: {note}" for note in found.notes)])


def fit_page(found: Fit, *, color: bool) -> str:
    best = found.best
    *notes, last = [*found.notes, ""] if best else found.notes
    head = (
        last
        if best is None
        else f"{best.width} x {best.height}: {best.tokens:,} tokens"
        f" (now {found.info.width} x {found.info.height}: {found.tokens:,})"
    )
    points = [p for p in found.breakpoints if p.saved >= 0]
    shown = _thinned(points, best)
    rows = [
        [
            f"{p.width} x {p.height}",
            f"{p.tokens:,}",
            f"{p.saved:,}",
            "fits" if p.tokens <= found.max_tokens else "",
        ]
        for p in shown
    ]
    parts = [style(head, "bold", color=color)]
    if rows:
        parts.append(table(["size", "tokens", "saved", ""], rows, right=(1, 2), color=color))
    if len(shown) < len(points):
        parts.append(f"{len(points) - len(shown)} more sizes: --json")
    parts += [f"note: {note}" for note in notes]
    return "\n\n".join(parts)


def _thinned(points: list[Any], best: Any) -> list[Any]:
    """At most SHOWN rows, evenly through the list, with the first, the best and the last."""
    if len(points) <= SHOWN:
        return points
    step = (len(points) - 1) / (SHOWN - 1)
    keep = {round(i * step) for i in range(SHOWN)}
    if best is not None:
        keep.add(points.index(best))
    return [points[i] for i in sorted(keep)]

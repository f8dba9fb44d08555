"""A fit: the sizes, rates and lengths that a budget allows."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from multitok.budgets.breakpoints import Breakpoint, Fit
from multitok.budgets.coded import CodedPoint
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.safe import shown
from multitok.report.text import style

if TYPE_CHECKING:
    from multitok.budgets.clips import VideoFit
    from multitok.budgets.sounds import SoundFit

ROWS = 12
"""Rows of the table; --json has them all."""


def fit_to_dict(found: Fit | VideoFit | SoundFit) -> dict[str, Any]:
    """All that was tried and chosen, as JSON."""
    fields = asdict(found)
    fields.pop("accepts", None)  # `multitok models` has it
    return document(fields)


def render_clip_fit(found: VideoFit, *, color: bool, width: int | None = None) -> str:
    """Each knob by itself, as far as it must be turned; then rate and size together."""
    head = f"{found.info}: {found.now.tokens:,} tokens of {found.max_tokens:,}"
    chosen = [("rate", found.rate), ("size", found.size), ("length", found.length)]
    chosen += [("rate and size", choice) for choice in found.both[:4]]
    rows = [
        [
            knob,
            f"{choice.fps:g} fps" if choice.fps else f"{choice.frames:,} frames",
            f"{choice.width} x {choice.height}",
            f"{choice.seconds:.1f} s",
            f"{choice.tokens:,}",
        ]
        for knob, choice in chosen
        if choice is not None
    ]
    parts = [style(wrapped(head, width), "bold", color=color)]
    if rows:
        headers = ["turn the", "frames", "size", "length", "tokens"]
        parts.append(table(headers, rows, right=(3, 4), color=color, width=width))
    parts += [wrapped(f"note: {shown(note)}", width) for note in found.notes]
    return "\n\n".join(parts)


def render_sound_fit(found: SoundFit, *, color: bool, width: int | None = None) -> str:
    """The longest start, in the seconds to cut it at."""
    length = found.length
    head = f"{found.info.words()}: {found.now.tokens:,} tokens of {found.max_tokens:,}"
    parts = [style(wrapped(head, width), "bold", color=color)]
    if length is not None and length != found.now:
        kept = f"{_floor(length.seconds):g} s of it: {length.tokens:,} tokens"
        parts.append(wrapped(kept, width))
    parts += [wrapped(f"note: {shown(note)}", width) for note in found.notes]
    return "\n\n".join(parts)


def render_sound_bare(found: SoundFit) -> str:
    """The seconds of the longest start; nothing where none fits."""
    return f"length {_floor(found.length.seconds):g}" if found.length is not None else ""


def _floor(seconds: float) -> float:
    """Down to the millisecond, so that a cut there fits."""
    return int(seconds * 1000 + 1e-6) / 1000


def render_fit_bare(found: Fit) -> str:
    """The best size, 512x341; nothing where none fits."""
    return f"{found.best.width}x{found.best.height}" if found.best is not None else ""


def render_clip_bare(found: VideoFit) -> str:
    """A line a knob and its value: frames a second, width x height, seconds."""
    knobs = []
    if found.rate is not None:
        knobs.append(f"rate {found.rate.fps:g}")
    if found.size is not None:
        knobs.append(f"size {found.size.width}x{found.size.height}")
    if found.length is not None:
        knobs.append(f"length {found.length.seconds:g}")
    return "\n".join(knobs)


def _coded(point: Breakpoint) -> list[str]:
    """The step and the PSNR of a picture that is written as tokens."""
    if not isinstance(point, CodedPoint):
        return []
    return [f"{point.step:.4g}", "lossless" if point.psnr is None else f"{point.psnr:.2f} dB"]


def render_fit(found: Fit, *, color: bool, width: int | None = None) -> str:
    """The best size, and the sizes worth choosing with what each saves."""
    best = found.best
    *notes, last = [*found.notes, ""] if best else found.notes
    head = (
        last
        if best is None
        else f"{best.width} x {best.height}: {best.tokens:,} tokens"
        f" (now {found.info}: {'rejected' if found.rejected else f'{found.tokens:,}'})"
    )
    points = [p for p in found.breakpoints if p.saved >= 0 or isinstance(p, CodedPoint)]
    listed = _thinned(points, best)
    rows = [
        [
            f"{p.width} x {p.height}",
            f"{p.tokens:,}",
            f"{p.saved:,}",
            *_coded(p),
            "fits" if p.tokens <= found.max_tokens else "",
        ]
        for p in listed
    ]
    parts = [style(wrapped(shown(head), width), "bold", color=color)]
    if rows:
        more = ["step", "PSNR"] if len(rows[0]) > 4 else []
        headers = ["size", "tokens", "saved", *more, ""]
        right = tuple(range(1, len(headers) - 1))
        parts.append(table(headers, rows, right=right, color=color, width=width))
    if len(listed) < len(points):
        parts.append(f"{len(points) - len(listed):,} more sizes: --json")
    parts += [wrapped(f"note: {shown(note)}", width) for note in notes]
    return "\n\n".join(parts)


def _thinned(points: list[Any], best: Any) -> list[Any]:
    """At most ROWS rows, evenly through the list, with the first, the best and the last."""
    if len(points) <= ROWS:
        return points
    step = (len(points) - 1) / (ROWS - 1)
    keep = {round(i * step) for i in range(ROWS)}
    if best is not None:
        keep.add(points.index(best))
    return [points[i] for i in sorted(keep)]

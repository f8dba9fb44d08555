"""Series and movement drawn: the tokens over the curve, and what comes back beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MediaError
from multitok.core.media import Actions, Series
from multitok.core.registry import AnyCounter
from multitok.core.sequence import TokenSequence
from multitok.core.tokenizer import Drawn
from multitok.drawing.charts.axes import (
    MARKERS,
    Axis,
    Band,
    Color,
    Level,
    Line,
    Mark,
    Panel,
    Points,
)
from multitok.drawing.charts.colors import COLORS
from multitok.drawing.charts.steps import clock, edge
from multitok.drawing.charts.told import Told
from multitok.drawing.charts.whole import Chart

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage

MOST = 8
"""Channels that are drawn; the subtitle says how many there are."""
CLOSE = 0.02
"""The share of a plot's height below which an error cannot be seen between two curves."""
NOISE = 1e-9
"""The share of the largest error below which an error is float noise, and no point of a curve."""

SOURCE: Color = (37, 99, 191)
UNDER: Color = (164, 190, 228)
BACK: Color = (217, 85, 32)
EVEN: Color = (235, 240, 248)
ODD: Color = (250, 244, 232)
EDGE: Color = (216, 222, 232)


def overlay(media: Any, tokenizer: Any, *, title: str = "") -> PillowImage:
    """The picture of `overlay_chart`."""
    return overlay_chart(media, tokenizer, title=title).picture()


def overlay_chart(media: Any, tokenizer: Any, *, title: str = "") -> Chart:
    """Two plots a channel: the curve with its bins, patches, segments or merged runs on the left,
    or the error where the tokens have no place on it; the decoded values over the curve on the
    right, and where both lie on each other what is between them in a strip below. MediaError where
    nothing decodes."""
    import numpy as np

    tokens = tokenizer.encode(media)
    prepared = tokenizer.prepare(media)
    values, back = prepared.values, tokenizer.decode(tokens).values
    if not values.size:
        raise MediaError("nothing to draw: the series has no steps")
    first = max(0, len(media.values) - len(values))
    steps = np.arange(first, first + len(values))
    x, axis = clock(prepared.timestamps if isinstance(prepared, Series) else None, steps)
    shown = min(values.shape[1], MOST)
    told = Told(tokens, tokenizer, x, axis, first, _rate(media), most=shown)
    grid = []
    for c in range(shown):
        marks = _spans(tokens, tokenizer, c, x)
        named = any(isinstance(mark, Band) and mark.text for mark in marks)
        levels = _levels(tokens, tokenizer, c, back[:, c])
        dots = _dots(tokens, x, back[:, c], bool(levels))
        curve = Line(x=x, y=values[:, c], color=SOURCE, width=1.8)
        low, high = _ends(values[:, c], back[:, c], over=0.2 if named else 0.08)
        y, name, placed = Axis(low=low, high=high), media.names[c], bool(marks or dots)
        left = Panel(marks=[*marks, *levels, curve, *dots], title=f"{name}: tokens", x=axis, y=y)
        gap = _error(name, x, back[:, c] - values[:, c], axis)
        right = _round_trip(name, x, values[:, c], back[:, c], axis, y)
        close = placed and _close(values[:, c], back[:, c], high - low)
        strip = replace(gap, title="", x=axis) if close else None
        track = told.track(c, name, values[:, c], back[:, c])
        pair = left if placed else gap, replace(right, under=strip)
        grid.append([replace(panel, track=track) for panel in pair])
    return Chart(
        grid,
        title=f"{title or tokenizer.name}: {len(tokens):,} tokens",
        subtitle=_subtitle(media, tokens, shown, len(values)),
        size=(1600, 150 + 330 * shown),
    )


def _round_trip(
    name: str, x: Sequence[float], values: NDArray[Any], back: NDArray[Any], across: Axis, up: Axis
) -> Panel:
    """What is decoded over what went in."""
    marks = [
        Line(x=x, y=values.tolist(), color=UNDER, width=4.0, label="input"),
        _decoded(x, back),
    ]
    title = f"{name}: decoded, RMSE {_rmse(values, back):.3g}"
    return Panel(marks=marks, title=title, x=across, y=up)


def _rate(media: Series | Actions) -> float | None:
    """Steps a second, where one clock runs through all of them."""
    return media.hz if isinstance(media, Actions) and len(media.episodes) < 2 else None


def _rmse(values: NDArray[Any], back: NDArray[Any]) -> float:
    import numpy as np

    gap = back - values
    return float(np.sqrt(np.nanmean(gap**2))) if np.isfinite(gap).any() else 0.0


def _close(values: NDArray[Any], back: NDArray[Any], span: float) -> bool:
    """Whether the two curves can hardly be told apart, and are not the same."""
    return 0 < _rmse(values, back) < CLOSE * span


def _subtitle(media: Any, tokens: Any, shown: int, kept: int) -> str:
    steps, width = media.values.shape
    column = "dim" if isinstance(media, Actions) else "channel"
    words = [f"{steps:,} step" + "s" * (steps != 1), f"{width} {column}" + "s" * (width > 1)]
    if kept < steps:
        words.append(f"the last {kept:,} are kept")
    many, rate = len(tokens), f"{len(tokens) / kept:.3g}"
    words.append(f"{rate} token{'s' * (rate != '1')} a step")
    if 0 < many < kept / 2:
        words[-1] = f"{kept / many:,.4g} steps a token"
    if clipped := tokens.state.get("clipped"):
        words.append(f"{clipped:,} value{'s' * (clipped != 1)} clipped")
    if shown < width:
        words.append(f"the first {shown} are drawn")
    return " · ".join(words)


def _ends(values: NDArray[Any], back: NDArray[Any], over: float) -> tuple[float, float]:
    """One scale for both plots of a channel, with room above for the names of bands."""
    import numpy as np

    both = np.concatenate([values, back])
    both = both[np.isfinite(both)]
    low, high = (float(both.min()), float(both.max())) if len(both) else (0.0, 1.0)
    span = high - low or 6.0
    return low - span * 0.08, high + span * over


def _spans(tokens: TokenSequence, tokenizer: AnyCounter, c: int, x: Sequence[float]) -> list[Mark]:
    """A band for each token that covers a run of steps; a letter where it fits. None where every
    step has its own: bands as narrow as steps tell nothing."""
    runs = tokenizer.spans(tokens, c) if isinstance(tokenizer, Drawn) else []
    if len(runs) >= len(x) > 1:
        return []
    marks: list[Mark] = []
    crowded = len(runs) > 40
    for number, (start, end, text) in enumerate(runs):
        low, high = edge(x, start), edge(x, end)
        label = "" if crowded else text
        marks.append(Band(low=low, high=high, color=(EVEN, ODD)[number % 2], text=label))
    return marks


def _levels(tokens: Any, tokenizer: Any, c: int, back: NDArray[Any]) -> list[Mark]:
    """Where the symbols or the bins in use lie: hairlines, when there are few enough to tell."""
    import numpy as np

    known = tokenizer.levels(tokens, c) if isinstance(tokenizer, Drawn) else None
    if known is not None:
        return [Level(y=level, color=EDGE) for level in known]
    if tokens.ids is None or (tokens.axes and tokens.axes[0] != "step"):
        return []
    used = np.unique(back[np.isfinite(back)])
    return [Level(y=float(v), color=EDGE) for v in used] if len(used) <= 40 else []


def _dots(tokens: Any, x: Sequence[float], back: NDArray[Any], few: bool) -> list[Mark]:
    """The decoded value of each token at its step, when a dot has room; of a long curve a line,
    when there are few levels that it runs along: else it would lie on the curve and hide it."""
    if tokens.ids is None or not tokens.axes or tokens.axes[0] != "step":
        return []
    if len(x) > 200:
        return [_stairs(x, back, width=1.2)] if few else []
    size = 7.0 if len(x) <= 120 else 4.0
    return [Points(x=x, y=back.tolist(), color=BACK, size=size)]


def _error(name: str, x: Sequence[float], gap: NDArray[Any], axis: Axis) -> Panel:
    """What decoding adds at each step: where no token has a place, or all would cover the curve."""
    marks: list[Mark] = [
        Level(y=0.0, color=SOURCE),
        Line(x=x, y=gap.tolist(), color=BACK, width=1.2),
    ]
    return Panel(marks=marks, title=f"{name}: decoded minus input", x=axis)


def _decoded(x: Sequence[float], back: NDArray[Any]) -> Line:
    """What comes back: as stairs where most values are those of the step before."""
    if len(back) > 2 and (back[1:] == back[:-1]).mean() > 0.5:
        return replace(_stairs(x, back, width=2.0), label="decoded")
    return Line(x=x, y=back.tolist(), color=BACK, width=1.6, label="decoded")


def _stairs(x: Sequence[float], back: NDArray[Any], width: float) -> Line:
    """Each value from half a step before its own to half a step after."""
    edges = [edge(x, step) for step in range(len(x) + 1)]
    y = [*back.tolist(), float(back[-1])]
    return Line(x=edges, y=y, color=BACK, width=width, style="steps")


def rate_panel(rows: Iterable[Any], title: str = "") -> Panel:
    """Bits a step against RMSE, both on log scales: a line joins the settings of one tokenizer.

    rows have label, bits_per_step and rmse, as `compare_tokenizers` gives them; those without bits
    or without error, but for noise, have no place. A family is what stands before the comma of its
    label."""
    families: dict[str, list[Any]] = {}
    rows = [row for row in rows if row.bits_per_step and 0 < row.rmse < float("inf")]
    noise = NOISE * max((row.rmse for row in rows), default=0.0)
    for row in rows:
        if row.rmse > noise:
            families.setdefault(row.label.split(",")[0], []).append(row)
    if not families:
        raise MediaError("no tokenizer gave both bits and an error: there is no curve to draw")
    marks: list[Mark] = []
    for number, (_, found) in enumerate(families.items()):
        found = sorted(found, key=lambda row: row.bits_per_step)
        color = COLORS[number % len(COLORS)]
        xs, ys = [r.bits_per_step for r in found], [r.rmse for r in found]
        if len(found) > 1:
            marks.append(Line(x=xs, y=ys, color=color, width=1.6))
        sign, names = MARKERS[number % len(MARKERS)], [r.label for r in found]
        tips = [_rate_tip(row) for row in found]
        marks.append(Points(x=xs, y=ys, names=names, color=color, sign=sign, tips=tips))
    return Panel(
        marks=marks,
        title=title,
        x=Axis(label="bits a step", log=True),
        y=Axis(label="RMSE of the round trip", log=True),
    )


def _rate_tip(row: Any) -> tuple[str, ...]:
    """A point of the chart of rates, as the table of errors writes it."""
    return (
        row.label,
        f"{row.tokens:,} token{'s' * (row.tokens != 1)}",
        f"{row.bits:,.0f} bits, {row.bits_per_step:.4g} a step",
        f"RMSE {row.rmse:.4g}, worst {row.worst:.4g}",
    )


def rate(rows: Iterable[Any], *, title: str = "", subtitle: str = "") -> PillowImage:
    """The rate-distortion picture: lower left is better."""
    return rate_chart(rows, title=title, subtitle=subtitle).picture()


def rate_chart(rows: Iterable[Any], *, title: str = "", subtitle: str = "") -> Chart:
    """Rate against distortion as a chart of one panel."""
    return Chart(
        [[rate_panel(rows)]],
        title=title or "Rate and distortion",
        subtitle=subtitle
        or "tokens x log2(ids a token may be), against the error: lower left is better",
        size=(1400, 860),
    )

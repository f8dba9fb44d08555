"""What training and serving take, as JSON and as text, and the chart where their costs cross."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from multitok.compute.economy import ARITHMETIC
from multitok.drawing.charts.axes import Axis, Line, Mark, Panel, Points
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.safe import shown
from multitok.report.text import dollars

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from multitok.compute.economy import Economics, Figure, Serving

MILLION = 1_000_000
_UNITS = {
    "FLOPs": "FLOPs", "hours": "hours", "tokens": "tokens", "tokens a second": "tokens/s",
    "accelerators": "", "dollars": "", "seconds": "",
}  # fmt: skip
"""What stands beside a number that does not say it itself."""
_LETTERS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def economics_to_dict(found: Economics) -> dict[str, Any]:
    """Each figure with its range, formula and source; the inputs and the prices beside them."""
    on, tokens = found.accelerator, found.data.tokens
    return document(
        {
            "tokens": {"value": tokens.value, "low": tokens.low, "high": tokens.high},
            "tokens_from": found.data.source,
            "epochs": found.epochs,
            "parameters": found.model.parameters,
            "active": found.model.active,
            "weights": found.weights,
            "prompt": found.prompt,
            "answer": found.answer,
            "accelerator": {
                "id": on.id,
                "name": on.name,
                "bf16_flops": on.bf16,
                "fp8_flops": on.fp8,
                "memory_bytes": on.memory,
                "bandwidth_bytes": on.bandwidth,
                "source": on.source,
                "checked": on.checked.isoformat(),
                "prices": [
                    {"price_usd": f"{one.usd:f}", "day": one.day.isoformat(), "source": one.source}
                    for one in on.prices
                ],
            },
            "training": [_figure_to_dict(one) for one in found.training.figures()],
            "serving": [
                {"batch": one.batch, "figures": [_figure_to_dict(f) for f in one.figures()]}
                for one in found.serving
            ],
            "list_prices": [
                {"date": one.day.isoformat(), "model": one.model, "usd_per_mtok": f"{one.usd:f}"}
                for one in found.listed
            ],
            "notes": list(found.notes),
        }
    )


def _figure_to_dict(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "value": figure.span.value,
        "low": figure.span.low,
        "high": figure.span.high,
        "unit": figure.unit,
        "formula": figure.formula,
        "source": figure.source,
    }


def render_economics(found: Economics, *, color: bool, width: int | None = None) -> str:
    """The crossing in a sentence, the figures, the prices of the same tokens, sources and notes."""
    form: dict[str, Any] = {"color": color, "width": width}
    parts = [
        "\n".join(wrapped(shown(line), width) for line in _head(found)),
        table(
            ["training", "value", "range", "", "formula"],
            [_row(one) for one in found.training.figures()],
            right=(1,),
            **form,
        ),
        *(
            table(
                [_requests(one.batch), "value", "range", "", "formula"],
                [_row(figure) for figure in one.figures()],
                right=(1,),
                **form,
            )
            for one in found.serving
        ),
        _listed(found, **form),
        "\n".join(wrapped(shown(line), width) for line in _foot(found)),
    ]
    return "\n\n".join(parts)


def _head(found: Economics) -> list[str]:
    on, model = found.accelerator, found.model
    size = f"{letters(model.parameters)} parameters"
    if model.active != model.parameters:
        size += f", {letters(model.active)} active"
    data = f"{letters(found.data.tokens.value)} tokens"
    if found.epochs != 1:
        data += f", {found.epochs:g} epochs"
    price = "" if found.price is None else f", {_usd(found.price.value)} an hour"
    lines = [f"{size}; {data}; {on.name}, {found.weights} in serving{price}"]
    for one in found.serving:
        crossing = one.cost_crossing.span
        lines.append(
            f"{_requests(one.batch)}: serving has cost more than training after"
            f" {letters(crossing.value)} tokens ({letters(crossing.low)} to"
            f" {letters(crossing.high)})"
        )
    return lines


def _requests(batch: int) -> str:
    return "one request at a time" if batch == 1 else f"{batch:,} requests at once"


def _row(figure: Figure) -> list[str]:
    low, high = words(figure, figure.span.low), words(figure, figure.span.high)
    between = "" if low == high else f"{low} to {high}"
    return [
        figure.name,
        words(figure, figure.span.value),
        between,
        _UNITS[figure.unit],
        figure.formula,
    ]


def _listed(found: Economics, *, color: bool, width: int | None) -> str:
    """Dollars for a million tokens of the same mix, and for those of the last crossing."""
    tokens = found.serving[-1].cost_crossing.value
    whole = [one.usd * Decimal(tokens) / MILLION for one in found.listed]
    rows = [
        [one.day.isoformat(), one.model, each, _usd(float(all_of))]
        for one, each, all_of in zip(
            found.listed, dollars([one.usd for one in found.listed]), whole, strict=True
        )
    ]
    headers = ["cheapest API price", "model", "a million tokens", f"{letters(tokens)} tokens"]
    return table(headers, rows, right=(2, 3), color=color, width=width)


def _foot(found: Economics) -> list[str]:
    on, last = found.accelerator, found.serving[-1]
    figures = [*found.training.figures(), *last.figures()]
    by: dict[str, list[str]] = {}
    for figure in figures:
        if figure.source != ARITHMETIC:
            by.setdefault(figure.source, []).append(figure.name)
    lines = [f"source: {', '.join(names)}: {source}" for source, names in by.items()]
    lines.append(f"source: {on.name}: {on.source}, checked {on.checked}")
    if found.price is not None and found.price == on.price:
        lines += [f"source: ${one.usd} an hour: {one.source}, {one.day}" for one in on.prices]
    return [*lines, *(f"note: {note}" for note in found.notes)]


def words(figure: Figure, value: float) -> str:
    """A figure as a person reads it: three digits; what it is of stands beside it, if not in it."""
    if figure.unit == "FLOPs":
        mantissa, _, power = f"{value:.2e}".partition("e")
        return f"{mantissa}e{int(power)}"
    if figure.unit == "dollars":
        return _usd(value)
    if figure.unit == "seconds":
        return f"{_digits(value * 1000)} ms"
    return letters(value)


def letters(value: float) -> str:
    """Three digits and a letter for what is large.

    >>> letters(15.6e12), letters(70e9), letters(412_875.0), letters(0.1178)
    ('15.6T', '70B', '413,000', '0.118')
    """
    for unit, letter in _LETTERS:
        if value >= unit * 0.9995:
            return f"{_digits(value / unit)}{letter}"
    return _digits(value)


def _digits(value: float) -> str:
    """Three digits that say something, and no idle ones."""
    behind = 2 - floor(log10(value)) if value > 0 else 0
    text = f"{round(value, behind):,.{max(0, behind)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _usd(value: float) -> str:
    """Dollars, cents among them below 100: $2.60, $40.4M."""
    return f"${value:.2f}" if 0.1 <= value < 99.995 else f"${letters(value)}"


def economics_panel(found: Economics) -> Panel:
    """What has been paid by so many served tokens, and where serving passes training.

    Dollars, or hours of the accelerator without a price; both axes are logarithmic.
    """
    crossings = [one.cost_crossing.value for one in found.serving]
    low, high = min(crossings) / 100, max(crossings) * 100
    rate = found.price.value if found.price is not None else 1.0
    trained = found.training.hours.value * rate
    marks: list[Mark] = [Line(x=[low, high], y=[trained, trained], label="training", width=3.0)]
    for one in found.serving:
        marks.append(_served(one, rate, low, high))
    marks.append(
        Points(
            x=crossings,
            y=[trained] * len(crossings),
            names=[f"{letters(tokens)} tokens" for tokens in crossings],
            color=(60, 66, 80),
            tips=[(f"after {letters(tokens)} served tokens",) for tokens in crossings],
        )
    )
    paid = found.price is not None
    sign = "$" if paid else ""
    costs = [one.hours.value * rate / MILLION * end for one in found.serving for end in (low, high)]
    y = Axis(label="dollars" if paid else "hours", log=True, ticks=_decades(costs, sign))
    return Panel(
        marks=marks,
        title="What training cost once, and serving by then",
        x=Axis(label="served tokens, read and written", log=True, ticks=_decades([low, high])),
        y=y,
    )


def _decades(values: Sequence[float], sign: str = "") -> tuple[tuple[float, str], ...]:
    """A tick at each power of ten around the values: $100M, 10T."""
    first, last = floor(log10(min(values))), ceil(log10(max(values)))
    return tuple((10.0**n, sign + letters(10.0**n)) for n in range(first, last + 1))


def _served(one: Serving, rate: float, low: float, high: float) -> Line:
    each = one.hours.value * rate / MILLION
    label = f"serving, {_requests(one.batch)}"
    return Line(x=[low, high], y=[each * low, each * high], label=label)


def economics_to_picture(found: Economics) -> PillowImage:
    """The chart as a Pillow image."""
    from multitok.drawing.charts.plot import page

    first, last = found.serving[0].cost_crossing, found.serving[-1].cost_crossing
    between = letters(first.value)
    if first is not last:
        between += f" served tokens one by one, or {letters(last.value)} in batches"
    return page(
        [[economics_panel(found)]],
        title=f"Training {letters(found.model.parameters)} parameters, and serving them",
        subtitle=f"Serving has cost more than training after {between}.",
        note=f"An estimate, on {found.accelerator.name}; not what a provider pays. The table has"
        " its ranges.",
        size=(1400, 800),
    )

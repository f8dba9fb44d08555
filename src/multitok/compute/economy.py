"""What training a model and serving it take, and when the second has cost more than the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from multitok.compute.accelerators import Accelerator, Weights, accelerator_of, weights_of
from multitok.compute.data import Data, Tokens, data_of
from multitok.compute.model import SHAPE, ModelSize, model_size
from multitok.compute.serving import Requests, Roofline, work_of_token
from multitok.compute.spans import Given, Ranged, Span, amount, dollars, whole
from multitok.compute.utilization import BANDWIDTH, PROMPT, TRAINING, Reported, reached
from multitok.prices.dated import DISCLAIMER, cheapest, history

HOUR = 3600.0
MILLION = 1e6
WORK = "arXiv:2001.08361 section 2.1, arXiv:2203.15556 appendix F"
ARITHMETIC = "arithmetic"
"""The source of what only combines other figures."""
ROOF = "arXiv:2211.05102, doi:10.1145/1498765.1498785"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its range and unit, how it comes about, and where that is from."""

    name: str
    span: Span
    unit: str
    formula: str
    source: str

    @property
    def value(self) -> float:
        return self.span.value


@dataclass(frozen=True, slots=True)
class Training:
    """Of the whole data set, all epochs; `cost` is None without a price."""

    work: Figure
    hours: Figure
    cost: Figure | None

    def figures(self) -> list[Figure]:
        return [one for one in (self.work, self.hours, self.cost) if one is not None]


@dataclass(frozen=True, slots=True)
class Serving:
    """Of so many requests at once: a token, a million of them, and the crossings with training."""

    batch: int
    work: Figure
    reading: Figure
    writing: Figure
    speed: Figure
    least: Figure
    hours: Figure
    cost: Figure | None
    work_crossing: Figure
    cost_crossing: Figure

    def figures(self) -> list[Figure]:
        found = (
            self.work, self.reading, self.writing, self.speed, self.least, self.hours, self.cost,
            self.work_crossing, self.cost_crossing,
        )  # fmt: skip
        return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class Listed:
    """The cheapest API price of a day for the same mix of tokens: dollars a million."""

    day: date
    model: str
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Economics:
    """All that `economics` works out; `serving` is of one request at a time, then of a batch."""

    data: Data
    epochs: float
    model: ModelSize
    accelerator: Accelerator
    weights: Weights
    price: Span | None
    prompt: int
    answer: int
    training: Training
    serving: tuple[Serving, ...]
    listed: tuple[Listed, ...]
    notes: tuple[str, ...]


def economics(
    tokens: Tokens,
    parameters: Given,
    *,
    active: Given | None = None,
    epochs: Given = 1,
    layers: Given | None = None,
    width: Given | None = None,
    kv_width: Given | None = None,
    accelerator: str = "h100",
    price: Ranged | None = None,
    utilization: Ranged | None = None,
    prompt_utilization: Ranged | None = None,
    bandwidth_utilization: Ranged | None = None,
    weights: str = "bf16",
    prompt: Given = 1000,
    answer: Given = 200,
    batch: Given = 64,
) -> Economics:
    """What training on these tokens takes, and what serving does, for one request and a batch.

    tokens        a number (15e12, "15T"), a count, or the file that `multitok count --json` wrote
    parameters    of the model, all of them; `active` those that one token passes
    price         dollars an hour of one accelerator; a range as (low, high); else the lists' own
    utilization   share of the peak reached in training; `prompt_utilization` in serving,
                  `bandwidth_utilization` of the memory's bandwidth; else as published
    weights       bf16, fp8, int8 or int4, in serving
    prompt, answer, batch    tokens that a request reads and writes, and requests at once

    >>> import multitok
    >>> found = multitok.economics("1.4T", "70B")  # Chinchilla
    >>> f"{found.training.work.value:.3g}"
    '5.88e+23'
    """
    data = data_of(tokens)
    size = model_size(parameters, active=active, layers=layers, width=width, kv_width=kv_width)
    on, kind = accelerator_of(accelerator), weights_of(weights)
    paid = on.price if price is None else dollars(price, "price")
    rounds = amount(epochs, "epochs", "1 or 4")
    asked = Requests(
        whole(prompt, "prompt", "1000"), whole(answer, "answer", "200"), whole(batch, "batch", "64")
    )
    trained = _training(
        data.tokens * rounds, size, on, paid, reached(utilization, "utilization", TRAINING)
    )
    roof = Roofline(
        size, on, kind,
        reached(prompt_utilization, "prompt_utilization", PROMPT),
        reached(bandwidth_utilization, "bandwidth_utilization", BANDWIDTH),
    )  # fmt: skip
    batches = (asked._replace(batch=many) for many in dict.fromkeys((1, asked.batch)))
    return Economics(
        data=data, epochs=rounds, model=size, accelerator=on, weights=kind, price=paid,
        prompt=asked.prompt, answer=asked.answer, training=trained,
        serving=tuple(_serving(roof, one, trained, paid) for one in batches),
        listed=_listed(asked), notes=_notes(data, size, on, paid),
    )  # fmt: skip


def _training(
    tokens: Span, model: ModelSize, on: Accelerator, paid: Span | None, share: Reported
) -> Training:
    work = tokens * (6 * model.active)
    hours = work / (share.share * (on.bf16 * HOUR))
    return Training(
        Figure("work", work, "FLOPs", "6 x active parameters x tokens x epochs", WORK),
        Figure("hours", hours, "hours", "work / (BF16 peak x utilization)", share.source),
        _cost("cost", hours, paid, "hours x price", "dollars"),
    )


def _serving(roof: Roofline, asked: Requests, trained: Training, paid: Span | None) -> Serving:
    work = work_of_token(roof.model, asked.tokens)
    read, written = roof.reading(asked), roof.writing(asked)
    seconds, least = roof.seconds(asked), roof.least(asked)
    hours = seconds * (MILLION / HOUR)
    # the least cards by the usual cache: a larger cache takes more of them, and each step longer
    speed = Span.of(least.value) / (written.seconds * float(asked.batch))
    shares = f"{roof.compute.source}; {roof.bandwidth.source}"
    return Serving(
        batch=asked.batch,
        work=Figure(
            "work a token", work, "FLOPs",
            "2 x active parameters + 2 x layers x width x tokens of a request", WORK,
        ),
        reading=Figure(
            "reading a token", read.seconds, "seconds",
            f"{read.bound}: the longer of work / peak and weights / bandwidth, each x utilization",
            shares,
        ),
        writing=Figure(
            "writing a token", written.seconds, "seconds",
            f"{written.bound}: the longer of work / peak and (weights / batch + KV cache) /"
            " bandwidth, each x utilization", shares,
        ),
        speed=Figure(
            "speed of an answer", speed, "tokens a second",
            "accelerators at least / (batch x seconds to write)", ROOF,
        ),
        least=Figure(
            "accelerators at least", least, "accelerators",
            "(weights + batch x KV cache) / memory, rounded up", ROOF,
        ),
        hours=Figure(
            "hours a million tokens", hours, "hours",
            "(prompt x reading + answer x writing) / (prompt + answer)", ROOF,
        ),
        cost=_cost("cost a million tokens", hours, paid, "hours x price", "dollars"),
        work_crossing=Figure(
            "more work than training after", trained.work.span / work, "tokens",
            "training work / work a token", ARITHMETIC,
        ),
        cost_crossing=Figure(
            "dearer than training after", trained.hours.span / (hours / MILLION), "tokens",
            "training hours / hours a token: the price cancels out", ARITHMETIC,
        ),
    )  # fmt: skip


def _cost(name: str, hours: Span, paid: Span | None, formula: str, unit: str) -> Figure | None:
    return None if paid is None else Figure(name, hours * paid, unit, formula, ARITHMETIC)


def _listed(asked: Requests) -> tuple[Listed, ...]:
    """The cheapest of each day at the first of a year, at the beginning and today."""
    rows = cheapest(history())
    last = history()[-1].day
    years = [date(year, 1, 1) for year in range(rows[0].day.year + 1, last.year + 1)]
    found = []
    for day in (rows[0].day, *years, last):
        row = [one for one in rows if one.day <= day][-1]
        usd = (row.input * asked.prompt + row.output * asked.answer) / asked.tokens
        found.append(Listed(day, row.model, usd))
    return tuple(found)


def _notes(data: Data, model: ModelSize, on: Accelerator, paid: Span | None) -> tuple[str, ...]:
    notes = list(data.notes)
    if model.estimated:
        notes.append(f"the shape of the model is estimated: {SHAPE}; give layers, width, kv_width")
    if paid is None:
        notes.append(f"no list price of {on.id} was found: give price, dollars an hour")
    notes.append(
        "an estimate of arithmetic alone: no idle hour, failed run, research, staff or margin"
    )
    notes.append(DISCLAIMER)
    return tuple(notes)

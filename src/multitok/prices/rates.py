"""What tokens cost: the price of a model on a day, and the cost of a count under it.

Prices are dated facts of others: they come from a snapshot of genai-prices that ships (its date
stands in it), or, with the `prices` extra, from the installed library itself. Money is Decimal.
An unknown price is None or "unknown" and says why: never 0, never a neighbor's, never a guessed
half for a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from multitok.core.errors import MediaError, UnknownNameError
from multitok.prices.listing import installed, row_of, shipped

Mode = Literal["standard", "batch", "flex", "priority"]
MODES: tuple[Mode, ...] = ("standard", "batch", "flex", "priority")
MTOK = 1_000_000

_NOTHING: Mapping[str, Decimal] = {}


class Rate(NamedTuple):
    """Dollars for a unit (mostly a million tokens); `tiers` (over, dollars) for longer prompts."""

    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()

    def at(self, prompt_tokens: int) -> Decimal:
        """The rate of a prompt this long: past a tier's start, all its tokens cost the tier."""
        found = self.base
        for start, price in self.tiers:
            if prompt_tokens > start:
                found = price
        return found


class Price(NamedTuple):
    """What a provider asks for a model on a day. `rates` keeps the price list's own unit names.

    effective   the day this rate began, where the list says
    checked     the day somebody compared it with the provider's page, where the list says
    taken       the day the list was taken
    """

    model: str
    provider: str
    rates: Mapping[str, Rate]
    modes: Mapping[str, Mapping[str, Rate]]
    source: str
    taken: date
    effective: date | None = None
    checked: date | None = None
    notes: tuple[str, ...] = ()

    @property
    def input(self) -> Decimal | None:
        """Dollars for a million input tokens of text, in a short prompt."""
        rate = self.rates.get("input_mtok")
        return rate.base if rate is not None else None

    @property
    def output(self) -> Decimal | None:
        rate = self.rates.get("output_mtok")
        return rate.base if rate is not None else None

    def mode(self, mode: Mode = "standard") -> Mapping[str, Rate] | None:
        """The rates of a way to process; None where no price is published for it."""
        if mode == "standard":
            return self.rates
        return {**self.rates, **self.modes[mode]} if mode in self.modes else None


class Cost(NamedTuple):
    """Dollars for `requests` requests, or None with the reason in `why`.

    `low` and `high` differ where the number of output tokens is a range. `parts` is what one
    request costs at `high`, by what is paid for.
    """

    low: Decimal | None
    high: Decimal | None
    parts: Mapping[str, Decimal] = _NOTHING
    requests: int = 1
    price: Price | None = None
    why: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return self.high is not None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return "unknown"
        if self.low == self.high:
            return money(self.high)
        return f"{money(self.low)} to {money(self.high)}"


def money(amount: Decimal, digits: int | None = None) -> str:
    """Dollars with the digits that say something, or with so many: a column has one number of them.

    >>> money(Decimal("12.3456")), money(Decimal("0.00012345")), money(Decimal("0.2500"))
    ('$12.35', '$0.0001234', '$0.25')
    >>> money(Decimal("0.25"), 7)
    '$0.2500000'
    """
    if digits is None:
        digits = places(amount)
        if amount == 0:
            return "$0"
    return f"${amount:,.{digits}f}"


def places(amount: Decimal) -> int:
    """Digits behind the point: cents from a dollar on, four that are not 0 below, none idle.

    >>> [places(Decimal(text)) for text in ("1234.5", "0.5", "0.00667", "0.0027625")]
    [2, 2, 5, 6]
    """
    if amount == 0 or amount >= 1:
        return 2
    cents = f"{amount:.{3 - amount.adjusted()}f}".partition(".")[2]
    return max(2, len(cents.rstrip("0")))


def price_for(
    model: str, *, provider: str | None = None, on: date | None = None, live: bool = False
) -> Price | None:
    """The price of a model on a day (today, if none is given), or None when it is not known.

    A `provider/model` name or `provider` says who sells it; otherwise only its maker is asked, for
    resold models have many prices. `live` asks the installed genai-prices instead of the snapshot.

    >>> price_for("gpt-4o").input
    Decimal('2.5')
    """
    feed = installed() if live else shipped()
    found = row_of(feed, model, provider)
    return _price(*found, feed, on or datetime.now(UTC).date()) if found else None


def _price(row: Mapping[str, Any], seller: str, feed: Mapping[str, Any], on: date) -> Price:
    day = on.isoformat()
    chosen, effective, hours = row["prices"][0][2], None, {}
    for start, window, rates in row["prices"]:
        if window is not None:
            hours[window] = rates
        elif start is None or start <= day:
            chosen, effective = rates, start
    notes: tuple[str, ...] = ()
    if hours:  # the price of a call depends on its hour: the dearest, said so
        dearest = max(hours, key=lambda window: Decimal(_base(hours[window]["input_mtok"])))
        if Decimal(_base(hours[dearest]["input_mtok"])) > Decimal(_base(chosen["input_mtok"])):
            notes = (f"the rate of the hours {', '.join(hours)}; other hours cost less",)
            chosen = {**chosen, **hours[dearest]}
    modes: dict[str, dict[str, Rate]] = {}
    for mode, entries in row.get("variants", {}).items():
        for start, rates in entries:
            if start is None or start <= day:
                modes.setdefault(mode, {}).update(_rates(rates))
    checked = row.get("checked")
    return Price(
        model=row["id"],
        provider=seller,
        rates=_rates(chosen),
        modes=modes,
        source=feed["source"],
        taken=date.fromisoformat(feed["taken"]),
        effective=date.fromisoformat(effective) if effective else None,
        checked=date.fromisoformat(checked) if checked else None,
        notes=notes,
    )


def _base(rate: Any) -> str:
    return rate if isinstance(rate, str) else rate[0]


def _rates(rates: Mapping[str, Any]) -> dict[str, Rate]:
    return {
        key: Rate(Decimal(rate))
        if isinstance(rate, str)
        else Rate(Decimal(rate[0]), tuple((start, Decimal(price)) for start, price in rate[1]))
        for key, rate in rates.items()
    }


def dated_prices(model: str, *, provider: str | None = None) -> list[Price]:
    """Every rate of a model that the snapshot dates, oldest first; a scheduled change included."""
    feed = shipped()
    found = row_of(feed, model, provider)
    if found is None:
        return []
    days = [date.fromisoformat(start) for start, _, _ in found[0]["prices"] if start]
    undated = [date.min] if found[0]["prices"][0][0] is None else []
    return [_price(*found, feed, day) for day in (*undated, *sorted(set(days)))]


INPUT_RATES: Mapping[str, str] = {
    "audio": "input_audio_mtok", "image": "input_image_mtok", "video": "input_video_mtok",
}  # fmt: skip
"""A modality with a rate of its own, where the model has one; everything else is text."""


def cost_of(
    price: Price | None,
    tokens: int | Mapping[str, int],
    *,
    cached: int = 0,
    output: int | tuple[int, int] = 0,
    mode: Mode = "standard",
    requests: int = 1,
) -> Cost:
    """The cost of input tokens (a number, or by modality) and of output tokens (or a range).

    `cached` of the input tokens are read from the provider's cache. A tier over a prompt length
    holds for all tokens of the request, the output too.
    """
    if mode not in MODES:
        raise UnknownNameError.of("way to process", mode, MODES, f"There are: {', '.join(MODES)}")
    by_modality = dict(tokens) if isinstance(tokens, Mapping) else {"text": tokens}
    low, high = output if isinstance(output, tuple) and len(output) == 2 else (output, output)
    for name, number in (*by_modality.items(), ("output", low), ("output", high)):
        if type(number) is not int or number < 0:
            raise MediaError(f"{name} tokens must be a whole number from 0 on, got {number!r}")
    if high < low or requests < 0:
        raise MediaError(
            "output must be a number or (least, most), and requests 0 or more, got"
            f" {output!r} and {requests!r}"
        )
    total = sum(by_modality.values())
    if not 0 <= cached <= total:
        raise MediaError(f"cached tokens must be from 0 to {total}, got {cached!r}")
    if price is None:
        return Cost(None, None, requests=requests, why="no price is known for this model")
    rates = price.mode(mode)
    if rates is None:
        why = f"no {mode} price is published for {price.model}"
        return Cost(None, None, requests=requests, price=price, why=why)
    missing = _missing(rates, total, high)
    if missing:
        why = f"{price.model} has no price for {missing}"
        return Cost(None, None, requests=requests, price=price, why=why)
    parts, notes = _input_parts(rates, by_modality, cached, total)
    if cached and mode != "standard" and "cache_read_mtok" not in price.modes[mode]:
        notes.append(f"no {mode} rate is published for cached input: the standard rate is used")
    spent = sum(parts.values(), Decimal(0))
    per_output = rates["output_mtok"].at(total) / MTOK if high else Decimal(0)
    if high:
        parts["output"] = high * per_output
    return Cost(
        low=requests * (spent + low * per_output),
        high=requests * (spent + high * per_output),
        parts=parts,
        requests=requests,
        price=price,
        notes=(*price.notes, *notes),
    )


def _missing(rates: Mapping[str, Rate], inputs: int, outputs: int) -> str | None:
    if inputs and "input_mtok" not in rates:
        units = ", ".join(sorted(rates)) or "nothing"
        return f"input tokens (it is paid for by {units})"
    return "output tokens" if outputs and "output_mtok" not in rates else None


def _input_parts(
    rates: Mapping[str, Rate], tokens: Mapping[str, int], cached: int, total: int
) -> tuple[dict[str, Decimal], list[str]]:
    """Dollars by modality for one request; cached tokens are taken from the text first."""
    parts: dict[str, Decimal] = {}
    notes: list[str] = []
    read = rates.get("cache_read_mtok")
    if cached and read is None:
        notes.append("no rate is published for cached input: it is charged in full")
        cached = 0
    left = cached
    for modality in sorted(tokens, key=lambda name: name in INPUT_RATES):
        own = rates.get(INPUT_RATES.get(modality, ""), rates.get("input_mtok"))
        if not tokens[modality] or own is None:
            continue
        from_cache = min(left, tokens[modality])
        left -= from_cache
        parts[modality] = (tokens[modality] - from_cache) * own.at(total) / MTOK
    if cached and read is not None:
        parts["cached"] = cached * read.at(total) / MTOK
    return parts, notes

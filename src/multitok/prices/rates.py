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

from multitok.catalog.providers import Provider
from multitok.core.errors import UnknownNameError
from multitok.prices.bill import Bill
from multitok.prices.listing import installed, maker_of, row_of, shipped
from multitok.prices.units import MODALITIES, fee_amounts, input_amounts, output_amounts, whole

Mode = Literal["standard", "batch", "flex", "priority", "fast"]
MODES: tuple[Mode, ...] = ("standard", "batch", "flex", "priority", "fast")

_NOTHING: Mapping[str, Decimal] = {}
_NO_FEES: Mapping[str, int | float | Decimal] = {}
_NONE_WRITTEN: Mapping[str, int] = {}
_ZERO = Decimal(0)


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
    apart       rates that it must have, and the list has not: what they are for is charged apart
    writes_from input tokens from which on the provider writes its cache unasked, and charges it
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
    apart: frozenset[str] = frozenset()
    writes_from: int | None = None

    @property
    def input(self) -> Decimal | None:
        """Dollars for a million input tokens of text, in a short prompt."""
        rate = self.rates.get("input_mtok")
        return rate.base if rate is not None else None

    @property
    def output(self) -> Decimal | None:
        rate = self.rates.get("output_mtok")
        return rate.base if rate is not None else None

    @property
    def sound_by_length(self) -> bool:
        """Whether sound that comes in is charged by its seconds, and its tokens are not."""
        return bool({"input_audio_hours", "audio_hours"} & self.rates.keys())

    def mode(self, mode: Mode = "standard") -> Mapping[str, Rate] | None:
        """The rates of a way to process; None where no price is published for it."""
        if mode == "standard":
            return self.rates
        return {**self.rates, **self.modes[mode]} if mode in self.modes else None


class Cost(NamedTuple):
    """Dollars for `requests` requests, or None with the reason in `why`.

    `low` and `high` differ where the number of output tokens is a range, and where the provider
    may write its cache unasked. `parts` is what one request costs at `high`, by what is paid for.
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
                modes[mode] = {**_rates(rates), **modes.get(mode, {})}  # the first that holds
    checked = row.get("checked")
    maker, made = maker_of(feed, row, seller)
    own = _rates(chosen)
    return Price(
        model=row["id"],
        provider=seller,
        rates=own,
        modes=modes,
        source=feed["source"],
        taken=date.fromisoformat(feed["taken"]),
        effective=date.fromisoformat(effective) if effective else None,
        checked=date.fromisoformat(checked) if checked else None,
        notes=notes,
        apart=frozenset(_apart(row, maker, made) - own.keys()),
        writes_from=maker.writes_from if "cache_write_mtok" in own else None,
    )


def _apart(row: Mapping[str, Any], maker: Provider, made: Mapping[str, Any]) -> set[str]:
    """Rates that a model must have because its maker charges by modality: those of the maker's own
    row, of sound where that is charged by its length, and of what the maker says it charges apart
    where the model's name has it."""
    listed = {*made["prices"][-1][2], *row["prices"][-1][2]}
    found = {
        f"{way}_{name}_mtok" for way in ("input", "output") for name in MODALITIES[1:]
    } & listed
    if listed & {"audio_hours", "input_audio_hours"}:
        found.add("input_audio_mtok")
    for name in maker.charges_apart:
        if name in row["id"]:
            found |= {f"input_{name}_mtok", f"output_{name}_mtok"}
    return found


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


def listed(
    price: Price | None, mode: Mode, requests: int
) -> tuple[Price, Mapping[str, Rate]] | Cost:
    """The price and its rates for a way to process; the unknown cost of so many requests where
    nothing is listed."""
    if mode not in MODES:
        raise UnknownNameError.of("way to process", mode, MODES, f"There are: {', '.join(MODES)}")
    if price is None:
        return Cost(None, None, requests=requests, why="no price is known for this model")
    rates = price.mode(mode)
    if rates is None:
        why = f"no {mode} price is published for {price.model}"
        return Cost(None, None, requests=requests, price=price, why=why)
    return price, rates


def cost_of(
    price: Price | None,
    tokens: int | Mapping[str, int],
    *,
    cached: int | Mapping[str, int] = 0,
    written: int | Mapping[str, int] = 0,
    output: int | tuple[int, int] | Mapping[str, int] = 0,
    fees: Mapping[str, int | float | Decimal] = _NO_FEES,
    mode: Mode = "standard",
    requests: int = 1,
) -> Cost:
    """What a request costs: each of its tokens at the most particular rate that the list has.

    tokens    of input, the cached and the written too: a number (of text), or by modality
    cached    of them, read from a cache: a number (of text first), or by modality
    written   of them, written into a cache: a number, or by how long it keeps them ("5m", "1h")
    output    a number, (least, most), or by modality and by "reasoning" and "citation"
    fees      what is charged beside tokens, by what is counted: {"web_searches": 3}
    mode      standard, batch, flex, priority or fast

    A tier over a prompt length holds for all tokens of the request, the output too. What the
    provider charges apart, and the list has no rate for, makes the cost unknown.

    >>> kept = cost_of(price_for("claude-opus-5"), 10_000, written={"1h": 8000}, cached=1000)
    >>> {name: str(dollars) for name, dollars in kept.parts.items()}
    {'cached': '0.0005', 'written (1 hour)': '0.08', 'text': '0.005'}
    """
    given, beside = input_amounts(tokens, cached, written), fee_amounts(fees)
    least, most = output_amounts(output)
    whole("requests", requests)
    found = listed(price, mode, requests)
    if isinstance(found, Cost):
        return found
    price, rates = found
    bill = Bill(price, rates, mode, total=sum(given.values()))
    missing = bill.missing({**given, **most}, beside)
    if missing is not None:
        return Cost(None, None, requests=requests, price=price, why=missing)
    parts = {**bill.parts({**given, **most}), **bill.fees(beside)}
    return Cost(
        low=requests * sum((bill.parts({**given, **least}) | bill.fees(beside)).values(), _ZERO),
        high=requests * sum(parts.values(), _ZERO),
        parts=parts,
        requests=requests,
        price=price,
        notes=(*price.notes, *bill.notes({**given, **most})),
    )


def cost_ahead(
    price: Price | None,
    tokens: Mapping[str, int],
    *,
    cached: int | Mapping[str, int] = 0,
    written: Mapping[str, int] = _NONE_WRITTEN,
    output: int | tuple[int, int] | Mapping[str, int] = 0,
    fees: Mapping[str, int | float | Decimal] = _NO_FEES,
    mode: Mode = "standard",
    requests: int = 1,
) -> Cost:
    """What a request may cost before it is sent: where the provider writes its cache unasked, the
    most is for all input that is not read from it, as a first request pays."""
    words: Any = {"cached": cached, "output": output, "fees": fees, "mode": mode}
    least = cost_of(price, tokens, written=written, requests=requests, **words)
    total = sum(tokens.values())
    if price is None or price.writes_from is None or total < price.writes_from:
        return least
    fresh = total - (sum(cached.values()) if isinstance(cached, Mapping) else cached)
    most = cost_of(price, tokens, written=fresh, requests=requests, **words)
    if least.high is None or most.high is None or most.high <= least.high:
        return least
    note = f"the most: {fresh:,} input tokens are written to the cache, which it does unasked"
    return most._replace(low=least.low, notes=(*most.notes, note))

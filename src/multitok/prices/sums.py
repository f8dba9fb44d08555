"""What many requests cost together, from sums of their tokens: a million of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from multitok.prices.bill import Bill
from multitok.prices.rates import Cost, Mode, Price, listed
from multitok.prices.units import fee_amounts, input_amounts, output_amounts

UNASKED = "the most: all input is written to the cache, which the provider does unasked"


class Alike(NamedTuple):
    """Requests that are priced alike: how many, the input tokens of one of them, which tells the
    tier, those of all by modality, and the seconds of their sound."""

    requests: int
    one: int
    tokens: Mapping[str, int]
    seconds: float = 0.0


def borders(price: Price | None) -> tuple[int, ...]:
    """The input tokens beyond which a request is priced in another way: those on one side of each
    are alike.

    >>> from multitok.prices import price_for
    >>> borders(price_for("gemini-2.5-pro"))
    (200000,)
    """
    if price is None:
        return ()
    tables = (price.rates, *price.modes.values())
    starts = {start for rates in tables for rate in rates.values() for start, _ in rate.tiers}
    if price.writes_from is not None:
        starts.add(price.writes_from - 1)
    return tuple(sorted(starts))


def cost_of_sums(
    price: Price | None,
    sums: Iterable[Alike],
    *,
    output: int | tuple[int, int] = 0,
    mode: Mode = "standard",
) -> Cost:
    """What requests cost together, each answered in `output` tokens: the sum of what `cost_of` says
    of each.

    `low` and `high` differ where the output is a range, and where the provider may write its cache
    unasked. Unknown, with the reason in `why`, where no price is.
    """
    least, most = output_amounts(output)
    sums = list(sums)
    requests = sum(one.requests for one in sums)
    found = listed(price, mode, requests)
    if isinstance(found, Cost):
        return found
    price, rates = found
    low = high = Decimal(0)
    parts: dict[str, Decimal] = {}
    notes: dict[str, None] = dict.fromkeys(price.notes)
    for one in sums:
        bill = Bill(price, rates, mode, total=one.one)
        given = input_amounts(one.tokens)
        beside = fee_amounts({"input_audio_seconds": one.seconds} if one.seconds else {})
        beside["requests"] = Decimal(one.requests)
        answers = {what: number * one.requests for what, number in most.items()}
        missing = bill.missing({**given, **answers}, beside)
        if missing is not None:
            return Cost(None, None, requests=requests, price=price, why=missing)
        written = given
        if price.writes_from is not None and one.one >= price.writes_from:
            written = input_amounts(one.tokens, written=sum(one.tokens.values()))
            notes[UNASKED] = None
        few = {what: number * one.requests for what, number in least.items()}
        fees = sum(bill.fees(beside).values(), Decimal(0))
        low += sum(bill.parts({**given, **few}).values(), fees)
        made = {**bill.parts({**written, **answers}), **bill.fees(beside)}
        high += sum(made.values(), Decimal(0))
        for name, dollars in made.items():
            parts[name] = parts.get(name, Decimal(0)) + dollars
        notes |= dict.fromkeys(bill.notes({**given, **answers}))
    return Cost(low, max(low, high), parts, requests, price, notes=tuple(notes))

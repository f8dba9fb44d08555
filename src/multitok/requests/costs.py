"""What a request costs before it is sent, and what a bill comes to, at the price of its model."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo
from multitok.prices.rates import MODES, Cost, Price, cost_ahead, cost_of, price_for
from multitok.prices.units import CHARGED_AS, FEES, MODALITIES

if TYPE_CHECKING:
    from datetime import date

    from multitok.requests.batches import BatchCount
    from multitok.requests.usage import Usage
    from multitok.requests.whole import RequestCount


def token_range(text: str) -> tuple[int, int]:
    """Output tokens, or the least and the most of them; MediaError for what is neither.

    >>> token_range("500"), token_range("200-800")
    ((500, 500), (200, 800))
    """
    match = re.fullmatch(r"(\d{1,18})(?:-(\d{1,18}))?", text)
    if match is None:
        raise MediaError(f"{text[:40]!r} is not a number or a range: write 500 or 200-800")
    low, high = int(match[1]), int(match[2] or match[1])
    if low > high:
        raise MediaError(f"{text!r} runs backwards: write {high}-{low}")
    return low, high


def cost_of_request(
    counted: RequestCount,
    *,
    output: int | tuple[int, int] = 0,
    cached: int = 0,
    mode: str | None = None,
    requests: int = 1,
    most: bool = False,
) -> Cost:
    """The cost of a counted request; see `RequestCount.cost`."""
    tier = mode or counted.terms.tier
    why = None
    if counted.rejected:
        why = f"{counted.rejected[0].path} is rejected, and the request with it"
    elif tier not in MODES:
        why = f"{_no_tier(tier)} (--mode)"
    if why is not None:
        return Cost(None, None, requests=requests, why=why)
    price = price_for(counted.asked)
    least, greatest = output if isinstance(output, tuple) else (output, output)
    words: dict[str, Any] = {
        "cached": cached, "mode": tier, "requests": requests, "fees": _sound(counted, price),
    }  # fmt: skip

    def made(number: int, kind: str, upper: bool) -> Cost:
        tokens = counted.by_modality("pdf", most=upper)
        written = counted.written(cached, most=upper)
        return cost_ahead(price, tokens, written=written, output={kind: number}, **words)

    kinds = counted.terms.answers or _answers(price)
    lower = [made(least, kind, False) for kind in kinds]
    upper = [made(greatest, kind, most) for kind in kinds]
    unknown = next((cost for cost in (*upper, *lower) if not cost.known), None)
    if unknown is not None:
        return unknown
    dearest = max(upper, key=lambda cost: cost.high or 0)
    tiers = () if tier == "standard" else (f"at the rates of {tier}",)
    notes = (*tiers, *dearest.notes, *_kept(counted, cached))
    return dearest._replace(low=min(cost.low or Decimal(0) for cost in lower), notes=notes)


def cost_of_batch(batch: BatchCount, *, output: int | tuple[int, int] = 0, **words: Any) -> Cost:
    """The cost of the requests of a batch; see `BatchCount.cost`."""
    if batch.errors:
        bad = batch.errors[0]
        return Cost(None, None, why=f"request {bad.id}: {bad.error}")
    costs = [one.cost(output, **words) for one in batch.counted]
    unknown = next((cost for cost in costs if not cost.known), None)
    if unknown is not None:
        return unknown
    parts: dict[str, Decimal] = {}
    for cost in costs:
        for name, amount in cost.parts.items():
            parts[name] = parts.get(name, Decimal(0)) + amount
    first = costs[0].price
    return Cost(
        low=sum((cost.low or Decimal(0) for cost in costs), Decimal(0)),
        high=sum((cost.high or Decimal(0) for cost in costs), Decimal(0)),
        parts=parts,
        requests=costs[0].requests,
        price=first if all(cost.price == first for cost in costs) else None,
        notes=tuple(dict.fromkeys(note for cost in costs for note in cost.notes)),
    )


def cost_of_usage(
    usage: Usage,
    model: str,
    *,
    provider: str | None = None,
    mode: str | None = None,
    on: date | None = None,
) -> Cost:
    """The cost of what was billed; see `Usage.cost`."""
    tier = mode or usage.tier or "standard"
    if tier not in MODES:
        return Cost(None, None, why=_no_tier(tier))
    price = price_for(model, provider=provider, on=on)
    rates = price.rates if price is not None else {}
    told = {name: n for name, n in usage.by_modality.items() if name != "text"}
    tokens = {"text": usage.input - sum(told.values()), **told}
    if tokens["text"] < 0:  # details that the whole contradicts
        tokens = {"text": usage.input}
    kept: dict[str, int] = dict(usage.cached_by)
    kept["text"] = usage.cached - sum(n for name, n in kept.items() if name != "text")
    by_modality = all(0 <= number <= tokens.get(name, 0) for name, number in kept.items())
    said = usage.output or 0
    rest = said - sum(usage.output_by.values())
    output = {"text": rest, **usage.output_by} if rest >= 0 else {"text": said}
    return cost_of(
        price,
        tokens,
        cached=kept if by_modality else usage.cached,
        written=usage.written,
        output={CHARGED_AS.get(name, name): number for name, number in output.items()},
        fees={name: n for name, n in usage.fees.items() if rates.keys() & set(FEES[name].rates)},
        mode=tier,
    )


def _no_tier(tier: str) -> str:
    return f"no price is known for the tier {tier!r}. To price it as another: {', '.join(MODES)}"


def _answers(price: Price | None) -> tuple[str, ...]:
    """What a model may answer in where the request does not say: text, and what has a rate."""
    rates = price.rates if price is not None else {}
    return tuple(name for name in MODALITIES if name == "text" or f"output_{name}_mtok" in rates)


def _sound(counted: RequestCount, price: Price | None) -> dict[str, float]:
    """The seconds of sound, where those are charged and not its tokens."""
    if price is None or not price.sound_by_length:
        return {}
    lengths = [part.info.duration for part in counted.parts if isinstance(part.info, AudioInfo)]
    return {"input_audio_seconds": sum(lengths)} if lengths else {}


def _kept(counted: RequestCount, cached: int) -> tuple[str, ...]:
    written = sum(counted.written(cached).values())
    if not written:
        return ()
    return (f"{written:,} input tokens are written to the cache, as a first request does",)

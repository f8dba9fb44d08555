"""What a source costs: its count under a model's rule, at the model's price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from multitok.core.info import AudioInfo, Modality, VideoInfo, modality_of
from multitok.counting.counts import Count
from multitok.counting.door import count
from multitok.loaders.probed import ReadWords
from multitok.prices.rates import Cost, Mode, cost_ahead, price_for

if TYPE_CHECKING:
    from datetime import date


class CostWords(TypedDict, total=False):
    """The keywords that say what is paid for beside the input; `cost` tells what each means."""

    output: int | tuple[int, int]
    cached: int
    written: Mapping[str, int] | None
    mode: Mode
    requests: int
    provider: str | None
    on: date | None


def cost(
    source: Any,
    *,
    model: str,
    output: int | tuple[int, int] = 0,
    cached: int = 0,
    written: Mapping[str, int] | None = None,
    mode: Mode = "standard",
    requests: int = 1,
    provider: str | None = None,
    on: date | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Cost:
    """What a source costs as the input of a model, in dollars (Decimal), and its output tokens too.

    output      output tokens to price as well: a number, or (least, most)
    cached      input tokens that are read from the provider's cache
    written     input tokens that are written into it, by how long it keeps them: {"5m": 800}
    mode        standard, batch, flex, priority or fast
    requests    this many times
    provider    who sells it, where that is not its maker
    on          the day of the price; today when none is given

    The other arguments are those of `count`. `low` and `high` are None, with the reason in `why`,
    where no price is known: never 0. Where the provider writes its cache unasked, `high` has all
    input at the rate of a write, as a first request pays.

    >>> from multitok import ImageInfo
    >>> cost(ImageInfo(1024, 1024), model="gpt-4o").high
    Decimal('0.0019125')
    """
    counted = count(
        source, model=model, modality=modality, options=options, catalog=catalog, **read
    )
    return cost_of_count(
        counted, output=output, cached=cached, written=written, mode=mode, requests=requests,
        provider=provider, on=on,
    )  # fmt: skip


def cost_of_count(
    counted: Count,
    *,
    output: int | tuple[int, int] = 0,
    cached: int = 0,
    written: Mapping[str, int] | None = None,
    mode: Mode = "standard",
    requests: int = 1,
    provider: str | None = None,
    on: date | None = None,
) -> Cost:
    """The cost of a count. What the API rejects has none, nor has what a tokenizer counted: it is
    known to no price list."""
    if counted.rejected:
        return Cost(None, None, requests=requests, why="; ".join(counted.rejected))
    model = counted.named or counted.model
    if model is None:
        why = f"tokenizer {counted.tokenizer!r} has no price: count with a model, model='gpt-4o'"
        return Cost(None, None, requests=requests, why=why)
    price = price_for(model, provider=provider, on=on)
    fees: dict[str, float] = {}
    if isinstance(counted.info, AudioInfo) and price is not None and price.sound_by_length:
        fees["input_audio_seconds"] = counted.info.duration
    return cost_ahead(
        price,
        by_modality(counted),
        cached=cached,
        written=written or {},
        output=output,
        fees=fees,
        mode=mode,
        requests=requests,
    )


def sum_of(costs: Iterable[Cost]) -> Cost:
    """Costs of requests of their own, added up; unknown, with its reason, where one of them is."""
    low, high, requests = Decimal(0), Decimal(0), 0
    parts: dict[str, Decimal] = {}
    notes: dict[str, None] = {}
    for cost in costs:
        if cost.low is None or cost.high is None:
            return cost._replace(parts={}, price=None)
        low, high, requests = low + cost.low, high + cost.high, requests + cost.requests
        for name, dollars in cost.parts.items():
            parts[name] = parts.get(name, Decimal(0)) + dollars * cost.requests
        notes |= dict.fromkeys(cost.notes)
    return Cost(low, high, parts, requests, notes=tuple(notes))


def by_modality(counted: Count) -> dict[str, int]:
    """Tokens by what providers bill apart: the sound of a clip is sound.

    >>> from multitok import AudioInfo
    >>> clip = VideoInfo(640, 480, frames=300, fps=30, audio=AudioInfo(480_000, 48_000))
    >>> by_modality(count(clip, model="gemini-2.5-flash"))
    {'video': 2630, 'audio': 320}
    """
    modality = modality_of(counted.info)
    sound = counted.parts.get("audio", 0) if isinstance(counted.info, VideoInfo) else 0
    apart = {"audio": sound} if sound else {}
    return {modality: counted.tokens - sound, **apart}

"""What all results in text share: numbers, money, colors, the words for a kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

_CODES = {"bold": "1", "dim": "2", "green": "32", "yellow": "33", "cyan": "36", "red": "31"}

KIND_COLOR = {
    "exact": "green",
    "documented": "cyan",
    "observed": "cyan",
    "upper-bound": "yellow",
    "estimate": "yellow",
    "rejected": "red",
    "unknown": "red",
}

MEANING = {
    "exact": "equals what the model or the published tokenizer makes",
    "documented": "the provider's published rule, which it may change",
    "observed": "what bills show, where no page states it or the page is wrong",
    "upper-bound": "at most this many",
    "estimate": "a stated method with a stated error",
    "rejected": "the API answers with an error: no cost, and the number its rule would give",
    "unknown": "no published rule",
}


def style(text: str, *names: str, color: bool) -> str:
    """`text` in ANSI color, or as it is."""
    if not color or not text:
        return text
    return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def dollars(amounts: Sequence[Decimal | None]) -> list[str]:
    """A column of money: all with the digits that its finest amount needs, so that points align.

    >>> from decimal import Decimal
    >>> dollars([Decimal("0.003"), None, Decimal("0.0007425")])
    ['$0.0030000', 'unknown', '$0.0007425']
    """
    from multitok.prices.rates import money, places

    finest = max((places(amount) for amount in amounts if amount is not None), default=2)
    return ["unknown" if amount is None else money(amount, finest) for amount in amounts]


def rates(amounts: Sequence[Decimal | None]) -> list[str]:
    """A column of prices as their lists have them: exact, all with the digits of the finest.

    >>> from decimal import Decimal
    >>> rates([Decimal("60"), Decimal("2.125")])
    ['$60.000', '$2.125']
    """
    finest = max([2, *(_decimals(amount) for amount in amounts if amount is not None)])
    return ["unknown" if amount is None else f"${amount:,.{finest}f}" for amount in amounts]


def _decimals(amount: Decimal) -> int:
    return len(f"{amount:f}".partition(".")[2].rstrip("0"))


def percent(share: float | None) -> str:
    """The part of a context window: 1.2 %, <0.1 %, or nothing."""
    if share is None:
        return ""
    return "<0.1 %" if 0 < share < 0.001 else f"{share:.1%}".replace("%", " %")


def legend(kinds: Sequence[str], *, color: bool) -> str:
    """What the kinds on this page mean, a line each."""
    told = [kind for kind in KIND_COLOR if kind in kinds]
    room = max(map(len, told), default=0) + 2
    lines = (f"{style(k.ljust(room), KIND_COLOR[k], color=color)}{MEANING[k]}" for k in told)
    return "\n".join(lines)

"""Limits of a request as people give them, for whoever holds it to them: the guard and the fit."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from multitok.core.errors import MediaError
from multitok.requests.whole import RequestCount


def checked_tokens(name: str, given: int | None) -> int | None:
    """A number of tokens; MediaError for what is none.

    >>> checked_tokens("max_tokens", 8000)
    8000
    """
    if given is not None and (type(given) is not int or given < 0):
        raise MediaError(f"{name} must be a whole number such as 8000, got {given!r}")
    return given


def checked_dollars(given: Decimal | str | float | None) -> Decimal | None:
    """Dollars; MediaError for what is no amount.

    >>> checked_dollars("0.05")
    Decimal('0.05')
    """
    if given is None:
        return None
    try:
        dollars = Decimal(str(given))
    except InvalidOperation:
        dollars = Decimal("nan")
    if not dollars.is_finite() or dollars < 0:
        raise MediaError(f"max_cost must be dollars such as '0.05', got {given!r}")
    return dollars


def uncounted(count: RequestCount) -> str:
    """Why an open request cannot be held to a limit: its first part that nobody here can count."""
    part = count.unknown[0]
    more = f", and {len(count.unknown) - 1} more" if len(count.unknown) > 1 else ""
    return f"the request cannot be shown to fit: {part.path}: {'; '.join(part.notes)}{more}."

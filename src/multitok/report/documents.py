"""A result as JSON: one number of the schema, one way to write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from multitok.report.safe import escaped_json

if TYPE_CHECKING:
    from decimal import Decimal

SCHEMA = 1
"""The number of every document's shape; it grows when a field changes its meaning."""


def document(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A whole document: the number of its schema, then its fields."""
    return {"schema": SCHEMA, **fields}


def usd(amount: Decimal | None) -> str | None:
    """Dollars as JSON has them: every digit, never as a power of ten; null is unknown.

    >>> from decimal import Decimal
    >>> usd(Decimal("8E-7")), usd(None)
    ('0.0000008', None)
    """
    return None if amount is None else f"{amount:f}"


def dump(content: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """A document in lines, for people and machines alike.

    ascii_only   for a stream that is not UTF-8: every other character escaped, no value changed
    """
    return escaped_json(_encoder(2)(content), ascii_only=ascii_only)


def line(content: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """A document as one line of a stream of them."""
    return escaped_json(_encoder(None)(content), ascii_only=ascii_only)


@cache  # made once: a stream has many lines
def _encoder(indent: int | None) -> Callable[[Any], str]:
    import json

    return json.JSONEncoder(ensure_ascii=False, indent=indent).encode

"""The price list: the one that ships, or the installed library's own, and a model's row in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from multitok.catalog.providers import provider as provider_of, sellers
from multitok.core.errors import SourceError, UnknownNameError

_VERSION = (
    r"(?P<id>.+?)(?:[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{3}|latest|\d\d-20\d\d)"
    r"|-preview(?:-\d\d-\d\d(?:\d\d)?)?|-v\d+(?::\d+)?)"
)
"""What may stand behind a model's name without making it another model; compiled when needed."""


@cache
def shipped() -> Mapping[str, Any]:
    """The shipped list. It is JSON with a line a provider, and a line is parsed when it is asked
    for: the whole takes 5 ms, the models of one provider a fraction of one."""
    path = os.path.join(os.path.dirname(__file__), "prices.json")
    with open(path, encoding="utf-8") as file:
        head, *lines = file.read().splitlines()
    by_provider = {line[1 : line.index('"', 1)]: line for line in lines if line[:1] == '"'}
    return {**json.loads(head + "}}"), "providers": _Lines(by_provider)}


class _Lines:
    """Price rows by provider, parsed on demand."""

    def __init__(self, lines: Mapping[str, str]) -> None:
        self._lines = lines
        self._rows: dict[str, Any] = {}

    def get(self, provider: str, default: Any = ()) -> Any:
        if provider not in self._lines:
            return default
        if provider not in self._rows:
            rows = self._lines[provider].partition(":")[2].rstrip(",")
            self._rows[provider] = json.loads(rows)
        return self._rows[provider]


def installed() -> dict[str, Any]:
    """The installed genai-prices' own list (what it was updated to, when it was)."""
    from multitok.core.extras import require

    purpose = "asking for live prices"
    snapshot = require("genai_prices.data_snapshot", extra="prices", purpose=purpose).get_snapshot()
    from importlib.metadata import version

    from multitok.prices.feed import rows_of

    updated = snapshot.from_auto_update
    taken = snapshot.timestamp.date() if updated else datetime.now(UTC).date()
    how = "updated from its repository" if updated else "installed"
    return {
        "source": f"genai-prices {version('genai-prices')} ({how})",
        "taken": taken.isoformat(),
        "providers": rows_of(snapshot.providers),
    }


def update() -> date:
    """Fetch today's list into the installed genai-prices, for `live=True`: the one call here that
    opens the network, made only when a user asks for it. Gives the list's date."""
    from multitok.core.extras import require

    module = require("genai_prices.update_prices", extra="prices", purpose="updating prices")
    home = require("genai_prices.data_snapshot", extra="prices", purpose="updating prices")
    try:
        snapshot = module.UpdatePrices().fetch()
    except Exception as error:  # of whichever HTTP library genai-prices uses
        raise SourceError(
            f"the price list could not be fetched: {error}. Without --update the installed one is"
            " used",
            source="genai-prices",
        ) from error
    home.set_custom_snapshot(snapshot)
    fetched: date = snapshot.timestamp.date()
    return fetched


def row_of(
    feed: Mapping[str, Any], model: str, provider: str | None
) -> tuple[Mapping[str, Any], str] | None:
    """A model's row and who sells it there, or None."""
    for seller, name in _asked(model, provider):
        row = _find(feed["providers"].get(seller, ()), name)
        if row is not None:
            return row, seller
    from multitok.catalog.load import catalog  # only for names that the list does not have

    try:  # the catalogue may know the model by the name that the price list uses
        known = catalog().model(model)
    except UnknownNameError:
        return None
    seller = provider_of(known.provider).prices
    named = provider or model.lower().rpartition("/")[0]
    if named and provider_of(named).prices not in (seller, "models"):
        return None  # somebody else sells it, at a price of their own
    for name in (known.id, *known.aliases):
        row = _find(feed["providers"].get(seller, ()), name.lower())
        if row is not None:
            return row, seller
    return None


def _asked(model: str, provider: str | None) -> list[tuple[str, str]]:
    """(seller, name) pairs to try, in order."""
    name = model.lower()
    prefix, slash, rest = name.partition("/")
    if provider is not None:
        seller = provider_of(provider).prices
        own = slash and provider_of(prefix).prices == seller
        return [(seller, name), *([(seller, rest)] if own else [])]
    pairs = [(seller, name) for seller in sellers()]
    if slash:
        pairs.insert(0, (provider_of(prefix).prices, rest))
        if prefix == "models":
            pairs += [(seller, rest) for seller in sellers()]
    return pairs


def _find(rows: Any, name: str) -> Mapping[str, Any] | None:
    """By exact name; else a beginning that the list gives, with nothing but a version behind it."""
    for row in rows:
        if row["id"].lower() == name or name in row.get("names", ()):
            return row  # type: ignore[no-any-return]
    for row in rows:
        if name in row.get("prefixes", ()):
            return row  # type: ignore[no-any-return]
    versioned = re.fullmatch(_VERSION, name)
    begins = versioned["id"] if versioned else None
    return next((row for row in rows if begins and begins in row.get("prefixes", ())), None)

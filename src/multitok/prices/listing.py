"""The price list: the one that ships, or the installed library's own, and a model's row in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from multitok.catalog.names import routed, runtimes_of, unanswered
from multitok.catalog.providers import Provider, passing, provider as provider_of, sellers
from multitok.catalog.snapshots import RELEASE, STAMP
from multitok.core.errors import SourceError, UnknownNameError

_VERSION = rf"(?P<id>.+?)(?:{STAMP}|-preview(?:-\d\d-\d\d(?:\d\d)?)?|{RELEASE})"
"""What may stand behind a model's name without making it another model; compiled when needed."""
_REGION = re.compile(r"(?:us-gov|us|eu|apac|au|ca|in|jp|mx|sa)\.")
_RELEASED = re.compile(rf"{RELEASE}$")


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
    if runtimes_of(model):
        return None  # what runs it sells nothing
    model, provider = _unrouted(routed(model)), None if provider in passing() else provider
    if (own := _of_seller(model, "openai")).startswith("ft:"):  # a price of its own, or none
        tuned = "ft:" + own.split(":")[1].lower()
        rows = feed["providers"].get("openai", ())
        row = _find(rows, tuned) or _named(rows, _unversioned(tuned))
        return (row, "openai") if row is not None else None
    for seller, names in _asked(model, provider):
        rows = feed["providers"].get(seller, ())
        for spelled in (way for name in names for way in _of_bedrock(name, seller)):
            row = _find(rows, spelled)
            if row is not None:
                return row, seller
        if any(_named(rows, _unversioned(name)) for name in names):
            break  # its maker's list: another's beginnings have prices of their own
    from multitok.catalog.load import catalog  # only for names that the list does not have

    try:  # the catalogue may know the model by the name that the price list uses
        known = catalog().model(unanswered(model))
    except UnknownNameError:
        return None
    seller = provider_of(known.provider).prices
    named = provider or (model.lower().partition("/")[0] if "/" in model else "")
    if named and provider_of(named).prices != seller:
        return None  # somebody else sells it, at a price of their own
    for name in (known.id, *known.aliases):
        row = _find(feed["providers"].get(seller, ()), name.lower())
        if row is not None:
            return row, seller
    return None


def maker_of(
    feed: Mapping[str, Any], row: Mapping[str, Any], seller: str
) -> tuple[Provider, Mapping[str, Any]]:
    """Who makes the model of a row, and the row that it has there: of a maker, the row itself."""
    if seller in sellers():
        return provider_of(seller), row
    name = row["id"].lower().lstrip("~").partition(":")[0]  # OpenRouter's ~latest and :batch
    prefix, _, short = name.rpartition("/")
    named = provider_of(prefix)
    for maker in dict.fromkeys((named.prices, *sellers())):
        if own := _find(feed["providers"].get(maker, ()), short):
            return provider_of(maker), own
    return named, row


def _asked(model: str, provider: str | None) -> list[tuple[str, list[str]]]:
    """Who is asked, in order, and for which names."""
    name = model.lower()
    prefix, slash, rest = name.partition("/")
    if provider is not None:
        seller = provider_of(provider).prices
        own = slash and provider_of(prefix).prices == seller
        return [(seller, [*_spellings(name), *([rest] if own else [])])]
    seller = provider_of(prefix).prices
    bare = _of_seller(rest, seller)
    named = [(seller, [*_spellings(rest), *([bare] if bare != rest else [])])] if slash else []
    return [*named, *((seller, [name]) for seller in sellers())]


def _unrouted(model: str) -> str:
    """Without the prefixes that say nothing of who sells: `models/`, `litellm/`, a resource's."""
    if model.startswith("arn:aws:bedrock:"):
        return model.rpartition("/")[2]
    prefix, slash, rest = model.partition("/")
    return _unrouted(rest) if slash and prefix in passing() else model


def _of_seller(name: str, seller: str) -> str:
    """Without the words in front that only say again who sells it: `google/`, `models/`."""
    prefix, slash, rest = name.partition("/")
    again = slash and (prefix in passing() or provider_of(prefix.lower()).prices == seller)
    return _of_seller(rest, seller) if again else name


def _spellings(name: str) -> list[str]:
    """A name, and the same under the other names of its maker: a router's list has one of them."""
    maker, slash, rest = name.partition("/")
    others = provider_of(maker).all_names if slash else ()
    return [name, *(f"{other}/{rest}" for other in others if other != maker)]


def _of_bedrock(name: str, seller: str) -> list[str]:
    """A name, and how Bedrock's list writes it: one row for all regions, with the version."""
    if seller != "aws":
        return [name]
    region = _REGION.match(name)
    bare = name[region.end() :] if region else name
    versioned = "" if _RELEASED.search(bare) else "-v1:0"
    spelled = [f"regional.{bare}", f"regional.{bare}{versioned}", bare]
    return [name, *spelled]


def _find(rows: Any, name: str) -> Mapping[str, Any] | None:
    """By exact name; else a beginning that the list gives, with nothing but a version behind it."""
    row = _named(rows, name)
    for begins in (name, _unversioned(name)):
        row = row or next((row for row in rows if begins in row.get("prefixes", ())), None)
    return row


def _named(rows: Any, name: str | None) -> Mapping[str, Any] | None:
    return next((r for r in rows if r["id"].lower() == name or name in r.get("names", ())), None)


def _unversioned(name: str) -> str | None:
    versioned = re.fullmatch(_VERSION, name)
    return versioned["id"] if versioned else None

"""How counts stand to bills, group by group: whose requests they are, and what those hold."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from multitok.catalog.providers import provider as provider_of
from multitok.requests.payloads.parts import Part, Request, unfolded

State = Literal["whole", "open", "refused"]
HOLDS = ("server tools", "video", "audio", "pdf", "image", "tools", "schema", "text")
"""What a request holds; of several, the first here: what changes the bill most."""

ENDPOINTS = {"chat": " chat", "responses": " Responses"}
"""OpenAI's, whose prompts differ."""

_SERVED = ("tool", "tools", "web search", "plugins")
_SCHEMAS = frozenset(
    {
        "response_format", "responseFormat", "response_schema", "responseSchema",
        "response_json_schema", "responseJsonSchema", "output_format", "format",
    }
)  # fmt: skip


class Bill(NamedTuple):
    """One request in numbers. `tokens` and `most` are what was counted of it: all where it is
    whole, what is known where it is open, None where it was refused."""

    provider: str
    holds: str
    state: State
    tokens: int | None
    most: int | None
    billed: int

    @property
    def group(self) -> str:
        return f"{self.provider}, {self.holds}"


class Standing(NamedTuple):
    """How the counts of one group stand to their bills.

    bills       whole, open (a part is unknown) and refused (an error) add up to it
    equal       of the whole ones, those that are the bill to the token
    close       those within 5 % of the bill, or two tokens
    median_off  the middle of |counted - billed| / billed; None where none is whole
    over_most   bills above the upper end that the count states
    """

    group: str
    bills: int
    whole: int
    open: int
    refused: int
    equal: int
    close: int
    median_off: float | None
    over_most: int


def standing(group: str, bills: Iterable[Bill]) -> Standing:
    """The figures of one group.

    >>> standing("all", [Bill("OpenAI chat", "text", "whole", 98, 98, 100)]).median_off
    0.02
    """
    found = list(bills)
    states = [one.state for one in found]
    whole = [(one.tokens or 0, one.most or 0, one.billed) for one in found if one.state == "whole"]
    off = [(abs(tokens - billed), billed) for tokens, _, billed in whole]
    return Standing(
        group=group,
        bills=len(found),
        whole=len(whole),
        open=states.count("open"),
        refused=states.count("refused"),
        equal=sum(not by for by, _ in off),
        close=sum(by <= max(2, 0.05 * billed) for by, billed in off),
        median_off=statistics.median(by / billed for by, billed in off) if off else None,
        over_most=sum(billed > most for _, most, billed in whole),
    )


def standings(bills: Iterable[Bill | None]) -> list[Standing]:
    """A row a group, by name; where there are several, one of all at the end. None is a request
    that nobody told the bill of.

    >>> one = Bill("OpenAI chat", "text", "whole", 98, 98, 100)
    >>> [(row.group, row.bills) for row in standings([one, one._replace(holds="image"), None])]
    [('OpenAI chat, image', 1), ('OpenAI chat, text', 1), ('all', 2)]
    """
    groups: dict[str, list[Bill]] = {}
    for one in bills:
        if one is not None:
            groups.setdefault(one.group, []).append(one)
    rows = [standing(name, found) for name, found in sorted(groups.items())]
    every = [one for found in groups.values() for one in found]
    return rows if len(rows) < 2 else [*rows, standing("all", every)]


def served_by(request: Request) -> str:
    """The provider whose format a request has, with the endpoint where it has two.

    >>> served_by(Request(provider="openai", endpoint="responses"))
    'OpenAI Responses'
    """
    known = provider_of(request.provider)
    return known.name + (ENDPOINTS.get(request.endpoint, "") if known.id == "openai" else "")


def holds(payload: Any, parts: Iterable[Part]) -> str:
    """The first of HOLDS that a request has: by its parts, and by the keys of a schema, since not
    every provider makes a part of one."""
    found = {name for part in parts if (name := _held(part))}
    if _names_a_schema(payload):
        found.add("schema")
    return next((name for name in HOLDS if name in found), "text")


def _held(part: Part) -> str:
    if part.modality == "unknown":
        return "server tools" if part.what in _SERVED else ""
    if part.modality == "file":  # its bytes show what it is; nearly always a document
        return "pdf"
    return {"tool": "tools", "text": ""}.get(part.modality, part.modality)


def _names_a_schema(value: Any, depth: int = 0) -> bool:
    """In the request, or in an object of it: Gemini's configuration, `text` of Responses, the body
    in a line of a batch file."""
    given = unfolded(value)
    if not isinstance(given, Mapping) or depth > 2:
        return False
    return any(
        (key in _SCHEMAS and isinstance(inner, Mapping) and inner.get("type") != "text")
        or _names_a_schema(inner, depth + 1)
        for key, inner in given.items()
    )

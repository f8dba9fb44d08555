"""Who a provider is: one identity for the catalogue, the prices, the requests and the charts.

providers.toml is written by people; `make catalog` compiles it to providers.json, which is read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

Color = tuple[int, int, int]


class Provider(NamedTuple):
    """A row of providers.toml."""

    id: str
    name: str
    names: tuple[str, ...] = ()
    prices: str = ""
    sells: bool = False
    apart: bool = False
    weights: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    modal: str = ""
    format: str | None = None
    begins: tuple[str, ...] = ()
    color: Color | None = None
    sign: str = ""
    retirements: str = ""
    charges_apart: tuple[str, ...] = ()
    writes_from: int | None = None
    endpoints: Mapping[str, Sequence[str]] = MappingProxyType({})

    @property
    def all_names(self) -> tuple[str, ...]:
        """Whatever it is called, each once."""
        return tuple(dict.fromkeys((self.id, self.prices, *self.names, *self.answers)))

    @property
    def answers(self) -> Mapping[str, str]:
        """The words for where else its models answer, and which of them is the endpoint."""
        return {word: at for at, more in self.endpoints.items() for word in (at, *more)}


@cache
def _tables() -> Mapping[str, Any]:
    path = os.path.join(os.path.dirname(__file__), "providers.json")
    with open(path, encoding="utf-8") as file:
        tables: Mapping[str, Any] = json.load(file)
    return tables


@cache
def providers() -> tuple[Provider, ...]:
    """All of them, those that sell their own models in the order in which they are asked."""
    rows = []
    for row in _tables()["provider"]:
        lists = {
            key: tuple(row[key])
            for key in ("names", "begins", "weights", "modes", "color", "charges_apart")
            if key in row
        }
        rows.append(Provider(**{"prices": row["id"], **row, **lists}))
    return tuple(rows)


@cache
def sellers() -> tuple[str, ...]:
    """Ids, in the price list, of those that sell their own models: asked where none is named."""
    return tuple(p.prices for p in providers() if p.sells)


@cache
def routers() -> frozenset[str]:
    """Names that stand in front of other providers' models."""
    tables = _tables()["routers"]
    return frozenset((*tables["sell"], *tables["weights"], *tables["pass"], *endpoints()))


@cache
def weights_hosts() -> frozenset[str]:
    """Those of them that run published weights and nothing else."""
    return frozenset(_tables()["routers"]["weights"])


@cache
def passing() -> frozenset[str]:
    """Those of them that sell nothing: a price is its maker's."""
    return frozenset(_tables()["routers"]["pass"])


@cache
def runtimes() -> Mapping[str, Sequence[str]]:
    """What runs a model whose name has this word, the likeliest `runtime` first."""
    found: Mapping[str, Sequence[str]] = _tables()["runtimes"]
    return found


@cache
def endpoints() -> Mapping[str, str]:
    """Where a model answers whose name has this word in front."""
    return {word: at for p in providers() for word, at in p.answers.items()}


@cache
def spellings() -> Mapping[str, str]:
    """Parts of names as hosts spell them, as patterns, and what they are."""
    found: Mapping[str, str] = _tables()["spellings"]
    return found


@cache
def packagers() -> frozenset[str]:
    """Who packs the open weights of others."""
    return frozenset(_tables()["packagers"]["names"])


@cache
def endings() -> Mapping[str, Sequence[str]]:
    """What may stand behind a name without making it another model, by kind, as patterns."""
    found: Mapping[str, Sequence[str]] = _tables()["endings"]
    return found


@cache
def modes() -> Mapping[str, Sequence[str]]:
    """By provider, what hosts write behind its models' names for a mode or a tier of them."""
    return {p.id: p.modes for p in providers() if p.modes}


def has_modes(owner: str, name: str) -> bool:
    """Whether a model of this folded name has modes at all."""
    return re.match(provider(owner).modal, name) is not None


@cache
def prefixes() -> tuple[str, ...]:
    """Words that stand in front of a name behind a dash too: `databricks-claude-sonnet-4`."""
    words = {*routers(), *(name for p in providers() for name in p.all_names)}
    return tuple(sorted((word.replace("_", "-") for word in words), key=len, reverse=True))


@cache
def _by_name() -> Mapping[str, Provider]:
    return {name: p for p in providers() for name in p.all_names}


def is_provider(name: str) -> bool:
    """Whether providers.toml has this name."""
    return name in _by_name()


def maker_of(model: str) -> Provider | None:
    """Whose model this is, by how its name begins; None where providers.toml has no beginning."""
    return next((p for p in providers() if p.begins and model.startswith(p.begins)), None)


def provider(name: str) -> Provider:
    """A provider by any of its names; a stranger is its own.

    >>> provider("z-ai").id, provider("z-ai").prices, provider("somebody").name
    ('zhipu', 'zai', 'somebody')
    """
    return _by_name().get(name) or Provider(name, name, prices=name)

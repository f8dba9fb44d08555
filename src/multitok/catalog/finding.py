"""Which row a name means: the row itself however it is spelled, or the row of its family.

No part of a name is enough, since a wrong match is a wrong bill. What may be taken away from a name
stands in providers.toml, what a family's members are called in its row; anything else is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple

from multitok.catalog.names import Reading, folded, readings, runtimes_of
from multitok.catalog.providers import is_provider, packagers, provider
from multitok.catalog.snapshots import STAMP
from multitok.core.counts import Kind
from multitok.core.errors import UnknownNameError
from multitok.core.registry import names as tokenizers

Row = Mapping[str, Any]
_DATED = rf"(?P<id>.+?){STAMP}"  # patterns are compiled when a name is no row's own
_FIXED = r"[a-z0-9-]+(?![?*+{|])"


class Found(NamedTuple):
    """The row of a name, and what makes it another name than the row's own: a note for people.

    `same` where the model is the row's own; `kind` is the most that its numbers are worth.
    """

    row: str
    same: bool = True
    kind: Kind = "exact"
    note: str | None = None


class Names:
    """All names of the rows of a catalogue."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows
        self._names: dict[str, str] = {}
        for id, row in rows.items():  # a later row's names win
            for name in (id, *row.get("aliases", ())):
                self._names[folded(name)] = id

    def is_own(self, name: str) -> bool:
        """Whether it is the id or an alias of a row."""
        return folded(name) in self._names

    def find(self, name: str) -> Found | None:
        """The row of a name, or None."""
        whole = self._names.get(folded(name))
        if whole is not None:
            return Found(whole)
        found, local = tuple(readings(name)), bool(runtimes_of(name))
        for reading in found:
            row = self._itself(reading, local)
            if row is not None:
                return self._as_read(row, reading, local)
        for reading in found:
            row = self._sibling(reading, local)
            if row is not None:
                family = self._rows[row]["family"]
                note = family.get("note") or (_OPEN_SIBLING if "/" in row else _SIBLING)
                return Found(row, False, family.get("kind", "estimate"), note.format(row))
        return None

    def families_of(self, name: str) -> set[str]:
        """Rows whose family takes a name: at most one, where the catalogue is right."""
        return {
            row
            for reading in readings(name)
            for _, pattern, row in self._families
            if self._may_be(row, reading, bool(runtimes_of(name)))
            and re.fullmatch(pattern, reading.name)
        }

    def _itself(self, reading: Reading, local: bool) -> str | None:
        """The row itself: of what is packed or runs here, the open weights first."""
        dated = re.fullmatch(_DATED, reading.name)
        sold, weights = self._names, self._tails
        for names in (weights, sold) if local or reading.packaging else (sold, weights):
            row = names.get(reading.name)
            if row is not None and self._may_be(row, reading, local):
                return row
            row = names.get(dated["id"]) if dated else None
            if (
                row is not None
                and self._rows[row].get("dated")
                and self._may_be(row, reading, local)
            ):
                return row
        return None

    def _sibling(self, reading: Reading, local: bool) -> str | None:
        for beginning, pattern, row in self._families:
            if not reading.name.startswith(beginning):
                continue
            if self._may_be(row, reading, local) and re.fullmatch(pattern, reading.name):
                return row
        return None

    def _may_be(self, row: str, reading: Reading, local: bool) -> bool:
        """Whether what was taken away can be said of this row: `openai/gpt-4o` but not
        `qwen/gpt-4o`; what runs here or at a host of weights, is packed or tuned, only where
        there are weights."""
        maker = self._maker(row)
        as_weights = local or reading.packaging or reading.tuned or reading.host
        if as_weights and not self._open(row):
            return False
        if reading.maker in (None, maker):
            return True
        return "/" in row and (reading.maker in packagers() or not self._known(reading.maker))

    def _as_read(self, row: str, reading: Reading, local: bool) -> Found:
        if reading.tuned:
            return Found(row, False, "estimate", _TUNED.format(row, reading.tuned))
        if reading.maker not in (None, self._maker(row), *packagers()):
            return Found(row, False, "estimate", _REPUBLISHED.format(row, reading.maker))
        if reading.mode:
            kind: Kind = "estimate" if "/" in row else "exact"  # of weights, another checkpoint
            return Found(row, False, kind, _MODE.format(row, reading.mode))
        return Found(row, same=not (reading.free or local))  # its price is another, or none

    def _maker(self, row: str) -> str:
        """Whose name stands in front: who publishes open weights, else who sells the model."""
        org, slash, _ = row.partition("/")
        return provider(org.lower()).id if slash else str(self._rows[row]["provider"])

    def _open(self, row: str) -> bool:
        return "/" in row or row.startswith(provider(self._maker(row)).weights)

    def _known(self, maker: str) -> bool:
        """Whoever makes models of their own: their name does not stand for another's."""
        return is_provider(maker) or maker in self._makers

    @cached_property
    def _makers(self) -> frozenset[str]:
        return frozenset(map(self._maker, self._rows))

    @cached_property
    def _tails(self) -> Mapping[str, str]:
        """Open weights by their names without who published them."""
        tails: dict[str, str] = {}
        for name, row in self._names.items():
            _, slash, tail = name.rpartition("/")
            if slash:
                tails.setdefault(tail, row)
        return tails

    @cached_property
    def _families(self) -> list[tuple[str, str, str]]:
        """Beginning, pattern and row of every family: the beginning spares compiling the rest."""
        return [
            (beginning(pattern), pattern, id)
            for id, row in self._rows.items()
            for pattern in row.get("family", {}).get("matches", ())
        ]


_TUNED = (
    "counted as {}, on which it seems to be tuned ({}): multitok models --from-hf DIR reads yours"
)
_REPUBLISHED = "counted as {}, as {} published it: multitok models --from-hf DIR reads yours"
_MODE = "counted as {}: {!r} is a mode or a tier of it"
_SIBLING = "counted as {}, by its family's rule: nothing is published for this model"
_OPEN_SIBLING = "by its family's rule, that of {}: multitok models --from-hf DIR reads yours"


def beginning(pattern: str) -> str:
    """The fixed text that all matches of a pattern begin with.

    >>> beginning(r"qwen3-vl(?:-instruct)?"), beginning(r"gemma-?4-.*")
    ('qwen3-vl', 'gemma')
    """
    found = re.match(_FIXED, pattern)
    return found[0] if found else ""


_SEE = "See: multitok models."
_TEXT_ANYWAY = "To count anyway, name a tokenizer: --tokenizer o200k_base"
_OWN_FILE = "For open weights: their own file, -t hf -s path=tokenizer.json"
_ANYWAY: Mapping[str | None, str] = {
    None: "For open weights: multitok models --from-hf DIR reads their rules",
    "image": "For open weights: multitok models --from-hf DIR reads their rule",
    "video": "For open weights: multitok models --from-hf DIR reads their rule",
    "audio": "To count anyway, name a rule: multitok tokenizers --modality audio",
    "series": "To count anyway, name a rule: multitok tokenizers --modality series",
    "actions": "To count anyway, name a rule: multitok tokenizers --modality actions",
}


def unknown_model(name: str, rows: Iterable[Row], modality: str | None = None) -> UnknownNameError:
    """What to say of a name that no row has: that it is a tokenizer's, or a word of many models,
    the nearest that counts this, and what else helps."""
    if name in tokenizers():
        return UnknownNameError(
            f"unknown model {name!r}: it is a tokenizer."
            f" Name it so: -t {name} (tokenizer={name!r})",
            name=name,
        )
    known = [
        spelled
        for row in rows
        if modality is None or "tokenizer" in row["rules"].get(modality, {})
        for spelled in (row["id"], *row.get("aliases", ()))
    ]
    tail = folded(name).rpartition("/")[2]
    family = [spelled for spelled in known if tail and tail in folded(spelled)]
    if len(tail) > 2 and tail.isalpha() and len(family) > 1:
        return UnknownNameError(
            f"unknown model {name!r}: {len(family)} names have it in them."
            f" See: multitok models {name}",
            name=name, choices=tuple(known),
        )  # fmt: skip
    word = _first_word(tail)
    alike: dict[
        str, str
    ] = {}  # a model of another maker is no help: the first word says whose it is
    for spelled in known:
        other = folded(spelled).rpartition("/")[2]
        if word and _first_word(other) == word:
            alike.setdefault(other, spelled)
    nearest = max(alike, key=lambda other: _likeness(tail, other), default="")
    suggestion = alike[nearest] if nearest and _likeness(tail, nearest) > 0.9 else None
    hint = f" Did you mean {suggestion!r}?" if suggestion else ""
    text = _OWN_FILE if "/" in name else _TEXT_ANYWAY
    anyway = _ANYWAY.get(modality, text)
    return UnknownNameError(
        f"unknown model {name!r}.{hint} {_SEE} {anyway}",
        name=name,
        choices=tuple(known),
        suggestion=suggestion,
    )


def _likeness(name: str, other: str) -> float:
    """How alike two names are; that they begin alike says most: `gpt-4o-fast` is a gpt-4o."""
    from difflib import SequenceMatcher

    common = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(name, other, strict=False))
    )
    return SequenceMatcher(None, name, other).ratio() + common / (2 * max(1, len(name)))


def _first_word(name: str) -> str:
    found = re.match("[a-z]+", name)
    return found[0] if found else ""

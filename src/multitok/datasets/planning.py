"""What was named, cut into units: lazily, so that a plan of millions of files needs no memory."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from multitok.core.boundary import boundary
from multitok.core.errors import MediaError, MultitokError
from multitok.core.integers import decimal
from multitok.datasets.places import Tell, entries, root_of
from multitok.datasets.sources import form_of, reader
from multitok.datasets.sources.files import Cutter
from multitok.datasets.sources.saved import Saved, is_saved_dataset
from multitok.datasets.units import Form, Reading, Unit

Cut: TypeAlias = Callable[[str, Form, Reading], Iterable[Unit]]
"""What cuts a file, or a saved data set, into units; MultitokError where it cannot be read."""


class Job(NamedTuple):
    """A unit to count: its place in the plan, and its name."""

    number: int
    key: str
    unit: Unit


Plan: TypeAlias = Callable[[Cut], Iterator[Job]]
"""The units that are to be counted, for whoever says what cuts files."""


class Shard(NamedTuple):
    """The part of the plan that one of `of` scans counts, from 0.

    >>> Shard.of_text("3/16")
    Shard(number=3, of=16)
    """

    number: int = 0
    of: int = 1

    @classmethod
    def of_text(cls, text: str) -> Shard:
        """That of `K/N`; MediaError for what is none."""
        number, of = (decimal(part) for part in text.partition("/")[::2])
        if number is None or of is None or number >= of:
            raise MediaError(f"a shard is K/N with K from 0 to N-1, got {text!r}: write 0/16")
        return cls(number, of)

    def has(self, key: str) -> bool:
        """Whether a unit is counted here: by its name, so all of them agree without a word."""
        return int(key, 16) % self.of == self.number

    @property
    def tag(self) -> str:
        """What its files are told apart by; nothing where there is one only."""
        return "" if self.of == 1 else f"-{self.number}-of-{self.of}"


def jobs(
    sources: Iterable[str],
    reading: Reading,
    told: str,
    tell: Tell,
    cut: Cut,
    work: str = "",
) -> Iterator[Job]:
    """All units of the sources in their order, each with its name. What cannot be read is told.

    cut   what cuts each file that is one of many items
    work  where what is no file was written down: that folder is each shard's own, so that it is in
          no name"""
    met: Counter[str] = Counter()
    for number, unit in enumerate(units(sources, reading, tell, cut)):
        named = unit
        if work and os.path.dirname(unit.source) == work:
            named = unit._replace(source=os.path.basename(unit.source))
        key = named.key(told)
        met[key] += 1
        if met[key] > 1:  # the same lines again
            key = named.key(f"{told} {met[key]}")
        yield Job(number, key, unit)


def cut_here(path: str, form: Form, reading: Reading) -> Iterator[Unit]:
    """The units of a file, or of a saved data set, cut in this process."""
    with boundary("reading", path):
        yield from reader(form).units(path, reading)


def units(
    sources: Iterable[str], reading: Reading, tell: Tell, cut: Cut = cut_here
) -> Iterator[Unit]:
    """The units of the sources: those of each file of lines, columns or members, of data sets that
    Hugging Face saved, and of the loose files between them."""
    loose = Cutter("")
    for named in sources:
        if is_saved_dataset(named):
            yield from _of_one(named, "table", reading, tell, cut)
            continue
        root = root_of(named)
        if root != loose.source:  # files that are named one by one are cut together
            yield from loose.rest()
            loose = Cutter(root)
        saved = Saved(named)
        for entry in entries(named, tell):
            if (folder := saved.folder_of(entry.path)) is not None:
                if saved.is_new(folder):
                    yield from _of_one(folder, "table", reading, tell, cut)
            elif (form := form_of(entry.path)) == "files":
                yield from loose.add(entry)
            else:
                yield from _of_one(entry.path, form, reading, tell, cut)
    yield from loose.rest()


def _of_one(path: str, form: Form, reading: Reading, tell: Tell, cut: Cut) -> Iterator[Unit]:
    """The units of a file, or of a saved data set; what cannot be read is told."""
    try:
        yield from cut(path, form, reading)
    except MultitokError as error:
        tell(path, error)

"""Loose files, each an item: cut into units by the hash of their paths.

A border stands where the hash of a path says so, so a file that is added near the front moves no
border behind it, and one unit is counted anew instead of all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from zlib import crc32

from multitok.datasets.places import Entry, contents, stamp_of
from multitok.datasets.units import Item, Reading, Unit

LEAST, MEAN, MOST = 500, 1000, 4000
"""Files in a unit: at least, behind the least on average, at most."""


def units(source: str, reading: Reading) -> Iterator[Unit]:
    """The unit of a single file."""
    cutter = Cutter(os.path.dirname(source))
    yield from cutter.add(Entry(source, stamp_of(source)))
    yield from cutter.rest()


class Cutter:
    """Cuts the loose files that are found in a source into units, as they come."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._held: list[Entry] = []
        self._first = 0

    def add(self, entry: Entry) -> Iterator[Unit]:
        """The unit that ends with this file, if one does."""
        self._held.append(entry)
        number = len(self._held)
        if number >= MOST or (number >= LEAST and crc32(os.fsencode(entry.path)) % MEAN == 0):
            yield from self.rest()

    def rest(self) -> Iterator[Unit]:
        """The unit of what is left."""
        if self._held:
            yield _unit(self.source, self._held, self._first)
            self._first += len(self._held)
            self._held = []


def _unit(source: str, held: list[Entry], first: int) -> Unit:
    told = blake2b(digest_size=10)
    for path, stamp in held:
        told.update(os.fsencode(f"{path}\0{stamp}\0"))
    paths = tuple(path for path, _ in held)
    return Unit("files", source, told.hexdigest(), 0, len(held), first, paths)


def items(unit: Unit, reading: Reading) -> Iterator[Item]:
    """Each file under its path, grouped by its folder."""
    for row, (path, content) in enumerate(zip(unit.paths, contents(unit.paths), strict=True)):
        group = os.path.dirname(path) if reading.by is None else None
        yield Item(row, path, reading.read_as, content, group)  # type: ignore[arg-type]

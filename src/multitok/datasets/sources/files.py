"""Loose files, each an item: cut into units by the hash of their paths.

A border stands where the hash of a path says so, so a file that is added near the front moves no
border behind it, and one unit is counted anew instead of all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from zlib import crc32

from multitok.core.errors import MultitokError
from multitok.datasets.places import Entry, contents, folder_of, stamp_of
from multitok.datasets.units import REQUEST, Item, Reading, Unit

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

    def add(self, entry: Entry) -> Iterable[Unit]:
        """The unit that ends with this file, if one does."""
        self._held.append(entry)
        number = len(self._held)
        if number >= MOST or (number >= LEAST and crc32(os.fsencode(entry.path)) % MEAN == 0):
            return self.rest()
        return ()

    def rest(self) -> Iterator[Unit]:
        """The unit of what is left."""
        if self._held:
            yield _unit(self.source, self._held, self._first)
            self._first += len(self._held)
            self._held = []


def _unit(source: str, held: list[Entry], first: int) -> Unit:
    named = "".join(f"{path}\0{stamp}\0" for path, stamp in held)
    told = blake2b(os.fsencode(named), digest_size=10)
    paths = tuple(path for path, _ in held)
    return Unit("files", source, told.hexdigest(), 0, len(held), first, paths)


def items(unit: Unit, reading: Reading) -> Iterator[Item]:
    """Each file under its path, grouped by its folder; requests that a JSON file holds are that,
    and no text."""
    for row, (path, content) in enumerate(zip(unit.paths, contents(unit.paths), strict=True)):
        group = folder_of(path) if reading.by is None else None
        item = Item(row, path, reading.read_as, content, group)  # type: ignore[arg-type]
        if reading.read_as in (None, REQUEST) and path.lower().endswith(".json"):
            yield from _of_json(item)
        else:
            yield item


def _of_json(item: Item) -> Iterator[Item]:
    """The requests in a JSON file; the file itself where it holds none."""
    from multitok.requests.batches import listed, payload_in  # 30 ms, and most files are no JSON
    from multitok.requests.payloads import is_request

    try:
        payload, many = payload_in(item.content)
    except MultitokError as error:
        yield item._replace(content=error) if item.modality == REQUEST else item
        return
    if many:
        for one in listed(payload):
            yield item._replace(id=f"{item.id}#{one.id}", modality=REQUEST, content=one.payload)
    elif item.modality == REQUEST or (isinstance(payload, Mapping) and is_request(payload)):
        yield item._replace(modality=REQUEST, content=payload)
    else:
        yield item

"""Loose files, each an item: cut into units by the hash of their paths.

A border stands where the hash of a path says so, so a file that is added near the front moves no
border behind it, and one unit is counted anew instead of all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from zlib import crc32

from multitok.datasets.places import Entry, item_of, stamp_of
from multitok.datasets.units import Item, Reading, Unit

LEAST, MEAN, MOST = 500, 1000, 4000
"""Files in a unit: at least, behind the least on average, at most."""


def units(source: str, reading: Reading) -> Iterator[Unit]:
    """A single file that was named."""
    return cut(os.path.dirname(source), [Entry(source, stamp_of(source))])


def cut(source: str, entries: Iterable[Entry]) -> Iterator[Unit]:
    """Units of the files that were found in a source."""
    held: list[Entry] = []
    first = 0
    for entry in entries:
        held.append(entry)
        border = len(held) >= LEAST and crc32(os.fsencode(entry.path)) % MEAN == 0
        if border or len(held) >= MOST:
            yield _unit(source, held, first)
            first += len(held)
            held = []
    if held:
        yield _unit(source, held, first)


def _unit(source: str, held: list[Entry], first: int) -> Unit:
    told = blake2b(digest_size=10)
    for path, stamp in held:
        told.update(os.fsencode(f"{path}\0{stamp}\0"))
    paths = tuple(path for path, _ in held)
    return Unit("files", source, told.hexdigest(), 0, len(held), first, paths)


def items(unit: Unit, reading: Reading) -> Iterator[Item]:
    """Each file under its path, grouped by its folder."""
    for row, path in enumerate(unit.paths):
        group = os.path.dirname(path) if reading.by is None else None
        yield Item(row, path, reading.read_as, item_of(path), group)  # type: ignore[arg-type]

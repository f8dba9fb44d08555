"""One unit counted, wherever that is: in this process, in a worker, in an engine's."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from typing import NamedTuple, Protocol

from multitok.core.boundary import is_unforeseen, unforeseen
from multitok.core.errors import MultitokError
from multitok.datasets import parts
from multitok.datasets.asked import Asked
from multitok.datasets.parts import About, Row
from multitok.datasets.sources import reader
from multitok.datasets.units import Item, Reading, Unit

REHEARSED = 8
"""Items that are counted for nothing after a death."""
_NOBODY: Mapping[int, str] = {}


class Place(NamedTuple):
    """Where parts are written: their folder, and the one beside it for what is not whole yet."""

    out: str
    work: str

    def part(self, key: str) -> str:
        """The file of a unit."""
        return os.path.join(self.out, key + parts.SUFFIX)


class Does(Protocol):
    """What is done with the items of units: they are counted, or their tokens are written too."""

    def unit(self, place: Place, key: str) -> AbstractContextManager[None]:
        """Around the items of a unit: what is made of them beside rows is there when it ends."""

    def rows(self, item: Item) -> Iterable[Row]:
        """The rows of an item."""

    def failed(self, item: Item, error: str) -> Iterator[Row]:
        """The rows of an item that has no count."""


def doing(asked: Asked) -> Does:
    """What was asked, ready for items."""
    if asked.shards is None:
        from multitok.datasets.rows import Counting  # 20 ms, and who has others count needs none

        return Counting(asked)
    from multitok.datasets.tokens import Tokenizing

    return Tokenizing(asked, asked.shards)


def count_unit(
    unit: Unit,
    key: str,
    counting: Does,
    reading: Reading,
    place: Place,
    *,
    bad: Mapping[int, str] = _NOBODY,
    at: Callable[[int], object] | None = None,
) -> About:
    """Count the items of a unit and write its part.

    bad   items, by their number among all, that ended, or held up, whoever counted them, and what
          to say of each
    at    called with the number of each item before it is read, and with -1 when all are counted
    """
    rows: list[Row] = []
    number = 0
    if at is not None:
        at(0)
    with counting.unit(place, key):
        for number, item in enumerate(_safely(unit, reading), 1):
            if number - 1 in bad:
                rows += counting.failed(item, bad[number - 1])
            else:
                rows += counting.rows(item)
            if at is not None:
                at(number)
        if at is not None:
            at(-1)
    unit = unit._replace(source=called(unit.source, place))
    return parts.write(place.part(key), unit, key, rows, number, place.work)


def rehearse(
    unit: Unit, asked: Asked, suspects: Collection[int], at: Callable[[int], object]
) -> None:
    """Count a few items of a unit for nothing, none of those that somebody died at: what a process
    loads for its first item takes longer than most items, and should it be killed by chance then,
    the item is not to blame."""
    counting = doing(asked._replace(shards=None))
    fair = (item for item in _safely(unit, asked.reading) if item.row not in suspects)
    for item in islice(fair, REHEARSED):
        at(item.row)
        list(counting.rows(item))
    at(-1)


def called(source: str, place: Place) -> str:
    """What a source is called: what was written down to be counted has a name without a folder."""
    if source.startswith(place.work):
        return os.path.basename(source).partition(".")[0]
    return source


def _safely(unit: Unit, reading: Reading) -> Iterator[Item]:
    """The items of a unit; where the rest cannot be read, the last one says why."""
    number = 0
    try:
        for item in reader(unit.form).items(unit, reading):
            yield item
            number = item.row + 1
    except MultitokError as error:
        yield Item(number, None, None, error)
    except BaseException as error:
        if not is_unforeseen(error):
            raise
        yield Item(number, None, None, unforeseen(error, "reading", unit.source))

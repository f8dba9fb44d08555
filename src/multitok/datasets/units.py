"""What a data set is cut into: units of work, and the items in each.

A unit is what one worker counts at once and what is counted anew when something in it changes. Its
name is made of what it holds, never of when or where it was counted, so that a scan that is run
again knows what is done already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, Protocol, get_args

from multitok.core.errors import MultitokError
from multitok.core.info import MODALITIES, Modality

Form = Literal["files", "lines", "table", "tar"]
"""What holds the items: loose files, JSON lines, a table of columns, an archive."""
FORMS: tuple[Form, ...] = get_args(Form)
REQUEST: Literal["request"] = "request"
"""The modality of an item that is a whole request."""
AS = (REQUEST, *MODALITIES)
"""What items may be read as."""


class Reading(NamedTuple):
    """What was said of the data; what is not said is told by the data itself.

    text, image   columns, or keys of a JSON line, that hold text, and that hold pictures
    id, by        the column that names each row, and that which groups them
    read_as       what each item is: a modality, or "request"
    """

    text: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    id: str | None = None
    by: str | None = None
    read_as: str | None = None


class Unit(NamedTuple):
    """A piece of a data set.

    form          what reads it
    source        the file it is in, or the folder of loose files, as it was named
    stamp         what its content is told apart by
    start, stop   where it is: bytes of lines and archives, rows of a table
    first         the number of its first item in the source, from 0
    paths         the loose files
    """

    form: Form
    source: str
    stamp: str
    start: int = 0
    stop: int = 0
    first: int = 0
    paths: tuple[str, ...] = ()

    def key(self, config: str) -> str:
        """Its name: the same for the same content, counted in the same way. Where a unit stands in
        its file is not in it, for lines before it come and go."""
        told = json.dumps([self.form, self.source, self.stamp, config])
        return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


class Item(NamedTuple):
    """One thing to count.

    row       where it is in the unit, from 0: the number of its line, row or member
    id        its own name; None where its place in the source is its name, and a number where it is
              one of several there
    modality  what it is read as; None where its content tells
    content   a path, bytes, a text, a request, an open file; or the error that reading it gave
    group     what it is counted with
    """

    row: int
    id: str | int | None
    modality: Modality | Literal["request"] | None
    content: Any | MultitokError
    group: str | None = None


class Reader(Protocol):
    """A module of `sources`: what cuts a source into units, and what reads one of them."""

    def units(self, source: str, reading: Reading) -> Iterator[Unit]:
        """The units of a source in their order. SourceError where it cannot be read at all."""

    def items(self, unit: Unit, reading: Reading) -> Iterator[Item]:
        """The items of a unit in their order; one that cannot be read is an item with its error."""

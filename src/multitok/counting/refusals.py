"""What a model's API would answer with an error: catalog/accepts.toml held against a subject.

A format is what the header says, never what the name says; a bare size, a picture in memory and an
array have none, and are judged by their shape alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from multitok.catalog.accepts import Accepts
from multitok.counting.subject import Subject
from multitok.loaders.formats import NAMES
from multitok.loaders.gif import is_animated
from multitok.loaders.source import source_of


class Held(NamedTuple):
    """What of a file is judged beside its shape: its format, whether it moves where that matters,
    and its size where that is too large."""

    format: str = ""
    animated: bool = False
    size: int | None = None


_BARE = Held()
"""A shape that is no file's, or one that nobody refuses."""


class Strictest(NamedTuple):
    """What several APIs look at in a file: formats that one of them refuses if they move, and the
    size that the first of them refuses."""

    still: frozenset[str] = frozenset()
    max_bytes: int | None = None

    @classmethod
    def of(cls, many: Iterable[Accepts | None]) -> Strictest:
        """That of all of them.

        >>> Strictest.of([None])
        Strictest(still=frozenset(), max_bytes=None)
        """
        known = [one for one in many if one is not None]
        still = frozenset(form for one in known for form in one.still)
        sizes = [one.max_bytes for one in known if one.max_bytes is not None]
        return cls(still, min(sizes, default=None))


def held_against(subject: Subject, accepts: Accepts | Strictest | None) -> Held:
    """What of a file may be refused: two of one shape that are alike in it are taken alike."""
    probed = subject.probed
    if accepts is None or probed is None or probed.format not in NAMES:
        return _BARE
    size = subject.size if accepts.max_bytes is not None else None
    if size is not None and size <= (accepts.max_bytes or 0):
        size = None
    animated = probed.format in accepts.still and is_animated(source_of(subject.source))
    return Held(probed.format, animated, size)


def refusals(subject: Subject, accepts: Accepts | None) -> tuple[str, ...]:
    """Why it is rejected, each with what to do; empty where it is taken, or nobody says."""
    if accepts is None:
        return ()
    found = tuple(accepts.refuses_shape(subject.info)) if accepts.bounds_shape else ()
    held = held_against(subject, accepts)
    if held is _BARE:
        return found
    return (*found, *accepts.refuses_file(held.format, animated=held.animated, size=held.size))

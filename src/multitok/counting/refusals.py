"""What a model's API would answer with an error: catalog/accepts.toml held against a subject.

A format is what the header says, never what the name says; a bare size, a picture in memory and an
array have none, and are judged by their shape alone.
"""

from __future__ import annotations

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


def held_against(subject: Subject, accepts: Accepts | None) -> Held:
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

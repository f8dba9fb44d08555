"""What a model's API would answer with an error: catalog/accepts.toml held against a subject.

A format is what the header says, never what the name says; a bare size, a picture in memory and an
array have none, and are judged by their shape alone.
"""

from __future__ import annotations

from multitok.catalog.accepts import Accepts
from multitok.counting.subject import Subject
from multitok.loaders.formats import NAMES
from multitok.loaders.gif import is_animated
from multitok.loaders.source import source_of


def refusals(subject: Subject, accepts: Accepts | None) -> tuple[str, ...]:
    """Why it is rejected, each with what to do; empty where it is taken, or nobody says."""
    if accepts is None:
        return ()
    found = tuple(accepts.refuses_shape(subject.info)) if accepts.bounds_shape else ()
    probed = subject.probed
    if probed is None or probed.format not in NAMES:
        return found
    size = subject.size if accepts.max_bytes is not None else None
    animated = probed.format in accepts.still and is_animated(source_of(subject.source))
    return (*found, *accepts.refuses_file(probed.format, animated=animated, size=size))

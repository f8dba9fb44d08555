"""In this process, one unit after the other: nothing to start, nothing that survives a crash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from multitok.datasets.asked import Asked
from multitok.datasets.parts import About
from multitok.datasets.planning import Job
from multitok.datasets.work import Place, count_unit, doing


def run(jobs: Iterable[Job], asked: Asked, place: Place) -> Iterator[About]:
    """Count the units."""
    counting = doing(asked)
    for job in jobs:
        yield count_unit(job.unit, job.key, counting, asked.reading, place)

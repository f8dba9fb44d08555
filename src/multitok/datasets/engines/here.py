"""In this process, one unit after the other: nothing to start, nothing that survives a crash."""

from __future__ import annotations

from collections.abc import Iterator

from multitok.datasets.asked import Asked
from multitok.datasets.parts import About
from multitok.datasets.planning import Plan, cut_here
from multitok.datasets.work import Place, count_unit, doing


def run(plan: Plan, asked: Asked, place: Place) -> Iterator[About]:
    """Count the units."""
    counting = doing(asked)
    for job in plan(cut_here):
        yield count_unit(job.unit, job.key, counting, asked.reading, place)

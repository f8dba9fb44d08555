"""Movement from files: the readers of loaders.series, a row a step and a column a dim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitok.core.info import ActionsInfo
from multitok.loaders.columns.series import facts_of, table
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from multitok.core.media import Actions


def examine(source: Source, read: ReadOptions) -> Probed:
    """Steps, dims, and steps per second where the file or `hz` says.

    A table's clock is read for its rate, so a CSV is read whole."""
    found = table(source, read, values=False)
    if read.hz is None and found.hz is None and found.time is not None:
        found = table(source, read, values=True)
    info = ActionsInfo(found.rows, len(found.names), read.hz or found.hz, found.episodes)
    return Probed(info, read.format, source.name, facts_of(found), found.notes)


def load(source: Source, read: ReadOptions) -> Actions:
    """The values of one trajectory, or of the episodes of a data set one after the other."""
    from multitok.core.media import Actions

    found = table(source, read, values=True)
    return Actions(
        found.values,  # type: ignore[arg-type]  # read, as asked
        hz=read.hz or found.hz,
        names=found.names,
        episodes=found.episodes,
        quantiles=found.quantiles,
    )

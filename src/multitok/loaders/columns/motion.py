"""BVH motion capture as a table: a column a channel of the skeleton, a row a frame."""

from __future__ import annotations

from collections import deque

from multitok.loaders.columns import bvh
from multitok.loaders.columns.tables import Table, chosen
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Positions in the file's unit and angles in degrees, as they stand."""
    text = source.read().decode(options.encoding or "utf-8", errors="replace")
    if values:
        head, numbers = bvh.parse(text, source.name)
    else:
        lines = text.splitlines()
        head, numbers = bvh.header(lines, source.name), None
        deque(bvh.frames(lines, head, source.name), maxlen=0)  # all there, and whole
    keep = chosen(source.name, head.names, options.columns)
    return Table(
        names=tuple(head.names[c] for c in keep),
        rows=head.frames,
        values=None if numbers is None else numbers[:, keep],
        hz=head.hz,
    )

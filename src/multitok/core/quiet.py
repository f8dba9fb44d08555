"""Warnings that tell a user nothing stay out of sight, and no others: of Pillow about metadata, of
codecs, of matplotlib about letters, of Python about what a pattern may mean one day.

`warnings.catch_warnings` changes the filters of the whole process: two threads that enter and leave
it by turns leave everything ignored for good. The one filter here is never taken back, and matches
only in a thread that is inside of `quiet`.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Here(threading.local):
    """Stands where a filter has the pattern of a module: asked for each warning, by its thread."""

    inside = 0

    def match(self, module: str) -> bool:
        return self.inside > 0


_here = _Here()
_FILTER: Any = ("ignore", None, Warning, _here, 0)


@contextmanager
def quiet() -> Iterator[None]:
    """No warning that this thread gives inside of the block is shown."""
    if warnings.filters[:1] != [_FILTER]:  # the first time, or somebody has put his own before it
        warnings.filters[:] = [_FILTER, *(one for one in warnings.filters if one != _FILTER)]  # type: ignore[index]
    _here.inside += 1
    try:
        yield
    finally:
        _here.inside -= 1

"""One edit of a payload, and how it is said to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from multitok.requests.fitting.places import Place


class Edit(NamedTuple):
    """Something else at a place of the payload, in words: what it was there, what it is now.

    value    what stands there while levels are tried
    written  makes what stands there in the end, and says what that lost; None where `value` does
    """

    place: Place
    value: Any
    path: str
    what: str
    was: str
    now: str
    written: Callable[[], tuple[Any, tuple[str, ...]]] | None = None

    def final(self) -> Edit:
        """With what stands there in the end."""
        if self.written is None:
            return self
        value, lost = self.written()
        return self._replace(value=value, now="; ".join((self.now, *lost)), written=None)

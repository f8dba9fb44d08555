"""How a number is known, and the count of a streamed text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["exact", "documented", "observed", "upper-bound", "estimate"]
KINDS: tuple[Kind, ...] = ("exact", "documented", "observed", "upper-bound", "estimate")
"""From strongest to weakest; a sum is as weak as its weakest part."""


def weakest(kinds: Iterable[Kind]) -> Kind:
    """The kind of a sum.

    >>> weakest(["exact", "estimate", "documented"])
    'estimate'
    """
    return max(kinds, key=KINDS.index, default="exact")


@dataclass(frozen=True, slots=True)
class StreamCount:
    """Tokens of a streamed text by part; not exact where a window was cut at an unsafe place.
    `error` is the range of an estimate, where it hangs on the text (as `error_of`)."""

    parts: Mapping[str, int]
    exact: bool
    error: tuple[float, float] | None = None

    @property
    def tokens(self) -> int:
        return sum(self.parts.values())

    def __int__(self) -> int:
        return self.tokens

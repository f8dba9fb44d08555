"""Where the ids of movement lie in the vocabulary of a language model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from multitok.core.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Direction: TypeAlias = Literal["down", "up"]


@dataclass(frozen=True)
class Placement:
    """The last ids of a vocabulary before those that are skipped, or 0 to codes - 1 without one.

    "down": code 0 has the last of them and the others count down (OpenVLA, openpi's FAST). "up":
    code 0 has the first, and the last code the last (BEAST since 2025-11-16).

    >>> import numpy as np
    >>> Placement(4, 100, 10, "down").ids(np.arange(4))
    array([89, 88, 87, 86])
    >>> Placement(4, 100, 10, "up").ids(np.arange(4))
    array([86, 87, 88, 89])
    """

    codes: int
    vocab_size: int | None
    skip: int
    direction: Direction

    def __post_init__(self) -> None:
        if self.skip < 0 or (self.skip and self.vocab_size is None):
            raise MediaError(
                f"skip counts ids at the end of vocab_size, got skip={self.skip!r} without one"
            )
        if self.vocab_size is not None and self.vocab_size < self.codes + self.skip:
            raise MediaError(
                f"vocab_size must be at least {self.codes + self.skip} ({self.codes} codes,"
                f" {self.skip} skipped), got {self.vocab_size!r}"
            )
        if self.direction == "up" and self.vocab_size is None:
            raise MediaError("placement='up' counts ids up to vocab_size: give that too")

    def ids(self, codes: NDArray[Any]) -> NDArray[np.int64]:
        """The ids of these codes."""
        if self.vocab_size is None:
            return codes.astype("int64")
        zero = self._zero
        made = codes.astype(zero.dtype, copy=False)
        return zero - made if self.direction == "down" else zero + made

    @cached_property
    def _zero(self) -> NDArray[np.int64]:
        """The id of code 0, as numpy takes it without a look at how large it is."""
        import numpy as np

        end = (self.vocab_size or 0) - self.skip
        return np.array(end - (1 if self.direction == "down" else self.codes), np.int64)

    def codes_of(self, ids: NDArray[Any]) -> NDArray[np.int64]:
        """The codes of these ids: the inverse, for any number."""
        if self.vocab_size is None or self.direction == "down":
            return self.ids(ids)  # its own inverse
        return ids.astype("int64", copy=False) - self._zero


@lru_cache(maxsize=256)
def placement_of(codes: int, vocab_size: int | None, skip: int, direction: Direction) -> Placement:
    """The same placement, made and checked once: each encode and decode asks for it."""
    return Placement(codes, vocab_size, skip, direction)

"""What a fit of a picture gives: the best size, and the sizes worth choosing."""

from __future__ import annotations

from dataclasses import dataclass

from multitok.catalog.accepts import Accepts
from multitok.core.errors import OutputError
from multitok.core.info import ImageInfo
from multitok.loaders.sniff import by_suffix


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """A size worth choosing: no larger one costs as little. `saved` is against the source."""

    width: int
    height: int
    tokens: int
    saved: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The best size within the budget (None when none fits), and the sizes worth choosing.

    `breakpoints` run from the picture's own size down; `notes` say what the provider does anyway
    and where shrinking saves nothing. Where the API rejects the picture's own size, `rejected` says
    why, and all starts from the largest size it takes: `tokens` is what that costs. `accepts` is
    what the API takes, where that is stated.
    """

    info: ImageInfo
    model: str | None
    max_tokens: int
    tokens: int
    best: Breakpoint | None
    breakpoints: tuple[Breakpoint, ...]
    notes: tuple[str, ...]
    rejected: tuple[str, ...] = ()
    accepts: Accepts | None = None

    @property
    def fits(self) -> bool:
        """Whether a size fits."""
        return self.best is not None

    def check_output(self, name: str) -> None:
        """OutputError for a file whose suffix names a format that the API rejects."""
        form = (by_suffix(name) or ("", ""))[1]
        if self.accepts is None or not form or form in (self.accepts.formats or (form,)):
            return
        suffixes = " or ".join(f".{taken.lower()}" for taken in self.accepts.formats)
        raise OutputError(
            f"{name}: {self.accepts.takes}, and rejects {form}: name a file {suffixes}", output=name
        )

"""One input through many models' own rules: rows to show beside each other, and to rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Unpack

from multitok.catalog.lifecycle import silence
from multitok.catalog.load import catalog as catalog_of
from multitok.core.counts import Kind
from multitok.core.errors import MediaError, MultitokError, RejectedError, UnexpectedError
from multitok.core.info import Modality
from multitok.core.notebook import Displayed
from multitok.counting.counts import Count
from multitok.counting.door import count_subject
from multitok.counting.rules import default_models, files_of, modalities_of, several
from multitok.counting.subject import Subject, subject_of
from multitok.loaders.probed import ReadWords

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True, repr=False)
class Row(Displayed):
    """One model's line of a comparison: a count, or why there is none; a cost when it is known.

    rejected  why the API would answer with an error: the count is then what its rule would charge,
              where that gives a number, and there is no cost
    silent    why the model answers no prompt: it is retired, or is for another task
    error     the reason again, where nobody foresaw it
    """

    model: str
    count: Count | None
    why: str | None = None
    cost: Decimal | None = None
    error: UnexpectedError | None = None
    rejected: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """<Row 'gpt-4o': 765 tokens, documented, $0.0019125>"""
        if self.count is None:
            return f"<Row {self.model!r}: {self.kind}, {self.why!r}>"
        cost = f", ${self.cost.normalize():f}" if self.cost is not None else ""
        return f"<Row {self.model!r}: {self.count.tokens:,} tokens, {self.kind}{cost}>"

    @property
    def kind(self) -> Kind | Literal["rejected", "unknown"]:
        """How the number is known; "rejected" before that, and "unknown" where there is none."""
        if self.rejected:
            return "rejected"
        return self.count.kind if self.count is not None else "unknown"

    @property
    def sees(self) -> tuple[int, int] | None:
        """Width and height of what the model sees, where the rule says."""
        return self.count.size_seen if self.count is not None else None

    @property
    def share(self) -> float | None:
        """The part of the context window the input fills."""
        if self.count is None or not self.count.context_window:
            return None
        return self.count.tokens / self.count.context_window


class Rows(list[Row], Displayed):
    """The rows of a comparison, a table in a notebook."""

    __slots__ = ()


def compare(
    source: Any,
    *,
    models: str | Sequence[str] = (),
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Rows:
    """The same source through each model's own rule; a default set when none is named.

    A model whose rule is not published is a row that says why, never a guess, and so is one whose
    API would reject the source. The other
    arguments are those of `count`; costs are in dollars, None where no price is known.

    >>> from multitok import ImageInfo
    >>> [row.count.tokens for row in compare(ImageInfo(1024, 1024), models=["gpt-4o", "gpt-5.4"])]
    [765, 1229]
    """
    asked = several(models, "models", "gpt-4o")
    files = files_of(catalog)
    takes = modalities_of(asked, None, files, [source])
    subject = subject_of(source, modality, takes=takes, **read)
    names = asked or usual_models(subject.modality, files)
    return Rows(priced(row_for(subject, name, options, files)) for name in names)


def usual_models(modality: str, files: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The models that are compared when none is named; MediaError where there are none."""
    if names := default_models(modality, files):
        return names
    raise MediaError(f"no model is compared by default for {modality}: name one, or several")


def priced(row: Row, *, output: int = 0, requests: int = 1) -> Row:
    """The row with what its tokens, and these output tokens, cost; None where no price is known,
    and where nothing is charged: of what is rejected."""
    if row.count is None or row.rejected:
        return row
    return replace(row, cost=row.count.cost(output=output, requests=requests).high)


def row_for(
    subject: Subject,
    model: str,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> Row:
    """One row of a comparison. An unknown model name is the caller's mistake and raises."""
    silent = silence(catalog_of(*files).model(model, subject.modality), subject.modality)
    try:
        counted = count_subject(subject, model=model, options=options, files=files)
    except MultitokError as error:
        unexpected = error if isinstance(error, UnexpectedError) else None
        rejected = (str(error),) if isinstance(error, RejectedError) else ()
        return Row(model, None, str(error), None, unexpected, rejected, silent)
    why = "; ".join(counted.rejected) or None
    return Row(model, counted, why, rejected=counted.rejected, silent=silent)


def ranked(rows: Sequence[Row], by: str) -> list[Row]:
    """Rows by tokens or by cost, the cheapest first; unknown and rejected ones at the end."""
    last = float("inf")

    def key(row: Row) -> float:
        if row.count is None or row.rejected or (by == "cost" and row.cost is None):
            return last
        return float(row.cost) if by == "cost" and row.cost is not None else row.count.tokens

    return sorted(rows, key=key)


def first_with_ties(rows: Sequence[Row]) -> list[Row]:
    """Of ranked rows the first that answers, with those that its stated error does not tell it
    apart from."""
    known = [row for row in rows if row.cost is not None and not row.silent]
    if not known:
        return []
    first = known[0]
    return [first, *(row for row in known[1:] if _low(row) <= _high(first))]


def _low(row: Row) -> float:
    return float(row.cost or 0) * (row.count.error or (1.0, 1.0))[0] if row.count else 0.0


def _high(row: Row) -> float:
    return float(row.cost or 0) * (row.count.error or (1.0, 1.0))[1] if row.count else 0.0

"""Counts as dictionaries for machines and as text for people. Pure: nothing here prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.counts import Kind, weakest
from multitok.core.info import info_to_dict
from multitok.counting.counts import Count
from multitok.report.columns import table, wrapped
from multitok.report.documents import document, usd
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR, dollars

if TYPE_CHECKING:
    from decimal import Decimal

    from multitok.loaders.probed import Probed


def charged(count: Count) -> bool:
    """Whether it is billed: what a tokenizer made is not, nor what is rejected."""
    return count.model is not None and not count.rejected


def cost_of_all(counts: Iterable[Count]) -> Decimal | None:
    """Dollars for all of them, each sent by itself; None where one has no price."""
    from decimal import Decimal

    costs = [count.cost().high for count in counts if charged(count)]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def cost_to_dict(count: Count, cost: Decimal | None) -> dict[str, Any]:
    """The cost beside a count as JSON: null is an unknown price, and only that."""
    return {"cost_usd": usd(cost)} if charged(count) else {}


def count_to_dict(count: Count, name: str | None = None, *, cost: bool = False) -> dict[str, Any]:
    """A Count as JSON, with the name of its input, and what it costs."""
    named = {"input": name} if name is not None else {}
    return {**named, **count.to_dict(), **(cost_to_dict(count, count.cost().high) if cost else {})}


def counts_to_dict(
    counted: Sequence[tuple[str, Count]],
    errors: Sequence[Mapping[str, Any]] = (),
    *,
    cost: bool = False,
) -> dict[str, Any]:
    """Many counts as one document with their total; `errors` say what could not be counted, with
    its `input`."""
    counts = [count for _, count in counted]
    fields = {
        "counts": [count_to_dict(count, name, cost=cost) for name, count in counted],
        "total": sum(count.tokens for count in counts),
        "kind": weakest(count.kind for count in counts),
        "errors": list(errors),
    }
    return document(fields | ({"total_usd": usd(cost_of_all(counts))} if cost else {}))


class Line(NamedTuple):
    """A row of a table of counts: of one count, or of some that are added up.

    cost   dollars, None where they are not known; `free` where nothing is charged
    """

    tokens: int
    kind: Kind
    words: Sequence[str]
    cost: Decimal | None
    free: bool


def line_of(counts: Sequence[Count], *words: str, cost: bool = False) -> Line:
    """Counts added up, with what stands beside them."""
    return Line(
        tokens=sum(count.tokens for count in counts),
        kind=weakest(count.kind for count in counts),
        words=words,
        cost=cost_of_all(counts) if cost else None,
        free=not any(map(charged, counts)),
    )


def lines_table(
    lines: Sequence[Line], *headers: str, cost: bool, color: bool, width: int | None
) -> str:
    """Tokens, kind, cost where it is asked for, and the words under these headers."""
    costs = dollars([line.cost for line in lines]) if cost else []
    rows = [[f"{line.tokens:,}", line.kind, *line.words] for line in lines]
    for row, line, said in zip(rows, lines, costs, strict=False):
        row.insert(2, "" if line.free else said)
    names = ["tokens", "kind", *(["cost"] if cost else []), *headers]
    right = [i for i, name in enumerate(names) if name in ("tokens", "cost")]
    colors = {(i, 1): KIND_COLOR[line.kind] for i, line in enumerate(lines)}
    return table(names, rows, right=right, color=color, colors=colors, width=width)


def render_counts(
    counted: Sequence[tuple[str, Count]],
    *,
    cost: bool = False,
    color: bool,
    width: int | None = None,
) -> str:
    """A row an input, then the total where there is more than one."""
    lines = [line_of([c], c.model or c.tokenizer, name, cost=cost) for name, c in counted]
    models = {line.words[0] for line in lines}
    if len({name for name, _ in counted}) > 1 and len(models) == 1:
        lines.append(line_of([count for _, count in counted], *models, "total", cost=cost))
    return lines_table(lines, "model", "input", cost=cost, color=color, width=width)


def render_notes(
    counted: Sequence[tuple[str, Count]], *, cost: bool = False, width: int | None = None
) -> str:
    """Each note once, with the first input that has it and how many more; of a cost too."""
    named: dict[str, list[str]] = {}
    for name, count in counted:
        for note in (*count.notes, *(_of_cost(count) if cost else ())):
            named.setdefault(note, []).append(name)
    lines = []
    for note, names in named.items():
        names = list(dict.fromkeys(names))
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        lines.append(wrapped(f"note: {shown(names[0])}{more}: {shown(note)}", width))
    return "\n".join(lines)


def _of_cost(count: Count) -> Iterable[str]:
    """Why there is no cost, or on what it hangs."""
    if not charged(count):
        return ()
    found = count.cost()
    return found.notes if found.why is None else (f"cost: {found.why}",)


def describe(probed: Probed) -> str:
    """What a file is, in one line: `JPEG, 1512 x 2016 px (EXIF orientation 6)`."""
    words = [probed.format, probed.info.words()]
    for key, value in probed.facts.items():
        if _told(value):
            said = key.replace("_", " ")
            words.append(said if value is True else f"{said} {value}")
    return shown(" · ".join(words))


def _told(value: Any) -> bool:
    return value is not None and isinstance(value, str | int | float) and value is not False


def probed_to_dict(probed: Probed) -> dict[str, Any]:
    """What a header tells, as JSON."""
    return {
        "input": probed.name,
        "modality": probed.modality,
        "format": probed.format,
        "info": info_to_dict(probed.info),
        "facts": dict(probed.facts),
        "notes": list(probed.notes),
    }

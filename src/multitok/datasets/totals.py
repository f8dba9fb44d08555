"""What the rows of a scan add up to: read part by part, so that a million items need no memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from multitok.core.errors import UnknownNameError
from multitok.core.info import plural
from multitok.core.parameters import listed
from multitok.prices.rates import Cost, Mode, Price, price_for
from multitok.prices.sums import Alike, borders, cost_of_sums

BY = ("source", "group", "modality", "model", "kind")
"""What rows may be added up by."""
_SUMS = ("tokens", "most", "text_tokens", "media_tokens")
Tables = Callable[[Sequence[str]], Iterator[Any]]
"""The parts of a scan, with some of their columns."""


class Total(NamedTuple):
    """The rows that are alike: `by` what, how many, and what they add up to."""

    by: dict[str, str | None]
    rows: int
    errors: int
    tokens: int
    most: int
    text_tokens: int
    media_tokens: int


def totals_of(tables: Tables, by: Sequence[str]) -> list[Total]:
    """The rows added up, the largest first."""
    for name in by:
        if name not in BY:
            raise UnknownNameError.of("group", name, BY, f"There are: {listed(BY)}")
    found: dict[tuple[str | None, ...], list[int]] = {}
    aggregations = [([], "count_all"), ("error", "count"), *((name, "sum") for name in _SUMS)]
    for table in tables([*by, "error", *_SUMS]):
        sums = table.group_by(list(by), use_threads=False).aggregate(aggregations)
        numbers = ["count_all", "error_count", *(f"{name}_sum" for name in _SUMS)]
        for row in sums.to_pylist():
            held = found.setdefault(tuple(row[name] for name in by), [0] * len(numbers))
            for place, name in enumerate(numbers):
                held[place] += row[name] or 0
    made = [Total(dict(zip(by, key, strict=True)), *numbers) for key, numbers in found.items()]
    return sorted(made, key=lambda total: (-total.tokens, str(total.by)))


def costs_of(
    tables: Tables,
    *,
    output: int | tuple[int, int] = 0,
    mode: Mode = "standard",
    provider: str | None = None,
) -> dict[str, Cost]:
    """What the items cost each model, each sent by itself and answered in `output` tokens. What
    could not be counted, or would be rejected, costs nothing and is told in a note."""
    found: dict[str, dict[int, _Sum]] = {}
    left: Counter[tuple[str | None, str]] = Counter()
    prices: dict[str, Price | None] = {}
    for table in tables(["model", "kind", "modality", "seconds", *_APART]):
        for model in table.column("model").unique().to_pylist():
            if model is None:
                left[None, "failed"] += _unnamed(table)
                continue
            if model not in prices:
                prices[model] = price_for(model, provider=provider)
            sums = found.setdefault(model, {})
            rows = table.filter(_equal(table, "model", model))
            _add(rows, borders(prices[model]), sums, left, model)
    costs = {}
    nobody = left.pop((None, "failed"), 0)  # of requests whose model is not known
    for model, sums in found.items():
        cost = cost_of_sums(
            prices[model], [one.alike() for one in sums.values()], output=output, mode=mode
        )
        left[model, "failed"] += nobody
        told = [
            _told(why, number) for (who, why), number in left.items() if number and who == model
        ]
        costs[model] = cost._replace(notes=(*cost.notes, *told))
    return costs


_APART = ("tokens", "text_tokens", "media_tokens", "image_tokens", "audio_tokens", "video_tokens")
_LEFT = {
    "failed": ("item", "not in it: {} that could not be counted"),
    "rejected": ("item", "not in it: {} that the API would reject"),
    "unknown": ("request", "at least: parts of {} are known to nobody outside"),
}


def _unnamed(table: Any) -> int:
    """Rows that no model counted, and no tokenizer either."""
    import pyarrow.compute as pc

    nobody = pc.and_(pc.is_null(table.column("model")), pc.is_null(table.column("kind")))
    return pc.sum(nobody).as_py() or 0


def _told(why: str, number: int) -> str:
    noun, words = _LEFT[why]
    return words.format(plural(number, noun))


class _Sum:
    """Sums of the rows between two borders of a price."""

    def __init__(self) -> None:
        self.requests = self.longest = 0
        self.tokens: Counter[str] = Counter()
        self.seconds = 0.0

    def alike(self) -> Alike:
        return Alike(self.requests, self.longest, self.tokens, self.seconds)


def _equal(table: Any, column: str, value: str) -> Any:
    import pyarrow.compute as pc

    return pc.equal(table.column(column), value)


def _add(
    rows: Any,
    starts: Sequence[int],
    sums: dict[int, _Sum],
    left: Counter[tuple[str | None, str]],
    model: str,
) -> None:
    """Add the rows of a model to the sums between the borders of its price."""
    import pyarrow.compute as pc

    left[model, "failed"] += rows.column("kind").null_count
    rows = rows.filter(pc.is_valid(rows.column("kind")))
    rejected = _equal(rows, "kind", "rejected")
    left[model, "rejected"] += pc.sum(rejected).as_py() or 0
    left[model, "unknown"] += pc.sum(_equal(rows, "kind", "unknown")).as_py() or 0
    for why in _LEFT:
        if not left[model, why]:
            del left[model, why]
    rows = rows.filter(pc.invert(rejected))
    tokens = rows.column("tokens")
    for place, start in enumerate((-1, *starts)):
        between = pc.greater(tokens, start)
        if place < len(starts):
            between = pc.and_(between, pc.less_equal(tokens, starts[place]))
        these = rows.filter(between)
        if not these.num_rows:
            continue
        held = sums.setdefault(place, _Sum())
        held.requests += these.num_rows
        held.longest = max(held.longest, pc.max(these.column("tokens")).as_py())
        text, media, image, audio, video = (
            pc.sum(these.column(name)).as_py() or 0 for name in _APART[1:]
        )
        pdf = media - image - audio - video
        told = {"text": text, "image": image, "audio": audio, "video": video, "pdf": pdf}
        held.tokens.update({name: number for name, number in told.items() if number})
        sound = these.filter(_equal(these, "modality", "audio"))
        held.seconds += pc.sum(sound.column("seconds")).as_py() or 0.0


def histogram_of(tables: Tables) -> dict[str | None, list[tuple[int, int]]]:
    """By model: (least tokens of the class, rows in it), classes of doubling width from 0 on."""
    import pyarrow.compute as pc

    found: dict[str | None, Counter[int]] = {}
    for table in tables(["model", "tokens"]):
        table = table.filter(pc.is_valid(table.column("tokens")))
        tokens = table.column("tokens")
        classes = pc.floor(pc.log2(pc.max_element_wise(tokens, 1)))
        classed = pc.if_else(pc.equal(tokens, 0), -1.0, classes)
        table = table.append_column("class", classed)
        counts = table.group_by(["model", "class"], use_threads=False).aggregate(
            [([], "count_all")]
        )
        for row in counts.to_pylist():
            found.setdefault(row["model"], Counter())[int(row["class"])] += row["count_all"]
    return {
        model: [
            (0 if place < 0 else 2**place, rows[place]) for place in range(min(rows), max(rows) + 1)
        ]
        for model, rows in found.items()
    }


def top_of(tables: Tables, number: int) -> list[dict[str, Any]]:
    """The rows with the most tokens, the largest first."""
    import heapq

    largest: list[dict[str, Any]] = []
    for table in tables(["id", "source", "modality", "model", "tokens", "kind"]):
        rows = table.sort_by([("tokens", "descending")]).slice(0, number).to_pylist()
        held = [*largest, *(row for row in rows if row["tokens"] is not None)]
        largest = heapq.nlargest(number, held, key=lambda row: row["tokens"])
    return largest


def errors_of(tables: Tables, number: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows that are errors, or the first of them: an item once, whatever it failed for."""
    return _with(tables, "error", number)


def remarks_of(tables: Tables, number: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows of what is known only in part, or would be rejected, each with its remark."""
    return _with(tables, "remark", number)


def _with(tables: Tables, word: str, number: int | None) -> Iterator[dict[str, Any]]:
    import pyarrow.compute as pc

    met: tuple[str, str] | None = None
    for table in tables(["id", "source", "modality", "model", word]):
        for row in table.filter(pc.is_valid(table.column(word))).to_pylist():
            if number is not None and number <= 0:
                return
            if met != (row["id"], row[word]):
                yield row
                number = None if number is None else number - 1
            met = row["id"], row[word]

"""The tokens of a data set: a number, a count, or the file that `multitok count --json` wrote."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NamedTuple, NotRequired, TypeAlias, TypedDict

from multitok.compute.spans import Given, Span, amount, number
from multitok.core.errors import MediaError, SourceError
from multitok.core.schema import Within, misfit, parsed
from multitok.counting.counts import Count, Total

Tokens: TypeAlias = "Given | Path | Count | Total"
WRITE = "15e12, 15T or 300B"

_Whole = Annotated[int, Within("a whole number from 0 on", 0)]


class _Counted(TypedDict):
    tokens: _Whole
    model: NotRequired[str | None]
    tokenizer: NotRequired[str]
    range: NotRequired[tuple[_Whole, _Whole]]


class _Counts(TypedDict):
    """What is read of the document of `multitok count --json`."""

    total: _Whole
    counts: list[_Counted]
    errors: NotRequired[list[dict[str, object]]]
    not_shown: NotRequired[int]


class Data(NamedTuple):
    """How many tokens, where the number comes from, and what to know of it."""

    tokens: Span
    source: str
    notes: tuple[str, ...] = ()


def data_of(given: Tokens) -> Data:
    """The tokens of a data set, with the range of those that are estimates."""
    if isinstance(given, Count | Total):
        low, high = given.range or (given.tokens, given.tokens)
        return _data(low, given.tokens, high, "a count")
    if isinstance(given, Path) or (isinstance(given, str) and number(given) is None):
        return _of_file(os.fspath(given))
    return Data(Span.of(amount(given, "tokens", WRITE)), "given")


def _of_file(path: str) -> Data:
    try:
        with open(path, encoding="utf-8") as file:
            document = parsed(file.read())
    except FileNotFoundError:
        raise SourceError(
            f"{path!r} is no number of tokens and no file: write {WRITE}, or name a file that"
            " multitok count --json wrote",
            source=path,
        ) from None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", source=path) from None
    except ValueError:
        document = None
    why = misfit(document, _Counts, "it") if document is not None else "it is no JSON"
    if why:
        raise SourceError(
            f"{path}: not what multitok count --json writes: {why}. Write:"
            " multitok count -r FOLDER -m MODEL --json > counts.json",
            source=path,
        )
    counts = document["counts"]
    by = sorted({one.get("model") or one.get("tokenizer") or "" for one in counts})
    if len(by) > 1:
        raise SourceError(
            f"{path}: counted by {' and by '.join(by)}, and the total is of all: count by one",
            source=path,
        )
    total = document["total"]
    off = [
        (r[0] - one["tokens"], r[1] - one["tokens"]) for one in counts if (r := one.get("range"))
    ]
    lost = len(document.get("errors", ()))
    notes = [f"{lost:,} of its inputs could not be counted, and are left out"] if lost else []
    if document.get("not_shown"):
        notes.append("its total has more inputs than it shows: their range is not in the figures")
    low, high = (total + sum(ends) for ends in zip(*off, strict=True)) if off else (total, total)
    return _data(low, total, high, path, tuple(notes))


def _data(low: float, tokens: float, high: float, source: str, notes: tuple[str, ...] = ()) -> Data:
    if tokens < 1:
        raise MediaError(f"{source}: no token was counted: nothing can be trained on it")
    return Data(
        Span(float(min(low, tokens)), float(tokens), float(max(high, tokens))), source, notes
    )

"""The one function of columns that every adapter calls, and the types of what it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError
from multitok.core.info import ImageInfo, VideoInfo
from multitok.counting.loops import SourceCounter, counter
from multitok.counting.subject import subject_of
from multitok.datasets.sources.cells import medium_in, text_in

if TYPE_CHECKING:
    from multitok.core.registry import AnyCounter


class Counted(NamedTuple):
    """A cell that was counted; where `error` says why not, the others are None.

    tokens, kind, most   as of `multitok.counter`: the number, how it is known, the most it may be
    width, height        of a picture or a clip
    """

    tokens: int | None = None
    kind: str | None = None
    most: int | None = None
    width: int | None = None
    height: int | None = None
    error: str | None = None


FIELDS = Counted._fields
"""The columns, in their order."""
NUMBERS = ("tokens", "most", "width", "height")
"""Those of whole numbers; the others are text."""


def count_column(
    values: Iterable[Any],
    *,
    model: str | None = None,
    modality: str = "text",
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
) -> dict[str, list[Any]]:
    """The tokens of each cell of a column, as columns: tokens, kind, most, width, height, error.

    values      texts; for other modalities bytes of files, paths, or `{"bytes": ..., "path": ...}`
                as Hugging Face keeps pictures: the bytes count where there are any
    model       a name of the catalogue; or name a `tokenizer` instead
    options     the request's own words (detail, ...), or the parameters of the tokenizer

    A cell that is null, empty or broken has an error, as in a scan. What is wrong with all of them
    at once, as a name that nobody knows, is raised.

    >>> count_column(["hello world", None], model="gpt-4o")["error"]
    [None, 'MediaError: cell: there is no text (null)']
    """
    rule = counter(model=model, tokenizer=tokenizer, modality=modality, options=options)
    rows = [_counted(rule, value) for value in values]
    return {name: [row[place] for row in rows] for place, name in enumerate(FIELDS)}


def _counted(rule: SourceCounter, value: Any) -> Counted:
    try:
        with boundary("counting"):
            subject = subject_of(_source(value, rule.modality), rule.modality)  # type: ignore[arg-type]
            found = rule.of(subject)
    except MultitokError as error:
        return Counted(error=f"{type(error).__name__}: {' '.join(str(error).split())}")
    info = subject.info
    if isinstance(info, ImageInfo | VideoInfo):
        return Counted(found.tokens, found.kind, found.most, info.width, info.height)
    return Counted(found.tokens, found.kind, found.most)


def _source(value: Any, modality: str) -> Any:
    """What a cell is counted from. An empty picture has bytes, and they are none of its path's."""
    if isinstance(value, Mapping):
        data, path = value.get("bytes"), value.get("path")
        value = data if data is not None or path is None else Path(path)
    if isinstance(value, float) and value != value:
        value = None  # as pandas has it
    if modality == "text" and (value is None or isinstance(value, str | bytes)):
        value = text_in(value, "cell")
    elif value is None or isinstance(value, bytes | bytearray | memoryview):
        value = medium_in(value, "cell", "")
    if isinstance(value, MultitokError):
        raise value
    return value


def named(counted: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The columns under their names in a table, where others may stand beside them."""
    return {prefix + name: column for name, column in counted.items()}

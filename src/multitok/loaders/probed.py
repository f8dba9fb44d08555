"""What a header tells, and how a source is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple, TypedDict

from multitok.core.errors import MediaError, UnknownNameError
from multitok.core.info import Info, modality_of

MAX_PIXELS = 256 * 1024 * 1024
"""A larger picture is counted from its header and refused at load; `max_pixels` raises it."""


_NO_FACTS: Mapping[str, Any] = {}


class Probed(NamedTuple):
    """What a header tells. `facts` are format details by name; `notes` are for the reader; `media`
    is the content where that was in memory, so that it is read once."""

    info: Info
    format: str
    name: str = "<data>"
    facts: Mapping[str, Any] = _NO_FACTS
    notes: tuple[str, ...] = ()
    media: Any = None

    @property
    def modality(self) -> str:
        return modality_of(self.info)


class ReadWords(TypedDict, total=False):
    """The keywords that say how a source is read; ReadOptions tells what each means."""

    encoding: str | None
    max_pixels: int
    background: tuple[int, int, int] | None
    columns: Sequence[str]
    episode: int | Literal["all"] | None
    time: str | None
    id: str | None
    rows_are_series: bool
    fps: float | None
    start: float | None
    end: float | None
    strict: bool
    hz: float | None
    stored: bool


class ReadOptions(NamedTuple):
    """How to read a source; each loader looks at its own.

    encoding     text: a Python codec name, for bytes that are neither UTF-8 nor UTF-16
    max_pixels   image: the largest picture to decode
    background   image: composite transparency over this (r, g, b); None drops alpha
    columns      series, actions: the columns to read, by name or number
    episode      actions, series: one episode of several (LeRobot), or "all", which is what a folder
                 of them is read as without a word
    time         a table: the column that is its clock, or "none"; else it is found
    id           a table: the column that names the series of each row, one after the other or mixed
    rows_are_series  a table: each row is a series, as in the M4 files; else each column
    fps          a folder or an array of frames: its frames per second
    start, end   video, audio: seconds
    strict       a truncated or damaged file is an error instead of a note
    hz           actions: steps per second, where the file does not say; an array of sound: samples
    stored       image: as it is stored, its EXIF orientation ignored, as some runtimes see it
    format       the format that `sniff` found, for loaders of many formats
    modality     what it is read as, for readers that serve several
    """

    encoding: str | None = None
    max_pixels: int = MAX_PIXELS
    background: tuple[int, int, int] | None = None
    columns: tuple[str, ...] = ()
    episode: int | Literal["all"] | None = None
    time: str | None = None
    id: str | None = None
    rows_are_series: bool = False
    fps: float | None = None
    start: float | None = None
    end: float | None = None
    strict: bool = False
    hz: float | None = None
    stored: bool = False
    format: str = ""
    modality: str = ""

    @classmethod
    def of(cls, words: Mapping[str, Any], form: str = "", modality: str = "") -> ReadOptions:
        check_words(words)
        return cls(**words, format=form, modality=modality)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


_TAKES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "encoding": (_is_text, "a name such as 'latin-1'"),
    "max_pixels": (_is_whole, "a whole number"),
    "background": (
        lambda x: isinstance(x, tuple | list) and len(x) == 3 and all(map(_is_whole, x)),
        "(red, green, blue)",
    ),
    "columns": (lambda x: isinstance(x, Iterable), "names of columns"),
    "episode": (lambda x: x == "all" or _is_whole(x), "the number of one, or 'all'"),
    "time": (_is_text, "the name of a column, or 'none'"),
    "id": (_is_text, "the name of a column"),
    "rows_are_series": (_is_switch, "True or False"),
    "fps": (_is_number, "frames a second"),
    "start": (_is_number, "a number of seconds"),
    "end": (_is_number, "a number of seconds"),
    "strict": (_is_switch, "True or False"),
    "hz": (_is_number, "steps a second"),
    "stored": (_is_switch, "True or False"),
}
"""What each keyword may be, beside None where that is its default."""


def check_words(words: Mapping[str, Any], then: str = "") -> None:
    """UnknownNameError for a keyword that does not say how to read, which `then` ends; MediaError
    for a value of another type."""
    for word, value in words.items():
        if word not in _TAKES:
            there_are = f"There are: {', '.join(_TAKES)}{then}"
            raise UnknownNameError.of("read option", word, _TAKES, there_are)
        takes, what = _TAKES[word]
        if not takes(value) and not (value is None and ReadOptions._field_defaults[word] is None):
            raise MediaError(f"{word} must be {what}, got {value!r}")

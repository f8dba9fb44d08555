"""How sources are read, as the command line says it: --as, --encoding, --columns, --fps and the
like, declared once and handed on as one value."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import click

from multitok.cli.options import F, Settings
from multitok.cli.values import EpisodeType
from multitok.core.info import MODALITIES, Modality

if TYPE_CHECKING:
    from multitok.counting.subject import Subject
    from multitok.loaders.probed import ReadWords


class Reading(NamedTuple):
    """How sources are read: what --as, --encoding, --fps, --start and the like say, in one."""

    modality: Modality | None
    encoding: str | None
    fps: float | None
    max_frames: int | None
    start: float | None
    end: float | None
    columns: tuple[str, ...]
    episode: int | Literal["all"] | None
    time: str | None
    id: str | None
    rows_are_series: bool
    hz: float | None
    strict: bool

    def subject(self, item: Any, takes: Collection[str] = ()) -> Subject:
        """What is counted: a path (never the text itself), a shape or a medium."""
        from multitok.counting.subject import subject_of

        if isinstance(item, str):
            from multitok.loaders.source import source_of

            item = source_of(item, directories=self.modality == "video" or self.fps is not None)
        folder = getattr(item, "directory", False)
        return subject_of(item, self.modality, takes=takes, **self.words(folders=folder))

    def words(self, *, folders: bool) -> ReadWords:
        """How the sources are read; --fps is of the frames in a folder, else of the request."""
        return _words(self, folders)

    def request(self, settings: Settings, subject: Subject) -> dict[str, Any]:
        """The request options: -s words, and --fps and --max-frames where they are the model's."""
        return self.asked(settings, folders=getattr(subject.source, "directory", False))

    def asked(self, settings: Settings, *, folders: bool) -> dict[str, Any]:
        """The request options of sources that are, or are not, folders of frames."""
        words = dict(settings)
        if self.max_frames is not None:
            words["max_frames"] = self.max_frames
        if self.fps is not None and not folders:
            words["fps"] = self.fps
        return words


@lru_cache(maxsize=16)  # asked of each of many sources
def _words(reading: Reading, folders: bool) -> ReadWords:
    names = tuple(name for name in reading._fields if name not in _ELSEWHERE)
    given = {name: getattr(reading, name) for name in (*names, *(["fps"] if folders else []))}
    read = {name: v for name, v in given.items() if v or (name in COUNTED and v is not None)}
    return cast("ReadWords", read)


COUNTED = ("episode", "fps")
"""Words of which 0 says something."""

_ELSEWHERE = ("modality", "fps", "max_frames")
"""What says something else than how one source is read, or says it of folders alone."""

_ENCODING: dict[str, Any] = {"help": "Text that is neither UTF-8 nor UTF-16: latin-1, ..."}
_COLUMNS: dict[str, Any] = {
    "multiple": True,
    "help": "Of a table: only these, by name or number: a,b.",
}
_EPISODE: dict[str, Any] = {
    "type": EpisodeType(),
    "help": "Of a LeRobot data set or file: this one of its episodes, or all.",
}
_TABLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--columns", _COLUMNS),
    ("--episode", _EPISODE),
    ("--time", {"metavar": "COLUMN", "help": "Of a table: this column is its clock, or none."}),
    ("--id", {"metavar": "COLUMN", "help": "Of a table: this column names the series of a row."}),
    ("--rows-are-series", {"is_flag": True, "help": "Of a table: each row is a series."}),
)
_READING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--as", {"type": click.Choice(MODALITIES), "help": "Read the source as this."}),
    ("--encoding", _ENCODING),
    ("--fps", {"type": float, "help": "Frames a second: of the request, or of a folder."}),
    ("--max-frames", {"type": int, "help": "The request option max_frames."}),
    ("--start", {"type": float, "help": "Of a clip or sound: from this second."}),
    ("--end", {"type": float, "help": "Of a clip or sound: up to this second."}),
    *_TABLE,
    ("--hz", {"type": float, "help": "Of movement: steps a second, if the file does not say."}),
    ("--strict", {"is_flag": True, "help": "A damaged file is an error, not a note."}),
)


READING = tuple(
    "as_" if name == "--as" else name.strip("-").replace("-", "_") for name, _ in _READING
)
"""The words of `reading_options`, by which they stand in a context."""


def reading_options(function: F) -> F:
    """The options that say how sources are read, handed on as one `reading`."""

    @wraps(function)
    def collected(**given: Any) -> Any:
        words = (_word(name) for name, _ in _READING)
        found = {word: given.pop(word) for word in words if word != "as"}
        found["columns"] = each_column(found["columns"])
        return function(reading=Reading(modality=given.pop("as_"), **found), **given)

    for name, settings in reversed(_READING):
        names = (name, "as_") if name == "--as" else (name,)
        collected = click.option(*names, **settings)(collected)
    return cast("F", collected)


def _word(option: str) -> str:
    """--rows-are-series as the keyword it is in Python."""
    return option.strip("-").replace("-", "_")


def encoding_option(function: F) -> F:
    """For the commands that read text only."""
    return click.option("--encoding", **_ENCODING)(function)


def table_options(function: F) -> F:
    """For the commands that read tables only: what was given of how they are read, as `read`."""

    @wraps(function)
    def collected(**given: Any) -> Any:
        words = {_word(name): given.pop(_word(name)) for name, _ in _TABLE}
        words["columns"] = each_column(words["columns"])
        read = {name: value for name, value in words.items() if value not in (None, (), False)}
        return function(read=read, **given)

    for name, settings in reversed(_TABLE):
        collected = click.option(name, **settings)(collected)
    return cast("F", collected)


def each_column(columns: tuple[str, ...]) -> tuple[str, ...]:
    """`a,b` and `c` are three columns; one whose name has a comma goes by its number."""
    return tuple(name for one in columns for name in one.split(","))

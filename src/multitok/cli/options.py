"""The grammar of the command line: every option that commands share, declared once.

An option means the same wherever it stands. A command uses it by name: `@opt.model_option`.
docs/commands.md shows which command takes which; tools/make_commands_table.py makes the table.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Collection
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar, cast

import click

from multitok.cli.names import ModelName, TokenizerName
from multitok.cli.outputs import SourceType, check_outputs, refuse_setting
from multitok.cli.values import EpisodeType, SettingType, SizeType
from multitok.core.info import MODALITIES, Modality

if TYPE_CHECKING:
    from multitok.counting.subject import Subject
    from multitok.loaders.probed import ReadWords

F = TypeVar("F", bound=Callable[..., Any])
Settings: TypeAlias = tuple[tuple[str, Any], ...]


def source_argument(function: F) -> F:
    """One thing to read: `source`; see `given` for what is read when none is named."""
    return click.argument("source", type=SourceType(), required=False, metavar="[FILE|-]")(function)


def sources_argument(function: F) -> F:
    """Many things to read: `sources`."""
    return click.argument("sources", type=SourceType(), nargs=-1, metavar="[FILE|-]...")(function)


def given(sources: tuple[str, ...], *instead: Any) -> tuple[str, ...]:
    """The sources; stdin where nothing is named and something is piped in."""
    return sources or (() if any(instead) or not piped() else ("-",))


def source_given(source: str | None, doing: str) -> str:
    """The one source of a command that reads no other thing."""
    if source is None and not piped():
        raise click.UsageError(f"nothing to {doing}: name a file, or - for stdin")
    return source or "-"


def piped() -> bool:
    """True when stdin holds something: no terminal, and not the null device that a job without
    input has."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):  # the stream of a program that calls this one
        return not sys.stdin.isatty()
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def model_option(function: F) -> F:
    return click.option(
        "-m", "--model", "models", multiple=True, metavar="MODEL", type=ModelName(),
        envvar="MULTITOK_MODEL", help="A model of the catalogue; may be repeated.",
    )(function)  # fmt: skip


def payload_model_option(function: F) -> F:
    """For requests, which name a model themselves."""
    return click.option(
        "-m", "--model", metavar="MODEL", type=ModelName(),
        help="Count for this model, whatever is named.",
    )(function)  # fmt: skip


def tokenizer_option(function: F) -> F:
    return _tokenizer(function, "tokenizer", multiple=False)


def tokenizers_option(function: F) -> F:
    """For commands that compare several."""
    return _tokenizer(function, "tokenizers", multiple=True)


def _tokenizer(function: F, name: str, *, multiple: bool) -> F:
    return click.option(
        "-t", "--tokenizer", name, metavar="NAME", type=TokenizerName(), multiple=multiple,
        help="A tokenizer instead of a model: o200k_base, patch, words, ...",
    )(function)  # fmt: skip


def named(models: tuple[str, ...], tokenizer: Any) -> tuple[str, ...]:
    """The models to count for: none beside a tokenizer, which replaces MULTITOK_MODEL."""
    if not tokenizer:
        return models
    if models and not from_environment("models"):
        raise click.UsageError("name a model (-m) or a tokenizer (-t), not both")
    return ()


def from_environment(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.ENVIRONMENT


def one_named(models: tuple[str, ...], tokenizer: str | None) -> str | None:
    """The one model of a command that counts for one; None beside a tokenizer."""
    models = named(models, tokenizer)
    if not models and tokenizer is None:
        raise click.UsageError("name a model (-m gpt-4o) or a tokenizer (-t o200k_base)")
    if len(models) > 1:
        raise click.UsageError("name one model (-m) or one tokenizer (-t)")
    return models[0] if models else None


def provider_option(function: F) -> F:
    """For requests."""
    from multitok.requests.payloads import FORMATS

    return click.option(
        "--provider", type=click.Choice(FORMATS), help="Where the shape does not tell."
    )(function)


def template_option(function: F) -> F:
    """For requests to open models."""
    return click.option(
        "--template", type=click.Path(exists=True), metavar="PATH",
        help="A folder with tokenizer.json and tokenizer_config.json, or a tekken.json.",
    )(function)  # fmt: skip


def calibration_option(function: F) -> F:
    """For requests whose estimates were held against bills."""
    return click.option(
        "--calibration", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
        help="Correct estimates by what multitok reconcile measured (or MULTITOK_CALIBRATION).",
    )(function)  # fmt: skip


def requests_option(function: F) -> F:
    return click.option(
        "--requests", type=click.IntRange(min=1), default=1, help="The cost of so many of it."
    )(function)


def cost_option(function: F) -> F:
    return click.option("--cost", is_flag=True, help="And what the tokens cost.")(function)


def max_tokens_option(function: F) -> F:
    return click.option(
        "--max-tokens", type=click.IntRange(min=1), required=True, help="The budget."
    )(function)


def modality_option(function: F) -> F:
    """For listings."""
    return click.option(
        "--modality", type=click.Choice(MODALITIES), help="Only those that take this."
    )(function)


def settings_option(function: F) -> F:
    """-s, and --online as the parameter it stands for, handed on as one `settings`."""

    @wraps(function)
    def collected(*, settings: Settings, online: bool, **given: Any) -> Any:
        allowed: Settings = (("allow_network", True),) if online else ()
        return function(settings=(*settings, *allowed), **given)

    option = click.option(
        "-s", "--set", "settings", multiple=True, type=SettingType(),
        help="The model's request option (detail=high), or the tokenizer's parameter (size=8).",
    )  # fmt: skip
    online = click.option(
        "--online", is_flag=True, help="With -t hf -s repo=ORG/NAME: it may be downloaded."
    )
    old = renamed("--option", "--set", "-s {}")
    return cast("F", option(online(old(collected))))


def renamed(old: str, new: str, example: str = "", *, flag: bool = False) -> Callable[[F], F]:
    """An option of former days, hidden: it says what to type now, with the value that was given."""

    def tell(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value:
            shown = f": {example.format(value)}" if example else ""
            raise click.UsageError(f"{old} is {new} now{shown}")

    return click.option(old, hidden=True, expose_value=False, is_flag=flag, callback=tell)


def catalog_option(function: F) -> F:
    return click.option(
        "--catalog", "catalog", multiple=True, metavar="FILE",
        type=click.Path(exists=True, dir_okay=False),
        help="A TOML file with models of your own (docs/catalogue.md).",
    )(function)  # fmt: skip


def size_option(function: F) -> F:
    return click.option(
        "--size", "sizes", multiple=True, type=SizeType(),
        help="A picture of this width x height, without a file.",
    )(function)  # fmt: skip


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


def out_option(kind: click.Path, help: str, *, required: bool = False) -> Callable[[F], F]:
    """-o, the one output of a command."""
    return click.option(
        "-o", "--out", type=kind, metavar="FILE", required=required, help=help
    )  # fmt: skip


def without_out(function: F) -> F:
    """For commands that once took a rule's option by -o, and write no one file."""

    def tell(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value is None:
            return
        refuse_setting(value)
        raise click.UsageError(f"{context.info_name} has no -o: it prints, to a file by > {value}")

    return click.option("-o", "out", hidden=True, expose_value=False, callback=tell)(function)


def force_option(function: F) -> F:
    """--force, for commands that write files: without it no file of another kind is replaced."""

    @wraps(function)
    def checked(*, force: bool, **given: Any) -> Any:
        check_outputs(click.get_current_context(), force)
        return function(**given)

    option = click.option("--force", is_flag=True, help="Replace a file of another kind, too.")
    return cast("F", option(checked))


def quiet_option(function: F) -> F:
    return click.option(
        "-q", "--quiet", is_flag=True, callback=_one_way, help="The bare answer, for scripts."
    )(function)


def json_option(function: F) -> F:
    return click.option(
        "--json", "as_json", is_flag=True, callback=_one_way, help="One JSON document."
    )(function)


def jsonl_option(function: F) -> F:
    return click.option(
        "--jsonl", "as_lines", is_flag=True, callback=_one_way,
        help="One JSON object a line, as they come.",
    )(function)  # fmt: skip


_WAYS = {"quiet": "-q", "as_json": "--json", "as_lines": "--jsonl"}


def _one_way(context: click.Context, parameter: click.Parameter, wanted: bool) -> bool:
    """Each of the three is a way to print: one is named, or none."""
    if wanted and context.meta.setdefault("way", parameter.name) != parameter.name:
        has = {param.name for param in context.command.params}
        *most, last = (word for name, word in _WAYS.items() if name in has)
        number = "three" if len(most) == 2 else "two"
        raise click.UsageError(f"{', '.join(most)} and {last} are {number} ways to print: name one")
    return wanted


def encoding_option(function: F) -> F:
    """For the commands that read text only."""
    return click.option("--encoding", **_ENCODING)(function)


def assume_image_option(function: F) -> F:
    """For the commands that count requests."""
    told = "The size of pictures behind a URL or an id."
    return click.option("--assume-image", type=SizeType(), help=told)(function)


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

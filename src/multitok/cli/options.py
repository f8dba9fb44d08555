"""Options that several commands share, and the values they parse to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, cast

import click

from multitok.cli.outputs import check_outputs
from multitok.core.errors import MultitokError
from multitok.core.info import MODALITIES, ImageInfo, Modality

if TYPE_CHECKING:
    from multitok.counting.subject import Subject

F = TypeVar("F", bound=Callable[..., Any])
Settings: TypeAlias = tuple[tuple[str, Any], ...]


class SizeType(click.ParamType):  # type: ignore[type-arg]
    """1920x1080: width x height in pixels."""

    name = "WxH"

    def convert(self, value: Any, param: Any, ctx: Any) -> ImageInfo:
        if isinstance(value, ImageInfo):
            return value
        match = re.fullmatch(r"(\d+)\s*[xX×]\s*(\d+)", value)
        if not match:
            self.fail(f"{value!r} is not WIDTHxHEIGHT: write 1920x1080", param, ctx)
        try:
            return ImageInfo(width=int(match[1]), height=int(match[2]))
        except MultitokError as error:
            self.fail(str(error), param, ctx)


class SettingType(click.ParamType):  # type: ignore[type-arg]
    """detail=high: a request option, or a tokenizer's parameter; numbers become numbers."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, Any]:
        if isinstance(value, tuple):
            return value
        key, equals, text = value.partition("=")
        if not equals or not key:
            self.fail(f"{value!r} is not KEY=VALUE: write detail=high", param, ctx)
        return key, _value(text)


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    if re.fullmatch(r"\d+(,\d+)+", text):
        return tuple(int(part) for part in text.split(","))
    return text


def model_option(function: F) -> F:
    return click.option(
        "-m", "--model", "models", multiple=True, metavar="MODEL",
        envvar="MULTITOK_MODEL", help="A model of the catalogue; may be repeated.",
    )(function)  # fmt: skip


def tokenizer_option(function: F) -> F:
    return click.option(
        "-t", "--tokenizer", "tokenizer", metavar="NAME",
        help="A tokenizer instead of a model: o200k_base, patch, words, ...",
    )(function)  # fmt: skip


def named(models: tuple[str, ...], tokenizer: str | None) -> tuple[str, ...]:
    """The models to count for: none beside a tokenizer, which replaces MULTITOK_MODEL."""
    if tokenizer is None:
        return models
    source = click.get_current_context().get_parameter_source("models")
    if models and source is not click.core.ParameterSource.ENVIRONMENT:
        raise click.UsageError("name a model (-m) or a tokenizer (-t), not both")
    return ()


def settings_option(function: F) -> F:
    """-o, and --online as the parameter it stands for, handed on as one `settings`."""

    @wraps(function)
    def collected(*, settings: Settings, online: bool, **given: Any) -> Any:
        allowed: Settings = (("allow_network", True),) if online else ()
        return function(settings=(*settings, *allowed), **given)

    option = click.option(
        "-o", "--option", "settings", multiple=True, type=SettingType(),
        help="The model's request option (detail=high), or the tokenizer's parameter (size=8).",
    )  # fmt: skip
    online = click.option(
        "--online", is_flag=True, help="With -t hf -o repo=ORG/NAME: it may be downloaded."
    )
    return cast("F", option(online(collected)))


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
    episode: int | None
    hz: float | None
    strict: bool

    def subject(self, item: Any, takes: Collection[str] = ()) -> Subject:
        """What is counted: a path (never the text itself), a shape or a medium."""
        from multitok.counting.subject import subject_of

        read = {
            name: value
            for name in ("encoding", "start", "end", "columns", "episode", "hz", "strict")
            if (value := getattr(self, name)) or (name == "episode" and value is not None)
        }
        if isinstance(item, str):
            from multitok.loaders.source import source_of

            item = source_of(item, directories=self.modality == "video" or self.fps is not None)
            if item.directory and self.fps is not None:
                read["fps"] = self.fps
        return subject_of(item, self.modality, takes=takes, **read)

    def request(self, settings: Settings, subject: Subject) -> dict[str, Any]:
        """The request options: -o words, and --fps and --max-frames where they are the model's."""
        words = dict(settings)
        if self.max_frames is not None:
            words["max_frames"] = self.max_frames
        if self.fps is not None and not getattr(subject.source, "directory", False):
            words["fps"] = self.fps
        return words


_READING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--as", {"type": click.Choice(MODALITIES), "help": "Read the source as this."}),
    ("--encoding", {"help": "Text that is neither UTF-8 nor UTF-16: latin-1, ..."}),
    ("--fps", {"type": float, "help": "Frames a second: of the request, or of a folder."}),
    ("--max-frames", {"type": int, "help": "The request option max_frames."}),
    ("--start", {"type": float, "help": "Of a clip or sound: from this second."}),
    ("--end", {"type": float, "help": "Of a clip or sound: up to this second."}),
    ("--columns", {"multiple": True, "help": "Of a table: only these, by name or number."}),
    ("--episode", {"type": int, "help": "Of a LeRobot file: this one of its episodes."}),
    ("--hz", {"type": float, "help": "Of movement: steps a second, if the file does not say."}),
    ("--strict", {"is_flag": True, "help": "A damaged file is an error, not a note."}),
)


def reading_options(function: F) -> F:
    """The options that say how sources are read, handed on as one `reading`."""

    @wraps(function)
    def collected(**given: Any) -> Any:
        words = {name.strip("-").replace("-", "_"): None for name, _ in _READING}
        found = {name: given.pop(name) for name in words if name != "as"}
        return function(reading=Reading(modality=given.pop("as_"), **found), **given)

    for name, settings in reversed(_READING):
        names = (name, "as_") if name == "--as" else (name,)
        collected = click.option(*names, **settings)(collected)
    return cast("F", collected)


def json_option(function: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document.")(function)


def force_option(function: F) -> F:
    """--force, for commands that write files: without it no file of another kind is replaced."""

    @wraps(function)
    def checked(*, force: bool, **given: Any) -> Any:
        check_outputs(click.get_current_context(), force)
        return function(**given)

    option = click.option("--force", is_flag=True, help="Replace a file of another kind, too.")
    return cast("F", option(checked))


def encoding_option(function: F) -> F:
    """For the commands that read text only."""
    return click.option("--encoding", help="Text that is neither UTF-8 nor UTF-16: latin-1, ...")(
        function
    )

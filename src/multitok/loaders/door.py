"""From a source to its shape (`examine`, from the header) or its content (`load`).

One module per modality, imported when a source of that modality is met:

    examine(source, read) -> Probed     the header only: no pixels, no decode
    load(source, read) -> Media
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from multitok.core.boundary import boundary
from multitok.core.errors import SourceError, UnknownNameError
from multitok.core.info import MODALITIES, Info, Modality
from multitok.loaders import memory
from multitok.loaders.probed import Probed, ReadOptions, ReadWords
from multitok.loaders.sniff import Kind, by_magic, looks_like_text, sniff
from multitok.loaders.source import Source, source_of

if TYPE_CHECKING:
    from multitok.core.media import Actions, Audio, Image, Media, Pdf, Series, Text, Video


_MODULES = {
    "text": "multitok.loaders.text",
    "image": "multitok.loaders.image",
    "video": "multitok.loaders.clips.video",
    "audio": "multitok.loaders.audio",
    "series": "multitok.loaders.columns.series",
    "actions": "multitok.loaders.columns.actions",
    "pdf": "multitok.loaders.pdf",
}


def examine(
    source: Any, *, modality: Modality | None = None, **options: Unpack[ReadWords]
) -> Probed:
    """The shape of a source, its format and what to know of it, from the header alone.

    `modality` forces how it is read ("text" for a .csv, "video" for an animated GIF). The other
    keywords are ReadOptions. SourceError where it cannot be opened or read.

    >>> examine(b"hello, world").info
    TextInfo(bytes=12)
    """
    with boundary("reading", source, naming=True):
        return _examined(source, modality, options)


def _examined(source: Any, modality: Modality | None, options: Mapping[str, Any]) -> Probed:
    if (what := memory.held(source)) is not None:
        return memory.examine(source, what, _known(modality), ReadOptions.of(options))
    resolved, kind, read = resolve(source, modality, options)
    found: Probed = _loader(kind.modality).examine(resolved, read)
    if modality == "video" and found.modality != modality:
        raise SourceError(
            f"{resolved.name}: no video track in it, only {found.modality}. Leave out --as video",
            source=resolved.name,
        )
    if found.name == resolved.name and not kind.notes:
        return found
    notes = (*kind.notes, *found.notes)
    return Probed(found.info, found.format, resolved.name, found.facts, notes)


def probe(source: Any, *, modality: Modality | None = None, **options: Unpack[ReadWords]) -> Info:
    """The shape of a source: `examine(source).info`.

    >>> probe(b"hello, world")
    TextInfo(bytes=12)
    """
    return examine(source, modality=modality, **options).info


@overload
def load(source: Any, *, modality: Literal["text"], **options: Unpack[ReadWords]) -> Text: ...
@overload
def load(source: Any, *, modality: Literal["image"], **options: Unpack[ReadWords]) -> Image: ...
@overload
def load(source: Any, *, modality: Literal["video"], **options: Unpack[ReadWords]) -> Video: ...
@overload
def load(source: Any, *, modality: Literal["audio"], **options: Unpack[ReadWords]) -> Audio: ...
@overload
def load(source: Any, *, modality: Literal["series"], **options: Unpack[ReadWords]) -> Series: ...
@overload
def load(source: Any, *, modality: Literal["actions"], **options: Unpack[ReadWords]) -> Actions: ...
@overload
def load(source: Any, *, modality: Literal["pdf"], **options: Unpack[ReadWords]) -> Pdf: ...
@overload
def load(
    source: Any, *, modality: Modality | None = None, **options: Unpack[ReadWords]
) -> Media: ...
def load(source: Any, *, modality: Modality | None = None, **options: Unpack[ReadWords]) -> Media:
    """The content of a source, ready for a tokenizer; keywords as for `examine`.

    Shapes and units stand with each medium: Image, Audio, ... With `modality` a type checker knows
    which it is. SourceError where it cannot be read.

    >>> load(b"hello, world", modality="text").text
    'hello, world'
    """
    with boundary("reading", source, naming=True):
        if (what := memory.held(source)) is not None:
            return memory.load(source, what, _known(modality), ReadOptions.of(options))
        resolved, kind, read = resolve(source, modality, options)
        loaded: Media = _loader(kind.modality).load(resolved, read)
        return loaded


def sketch(source: Any, **options: Unpack[ReadWords]) -> Image:
    """A picture to be drawn small: as `load`, a huge one by a fraction of its sides."""
    with boundary("reading", source, naming=True):
        if memory.held(source) is not None:
            return load(source, modality="image", **options)
        resolved, _, read = resolve(source, "image", options)
        drawn: Image = _loader("image").sketch(resolved, read)
        return drawn


def resolve(
    source: Any, modality: str | None, options: Mapping[str, Any]
) -> tuple[Source, Kind, ReadOptions]:
    """The source, what it is, and how to read it; a folder is a video when `fps` is given, else it
    is a data set."""
    _known(modality)
    folder = modality == "video" or (modality is None and options.get("fps") is not None)
    resolved = source_of(source, directories=folder)
    if resolved.directory and folder:
        kind = Kind("video", "frames")
    elif resolved.directory:
        kind = _data_set(resolved, modality)
    elif modality is None and options.get("encoding") and by_magic(resolved.head()) is None:
        kind = Kind("text", "text")
    elif modality is None:
        kind = sniff(resolved)
    else:
        kind = _forced(resolved, modality)
    told = kind.format, kind.modality
    read = ReadOptions.of(options, *told) if options else _plain(*told)
    return resolved, kind, read


@cache
def _plain(form: str, modality: str) -> ReadOptions:
    return ReadOptions(format=form, modality=modality)


def _data_set(source: Source, modality: str | None) -> Kind:
    """A folder with meta/info.json: movement, or a series where that is asked for."""
    if modality not in (None, "actions", "series"):
        raise SourceError(
            f"{source.name}: a LeRobot data set, no {modality}: name a file in it, or leave out"
            f" --as {modality}",
            source=source.name,
        )
    return Kind(modality or "actions", "LeRobot")


def _forced(source: Source, modality: str) -> Kind:
    """The user says how to read it; the format is still told by the content, where it is known."""
    if modality == "text":
        return Kind("text", "text")
    written = modality in ("audio", "video") and looks_like_text(source.head())
    try:
        found = sniff(source)
    except SourceError:
        if written:
            raise
        return Kind(modality, source.suffix.upper())
    if written and found.modality not in ("audio", "video", "image"):
        raise SourceError(
            f"{source.name}: text, and no {modality} that multitok can read: leave out --as"
            f" {modality}, or pass --as text",
            source=source.name,
        )
    form = source.suffix.upper() if found.modality == "text" else found.format
    return Kind(modality, form, found.notes)


def _known(modality: Any) -> Modality | None:
    """The modality, if it is one."""
    if modality is not None and modality not in MODALITIES:
        raise UnknownNameError.of(
            "modality", modality, MODALITIES, f"There are: {', '.join(MODALITIES)}"
        )
    found: Modality | None = modality
    return found


@cache
def _loader(modality: str) -> ModuleType:
    return import_module(_MODULES[modality])

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
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.errors import SourceError, UnknownNameError
from multitok.info import MODALITIES, Info, modality_of
from multitok.loaders.sniff import Kind, by_magic, sniff
from multitok.loaders.source import Source, source_of

if TYPE_CHECKING:
    from multitok.media import Media

MAX_PIXELS = 256 * 1024 * 1024
"""A larger picture is counted from its header and refused at load; `max_pixels` raises it."""


_NO_FACTS: Mapping[str, Any] = {}


class Probed(NamedTuple):
    """What a header tells. `facts` are format details by name; `notes` are for the reader."""

    info: Info
    format: str
    name: str = "<data>"
    facts: Mapping[str, Any] = _NO_FACTS
    notes: tuple[str, ...] = ()

    @property
    def modality(self) -> str:
        return modality_of(self.info)


class ReadOptions(NamedTuple):
    """How to read a source; each loader looks at its own.

    encoding     text: a Python codec name, for bytes that are neither UTF-8 nor UTF-16
    max_pixels   image: the largest picture to decode
    background   image: composite transparency over this (r, g, b); None drops alpha
    columns      series, actions: the columns to read, by name or number
    episode      series, actions: one episode of a file of several (LeRobot)
    fps          a folder of frames: its frames per second
    start, end   video, audio: seconds
    strict       a truncated or damaged file is an error instead of a note
    hz           actions: steps per second, where the file does not say
    format       the format that `sniff` found, for loaders of many formats
    """

    encoding: str | None = None
    max_pixels: int = MAX_PIXELS
    background: tuple[int, int, int] | None = None
    columns: tuple[str, ...] = ()
    episode: int | None = None
    fps: float | None = None
    start: float | None = None
    end: float | None = None
    strict: bool = False
    hz: float | None = None
    format: str = ""

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> ReadOptions:
        known = cls._fields
        for word in words:
            if word not in known:
                raise UnknownNameError.of(
                    "read option", word, known, f"There are: {', '.join(known)}"
                )
        return cls(**words)


_MODULES = {
    "text": "multitok.loaders.text",
    "image": "multitok.loaders.image",
    "video": "multitok.loaders.video",
    "audio": "multitok.loaders.audio",
    "series": "multitok.loaders.series",
    "actions": "multitok.loaders.actions",
    "pdf": "multitok.loaders.pdf",
}


def examine(source: Any, *, modality: str | None = None, **options: Any) -> Probed:
    """The shape of a source, its format and what to know of it, from the header alone.

    `modality` forces how it is read ("text" for a .csv, "video" for an animated GIF). The other
    keywords are ReadOptions. SourceError where it cannot be opened or read.
    """
    if _in_memory(source):
        probed: Probed = _loader("image").examine_memory(source)
        return probed
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


def probe(source: Any, *, modality: str | None = None, **options: Any) -> Info:
    """The shape of a source: `examine(source).info`."""
    return examine(source, modality=modality, **options).info


def load(source: Any, *, modality: str | None = None, **options: Any) -> Media:
    """The content of a source, ready for a tokenizer; keywords as for `examine`.

    Shapes and units stand with each medium: Image, Audio, ... SourceError where it cannot be read.
    """
    if _in_memory(source):
        media: Media = _loader("image").load_memory(source, ReadOptions.of(options))
        return media
    resolved, kind, read = resolve(source, modality, options)
    loaded: Media = _loader(kind.modality).load(resolved, read)
    return loaded


def resolve(
    source: Any, modality: str | None, options: Mapping[str, Any]
) -> tuple[Source, Kind, ReadOptions]:
    """The source, what it is, and how to read it; a folder is a video when `fps` is given."""
    if modality is not None and modality not in MODALITIES:
        raise UnknownNameError.of(
            "modality", modality, MODALITIES, f"There are: {', '.join(MODALITIES)}"
        )
    folder = modality == "video" or (modality is None and options.get("fps") is not None)
    resolved = source_of(source, directories=folder)
    if resolved.directory:
        kind = Kind("video", "frames")
    elif modality is None and options.get("encoding") and by_magic(resolved.head()) is None:
        kind = Kind("text", "text")
    elif modality is None:
        kind = sniff(resolved)
    else:
        kind = _forced(resolved, modality)
    read = ReadOptions.of({**options, "format": kind.format}) if options else _plain(kind.format)
    return resolved, kind, read


@cache
def _plain(form: str) -> ReadOptions:
    return ReadOptions(format=form)


def _forced(source: Source, modality: str) -> Kind:
    """The user says how to read it; the format is still told by the content, where it is known."""
    if modality == "text":
        return Kind("text", "text")
    try:
        found = sniff(source)
    except SourceError:
        return Kind(modality, source.suffix.upper())
    form = source.suffix.upper() if found.modality == "text" else found.format
    return Kind(modality, form, found.notes)


def _in_memory(source: Any) -> bool:
    """A PIL image or a numpy array: a picture already. Neither package is imported to tell."""
    if type(source) is str:
        return False
    names = {(base.__module__, base.__name__) for base in type(source).__mro__}
    return not names.isdisjoint((("PIL.Image", "Image"), ("numpy", "ndarray")))


@cache
def _loader(modality: str) -> ModuleType:
    return import_module(_MODULES[modality])


__all__ = ["MAX_PIXELS", "Probed", "ReadOptions", "examine", "load", "probe", "sniff", "source_of"]

"""What is counted: a source resolved to its shape, and the way to its content."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, NeedsContentError
from multitok.core.info import ImageInfo, Info, Medium, Modality, Shape, info_of
from multitok.core.media import Text
from multitok.loaders.door import examine, load, sketch
from multitok.loaders.probed import Probed, ReadWords, check_words
from multitok.loaders.sniff import sniff
from multitok.loaders.source import source_of

if TYPE_CHECKING:
    from multitok.core.media import Image
    from multitok.loaders.clips.frame import Frame

STREAM_FROM = 1 << 20
"""Bytes of text beyond which it is counted in pieces: encoding 20 MB whole takes 389 MB."""

AS_STORED = "seen as it is stored: this runtime ignores its EXIF orientation"

READ_AS_TEXT = (".csv", ".tsv", ".ts", ".tsf", ".bvh")
"""Files that a language model is sent as text, when it has no rule for what they hold."""


class Subject(NamedTuple):
    """What is counted: its shape, and the way to its content."""

    info: Info
    media: Any = None
    source: Any = None
    probed: Probed | None = None
    read: ReadWords | None = None

    @property
    def modality(self) -> Modality:
        return self.info.modality

    @property
    def name(self) -> str:
        """What to call it in a message: the name of its file, else its shape."""
        named = self.probed or self.source
        return str(getattr(named, "name", "")) or str(self.info)

    @property
    def notes(self) -> tuple[str, ...]:
        return self.probed.notes if self.probed is not None else ()

    @property
    def size(self) -> int | None:
        """Bytes of its file, where it is one."""
        return source_of(self.source).size if self.source is not None else None

    @property
    def is_bare(self) -> bool:
        """Whether its shape is all that there is of it."""
        return self.source is None and self.media is None and self.probed is None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is told of it but its shape: no turn of its file, nothing to note."""
        found = self.probed
        told = found is not None and (found.notes or found.facts or found.media is not None)
        return self.media is None and not told

    @property
    def turned(self) -> bool:
        """Whether it is a picture that its file says to turn."""
        found = self.probed
        return found is not None and self.modality == "image" and "stored" in found.facts

    def as_stored(self) -> Subject:
        """The same picture with its EXIF rotation ignored; itself where nothing turns it."""
        if not self.turned:
            return self
        read: ReadWords = {**(self.read or {}), "stored": True}
        probed = examine(self.source, modality="image", **read)
        if "stored" not in probed.facts:  # else its decoder turns it for whoever asks
            probed = probed._replace(notes=(*probed.notes, AS_STORED))
        return self._replace(info=probed.info, probed=probed, read=read)

    def content(self) -> Any:
        """The medium, read now if it was only probed."""
        if self.media is not None:
            return self.media
        if self.probed is not None and self.probed.media is not None:
            return self.probed.media
        if self.source is None:
            raise NeedsContentError(
                f"this count depends on the content, and only its shape was given: {self.info}"
            )
        return load(self.source, modality=self.modality, **(self.read or {}))

    @property
    def is_huge(self) -> bool:
        """Whether it is the file of a picture that `sketch` makes smaller."""
        from multitok.loaders.pictures.reduced import fraction

        held = self.media is not None or (self.probed is not None and self.probed.media is not None)
        if held or self.source is None or not isinstance(self.info, ImageInfo):
            return False
        return fraction(self.info.width, self.info.height) > 1

    def sketch(self) -> Image:
        """A picture that was only probed, to be drawn small: a huge one by a fraction of its
        sides."""
        return sketch(self.source, **(self.read or {}))

    def frames(self, sampling: float | Sequence[int] | None = None) -> Iterator[Frame]:
        """The frames of a clip that was only probed, one at a time."""
        from multitok.loaders.clips.frames import frames

        read = self.read or {}
        return frames(
            self.source, sampling,
            start=read.get("start"), end=read.get("end"), fps=read.get("fps"),
            strict=read.get("strict", False),
        )  # fmt: skip


def subject_of(
    source: Any,
    modality: Modality | None = None,
    *,
    takes: Collection[str] = (),
    **read: Unpack[ReadWords],
) -> Subject:
    """Resolve what a user pointed at: an Info, a medium, text, or anything the loaders read.

    `takes` are the modalities that will be counted, where that is known: a table for a model that
    only reads text is text (`sent_as`).
    """
    check_reading(read)
    if isinstance(source, Medium):
        return Subject(source.info, media=source)
    if isinstance(source, Shape):
        return Subject(info_of(source))
    if isinstance(source, str) and modality == "text":
        text = Text(source)
        return Subject(text.info, media=text)
    if not isinstance(source, str | bytes) and hasattr(source, "read"):
        source = source_of(source)  # a stream is resolved once, then read again
    elif isinstance(source, str) and source == "-":
        source = source_of(source)
    note = ""
    if modality is None and "text" in takes:
        with boundary("reading", source):
            modality, note = sent_as(source, takes)
    probed = examine(source, modality=modality, **read)
    if note:
        probed = probed._replace(notes=(*probed.notes, note))
    return Subject(probed.info, source=source, probed=probed, read=read)


def check_reading(read: Mapping[str, Any]) -> None:
    """UnknownNameError for a word that says nothing of how to read a source."""
    for word, value in read.items():
        check_words({word: value}, _meant(word, value))


def _meant(word: str, value: Any) -> str:
    """Where a word belongs that is none of reading: another function takes it, or the request."""
    if word == "modality":
        return ". modality is a word of its own, beside them"
    if word in ("model", "models", "tokenizer"):
        return (
            ". count, cost and fit take one model=, compare and inspect take models=[...]; compare"
            " takes no tokenizer="
        )
    return f". A word of the request goes into options={{{word!r}: {value!r}}}"


def told_modality(source: Any) -> str | None:
    """What a source is, where that can be told; None for one that cannot be read."""
    try:
        return subject_of(source).modality
    except MultitokError:
        return None


def sent_as(source: Any, takes: Collection[str]) -> tuple[Modality | None, str]:
    """("text", why) for a file of columns that goes to a model which reads text and no columns."""
    if not has_columns(source):
        return None, ""
    kind = sniff(source_of(source))  # a .ts may be video after all
    if kind.modality not in ("series", "actions") or kind.modality in takes:
        return None, ""
    return "text", f"{kind.format} counted as text: no rule here counts {kind.modality}"


def has_columns(source: Any) -> bool:
    """Whether its name says that it is a file of columns."""
    if isinstance(source, Shape):
        return False
    name = source if isinstance(source, str) else getattr(source, "name", "")
    return isinstance(name, str) and name.lower().endswith(READ_AS_TEXT)

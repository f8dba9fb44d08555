"""Which columns of a table are counted, and as what: those that were named, else what the schema,
the words of Hugging Face in it, and the names of columns tell.

Numbers are no items. What is not plain is asked for, never guessed: a table of `question` and
`answer` may be meant to be counted as either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, NoReturn

from multitok.core.errors import SourceError, closest
from multitok.core.info import Modality
from multitok.core.schema import parsed
from multitok.datasets.parts import arrow
from multitok.datasets.sources import turns
from multitok.datasets.units import REQUEST, Reading

Kind = Literal["text", "bytes", "medium", "messages", "object"]
"""What a cell holds: a text; bytes; a struct of bytes and path; a list of turns; another struct."""

TEXT = "text"
"""A column of this name is the text, whatever else is there."""
TEXTS = frozenset((
    "text", "content", "contents", "body", "document", "prompt", "caption", "markdown", "code",
    "raw_content", "instruction", "query", "question", "answer", "passage", "sentence", "input",
    "output", "completion", "response", "chosen", "rejected", "transcription", "texts", "captions",
))  # fmt: skip
MEDIA: Mapping[Modality, frozenset[str]] = {
    "image": frozenset((
        "image", "images", "img", "imgs", "picture", "pictures", "pic", "photo", "photos", "jpg",
        "jpeg", "png", "webp", "gif", "tif", "tiff", "bmp", "frame", "thumbnail", "screenshot",
    )),
    "audio": frozenset((
        "audio", "audios", "sound", "speech", "wav", "mp3", "flac", "ogg", "opus", "m4a",
    )),
    "video": frozenset(("video", "videos", "clip", "mp4", "webm", "mkv", "mov")),
    "pdf": frozenset(("pdf", "pdfs")),
}  # fmt: skip
REQUESTS = ("request", "body", "payload", *turns.NAMES, "prompt", "json")
_FEATURES: dict[str, Modality] = {
    "Image": "image", "Audio": "audio", "Video": "video", "Pdf": "pdf",
}  # fmt: skip
_MEDIA = frozenset(("image", "audio", "video", "pdf", "series", "actions"))


class Column(NamedTuple):
    """A column that is counted.

    kind      what its cells hold
    many      whether a cell is a list of those
    modality  what they are counted as; None where the content tells
    beside    columns that hold more of the same requests
    """

    name: str
    kind: Kind
    many: bool
    modality: Modality | Literal["request"] | None
    beside: tuple[str, ...] = ()


def kind_of(told: Any) -> tuple[Kind | None, bool]:
    """What a column of a type holds, and whether its cells are lists of it."""
    types = arrow().types
    told = plain(told)
    if is_list(told):
        inner = plain(told.value_type)
        if types.is_struct(inner) and any(turn <= set(_fields(inner)) for turn in turns.FIELDS):
            return "messages", False
        kind, many = kind_of(inner)
        return (None, False) if many or kind in ("messages", "object") else (kind, kind is not None)
    if types.is_struct(told):
        fields = _fields(told)
        medium = "bytes" in fields and kind_of(fields["bytes"]) == ("bytes", False)
        return ("medium" if medium else "object"), False
    if types.is_string(told) or types.is_large_string(told) or types.is_string_view(told):
        return "text", False
    binary = (
        types.is_binary,
        types.is_large_binary,
        types.is_fixed_size_binary,
        types.is_binary_view,
    )
    return ("bytes" if any(is_it(told) for is_it in binary) else None), False


def plain(told: Any) -> Any:
    """The type itself: of an extension that which stores it, of a dictionary that of its words."""
    pa = arrow()
    if isinstance(told, pa.BaseExtensionType):
        return plain(told.storage_type)
    return plain(told.value_type) if pa.types.is_dictionary(told) else told


def is_list(told: Any) -> bool:
    """Whether a type is one of lists."""
    types = arrow().types
    lists = types.is_list, types.is_large_list, types.is_fixed_size_list
    views = types.is_list_view, types.is_large_list_view
    return any(is_it(told) for is_it in (*lists, *views))


def _fields(told: Any) -> dict[str, Any]:
    return {told.field(number).name: told.field(number).type for number in range(told.num_fields)}


def features(schema: Any) -> dict[str, Modality]:
    """The columns of media, as Hugging Face writes it into a schema."""
    try:
        told = parsed((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: found for name, one in told.items() if (found := _feature(one)) is not None}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _feature(told: Any) -> Modality | None:
    """That of a feature, or of the elements of a list of it."""
    if isinstance(told, list) and len(told) == 1:
        return _feature(told[0])
    if not isinstance(told, Mapping):
        return None
    inner = told.get("feature")
    return _FEATURES.get(str(told.get("_type"))) if inner is None else _feature(inner)


def columns_of(schema: Any, reading: Reading, source: str) -> list[Column]:
    """The columns that are counted. SourceError, which lists all, where one is not there, or
    nothing tells which they are."""
    table = _Schema(schema, reading, source)
    found = table.named() if reading.text or reading.image else table.told()
    return found or table.unclear("which of its columns is counted?")


def about_column(schema: Any, name: str | None, source: str, default: str = "") -> str | None:
    """The column that names, or groups, the rows: the one that was named, else that of a common
    name, where it is there."""
    if name is not None:
        if name not in schema.names:
            _missing(schema, name, source)
        return name
    if default not in schema.names:
        return None
    types, told = arrow().types, plain(schema.field(default).type)
    return default if types.is_integer(told) or kind_of(told) == ("text", False) else None


class _Schema:
    """The columns of a table, to choose from."""

    def __init__(self, schema: Any, reading: Reading, source: str) -> None:
        self._schema, self._reading, self._source = schema, reading, source
        self._read_as: Any = reading.read_as
        self._features = features(schema)
        self._kinds = {field.name: kind_of(field.type) for field in schema}

    def named(self) -> list[Column]:
        """The columns that were named."""
        for name in (*self._reading.text, *self._reading.image):
            if name not in self._kinds:
                _missing(self._schema, name, self._source)
        return [
            *(self._named_text(name) for name in self._reading.text),
            *(self._named_medium(name) for name in self._reading.image),
        ]

    def _named_text(self, name: str) -> Column:
        kind, many = self._kinds[name]
        if kind == "messages" or (self._read_as == REQUEST and kind in ("text", "object")):
            return self._conversation(name)
        if self._read_as in _MEDIA:
            return self._named_medium(name)
        if kind not in ("text", "bytes"):
            told = f"column {name!r} holds {self._schema.field(name).type}, which is no text"
            self.unclear(f"{told}: is it --image-column {name}?" if kind == "medium" else told)
        return Column(name, kind, many, "text")

    def _named_medium(self, name: str) -> Column:
        kind, many = self._kinds[name]
        if kind not in ("text", "bytes", "medium"):
            self.unclear(
                f"column {name!r} holds {self._schema.field(name).type}: a column of media has"
                " bytes, {bytes, path} or paths"
            )
        told = self._read_as if self._read_as in _MEDIA else self._features.get(name, "image")
        return Column(name, kind, many, told)

    def told(self) -> list[Column]:
        """What the schema tells."""
        if self._read_as == REQUEST:
            return self._requests() or self._json()
        if self._read_as in _MEDIA:
            return self._media() or self._bytes()
        if self._read_as == "text":
            return self._texts()
        media = self._media()
        return [*(self._requests() or self._texts(bool(media))), *media]

    def _requests(self) -> list[Column]:
        """The conversations: `messages`, else the only ones there are."""
        listed = [name for name, (kind, _) in self._kinds.items() if kind == "messages"]
        written = [name for name in turns.NAMES if self._kinds.get(name) == ("text", False)]
        found = listed or written[:1]
        if turns.NAMES[0] in found:
            found = [turns.NAMES[0]]
        if len(found) > 1:
            self.unclear(f"which is the conversation: {_listed(found)}?")
        return [self._conversation(name) for name in found]

    def _conversation(self, name: str) -> Column:
        """A column of conversations, with the system texts and tools beside it."""
        kind, many = self._kinds[name]
        beside = () if many else tuple(filter(self._is_beside, turns.BESIDE))
        return Column(name, kind or "text", many, REQUEST, beside)

    def _is_beside(self, name: str) -> bool:
        """Whether a column is there, and holds texts or, as tools may be, structs."""
        if name not in self._kinds:
            return False
        told = plain(self._schema.field(name).type)
        listed = is_list(told) or arrow().types.is_struct(told)
        return self._kinds[name] == ("text", False) or (name == "tools" and listed)

    def _json(self) -> list[Column]:
        """The column of requests that are written as JSON, or as structs."""
        able = [name for name, (kind, _) in self._kinds.items() if kind in ("text", "object")]
        known = [name for name in REQUESTS if name in able]
        found = known[:1] or (able if len(able) == 1 else [])
        return [Column(name, self._kinds[name][0] or "text", False, REQUEST) for name in found]

    def _texts(self, beside: bool = False) -> list[Column]:
        """The column of text: `text`, else the only one whose name says so."""
        texts = {name: many for name, (kind, many) in self._kinds.items() if kind == "text"}
        texts = {name: many for name, many in texts.items() if name not in self._features}
        found = [TEXT] if TEXT in texts else [name for name in texts if name.lower() in TEXTS]
        if len(found) > 1:
            beside = beside and not self._read_as
            told = f"which is the text: {_listed(found)}?"
            self.unclear(f"{told} (or the pictures alone: --image-column)" if beside else told)
        return [Column(name, "text", texts[name], "text") for name in found]

    def _media(self) -> list[Column]:
        """All columns of media: by their features, their structs, or the names of bytes."""
        found = []
        for name, (kind, many) in self._kinds.items():
            known = self._features.get(name) or _by_name(name)
            if kind == "medium" or (kind == "bytes" and known) or name in self._features:
                if kind is None or (self._read_as and known not in (None, self._read_as)):
                    continue
                found.append(Column(name, kind, many, self._read_as or known))
        return found

    def _bytes(self) -> list[Column]:
        """The only column of bytes, where what they are is said."""
        able = [name for name, (kind, _) in self._kinds.items() if kind == "bytes"]
        found = able if len(able) == 1 else []
        return [Column(name, "bytes", self._kinds[name][1], self._read_as) for name in found]

    def unclear(self, why: str) -> NoReturn:
        raise SourceError(
            f"{self._source}: {why} {_all(self._schema)}: name one, --column or --image-column",
            source=self._source,
        )


def _by_name(column: str) -> Modality | None:
    """What the name of a column of bytes says that they are.

    >>> _by_name("image_2"), _by_name("hash")
    ('image', None)
    """
    name = column.lower().rstrip("0123456789_-.")
    return next((modality for modality, known in MEDIA.items() if name in known), None)


def _missing(schema: Any, name: str, source: str) -> NoReturn:
    meant = closest(name, schema.names)
    hint = f" Did you mean {meant!r}?" if meant else ""
    raise SourceError(
        f"{source}: no column {name!r}.{hint} {_all(schema)}",
        source=source,
    )


def _all(schema: Any) -> str:
    """`Its columns are 'a' (string), 'b' (int64)`."""
    shown = [f"{field.name!r} ({str(field.type)[:40]})" for field in list(schema)[:20]]
    more = f" and {len(schema) - 20} more" if len(schema) > 20 else ""
    return f"Its columns are {', '.join(shown)}{more}" if shown else "It has no columns"


def _listed(names: Sequence[str]) -> str:
    return " or ".join(map(repr, names))

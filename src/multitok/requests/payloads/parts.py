"""The neutral parts of a request, and the walk over JSON and SDK objects that finds them.

A provider module turns a request into a Request of Parts. Nothing is decoded, opened, fetched or
counted here: base64 stays base64 (`Encoded` points into the payload's own string), a URL stays a
URL, and a name of a file stays a name. The walk goes at most MAX_DEPTH deep, so that a value that
contains itself ends in an error with its path.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from multitok.core.errors import PayloadError
from multitok.requests.payloads.terms import Terms

MAX_DEPTH = 64
"""Levels of content or of JSON inside a request; no provider accepts more."""

MAX_VALUES = 1_000_000
"""Values in one JSON schema or tool input."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Base64 as it stands in the payload: the characters of `text` from `start` on."""

    text: str = field(repr=False)
    start: int = 0
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing a request sends. Exactly one of text, ids, data, url, file, file_id, tool is set.

    modality    text, image, audio, video, pdf, tool, unknown, or file: its bytes show what it is
    what        for people: "text", "tool call", "system", ...
    name        the tool of a call or a result, the name of a schema
    given       the JSON value that `text` writes: a call's input, a schema
    document    whether a text is a document's, with a frame of its own
    options     the provider's request words that stand at this part (detail, fps, ...)
    """

    path: str
    modality: str
    what: str
    role: str | None = None
    text: str | None = None
    ids: int | None = None
    data: Encoded | bytes | None = None
    url: str | None = None
    file: str | None = None
    file_id: str | None = None
    tool: Mapping[str, Any] | None = None
    name: str | None = None
    given: Any = None
    media: Any = None
    document: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> Any:
        """The JSON value of a call or a result: as it was given, or as its text writes it, as
        OpenAI's shapes do; a text that writes no object and no list is itself the value."""
        if self.given is not None or self.text is None:
            return self.given
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return self.text
        return found if isinstance(found, dict | list) else self.text


@dataclass(frozen=True, slots=True)
class Message:
    """A message's frame: what framing overhead is counted by."""

    path: str
    role: str
    name: str | None = None


@dataclass(slots=True, kw_only=True)
class Request:
    """A request in neutral parts. `left_out` says what a provider adds that nobody can count,
    `processor` holds the words for the model's own processor (mm_processor_kwargs): those for all
    that it is sent under "", those for one modality under its name.

    tool_name   the tool that must be called
    endpoint    which of a provider's, where its prompts differ: chat, responses
    thinking    how the model is asked to think, in the provider's word
    budget      whether the model is told the tokens that a task may take
    calls       tools that were called, by the id of the call
    any_json    whether the answer must be JSON of no schema
    terms       how it is paid for
    """

    provider: str
    model: str | None = None
    parts: list[Part] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    processor: dict[str, dict[str, Any]] = field(default_factory=dict)
    tool_choice: str = "auto"
    tool_name: str | None = None
    endpoint: str = ""
    thinking: str = ""
    budget: bool = False
    calls: dict[str, str] = field(default_factory=dict)
    any_json: bool = False
    max_output: int | None = None
    left_out: list[str] = field(default_factory=list)
    terms: Terms = field(default_factory=Terms)

    def leave_open(self, path: str, what: str, why: str) -> None:
        """Something that costs tokens nobody here can tell: the request is not counted whole."""
        self.parts.append(unknown(path, what, why))
        self.left_out.append(f"{path}: {why}")


def output_limit(
    payload: Mapping[str, Any], *keys: str, times: tuple[str, ...] = ("n",)
) -> int | None:
    """The most output tokens a request asks for, in all its `times` answers; None where it sets
    none. PayloadError for a limit that is no number of tokens."""
    given, answers = get(payload, *keys), get(payload, *times)
    for key, value in ((keys[0], given), (times[0], answers)):
        if value is not None and (type(value) is not int or value < 0):
            raise wrong(key, "a whole number from 0 on", value)
    return None if given is None else given * (answers or 1)


_PLAIN = frozenset((type(None), str, bytes, int, float, bool, dict, list, tuple))


def unfolded(value: Any) -> Any:
    """An SDK's object as a mapping: pydantic models, dataclasses, anything with to_dict."""
    if type(value) in _PLAIN:  # asked some thirty times of a small request
        return value
    if isinstance(value, str | bytes | int | float | Mapping | list | tuple):
        return value
    for name in ("model_dump", "to_dict"):
        method = getattr(value, name, None)
        if callable(method) and not isinstance(value, type):
            return method()
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None and not isinstance(value, type):
        return {name: getattr(value, name) for name in fields}
    return value


def is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is a mapping: plain JSON is told without asking the abstract class."""
    kind = type(value)
    return kind is dict or (kind not in _PLAIN and isinstance(value, Mapping))


def wrong(path: str, expected: str, value: Any) -> PayloadError:
    """`messages[0].content: expected a string, got int 5`; of a string only its beginning."""
    shown = repr(value[:4] + "…" if len(value) > 4 else value) if isinstance(value, str) else ""
    if isinstance(value, bool | int | float):
        shown = repr(value)
    got = "nothing" if value is None else f"{type(value).__name__} {shown}".rstrip()
    return PayloadError(f"{path}: expected {expected}, got {got}", path=path)


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    """`value` as an object, or PayloadError."""
    found = unfolded(value)
    if not is_object(found):
        raise wrong(path, "an object", found)
    return found


def sequence(value: Any, path: str) -> Sequence[Any]:
    found = unfolded(value)
    if not isinstance(found, list | tuple):
        raise wrong(path, "a list", found)
    return found


def string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise wrong(path, "a string", value)
    return str(getattr(value, "value", value))  # an SDK's enum of strings is its value


def number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(path, "a number", value)
    return value


def get(given: Mapping[str, Any], *names: str) -> Any:
    """The first of several spellings that is set; None counts as not set."""
    for name in names:
        value = given.get(name)
        if value is not None:
            return value
    return None


def items(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(path, item) of a list."""
    for i, item in enumerate(sequence(value, path)):
        yield f"{path}[{i}]", item


def check_depth(depth: int, path: str) -> None:
    if depth > MAX_DEPTH:
        short = path if len(path) <= 120 else path[:117] + "..."
        raise PayloadError(f"{short}: nested deeper than {MAX_DEPTH} levels", path=path)


def json_value(value: Any, path: str) -> Any:
    """`value` as plain JSON with SDK objects unfolded; bounded in depth and size."""
    return _Plain(path).json(value, path, 0)


class _Plain:
    """What stands at a path as plain JSON, and how many values it may still have."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.left = MAX_VALUES

    def json(self, node: Any, where: str, depth: int) -> Any:
        check_depth(depth, where)
        self.left -= 1
        if self.left < 0:
            raise PayloadError(f"{self.path}: more than {MAX_VALUES} values", path=self.path)
        node = unfolded(node)
        if is_object(node):
            return {
                str(key): self.json(item, f"{where}.{key}", depth + 1)
                for key, item in node.items()
                if item is not None
            }
        if isinstance(node, list | tuple):
            return [self.json(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(node)]
        if isinstance(node, bytes):
            return f"<{len(node)} bytes>"
        if node is None or isinstance(node, bool | int | float | str):
            return getattr(node, "value", node)
        return f"<{type(node).__name__}>"


def json_text(value: Any, path: str) -> str:
    """Compact JSON: what a tool's input or a schema is on the wire."""
    return compact(json_value(value, path))


def compact(value: Any) -> str:
    """Plain JSON without a space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def schema_part(path: str, given: Any, what: str = "response format") -> Part:
    """A schema as JSON text: a mapping, or the class that an SDK makes one from."""
    made = getattr(given, "model_json_schema", None)
    if callable(made):
        given = made()
    elif not is_object(given := unfolded(given)):
        name = getattr(given, "__name__", type(given).__name__)
        return unknown(path, what, f"{name}: its schema is made by the SDK when it is sent")
    try:
        value = json_value(given, path)
    except PayloadError as error:
        return unknown(path, what, str(error))
    return text_part(path, compact(value), what=what, given=value)


def text_part(
    path: str,
    text: str,
    *,
    what: str = "text",
    role: str | None = None,
    name: str | None = None,
    given: Any = None,
) -> Part:
    return Part(path=path, modality="text", what=what, role=role, text=text, name=name, given=given)


def call_part(path: str, name: str, given: Any, role: str | None, what: str = "tool call") -> Part:
    """A call that the model made earlier, or its result, with its input as a JSON value."""
    return text_part(path, compact(given), what=what, role=role, name=name, given=given)


def unknown(path: str, what: str, *notes: str, role: str | None = None) -> Part:
    """A part that nobody here can count: reported by its path, never dropped."""
    return Part(path=path, modality="unknown", what=what, role=role, notes=notes)


def signature_part(path: str, given: Any, role: str | None) -> Part:
    """Earlier thinking that only the provider can read: its length, as base64."""
    if not isinstance(given, str | bytes):
        raise wrong(path, "a string", given)
    length = len(given) if isinstance(given, str) else -(-len(given) * 4 // 3)
    return text_part(path, "", what="signature", role=role, given=length)


def modality_of_type(media_type: str) -> str:
    """`image/png` is an image; what is not said is told by the bytes: "file"."""
    kind = media_type.lower().partition(";")[0].strip()
    if kind == "application/pdf":
        return "pdf"
    family = kind.partition("/")[0]
    return family if family in ("image", "audio", "video", "text") else "file"


def media_part(
    path: str,
    where: Any,
    *,
    modality: str = "file",
    media_type: str = "",
    role: str | None = None,
    options: Mapping[str, Any] | None = None,
    what: str | None = None,
) -> Part:
    """A picture, sound, clip or document by data: URL, base64, bytes, remote URL or file name."""
    common: dict[str, Any] = {
        "path": path, "role": role, "options": options or {}, "what": what or modality,
        "modality": modality,
    }  # fmt: skip
    if isinstance(where, bytes | bytearray):
        return Part(data=bytes(where), **common)
    found = string(where, path)
    if not found:
        raise PayloadError(f"{path}: expected data, a URL or a file name, got ''", path=path)
    start = found[:16].lower()
    if start.startswith("data:"):
        return _data_url(found, common)
    if start.startswith(("http://", "https://", "gs://", "s3://")):
        return Part(url=found, **common)
    if start.startswith("file://"):
        return Part(file=found[7:], **common)
    if media_type or _looks_like_base64(found):
        return Part(data=Encoded(found, 0, media_type), **common)
    return Part(file=found, **common)


def _data_url(url: str, common: dict[str, Any]) -> Part:
    comma = url.find(",", 0, 1024)
    header = url[5:comma] if comma >= 0 else ""
    if comma < 0 or ";base64" not in header.lower():
        path = common["path"]
        raise PayloadError(
            f"{path}: expected data:MEDIA/TYPE;base64,... got {url[:24]!r}", path=path
        )
    media_type = header.partition(";")[0]
    if common["modality"] == "file":
        common["modality"] = common["what"] = modality_of_type(media_type)
    return Part(data=Encoded(url, comma + 1, media_type), **common)


def _looks_like_base64(text: str) -> bool:
    """Long, and without the dot and the suffix of a file name."""
    return len(text) > 256 and "." not in text[:256]

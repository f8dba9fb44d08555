"""What is to be counted, as a request gives it: JSON, the fields of a form, or bytes with the rest
in the address. A file is what was sent; a name, or an address in it, opens nothing."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from multitok.core.errors import MultitokError, UnknownNameError
from multitok.core.schema import misfit
from multitok.service.answers import Bytes, payload_of
from multitok.service.refusals import Refused, refusal

if TYPE_CHECKING:
    from multitok.counting.subject import Subject

MODELS = 64
"""Models that one request is counted for."""
FILES = 100
"""Files of one request."""


class Body(TypedDict, total=False):
    """The keys of a request to /count, /compare, /fit, /inspect and /page.

    model       a name of the catalogue, or several
    tokenizer   counts instead of a model: a name
    text        what is counted: a text ...
    size        ... or a picture of this size, 1920x1080 ...
    info        ... or any shape, as the reports have it ...
    data        ... or a file, in base64
    name        what to call it; its suffix helps to tell what it is
    modality    how to read it
    options     the provider's own words: {"detail": "low"}
    read        how to read it: {"start": 10, "end": 20}
    max_tokens  of /fit: the budget
    """

    model: str | list[str]
    tokenizer: str
    text: str
    size: str
    info: dict[str, Any]
    data: str
    name: str
    modality: str
    options: dict[str, Any]
    read: dict[str, Any]
    max_tokens: int


CONTENTS = ("text", "size", "info", "data")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is counted, and how: each input with its name."""

    subjects: Sequence[tuple[str, Subject]]
    models: tuple[str, ...] = ()
    tokenizer: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int | None = None


def given_json(data: Bytes, catalog: tuple[str, ...]) -> Given:
    """The request as one JSON object."""
    body = payload_of(data)
    if not isinstance(body, dict):
        raise Refused(400, f"the body must be a JSON object, got {type(body).__name__}")
    return given(body, (), catalog)


def given_fields(
    fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, bytes]], catalog: tuple[str, ...]
) -> Given:
    """The request as fields of text, of a form or of an address, and files."""
    body: dict[str, Any] = {}
    for name, text in fields:
        if name == "model":
            body.setdefault("model", []).append(text)
        elif name in ("options", "read", "info"):
            body[name] = payload_of(text.encode("utf-8", "surrogatepass"))
        elif name == "max_tokens":
            body[name] = int(text) if re.fullmatch(r"\d{1,12}", text) else text
        else:
            body[name] = text
    return given(body, files, catalog)


def given(
    body: Mapping[str, Any], files: Sequence[tuple[str, bytes]], catalog: tuple[str, ...]
) -> Given:
    """The request, checked: Refused (400) names the key and what it may be."""
    for key in body:
        if key not in Body.__annotations__:
            there_are = f"There are: {', '.join(Body.__annotations__)}"
            error = UnknownNameError.of("key", str(key)[:100], Body.__annotations__, there_are)
            raise Refused(400, str(error), str(key)[:100])
    if why := misfit(body, Body, ""):
        raise Refused(400, why)
    named = [key for key in CONTENTS if key in body]
    if len(named) + bool(files) != 1:
        there = ", ".join((*named, *(["file"] if files else []))) or "none"
        raise Refused(400, f"give one of text, size, info, data or a file, got {there}")
    models = body.get("model", [])
    asked = (models,) if isinstance(models, str) else tuple(models)
    if len(asked) > MODELS or len(files) > FILES:
        raise Refused(400, f"at most {MODELS} models and {FILES} files are counted at once")
    _check_rule(body, asked)
    try:
        takes = _taken(asked, body.get("tokenizer"), catalog)
        subjects = [(n, _subject(n, s, body, takes)) for n, s in _sources(body, files)]
    except MultitokError as error:
        raise refusal(error) from None
    return Given(
        subjects=subjects,
        models=asked,
        tokenizer=body.get("tokenizer"),
        options=body.get("options", {}),
        max_tokens=body.get("max_tokens"),
    )


OPENS = {"path", "codebook", "codebooks", "encoder", "decoder"}
"""Parameters of tokenizers that name a file: this machine's are nobody's to name over a wire."""


def _check_rule(body: Mapping[str, Any], models: Sequence[str]) -> None:
    """Names of rules are names: none opens a file, and no parameter does."""
    from multitok.core.registry import names
    from multitok.service.answers import checked_name

    for name in models:
        checked_name(name)
    tokenizer = body.get("tokenizer")
    if tokenizer is None:
        return
    if models:
        raise Refused(400, "name a model or a tokenizer, not both")
    if tokenizer not in names():
        error = UnknownNameError.of("tokenizer", tokenizer[:100], names(), "See: /tokenizers")
        raise Refused(404, str(error), "tokenizer")
    for key, value in body.get("options", {}).items():
        if key in OPENS or not isinstance(value, int | float | str | bool | None):
            raise Refused(400, f"options.{key[:100]} of a tokenizer must be a word or a number")


def _taken(models: Sequence[str], tokenizer: str | None, catalog: tuple[str, ...]) -> set[str]:
    from multitok.counting.rules import modalities_of

    return modalities_of(models, tokenizer, catalog)


def _sources(body: Mapping[str, Any], files: Sequence[tuple[str, bytes]]) -> list[tuple[str, Any]]:
    """What is counted, each with its name."""
    from multitok.core.info import image_size, info_from_dict
    from multitok.core.media import Text

    if files:
        return [(_basename(name), _file(name, data)) for name, data in files]
    name = _basename(body.get("name", ""))
    if "text" in body:
        return [(name or "text", Text(body["text"]))]
    if "info" in body:
        info = info_from_dict(body["info"])
        return [(name or info.words(), info)]
    if "size" in body:
        return [(name or body["size"], image_size(body["size"].strip()))]
    try:
        data = b64decode(body["data"], validate=True)
    except ValueError as error:
        raise Refused(400, f"data is not base64: {error}") from None
    return [(name or "data", _file(name or "data", data))]


def _file(name: str, data: bytes) -> Any:
    from multitok.loaders.source import Source

    return Source(_basename(name) or "file", data=data, size=len(data))


def _basename(name: str) -> str:
    """The last part of a name as browsers send it, as long as a file's name may be."""
    return re.split(r"[/\\]", name)[-1][-255:]


def _subject(name: str, source: Any, body: Mapping[str, Any], takes: set[str]) -> Subject:
    from multitok.core.boundary import boundary
    from multitok.counting.subject import check_reading, subject_of

    read = body.get("read", {})
    check_reading(read)  # before its words are those of a call, which has others
    with boundary("reading", name):
        return subject_of(source, body.get("modality"), takes=takes, **read)

"""A model's own chat template: the frame around messages and tools, exact for open models.

    open_template(folder)   tokenizer_config.json (or chat_template.jinja) beside tokenizer.json,
                            through jinja2 (the `templates` extra), or a tekken.json
    packaged_template(name) a Mistral vocabulary that mistral-common ships (the `mistral` extra)

A template is a program from somewhere else: it runs in jinja2's immutable sandbox, in a process of
its own (`rendering.py`), with a limit on its work, on the memory that it holds and on the text that
it makes. A template beyond them is an error.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypedDict

from multitok.core.boundary import boundary
from multitok.core.errors import PayloadError, SourceError
from multitok.core.extras import installed, optional, require
from multitok.core.media import Text
from multitok.core.registry import build
from multitok.core.schema import misfit, parsed
from multitok.requests.payloads.parts import Request
from multitok.requests.rendering import RenderError, rendered

Message = Mapping[str, str]


class ChatTemplate(Protocol):
    """Counts a conversation whole, and a text alone, in one vocabulary."""

    @property
    def source(self) -> str: ...

    def text(self, text: str) -> int:
        """Tokens of a text by itself."""

    def conversation(self, messages: Sequence[Message], tools: Sequence[Any]) -> int:
        """Tokens of messages and tools in their frame, with the beginning of the answer."""


def conversation_of(request: Request) -> tuple[list[dict[str, str]], list[str]]:
    """Messages as role and text, and the texts in them; media have rules of their own."""
    given: list[dict[str, str]] = []
    inside: list[str] = []
    places = {message.path: i for i, message in enumerate(request.messages)}
    texts: list[list[str]] = [[] for _ in request.messages]
    system: list[str] = []
    for part in request.parts:
        if part.text is None or part.what not in ("text", "system", "tool result"):
            continue
        at = next((i for path, i in places.items() if _below(part.path, path)), None)
        if at is None and part.what != "system":
            continue
        (system if at is None else texts[at]).append(part.text)
        inside.append(part.text)
    if system:
        given.append({"role": "system", "content": "\n".join(system)})
    given += [
        {"role": message.role, "content": "".join(found)}
        for message, found in zip(request.messages, texts, strict=True)
    ]
    return given, inside


def _below(path: str, message: str) -> bool:
    return path == message or path.startswith((message + ".", message + "["))


class _Template(TypedDict):
    """One of several in a file."""

    name: str
    template: str


class _Config(TypedDict, total=False):
    """Of a tokenizer_config.json."""

    chat_template: str | list[_Template] | None


def open_template(path: str | Path) -> ChatTemplate:
    """The template in a folder or a file. SourceError says what lacks."""
    with boundary("reading", path):
        return _open(Path(path))


def _open(given: Path) -> ChatTemplate:
    if given.name.startswith("tekken") and given.suffix == ".json":
        return _mistral(str(given))
    folder = given if given.is_dir() else given.parent
    vocabulary = folder / "tokenizer.json"
    if not vocabulary.is_file():
        raise SourceError(f"{folder}: a chat template needs its tokenizer.json", source=str(folder))
    config = _config(folder / "tokenizer_config.json")
    own = folder / "chat_template.jinja"
    template = _text(own) if own.is_file() else config.get("chat_template")
    if isinstance(template, list):  # several, by name
        template = next((t["template"] for t in template if t["name"] == "default"), None)
    if not isinstance(template, str):
        raise SourceError(
            f"{folder}: no chat_template in tokenizer_config.json and no chat_template.jinja",
            source=str(folder),
        )
    special = {
        name: value.get("content", "") if isinstance(value, Mapping) else value
        for name, value in config.items()
        if name.endswith("_token") and isinstance(value, str | Mapping)
    }
    counter = build("hf", {"path": str(vocabulary), "add_special_tokens": False})
    return JinjaTemplate(template, special, str(folder), lambda text: counter.count(Text(text)))


def _config(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = parsed(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: {error}", source=str(path)) from None
    if why := misfit(found, _Config, ""):
        raise SourceError(f"{path}: {why}", source=str(path))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 text ({error})", source=str(path)) from None


@dataclass(frozen=True)
class JinjaTemplate:
    """A chat_template of transformers, rendered as it renders it."""

    template: str = field(repr=False)
    special: Mapping[str, str]
    name: str
    count: Callable[[str], int] = field(repr=False)

    @property
    def source(self) -> str:
        return f"the chat template of {self.name}"

    def text(self, text: str) -> int:
        return self.count(text)

    def conversation(self, messages: Sequence[Message], tools: Sequence[Any]) -> int:
        return self.count(self.render(messages, tools))

    def render(self, messages: Sequence[Message], tools: Sequence[Any] = ()) -> str:
        """The conversation as text. PayloadError where the template refuses it, or runs away."""
        if not installed("jinja2"):  # it is imported where the template runs
            require("jinja2", extra="templates", purpose="rendering chat templates")
        values = {
            "messages": [dict(message) for message in messages],
            "tools": list(tools) or None,
            "add_generation_prompt": True,
            **self.special,
        }
        try:
            return rendered(self.template, values)
        except RenderError as error:
            raise PayloadError(f"{self.name}: its chat template {error}", path="") from None


@dataclass(frozen=True)
class MistralTemplate:
    """mistral-common's own encoding of a chat: the ids that the model is sent."""

    path: str

    @property
    def source(self) -> str:
        from importlib.metadata import version

        return f"mistral-common {version('mistral-common')}, {os.path.basename(self.path)}"

    def text(self, text: str) -> int:
        inner = _tekken(self.path).instruct_tokenizer.tokenizer
        return len(inner.encode(text, bos=False, eos=False))

    def conversation(self, messages: Sequence[Message], tools: Sequence[Any]) -> int:
        request = require(
            "mistral_common.protocol.instruct.request", extra="mistral", package="mistral-common",
            purpose="Mistral chats",
        )  # fmt: skip
        given = [dict(message) for message in messages]
        try:
            asked = request.ChatCompletionRequest.from_openai(
                messages=given, tools=list(tools) or None
            )
            return len(_tekken(self.path).encode_chat_completion(asked).tokens)
        except Exception as error:  # its many validation errors share no base
            raise PayloadError(f"mistral-common refuses the chat: {error}", path="") from None


@lru_cache(maxsize=4)
def _tekken(path: str) -> Any:
    module = require(
        "mistral_common.tokens.tokenizers.mistral", extra="mistral", package="mistral-common",
        purpose="Mistral chats",
    )  # fmt: skip
    try:
        return module.MistralTokenizer.from_file(path)
    except (OSError, ValueError, KeyError) as error:
        raise SourceError(f"{path}: not a tekken.json ({error})", source=path) from None


def _mistral(path: str) -> MistralTemplate:
    _tekken(path)
    return MistralTemplate(path)


def packaged_template(name: str) -> ChatTemplate | None:
    """A vocabulary by its name in mistral-common's data, when that is installed."""
    package = optional("mistral_common")
    if package is None or package.__file__ is None:
        return None
    path = Path(package.__file__).parent / "data" / f"{name}.json"
    return _mistral(str(path)) if path.is_file() else None

"""A model's own chat template: the frame around messages and tools, exact for open models.

    open_template(folder)   tokenizer_config.json (or chat_template.jinja) beside tokenizer.json,
                            through jinja2's sandbox (the `templates` extra), or a tekken.json
    packaged_template(name) a Mistral vocabulary that mistral-common ships (the `mistral` extra)

A template is a program from somewhere else: it runs in jinja2's immutable sandbox, with a limit on
its steps and on the size of what it makes, and a template beyond them is an error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, TypedDict

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, PayloadError, SourceError
from multitok.core.extras import optional, require
from multitok.core.media import Text
from multitok.core.registry import build
from multitok.core.schema import misfit, parsed
from multitok.requests.payloads.parts import Request

Message = Mapping[str, str]

STEPS = 2_000_000
"""Lines a template may run: a conversation of 10,000 messages takes some 200,000."""

CHARACTERS = 50_000_000
"""The longest text a template may make, or hold on the way."""

_UNSAFE = frozenset({"ljust", "rjust", "center", "zfill", "expandtabs", "format", "format_map"})
_FILTERS_LEFT_OUT = ("center", "wordwrap", "format", "xmlattr", "pprint")


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
        require("jinja2", extra="templates", purpose="rendering chat templates")
        made: list[str] = []
        size = 0
        try:
            with _limited():
                compiled = _environment().from_string(self.template)
                pieces = compiled.generate(
                    messages=[dict(message) for message in messages],
                    tools=list(tools) or None,
                    add_generation_prompt=True,
                    **self.special,
                )
                for piece in pieces:
                    made.append(piece)
                    size += len(piece)
                    if size > CHARACTERS:
                        raise _Beyond(f"makes more than {CHARACTERS:,} characters")
        except MultitokError:
            raise
        except Exception as error:  # a template is a program: it raises whatever it likes
            raise PayloadError(f"{self.name}: its chat template {_why(error)}", path="") from None
        return "".join(made)


def _why(error: BaseException) -> str:
    return str(error) if isinstance(error, _Beyond) else f"failed: {error}"


class _Beyond(Exception):
    """A template over its limits."""


@contextmanager
def _limited() -> Iterator[None]:
    """Count the lines that run in this thread, and look at what their variables hold."""
    left = STEPS
    before = sys.gettrace()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != "<template>":
            return None
        left -= 1
        if left < 0:
            raise _Beyond(f"runs more than {STEPS:,} steps")
        if any(_size(value) > CHARACTERS for value in frame.f_locals.values()):
            raise _Beyond(f"holds more than {CHARACTERS:,} characters")
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def _size(value: Any) -> int:
    """Of a text or a list, and of the variables of a namespace()."""
    if isinstance(value, str | list | tuple):
        return len(value)
    inner = getattr(value, "_Namespace__attrs", None)
    return max(map(_size, inner.values()), default=0) if isinstance(inner, dict) else 0


@lru_cache(maxsize=1)
def _environment() -> Any:
    """As transformers makes it, with less in it."""
    sandbox = require("jinja2.sandbox", extra="templates", purpose="rendering chat templates")

    class Sandbox(sandbox.ImmutableSandboxedEnvironment):  # type: ignore[misc,name-defined]
        intercepted_binops = frozenset({"*", "**", "%", "+"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            numbers = isinstance(left, int | float) and isinstance(right, int | float)
            if operator == "+":
                if not numbers and _size(left) + _size(right) > CHARACTERS:
                    raise _Beyond(f"holds more than {CHARACTERS:,} characters")
            elif not numbers or (operator == "**" and abs(right) > 64):
                raise _Beyond(f"uses {operator} on something other than small numbers")
            return super().call_binop(context, operator, left, right)

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return attr not in _UNSAFE and bool(super().is_safe_attribute(obj, attr, value))

    environment = Sandbox(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    for name in _FILTERS_LEFT_OUT:
        environment.filters.pop(name, None)
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = _now
    return environment


def _to_json(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=min(indent, 8) if indent else None)


def _raise(message: str) -> None:
    raise ValueError(message)


def _now(form: str) -> str:
    from datetime import datetime

    return datetime.now().strftime(str(form)[:100])


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

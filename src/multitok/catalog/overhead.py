"""What a request costs beyond its contents, as a catalogue row states it: typed when it is read.

    chat     tokens around each message and before the answer
    turns    the same, where only the number of messages decides
    control  the same, where control tokens stand around everything
    tools    how tools are written, and the tokens around them
    prompt   the system text that one or more tools bring with them
    beside     tokens beside each picture, sound, text to embed and text for a guardrail
    documents  tokens beside each document
    signatures  tokens of thinking that is replayed and cannot be read

Each says its kind, its source and the day it was checked, as a rule does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, TypeVar

from multitok.catalog.lifecycle import day_of
from multitok.core.counts import KINDS, Kind
from multitok.core.errors import UnknownNameError


@dataclass(frozen=True, kw_only=True)
class Stated:
    """How a number is known: `bills` that met it, of so many; `error` as factors around it, and
    tokens `beyond` them that a bill may have each time."""

    kind: Kind = "documented"
    source: str = ""
    checked: str | None = None
    notes: tuple[str, ...] = ()
    bills: tuple[int, int] | None = None
    error: tuple[float, float] | None = None
    beyond: int = 0


@dataclass(frozen=True, kw_only=True)
class ChatFrame(Stated):
    """Tokens around messages: for each, for its name where it has one, and before the answer; and
    such that bills of Responses may have beyond. `forgets` is 1 where earlier thinking is left
    out."""

    per_message: int
    per_name: int
    reply: int
    per_assistant: int = 0
    responses_beyond: int = 0
    forgets: int = 0


@dataclass(frozen=True, kw_only=True)
class TurnFrame(Stated):
    """Tokens around a conversation: for its first message, for each further one, with a system
    text, where the assistant speaks first (`leading`), where the model is asked to think, around a
    `thought`, and where it is told the `budget` of a task. `forgets` is 1 where earlier thinking is
    left out."""

    first: int
    further: int
    system: int = 0
    leading: int = 0
    thinking: int = 0
    adaptive: int = 0
    thought: int = 0
    budget: int = 0
    forgets: int = 0


@dataclass(frozen=True, kw_only=True)
class ControlFrame(Stated):
    """Control tokens: at the `begin`, around each turn by its role, around the tools, a call, a
    result and a thought; of the system text that stands where a request has none (`unsaid`).
    `forgets` is 1 where earlier thinking is left out, `unthinking` what is said where the model is
    told not to think, `bos` what begins a text without messages, and `fim` what stands around code
    that is to be filled in."""

    begin: int
    system: int
    user: int
    assistant: int
    tools: int
    call: int
    result: int
    thinking: int
    unsaid: int = 0
    forgets: int = 0
    unthinking: int = 0
    bos: int = 0
    fim: int = 0


@dataclass(frozen=True, kw_only=True)
class NamespaceTools(Stated):
    """Tools as a TypeScript namespace: tokens beside it where it stands `alone` or in a `system`
    text, by endpoint; for a tool that must be called, for a result (and more of Responses), for
    `several` calls at once, beside the `schema` of an answer, and for one that is any JSON."""

    alone: int
    system: int
    responses_alone: int
    responses_system: int
    choice: int
    result: int
    several: int
    responses_result: int = 0
    schema_alone: int = 0
    schema_system: int = 0
    responses_schema: int = 0
    any_json: int = 0


@dataclass(frozen=True, kw_only=True)
class FunctionTools(Stated):
    """Tools as `<function>` lines of JSON, calls as `<invoke>`: tokens beside the prompt that they
    bring (and with a `system` text), for a tool that must be called, for a `call` with its result,
    for each of `several` calls at once, for the schema of an answer, and for a `reference` to a
    tool that was found. `defers` is 1 where a deferred tool is not written before it is found."""

    extra: int
    system: int
    choice: int
    call: int
    several: int
    schema: int
    reference: int = 0
    defers: int = 0


@dataclass(frozen=True, kw_only=True)
class DeclaredTools(Stated):
    """Tools as compact JSON (`bare` 0) or as their words alone (1): tokens beside each that has
    parameters, and beside all of them."""

    bare: int
    per_schema: int
    once: int


@dataclass(frozen=True, kw_only=True)
class Beside(Stated):
    """Tokens beside each picture and sound, each text that stands in no message (those to embed),
    and each that a guardrail is shown."""

    image: int = 0
    audio: int = 0
    text: int = 0
    guarded: int = 0


@dataclass(frozen=True, kw_only=True)
class Documents(Stated):
    """Tokens beside each document: of plain text, and a PDF sent to OpenAI's Chat Completions."""

    text: int = 0
    chat_pdf: int = 0


@dataclass(frozen=True, kw_only=True)
class Signatures(Stated):
    """Replayed thinking that only the provider can read, by the length of its signature: tokens for
    a thousand characters, since the last question. Of earlier turns it is no part of the prompt,
    but where `kept` is 1."""

    per_thousand: int
    kept: int = 0


@dataclass(frozen=True, kw_only=True)
class ToolPrompt(Stated):
    """The system text that tools bring: where the model may use one, and where it must."""

    tools_auto: int
    tools_any: int


@dataclass(frozen=True, kw_only=True)
class Overhead:
    """What requests of one model add. `mistral_common` names the version of Mistral's own library
    whose chat template frames the messages exactly."""

    chat: ChatFrame | None = None
    turns: TurnFrame | None = None
    control: ControlFrame | None = None
    tools: NamespaceTools | FunctionTools | DeclaredTools | None = None
    beside: Beside | None = None
    documents: Documents | None = None
    signatures: Signatures | None = None
    prompt: ToolPrompt | None = None
    mistral_common: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As a row writes it: `overhead_of` inverts it."""
        frames = {
            "chat": self.chat, "turns": self.turns, "control": self.control, "tools": self.tools,
            "beside": self.beside, "documents": self.documents,
            "signatures": self.signatures,
        }  # fmt: skip
        table: dict[str, Any] = {
            name: _written(frame) for name, frame in frames.items() if frame is not None
        }
        table |= _written(self.prompt) if self.prompt is not None else {}
        return table | ({"mistral_common": self.mistral_common} if self.mistral_common else {})


def _written(stated: Stated) -> dict[str, Any]:
    """The fields of a frame that say something."""
    unsaid = ("bills", "error")
    names = [name for name, cls in FORMS.items() if type(stated) is cls]
    form = {"form": names[0]} if names else {}
    said = {key: x for key, x in asdict(stated).items() if key not in unsaid or x is not None}
    return form | said


NOTHING = Overhead()
_TABLES: Mapping[str, type[Stated]] = {
    "chat": ChatFrame,
    "turns": TurnFrame,
    "control": ControlFrame,
    "beside": Beside,
    "documents": Documents,
    "signatures": Signatures,
}
FORMS: Mapping[str, type[Stated]] = {
    "namespace": NamespaceTools,
    "functions": FunctionTools,
    "declarations": DeclaredTools,
}
_STATED = tuple(f.name for f in fields(Stated))
_PROMPT = {f.name for f in fields(ToolPrompt)}
_KEYS = (*_TABLES, "tools", "tools_auto", "tools_any", "mistral_common", *_STATED)
StatedT = TypeVar("StatedT", bound=Stated)


def overhead_of(table: Mapping[str, Any], where: str = "overhead") -> Overhead:
    """The typed form of a row's `overhead`; ValueError says which key is wrong and what fits.

    `tools_auto` and `tools_any` stand in the table itself, with the kind and source beside them.

    >>> overhead_of({"chat": {"per_message": 3, "per_name": 1, "reply": 3}}).chat.reply
    3
    """
    for key in table:
        if key not in _KEYS:
            raise _unknown(where, key, _KEYS)
    frames: dict[str, Any] = {}
    for name, cls in _TABLES.items():
        if name in table:
            frames[name] = _stated(cls, table[name], f"{where}.{name}")
    if "tools" in table:
        frames["tools"] = _tools(table["tools"], f"{where}.tools")
    own = {key: value for key, value in table.items() if key in _PROMPT}
    check_stated(own, where)
    if own.keys() - set(_STATED):
        frames["prompt"] = _stated(ToolPrompt, own, where)
    if (template := table.get("mistral_common")) is not None:
        if not isinstance(template, str):
            raise ValueError(f"{where}.mistral_common must be a string, got {template!r}")
        frames["mistral_common"] = template
    return Overhead(**frames)


def laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A row's overhead on that of its file, frame by frame. Bills met the numbers that they met:
    where a row has another number, or another kind, it has none of them but its own. The range of
    the file's error stays: nothing shows that another number lies nearer to its bills.

    >>> file = {"chat": {"reply": 3, "kind": "observed", "bills": [9, 9]}}
    >>> laid_over(file, {"chat": {"reply": 2}})
    {'chat': {'reply': 2, 'kind': 'estimate'}}
    """
    laid = {**base, **over}
    other = any(
        not isinstance(value, Mapping) and value != base.get(key)
        for key, value in over.items()
        if key == "kind" or key not in _STATED
    )
    if other and base:
        laid = {key: x for key, x in laid.items() if key in over or key != "bills"}
        if laid.get("kind") == "observed" and "bills" not in over:
            laid["kind"] = "estimate"
    for key, frame in over.items():
        if isinstance(frame, Mapping) and isinstance(base.get(key), Mapping):
            laid[key] = laid_over(base[key], frame)
    return laid


def _tools(table: Any, where: str) -> Stated:
    """The numbers of the form that tools are written in."""
    if not isinstance(table, Mapping):
        raise ValueError(f"{where} must be a table, got {table!r}")
    form = table.get("form", "")
    if form not in FORMS:
        raise ValueError(f"{where}.form must be one of {', '.join(FORMS)}, got {form!r}")
    return _stated(FORMS[form], {k: v for k, v in table.items() if k != "form"}, where)


def _stated(cls: type[StatedT], table: Any, where: str) -> StatedT:
    if not isinstance(table, Mapping):
        raise ValueError(f"{where} must be a table, got {table!r}")
    names = {f.name: f.default is MISSING for f in fields(cls)}
    check_stated(table, where)
    for key, value in table.items():
        if key not in names:
            own = tuple(name for name in names if name not in _STATED)
            raise _unknown(where, key, (*own, *_STATED))
        if key not in _STATED and not _is_whole(value):  # below 0 too: -3 for a list of values
            raise ValueError(f"{where}.{key} must be a whole number, got {value!r}")
    if table.get("kind") == "observed" and "bills" not in table:
        raise ValueError(f"{where} is observed by bills = [met, of]: without them, an estimate")
    lacking = [name for name, needed in names.items() if needed and name not in table]
    if lacking:
        raise ValueError(f"{where} needs {', '.join(lacking)}: whole numbers")
    lists = ("notes", "bills", "error")
    plain: Any = {key: tuple(value) if key in lists else value for key, value in table.items()}
    return cls(**plain)


def check_stated(table: Mapping[str, Any], where: str) -> None:
    """ValueError where a kind, a source, a day or notes are none: in an overhead as in a rule."""
    for key, (what, holds) in _STATED_TYPES.items():
        if key in table and not holds(table[key]):
            raise ValueError(f"{where}.{key} must be {what}, got {table[key]!r}")


def _are_bills(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(map(_is_whole, value)):
        return False
    met, of = value
    return bool(0 <= met <= of and of > 0)


def _are_factors(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return False
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in value):
        return False
    return bool(0 <= value[0] <= 1 <= value[1] < float("inf"))


def _are_notes(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(note, str) for note in value)


_STATED_TYPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "kind": (f"one of {', '.join(KINDS)}", lambda value: value in KINDS),
    "source": ("a string", lambda value: isinstance(value, str)),
    "checked": ("a day, YYYY-MM-DD", lambda value: day_of(value) is not None),
    "notes": ("a list of strings", _are_notes),
    "bills": ("two whole numbers: bills that met it, of so many", _are_bills),
    "error": ("two factors around the number, such as [0.9, 1.2]", _are_factors),
}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unknown(where: str, key: str, names: tuple[str, ...]) -> ValueError:
    known = f"There are: {', '.join(names)}"
    return ValueError(
        str(UnknownNameError.because(f"{where}: unknown key {key!r}", key, names, known))
    )

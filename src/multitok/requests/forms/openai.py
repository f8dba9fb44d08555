"""OpenAI's prompts: tools as a TypeScript namespace in the system text, calls as messages to it.

    # Tools

    ## functions

    namespace functions {

    // The weather of a place.
    type weather = (_: {
    // Where
    place: string,
    days?: number, // default: 1
    }) => any;

    } // namespace functions

Found in recorded bills of 2025 and 2026; no page says so. The numbers stand in openai.toml.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from multitok.catalog.overhead import ChatFrame, NamespaceTools
from multitok.requests.forms.frame import TEXTS, Form, Framed, Written
from multitok.requests.payloads.parts import Message, Part, compact

HEAD = "# Tools\n\n## functions\n\nnamespace functions {\n\n"
TAIL = "\n\n} // namespace functions"
DEEPEST = 6
"""References that are followed into one another: a schema may refer to itself."""


@dataclass(frozen=True, eq=False)
class OpenAIForm(Form):
    """Chat Completions and Responses."""

    chat: ChatFrame
    numbers: NamespaceTools

    @property
    def responses(self) -> bool:
        return self.request.endpoint == "responses"

    @cached_property
    def blocks(self) -> Mapping[str, str]:
        """Each tool as it stands in the namespace, by its path."""
        return {part.path: declared(part.tool) for part in self.defined if part.tool is not None}

    def written(self, part: Part) -> Written | None:
        if part.tool is not None:
            return Written(self.tokens(self.blocks[part.path]), self.numbers)
        if part.what == "tool call":
            return Written(
                1 + self.tokens(f" to=functions.{part.name}") + self.tokens(part.text or ""),
                self.numbers,
            )
        if part.what == "response format":
            return Written(self._answer(part), self.numbers, "estimate")
        return super().written(part)

    def _answer(self, part: Part) -> int:
        """The schema of an answer: compact JSON without what only its checking needs, under its
        name and its description, beside the system text or in a message of its own."""
        said = part.given if isinstance(part.given, Mapping) else {}
        schema = said.get("schema", part.given)
        about = said.get("description")
        if not about and isinstance(schema, Mapping) and schema.get("description"):
            about = schema["description"]
            schema = {key: value for key, value in schema.items() if key != "description"}
        head = f"# Response Formats\n\n## {part.name or ''}\n\n{_comment(str(about or ''))}"
        numbers = self.numbers
        system = any(m.role in ("system", "developer") for m in self.request.messages)
        beside = numbers.schema_system if system else numbers.schema_alone
        if self.responses:
            beside = numbers.responses_schema
        return max(0, self.tokens(head + _plain(schema)) + beside)

    def frames(self) -> Iterator[Framed]:
        if self.request.messages:
            chat, numbers = self.chat, self.numbers
            if self.responses and chat.responses_beyond:
                chat = replace(chat, beyond=chat.responses_beyond)
            yield Framed("messages", "framing", chat.reply + sum(self._messages()), chat)
            if self.request.any_json and numbers.any_json:
                yield Framed("response_format", "framing of the answer", numbers.any_json, numbers)
        if self.defined:
            yield Framed("tools", "tool framing", self._tools(), self.numbers)

    def _messages(self) -> Iterator[int]:
        """Three tokens and the role's own for each; a call is a message of its own."""
        n = self.tokens
        role = cache(n)  # the same few words again and again
        for message in self.request.messages:
            inside = self.inside[message.path]
            calls = [part for part in inside if part.what == "tool call"]
            if message.role in ("tool", "function"):
                name = next((part.name for part in inside if part.name), message.name)
                yield self.chat.per_message + n(f"functions.{name or 'x'}") + self.numbers.result
                yield self.numbers.responses_result if self.responses else 0
                continue
            yield self._seams(message)
            if len(calls) < len(inside) or not calls:
                yield self.chat.per_message + role(message.role)
                if message.name is not None:
                    yield self.chat.per_name + n(message.name)
                if message.role == "assistant":
                    yield self.chat.per_assistant
            yield self.chat.per_message * len(calls)
            if len(calls) > 1:
                yield self.numbers.several

    def _seams(self, message: Message) -> int:
        """Adjacent texts of a message are one text: what they cost less, or more, than apart."""
        apart = [p.text for p in self.inside[message.path] if p.text and p.what in TEXTS]
        if len(apart) < 2:
            return 0
        return self.tokens("".join(apart)) - sum(map(self.tokens, apart))

    def _tools(self) -> int:
        """The namespace around the tools, in the first system text or in one of its own."""
        numbers, n = self.numbers, self.tokens
        text = HEAD + "\n\n".join(self.blocks.values()) + TAIL
        system = next((m for m in self.request.messages if m.role in ("system", "developer")), None)
        if system is not None:
            before = self.texts(system)
            whole = n(f"{before}\n\n{text}") - n(before) if before else n(text)
            whole += numbers.responses_system if self.responses else numbers.system
        else:
            whole = self.chat.per_message + 1 + n(text)
            whole += numbers.responses_alone if self.responses else numbers.alone
        whole -= sum(_uncommented(part.tool) for part in self.defined if part.tool is not None)
        if self.request.tool_name is not None and not self.responses:
            whole += n(f" to=functions.{self.request.tool_name}") + numbers.choice
        return whole - sum(n(block) for block in self.blocks.values())


def declared(tool: Mapping[str, Any]) -> str:
    """A function as a TypeScript type.

    >>> print(declared({"name": "f", "description": "Does.", "parameters": {"type": "object",
    ...     "properties": {"a": {"type": "string", "description": "An a"}}, "required": ["a"]}}))
    // Does.
    type f = (_: {
    // An a
    a: string,
    }) => any;
    """
    head = _comment(str(tool.get("description") or ""))
    schema = tool.get("parameters")
    if not isinstance(schema, Mapping) or not isinstance(schema.get("properties"), Mapping):
        return f"{head}type {tool['name']} = () => any;"
    if not schema["properties"]:
        return f"{head}type {tool['name']} = () => any;"
    defs = schema.get("$defs") or schema.get("definitions")
    known = defs if isinstance(defs, Mapping) else {}
    about = _comment(str(schema.get("title") or "")) + _comment(
        str(schema.get("description") or "")
    )
    return f"{head}type {tool['name']} = (_: {about}{{\n{_body(schema, known, 1)}\n}}) => any;"


def _comment(text: str) -> str:
    return "".join(f"// {line}\n" for line in text.split("\n")) if text else ""


def _body(schema: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> str:
    """The properties, one after another."""
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    lines = []
    for name, given in schema["properties"].items():
        if not isinstance(given, Mapping):
            continue
        one = _followed(given, known)
        line = _comment(str(one.get("title") or "")) + _comment(str(one.get("description") or ""))
        optional = "" if name in needed else "?"
        line += f"{name}{optional}: {_type(one, known, depth)},"
        default = one.get("default")
        if default is not None:
            line += f" // default: {default if isinstance(default, str) else json.dumps(default)}"
        lines.append(line)
    return "\n".join(lines)


def _followed(given: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """A reference with what stands beside it."""
    where = given.get("$ref")
    if not isinstance(where, str):
        return given
    found = known.get(where.rpartition("/")[2])
    beside = {key: value for key, value in given.items() if key != "$ref"}
    return {**(found if isinstance(found, Mapping) else {}), **beside}


def _type(given: Any, known: Mapping[str, Any], depth: int) -> str:
    """A schema as a type; what none says is `any`."""
    if not isinstance(given, Mapping) or depth > DEEPEST:
        return "any"
    if "$ref" in given:
        return _type(_followed(given, known), known, depth + 1)
    if isinstance(given.get("enum"), list):
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in given["enum"])
    if "const" in given:
        return json.dumps(given["const"], ensure_ascii=False)
    for key in ("anyOf", "oneOf"):
        if isinstance(given.get(key), list):
            return " | ".join(_type(one, known, depth) for one in given[key])
    both = given.get("allOf")
    if isinstance(both, list) and len(both) == 1:
        return _type(both[0], known, depth)
    return _plain_type(given, known, depth)


def _plain_type(given: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> str:
    kind = given.get("type")
    if isinstance(kind, list):
        return " | ".join(_plain_type({**given, "type": one}, known, depth) for one in kind)
    if kind == "integer":
        return "number"
    if kind in ("string", "boolean", "null", "number"):
        return str(kind)
    if kind == "array":
        return (_type(given["items"], known, depth) if given.get("items") else "any") + "[]"
    properties = given.get("properties")
    if isinstance(properties, Mapping) and properties:
        return "{\n" + _body(given, known, depth + 1) + "\n}"
    return "object" if kind == "object" else "any"


def _uncommented(tool: Mapping[str, Any]) -> bool:
    """Whether the first property of a tool stands without a comment: a token less, in all bills."""
    schema = tool.get("parameters")
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    first = next(iter(properties.values()), None) if isinstance(properties, Mapping) else None
    return isinstance(first, Mapping) and not (first.get("description") or first.get("title"))


def _plain(schema: Any) -> str:
    """A schema as JSON without what only its checking needs."""

    def bare(node: Any) -> Any:
        if isinstance(node, Mapping):
            return {
                key: _each(value, bare) if key == "properties" else bare(value)
                for key, value in node.items()
                if key not in ("additionalProperties", "required")
            }
        return (
            [bare(one) for one in node]
            if isinstance(node, Sequence) and not isinstance(node, str)
            else node
        )

    return compact(bare(schema))


def _each(properties: Any, bare: Callable[[Any], Any]) -> Any:
    """The properties by their names, whatever these are."""
    if not isinstance(properties, Mapping):
        return properties
    return {name: bare(one) for name, one in properties.items()}

"""Google's prompts: declarations of functions as JSON, or as their bare words.

Gemini 2.5 and later are given compact JSON; 2.0 and earlier, and Vertex AI, the names, descriptions
and types alone, each a text of its own. The schema of an answer is not billed, but that in Google's
own types (`responseSchema`) by 2.0, whose words are. Found in recorded bills of 2025 and 2026, with
Gemma 3's vocabulary; no page says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from multitok.catalog.overhead import DeclaredTools, Signatures
from multitok.requests.forms.frame import Form, Framed, Written
from multitok.requests.payloads.parts import Part, compact

UNREAD = "the thinking that the provider reads in: a guess by the length of its signature"
TYPES = ("", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
"""Google's own types by their numbers, as protobuf writes them."""
_CHECKED_ALONE = ("additionalProperties", "title")
"""What of a schema is not written into the prompt."""


@dataclass(frozen=True, eq=False)
class GeminiForm(Form):
    """generateContent."""

    numbers: DeclaredTools

    def written(self, part: Part) -> Written | None:
        if part.what == "response format" and self.numbers.bare and part.path == "responseSchema":
            return Written(self._words(part.given), self.numbers, "estimate")
        if part.what == "response format":
            note = "not billed: a schema of the answer is no part of the prompt"
            return Written(0, self.numbers, notes=(note,))
        if part.what == "signature" and self.overhead.signatures is not None:
            return self._signed(part, self.overhead.signatures)
        if part.tool is not None:
            return Written(self._declared(part.tool), self.numbers)
        if part.what in ("tool call", "tool result") and part.name is not None:
            return Written(self._said(part.name, part.value), self.numbers)
        return None

    def frames(self) -> Iterator[Framed]:
        yield from super().frames()
        if self.defined and self.numbers.once:
            yield Framed("tools", "tool framing", self.numbers.once, self.numbers)

    def _signed(self, part: Part, signatures: Signatures) -> Written:
        """Thinking is read in while its question is answered, and by some models later, too."""
        if self.earlier(part) and not signatures.kept:
            return Written(0, signatures, notes=("thinking of an earlier turn is not billed",))
        tokens = part.given * signatures.per_thousand // 1000
        return Written(
            tokens, signatures, "unknown" if signatures.per_thousand else None, (UNREAD,)
        )

    def _declared(self, tool: Mapping[str, Any]) -> int:
        if self.numbers.bare:
            words = self.tokens(tool["name"]) + self.tokens(tool["description"])
            return words + (0 if _is_empty(tool["parameters"]) else self._words(tool["parameters"]))
        said = {"name": tool["name"]}
        if tool["description"]:
            said["description"] = tool["description"]
        if tool["parameters"]:
            said["parameters"] = _plain(tool["parameters"])
        described = isinstance(tool["parameters"], Mapping) and tool["parameters"].get("properties")
        return self.tokens(compact(said)) + (self.numbers.per_schema if described else 0)

    def _said(self, name: str, given: Any) -> int:
        """A call or its result."""
        if not self.numbers.bare:
            return self.tokens(compact({"name": name, "args": given}))
        return self.tokens(name) + self._strings(given)

    def _strings(self, given: Any) -> int:
        """The keys and texts of a value, each by itself."""
        if isinstance(given, str):
            return self.tokens(given)
        if isinstance(given, Mapping):
            return sum(self.tokens(key) + self._strings(value) for key, value in given.items())
        return sum(map(self._strings, given)) if isinstance(given, list) else 0

    def _words(self, schema: Any) -> int:
        """The names, types, descriptions and choices of a schema, each by itself."""
        if not isinstance(schema, Mapping):
            return 0
        tokens = 0
        for key, value in schema.items():
            if key == "properties" and isinstance(value, Mapping):
                tokens += sum(self.tokens(name) + self._words(one) for name, one in value.items())
            elif key in ("$defs", "definitions") and isinstance(value, Mapping):
                tokens += sum(map(self._words, value.values()))
            elif key == "type" and type(value) is int and 0 < value < len(TYPES):
                tokens += self.tokens(TYPES[value])
            elif key in ("type", "description", "format") and isinstance(value, str):
                tokens += self.tokens(value)
            elif key in ("enum", "required") and isinstance(value, list):
                tokens += sum(self.tokens(str(one)) for one in value)
            elif key in ("anyOf", "any_of", "oneOf", "allOf") and isinstance(value, list):
                tokens += sum(map(self._words, value))
            elif key == "items":
                tokens += self._words(value)
        return tokens


def _is_empty(schema: Any) -> bool:
    """Whether it is the JSON Schema of a function without parameters, which bills of Vertex AI have
    nothing for ([endpoints.vertex_ai] of google.toml); OBJECT, of Google's own types, is a word
    like any other."""
    if not isinstance(schema, Mapping):
        return False
    return schema.get("type") == "object" and not schema.get("properties")


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _plain(value) for key, value in node.items() if key not in _CHECKED_ALONE}
    return [_plain(one) for one in node] if isinstance(node, list) else node

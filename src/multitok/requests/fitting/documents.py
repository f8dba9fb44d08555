"""Long texts that a request brings along: documents, and what tools answered.

Their beginning is kept, up to the end of a paragraph, a line or a word, and a mark says that
something is missing. What people and models said themselves is never cut.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.core.info import TextInfo
from multitok.loaders.base64_file import Base64File
from multitok.requests.fitting.places import Place, text_at, value_at
from multitok.requests.payloads.parts import Encoded, Part

if TYPE_CHECKING:
    from multitok.requests.counted import RequestPart

BROUGHT = ("document", "tool result", "search result")
"""What a part of such a text is called."""
LEAST_TEXT = 2000
"""Characters that are kept of each: about a page."""
MARK = "\n[cut]"
"""What ends a text that was cut."""
_NEAR = 0.8
"""A paragraph or a line ends the text where that leaves at least this share of what may stay."""


@dataclass(frozen=True)
class Document:
    """A text inside a payload that is longer than LEAST_TEXT.

    place  where it stands
    head   of a file in base64, what stands in front of it: a data URL has words there
    """

    path: str
    what: str
    place: Place
    text: str
    head: str | None = None

    @classmethod
    def of(cls, payload: Any, part: Part, counted: RequestPart) -> Document | None:
        """The document of a part; None where it is none, or short."""
        if isinstance(part.data, Encoded) and isinstance(counted.info, TextInfo):
            return cls._of_file(payload, part, part.data)
        if part.text is None or part.what not in BROUGHT or len(part.text) <= LEAST_TEXT:
            return None
        said = part.text
        place = text_at(payload, part.path, lambda text: text == said) or text_at(
            payload, part.path, lambda text: len(text) > LEAST_TEXT and _spelled(text) in said
        )
        if place is None:
            return None
        text = str(value_at(payload, place))
        return cls(part.path, part.what, place, text) if len(text) > LEAST_TEXT else None

    @classmethod
    def _of_file(cls, payload: Any, part: Part, data: Encoded) -> Document | None:
        place = text_at(payload, part.path, lambda text: text == data.text)
        try:
            text = Base64File(data.text, data.start, name=part.path).read().decode("utf-8")
        except (SourceError, ValueError):
            return None
        if place is None or len(text) <= LEAST_TEXT:
            return None
        return cls(part.path, "document", place, text, data.text[: data.start])

    def value(self, text: str) -> str:
        """What stands in the payload for a text in its place."""
        if self.head is None:
            return text
        return self.head + b64encode(text.encode("utf-8")).decode("ascii")


def shortened(text: str, length: int) -> str:
    """The beginning of a text within `length` characters, and the mark; the text itself where it
    is not longer.

    >>> shortened("one two three\\n\\nfour five", 22)
    'one two three\\n[cut]'
    """
    if len(text) <= length:
        return text
    head = text[: max(length - len(MARK), 0)]
    for border in ("\n\n", "\n"):
        end = head.rfind(border)
        if end >= _NEAR * len(head):
            return head[:end] + MARK
    if not text[len(head) : len(head) + 1].isspace():
        words = head.rstrip().rsplit(None, 1)
        head = words[0] if len(words) == 2 and len(words[0]) >= _NEAR * len(head) else head
    return head.rstrip() + MARK


def _spelled(text: str) -> str:
    """As the text stands inside JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]

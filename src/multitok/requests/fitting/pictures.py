"""The pictures of a request: the sizes each may have, and each written at one of them.

While sizes are tried, a picture is a header alone: a count reads nothing else. Only what was chosen
is decoded, resized and written, upright and in its own format.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.budgets.breakpoints import Breakpoint
from multitok.budgets.pictures import fit_picture
from multitok.catalog.load import Model
from multitok.core.errors import MultitokError
from multitok.core.info import ImageInfo
from multitok.counting.door import count_subject
from multitok.counting.subject import Subject
from multitok.loaders.base64_file import Base64File
from multitok.loaders.saving import SAME_FORMAT, resized_bytes
from multitok.loaders.sniff import sniff
from multitok.loaders.source import source_of
from multitok.requests.fitting.edits import Edit
from multitok.requests.fitting.places import Place, place_of, text_at, value_at
from multitok.requests.payloads.parts import Encoded, Part

if TYPE_CHECKING:
    from multitok.requests.counted import RequestPart

LEAST_EDGE = 256
"""Pixels of the longer side below which no picture goes: what is not seen needs no tokens."""


class Choice(NamedTuple):
    """A way to send a picture: its size, or at detail=low as it is; and what it costs then."""

    width: int
    height: int
    tokens: int
    low: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture of a payload and cheaper ways to send it, the dearest first.

    data    its base64, from `start` on, for a data URL has words in front; and where that stands.
            None for a picture behind a URL, which is not written anew
    detail  where the word `detail` stands, in the shapes that have it; `said` is what it says
    """

    path: str
    info: ImageInfo
    tokens: int
    data: tuple[Encoded, Place] | None = None
    choices: tuple[Choice, ...] = ()
    detail: Place | None = None
    said: str = "auto"

    @classmethod
    def of(
        cls, payload: Any, part: Part, counted: RequestPart, model: Model, files: tuple[str, ...]
    ) -> Picture | None:
        """The picture of a part that has one whose size is known."""
        data, info = part.data, counted.info
        if counted.tokens is None or not isinstance(info, ImageInfo):
            return None
        picture = cls(part.path, info, counted.tokens)
        if isinstance(data, Encoded):
            place = text_at(payload, part.path, lambda text: text == data.text)
            picture = replace(picture, data=None if place is None else (data, place))
        rule = model.rules.get("image")
        if rule is not None and "low" in rule.options.get("detail", {}):
            said = str(counted.options.get("detail", picture.said))
            picture = replace(picture, detail=_detail(payload, part.path), said=said)
        return replace(picture, choices=tuple(picture.cheaper(model.id, counted.options, files)))

    def cheaper(
        self, model: str, options: Mapping[str, Any], files: tuple[str, ...]
    ) -> Iterator[Choice]:
        """The largest size for each number of tokens, then the whole picture at detail=low."""
        subject, last = Subject(self.info), self.tokens
        for size in self.sizes(model, options, files):
            if size.tokens < last and max(size.width, size.height) >= LEAST_EDGE:
                last = size.tokens
                yield Choice(size.width, size.height, last)
        if self.detail is None or self.said == "low":
            return
        told = {**options, "detail": "low"}
        low = count_subject(subject, model=model, options=told, files=files).tokens
        if low < last:
            yield Choice(self.info.width, self.info.height, low, low=True)

    def sizes(
        self, model: str, options: Mapping[str, Any], files: tuple[str, ...]
    ) -> tuple[Breakpoint, ...]:
        """Smaller sizes of a picture that can be written anew in its own format."""
        if self.data is None:
            return ()
        if sniff(source_of(_file(self.path, self.data[0]))).format not in SAME_FORMAT:
            return ()
        subject = Subject(self.info)
        try:
            return fit_picture(subject, 1, model=model, options=options, files=files).breakpoints
        except MultitokError:  # of no size that the API takes
            return ()

    def within(self, tokens: int) -> Choice | None:
        """The best way that costs at most so many tokens, or the cheapest; None where it costs no
        more as it is."""
        if self.tokens <= tokens or not self.choices:
            return None
        found = (choice for choice in self.choices if choice.tokens <= tokens)
        return next(found, self.choices[-1])

    def edits(self, choice: Choice) -> Iterator[Edit]:
        """The picture as it was chosen; while sizes are tried, a header stands for it."""
        if choice.low and self.detail is not None:
            words = (self.path, "image", f"detail {self.said}", "detail low")
            yield Edit(self.detail, "low", *words)
        elif self.data is not None:
            data, place = self.data
            head, size = data.text[: data.start], (choice.width, choice.height)
            words = (self.path, "image", str(self.info), f"{choice.width} x {choice.height}")
            written = partial(_written, head, _file(self.path, data), size)
            yield Edit(place, head + _base64(_blank_png(*size)), *words, written)


def _file(path: str, data: Encoded) -> Base64File:
    return Base64File(data.text, data.start, name=path)


def _written(head: str, file: Base64File, size: tuple[int, int]) -> tuple[str, tuple[str, ...]]:
    """A picture at its new size behind what stands in front of it, and what was lost on the way."""
    content, lost = resized_bytes(file, size)
    return head + _base64(content), lost


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def _detail(payload: Any, path: str) -> Place | None:
    """Where OpenAI's shapes have `detail`: in the object of the URL, or beside it (Responses)."""
    place = place_of(payload, path)
    block = value_at(payload, place) if place is not None else None
    if place is None or not isinstance(block, Mapping):
        return None
    if isinstance(block.get("image_url"), Mapping):
        return (*place, "image_url", "detail")
    return (*place, "detail") if block.get("type") == "input_image" else None


def _blank_png(width: int, height: int) -> bytes:
    """A PNG of a size with no pixels in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )

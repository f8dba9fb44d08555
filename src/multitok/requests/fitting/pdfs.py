"""The PDF files of a request, and their first pages as files of their own."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multitok.core.info import PdfInfo
from multitok.loaders.base64_file import Base64File
from multitok.loaders.pdf import first_pages
from multitok.loaders.source import source_of
from multitok.requests.fitting.places import Place, text_at
from multitok.requests.payloads.parts import Encoded, Part

if TYPE_CHECKING:
    from multitok.requests.counted import RequestPart


@dataclass(frozen=True)
class PdfFile:
    """A PDF inside a payload; `place` is where its base64 stands."""

    path: str
    place: Place
    data: Encoded
    pages: int

    @classmethod
    def of(cls, payload: Any, part: Part, counted: RequestPart) -> PdfFile | None:
        """The PDF of a part that has one."""
        data, info = part.data, counted.info
        if not isinstance(data, Encoded) or not isinstance(info, PdfInfo):
            return None
        place = text_at(payload, part.path, lambda text: text == data.text)
        return None if place is None else cls(part.path, place, data, info.pages)

    def first(self, pages: int) -> str:
        """What stands in the payload for the first pages alone."""
        file = Base64File(self.data.text, self.data.start, name=self.path)
        content = b64encode(first_pages(source_of(file), pages)).decode("ascii")
        return self.data.text[: self.data.start] + content

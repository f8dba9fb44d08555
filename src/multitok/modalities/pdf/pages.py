"""A price per page, and where the provider says so the page's own text on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.counts import Kind
from multitok.core.info import PdfInfo, info_of
from multitok.core.media import Pdf
from multitok.core.parameters import Natural
from multitok.core.tokenizer import TokenCounter


def page_texts(x: Pdf | PdfInfo) -> dict[str, int]:
    """The texts of the pages and how many have each; empty for a shape, which has none."""
    texts: dict[str, int] = {}
    for page in x.pages if isinstance(x, Pdf) else ():
        texts[page.text] = texts.get(page.text, 0) + 1
    texts.pop("", None)
    return texts


@dataclass(frozen=True, kw_only=True)
class PdfPageCounter(TokenCounter["Pdf", PdfInfo]):
    """The same number of tokens for every page of a PDF, and `file` tokens for the document.

    With `native_text` the text that the pages hold is sent, too: it costs text tokens, and is
    literal text of the expansion. Source: the catalogue row that gives the number.

    >>> PdfPageCounter(tokens=258).count(PdfInfo(pages=3))
    774
    """

    tokens: Natural
    file: Natural = 0
    native_text: bool = False

    name: ClassVar[str] = "pdf-page"
    kind: ClassVar[Kind] = "documented"
    modality: ClassVar[str] = "pdf"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"tokens": 258},
        {"tokens": 560, "native_text": True},
        {"tokens": 0, "file": 4, "native_text": True},
    )

    def needs_content(self) -> bool:
        """The text of the pages is part of the expansion: the document is read, not only probed."""
        return self.native_text

    def count(self, x: Pdf | PdfInfo, /) -> int:
        info: PdfInfo = info_of(x)
        return self.tokens * info.pages + self.file

    def literal_text(self, x: Pdf | PdfInfo, /) -> Mapping[str, int]:
        return page_texts(x) if self.native_text else {}

    def notes(self, x: Pdf | PdfInfo, /) -> list[str]:
        if self.native_text and x is info_of(x):
            return ["the text of the pages is sent, too, and not counted: pass the document"]
        return []

    def explain(self, x: Pdf | PdfInfo, /) -> list[str]:
        info: PdfInfo = info_of(x)
        file = f" + {self.file:,}" if self.file else ""
        return [f"{info.pages:,} pages x {self.tokens:,}{file} = {self.count(x):,} tokens"]

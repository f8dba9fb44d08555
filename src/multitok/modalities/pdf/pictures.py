"""A PDF whose pages are billed as pictures of their shape, at a size that bills have shown."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from multitok.core.counts import Kind
from multitok.core.errors import NeedsContentError
from multitok.core.info import ImageInfo, PdfInfo, info_of
from multitok.core.media import Pdf, PdfPage
from multitok.core.parameters import Natural, Positive
from multitok.core.tokenizer import TokenCounter
from multitok.modalities.image.grids.pooled_budget import PooledBudgetCounter
from multitok.modalities.image.hosted.anthropic_resize import AnthropicResizeCounter
from multitok.modalities.pdf.pages import page_texts

LONG_EDGE = 4096
"""Pixels fine enough that rounding a page's size to them does not change its shape."""


def page_image(page: PdfPage, long_edge: int) -> ImageInfo:
    """The page as a picture of so many pixels on its long edge, its aspect kept."""
    width, height = max(page.width_pt, 1.0), max(page.height_pt, 1.0)
    scale = long_edge / max(width, height)
    return ImageInfo(max(1, round(width * scale)), max(1, round(height * scale)))


class PdfPictureCounter(TokenCounter["Pdf", PdfInfo]):
    """Each page by its shape, and its text where `native_text` says so."""

    native_text: bool
    kind: ClassVar[Kind] = "observed"
    modality: ClassVar[str] = "pdf"

    @abstractmethod
    def page_tokens(self, page: PdfPage) -> int:
        """Tokens of one page, without its text."""

    def needs_content(self) -> bool:
        """The shape of the pages decides: the document is read, not only probed."""
        return True

    def count(self, x: Pdf | PdfInfo, /) -> int:
        if not isinstance(x, Pdf):
            raise NeedsContentError(
                "the cost of a page depends on the content, on its size: pass the document"
            )
        return sum(map(self.page_tokens, x.pages))

    def literal_text(self, x: Pdf | PdfInfo, /) -> Mapping[str, int]:
        return page_texts(x) if self.native_text else {}

    def explain(self, x: Pdf | PdfInfo, /) -> list[str]:
        info: PdfInfo = info_of(x)
        return [f"{info.pages:,} pages as pictures of their shape = {self.count(x):,} tokens"]


@dataclass(frozen=True, kw_only=True)
class PooledPdfCounter(PdfPictureCounter):
    """Each page as a picture that fills a budget of `max_tokens` cells, as Gemma 4 does.

    Source: the catalogue row that gives the budget.

    >>> letter = PdfPage(text="", width_pt=612.0, height_pt=792.0)
    >>> PooledPdfCounter(max_tokens=560).count(Pdf(pages=(letter, letter)))  # 26 x 20 cells each
    1040
    """

    max_tokens: Positive
    native_text: bool = False

    name: ClassVar[str] = "pdf-pooled"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"max_tokens": 560},
        {"max_tokens": 6, "native_text": True},
    )

    @cached_property
    def picture(self) -> PooledBudgetCounter:
        return PooledBudgetCounter(max_tokens=self.max_tokens, start=(), end=())

    def page_tokens(self, page: PdfPage) -> int:
        """Only the shape counts: a picture of any size fills the budget."""
        return self.picture.count(page_image(page, LONG_EDGE))


@dataclass(frozen=True, kw_only=True)
class PatchedPdfCounter(PdfPictureCounter):
    """Each page as a picture of `long_edge` pixels in patches of `size`, shrunk to the limits, with
    `page` tokens around it, and `file` tokens around the document.

    Source: the catalogue row that gives the numbers.

    >>> claude = PatchedPdfCounter(size=28, max_edge=1568, max_tokens=1568, long_edge=2000, page=16)
    >>> letter = PdfPage(text="", width_pt=612.0, height_pt=792.0)
    >>> claude.count(Pdf(pages=(letter,)))  # 45 x 34 patches and 16
    1546
    """

    size: Positive
    max_edge: int
    max_tokens: Positive
    long_edge: Positive
    page: Natural = 0
    file: Natural = 0
    native_text: bool = True

    name: ClassVar[str] = "pdf-patches"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"size": 28, "max_edge": 1568, "max_tokens": 1568, "long_edge": 2000, "file": 28},
        {"size": 4, "max_edge": 40, "max_tokens": 60, "long_edge": 30, "native_text": False},
    )

    @cached_property
    def picture(self) -> AnthropicResizeCounter:
        return AnthropicResizeCounter(
            size=self.size, max_edge=self.max_edge, max_tokens=self.max_tokens
        )

    def page_tokens(self, page: PdfPage) -> int:
        return self.picture.count(page_image(page, self.long_edge)) + self.page

    def count(self, x: Pdf | PdfInfo, /) -> int:
        return super().count(x) + self.file

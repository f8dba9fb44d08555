"""PDF through pypdfium2 (the `pdf` extra): pages, their sizes, and the text they hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.core.extras import require
from multitok.core.info import PdfInfo

if TYPE_CHECKING:
    from multitok.core.media import Pdf
    from multitok.loaders.probed import Probed, ReadOptions
    from multitok.loaders.source import Source

MAX_BYTES = 512 * 1024 * 1024
"""A larger document that is not a file is not read into memory."""

POINTS_PER_INCH = 72


def examine(source: Source, read: ReadOptions) -> Probed:
    """The number of pages and the size of the first."""
    from multitok.loaders.probed import Probed

    with _opened(source) as document:
        facts: dict[str, Any] = {}
        if len(document):
            width, height = document.get_page_size(0)
            facts["first_page"] = (
                f"{width / POINTS_PER_INCH:.2f} x {height / POINTS_PER_INCH:.2f} in"
            )
        return Probed(PdfInfo(pages=len(document)), "PDF", source.name, facts)


def load(source: Source, read: ReadOptions) -> Pdf:
    """Every page's text and size. A page without a text layer has the text ""."""
    from multitok.core.media import Pdf, PdfPage

    pages = []
    with _opened(source) as document:
        for number in range(len(document)):
            page = document[number]
            try:
                width, height = page.get_size()
                words = page.get_textpage()
                try:
                    text = words.get_text_bounded()
                finally:
                    words.close()
            finally:
                page.close()
            pages.append(PdfPage(text=text, width_pt=float(width), height_pt=float(height)))
    return Pdf(pages=tuple(pages))


def first_pages(source: Source, pages: int) -> bytes:
    """The first `pages` pages as a PDF of their own."""
    from io import BytesIO

    pdfium = require("pypdfium2", extra="pdf", purpose="writing PDF")
    written = BytesIO()
    with _opened(source) as document:
        made = pdfium.PdfDocument.new()
        try:
            made.import_pages(document, list(range(pages)))
            made.save(written)
        finally:
            made.close()
    return written.getvalue()


@contextmanager
def _opened(source: Source) -> Iterator[Any]:
    pdfium = require("pypdfium2", extra="pdf", purpose="reading PDF")
    if source.path is None and source.size is not None and source.size > MAX_BYTES:
        raise SourceError(
            f"{source.name}: {source.size >> 20} MB; a PDF that is not a file is read up to"
            f" {MAX_BYTES >> 20} MB",
            source=source.name,
        )
    given = source.path if source.path is not None else source.read()
    try:
        document = pdfium.PdfDocument(given)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        why = "it needs a password" if locked else f"not a PDF that can be read ({error})"
        raise SourceError(f"{source.name}: {why}", source=source.name) from None
    try:
        yield document
    except pdfium.PdfiumError as error:
        why = f"a page of it cannot be read ({error})"
        raise SourceError(f"{source.name}: {why}", source=source.name) from None
    finally:
        document.close()

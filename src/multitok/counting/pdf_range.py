"""What a PDF can cost where the provider sends each page as text and as a picture of unknown size.

OpenAI and Anthropic say that both go in, and not how large the picture is. The text is counted; the
picture is taken at the dearest of several assumed sizes, so the sum is an upper bound under that
assumption, and its lower end is the text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from multitok.catalog.accepts import accepts
from multitok.catalog.lifecycle import gone
from multitok.catalog.load import catalog
from multitok.core.counts import weakest
from multitok.core.info import ImageInfo
from multitok.core.media import PdfPage, Text
from multitok.counting.counts import Count
from multitok.counting.refusals import refusals
from multitok.counting.rules import resolve
from multitok.counting.subject import Subject

LONG_EDGES = (2048, 1792, 1536, 1280, 1024)
"""Pixels of a page's long edge that are assumed: the dearest counts."""

ASSUMPTION = (
    f"upper bound: each page as a picture of at most {LONG_EDGES[0]} px, the dearest size of its"
    " shape, and its text; the provider does not publish the size"
)


def page_image(page: PdfPage, long_edge: int) -> ImageInfo:
    """The page as a picture, its aspect kept."""
    width, height = max(page.width_pt, 1.0), max(page.height_pt, 1.0)
    scale = long_edge / max(width, height)
    return ImageInfo(max(1, round(width * scale)), max(1, round(height * scale)))


def pdf_parts(
    pages: Sequence[PdfPage],
    text_tokens: Callable[[str], int],
    image_tokens: Callable[[ImageInfo], int],
) -> dict[str, int]:
    """Tokens of the text of all pages, and of their pictures at the dearest assumed size."""
    known: dict[tuple[float, float], int] = {}
    images = 0
    for page in pages:
        shape = page.width_pt, page.height_pt
        if shape not in known:
            known[shape] = max(image_tokens(page_image(page, edge)) for edge in LONG_EDGES)
        images += known[shape]
    return {"text": sum(text_tokens(page.text) for page in pages), "page images": images}


def count_pdf_range(
    subject: Subject, name: str, options: Mapping[str, Any] | None, files: tuple[str, ...]
) -> Count:
    """A PDF for a model that is sent its pages as text and as pictures of unpublished size.

    UnknownRuleError for a model of which even that is not known.
    """
    model = catalog(*files).model(name)
    if "pdf" not in model.unknown or not {"text", "image"} <= model.rules.keys():
        model.rule("pdf")  # raises: no rule, and nothing to bound it by
    words = {key: value for key, value in (options or {}).items() if key in ("detail",)}
    text = resolve("text", model=name, files=files)
    image = resolve("image", model=name, options=words, files=files)
    parts = pdf_parts(
        subject.content().pages,
        lambda words: text.counter.count(Text(words)),
        image.counter.count,
    )
    kind = weakest([text.kind, image.kind, "upper-bound"])
    taken = accepts(model.provider, model.id, "pdf")
    rejected = refusals(subject, taken)
    return Count(
        tokens=sum(parts.values()),
        kind=kind,
        parts=parts,
        info=subject.info,
        model=model.id,
        tokenizer=f"{text.counter.name} + {image.counter.name}",
        source=image.source,
        checked=image.checked,
        notes=(
            *gone(model),
            *rejected,
            *subject.notes,
            ASSUMPTION,
            f"the text alone is {parts['text']:,} tokens",
        ),
        context_window=model.context_window,
        rejected=rejected,
        named=name,
    )

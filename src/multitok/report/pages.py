"""The page of inspections in Python: what is drawn of each, and its numbers, put together."""

from __future__ import annotations

from collections.abc import Iterable

from multitok.counting.inspection import Inspection
from multitok.drawing.figures import figures_of
from multitok.report.inspection import inspection_to_dict
from multitok.report.page import Section, html


def page_of(inspections: Iterable[Inspection]) -> str:
    """Inputs that were inspected as one page of HTML, which loads nothing.

    >>> from multitok import inspect
    >>> page_of([inspect("samples/photo.jpg", models="gpt-4o")])[:15]
    '<!doctype html>'
    """
    return html([section_of(found) for found in inspections])


def section_of(found: Inspection) -> Section:
    """An input on the page: its JSON report with prices, and what can be drawn of it."""
    names = [row.model for row in found.rows]
    document, figures = inspection_to_dict(found), figures_of(found)
    return Section(document=document, names=names, figures=figures)

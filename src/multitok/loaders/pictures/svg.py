"""SVG 2 (8.2): the size at which a drawing is rendered, by its own width and height or viewBox."""

from __future__ import annotations

import re
from math import ceil

_ROOT = re.compile(rb"<(?:\w+:)?svg\b([^>]*)", re.DOTALL)
_ATTRIBUTE = re.compile(rb"(?<![\w:-])(width|height|viewBox)\s*=\s*[\"']([^\"']*)[\"']")
_LENGTH = re.compile(rb"\s*(\d*\.?\d+)\s*(px|in|cm|mm|q|pt|pc)?\s*", re.IGNORECASE)
_PIXELS = {b"": 1.0, b"px": 1.0, b"in": 96.0, b"cm": 96 / 2.54, b"mm": 96 / 25.4, b"q": 96 / 101.6,
           b"pt": 96 / 72, b"pc": 16.0}  # fmt: skip


def rendered_at(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of 1/96 inch; None where the root element says neither.

    A side that is missing, or a share of the page, follows from the other by the viewBox.
    """
    root = _ROOT.search(head)
    if root is None:
        return None
    said = dict(_ATTRIBUTE.findall(root[1]))
    width, height = _pixels(said.get(b"width", b"")), _pixels(said.get(b"height", b""))
    box = [
        float(part)
        for part in re.findall(rb"\d*\.?\d+(?:[eE][+-]?\d+)?", said.get(b"viewBox", b""))
    ]
    if len(box) == 4 and min(box[2:]) > 0:
        across, down = box[2:]
        if width and not height:
            height = width * down / across
        elif height and not width:
            width = height * across / down
        elif not width and not height:
            width, height = across, down
    return (ceil(width), ceil(height)) if width and height else None


def _pixels(length: bytes) -> float:
    """0 for what is no length of its own: none, or a percentage."""
    found = _LENGTH.fullmatch(length)
    return float(found[1]) * _PIXELS[(found[2] or b"").lower()] if found else 0.0

"""Radiance HDR: lines of text, an empty one, then the resolution."""

from __future__ import annotations

import re

from multitok.loaders.pictures.header import Damaged, Header
from multitok.loaders.source import Reader

_RESOLUTION = re.compile(rb"\n\r?\n([+-][XY]) (\d{1,10}) [+-][XY] (\d{1,10})")


def read(r: Reader) -> Header:
    """`-Y 480 +X 640`: rows first, or columns first where it is turned on its side."""
    found = _RESOLUTION.search(r.at(0, 4096))
    if found is None:
        raise Damaged("no resolution in it")
    first, second = int(found[2]), int(found[3])
    return Header(second, first) if found[1][1:] == b"Y" else Header(first, second)

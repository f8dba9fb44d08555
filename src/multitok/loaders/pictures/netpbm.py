"""PAM and PFM, the kinds of Netpbm that Pillow does not read: their sides stand as text."""

from __future__ import annotations

import re

from multitok.loaders.pictures.header import Damaged, Header
from multitok.loaders.source import Reader

_PFM = re.compile(rb"P[Ff]\s+(\d{1,10})\s+(\d{1,10})\s")


def read(r: Reader) -> Header:
    """PFM: `PF 640 480`. PAM: a line `WIDTH 640`, another `HEIGHT 480`."""
    head = r.at(0, 2048)
    if found := _PFM.match(head):
        return Header(int(found[1]), int(found[2]))
    sides = dict(re.findall(rb"^(WIDTH|HEIGHT)\s+(\d{1,10})\s*$", head, re.MULTILINE))
    if len(sides) < 2:
        raise Damaged("no width and height in it")
    return Header(int(sides[b"WIDTH"]), int(sides[b"HEIGHT"]))

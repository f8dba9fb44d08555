"""Netpbm: the sides stand as text behind a P and a digit or letter."""

from __future__ import annotations

import re
from typing import NamedTuple

from multitok.loaders.pictures.header import Damaged, Header
from multitok.loaders.source import Reader

_PFM = re.compile(rb"P[Ff]\s+(\d{1,10})\s+(\d{1,10})\s")
_NUMBER = re.compile(rb"(?:\s|#[^\n\r]*[\n\r])+(\d{1,10})")
_PLAIN = re.compile(rb"(?:[\d\s]|#[^\n\r]*(?:[\n\r]|$))*")


def read(r: Reader) -> Header:
    """PFM: `PF 640 480`. PAM: a line `WIDTH 640`, another `HEIGHT 480`. Pillow reads neither."""
    head = r.at(0, 2048)
    if found := _PFM.match(head):
        return Header(int(found[1]), int(found[2]))
    sides = dict(re.findall(rb"^(WIDTH|HEIGHT)\s+(\d{1,10})\s*$", head, re.MULTILINE))
    if len(sides) < 2:
        raise Damaged("no width and height in it")
    return Header(int(sides[b"WIDTH"]), int(sides[b"HEIGHT"]))


class Raster(NamedTuple):
    """What P1 to P6 tell: the kind, the sides, the largest sample, where the samples begin."""

    kind: int
    width: int
    height: int
    most: int
    start: int


def raster(head: bytes) -> Raster:
    """The header of P1 (bits), P2 (gray), P3 (colors), as text, or of P4, P5, P6, as bytes.

    A comment begins with # and ends with its line. Damaged where the bytes are none of these.
    """
    kind = head[1] - 48 if len(head) > 2 and head[:1] == b"P" else 0
    numbers, at = [], 2
    for _ in range(2 if kind in (1, 4) else 3):
        found = _NUMBER.match(head, at)
        if found is None or not 1 <= kind <= 6:
            raise Damaged("no header of P1 to P6")
        numbers.append(int(found[1]))
        at = found.end()
    width, height, *most = numbers
    return Raster(kind, width, height, most[0] if most else 1, at + 1)


def is_plain(head: bytes) -> bool:
    """Whether a file is one of P1 to P3: P2 on a line, then digits, spaces and comments alone."""
    if head[2:3] not in (b"\n", b"\r"):
        return False
    try:
        kind, width, height, _, start = raster(head)
    except Damaged:
        return False
    return kind < 4 and width * height > 0 and _PLAIN.fullmatch(head, start - 1) is not None

"""JPEG XL (ISO/IEC 18181-1, D.3): sides and orientation from the first bits of the codestream."""

from __future__ import annotations

from multitok.loaders.isobmff import boxes
from multitok.loaders.pictures.header import Damaged, Header, displayed
from multitok.loaders.source import Reader

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_LONG = (9, 13, 18, 30)
"""Bits of a side that is no multiple of eight, by the two bits before it."""


def read(r: Reader) -> Header:
    """The codestream, bare or in a box of a container, whose EXIF does not count."""
    start, end = _codestream(r)
    block = r.at(start, 32)
    if block[:2] != b"\xff\x0a" or len(block) < 12:
        raise Damaged("cut short")
    bits = _Bits(int.from_bytes(block[2:], "little"))
    eighths = bits.take(1)
    height = _side(bits, eighths)
    ratio = bits.take(3)
    width = height * _RATIOS[ratio - 1][0] // _RATIOS[ratio - 1][1] if ratio else 0
    width = width or _side(bits, eighths)
    plain = bits.take(1)  # all of the metadata as it is by default
    orientation = 1 if plain or not bits.take(1) else bits.take(3) + 1
    return displayed(width, height, orientation, 1, end if end > r.size else None)


def _codestream(r: Reader) -> tuple[int, int]:
    """Where it starts, and where its file or its first box ends."""
    if r.at(0, 2) == b"\xff\x0a":
        return 0, r.size
    for kind, start, end in boxes(r, 0, r.size):
        if kind == b"jxlc":
            return start, end
        if kind == b"jxlp":  # a part of it, behind its number
            return start + 4, end
    raise Damaged("no codestream in it")


class _Bits:
    """Bits from the lowest one on."""

    def __init__(self, value: int) -> None:
        self._value = value

    def take(self, count: int) -> int:
        taken = self._value & (1 << count) - 1
        self._value >>= count
        return taken


def _side(bits: _Bits, eighths: int) -> int:
    return (bits.take(5) + 1) * 8 if eighths else bits.take(_LONG[bits.take(2)]) + 1

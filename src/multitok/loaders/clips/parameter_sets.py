"""What the header of an H.264 stream says of its picture: the sequence parameter set.

Source: ITU-T H.264, 7.3.2.1.1 and annex E (2021-08); ISO/IEC 14496-15 for the avcC box around it.
"""

from __future__ import annotations

from typing import NamedTuple

_WITH_CHROMA = (100, 110, 122, 244, 44, 83, 86, 118, 128)
"""Profiles whose set tells the chroma format and the bit depths."""
_SQUARE = 1
_WRITTEN_OUT = 255


class Picture(NamedTuple):
    """Size after cropping; whether its pixels are square, or it says nothing of them."""

    width: int
    height: int
    square: bool


class Bits:
    """A stream of bits, most significant first; IndexError where it ends."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> int:
        value = 0
        for at in range(self._at, self._at + count):
            value = value << 1 | self._data[at >> 3] >> (7 - (at & 7)) & 1
        self._at += count
        return value

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise IndexError("no Exp-Golomb number")
        return (1 << zeros) - 1 + self.take(zeros)


def h264_picture(config: bytes) -> Picture | None:
    """The picture of an avcC box with one sequence parameter set; None where that is not sure."""
    if config[0] != 1 or config[5] & 31 != 1:
        return None
    size = int.from_bytes(config[6:8], "big")
    unit = config[8 : 8 + size]
    if len(unit) != size or unit[0] & 31 != 7:
        return None
    return _sequence(Bits(unit[1:].replace(b"\0\0\3", b"\0\0")))


def _sequence(bits: Bits) -> Picture | None:
    profile, _, _, _ = bits.take(8), bits.take(8), bits.take(8), bits.golomb()
    chroma = 1
    if profile in _WITH_CHROMA:
        chroma = bits.golomb()
        if chroma not in (1, 2):
            return None
        bits.golomb(), bits.golomb(), bits.take(1)  # bit depths, lossless
        if bits.take(1):
            return None  # scaling matrices
    bits.golomb()  # log2_max_frame_num_minus4
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order != 2:
        return None
    bits.golomb(), bits.take(1)  # reference frames, gaps allowed
    width, units = 16 * (bits.golomb() + 1), bits.golomb() + 1
    whole = bits.take(1)
    if not whole:
        bits.take(1)
    height = 16 * units * (2 - whole)
    bits.take(1)
    if bits.take(1):
        tall = (2 if chroma == 1 else 1) * (2 - whole)
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width, height = width - 2 * (left + right), height - tall * (top + bottom)
    return Picture(width, height, _square(bits))


def _square(bits: Bits) -> bool:
    if not bits.take(1) or not bits.take(1):
        return True  # nothing is said of the pixels
    told = bits.take(8)
    if told == _WRITTEN_OUT:
        wide, high = bits.take(16), bits.take(16)
        return wide == high > 0
    return told == _SQUARE

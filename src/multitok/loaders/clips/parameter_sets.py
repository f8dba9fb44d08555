"""What the header of a stream says of its picture: the sequence parameter set of H.264 and HEVC,
the sequence header of AV1, the first frame of VP9.

Sources: ITU-T H.264, 7.3.2.1.1 and annex E (2021-08); H.265, 7.3.2.2, 7.3.3, 7.3.7 and annex E;
ISO/IEC 14496-15 for the avcC and hvcC boxes around them; AV1 bitstream specification, 5.5; VP9
bitstream specification 0.7, 6.2.
"""

from __future__ import annotations

from typing import NamedTuple

_WITH_CHROMA = (100, 110, 122, 244, 44, 83, 86, 118, 128)
"""Profiles whose set tells the chroma format and the bit depths."""
_UNTOLD, _SQUARE = 0, 1
_WRITTEN_OUT = 255
_HEVC_SEQUENCE = 33
_PROFILE_BITS = 88
"""Bits of a profile in HEVC, without its level."""
_MOST_SETS = 64
_VP9_SYNC = 0x498342
_SRGB = 7
_AV1_SEQUENCE = 1


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
    return told in (_UNTOLD, _SQUARE)


def hevc_picture(config: bytes) -> Picture | None:
    """The picture of an hvcC box with one sequence parameter set; None where that is not sure."""
    units, at = [], 23
    for _ in range(config[22]):
        kind, many = config[at] & 63, int.from_bytes(config[at + 1 : at + 3], "big")
        at += 3
        for _ in range(many):
            size = int.from_bytes(config[at : at + 2], "big")
            if kind == _HEVC_SEQUENCE:
                units.append(config[at + 2 : at + 2 + size])
            at += 2 + size
    if config[0] != 1 or at != len(config) or len(units) != 1:
        return None
    unit = units[0]
    if unit[0] >> 1 != _HEVC_SEQUENCE or unit[0] & 1 or unit[1] >> 3:
        return None  # a layer above the base
    return _hevc_sequence(Bits(unit[2:].replace(b"\0\0\3", b"\0\0")))


def _hevc_sequence(bits: Bits) -> Picture | None:
    bits.take(4)
    layers = bits.take(3)
    bits.take(1 + _PROFILE_BITS + 8)
    if layers:
        told = [(bits.take(1), bits.take(1)) for _ in range(layers)]
        bits.take(2 * (8 - layers))
        for profile, level in told:
            bits.take(_PROFILE_BITS * profile + 8 * level)
    bits.golomb()
    chroma = bits.golomb()
    if chroma not in (1, 2):
        return None
    width, height = bits.golomb(), bits.golomb()
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width, height = width - 2 * (left + right), height - (3 - chroma) * (top + bottom)
    bits.golomb(), bits.golomb()  # bit depths
    order = bits.golomb() + 4
    for _ in range(1 if not bits.take(1) else layers + 1):
        bits.golomb(), bits.golomb(), bits.golomb()
    for _ in range(6):
        bits.golomb()  # sizes of blocks, depths of trees
    if bits.take(1) and bits.take(1):
        return None  # scaling lists
    bits.take(2)
    if bits.take(1):  # samples as they are
        bits.take(8), bits.golomb(), bits.golomb(), bits.take(1)
    _skip_references(bits, order)
    bits.take(2)
    return Picture(width, height, _square(bits))


def _skip_references(bits: Bits, order: int) -> None:
    """Pass over the sets of pictures that others refer to; `order` bits number a picture."""
    count, held = bits.golomb(), 0
    if count > _MOST_SETS:
        raise IndexError("more sets of references than there may be")
    for number in range(count):
        if number and bits.take(1):  # told by what differs from the one before
            bits.take(1), bits.golomb()
            held = sum(bits.take(1) or bits.take(1) for _ in range(held + 1))
        else:
            held = bits.golomb() + bits.golomb()
            for _ in range(held):
                bits.golomb(), bits.take(1)
    if bits.take(1):
        for _ in range(bits.golomb()):
            bits.take(order + 1)


def vp9_picture(frame: bytes) -> Picture | None:
    """The picture of a key frame of VP9 with 4:2:0 colors; None where that is not sure."""
    bits = Bits(frame)
    marker, low, high = bits.take(2), bits.take(1), bits.take(1)
    existing, between = bits.take(1), bits.take(1)
    bits.take(2)
    if marker != 2 or low or existing or between or bits.take(24) != _VP9_SYNC:
        return None
    if high:
        bits.take(1)  # 10 bits or 12
    if bits.take(3) == _SRGB:
        return None
    bits.take(1)
    return Picture(bits.take(16) + 1, bits.take(16) + 1, square=True)


def av1_picture(config: bytes) -> Picture | None:
    """The picture of an av1C box with one sequence header; None where that is not sure: one of
    stills, of several layers, or with a clock of its own."""
    if config[0] != 0x81 or config[4] >> 3 != _AV1_SEQUENCE or config[4] & 7 != 2:
        return None
    size = config[5]
    if size > 127 or 6 + size != len(config):
        return None
    bits = Bits(config[6:])
    bits.take(3)
    if bits.take(3):
        return None
    delays = bits.take(1)
    if bits.take(5 + 12):
        return None
    if bits.take(5) > 7:
        bits.take(1)  # the tier of a high level
    if delays and bits.take(1):
        bits.take(4)
    wide, high = bits.take(4) + 1, bits.take(4) + 1
    return Picture(bits.take(wide) + 1, bits.take(high) + 1, square=True)

"""The sample entry of an mp4 track: the codec of its samples, and what that says of them.

An entry that is not known to the last box raises Unsure: then the packets are asked.

Source: ISO/IEC 14496-12:2022, 8.5.2 (sample entries), 14496-1 and 14496-3 (esds), 14496-15 (NAL
units); QuickTime File Format (sound description of version 1); AV1 and VP Codec ISO Media File
Format Bindings, 2 (a sample shows one frame).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from multitok.loaders.clips.parameter_sets import (
    Bits,
    Picture,
    av1_picture,
    h264_picture,
    hevc_picture,
    vp9_picture,
)
from multitok.loaders.clips.shown import SHORTEST, shown_by, units
from multitok.loaders.source import Reader

if TYPE_CHECKING:
    from fractions import Fraction

_BOXES = {b"pasp", b"colr", b"btrt", b"fiel", b"mdcv", b"clli"}
"""Beside the configuration in an entry for pictures: aspect, colors, rates, fields, brightness;"""
_DOLBY = {b"dvcC", b"dvvC", b"amve"}
"""in one for HEVC also of its Dolby Vision, and of the light around who looks;"""
_VP9 = {b"SmDm", b"CoLL"}
"""in one for VP9 its brightness under other names."""
_H264_KEY, _HEVC_KEYS, _WIDTH = 5, range(16, 24), 4
_START_CODE = b"\0\0\0\1"
_AV1_HEAD = 64
"""Bytes of a sample of AV1 in which its first frame mostly begins."""

_AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000,
              11_025, 8_000, 7_350)  # fmt: skip
_AAC_LOW_COMPLEXITY, _SBR = 2, 5
_SBR_SYNC = 0x2B7
_HIGHEST_CORE = 32_000
"""From this rate on a stream that is silent about spectral band replication (SBR) has none."""
_SOUND, _QUICKTIME_SOUND = 36, 52
"""Bytes before the boxes of an entry for sound, and of one of QuickTime's version 1."""


class Unsure(Exception):
    """The header is not sure to be what a demux pass sees."""


class Codec(NamedTuple):
    """How samples of one codec are known by their entry and the first of them.

    name      as FFmpeg calls it
    config    the box that configures its decoder
    boxes     what else may stand beside it
    picture   of that box and the first sample; None where they are not sure, or where decoding
              cannot begin with that sample
    each      whether a sample, by its place and size, is whole and shows one frame; None where the
              index is believed
    hides     whether files are about with samples that show nothing: no index is believed unseen
    """

    name: str
    config: bytes
    boxes: set[bytes]
    picture: Callable[[bytes, memoryview], Picture | None]
    each: Callable[[Reader, int, int], bool] | None = None
    hides: bool = False


class Shown(NamedTuple):
    """Pictures as their entry describes them: `aspect` of a pixel where a box tells one."""

    codec: Codec
    stored: tuple[int, int]
    aspect: Fraction | None


def shown(description: bytes, first: bytes, named: tuple[int, int]) -> Shown:
    """What a `stsd` box says of pictures, with the bytes that the first sample begins with, and the
    size that the track's header names."""
    entry, kind = _entry(description)
    codec = _CODECS.get(kind)
    if codec is None:
        raise Unsure
    width, height = struct.unpack_from(">HH", entry, 32)
    boxes = _parts(entry, 86)
    if not boxes.keys() <= codec.boxes | {codec.config} or not width or not height or not first:
        raise Unsure
    picture = codec.picture(boxes[codec.config], memoryview(first))
    if picture is None or (picture.width, picture.height) != (width, height):
        raise Unsure
    aspect = _aspect(boxes)
    if aspect is None and (not picture.square or named != (width, height)):
        raise Unsure
    return Shown(codec, (width, height), aspect)


def _h264(config: bytes, sample: memoryview) -> Picture | None:
    opens = _begins(sample, config[4], lambda first: first & 31 == _H264_KEY)
    return h264_picture(config) if opens else None


def _hevc(config: bytes, sample: memoryview) -> Picture | None:
    opens = _begins(sample, config[21], lambda first: first >> 1 & 63 in _HEVC_KEYS)
    return hevc_picture(config) if opens else None


def _begins(sample: memoryview, lengths: int, key: Callable[[int], bool]) -> bool:
    """Whether a part of a key frame is in the sample: the first byte of a NAL unit tells."""
    if lengths & 3 != _WIDTH - 1:
        raise Unsure  # lengths of fewer bytes are rare, and any byte may be taken for one
    return any(key(sample[start]) for start in units(sample, _WIDTH) if start < len(sample))


def _vp9(config: bytes, sample: memoryview) -> Picture | None:
    if config[0] != 1 or config[10:] != b"\0\0":  # another version, or with data of its own
        return None
    return vp9_picture(bytes(sample[:16]))


def _av1(config: bytes, sample: memoryview) -> Picture | None:
    return av1_picture(config) if shown_by("av1", sample).key else None


def _whole_hevc(r: Reader, at: int, size: int) -> bool:
    """Whether its NAL units stay within the sample: what damages a frame mostly damages these."""
    end = at + size
    if r.at(at, _WIDTH) == _START_CODE:
        return True
    while end - at >= SHORTEST:
        length = int.from_bytes(r.at(at, _WIDTH), "big")
        if not 0 < length <= end - at - _WIDTH:
            return False
        at += _WIDTH + length
    return True


def _one_of_vp9(r: Reader, at: int, size: int) -> bool:
    """The first byte tells of a frame, the last one whether there are more."""
    ends = r.at(at, 1) + r.at(at + size - 1, 1)
    several = ends[1] & 0xE0 == 0xC0
    return shown_by("vp9", memoryview(r.at(at, size) if several else ends)).frames == 1


def _one_of_av1(r: Reader, at: int, size: int) -> bool:
    begin = memoryview(r.at(at, min(size, _AV1_HEAD)))
    return bool(
        shown_by("av1", begin).frames == 1
        or shown_by("av1", memoryview(r.at(at, size))).frames == 1
    )


_HEVC = Codec("hevc", b"hvcC", _BOXES | _DOLBY, _hevc, _whole_hevc)
_CODECS = {
    b"avc1": Codec("h264", b"avcC", _BOXES, _h264),
    b"hvc1": _HEVC,
    b"hev1": _HEVC,
    b"vp09": Codec("vp9", b"vpcC", _BOXES | _VP9, _vp9, _one_of_vp9, hides=True),
    b"av01": Codec("av1", b"av1C", _BOXES, _av1, _one_of_av1),
}


def _aspect(boxes: Mapping[bytes, bytes]) -> Fraction | None:
    if b"pasp" not in boxes:
        return None
    from fractions import Fraction

    wide, high = struct.unpack_from(">II", boxes[b"pasp"])
    if not wide or not high or max(wide, high) > 32767:
        raise Unsure
    return Fraction(wide, high)


def _entry(description: bytes) -> tuple[bytes, bytes]:
    """The one sample entry of an stsd box, with its head, and its four letters."""
    count, size, kind = struct.unpack_from(">II4s", description, 4)
    if count != 1 or size != len(description) - 8:
        raise Unsure
    return description[8:], kind


def heard(description: bytes) -> tuple[int, int]:
    """Rate and channels of plain AAC: its decoder's own configuration, not the entry's fields."""
    entry, kind = _entry(description)
    if kind != b"mp4a":
        raise Unsure
    bits, end = _aac(_esds(entry))
    kind_of_aac, index, places = bits.take(5), bits.take(4), bits.take(4)
    if kind_of_aac != _AAC_LOW_COMPLEXITY or not 0 < places < 8 or bits.take(3):
        raise Unsure
    rate = _AAC_RATES[index]
    if end >= 5 and bits.take(11) == _SBR_SYNC:
        if bits.take(5) != _SBR or bits.take(1):
            raise Unsure
    elif rate < _HIGHEST_CORE:
        raise Unsure
    return rate, 8 if places == 7 else places


def _esds(entry: bytes) -> bytes:
    """The box with the decoder's configuration; QuickTime wraps it once more."""
    version = int.from_bytes(entry[16:18], "big")
    if version > 1:
        raise Unsure
    boxes = _parts(entry, _QUICKTIME_SOUND if version else _SOUND)
    if b"wave" in boxes:
        if not boxes.keys() <= {b"wave", b"chan", b"btrt"}:
            raise Unsure
        wave = boxes[b"wave"].removesuffix(b"\0\0\0\x08\0\0\0\0")  # the box that ends the others
        boxes = _parts(wave, 0)
        if not boxes.keys() <= {b"frma", b"mp4a", b"esds"} or boxes.get(b"frma") != b"mp4a":
            raise Unsure
        return boxes[b"esds"]
    if not boxes.keys() <= {b"esds", b"btrt"}:
        raise Unsure
    return boxes[b"esds"]


def _aac(block: bytes) -> tuple[Bits, int]:
    """The configuration of AAC in an `esds` box, and its bytes."""
    tag, at, _ = _descriptor(block, 4)
    if tag != 3 or block[at + 2]:
        raise Unsure
    tag, at, _ = _descriptor(block, at + 3)
    if tag != 4 or block[at] != 0x40:
        raise Unsure
    tag, at, end = _descriptor(block, at + 13)
    if tag != 5:
        raise Unsure
    return Bits(block[at:end]), end - at


def _descriptor(block: bytes, at: int) -> tuple[int, int, int]:
    """Tag, first byte and end of an MPEG-4 descriptor; its length is 7 bits a byte."""
    tag, length = block[at], 0
    for _ in range(4):
        at += 1
        length = length << 7 | block[at] & 0x7F
        if not block[at] & 0x80:
            break
    if at + 1 + length > len(block):
        raise Unsure
    return tag, at + 1, at + 1 + length


def _parts(entry: bytes, at: int) -> dict[bytes, bytes]:
    """The boxes inside a sample entry, each once."""
    found: dict[bytes, bytes] = {}
    while at < len(entry):
        size, kind = struct.unpack_from(">I4s", entry, at)
        if size < 8 or at + size > len(entry) or kind in found:
            raise Unsure
        found[kind] = entry[at + 8 : at + size]
        at += size
    return found


__all__ = ["Codec", "Shown", "Unsure", "heard", "shown"]

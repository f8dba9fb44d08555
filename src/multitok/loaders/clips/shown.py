"""Which packets of a video show a frame: told by their first bits, nothing decoded.

A packet is no frame. VP8, VP9 and AV1 store frames that are only referred to; a stream that was cut
begins with packets whose references are gone; a length that reaches out of its packet is damage.

Sources: RFC 6386, 9.1 (VP8); VP9 bitstream specification 0.7, 6.2 and annex B; AV1 bitstream
specification, 5.9.2; ITU-T H.264, D.1.8 (recovery); H.265 and H.266, 7.4.2.2 (leading pictures);
ISO/IEC 13818-2, 6.2.2.6 (groups); 14496-2, 6.2.5 (VOP); 14496-15, 5.3.3 (lengths of NAL units).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

from multitok.loaders.clips.parameter_sets import Bits

_KEYED = ("vvc", "mpeg1video", "mpeg2video")
"""Codecs of which FFmpeg shows nothing before the first packet that it flags as a key frame."""
_PICTURES = {"h264": range(1, 6), "hevc": range(32), "vvc": range(12)}
"""Types of NAL units that hold a part of a picture;"""
_RANDOM_ACCESS = {"h264": range(5, 6), "hevc": range(16, 24)}
"""of those that a decoder can begin with;"""
_RASL = {"hevc": (8, 9), "vvc": (3,)}
"""and of pictures that refer to what was before the key frame."""
_IDR, _SEI, _RECOVERY, _END_OF_WORDS = 5, 6, 6, 0x80
"""In H.264: a key frame, words about the stream, and among those a recovery point."""
SHORTEST = 4
"""Bytes at the end of a packet that FFmpeg takes for a part; fewer are padding."""
_SMALL = 64
"""Bytes of a packet that may hold no picture: a delimiter or a parameter set on its own."""
_GROUP, _VOP = b"\0\0\1\xb8", b"\0\0\1\xb6"
_SEQUENCE, _FRAME_HEADER, _FRAME = 1, 3, 6
"""Types of AV1's units (OBUs)."""


class Seen(NamedTuple):
    """Frames that a packet shows; whether the decoding of a stream can begin with it."""

    frames: int
    key: bool


class Showing:
    """How many frames each packet of one stream shows; to be asked in stored order.

    extradata   the codec's configuration, which tells how NAL units are parted
    indexed     whether the flags and sizes of packets are those of an index, and hold
    strict      whether packets of H.264 are looked into nevertheless
    dropped     whether the last packet refers to what is not there, and is not to be decoded
    early       packets so far that a decoder drops, for what they refer to is not there
    damaged     packets so far with parts that are longer than they are
    """

    def __init__(
        self,
        codec: str,
        extradata: bytes | None,
        *,
        indexed: bool = False,
        strict: bool = False,
    ) -> None:
        self._codec = codec
        self._lengths = _length_bytes(codec, extradata)
        self._indexed = indexed
        # an mp4 of H.264 is counted by its index alone wherever that will do
        trusted = indexed and codec == "h264" and not strict
        self._checked = self._lengths > 0 and not trusted
        self._begin: int | None = None
        self._begun = self._closed = False
        self._unrefreshed = 0
        self.dropped = False
        self.early = 0
        self.damaged = 0

    def frames(self, packet: Any) -> int:
        data = memoryview(packet)
        self.dropped = False
        if self._checked and not _is_whole(data, self._lengths):
            self.damaged += 1
            return 0
        seen = self._seen(packet, data)
        if not self._begun:
            if not seen.key:
                self.dropped, self.early = True, self.early + seen.frames
                return 0
            self._begun, self._begin = True, packet.pts
            self._closed = self._codec.endswith("video") and _closed_group(bytes(data))
            self._unrefreshed = self._recovery(data)
        else:
            self._unrefreshed = self._unrefreshed and self._still_unrefreshed(data)
            self.dropped = self._before_the_key(packet) and self._refers_back(data)
        if self.dropped or self._unrefreshed:
            self.early += 1
            return 0
        return seen.frames

    def _seen(self, packet: Any, data: memoryview) -> Seen:
        if self._codec in _BY_FIRST_BITS:
            return shown_by(self._codec, data)
        if self._codec in _RANDOM_ACCESS:
            return self._unit(packet, data)
        if self._codec in _KEYED:
            return Seen(1, packet.is_keyframe)
        if self._codec == "mpeg4" and not self._begun:
            return Seen(1, not _is_between(bytes(data)))
        return Seen(1, True)

    def _unit(self, packet: Any, data: memoryview) -> Seen:
        """Looks into a packet only where its flag leaves a question: is it a key frame in truth, is
        there a picture in it at all?"""
        if self._begun and (self._indexed or len(data) > _SMALL):
            return Seen(1, False)
        if self._indexed and packet.is_keyframe:
            return Seen(1, True)
        kind = _picture_type(self._codec, data, self._lengths)
        key = packet.is_keyframe or kind in _RANDOM_ACCESS[self._codec]
        return Seen(int(kind >= 0), kind >= 0 and key)

    def _recovery(self, data: memoryview) -> int:
        """H.264 without key frames refreshes its picture stripe by stripe: how many frames that
        others refer to it takes until the picture is whole."""
        if self._codec != "h264" or _picture_type("h264", data, self._lengths) == _IDR:
            return 0
        return _recovery_frames(data, self._lengths)

    def _still_unrefreshed(self, data: memoryview) -> int:
        for start in units(data, self._lengths):
            if data[start] & 0x1F in _PICTURES["h264"]:
                whole = data[start] & 0x1F == _IDR
                return 0 if whole else self._unrefreshed - bool(data[start] & 0x60)
        return self._unrefreshed

    def _before_the_key(self, packet: Any) -> bool:
        return self._begin is not None and packet.pts is not None and packet.pts < self._begin

    def _refers_back(self, data: memoryview) -> bool:
        """Whether a packet that is shown before the first key frame needs what was before it."""
        if self._codec in _RASL:
            return _picture_type(self._codec, data, self._lengths) in _RASL[self._codec]
        return self._codec in ("h264", "mpeg1video", "mpeg2video") and not self._closed


def _length_bytes(codec: str, extradata: bytes | None) -> int:
    """Bytes of the length before each NAL unit; 0 where start codes part them."""
    place = {"h264": 4, "hevc": 21}.get(codec)
    if place is None or not extradata or len(extradata) <= place or extradata[0] != 1:
        return 0
    return (extradata[place] & 3) + 1


def _is_whole(data: memoryview, width: int) -> bool:
    """Whether the NAL units have a length and stay within the packet, as FFmpeg asks of them."""
    if bytes(data[:4]) == b"\0\0\0\1":
        return True  # start codes, whatever the header says
    at, end = 0, len(data)
    while end - at >= SHORTEST:
        length = int.from_bytes(data[at : at + width], "big")
        if not 0 < length <= end - at - width:
            return False
        at += width + length
    return True


def _picture_type(codec: str, data: memoryview, width: int) -> int:
    """The type of the first NAL unit that holds a part of a picture; -1 where there is none."""
    for start in units(data, width):
        first, second = data[start], data[min(start + 1, len(data) - 1)]
        kind = {"h264": first & 0x1F, "hevc": first >> 1 & 0x3F, "vvc": second >> 3}[codec]
        if kind in _PICTURES[codec]:
            return kind
    return -1


def _recovery_frames(data: memoryview, width: int) -> int:
    """What the message on recovery among the words of a packet says; 0 where there is none."""
    for start in units(data, width):
        at = start + 1
        while data[start] & 0x1F == _SEI and at + 2 < len(data) and data[at] != _END_OF_WORDS:
            kind, at = _summed(data, at)
            size, at = _summed(data, at)
            if kind == _RECOVERY:
                with suppress(IndexError):
                    return Bits(bytes(data[at : at + size])).golomb()
            at += size
    return 0


def _summed(data: memoryview, at: int) -> tuple[int, int]:
    """A number of which each byte of 255 goes on in the next, and the byte after it."""
    value = 0
    while at < len(data):
        value, at = value + data[at], at + 1
        if data[at - 1] != 255:
            break
    return value, at


def units(data: memoryview, width: int) -> list[int]:
    """Where each NAL unit begins."""
    starts, at = [], 0
    if width:
        while at + width < len(data):
            starts.append(at + width)
            at += width + int.from_bytes(data[at : at + width], "big")
        return starts
    raw = bytes(data)
    while (at := raw.find(b"\0\0\1", at)) >= 0 and at + 3 < len(raw):
        at += 3
        starts.append(at)
    return starts


def _closed_group(data: bytes) -> bool:
    """MPEG-1 and 2: whether the group of pictures refers to nothing before it."""
    at = data.find(_GROUP)
    return at >= 0 and at + 7 < len(data) and bool(data[at + 7] & 0x40)


def _is_between(data: bytes) -> bool:
    """MPEG-4 Visual: whether the picture is a B-VOP, which refers to two others."""
    at = data.find(_VOP)
    return 0 <= at < len(data) - 4 and data[at + 4] >> 6 == 2


def _vp8(data: memoryview) -> Seen:
    return Seen(data[0] >> 4 & 1, not data[0] & 1)


def _vp9(data: memoryview) -> Seen:
    """The frames of a packet; more than one stand in a superframe with an index at its end."""
    starts, last = [0], data[-1]
    if last & 0xE0 == 0xC0:
        count, width = (last & 7) + 1, (last >> 3 & 3) + 1
        index = len(data) - 2 - count * width
        if index >= 0 and data[index] == last:
            sizes = data[index + 1 : -1]
            for i in range(count - 1):
                size = int.from_bytes(sizes[i * width : (i + 1) * width], "little")
                starts.append(starts[-1] + size)
    seen = [_vp9_frame(data[start]) for start in starts if start < len(data)]
    return Seen(sum(frame.frames for frame in seen), seen[0].key)


def _vp9_frame(first: int) -> Seen:
    """By the first byte: marker 2 bits, profile 2, in profile 3 a zero; then show_existing_frame,
    frame_type (0: key) and show_frame."""
    bits = first << (first & 0x30 == 0x30)
    if bits & 8:
        return Seen(1, False)
    return Seen(bits >> 1 & 1, not bits & 4)


def _av1(data: memoryview) -> Seen:
    """A packet is a temporal unit: one shown frame at most, with hidden ones before it."""
    shows, key, at, end = 0, False, 0, len(data)
    while at < end:
        head = data[at]
        kind, at = head >> 3 & 15, at + 1 + (head >> 2 & 1)
        size = end - at
        if head & 2:
            size, at = _leb128(data, at)
        if kind in (_FRAME_HEADER, _FRAME) and at < end:
            existing, frame_type = data[at] >> 7, data[at] >> 5 & 3
            shows |= existing or data[at] >> 4 & 1
            key |= not existing and frame_type == 0
        elif kind == _SEQUENCE and at < end and data[at] >> 3 & 1:
            return Seen(1, True)  # reduced_still_picture_header: nothing but a picture
        at += size
    return Seen(shows, key)


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, least first, and the byte after it."""
    value = shift = 0
    while at < len(data):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if not byte & 0x80 or shift > 56:
            break
    return value, at


_BY_FIRST_BITS = {"vp8": _vp8, "vp9": _vp9, "av1": _av1}
"""Codecs whose packets tell by themselves what they show."""


def shown_by(codec: str, data: memoryview) -> Seen:
    """What a packet of VP8, VP9 or AV1 shows."""
    return _BY_FIRST_BITS[codec](data)


__all__ = ["SHORTEST", "Seen", "Showing", "shown_by", "units"]

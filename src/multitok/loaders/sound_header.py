"""The headers of WAV and FLAC files, believed as far as the bytes reach.

A recorder that crashes leaves its sizes open, a broken upload keeps the length of the whole: so the
chunks of a WAV are held against the file, and what a FLAC promises against its last frame. Where
they disagree, the packets are counted.

Source: EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64), RFC 9639 (FLAC).
"""

from __future__ import annotations

import struct
from struct import unpack
from typing import NamedTuple

from multitok.core.errors import SourceError
from multitok.loaders.source import Reader, Source

_EXTENSIBLE = 0xFFFE
_WHOLE_SAMPLES = (1, 3, 6, 7, _EXTENSIBLE)
"""WAV formats of one number a sample: PCM, float, A-law, mu-law; the extensible form names one."""
_OPEN = 0xFFFFFF00
"""A size from here on was never filled in."""
_RATE_BYTES = {12: 1, 13: 2, 14: 2}
"""Codes of a FLAC frame whose sample rate stands behind its number, in so many bytes."""
_END = 1 << 16
"""Bytes at the end of a FLAC file in which its last frame begins, where it does not say more."""


class Header(NamedTuple):
    """What a trusted header says; `missing` samples it promises are not in the file."""

    samples: int
    rate: int
    channels: int
    missing: int = 0


def sound_header(source: Source, form: str) -> Header | None:
    """The header of a WAV or FLAC file; None where only the packets tell."""
    reader = {"WAV": _wav, "FLAC": _flac}.get(form)
    if reader is None:
        return None
    try:
        with Reader(source) as r:
            header = reader(r)
    except (struct.error, IndexError, EOFError):
        raise SourceError(f"{source.name}: damaged {form} header", source=source.name) from None
    if header is not None and not (header.channels and header.rate):
        raise SourceError(f"{source.name}: damaged {form} header", source=source.name)
    return header


class Wave(NamedTuple):
    """Where the samples of a WAV are: `spans` are the offset and length of each run of them.

    code      the format of a sample, `block` its bytes in all channels
    order     "<", or ">" of a RIFX: of its sizes and of its samples
    promised  samples per channel that its chunks claim
    """

    code: int
    rate: int
    channels: int
    block: int
    order: str
    spans: list[tuple[int, int]]
    promised: int


def _wav(r: Reader) -> Header | None:
    """The samples of all its `data` chunks, as far as they are there."""
    wave = wave_of(r)
    if wave is None:
        return None
    there = sum(size // wave.block for _, size in wave.spans)
    return Header(there, wave.rate, wave.channels, wave.promised - there)


def wave_of(r: Reader) -> Wave | None:
    """The chunks of a WAV; None where its samples have no length of their own."""
    order = ">" if r.at(0, 4) == b"RIFX" else "<"
    at, code, rate, channels, block, long = 12, 0, 0, 0, 0, 0
    spans: list[tuple[int, int]] = []
    promised = 0
    while at + 8 <= r.size:
        kind, size = unpack(f"{order}4sI", r.at(at, 8))
        if kind == b"ds64":
            (long,) = unpack("<Q", r.at(at + 16, 8))
        elif kind == b"fmt ":
            code, channels, rate, _, block = unpack(f"{order}HHIIH", r.at(at + 8, 14))
            if code == _EXTENSIBLE and size >= 40:
                (code,) = unpack(f"{order}I", r.at(at + 32, 4))
            if code not in _WHOLE_SAMPLES or not block:
                return None
        elif kind == b"data":
            if not block:
                return None
            left = r.size - at - 8
            if size >= _OPEN:
                size = long or left
            elif not size and not _chunks(r, at + 8, order):
                size = left
            spans.append((at + 8, min(size, left)))
            promised += size // block
        elif spans and not _named(kind):
            break
        at += 8 + size + (size & 1)
    if not spans:
        raise EOFError
    return Wave(code, rate, channels, block, order, spans, promised)


def _chunks(r: Reader, at: int, order: str) -> bool:
    """Whether the bytes from here on are chunks, to the very end."""
    while at + 8 <= r.size:
        kind, size = unpack(f"{order}4sI", r.at(at, 8))
        if not _named(kind):
            return False
        at += 8 + size + (size & 1)
    return r.size <= at <= r.size + 1


def _named(kind: bytes) -> bool:
    """Whether a chunk may be called so: four printable characters."""
    return all(0x20 <= byte < 0x7F for byte in kind)


def _flac(r: Reader) -> Header | None:
    """STREAMINFO, where the last frame of the file bears it out: 20 bits of rate, 3 of channels,
    36 of samples; 0 samples means not known."""
    info = r.at(8, 18)
    block, largest, packed = (
        int.from_bytes(info[a:z], "big") for a, z in ((2, 4), (7, 10), (10, 18))
    )
    rate, channels, samples = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    if not samples:
        return None
    size = min(r.size, largest + 256 if largest else _END)
    if not _ends_at(samples, r.at(r.size - size, size), block):
        return None
    return Header(samples, rate, channels)


def _ends_at(samples: int, tail: bytes, block: int) -> bool:
    """Whether a frame in these last bytes of a file ends with this sample. Frames of one size are
    numbered by frame, `block` samples each; others by their first sample."""
    at = tail.rfind(b"\xff")
    while at >= 0:
        frame = tail[at : at + 16]
        if frame[1:2] in (b"\xf8", b"\xf9") and _frame_end(frame, block) == samples:
            return True
        at = tail.rfind(b"\xff", 0, at)
    return False


def _frame_end(frame: bytes, block: int) -> int | None:
    """The sample after a frame, by its header; None where the bytes are none."""
    if len(frame) < 6:
        return None
    number, at = _coded(frame, 4)
    code = frame[2] >> 4
    if code in (6, 7):
        size = int.from_bytes(frame[at : at + code - 5], "big") + 1
        at += code - 5
    elif code:
        size = 192 if code == 1 else 576 << code - 2 if code < 6 else 256 << code - 8
    else:
        return None
    at += _RATE_BYTES.get(frame[2] & 15, 0)
    if at >= len(frame) or _crc8(frame[:at]) != frame[at]:
        return None
    return (number if frame[1] & 1 else number * block) + size


def _coded(frame: bytes, at: int) -> tuple[int, int]:
    """A number written as UTF-8 writes characters, and where it ends."""
    lead = frame[at] if at < len(frame) else 0
    if lead < 0x80:
        return lead, at + 1
    more = 0
    while more < 7 and lead & 0x80 >> more:
        more += 1
    number = lead & 0x7F >> more
    for byte in frame[at + 1 : at + more]:
        number = number << 6 | byte & 0x3F
    return number, at + more


def _crc8(data: bytes) -> int:
    """The check of a frame header: polynomial x^8 + x^2 + x + 1."""
    check = 0
    for byte in data:
        check ^= byte
        for _ in range(8):
            check = (check << 1 ^ (check >> 7) * 0x107) & 0xFF
    return check


__all__ = ["Header", "Wave", "sound_header", "wave_of"]

"""C3D motion capture: the points of each frame, or the analog channels beside them.

A header of 512 bytes, a section of parameters, then the frames: 16-bit numbers with a scale or
floats, in the order of bytes of Intel, DEC (VAX floats) or MIPS. Source: the C3D file format guide.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite, prod
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from multitok.core.widening import widened
from multitok.loaders.columns.tables import Table, chosen, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 512
_INTEL, _DEC, _MIPS = 84, 85, 86
Parameters = dict[str, Any]
"""POINT:LABELS and the like: numbers or texts, a list each."""


class _Header(NamedTuple):
    """What is needed to find the frames.

    processor  whose order of bytes and floats
    points     of a frame; each x, y, z and a word that says whether it was seen
    channels   analog; each `samples` times a frame
    scale      of 16-bit numbers; below 0 where the numbers are floats
    start      of the first frame, in bytes
    """

    processor: int
    points: int
    channels: int
    samples: int
    frames: int
    scale: float
    start: int
    rate: float

    @property
    def words(self) -> int:
        """Numbers of a frame."""
        return 4 * self.points + self.channels * self.samples

    @property
    def size(self) -> int:
        """Bytes of a number."""
        return 4 if self.scale < 0 else 2


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """Points as label.x, label.y, label.z in the file's unit, NaN where one was not seen.

    Analog channels have steps of their own: they are read where no point is, or by name."""
    with source.open() as file:
        found, told = _told(source, file)
        labels = _labels(told, "POINT", found.points)
        points = [f"{label}.{axis}" for label in labels for axis in "xyz"]
        analog = _labels(told, "ANALOG", found.channels)
        names = (*points, *analog)
        if not names:
            raise wrong(source.name, "neither points nor analog channels in it")
        keep = chosen(source.name, names, options.columns)
        if not options.columns and points:
            keep = keep[: len(points)]
        if min(keep) < len(points) <= max(keep):
            raise wrong(source.name, "points and analog channels have other steps: name one kind")
        seen = max(keep) < len(points)
        samples = 1 if seen else found.samples
        table = Table(
            names=tuple(names[place] for place in keep),
            rows=found.frames * samples,
            hz=found.rate * samples or None,
            facts={"analog": ", ".join(analog)} if analog else {},
        )
        if not values:
            return table
        file.seek(found.start)
        data = file.read(found.frames * found.words * found.size)
    frames = _decoded(data, found).reshape(found.frames, found.words)
    numbers = _points(frames, found) if seen else _analog(frames, found, told)
    first = 0 if seen else len(points)
    return replace(table, values=numbers[:, [place - first for place in keep]])


def _told(source: Source, file: BinaryIO) -> tuple[_Header, Parameters]:
    """The header and the parameters; SourceError where they are none, or the frames are not all
    there."""
    head = file.read(BLOCK)
    if len(head) < BLOCK or head[1] != 0x50:
        raise wrong(source.name, "not a C3D file: its second byte is not 0x50")
    file.seek((max(head[0], 1) - 1) * BLOCK)
    section = file.read(4)
    if len(section) < 4 or section[3] not in _ORDERS:
        raise wrong(source.name, "damaged C3D file: no processor (84, 85 or 86) in its parameters")
    section += file.read(max(section[2], 1) * BLOCK - 4)
    try:
        told = dict(_parameters(section))
        found = _header(head, section[3], told)
    except (struct.error, IndexError, ValueError) as error:
        raise wrong(source.name, f"damaged C3D file ({error})") from None
    there = ((source.size or 0) - found.start) // max(found.words * found.size, 1)
    if there < found.frames:
        raise wrong(
            source.name,
            f"{found.frames} frames are announced, {max(there, 0)} are there: the file is cut",
        )
    return found, told


_ORDERS = {_INTEL: "<", _DEC: "<", _MIPS: ">"}


def _header(head: bytes, processor: int, told: Parameters) -> _Header:
    order = _ORDERS[processor]
    points, analog, first, last = struct.unpack_from(order + "4H", head, 2)
    scale, rate = _float(head[12:16], processor), _float(head[20:24], processor)
    block, samples = struct.unpack_from(order + "2H", head, 16)
    frames = last - first + 1
    span = [told.get(f"TRIAL:ACTUAL_{end}_FIELD") for end in ("START", "END")]
    if all(ends and len(ends) > 1 for ends in span):  # 32 bits, in two words
        low, high = (int(ends[0]) % 65536 + int(ends[1]) % 65536 * 65536 for ends in span if ends)
        frames = high - low + 1
    if frames < 0 or block < 2 or not isfinite(rate) or rate < 0 or not isfinite(scale):
        raise ValueError(f"{frames} frames at {rate:g} Hz from block {block}")
    samples = samples or 1
    return _Header(
        processor, points, analog // samples, samples, frames, scale, (block - 1) * BLOCK, rate
    )


def _float(data: bytes, processor: int) -> float:
    """A VAX float has its halves the other way round, and four times the value."""
    if processor == _DEC:
        data = data[2:] + data[:2]
    (number,) = struct.unpack(_ORDERS[processor] + "f", data)
    return float(number) / (4 if processor == _DEC else 1)


def _parameters(section: bytes) -> Iterator[tuple[str, list[Any]]]:
    """GROUP:NAME and its values. A record says where the next begins; a group has a number below
    0, its parameters have the same above."""
    processor = section[3]
    order = _ORDERS[processor]
    groups: dict[int, str] = {}
    waiting: list[tuple[int, str, list[Any]]] = []
    at = 4
    while at + 4 < len(section) and (size := abs(_signed(section[at]))):
        number = _signed(section[at + 1])
        name = section[at + 2 : at + 2 + size].decode("latin-1").strip().upper()
        place = at + 2 + size
        (ahead,) = struct.unpack_from(order + "h", section, place)
        if number < 0:
            groups[-number] = name
        else:
            waiting.append((number, name, _values(section, place + 2, processor)))
        if ahead <= 0:
            break
        at = place + ahead
    for number, name, values in waiting:
        yield f"{groups.get(number, number)}:{name}", values


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _values(section: bytes, at: int, processor: int) -> list[Any]:
    """A list of numbers, or of texts: those of a first side that is their length."""
    size, sides = abs(_signed(section[at])), section[at + 1]
    text = section[at] == 255
    lengths = list(section[at + 2 : at + 2 + sides])
    at += 2 + sides
    many = prod(lengths)
    data = section[at : at + many * max(size, 1)]
    if text:
        width = (lengths or [1])[0]
        texts = [data[i : i + width] for i in range(0, len(data), max(width, 1))]
        return [text.decode("latin-1").strip("\0 ") for text in texts]
    if len(data) < many * size:
        raise ValueError("a parameter is cut")
    if size == 4:
        return [_float(data[i : i + 4], processor) for i in range(0, len(data), 4)]
    return [*struct.unpack(f"{_ORDERS[processor]}{many}{'b' if size == 1 else 'h'}", data)]


def _labels(told: Parameters, group: str, many: int) -> list[str]:
    """A name for each, the file's own where it has one and it is the only one."""
    said: list[str] = []
    for part in ("LABELS", "LABELS2", "LABELS3", "LABELS4"):
        said += [str(label) for label in told.get(f"{group}:{part}", [])]
    names: list[str] = []
    taken: set[str] = set()
    for i in range(many):
        name = (said[i] if i < len(said) else "") or f"{group.lower()}{i}"
        name = name if name not in taken else f"{name}.{i}"
        names.append(name)
        taken.add(name)
    return names


def _decoded(data: bytes, found: _Header) -> NDArray[np.float64]:
    """The words of all frames as numbers, not yet scaled."""
    import numpy as np

    order = _ORDERS[found.processor]
    if found.size == 2:
        return np.frombuffer(data, f"{order}i2").astype(np.float64)
    if found.processor != _DEC:
        return widened(np.frombuffer(data, f"{order}f4"))
    halves = np.frombuffer(data, "<u2").reshape(-1, 2)[:, ::-1]
    return widened(np.ascontiguousarray(halves).view("<f4").ravel()) / 4


def _points(frames: NDArray[np.float64], found: _Header) -> NDArray[np.float64]:
    """(frames, 3 x points): NaN where the fourth word of a point is below 0."""
    import numpy as np

    words = frames[:, : 4 * found.points].reshape(len(frames), found.points, 4)
    scale = found.scale if found.scale > 0 else 1.0
    seen = np.where(words[:, :, 3:] < 0, np.nan, words[:, :, :3] * scale)
    return seen.reshape(len(frames), 3 * found.points)


def _analog(frames: NDArray[np.float64], found: _Header, told: Parameters) -> NDArray[np.float64]:
    """(frames x samples, channels): (number - offset) * scale * general scale."""
    import numpy as np

    numbers = frames[:, 4 * found.points :].reshape(-1, found.channels)
    offset, scale = np.zeros(found.channels), np.ones(found.channels)
    for name, out in (("OFFSET", offset), ("SCALE", scale)):
        said = told.get(f"ANALOG:{name}", [])[: found.channels]
        out[: len(said)] = said
    general = (told.get("ANALOG:GEN_SCALE") or [1.0])[0]
    scaled: NDArray[np.float64] = (numbers - offset) * scale * general
    return scaled

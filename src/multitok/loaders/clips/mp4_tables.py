"""The sample tables of an mp4 track: when each frame is shown, and whether all of it is there.

Stamps are those that FFmpeg's demuxer gives its packets. A table that says something else than the
other ones, or an edit list that leaves frames out, gives None.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain, islice, pairwise, repeat
from struct import unpack
from typing import NamedTuple

from multitok.loaders.source import Reader

_TABLES = {
    b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco", b"co64", b"sdtp", b"sbgp",
    b"sgpd", b"cslg",
}  # fmt: skip
MOST_SAMPLES = 1_000_000
"""Nine hours at 30 frames a second; a longer file is left to the demux pass."""
_LONGEST = 1 << 28
"""FFmpeg takes a longer offset or duration for damage."""


class Edit(NamedTuple):
    """The part of the media that is shown, and how long nothing is before it, in ticks of the
    track."""

    begin: int
    length: int
    delay: int


class Table(NamedTuple):
    """Stamps of the samples in stored order, in ticks; `tail`: how long the last one to be shown
    lasts; `sizes` of the samples, and `chunks`: where each begins, and how many are in it."""

    scale: int
    stamps: tuple[int, ...]
    tail: int
    offsets: bool
    sizes: tuple[int, ...]
    chunks: list[tuple[int, int]]

    def places(self) -> Iterator[tuple[int, int]]:
        """Where each sample begins, and its bytes."""
        sizes = iter(self.sizes)
        for at, held in self.chunks:
            for size in islice(sizes, held):
                yield at, size
                at += size


def table_of(
    r: Reader,
    boxes: list[tuple[bytes, int, int]],
    scale: int,
    edit: Edit | None,
    *,
    warms_up: bool,
) -> Table | None:
    """The samples of the `stbl` box with these boxes. Sound `warms_up`: its first samples may be
    there for the decoder alone."""
    places = {kind: (start, end) for kind, start, end in boxes}
    if len(places) != len(boxes) or not places.keys() <= _TABLES or not scale:
        return None
    sizes = _sizes(r, places[b"stsz"])
    steps = _runs(r, places[b"stts"], len(sizes))
    if not sizes or min(sizes) < 1 or steps is None or not 0 < min(steps) <= max(steps) < _LONGEST:
        return None
    if b"stss" in places and not _entries(r, places[b"stss"], 1):
        return None
    chunks = _chunks(r, places)
    if not _whole_file(r, chunks, sizes):
        return None
    begins = list(accumulate(steps[:-1], initial=0))
    shown, shifted = begins, b"ctts" in places
    if shifted:
        offsets = _runs(r, places[b"ctts"], len(sizes))
        if offsets is None or max(offsets) >= _LONGEST:
            return None
        shown = [begin + offset for begin, offset in zip(begins, offsets, strict=True)]
    if edit is not None:
        if warms_up and not shifted:
            first = edit.begin if edit.begin in shown else None
        else:
            first = min(shown) if edit.begin <= min(shown) else None
        if first is None or not _reaches_the_last(shown, steps, edit):
            return None
        shown = [stamp - first + edit.delay for stamp in shown]
    last = shown.index(max(shown)) if shifted else -1
    return Table(scale, tuple(shown), steps[last], shifted, sizes, chunks)


def _reaches_the_last(shown: list[int], steps: list[int], edit: Edit) -> bool:
    """Whether the edit ends after every sample has begun.

    FFmpeg stops at the second key frame that lasts to the end of the edit: one such frame before
    the last of the file is no question.
    """
    end = edit.begin + edit.length
    late = sum(stamp + step >= end for stamp, step in zip(shown[:-1], steps, strict=False))
    return max(shown) < end and late <= 1


def _entries(r: Reader, place: tuple[int, int], width: int) -> tuple[int, ...]:
    """The numbers of a table whose entries hold `width` of them, as many as it says."""
    start, end = place
    version, count = unpack(">B3xI", r.at(start, 8))
    if version > 1 or count > MOST_SAMPLES or end - start != 8 + 4 * width * count:
        return ()
    numbers: tuple[int, ...] = unpack(f">{width * count}I", r.at(start + 8, end - start - 8))
    return numbers


def _sizes(r: Reader, place: tuple[int, int]) -> tuple[int, ...]:
    """Bytes of each sample."""
    start, end = place
    version, same, count = unpack(">B3xII", r.at(start, 12))
    if version or count > MOST_SAMPLES or end - start != 12 + (0 if same else 4 * count):
        return ()
    if same:
        return (same,) * count if same * count <= r.size else ()
    sizes: tuple[int, ...] = unpack(f">{count}I", r.at(start + 12, end - start - 12))
    return sizes


def _runs(r: Reader, place: tuple[int, int], wanted: int) -> list[int] | None:
    """The values of a run-length table (count, value), one a sample; None if not that many."""
    flat = _entries(r, place, 2)
    if sum(flat[::2]) != wanted:
        return None
    return list(chain.from_iterable(map(repeat, flat[1::2], flat[::2])))


def _whole_file(r: Reader, chunks: list[tuple[int, int]], sizes: tuple[int, ...]) -> bool:
    """Whether the chunks hold just these samples, and all lie within the file."""
    reach = list(accumulate(sizes, initial=0))
    sample = 0
    for offset, held in chunks:
        if sample + held > len(sizes):
            return False
        if offset + reach[sample + held] - reach[sample] > r.size:
            return False
        sample += held
    return sample == len(sizes)


def _chunks(r: Reader, places: dict[bytes, tuple[int, int]]) -> list[tuple[int, int]]:
    """Where each chunk begins, and how many samples are in it; none where the table is odd."""
    offsets = _offsets(r, places)
    flat = _entries(r, places[b"stsc"], 3)
    firsts = [*flat[::3], len(offsets) + 1]
    if firsts[0] != 1 or any(a >= b for a, b in pairwise(firsts)):
        return []
    if set(flat[2::3]) != {1} or 0 in flat[1::3]:
        return []
    lasting = (after - first for first, after in pairwise(firsts))
    held = chain.from_iterable(map(repeat, flat[1::3], lasting))
    return list(zip(offsets, held, strict=True))


def _offsets(r: Reader, places: dict[bytes, tuple[int, int]]) -> tuple[int, ...]:
    """Where each chunk begins."""
    if b"co64" not in places:
        return _entries(r, places[b"stco"], 1)
    halves = _entries(r, places[b"co64"], 2)
    return tuple(high << 32 | low for high, low in zip(halves[::2], halves[1::2], strict=True))


__all__ = ["MOST_SAMPLES", "Edit", "Table", "table_of"]

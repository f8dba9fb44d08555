"""Whether a GIF moves. Its header does not say: a loop and a delay stand before single frames too,
and an animation that plays once may have neither. The frames are skipped block by block, not read.
"""

from __future__ import annotations

from multitok.loaders.source import Reader, Source


def is_animated(source: Source) -> bool:
    """Whether a second frame follows the first; False where the file ends, or makes no sense,
    before."""
    try:
        with Reader(source) as reader:
            return _has_second_frame(reader)
    except (IndexError, EOFError):
        return False


def _has_second_frame(r: Reader) -> bool:
    at, frames = 13 + _table(r.at(10, 1)[0]), 0
    while frames < 2:
        kind = r.at(at, 1)
        if kind == b"\x21":  # an extension: its label, then blocks
            at = _after_blocks(r, at + 2)
        elif kind == b"\x2c":  # a frame: its place, its colors, the size of its codes, then blocks
            at = _after_blocks(r, at + 11 + _table(r.at(at + 9, 1)[0]))
            frames += 1
        else:
            return False
    return True


def _table(packed: int) -> int:
    """Bytes of a color table, from the byte that says whether there is one."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _after_blocks(r: Reader, at: int) -> int:
    """The place after blocks, each behind its length, up to an empty one."""
    while length := r.at(at, 1)[0]:
        at += length + 1
    return at + 1

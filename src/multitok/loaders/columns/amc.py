"""AMC motion (Acclaim): the degrees of freedom of each joint, a frame a number and its lines.

The order of the axes stands in the skeleton (.asf) and is not needed to count or to encode: the
numbers of a joint are joint[0], joint[1], ...; those of the root, place first, as they stand.
"""

from __future__ import annotations

from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, decoded, number, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """A row a frame. The file tells no rate: `hz` does (CMU's motion has 120)."""
    text = decoded(source, options.encoding or "utf-8-sig", errors="replace")
    columns: dict[str, list[float]] = {}
    frames = 0
    seen: set[str] = set()
    at = 0
    for at, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0][0] in "#:":
            continue
        if len(words) == 1 and words[0].isdecimal():
            _whole(source.name, at, frames, seen, columns)
            frames += 1
            seen = set()
            continue
        if not frames:
            raise wrong(
                source.name, f"line {at}: expected the number of a frame, got {line[:40]!r}"
            )
        _joint(source.name, at, words, frames, columns, seen)
    if not columns:
        raise wrong(source.name, "no frames in it")
    _whole(source.name, at, frames, seen, columns)
    return stacked(source.name, columns, options.columns, values=values, facts={"rate": "not told"})


def _joint(
    source: str,
    at: int,
    words: list[str],
    frames: int,
    columns: dict[str, list[float]],
    seen: set[str],
) -> None:
    """The numbers of one joint in one frame; the first frame says how many it has."""
    for i, word in enumerate(words[1:]):
        name = words[0] if len(words) == 2 else f"{words[0]}[{i}]"
        if name in seen or (frames > 1 and name not in columns):
            raise wrong(source, f"line {at}: {name} is not in the first frame, or stands twice")
        try:
            columns.setdefault(name, []).append(number(word))
        except ValueError:
            raise wrong(source, f"line {at} is not numeric: it holds {word[:40]!r}") from None
        seen.add(name)


def _whole(
    source: str, at: int, frames: int, seen: set[str], columns: dict[str, list[float]]
) -> None:
    """SourceError for a frame that lacks what the first one has."""
    if frames and (lacking := [name for name in columns if name not in seen]):
        raise wrong(source, f"frame {frames} (up to line {at}) lacks {lacking[0]}")

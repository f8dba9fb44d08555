"""BVH motion capture: a skeleton with its channels, then a row of numbers for each frame."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.errors import SourceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHANNELS = (
    "Xposition", "Yposition", "Zposition", "Xrotation", "Yrotation", "Zrotation",
)  # fmt: skip


class Header(NamedTuple):
    """What stands before the numbers.

    names       joint and channel, in the order of the columns: "Hips.Xposition"
    frames      rows of numbers that follow
    frame_time  seconds between them
    line        where the numbers begin, counted from 0
    """

    names: tuple[str, ...]
    frames: int
    frame_time: float
    line: int

    @property
    def hz(self) -> float:
        """Frames per second."""
        return 1 / self.frame_time


def header(lines: list[str], source: str = "<data>") -> Header:
    """The skeleton's channels and the length of the motion; the numbers are not looked at."""
    names: list[str] = []
    open_joints: list[str] = []
    joint = ""
    lines = [line.strip() for line in lines]
    at = 0
    while at < len(lines) and lines[at] != "MOTION":
        word, *rest = lines[at].split() or [""]
        if word in ("ROOT", "JOINT", "End"):
            joint = " ".join(rest) if word != "End" else "End"
        elif word == "{":
            open_joints.append(joint)
        elif word == "}":
            if not open_joints:
                raise _wrong(source, at, "a } without its {")
            open_joints.pop()
        elif word == "CHANNELS":
            names += _channels(rest, open_joints[-1:], source, at)
        at += 1
    if at == len(lines):
        raise SourceError(f"{source}: a BVH file needs a MOTION section, got none", source=source)
    if open_joints:
        raise _wrong(source, at, f"joint {open_joints[-1]!r} is not closed with a }}")
    if not names:
        raise SourceError(f"{source}: a BVH file needs CHANNELS, got none", source=source)
    frames = _after("Frames:", lines, at + 1, source)
    frame_time = _after("Frame Time:", lines, at + 2, source)
    if frames != int(frames) or frames < 0:
        raise _wrong(source, at + 1, f"Frames must be a whole number, got {frames!r}")
    if frame_time <= 0 or not isfinite(1 / frame_time):
        raise _wrong(source, at + 2, f"Frame Time must be above 0, got {frame_time!r}")
    return Header(tuple(names), int(frames), frame_time, at + 3)


def parse(text: str, source: str = "<data>") -> tuple[Header, NDArray[np.float64]]:
    """The header and the motion, (frames, channels): positions in the file's unit, angles in
    degrees as they stand. An angle that wraps at 180 is not unwrapped: numpy.unwrap does that.
    """
    import numpy as np

    lines = text.splitlines()
    head = header(lines, source)
    rows = []
    for at, words in frames(lines, head, source):
        try:
            rows.append([float(word) for word in words])
        except ValueError as error:
            raise _wrong(source, at, str(error)) from None
        if not all(map(isfinite, rows[-1])):
            raise _wrong(source, at, "every number must be finite")
    return head, np.array(rows, np.float64).reshape(-1, len(head.names))


def frames(lines: list[str], head: Header, source: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and words of every frame; SourceError for a short one, and where frames lack."""
    found = 0
    for at in range(head.line, len(lines)):
        words = lines[at].split()
        if not words:
            continue
        if len(words) != len(head.names):
            raise _wrong(
                source, at, f"{len(head.names)} channels need as many numbers, got {len(words)}"
            )
        found += 1
        yield at, words
    if found != head.frames:
        raise SourceError(
            f"{source}: {head.frames} frames are announced, {found} are there: the file is cut",
            source=source,
        )


def _channels(rest: list[str], joint: list[str], source: str, at: int) -> list[str]:
    """The columns of one CHANNELS line."""
    given = rest[1:]
    if not joint or not rest or rest[0] != str(len(given)):
        raise _wrong(
            source, at, f"CHANNELS must stand in a joint and count its names, got {rest!r}"
        )
    for name in given:
        if name not in CHANNELS:
            raise _wrong(source, at, f"a channel is one of {', '.join(CHANNELS)}, got {name!r}")
    return [f"{joint[0]}.{name}" for name in given]


def _after(label: str, lines: list[str], at: int, source: str) -> float:
    """The number after "Frames:" or "Frame Time:"."""
    line = lines[at] if at < len(lines) else ""
    try:
        if not line.startswith(label):
            raise ValueError
        number = float(line[len(label) :])
        if not isfinite(number):
            raise ValueError
        return number
    except ValueError:
        raise _wrong(source, at, f"expected {label!r} and a number, got {line!r}") from None


def _wrong(source: str, at: int, what: str) -> SourceError:
    return SourceError(f"{source}: line {at + 1}: {what}", source=source)

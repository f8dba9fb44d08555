"""A folder of pictures as a video: one frame a file, in the order of their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from multitok.core.errors import SourceError
from multitok.core.info import VideoInfo
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.source import Source, source_of
from multitok.loaders.timing import section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.loaders.clips.frame import Undrawn

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic"}


def pictures(source: Source) -> list[Path]:
    """The pictures of the folder: frame2 before frame10. SourceError for a folder without any."""
    folder = source.path or Path(source.name)
    found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file()]
    if not found:
        raise SourceError(
            f"{source.name}: a folder without pictures: it needs files such as"
            f" {', '.join(sorted(SUFFIXES)[:4])}",
            source=source.name,
        )
    return sorted(found, key=lambda p: [_natural(part) for part in re.split(r"(\d+)", p.name)])


def _natural(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdecimal() else (1, 0, part)


def frame_rate(source: Source, read: ReadOptions) -> float:
    """The rate the user named; a folder has none of its own."""
    if read.fps is None or read.fps <= 0:
        raise SourceError(
            f"{source.name}: a folder of frames needs its frames per second above 0: --fps 2",
            source=source.name,
        )
    return read.fps


def examine(source: Source, read: ReadOptions) -> Probed:
    """The size that all the pictures have, read from their headers."""
    from multitok.loaders import image
    from multitok.loaders.sniff import sniff

    fps, files = frame_rate(source, read), pictures(source)
    sizes: dict[tuple[int, int], str] = {}
    for path in files:
        file = source_of(path)
        info = image.examine(file, ReadOptions(format=sniff(file).format)).info
        sizes.setdefault((info.width, info.height), path.name)  # type: ignore[union-attr]
        if len(sizes) > 1:
            (one, a), (two, b) = sizes.items()
            raise SourceError(
                f"{source.name}: the frames of a video have one size: {a} is {one[0]} x {one[1]},"
                f" {b} is {two[0]} x {two[1]}",
                source=source.name,
            )
    times = [i / fps for i in range(len(files))]
    part = section(times, 1 / fps, read, clock=0.0)
    width, height = next(iter(sizes))
    info = VideoInfo(width, height, len(part.times), part.pace.fps, part.pace.duration)
    return Probed(info, "frames", source.name, {}, (f"{len(files)} pictures at {fps:g} fps",))


def undrawn(source: Source, read: ReadOptions) -> Iterator[Undrawn]:
    from multitok.loaders.clips.frame import Undrawn

    fps = frame_rate(source, read)
    for index, path in enumerate(pictures(source)):
        yield Undrawn(index, index / fps, lambda p=path: _pixels(p))  # type: ignore[misc]


def _pixels(path: Path) -> NDArray[np.uint8]:
    from multitok.loaders.door import load

    return load(path, modality="image").pixels

"""Any folder of files: what multitok reads of each, against Pillow, FFmpeg and pandas.

    python oracle/compare_files.py FOLDER... [--load] [--jsonl found.jsonl] [--only image,video]

Every file is examined by multitok and by a peer: pictures by Pillow (size as displayed), clips and
sounds by ffprobe where it is installed, else by a whole decode with PyAV (frames; samples), tables
by pandas (rows and columns of numbers). The table counts what agrees, what differs and who refused;
below it stand the files to look at. `--load` decodes each file as well, and holds its shape against
the one that its header told. Nothing is written but what `--jsonl` names.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import multitok
from multitok.core.boundary import UnexpectedError
from multitok.core.errors import MultitokError
from multitok.loaders.formats import BY_SUFFIX

SHOWN = 40
SLOW = 2.0
"""Seconds from which a header is told as slow."""

VERDICTS = (
    "same", "differs", "only the peer reads it", "only multitok reads it", "refused by both",
    "unexpected", "load differs", "slow",
)  # fmt: skip


class Found(NamedTuple):
    """One file: what both say of it, and what comes of that."""

    path: Path
    modality: str
    verdict: str
    ours: str
    theirs: str
    seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("folders", nargs="+", type=Path)
    words.add_argument("--load", action="store_true", help="decode each file, too")
    words.add_argument("--jsonl", type=Path, help="a line a file")
    words.add_argument("--only", default="", help="image,video,audio,series")
    asked = words.parse_args(arguments)
    only = {name for name in asked.only.split(",") if name}
    found = []
    for path in files(asked.folders):
        one = compared(path, load=asked.load, only=only)
        if one is not None:
            found.append(one)
    if asked.jsonl:
        with asked.jsonl.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(one._asdict(), default=str) + "\n" for one in found)
    show(found)


def files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        inside = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        yield from (path for path in inside if path.is_file() and ".git" not in path.parts)


def compared(path: Path, *, load: bool, only: set[str]) -> Found | None:
    """What becomes of a file; None for a text, and for what was not asked for."""
    begun = time.perf_counter()
    modality, ours, refused, unexpected = examined(path)
    seconds = time.perf_counter() - begun
    if modality in ("text", "pdf", "actions") or (only and modality not in only):
        return None
    theirs = PEERS[modality](path) if modality in PEERS else None
    if unexpected:
        verdict = "unexpected"
    elif refused is not None:
        verdict = "only the peer reads it" if theirs is not None else "refused by both"
    elif theirs is None:
        verdict = "only multitok reads it"
    else:
        verdict = "same" if agree(modality, ours, theirs) else "differs"
        verdict = "slow" if seconds > SLOW and verdict == "same" else verdict
    if load and refused is None and (why := load_differs(path, modality)):
        verdict, refused = "load differs", why
    said = refused if refused is not None else str(ours)
    return Found(path, modality, verdict, said, str(theirs), seconds)


def examined(path: Path) -> tuple[str, tuple[float, ...] | None, str | None, bool]:
    """Modality, shape, why it was refused, and whether that was foreseen."""
    named = BY_SUFFIX.get(path.suffix.lower().lstrip("."))
    suspected = named.modality if named is not None else "text"
    try:
        probed = multitok.examine(path)
    except UnexpectedError as error:
        return suspected, None, str(error), True
    except MultitokError as error:
        return suspected, None, str(error), False
    return probed.modality, shape(probed.info), None, False


def shape(info: Any) -> tuple[float, ...] | None:
    """The numbers of a shape that a peer tells, too."""
    if isinstance(info, multitok.ImageInfo):
        return info.width, info.height
    if isinstance(info, multitok.VideoInfo):
        return info.frames, info.width, info.height
    if isinstance(info, multitok.AudioInfo):
        return info.samples, info.sample_rate, info.channels
    if isinstance(info, multitok.SeriesInfo):
        return info.steps, info.channels
    return None


def load_differs(path: Path, modality: str) -> str:
    """How the content differs from what its header told; "" where it does not."""
    try:
        told = multitok.probe(path)
        held = multitok.info_of(multitok.load(path))
    except MultitokError:
        return ""  # a header that can be read, of what cannot be decoded here
    return "" if held == told else f"header {told}, content {held}"


def agree(modality: str, ours: tuple[float, ...] | None, theirs: tuple[float, ...]) -> bool:
    """Exactly, but for sounds: within 25 ms, as decoders differ in what they trim; and tables: one
    column of numbers less, where it is the clock."""
    if ours is None:
        return False
    if modality == "series":
        return ours[0] == theirs[0] and ours[1] in (theirs[1], theirs[1] - 1)
    if modality != "audio":
        return ours == theirs
    return ours[1:] == theirs[1:] and abs(ours[0] - theirs[0]) <= 0.025 * ours[1]


# --- the peers: a shape, or None where they read nothing ------------------------------------------


def by_pillow(path: Path) -> tuple[float, ...] | None:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings(), Image.open(path) as picture:
            warnings.simplefilter("ignore")
            turned = 274 in picture.getexif() and picture.format != "TIFF"
            return (ImageOps.exif_transpose(picture) if turned else picture).size
    except Exception:  # whatever a plugin raises on a damaged file
        return None


@cache
def _ffprobe() -> str | None:
    return shutil.which("ffprobe")


def _probed(path: Path, kind: str, entries: str, *more: str) -> dict[str, Any] | None:
    """What ffprobe says of the first stream of a kind; None where it says nothing."""
    words = [_ffprobe() or "", "-v", "error", "-select_streams", f"{kind}:0", *more]
    words += ["-show_entries", entries, "-of", "json", str(path)]
    done = subprocess.run(words, capture_output=True, timeout=300, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return None


def by_ffmpeg_frames(path: Path) -> tuple[float, ...] | None:
    """Frames that a decoder gives, and the displayed size: of `ffprobe`, or of PyAV."""
    if _ffprobe() is not None:
        said = _probed(path, "V", "stream=nb_read_frames", "-count_frames")
        streams = (said or {}).get("streams") or [{}]
        frames = int(streams[0].get("nb_read_frames") or 0)
    else:
        frames = _decoded(path, "video", lambda frame: 1)
    size = _displayed(path)
    return (frames, *size) if frames and size else None


def _opened(path: Path) -> Any:
    """PyAV's container; from PyAV 19 on words that are no UTF-8 never refuse it."""
    import av

    words = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "ignore"}
    return av.open(str(path), **words)


def by_ffmpeg_samples(path: Path) -> tuple[float, ...] | None:
    import av

    try:
        with _opened(path) as container:
            stream = container.streams.audio[0]
            rate, channels = stream.rate, stream.channels
    except (av.error.FFmpegError, IndexError, ValueError):
        return None
    samples = _decoded(path, "audio", lambda frame: frame.samples)
    return (samples, rate, channels) if samples else None


def _decoded(path: Path, kind: str, weight: Callable[[Any], int]) -> int:
    """The sum over all frames that PyAV decodes of the first stream; damaged ones are left out."""
    import av

    total = 0
    try:
        with _opened(path) as container:
            stream = getattr(container.streams, kind)[0]
            for packet in container.demux(stream):
                try:
                    total += sum(weight(frame) for frame in packet.decode())
                except av.error.FFmpegError:
                    continue
    except (av.error.FFmpegError, IndexError, ValueError):
        return total
    return total


def _displayed(path: Path) -> tuple[int, int] | None:
    """Width and height of the first frame, with its pixel aspect and its rotation."""
    import av

    try:
        with _opened(path) as container:
            stream = next(s for s in container.streams.video)
            frame = next(container.decode(stream))
            aspect = stream.sample_aspect_ratio
    except (av.error.FFmpegError, StopIteration, ValueError):
        return None
    width = round(frame.width * float(aspect)) if aspect else frame.width
    turned = frame.rotation % 180 != 0
    return (frame.height, width) if turned else (width, frame.height)


def by_pandas(path: Path) -> tuple[float, ...] | None:
    """Rows, and columns of numbers."""
    import pandas

    readers: dict[str, Callable[..., Any]] = {
        ".csv": pandas.read_csv,
        ".tsv": lambda name: pandas.read_csv(name, sep="\t"),
        ".parquet": pandas.read_parquet,
        ".feather": pandas.read_feather,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = reader(path)
    except Exception:  # whatever a parser raises on what is no table
        return None
    return len(table), table.select_dtypes("number").shape[1]


PEERS: dict[str, Callable[[Path], tuple[float, ...] | None]] = {
    "image": by_pillow,
    "video": by_ffmpeg_frames,
    "audio": by_ffmpeg_samples,
    "series": by_pandas,
}


def show(found: list[Found]) -> None:
    """A row a modality, then the files to look at."""
    counts = Counter((one.modality, one.verdict) for one in found)
    modalities = sorted({one.modality for one in found})
    verdicts = [name for name in VERDICTS if any(counts[m, name] for m in modalities)]
    print(f"{'':8}{'files':>8}", *(f"{name:>{len(name) + 2}}" for name in verdicts))
    for modality in modalities:
        row = [counts[modality, name] for name in verdicts]
        cells = (f"{n:>{len(name) + 2}}" for n, name in zip(row, verdicts, strict=True))
        print(f"{modality:8}{sum(row):>8}", *cells)
    for verdict in VERDICTS[1:]:
        those = [one for one in found if one.verdict == verdict]
        if verdict in ("refused by both", "only multitok reads it") or not those:
            continue
        print(f"\n{verdict}:")
        for one in those[:SHOWN]:
            print(f"  {one.path}\n    multitok {one.ours}\n    peer     {one.theirs}")
        if len(those) > SHOWN:
            print(f"  {len(those) - SHOWN} more")


if __name__ == "__main__":
    main()

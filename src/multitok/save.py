"""Writing media to files: PNG and other pictures, WAV, CSV, NPY, text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from multitok.errors import SourceError


def save_media(media: Any, path: Path) -> None:
    """Write a medium in the format its suffix names; SourceError says which suffixes there are."""
    for field, write in _WRITERS.items():
        if hasattr(media, field):
            write(media, path)
            return
    raise SourceError(f"{path}: cannot write {type(media).__name__}", source=str(path))


def _text(media: Any, path: Path) -> None:
    path.write_bytes(media.text.encode("utf-8"))


def _picture(media: Any, path: Path) -> None:
    from PIL import Image as Pillow

    try:
        Pillow.fromarray(media.pixels).save(path)
    except ValueError as error:
        raise SourceError(
            f"{path}: {error}. Write .png, .jpg or .webp", source=str(path)
        ) from error


def _frames(media: Any, path: Path) -> None:
    """An animation of the frames: GIF, WebP or APNG, each frame as long as its time stamps say."""
    from PIL import Image as Pillow

    if path.suffix.lower() not in (".gif", ".webp", ".png"):
        raise SourceError(f"{path}: frames are written as .gif, .webp or .png", source=str(path))
    pictures = [Pillow.fromarray(frame) for frame in media.frames]
    milliseconds = round(1000 / media.fps) if media.fps else 100
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0)


def _sound(media: Any, path: Path) -> None:
    import wave

    import numpy as np

    if path.suffix.lower() != ".wav":
        raise SourceError(f"{path}: sound is written as .wav", source=str(path))
    pcm = np.clip(np.rint(media.samples * 32767), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(pcm.shape[1])
        file.setsampwidth(2)
        file.setframerate(media.sample_rate)
        file.writeframes(pcm.tobytes())


def _columns(media: Any, path: Path) -> None:
    import numpy as np

    suffix = path.suffix.lower()
    if suffix == ".npy":
        np.save(path, media.values)
        return
    if suffix not in (".csv", ".tsv"):
        raise SourceError(f"{path}: columns are written as .csv, .tsv or .npy", source=str(path))
    import csv

    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="," if suffix == ".csv" else "\t")
        writer.writerow(media.names)
        writer.writerows(
            [["" if v != v else repr(v) for v in row] for row in media.values.tolist()]
        )


_WRITERS = {
    "text": _text,
    "pixels": _picture,
    "frames": _frames,
    "values": _columns,
    "sample_rate": _sound,
}

"""Writing media to files: PNG and other pictures, WAV, CSV, NPY, text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from multitok.core.errors import SourceError


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


def write_resized(source: Any, size: tuple[int, int], out: Path, *, quality: int = 90) -> None:
    """Write the picture at `size` (width, height): Lanczos, EXIF orientation applied, ICC kept.

    The format follows the suffix of `out`. HEIC, and 16 bits for a format that has 8, are written
    as `load` reads them: 8-bit RGB, without a profile. SourceError when it cannot be read or
    written.
    """
    from io import BytesIO

    from PIL import Image as Pillow, ImageOps, UnidentifiedImageError

    from multitok.loaders.door import load
    from multitok.loaders.sniff import sniff
    from multitok.loaders.source import source_of

    resolved, suffix = source_of(source), out.suffix.lower()
    try:
        if sniff(resolved).format in ("HEIC", "HEIF"):
            opened = Pillow.fromarray(load(resolved).pixels)  # type: ignore[union-attr]
        else:
            opened = Pillow.open(BytesIO(resolved.read()))
        if opened.mode[0] == "I" and suffix != ".png":  # Pillow alone would clip it to white
            opened = Pillow.fromarray(load(resolved).pixels)  # type: ignore[union-attr]
        profile = opened.info.get("icc_profile")
        resized = ImageOps.exif_transpose(opened).resize(size, Pillow.Resampling.LANCZOS)
        if suffix in (".jpg", ".jpeg") and resized.mode not in ("RGB", "L", "CMYK"):
            resized = resized.convert("RGB")
        elif resized.mode == "CMYK" and suffix in (".png", ".webp"):
            resized, profile = resized.convert("RGB"), None  # the profile was that of the inks
        resized.save(out, quality=quality, icc_profile=profile)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise SourceError(
            f"{resolved.name}: cannot be written to {out}: {error}", source=resolved.name
        ) from error

"""Writing media to files: PNG and other pictures, WAV, CSV, NPY, text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MediaError, OutputError, SourceError
from multitok.core.info import Medium
from multitok.core.quiet import quiet
from multitok.core.writing import STDOUT, write_text, writing
from multitok.loaders.replacing import check_output
from multitok.loaders.sniff import READ_AS_TEXT_TOO, by_suffix

if TYPE_CHECKING:
    from PIL import Image as Pillow

    from multitok.loaders.source import Source


def save(media: Medium, path: str | Path) -> None:
    """Write a medium in the format its suffix names: a picture as .png, .jpg, .webp, ..., sound as
    .wav, a series or a motion as .csv, .tsv or .npy, a text as .txt.

    The file is replaced whole or not at all, whatever it held. OutputError says which suffixes
    there are. `TokenSequence.save` writes tokens.

    >>> from multitok.core.media import Text
    >>> save(Text("words"), "page.pdf")
    Traceback (most recent call last):
    multitok.core.errors.OutputError: page.pdf: text is written as .txt, .md or another name of text
    """
    if not isinstance(media, Medium):
        raise MediaError(
            f"save writes a medium, got {type(media).__name__}: multitok.load(source) reads a file,"
            " multitok.Text('...') is a text, and a TokenSequence saves itself"
        )
    write = _WRITERS.get(media.modality)
    if write is None:
        raise OutputError(f"{path}: cannot write {media.modality}", output=str(path))
    write(media, Path(path))


def save_picture(picture: Pillow.Image, path: str | Path, **options: Any) -> None:
    """Write a PIL picture in the format its suffix names, PNG on stdout; `options` are Pillow's."""
    from PIL import Image as Pillow

    suffix = _suffix(path, ".png")
    form = Pillow.registered_extensions().get(suffix, "")
    if form not in Pillow.SAVE:
        raise OutputError(
            f"{path}: unknown file extension: {suffix}. Write .png, .jpg or .webp", output=str(path)
        )
    with writing(path) as file:
        try:
            picture.save(file, format=form, **options)
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None):
                raise  # the disk's, not the format's
            raise OutputError(f"{path}: {error}", output=str(path)) from error


def _suffix(path: str | Path, usual: str) -> str:
    """The suffix that names the format; stdout has none, and gets the usual one."""
    return usual if str(path) in STDOUT else Path(path).suffix.lower()


def _text(media: Any, path: Path) -> None:
    named = by_suffix(str(path))
    if named is not None and named[1] not in READ_AS_TEXT_TOO:
        raise OutputError(
            f"{path}: text is written as .txt, .md or another name of text", output=str(path)
        )
    write_text(path, media.text)


def _picture(media: Any, path: Path) -> None:
    from PIL import Image as Pillow

    save_picture(Pillow.fromarray(media.pixels), path)


def _frames(media: Any, path: Path) -> None:
    """An animation of the frames: GIF, WebP or APNG, each frame as long as its time stamps say."""
    from PIL import Image as Pillow

    if _suffix(path, ".png") not in (".gif", ".webp", ".png"):
        raise OutputError(f"{path}: frames are written as .gif, .webp or .png", output=str(path))
    pictures = [Pillow.fromarray(frame) for frame in media.frames]
    milliseconds = round(1000 / media.fps) if media.fps else 100
    save_picture(
        pictures[0], path, save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0
    )


def _sound(media: Any, path: Path) -> None:
    import wave

    import numpy as np

    if _suffix(path, ".wav") != ".wav":
        raise OutputError(f"{path}: sound is written as .wav", output=str(path))
    pcm = np.clip(np.rint(media.samples * 32767), -32768, 32767).astype("<i2")
    with writing(path) as target, wave.open(target, "wb") as file:
        file.setnchannels(pcm.shape[1])
        file.setsampwidth(2)
        file.setframerate(media.sample_rate)
        file.writeframes(pcm.tobytes())


def _columns(media: Any, path: Path) -> None:
    suffix = _suffix(path, ".csv")
    if suffix == ".npy":
        import numpy as np

        with writing(path) as file:
            np.save(file, media.values)
        return
    if suffix not in (".csv", ".tsv"):
        raise OutputError(f"{path}: columns are written as .csv, .tsv or .npy", output=str(path))
    import csv
    from io import StringIO

    made = StringIO(newline="")
    writer = csv.writer(made, delimiter="," if suffix == ".csv" else "\t")
    writer.writerow(media.names)
    writer.writerows([["" if v != v else repr(v) for v in row] for row in media.values.tolist()])
    write_text(path, made.getvalue())


_WRITERS = {
    "text": _text,
    "image": _picture,
    "video": _frames,
    "audio": _sound,
    "series": _columns,
    "actions": _columns,
}


_MODES = {
    ".png": ("L", "LA", "RGB", "RGBA", "I;16"),
    ".jpg": ("L", "RGB", "CMYK"),
    ".jpeg": ("L", "RGB", "CMYK"),
    ".webp": ("RGB", "RGBA"),
    ".gif": ("L", "RGB", "RGBA"),
    ".bmp": ("L", "RGB"),
}
"""What Pillow writes of each format; other modes are written as the nearest of these."""


def write_resized(
    source: Any, size: tuple[int, int], out: Path, *, quality: int = 90
) -> tuple[str, ...]:
    """Write the picture at `size` (width, height): Lanczos, EXIF orientation applied, ICC kept.

    The format follows the suffix of `out`. HEIC, and 16 bits for a format that has 8, are written
    as `load` reads them: 8-bit RGB, without a profile. An animation stays one as GIF, WebP or AVIF,
    and as PNG where it was one; else its first frame is written. Returns what was lost.
    SourceError when it cannot be read, OutputError when it cannot be written.
    """
    from multitok.loaders.source import source_of

    resolved, suffix = source_of(source), _suffix(out, ".png")
    check_output(str(out), inputs=[str(resolved.path or "")], force=True)
    with quiet():
        pictures = _resized(resolved, size, suffix)
        moving = {}
        if pictures.lengths:
            moving = {
                "save_all": True,
                "append_images": pictures.others,
                "duration": pictures.lengths,
                "loop": 0,
            }
        save_picture(pictures.first, out, quality=quality, icc_profile=pictures.profile, **moving)
    return pictures.lost


_DEEP = (".png", ".tif", ".tiff")
"""Formats that have 16 bits of gray."""
_MOVING = (".gif", ".webp", ".avif")
USUAL_LENGTH = 100
"""Milliseconds of a frame that says 0: what browsers show."""

SAME_FORMAT = {"PNG": ".png", "JPEG": ".jpg", "WebP": ".webp", "GIF": ".gif", "BMP": ".bmp"}
"""Formats that `resized_bytes` reads and writes, and the suffixes that name them."""


def resized_bytes(
    source: Any, size: tuple[int, int], *, quality: int = 90
) -> tuple[bytes, tuple[str, ...]]:
    """The picture at `size` (width, height) as a file of its own format, as `write_resized` writes
    it, and what was lost. SourceError when it cannot be read, or is of none of SAME_FORMAT."""
    from io import BytesIO

    from multitok.loaders.sniff import sniff
    from multitok.loaders.source import source_of

    resolved = source_of(source)
    suffix = SAME_FORMAT.get(form := sniff(resolved).format)
    if suffix is None:
        known = ", ".join(SAME_FORMAT)
        raise SourceError(
            f"{resolved.name}: {form} is not written here: convert it to one of {known}",
            source=resolved.name,
        )
    pictures = _resized(resolved, size, suffix, still=True)
    written = BytesIO()
    with quiet():
        form = "JPEG" if suffix == ".jpg" else suffix[1:].upper()
        pictures.first.save(written, format=form, quality=quality, icc_profile=pictures.profile)
    return written.getvalue(), pictures.lost


class _Resized(NamedTuple):
    """A picture at a size, its profile, and what was lost of it; of an animation the other frames
    and how many milliseconds each is shown."""

    first: Pillow.Image
    profile: bytes | None
    lost: tuple[str, ...] = ()
    others: tuple[Pillow.Image, ...] = ()
    lengths: tuple[int, ...] = ()


def _resized(
    source: Source, size: tuple[int, int], suffix: str, *, still: bool = False
) -> _Resized:
    """The picture at a size, upright, in a mode that the format has."""
    from PIL import Image as Pillow

    try:
        with quiet():
            opened, lost = _opened(source, suffix)
            frames = getattr(opened, "n_frames", 1) if opened.format != "MPO" else 1
            profile = opened.info.get("icc_profile")
            if opened.mode == "CMYK" and suffix not in (".jpg", ".jpeg"):
                profile = None  # it was that of the inks
            if frames > 1 and not still and _moves(opened, suffix):
                shown, lengths = [], []
                for number in range(frames):
                    opened.seek(number)
                    shown.append(_at_size(opened, size, suffix))
                    lengths.append(round(opened.info.get("duration") or USUAL_LENGTH))
                return _Resized(shown[0], profile, lost, tuple(shown[1:]), tuple(lengths))
            if frames > 1:
                lost = (*lost, f"the first of {frames:,} frames")
            return _Resized(_at_size(opened, size, suffix), profile, lost)
    except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as error:
        raise SourceError(
            f"{source.name}: cannot be resized: {error}", source=source.name
        ) from error


def _moves(opened: Pillow.Image, suffix: str) -> bool:
    """Whether the frames of an animation are written as one: a PNG is a still where none was."""
    known = (*_MOVING, ".png", ".apng") if opened.format == "PNG" else _MOVING
    return opened.format in ("GIF", "WEBP", "PNG", "AVIF") and suffix in known


def _at_size(opened: Pillow.Image, size: tuple[int, int], suffix: str) -> Pillow.Image:
    from PIL import Image as Pillow, ImageOps

    if opened.mode in ("1", "P", "PA"):  # Pillow resizes these by the nearest color alone
        kept = opened.has_transparency_data
        picture = opened.convert("L" if opened.mode == "1" else "RGBA" if kept else "RGB")
    else:
        picture = opened
    resized = ImageOps.exif_transpose(picture).resize(size, Pillow.Resampling.LANCZOS)
    return _of_a_mode(resized, _MODES.get(suffix, (resized.mode,)))


def _opened(source: Source, suffix: str) -> tuple[Pillow.Image, tuple[str, ...]]:
    """The picture as Pillow has it; as `load` reads it where Pillow does not, or would clip it.
    And what that loses."""
    from io import BytesIO

    from PIL import Image as Pillow

    from multitok.loaders.door import load
    from multitok.loaders.sniff import sniff

    lost: tuple[str, ...] = ()
    if sniff(source).format not in ("HEIC", "HEIF"):
        opened = Pillow.open(BytesIO(source.read()))
        if opened.mode[0] not in "IF":
            return opened, ()
        if opened.mode.startswith("I;16") or (opened.mode == "I" and opened.format == "PPM"):
            if suffix in _DEEP:
                return (opened.convert("I;16") if opened.mode == "I" else opened), ()
            lost = ("16 bits as 8",)
    return Pillow.fromarray(load(source).pixels), lost  # type: ignore[union-attr]


def _of_a_mode(picture: Pillow.Image, modes: tuple[str, ...]) -> Pillow.Image:
    """The picture in one of these modes: its own, else with its transparency where one has that."""
    if picture.mode in modes:
        return picture
    clear = picture.has_transparency_data and "RGBA" in modes
    return picture.convert("RGBA" if clear else "RGB")

"""Pictures: their shape from the header, their pixels with Pillow.

The shape never needs Pillow for the formats that `image_header` parses; for the others Pillow
reads the header. Loading applies the orientation that the shape was told with: the two agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.core.errors import MediaError, MultitokError, SourceError
from multitok.core.extras import require
from multitok.core.info import ImageInfo
from multitok.core.quiet import quiet
from multitok.loaders.image_header import (
    MOST_FRAMES,
    Header,
    exif_orientation,
    read_header,
    xmp_orientation,
)
from multitok.loaders.pictures.header import displayed
from multitok.loaders.pictures.reduced import drafted, fraction, reduced
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.source import Reader, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    from multitok.core.media import Image

_PILLOW_NAMES = {"WebP": "WEBP", "BigTIFF": "TIFF", "JPEG 2000": "JPEG2000", "JPEG XL": "JXL"}
_HEIF = ("HEIC", "HEIF")
_BOXES = ("AVIF", *_HEIF)
_TURNED = ("TIFF", "BigTIFF", "JPEG XL", *_HEIF)
"""Formats whose decoder turns the picture by itself, whoever asks for it."""
_NOT_READ = {
    "EPS": "EPS is a drawing, which has no pixels until it is rendered: render it to PNG",
    "SVG": "SVG is a drawing, which has no pixels until it is rendered{sides}: render it to PNG, or"
    " count its source with --as text",
}
_AS_PILLOW_READS = frozenset(("PNG", "JPEG", "GIF", "WebP", "BMP", "DIB", "TIFF", "PSD", "ICO"))
"""Formats with a decoder that may make sense of a header that makes none here."""
_UNDECODED = frozenset(("PSB", "EXR", "HDR", "PAM", "PFM", "WBMP"))
"""Formats that are counted from their header and decoded by nothing here."""
_TURNS = {
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270",
    7: "TRANSVERSE", 8: "ROTATE_90",
}  # fmt: skip
"""Pillow's transposition that shows a picture of each EXIF orientation upright."""


def examine(source: Source, read: ReadOptions) -> Probed:
    """Size as displayed, orientation, frames: from the header alone."""
    header = _seen(_header(source, read.format), read)
    info = ImageInfo(header.width, header.height)
    if header == (header.width, header.height, 1, 1, None, False, ""):
        return Probed(info, read.format, source.name)
    facts: dict[str, Any] = {}
    if header.orientation != 1:
        facts["orientation"] = header.orientation
        facts["stored"] = header.stored
    if header.frames != 1:
        facts["frames"] = header.frames
    if header.deep:
        facts["gray_bits"] = 16
    return Probed(info, read.format, source.name, facts, _notes(header, source, read))


def _notes(header: Header, source: Source, read: ReadOptions) -> tuple[str, ...]:
    notes = []
    if header.frames != 1 and read.format in ("TIFF", "BigTIFF"):
        pages = header.frames or f"more than {MOST_FRAMES}"
        notes.append(f"{pages} pages: the first is counted")
    elif header.frames != 1:
        frames = f", {header.frames} frames" if header.frames else ""
        notes.append(
            f"animated{frames}: the first frame is counted; to count a video, pass --as video"
        )
    why = f"cut short: {header.missing}" if header.missing else ""
    if header.length is not None and source.size is not None and source.size < header.length:
        why = f"cut short: the header says {header.length} bytes, the file has {source.size}"
    if why:
        if read.strict:
            raise SourceError(f"{source.name}: {why}", source=source.name)
        notes.append(why)
    return tuple(notes)


def _seen(header: Header, read: ReadOptions) -> Header:
    """The header without its orientation, where that is to be ignored and the decoder lets it."""
    if not read.stored or header.orientation == 1 or read.format in _TURNED:
        return header
    width, height = header.stored
    return header._replace(width=width, height=height, orientation=1)


def _header(source: Source, form: str) -> Header:
    if form in _NOT_READ:
        why = _NOT_READ[form].format(sides=_sides(source))
        raise SourceError(
            f"{source.name}: not an image multitok can read ({why})", source=source.name
        )
    try:
        return read_header(source, form) or _pillow_header(source, form)
    except SourceError as error:
        if form not in _AS_PILLOW_READS:
            raise
        try:
            return _pillow_header(source, form)
        except MultitokError:
            raise error from None


def _sides(source: Source) -> str:
    """What a drawing says of the size at which it is to be rendered."""
    from multitok.loaders.pictures.svg import rendered_at

    sides = rendered_at(source.head())
    return f", at {sides[0]} x {sides[1]} by its own words" if sides else ""


def _pillow_header(source: Source, form: str) -> Header:
    """The header of a format that only Pillow knows, as far as the bytes reach."""
    from multitok.loaders.pictures.ends import end_of

    with source.open() as file, quiet():
        try:
            picture = _opened(file, source, form)
            orientation = picture.getexif().get(274, 1)
            frames = getattr(picture, "n_frames", 1) if form not in _AS_PILLOW_READS else 1
            deep = picture.mode.startswith("I;16")
        except Exception as error:  # plugins raise anything on damaged files, RuntimeError too
            raise _unreadable(source, form, error) from None
    length, missing = end_of(source, form)
    return displayed(*picture.size, orientation, frames, length, deep, missing)


def load(source: Source, read: ReadOptions) -> Image:
    """The pixels as displayed, RGB, 8 bits: of the first frame where there are several."""
    header = _seen(_header(source, read.format), read)
    return _image(_decoded(source, read, header, 1))


def sketch(source: Source, read: ReadOptions) -> Image:
    """As `load`, a huge picture by a fraction of its sides."""
    header = _seen(_header(source, read.format), read)
    return _image(_decoded(source, read, header, fraction(header.width, header.height)))


def _decoded(source: Source, read: ReadOptions, header: Header, by: int) -> NDArray[np.uint8]:
    """The pixels, the sides divided by `by`."""
    if header.width * header.height > read.max_pixels:
        raise SourceError(
            f"{source.name}: {header.width} x {header.height} is"
            f" {header.width * header.height} pixels, and at most {read.max_pixels} are decoded:"
            " raise max_pixels to load it",
            source=source.name,
        )
    from PIL import Image as Pillow

    told = header.width, header.height
    with source.open() as file, quiet():
        try:
            picture = _opened(file, source, read.format)
            left = drafted(picture, by) if by > 1 else 1
            picture.load()
            turned = read.format not in _TURNED or picture.size == header.stored != told
            if left > 1:
                pixels = reduced(picture, left, lambda strip: _rgb(strip, read.background))
                picture = Pillow.fromarray(pixels)
            if turned:
                picture = _turned(picture, header.orientation)
            if picture.size != tuple(-(-side // by) for side in told):
                sides = "its header says {} x {}, its pixels are {} x {}"
                raise ValueError(sides.format(*told, *picture.size))
            pixels = _rgb(picture, read.background)
        except Exception as error:  # plugins raise anything on damaged files, RuntimeError too
            raise _unreadable(source, read.format, error) from None
    return pixels


def _opened(file: Any, source: Source, form: str) -> Picture:
    """The picture by the one plugin of its format.

    Not `PIL.Image.open`: that refuses large pictures by a global limit, where ours is max_pixels,
    and lets any plugin have a try.
    """
    from PIL import Image as Pillow

    if form in _HEIF:
        from multitok.loaders.heif_pixels import decoded

        return decoded(file, source)
    if form in _UNDECODED:
        raise SourceError(
            f"{source.name}: a valid {form} picture, which nothing here decodes: convert it to PNG"
            " or JPEG",
            source=source.name,
        )
    if form == "JPEG XL":  # a plugin, which Pillow knows once it is imported
        require("pillow_jxl", extra="jxl", purpose="decoding JPEG XL", package="pillow-jxl-plugin")
    name = _PILLOW_NAMES.get(form, form)
    if name not in Pillow.OPEN:
        Pillow.preinit()
    if name not in Pillow.OPEN:
        Pillow.init()
    if name not in Pillow.OPEN:
        seen = f" (looks like {form})" if form else ""
        raise SourceError(
            f"{source.name}: not an image multitok can read{seen}", source=source.name
        )
    factory, _ = Pillow.OPEN[name]
    return factory(file, source.name)


def _unreadable(source: Source, form: str, error: Exception) -> Exception:
    if isinstance(error, MemoryError):  # no damage: the boundary says what it is
        return error
    if isinstance(error, MediaError):
        return SourceError(f"{source.name}: {error}", source=source.name)
    if isinstance(error, MultitokError):
        return error
    if form in _BOXES:
        from multitok.loaders.heif_pixels import undecoded

        if (valid := undecoded(source, form)) is not None:
            return valid
    from multitok.loaders.pictures.undecoded import in_words, undecoded_kind

    if (kind := undecoded_kind(source, form, error)) is not None:
        return SourceError(
            f"{source.name}: a valid {form} picture, but not of a kind that can be decoded here"
            f" ({kind}): convert it to PNG or JPEG",
            source=source.name,
        )
    return SourceError(f"{source.name}: damaged {form}: {in_words(error)}", source=source.name)


def _turned(picture: Picture, orientation: int) -> Picture:
    if orientation not in _TURNS:
        return picture
    from PIL import Image as Pillow

    return picture.transpose(Pillow.Transpose[_TURNS[orientation]])


def _rgb(picture: Picture, background: tuple[int, int, int] | None) -> NDArray[np.uint8]:
    """Any mode as (height, width, 3) uint8.

    Transparency is dropped as the published processors do, which shows the colors under it, unless
    a background is named. 16 bits become 8 by their share of 65535, not by clipping.
    """
    import numpy as np

    mode = picture.mode
    if mode.startswith("I;16") or (mode == "I" and picture.format == "PPM"):
        return _gray16(np.asarray(picture).astype(np.uint32))
    if mode in ("I", "F"):
        kind = "whole numbers" if mode == "I" else "floats"
        raise MediaError(
            f"pixels are 32-bit {kind}, which have no set range: scale them to 8 or 16 bits first"
        )
    if background is not None and picture.has_transparency_data:
        from PIL import Image as Pillow

        under = Pillow.new("RGBA", picture.size, (*background, 255))
        picture = Pillow.alpha_composite(under, picture.convert("RGBA"))
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _gray16(gray: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """0..65535 to the nearest of 0..255, repeated for red, green and blue."""
    import numpy as np

    level = ((gray + 128) // 257).astype(np.uint8)
    return np.repeat(level[:, :, None], 3, axis=2) if level.ndim == 2 else level


def _image(pixels: NDArray[np.uint8]) -> Image:
    from multitok.core.media import Image

    return Image(pixels)


def examine_memory(given: Any, read: ReadOptions) -> Probed:
    """The shape of a PIL image, as displayed, or of a numpy array."""
    if hasattr(given, "dtype"):
        height, width, _ = _checked_shape(given)
        return Probed(ImageInfo(width, height), f"numpy {given.dtype}", "<array>")
    width, height = given.size
    orientation = 1 if read.stored else _orientation(given)
    facts: dict[str, Any] = {}
    if orientation != 1:
        facts = {"orientation": orientation, "stored": (width, height)}
    if given.mode.startswith("I;16"):
        facts["gray_bits"] = 16
    if orientation > 4:
        width, height = height, width
    return Probed(ImageInfo(width, height), f"PIL {given.mode}", "<picture>", facts)


def load_memory(given: Any, read: ReadOptions) -> Image:
    """Pixels of a PIL image, as displayed, or of a numpy array."""
    if not hasattr(given, "dtype"):
        try:
            with quiet():
                given.load()
                orientation = 1 if read.stored else _orientation(given)
                return _image(_rgb(_turned(given, orientation), read.background))
        except MediaError:
            raise
        except Exception as error:  # a lazy picture is decoded here
            raise _unreadable(Source("<picture>"), given.format or "picture", error) from None
    import numpy as np

    height, width, channels = _checked_shape(given)
    pixels = given.reshape(height, width, channels)
    if given.dtype == np.uint16:
        pixels = _gray16(pixels.astype(np.uint32))
    if channels == 4 and read.background is not None:
        from PIL import Image as Pillow

        return _image(_rgb(Pillow.fromarray(pixels), read.background))
    return _image(np.repeat(pixels, 3, axis=2) if channels == 1 else pixels[:, :, :3])


def _checked_shape(array: Any) -> tuple[int, int, int]:
    """(height, width, channels) of an array that can be a picture."""
    if array.dtype.kind == "f":
        raise MediaError(
            f"image pixels must be uint8 or uint16, got {array.dtype}: from 0..1, pass"
            " (x * 255).round().astype('uint8')"
        )
    if array.dtype.name not in ("uint8", "uint16"):
        raise MediaError(
            f"image pixels must be uint8 or uint16, got {array.dtype}: from 0..255, pass"
            " x.astype('uint8')"
        )
    shape = array.shape
    if len(shape) == 2:
        return shape[0], shape[1], 1
    if len(shape) == 3 and shape[2] in (1, 3, 4):
        return shape[0], shape[1], shape[2]
    raise MediaError(
        f"image pixels must be (height, width), or (height, width, 1, 3 or 4), got shape {shape}"
    )


def _orientation(picture: Picture) -> int:
    """EXIF orientation of a PIL image, without the decode that getexif() costs on a PNG."""
    if picture.format == "TIFF":
        return 1  # Pillow turns it when it loads, and tells the size as turned
    found: int | None = None
    exif = picture.info.get("exif")
    if exif is not None:
        skip = 6 if exif[:6] == b"Exif\0\0" else 0
        reader = Reader(Source("<exif>", data=exif, size=len(exif)))
        found = exif_orientation(reader, skip, len(exif) - skip)
    elif picture.format != "PNG":
        found = picture.getexif().get(274)
    xmp = picture.info.get("XML:com.adobe.xmp") or picture.info.get("xmp")
    if found is None and xmp:
        found = xmp_orientation(xmp.encode() if isinstance(xmp, str) else xmp)
    return found if found in _TURNS else 1

"""Pixels of HEIF and AVIF: those of the picture that the header tells of, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.core.extras import require
from multitok.loaders.heif import codec_of, split_associations, still
from multitok.loaders.source import Reader, Source

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

DECODED = {"AVIF": "AV1", "HEIC": "HEVC", "HEIF": "HEVC"}
"""What the decoder of each format unpacks: libavif in Pillow, libheif with libde265."""


_QUARTERS = {3: "ROTATE_180", 6: "ROTATE_270", 8: "ROTATE_90"}
"""Pillow's transposition of each orientation that a track may have."""


def decoded(file: Any, source: Source) -> Picture:
    """The picture of a HEIC or HEIF file, upright."""
    with Reader(source) as reader:
        shown = still(reader, crops=True)
    if shown.place == "track":
        return first_frame(source, shown.orientation)
    heif = require("pillow_heif", extra="heif", purpose="decoding HEIC", package="pillow-heif")
    size = (shown.width, shown.height)[:: -1 if shown.orientation > 4 else 1]
    for picture in _candidates(heif.open_heif(file, convert_hdr_to_8bit=True)):
        if picture.size == size:
            found: Picture = picture.to_pillow()
            return found
    raise undecoded(source, "HEIF") or SourceError(
        f"{source.name}: its primary picture of {size[0]} x {size[1]} is none that libheif decodes:"
        " convert it to PNG or JPEG",
        source=source.name,
    )


def _candidates(opened: Any) -> list[Any]:
    """The primary picture; where libheif lists it as the thumbnail of another, those."""
    primary = [picture for picture in opened if picture.info["primary"]]
    return primary or [
        picture.get_thumbnail(index)
        for picture in opened
        for index in range(len(picture.info["thumbnails"]))
        if hasattr(picture, "get_thumbnail")  # since pillow-heif 1.3
    ]


def first_frame(source: Source, orientation: int) -> Picture:
    """The first picture of the track that FFmpeg shows, turned as its matrix says."""
    import av
    from PIL import Image as Pillow

    from multitok.loaders.containers import bounded, opened

    with opened(source) as container:
        videos = container.streams.video
        shown = (s for s in videos if s.disposition & av.stream.Disposition.default)
        frame = next(container.decode(bounded(next(shown, videos[0]))), None)
        if frame is None:
            raise EOFError("no picture of its track can be decoded")
        picture = Pillow.fromarray(frame.to_ndarray(format="rgb24"))
    turn = _QUARTERS.get(orientation)
    return picture if turn is None else picture.transpose(Pillow.Transpose[turn])


def undecoded(source: Source, form: str) -> SourceError | None:
    """Why a sound file gives no pixels: what it is packed with, or how its properties are told;
    None where that is decoded here."""
    codec = codec_of(source)
    if form == "AVIF" and codec == DECODED[form] and split_associations(source):
        return SourceError(
            f"{source.name}: an AVIF picture that libavif does not read, as the properties of its"
            " items stand in two ipma boxes of one version: convert it to PNG with libheif"
            " (heif-dec)",
            source=source.name,
        )
    if codec in ("", DECODED[form]):
        return None
    return SourceError(
        f"{source.name}: a valid {form} picture, but not of a kind that can be decoded here"
        f" ({codec}): convert it to PNG or JPEG",
        source=source.name,
    )

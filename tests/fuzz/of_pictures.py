"""Pictures: their headers, and their pixels."""

from __future__ import annotations

import heifs
import pictures
from mutators import fields_of, first_kept
from targets import target

import multitok
from multitok.loaders.image_header import read_header
from multitok.loaders.source import Source

FORMS = ["PNG", "JPEG", "GIF", "WebP", "BMP", "TIFF", "BigTIFF", "AVIF", "HEIC", "ICO"]
PILLOW = [form.replace("WebP", "WEBP") for form in FORMS if form not in ("BigTIFF", "HEIC")]
PIXELS = 4_000_000
"""More than a picture of a few kilobytes has, unless its header is made up."""
BOXES = [
    b"meta", b"iprp", b"ipma", b"ipco", b"pitm", b"iloc", b"iinf", b"infe", b"ispe", b"irot",
    b"ftyp", b"moov", b"trak", b"mini", b"jxlc", b"grid", b"hdlr",
]  # fmt: skip


def _headed(form: str, data: bytes) -> bytes:
    return bytes([FORMS.index(form)]) + data


def _pictures() -> list[bytes]:
    """Each format; those that may be turned, turned, and those that may move, moving."""
    turned = {"exif": pictures.exif(6)[6:]}
    moving = {"save_all": True, "append_images": pictures.frames(2)}
    made = [(form, pictures.saved(form.upper())) for form in FORMS if form.upper() in PILLOW]
    made += [(form, pictures.saved(form.upper())) for form in ("WebP",)]
    made += [(form, pictures.saved(form.upper(), **turned)) for form in ("PNG", "JPEG", "WebP")]
    made += [
        (form, pictures.saved(form.upper(), **moving)) for form in ("PNG", "GIF", "WebP", "TIFF")
    ]
    made += [("BigTIFF", pictures.saved("TIFF", big_tiff=True))]
    return [_headed(form, data) for form, data in [*made, *_boxes()]]


def _boxes() -> list[tuple[str, bytes]]:
    """HEIC and AVIF, by hand: items, a sequence, the small box."""
    item = heifs.ftyp(b"heic", b"mif1") + heifs.meta(4000, 3000)
    several = heifs.ftyp(b"hevc", b"msf1") + heifs.moov(b"pict", 640, 480, 3, turned=True)
    small = heifs.ftyp(b"mif3", b"avif") + heifs.mini(200, 100, 6)
    return [("HEIC", item), ("HEIC", several), ("AVIF", small), ("AVIF", pictures.saved("AVIF"))]


@target(seeds=_pictures, longest=10_000)
def picture_header(data: bytes) -> None:
    """The header, read as the format that the first byte says."""
    if len(data) > 1:
        head = data[1:]
        read_header(Source("x", data=head, size=len(head)), FORMS[data[0] % len(FORMS)])


@target(
    seeds=lambda: [_headed(form, data) for form, data in _boxes()],
    mutate=first_kept(fields_of(BOXES)),
)
def heif(data: bytes) -> None:
    """Pictures in boxes: the header, then a count."""
    picture_header(data)
    picture(data)


@target(seeds=_pictures, longest=10_000)
def picture(data: bytes) -> None:
    """Whatever the bytes are, counted; the first byte is none of them."""
    if len(data) > 1 and multitok.examine(data[1:]).modality == "image":
        multitok.count(data[1:], model="gpt-4o")


@target(seeds=_pictures, longest=10_000)
def pixels(data: bytes) -> None:
    """Decoded, the picture has the size that its header tells."""
    if len(data) < 2:
        return
    told = multitok.examine(data[1:])
    if told.modality == "image":
        loaded = multitok.load(data[1:], modality="image", max_pixels=PIXELS)
        assert loaded.info.width == told.info.width, f"{told.info} by the header, {loaded.info}"
        assert loaded.info.height == told.info.height, f"{told.info} by the header, {loaded.info}"

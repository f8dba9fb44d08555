"""Headers: our parser says what Pillow shows, for every format, orientation and byte order."""

import io
import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings, strategies as st
from pictures import HEIGHT, WIDTH, corner_colors, exif, frames, quadrants, saved
from PIL import Image as Pillow, ImageOps

from multitok.core.errors import MediaError, SourceError
from multitok.loaders.door import examine, load
from multitok.loaders.image_header import Header, read_header
from multitok.loaders.source import Reader, Source, source_of

TURNING = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"]
PLAIN = ["GIF", "BMP", "PPM", "JPEG2000", "ICO", "TGA", "PCX", "SGI", "DDS", "QOI"]


def header(data: bytes, form: str) -> Header:
    found = read_header(source_of(data), form)
    assert found is not None
    return found


def shown(data: bytes) -> Pillow.Image:
    """What Pillow shows of a file: its first frame, turned by its EXIF orientation."""
    with Pillow.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture)


def with_exif(form: str, orientation: int, order: str) -> bytes:
    if form == "TIFF":
        return saved(form, tiffinfo={274: orientation})
    return saved(form, exif=exif(orientation, order, entries=3))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", TURNING)
def test_the_size_is_the_one_that_is_shown(form, orientation, order):
    data = with_exif(form, orientation, order)
    probed = examine(data)
    assert (probed.info.width, probed.info.height) == shown(data).size
    assert probed.facts.get("orientation", 1) == orientation
    assert (probed.info.width < probed.info.height) == (orientation > 4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", TURNING)
def test_the_pixels_are_the_ones_that_are_shown(form, orientation):
    data = with_exif(form, orientation, "<")
    picture = load(data)
    assert picture.info == examine(data).info
    expected = shown(data).convert("RGB")
    assert picture.pixels.tobytes() == expected.tobytes()


def test_orientation_6_turns_the_left_side_up():
    """Stored with red top left and blue below it; shown a quarter turn clockwise: blue, red."""
    assert corner_colors(load(saved("PNG")).pixels) == ["red", "green", "blue", "yellow"]
    turned = load(saved("PNG", exif=exif(6))).pixels
    assert corner_colors(turned) == ["blue", "red", "yellow", "green"]


@pytest.mark.parametrize("form", PLAIN)
def test_formats_without_orientation(form, tmp_path):
    size = (48, 48) if form == "ICO" else (WIDTH, HEIGHT)
    path = tmp_path / f"picture.{ {'JPEG2000': 'jp2'}.get(form, form.lower()) }"
    options = {"sizes": [size]} if form == "ICO" else {}
    path.write_bytes(saved(form, quadrants(*size), **options))
    probed = examine(path)
    assert (probed.info.width, probed.info.height) == size
    assert (probed.facts, probed.notes) == ({}, ())
    assert corner_colors(load(path).pixels) == ["red", "green", "blue", "yellow"]


@pytest.mark.parametrize("form", [*PLAIN, "PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_no_format_is_decoded_for_its_size(form, tmp_path, monkeypatch):
    path = tmp_path / f"picture.{form.lower()}"
    path.write_bytes(saved(form, quadrants(48, 48)))

    def decoded(*_):
        raise AssertionError("the pixels were decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    monkeypatch.setattr("PIL.IcoImagePlugin.IcoImageFile.load", decoded)
    assert str(examine(path).info) == "48 x 48"


@pytest.mark.parametrize("form", ["bmp", "png"])
def test_the_largest_picture_of_an_icon_is_the_one(form):
    sizes = [(16, 16), (256, 256), (48, 48)]
    data = saved("ICO", quadrants(256, 256), sizes=sizes, bitmap_format=form)
    assert header(data, "ICO") == Header(256, 256)


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": False}, {"exif": exif(1)}])
def test_the_three_kinds_of_webp(options):
    """A lossless, a lossy and an extended file keep the size in three different places."""
    assert header(saved("WEBP", **options), "WebP")[:2] == (WIDTH, HEIGHT)


def test_tiff_in_the_other_byte_order():
    plain = saved("TIFF", quadrants().convert("L"))
    assert plain[:2] == b"II"
    tags = [(256, 3, 1, struct.pack(">HH", 31, 0)), (257, 4, 1, struct.pack(">I", 17)),
            (274, 3, 1, struct.pack(">HH", 8, 0))]  # fmt: skip
    body = b"".join(struct.pack(">HHI", *tag[:3]) + tag[3] for tag in tags)
    data = b"MM\0*" + struct.pack(">IH", 8, len(tags)) + body + bytes(4)
    assert header(data, "TIFF") == Header(17, 31, 8)


def test_big_tiff():
    data = saved("TIFF", big_tiff=True)
    assert data[:4] == b"II+\0"
    assert header(data, "BigTIFF") == Header(WIDTH, HEIGHT)
    assert examine(data).format == "BigTIFF"


def test_an_old_bitmap_and_one_that_is_stored_top_down():
    os2 = b"BM" + struct.pack("<IIIIHHHH", 0, 0, 26, 12, 5, 3, 1, 24) + bytes(48)
    assert header(os2, "BMP")[:2] == (5, 3)
    top_down = b"BM" + struct.pack("<IIIIiiHH", 0, 0, 54, 40, 5, -3, 1, 24) + bytes(72)
    assert header(top_down, "BMP")[:2] == (5, 3)


@pytest.mark.parametrize(
    ("form", "name", "count"), [("PNG", "PNG", 3), ("WEBP", "WebP", 3), ("TIFF", "TIFF", 3)]
)
def test_frames_are_counted_where_the_header_tells(form, name, count):
    first, *rest = frames(count)
    data = saved(form, first, save_all=True, append_images=rest)
    assert header(data, name).frames == count == Pillow.open(io.BytesIO(data)).n_frames


def test_frames_of_a_gif_are_not_counted_but_noticed():
    first, *rest = frames()
    moving = saved("GIF", first, save_all=True, append_images=rest, duration=50, loop=0)
    once = saved("GIF", first, save_all=True, append_images=rest, duration=50)
    assert header(moving, "GIF").frames is header(once, "GIF").frames is None
    assert header(saved("GIF"), "GIF").frames == 1


def test_a_gif_frame_outside_its_screen_widens_the_picture():
    data = bytearray(saved("GIF"))
    data[6:10] = struct.pack("<HH", 10, 10)
    assert header(bytes(data), "GIF")[:2] == Pillow.open(io.BytesIO(data)).size == (WIDTH, HEIGHT)


def test_notes_on_more_than_one_frame():
    first, *rest = frames()
    tiff = saved("TIFF", first, save_all=True, append_images=rest)
    png = saved("PNG", first, save_all=True, append_images=rest)
    gif = saved("GIF", first, save_all=True, append_images=rest, duration=50, loop=0)
    assert examine(tiff).notes == ("3 pages: the first is counted",)
    assert examine(png).notes == (
        "animated, 3 frames: the first frame is counted; to count a video, pass --as video",
    )
    assert examine(gif).notes == (
        "animated: the first frame is counted; to count a video, pass --as video",
    )


def test_orientation_in_xmp_alone():
    """Pillow turns by tiff:Orientation where EXIF has none, and so do the viewers."""
    for text in (b'<x tiff:Orientation="6"/>', b"<tiff:Orientation>6</tiff:Orientation>"):
        for form, name in (("JPEG", "JPEG"), ("WEBP", "WebP")):
            data = saved(form, xmp=text)
            assert header(data, name).orientation == 6
            assert shown(data).size == (HEIGHT, WIDTH)


def test_orientation_in_png_text():
    from PIL.PngImagePlugin import PngInfo

    itxt, raw = PngInfo(), PngInfo()
    itxt.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="8"/>')
    block = exif(8)[6:]
    raw.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n", zip=True)
    for info in (itxt, raw):
        data = saved("PNG", pnginfo=info)
        assert header(data, "PNG").orientation == 8
        assert shown(data).size == (HEIGHT, WIDTH)


def test_a_nonsense_orientation_is_upright():
    for orientation in (0, 9, 65535):
        data = saved("JPEG", exif=exif(orientation))
        assert header(data, "JPEG") == Header(WIDTH, HEIGHT)
        assert shown(data).size == (WIDTH, HEIGHT)


def test_a_header_beyond_the_first_block():
    """500 kB of color profile before the size: a few reads, no decode."""
    data = saved("JPEG", icc_profile=bytes(500_000), exif=exif(6))
    assert header(data, "JPEG") == Header(HEIGHT, WIDTH, 6)


def test_every_turn_of_a_heic():
    heif = pytest.importorskip("pillow_heif")
    for orientation in range(1, 9):
        file = io.BytesIO()
        heif.from_pillow(quadrants(64, 40)).save(file, exif=exif(orientation))
        data = file.getvalue()
        expected = heif.open_heif(io.BytesIO(data)).to_pillow()
        probed = examine(data)
        assert (probed.info.width, probed.info.height) == expected.size
        assert load(data).pixels.tobytes() == expected.convert("RGB").tobytes()


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def heic(*properties: bytes, brand: bytes = b"heic") -> bytes:
    """A phone's picture: a grid of tiles as item 49, with ispe, then the properties given."""
    tile, whole = (
        box(b"ispe", struct.pack(">III", 0, *size)) for size in ((512, 512), (4032, 3024))
    )
    own = bytes(range(2, 3 + len(properties)))
    ipma = struct.pack(">II", 0, 2) + b"\0\x01\x01\x81" + b"\0\x31" + bytes([len(own)])
    ipma += bytes(0x80 | index for index in own)
    ipco = box(b"ipco", tile, whole, *properties)
    iprp = box(b"iprp", ipco, box(b"ipma", ipma))
    meta = box(b"meta", bytes(4), box(b"pitm", struct.pack(">IH", 0, 49)), iprp)
    return box(b"ftyp", brand, bytes(4), b"mif1", brand) + meta + box(b"mdat", bytes(100))


def test_a_phone_picture_is_a_grid_turned_by_irot():
    """Three quarter turns anticlockwise are one clockwise: EXIF 6."""
    assert header(heic(box(b"irot", b"\x03")), "HEIC") == Header(3024, 4032, 6)
    assert header(heic(box(b"irot", b"\x03"), box(b"imir", b"\x00")), "HEIC").orientation == 7
    assert header(heic(), "HEIC") == Header(4032, 3024)


def test_a_clean_aperture_crops_a_heic_but_not_an_avif():
    clap = box(b"clap", struct.pack(">8I", 4000, 1, 3000, 1, 0, 1, 0, 1))
    assert header(heic(clap, box(b"irot", b"\x01")), "HEIC") == Header(3000, 4000, 8)
    assert header(heic(clap, brand=b"avif"), "AVIF") == Header(4032, 3024)


EVERY = [
    ("PNG", saved("PNG", exif=exif(6))),
    ("JPEG", saved("JPEG", exif=exif(6, entries=4), icc_profile=bytes(300))),
    ("GIF", saved("GIF", frames()[0], save_all=True, append_images=frames()[1:], loop=0)),
    ("WebP", saved("WEBP", exif=exif(6))),
    ("BMP", saved("BMP")),
    ("TIFF", saved("TIFF", frames()[0], save_all=True, append_images=frames()[1:])),
    ("AVIF", saved("AVIF", exif=exif(6))),
    ("HEIC", heic(box(b"irot", b"\x03"))),
]


@pytest.mark.parametrize(("form", "data"), EVERY, ids=[form for form, _ in EVERY])
@settings(max_examples=60, deadline=2000)
@given(draw=st.data())
def test_a_damaged_header_is_an_error_or_a_size_and_never_hangs(form, data, draw):
    head = bytearray(data[: draw.draw(st.integers(0, min(len(data), 700)))])
    for _ in range(draw.draw(st.integers(0, 6))):
        if head:
            place = draw.draw(st.integers(0, len(head) - 1))
            head[place] = draw.draw(st.sampled_from([0, 1, 2, 7, 127, 128, 255]))
    try:
        found: Header | SourceError = header(bytes(head), form)
    except SourceError as error:
        found = error
    if isinstance(found, Header):
        assert min(found.width, found.height) >= 1
    else:
        assert str(found).startswith(f"<bytes>: damaged {form} header: ")
    for door in (examine, load):
        with suppress(SourceError, MediaError):
            door(bytes(head), modality="image")


def test_circles_and_giants_in_headers_end():
    """A directory that follows itself, a chunk of 4 GB, a box of no length, endless segments."""
    tags = struct.pack("<HHIHHHHIHH", 256, 3, 1, 9, 0, 257, 3, 1, 4, 0)
    circle = b"II*\0" + struct.pack("<IH", 8, 2) + tags + struct.pack("<I", 8)
    assert header(circle, "TIFF") == Header(9, 4)
    with pytest.raises(SourceError) as error:
        header(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 2**32 - 1, b"abcd") + bytes(20), "PNG")
    assert str(error.value) == "<bytes>: damaged PNG header: a chunk of 4294967295 bytes"
    with pytest.raises(SourceError) as error:
        header(box(b"ftyp", b"heic") + struct.pack(">I4s", 4, b"free") + bytes(9), "HEIC")
    assert str(error.value) == "<bytes>: damaged HEIC header: a box of 4 bytes"
    with pytest.raises(SourceError) as error:
        header(b"\xff\xd8" + b"\xff\xfe\0\2" * 30_000, "JPEG")
    assert str(error.value) == "<bytes>: damaged JPEG header: the header goes on for too long"


def test_a_short_read_at_the_end_of_the_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(5000))
    with Reader(Source(str(path), size=5000)) as reader:
        assert len(reader.at(4990, 40)) == 10
        assert reader.at(6000, 4) == b""

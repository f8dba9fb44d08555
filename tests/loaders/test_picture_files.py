"""Whatever picture is on disk: its size is that of its decoder, or an error says what it is."""

import gzip
import io
import struct
import sys
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from pictures import HEIGHT, WIDTH, exif, frames, quadrants, saved
from PIL import Image as Pillow

from multitok.core.errors import MissingDependencyError, MultitokError, SourceError
from multitok.loaders.door import examine, load
from multitok.loaders.formats import TABLE

SUFFIXES = [suffix for row in TABLE if row.modality == "image" for suffix in row.suffixes]


def size(given_, **options) -> tuple[int, int]:
    info = examine(given_, **options).info
    return info.width, info.height


def refused(door, *given_, **options) -> str:
    with pytest.raises(SourceError) as error:
        door(*given_, **options)
    return str(error.value)


# JPEG is read as libjpeg reads it.

JPEG = saved("JPEG", exif=exif(6), comment=b"by hand")
SEGMENTS = [2]
while JPEG[SEGMENTS[-1] + 1] not in range(0xC0, 0xC3):
    SEGMENTS.append(SEGMENTS[-1] + 2 + int.from_bytes(JPEG[SEGMENTS[-1] + 2 :][:2], "big"))


@given(at=st.sampled_from(SEGMENTS[1:]), junk=st.binary(max_size=40))
def test_bytes_between_segments_change_nothing_where_pillow_reads_on(at, junk):
    assume(b"\xff" not in junk[:-1] or b"\xff\0" in junk)
    data = JPEG[:at] + junk + JPEG[at:]
    try:
        with Pillow.open(io.BytesIO(data)) as picture:
            shown = picture.size
    except OSError:
        assume(False)
    assert size(data, stored=True) == shown


@pytest.mark.parametrize("length", [0, 1])
def test_a_segment_shorter_than_its_length_field_ends_behind_it(length):
    data = JPEG[:2] + b"\xff\xfe" + bytes([0, length]) + JPEG[2:]
    assert size(data) == (HEIGHT, WIDTH)
    assert load(data).info == examine(data).info


def test_a_comment_that_is_one_byte_short():
    """As an old PHP wrote it: the length counts a byte fewer than there are."""
    data = JPEG[:2] + b"\xff\xfe\0\x06CREAT" + JPEG[2:]
    assert size(data) == (HEIGHT, WIDTH)


# A name never decides.


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bytes_of_something_else_are_no_picture_whatever_their_name(suffix, tmp_path):
    path = tmp_path / f"x.{suffix}"
    random = np.random.default_rng(0).integers(0, 256, 5000, np.uint8).tobytes()
    for data in (random, gzip.compress(random), b"MZ\x90\0\3\0\0\0" + random):
        path.write_bytes(data)
        name = next(row.name for row in TABLE if suffix in row.suffixes)
        assert refused(examine, path) == (
            f"{path}: named .{suffix}, but it is no {name}, nor another picture multitok can read"
            f" (starts with {data[:8].hex(' ')}): convert it to PNG"
        )


@settings(max_examples=300)
@given(suffix=st.sampled_from(["tga", "pcx", "cur", "bmp", "dib"]), data=st.binary(min_size=1))
def test_few_bytes_are_no_picture_either(suffix, data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / f"few.{suffix}"
    path.write_bytes(data)
    with suppress(MultitokError):
        assert examine(path).modality != "image"


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA"])
def test_a_bitmap_without_its_file_header_is_a_picture(mode):
    data = saved("DIB", quadrants().convert(mode))
    assert (size(data), examine(data).format) == ((WIDTH, HEIGHT), "DIB")
    assert load(data).info == examine(data).info


# A header is believed as far as the bytes reach.

FIRST, *REST = frames()


def qoi() -> bytes:
    """48 x 20 pixels of RGB, each in a chunk of its own: Pillow reads QOI, and old ones no more."""
    header = b"qoif" + struct.pack(">IIBB", WIDTH, HEIGHT, 3, 0)
    return header + b"".join(b"\xfe" + bytes(p) for p in pixels()) + bytes(7) + b"\1"


def pixels():
    return np.asarray(quadrants()).reshape(-1, 3).tolist()


def plain(kind: int) -> bytes:
    """A picture of numbers as text, each but one of a bit with a space behind it."""
    picture = quadrants().convert({1: "1", 2: "L", 3: "RGB"}[kind])
    numbers = np.asarray(picture).astype(int).reshape(HEIGHT, -1)
    header = f"P{kind}\n# by hand\n{WIDTH} {HEIGHT}\n" + ("" if kind == 1 else "255\n")
    gap = "" if kind == 1 else " "
    return (header + "\n".join(gap.join(map(str, row)) for row in numbers) + "\n").encode()


def packed_sgi() -> bytes:
    """Rows of gray, each as the copies of one byte 48 times: 0x30 and it, then a 0."""
    header = struct.pack(">HBBHHHH", 474, 1, 1, 2, WIDTH, HEIGHT, 1).ljust(512, b"\0")
    row = bytes((WIDTH, 200, 0))
    first = 512 + 8 * HEIGHT
    places = struct.pack(f">{HEIGHT}I", *(first + 3 * i for i in range(HEIGHT)))
    return header + places + struct.pack(f">{HEIGHT}I", *[3] * HEIGHT) + row * HEIGHT


WHOLE = {
    "PNG": saved("PNG"),
    "JPEG": JPEG,
    "GIF": saved("GIF"),
    "animated GIF": saved("GIF", FIRST, save_all=True, append_images=REST, loop=0),
    "WebP": saved("WEBP", lossless=True),
    "TIFF": saved("TIFF"),
    "TIFF of pages": saved("TIFF", FIRST, save_all=True, append_images=REST),
    "BMP": saved("BMP"),
    "ICO": saved("ICO", quadrants(48, 48), sizes=[(48, 48)]),
    "JPEG 2000": saved("JPEG2000"),
    "a bare codestream": saved("JPEG2000", no_jp2=True),
    "QOI": qoi(),
    "PBM": saved("PPM", quadrants().convert("1")),
    "PGM": saved("PPM", quadrants().convert("L")),
    "PPM": saved("PPM"),
    "plain PBM": plain(1),
    "plain PGM": plain(2),
    "plain PPM": plain(3),
    "SGI": saved("SGI"),
    "packed SGI": packed_sgi(),
    "TGA": saved("TGA")[:-26],  # without the footer, which is none of the picture
    "packed TGA": saved("TGA", compression="tga_rle")[:-26],
    "PCX": saved("PCX"),
    "gray PCX": saved("PCX", quadrants(480, 200).convert("L"))[
        :-769
    ],  # without its colors, likewise
    "DDS": saved("DDS"),
}
BY_NAME = {
    "TGA": "tga", "packed TGA": "tga", "PCX": "pcx", "gray PCX": "pcx",
    "plain PBM": "pbm", "plain PGM": "pgm", "plain PPM": "ppm",
}  # fmt: skip


def named(name, data):
    """The bytes as a file whose name tells its format, where nothing else does."""
    file = io.BytesIO(data)
    file.name = f"a.{BY_NAME.get(name, 'picture')}"
    return file


@pytest.mark.parametrize("name", WHOLE)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_is_cut_anywhere_says_so(name, share):
    """By 16 bytes or more: less may be what a writer fills a page up with."""
    whole = WHOLE[name]
    cut = whole[: max(8, int(share * (len(whole) - 16)))]
    with suppress(SourceError):
        notes = examine(named(name, cut)).notes
        assert any(note.startswith("cut short: ") for note in notes)
    refused(examine, named(name, cut), strict=True)


@pytest.mark.parametrize("name", WHOLE)
def test_what_stands_behind_a_picture_does_not_cut_it(name):
    """A phone writes a clip behind its JPEG."""
    behind = WHOLE[name] + bytes(range(256)) * 30
    for data in (WHOLE[name], behind):
        notes = examine(named(name, data), strict=True).notes
        assert not any("cut short" in note for note in notes)


def test_a_picture_of_very_many_chunks_is_whole_without_a_look_at_each():
    data = WHOLE["PNG"][:-12] + b"\0\0\0\0IDAT\x35\xaf\x06\x1e" * 21_000
    assert size(data + WHOLE["PNG"][-12:] + b"behind it") == (WIDTH, HEIGHT)


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_held_against_its_bytes_is_what_is_decoded(name):
    file = named(name, WHOLE[name])
    assert load(file).info == examine(file).info


@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("suffix", ["pnm", "picture", "txt"])
def test_a_picture_of_numbers_as_text_needs_no_name(kind, suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(plain(kind))
    assert (size(path), examine(path).format) == ((WIDTH, HEIGHT), "PPM")
    assert (load(path).pixels == load(plain(kind)).pixels).all()


@pytest.mark.parametrize("text", [b"P1 2 3\n", b"P2\nis the second\n", b"P3\n1 2 is a half\n"])
def test_a_text_that_starts_like_such_a_picture_is_a_text(text):
    assert examine(text).modality == "text"


@pytest.mark.parametrize(
    ("letters", "pixel_format"), [(b"DXT1", "DXT1"), (b"DXT5", "DXT5"), (b"DX10", "BC3")]
)
def test_a_dds_of_blocks_is_as_long_as_its_blocks(letters, pixel_format):
    """48 x 20 pixels are 12 x 5 blocks of 4 x 4; of 8 bytes in DXT1, of 16 in the others."""
    head = bytearray(saved("DDS"))[:128]
    struct.pack_into("<II4s", head, 76, 32, 4, letters)
    head += struct.pack("<5I", 77, 3, 0, 1, 0) if letters == b"DX10" else b""
    whole = bytes(head) + bytes(60 * (8 if letters == b"DXT1" else 16))
    assert examine(whole).notes == ()
    assert examine(whole[:-1]).notes == (
        f"cut short: the header says {len(whole)} bytes, the file has {len(whole) - 1}",
    )


def test_the_end_that_is_missing_is_named():
    assert examine(WHOLE["PNG"][:-20]).notes == ("cut short: no IEND chunk",)
    assert examine(JPEG[:-20]).notes == ("cut short: no EOI marker",)
    assert examine(WHOLE["GIF"][:-20]).notes == ("cut short: no trailer",)
    message = refused(examine, JPEG[:-20], strict=True)
    assert message == "<bytes>: cut short: no EOI marker"


# What a header tells is what is decoded.

MADE = {
    **{form: saved(form) for form in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "DIB", "PPM")},
    **{form: saved(form) for form in ("JPEG2000", "SGI", "DDS", "QOI", "AVIF")},
    "ICO": saved("ICO", quadrants(48, 48), sizes=[(32, 32), (48, 48)], bitmap_format="bmp"),
    "gray PPM": saved("PPM", quadrants().convert("L")),
    "ICNS": saved("ICNS", quadrants(64, 64)),
}


@pytest.mark.parametrize("name", MADE)
def test_the_size_of_the_header_is_that_of_the_pixels(name):
    assert examine(MADE[name]).info == load(MADE[name]).info


@pytest.mark.parametrize("suffix", ["tga", "pcx"])
def test_the_size_is_that_of_the_pixels_where_the_name_is_needed(suffix, tmp_path):
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(saved(suffix.upper()))
    assert examine(path).info == load(path).info


def test_an_icon_whose_list_lies_is_as_large_as_its_picture():
    """48 x 48 in the picture's own header, 16 x 32 in the list."""
    data = bytearray(saved("ICO", quadrants(48, 48), sizes=[(48, 48)], bitmap_format="bmp"))
    data[6:8] = 16, 32
    assert size(bytes(data)) == (48, 48)
    assert load(bytes(data)).info == examine(bytes(data)).info


def test_a_tiff_whose_orientation_has_an_odd_type_is_turned_all_the_same():
    """As a long, where the format has a short: Pillow passes over it."""
    tags = [(256, 3, 3), (257, 3, 2), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200),
            (274, 4, 6), (277, 3, 1), (278, 3, 2), (279, 4, 6)]  # fmt: skip
    assert size(tiff(tags)) == (2, 3)
    assert load(tiff(tags)).info == examine(tiff(tags)).info


def tiff(tags: list[tuple[int, int, int]]) -> bytes:
    """A directory of (tag, type, value), and eight bytes of pixels at 200."""
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return (b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(4)).ljust(208, b"\0")


# Formats of a few bytes, made by hand.


def psd(version: int = 1, bits: int = 8, mode: int = 3, layers: bytes = b"") -> bytes:
    """5 x 3 in three channels: no colors, no resources, these layers, plain pixels."""
    head = struct.pack(">4sH6xHIIHH", b"8BPS", version, 3, 3, 5, bits, mode)
    wide = ">Q" if version == 2 else ">I"
    lengths = bytes(8) + struct.pack(wide, len(layers))
    return head + lengths + layers + b"\0\0" + bytes(3 * 3 * 5 * bits // 8)


def test_layers_of_a_photoshop_file_are_no_frames():
    """Pillow cannot make sense of these layers, which nobody needs."""
    data = psd(layers=b"\0\0\0\4\xff\xfe")
    probed = examine(data)
    assert (size(data), probed.format, probed.facts, probed.notes) == ((5, 3), "PSD", {}, ())
    assert load(psd()).info == examine(psd()).info


def test_a_large_photoshop_file_is_counted_and_not_decoded():
    assert (size(psd(version=2)), examine(psd(version=2)).format) == ((5, 3), "PSB")
    assert refused(load, psd(version=2)) == (
        "<bytes>: a valid PSB picture, which nothing here decodes: convert it to PNG or JPEG"
    )


def test_a_photoshop_file_of_a_kind_that_is_not_decoded_is_not_damaged():
    assert size(psd(bits=16, mode=9)) == (5, 3)
    assert refused(load, psd(bits=16, mode=9)) == (
        "<bytes>: a valid PSD picture, but not of a kind that can be decoded here (16-bit Lab):"
        " convert it to PNG or JPEG"
    )


def bits(*fields: tuple[int, int]) -> bytes:
    """Values of so many bits each, from the lowest bit on."""
    value = at = 0
    for field, count in fields:
        value |= field << at
        at += count
    return value.to_bytes(16, "little")


SIDES = [
    # height in eights, 5 bits; ratio 0: width likewise
    (((1, 1), (4, 5), (0, 3), (5, 5)), (48, 40)),
    # height of 9 bits, ratio 5 is 16:9
    (((0, 1), (0, 2), (359, 9), (5, 3)), (640, 360)),
    # height of 13 bits, width of 18
    (((0, 1), (1, 2), (3023, 13), (0, 3), (2, 2), (69_999, 18)), (70_000, 3024)),
]


@pytest.mark.parametrize(("fields", "sides"), SIDES)
@pytest.mark.parametrize("boxed", [False, True])
def test_the_sides_of_a_jpeg_xl_stand_in_its_first_bits(fields, sides, boxed):
    data = b"\xff\x0a" + bits(*fields, (1, 1))
    if boxed:
        head = b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\0\x14ftypjxl \0\0\0\0jxl "
        data = head + struct.pack(">I4s", len(data) + 8, b"jxlc") + data
    assert (size(data), examine(data).format) == (sides, "JPEG XL")


def test_the_orientation_of_a_jpeg_xl_is_in_its_codestream():
    """Not all by default, extra fields, orientation 6 as 5."""
    data = b"\xff\x0a" + bits(*SIDES[0][0], (0, 1), (1, 1), (5, 3))
    assert (size(data), examine(data).facts["orientation"]) == ((40, 48), 6)


def test_the_pixels_of_a_jpeg_xl(monkeypatch):
    pytest.importorskip("pillow_jxl")
    data = saved("JXL", lossless=True)
    assert examine(data).format == "JPEG XL"
    assert load(data).pixels.tobytes() == quadrants().tobytes()
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    assert size(data) == (WIDTH, HEIGHT)
    with pytest.raises(MissingDependencyError) as error:
        load(data)
    assert str(error.value) == ("decoding JPEG XL needs pillow-jxl-plugin: pip install '.[jxl]'")


EXR = b"\x76\x2f\x31\x01\2\0\0\0" + b"displayWindow\0box2i\0" + struct.pack("<I4i", 16, 0, 0, 6, 4)
UNDECODED = {
    "EXR": EXR + b"\0",
    "HDR": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 5 +X 7\n" + bytes(140),
    "PAM": b"P7\nWIDTH 7\nHEIGHT 5\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\n" + bytes(35),
    "PFM": b"PF\n7 5\n-1.0\n" + bytes(420),
}


@pytest.mark.parametrize("form", UNDECODED)
def test_what_nothing_decodes_is_counted_by_its_header(form):
    assert (size(UNDECODED[form]), examine(UNDECODED[form]).format) == ((7, 5), form)
    assert refused(load, UNDECODED[form]) == (
        f"<bytes>: a valid {form} picture, which nothing here decodes: convert it to PNG or JPEG"
    )


def test_a_wireless_bitmap_is_as_long_as_its_sides_say(tmp_path):
    """130 wide is 0x81 0x02 in groups of seven bits; its rows are 17 bytes."""
    path = tmp_path / "x.wbmp"
    path.write_bytes(b"\0\0\x81\x02\x03" + bytes(17 * 3))
    assert size(path) == (130, 3)


# Damaged is only what is damaged.


def test_pixels_of_half_floats_are_valid_and_not_decoded():
    tags = [(256, 3, 2), (257, 3, 2), (258, 3, 16), (259, 3, 1), (262, 3, 1), (273, 4, 200),
            (277, 3, 1), (278, 3, 2), (279, 4, 8), (339, 3, 3)]  # fmt: skip
    data = tiff(tags)
    assert (size(data), examine(data).notes) == ((2, 2), ())
    assert refused(load, data) == (
        "<bytes>: a valid TIFF picture, but not of a kind that can be decoded here"
        " (1 x 16-bit float): convert it to PNG or JPEG"
    )


def test_bit_fields_that_pillow_does_not_know_are_no_damage():
    data = b"BM" + struct.pack("<IIIIiiHHI", 74, 0, 66, 40, 1, 1, 1, 16, 3) + bytes(20)
    data += struct.pack("<III", 0xF000, 0xF00, 0xF0) + bytes(8)
    assert size(data) == (1, 1)
    assert refused(load, data) == (
        "<bytes>: a valid BMP picture, but not of a kind that can be decoded here"
        " (unsupported BMP bitfields layout): convert it to PNG or JPEG"
    )


# Sixteen bits.


def test_sixteen_bits_of_color_are_not_clipped():
    """Pillow keeps the upper eight bits of color, and clips only gray: only gray is noted."""
    color = b"\x80\0\x40\0\xff\xff"
    head = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    data += chunk(b"IDAT", zlib.compress(b"\0" + color)) + chunk(b"IEND", b"")
    assert examine(data).facts == {}
    assert load(data).pixels.tolist() == [[[128, 64, 255]]]


# Drawings, and what nothing here reads.


@pytest.mark.parametrize(
    ("said", "sides"),
    [
        (b'width="48" height="20"', ", at 48 x 20 by its own words"),
        (b'width="1in" height="2.54cm"', ", at 96 x 96 by its own words"),
        (b'viewBox="0 0 24 12"', ", at 24 x 12 by its own words"),
        (b'width="100%" viewBox="-5 -5.5 24.5 12"', ", at 25 x 12 by its own words"),
        (b'height="6" viewBox="0,0,24,12" stroke-width="3"', ", at 12 x 6 by its own words"),
        (b'width="nonsense"', ""),
    ],
)
def test_a_drawing_says_at_what_size_it_is_rendered(said, sides, tmp_path):
    data = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" ' + said + b"/>"
    path = tmp_path / "x.svg"
    path.write_bytes(data)
    assert refused(examine, path) == (
        f"{path}: not an image multitok can read (SVG is a drawing, which has no pixels until it is"
        f" rendered{sides}: render it to PNG, or count its source with --as text)"
    )


@pytest.mark.parametrize("suffix", ["xcf", "wmf", "dcm"])
def test_a_picture_of_another_program_is_not_offered_as_text(suffix, tmp_path):
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(bytes(range(1, 200)))
    assert refused(examine, path) == (
        f"{path}: a picture (.{suffix}) that nothing here reads: convert it to PNG"
    )

"""Pixels: every mode becomes 8-bit RGB as the published processors make it, or is refused."""

import io
import sys
import warnings

import numpy as np
import pytest
from pictures import HEIGHT, WIDTH, corner_colors, exif, frames, quadrants, saved
from PIL import Image as Pillow, __version__ as pillow_version

from multitok.core.errors import MediaError, MissingDependencyError, SourceError
from multitok.loaders.door import examine, load
from multitok.loaders.probed import MAX_PIXELS


def gray(values: list[int], dtype: str = "uint16") -> Pillow.Image:
    return Pillow.fromarray(np.array([values], dtype))


@pytest.mark.parametrize("form", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_and_not_clipped(form):
    """65535 is white, 32896 = 128 * 257 is 128; clipping would make both white."""
    picture = load(saved(form, gray([0, 128, 129, 257, 32896, 65535])))
    assert picture.pixels[0, :, 0].tolist() == [0, 0, 1, 1, 128, 255]
    assert (picture.pixels == picture.pixels[:, :, :1]).all()


def test_thirty_two_bits_are_refused():
    for dtype, kind in (("int32", "whole numbers"), ("float32", "floats")):
        with pytest.raises(SourceError) as error:
            load(saved("TIFF", gray([1, 2], dtype)))
        assert str(error.value) == (
            f"<bytes>: pixels are 32-bit {kind}, which have no set range: scale them to 8 or 16"
            " bits first"
        )


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB"])
def test_other_modes_are_converted_as_pillow_does(mode):
    if mode == "YCbCr" and int(pillow_version.partition(".")[0]) < 13:
        pytest.skip("Pillow reads its own YCbCr TIFF from 13 on")
    picture = quadrants().convert(mode) if mode != "LAB" else Pillow.new("LAB", (4, 4), (50, 9, 9))
    data = saved("TIFF", picture)
    expected = Pillow.open(io.BytesIO(data)).convert("RGB")
    assert load(data).pixels.tobytes() == expected.tobytes()


def test_transparency_is_dropped_unless_a_background_is_named():
    """The color under full transparency shows, as in the published processors."""
    clear = Pillow.new("RGBA", (3, 2), (200, 10, 20, 0))
    half = Pillow.new("RGBA", (3, 2), (200, 10, 20, 128))
    assert load(saved("PNG", clear)).pixels[0, 0].tolist() == [200, 10, 20]
    white = (255, 255, 255)
    assert load(saved("PNG", clear), background=white).pixels[0, 0].tolist() == [255, 255, 255]
    assert load(saved("PNG", half), background=(0, 0, 0)).pixels[0, 0].tolist() == [100, 5, 10]


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_transparency_of_gray_and_palette_pictures(mode):
    if mode == "LA":
        picture = Pillow.new("LA", (3, 2), (90, 0))
        options = {}
    else:
        picture = Pillow.new("P", (3, 2), 1)
        picture.putpalette([0, 0, 0, 90, 90, 90])
        options = {"transparency": bytes([255, 0])}
    data = saved("PNG", picture, **options)
    assert load(data).pixels[0, 0].tolist() == [90, 90, 90]
    assert load(data, background=(1, 2, 3)).pixels[0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_first_frame_is_the_picture(form):
    first, *rest = frames()
    data = saved(form, first, save_all=True, append_images=rest, duration=40)
    assert load(data).info == examine(data).info
    assert corner_colors(load(data).pixels) == ["red", "green", "blue", "yellow"]


def test_a_picture_of_more_than_max_pixels_is_counted_and_not_decoded():
    data = saved("PNG")
    assert load(data, max_pixels=WIDTH * HEIGHT).info == examine(data, max_pixels=1).info
    with pytest.raises(SourceError) as error:
        load(data, max_pixels=WIDTH * HEIGHT - 1)
    assert str(error.value) == (
        "<bytes>: 48 x 20 is 960 pixels, and at most 959 are decoded: raise max_pixels to load it"
    )


def test_a_bomb_is_counted_from_its_header():
    """60,000 x 60,000 in 100 bytes: Pillow refuses even its size."""
    data = bytearray(saved("PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    assert str(examine(bytes(data)).info) == "60000 x 60000"
    with pytest.raises(SourceError) as error:
        load(bytes(data))
    assert str(error.value) == (
        "<bytes>: 60000 x 60000 is 3600000000 pixels, and at most 268435456 are decoded: raise"
        " max_pixels to load it"
    )


def test_max_pixels_is_the_only_limit(monkeypatch):
    """Pillow's own global limit neither warns nor refuses."""
    monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", 10)
    assert MAX_PIXELS > 960
    assert load(saved("PNG")).info == examine(saved("PNG")).info


@pytest.mark.parametrize(("form", "cut"), [("PNG", 60), ("JPEG", 50), ("BMP", 50)])
def test_a_file_cut_short_is_counted_and_not_loaded(form, cut):
    """The rest of the words are Pillow's."""
    whole = saved(form)
    assert examine(whole[:-cut]).info == examine(whole).info
    with pytest.raises(SourceError, match=rf"^<bytes>: damaged {form}: image file is truncated"):
        load(whole[:-cut])


@pytest.mark.parametrize(("form", "name"), [("WEBP", "WebP"), ("BMP", "BMP")])
def test_a_header_that_says_more_bytes_than_there_are(form, name):
    data = saved(form, lossless=True)
    note = f"cut short: the header says {len(data)} bytes, the file has {len(data) - 9}"
    assert examine(data).notes == ()
    assert examine(data[:-9]).notes == (note,)
    with pytest.raises(SourceError) as error:
        examine(data[:-9], strict=True)
    assert str(error.value) == f"<bytes>: {note}"


def test_no_warning_of_pillow_leaks():
    """Palette transparency in bytes makes convert() warn."""
    palette = saved("PNG", quadrants().convert("P"), transparency=bytes([0, 9, 200]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert str(load(palette).info) == "48 x 20"


def test_heic_is_counted_without_pillow_heif_and_says_what_decodes_it(monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    heif.from_pillow(quadrants()).save(file)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert str(examine(file.getvalue()).info) == "48 x 20"
    with pytest.raises(MissingDependencyError) as error:
        load(file.getvalue())
    assert str(error.value) == "decoding HEIC needs pillow-heif: pip install '.[heif]'"


def test_a_picture_in_memory_is_the_picture_of_its_file():
    for form in ("JPEG", "PNG", "TIFF"):
        options = {"tiffinfo": {274: 6}} if form == "TIFF" else {"exif": exif(6)}
        data = saved(form, **options)
        with Pillow.open(io.BytesIO(data)) as picture:
            assert examine(picture).info == examine(data).info
            assert load(picture) == load(data)
            assert load(picture) == load(data)  # and the picture is left as it was


def test_a_picture_in_memory_that_only_xmp_turns():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="6"/>')
    for data in (saved("PNG", pnginfo=info), saved("JPEG", xmp=b'<x tiff:Orientation="6"/>')):
        with Pillow.open(io.BytesIO(data)) as picture:
            assert str(examine(picture).info) == str(examine(data).info) == "20 x 48"


def test_the_size_of_a_lazy_png_is_told_without_decoding_it():
    """Pillow's getexif() decodes the whole PNG when it has no eXIf; a broken one shows it."""
    with Pillow.open(io.BytesIO(saved("PNG")[:-30])) as picture:
        probed = examine(picture)
    assert (str(probed.info), probed.format, probed.facts) == ("48 x 20", "PIL RGB", {})


def test_arrays():
    rgb = np.asarray(quadrants())
    assert examine(rgb).format == "numpy uint8"
    assert (load(rgb).pixels == rgb).all()
    assert (load(rgb[:, :, 0]).pixels == rgb[:, :, :1]).all()
    assert (load(rgb[:, :, :1]).pixels == rgb[:, :, :1]).all()
    rgba = np.dstack([rgb, np.zeros((HEIGHT, WIDTH), np.uint8)])
    assert (load(rgba).pixels == rgb).all()
    assert (load(rgba, background=(7, 8, 9)).pixels == [7, 8, 9]).all()
    assert load(np.array([[0, 257, 65535]], np.uint16)).pixels[0, :, 2].tolist() == [0, 1, 255]


def test_a_kind_of_picture_is_a_picture(tmp_path):
    """pillow-heif opens files as a class of its own, numpy maps them as another."""

    class Own(Pillow.Image):
        pass

    own = Own()
    own.im, own._mode, own._size = quadrants().im, "RGB", (WIDTH, HEIGHT)
    assert examine(own).info == examine(quadrants()).info
    mapped = np.memmap(tmp_path / "x", np.uint8, "w+", shape=(4, 5, 3))
    assert str(examine(mapped).info) == "5 x 4"
    (tmp_path / "a.png").write_bytes(saved("PNG"))
    assert examine(np.str_(tmp_path / "a.png")).format == "PNG"


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            np.zeros((2, 3, 3)),
            "image pixels must be uint8 or uint16, got float64: from 0..1, pass"
            " (x * 255).round().astype('uint8')",
        ),
        (
            np.zeros((2, 3), np.int64),
            "an array of int64 (2, 3) is no picture, which is uint8 (height, width, 3): say what it"
            " is by modality='series', 'actions', 'audio' (with hz=16000) or 'video' (with fps=25)",
        ),
        (
            np.zeros((3, 20, 20), np.uint8),
            "image pixels must be (height, width), or (height, width, 1, 3 or 4), got shape"
            " (3, 20, 20)",
        ),
        (np.zeros((0, 4, 3), np.uint8), "image must be at least 1x1 pixels, got 4x0"),
    ],
)
def test_arrays_that_are_no_picture(array, message):
    for door in (examine, load):
        with pytest.raises(MediaError) as error:
            door(array)
        assert str(error.value) == message


def test_a_broken_picture_in_memory():
    why = r"^<picture>: damaged PNG: image file is truncated"
    data = io.BytesIO(saved("PNG")[:-60])
    with Pillow.open(data) as picture, pytest.raises(SourceError, match=why):
        load(picture)

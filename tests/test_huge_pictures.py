"""A huge picture is drawn from a fraction of its sides, an ordinary one from all its pixels."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

from multitok import inspect, overlay_of
from multitok.core.info import ImageInfo
from multitok.counting.subject import subject_of
from multitok.drawing.figures import figures_of
from multitok.loaders.pictures import reduced

OPEN = "Qwen/Qwen2.5-VL-7B-Instruct"
COLORS = np.array([[0, 255, 0, 255], [255, 0, 255, 0], [0, 0, 255, 255]], np.uint8)
"""Of twelve blocks, in a picture that is not square: turned or shifted it is another."""


@pytest.fixture
def small(monkeypatch):
    """From 12 pixels on a picture is huge: 32 x 24 is drawn by an eighth. Strips are of a row."""
    monkeypatch.setattr(reduced, "MOST", 12)
    monkeypatch.setattr(reduced, "STRIP", 1)


def blocks(mode="L"):
    """32 x 24, each color 8 x 8."""
    return Pillow.fromarray(np.kron(COLORS, np.ones((8, 8), np.uint8))).convert(mode)


def sketch(path):
    return subject_of(str(path)).sketch().pixels


def test_a_picture_becomes_huge_where_its_pixels_are_more():
    assert reduced.fraction(8192, 4096) == 1
    assert reduced.fraction(8192, 4097) == 2
    assert reduced.fraction(2**15, 2**15) == 8


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_block_is_a_pixel_of_what_is_drawn(mode, tmp_path):
    picture = blocks() if mode == "I;16" else blocks(mode)
    if mode == "I;16":
        picture = Pillow.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    picture.save(tmp_path / "a.png")
    assert (sketch(tmp_path / "a.png") == COLORS[:, :, None]).all()


@pytest.mark.usefixtures("small")
def test_a_jpeg_is_made_small_by_its_decoder_and_drawn_upright(tmp_path):
    exif = Pillow.Exif()
    exif[274] = 6  # its top is at the right
    blocks().save(tmp_path / "a.jpg", quality=100, exif=exif)
    turned = np.rot90(COLORS, -1)[:, :, None].astype(int)
    assert (np.abs(sketch(tmp_path / "a.jpg") - turned) < 4).all()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("sides", [(33, 25), (31, 23), (1, 700), (700, 1)])
@pytest.mark.parametrize("form", ["png", "jpg"])
def test_sides_are_rounded_up(sides, form, tmp_path):
    Pillow.new("RGB", sides, (9, 9, 9)).save(tmp_path / f"a.{form}")
    by = reduced.fraction(*sides)
    height, width, _ = sketch(tmp_path / f"a.{form}").shape
    assert (width, height) == (-(-sides[0] // by), -(-sides[1] // by))


def test_an_ordinary_picture_is_drawn_from_its_content(tmp_path):
    blocks().save(tmp_path / "a.png")
    found = inspect(str(tmp_path / "a.png"), models="gpt-4o")
    image, whole = found.sketch()
    assert image is found.content()
    assert whole is None


@pytest.mark.usefixtures("small")
def test_a_huge_picture_is_laid_out_by_its_own_shape(tmp_path):
    blocks().save(tmp_path / "a.png")
    found = inspect(str(tmp_path / "a.png"), models=OPEN)
    image, whole = found.sketch()
    assert image.pixels.shape == (3, 4, 3)
    assert whole == ImageInfo(32, 24)
    [[drawn]] = figures_of(found).seen
    assert "sent 32 × 24" in drawn.caption
    assert drawn.patches.source == (0, 0, 32, 24)


@pytest.mark.usefixtures("small")
def test_a_rule_that_reads_pixels_gets_them_all(tmp_path):
    blocks().save(tmp_path / "a.png")
    image, whole = inspect(str(tmp_path / "a.png"), tokenizer="dct-bpe").sketch()
    assert image.pixels.shape == (24, 32, 3)
    assert whole is None


@pytest.mark.parametrize("model", ["gpt-4o", OPEN])
def test_a_drawing_from_a_fraction_looks_like_that_from_all(model, tmp_path, monkeypatch):
    wide, tall = np.meshgrid(np.linspace(0, 255, 800), np.linspace(0, 255, 600))
    pixels = np.stack([wide, tall, wide], axis=2).astype(np.uint8)
    Pillow.fromarray(pixels).save(tmp_path / "a.png")
    ways = []
    for most in (reduced.MOST, 200_000):
        monkeypatch.setattr(reduced, "MOST", most)
        drawn = overlay_of(inspect(str(tmp_path / "a.png"), models=model))
        ways.append(np.asarray(drawn).astype(int))
    assert ways[0].shape == ways[1].shape
    assert np.abs(ways[0] - ways[1]).mean() < 2


DRAWN = """
import sys
from multitok import inspect, overlay_of

overlay_of(inspect(sys.argv[1], models="gpt-4o"))
[peak] = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory that was in use is from /proc")
def test_a_picture_of_256_million_pixels_is_drawn_in_half_a_gigabyte(tmp_path):
    """Its own pixels are 244 MiB, a byte each; in RGB they were 2.7 GB."""
    path = tmp_path / "bomb.png"
    Pillow.new("1", (16_000, 16_000)).save(path)
    child = subprocess.run(
        [sys.executable, "-c", DRAWN, str(path)], capture_output=True, text=True, check=True
    )
    assert int(child.stdout) < 500

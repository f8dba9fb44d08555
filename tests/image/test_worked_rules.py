"""Rules of open models worked by hand, beside their golden rows."""

import pytest

from multitok.catalog.load import catalog
from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo


def test_inkling_cuts_cells_of_40_px_at_the_size_that_the_picture_has():
    """1920 x 1080 is 48 cells wide and 27 high; the first Inkling's code begins a 49th."""
    picture = ImageInfo(1920, 1080)
    first = registry.build("native-cells", {"spare": True})
    second = registry.build("native-cells", {})
    assert second.count(picture) == 48 * 27
    assert first.count(picture) == 49 * 27
    assert second.count(ImageInfo(1921, 1081)) == first.count(ImageInfo(1921, 1081)) == 49 * 28
    assert first.notes(picture) == []  # 2 % of it is padding
    assert second.size_seen(ImageInfo(41, 40)) == (41, 40)


def test_kosmos_2_5_sees_what_fits_and_costs_the_same():
    """sqrt(4096 x 16 / 1080 x 16 / 1920) = 0.711: 48.0 x 85.3 patches, 48 x 85 of them whole."""
    kosmos = registry.build("resampled-grid", {})
    assert kosmos.seen(ImageInfo(1920, 1080)).canvas == (85 * 16, 48 * 16)
    assert {kosmos.count(ImageInfo(*size)) for size in ((1, 1), (640, 480), (9000, 20))} == {2050}


def test_a_page_of_granite_docling_by_hand():
    """A4 is 0.707 wide to high: 4 x 6 tiles (0.667) are closer than 3 x 4, and 5 x 7 are over 32.

    Each tile is 64 and two names before it; so is the overview, and a last name ends it."""
    docling = registry.build("page-tiles", {})
    page = ImageInfo(1654, 2339)
    assert docling.seen(page).tiles == (6, 4)
    assert docling.count(page) == 25 * (64 + 2) + 1
    assert docling.literal_text(page) == {"\n": 5, "\n\n": 1}
    assert docling.count(ImageInfo(512, 512)) == 64 + 2
    assert docling.seen(ImageInfo(20_000, 100)).tiles == (1, 16)  # no name for a 17th column


def test_a_spread_that_tiles_would_show_too_small_gets_more_of_them():
    """6 tiles: 3 x 2 of 512 px show 3,000 px at 0.51, below 0.6: so 24 may be, 6 x 4 as wide."""
    dense = {"max_tiles": 6, "dense_tiles": 24, "dense_scale": 0.6, "dense_above": 1.2}
    docling = registry.build("page-tiles", dense)
    assert docling.seen(ImageInfo(3000, 2000)).tiles == (4, 6)
    assert docling.seen(ImageInfo(2000, 1333)).tiles == (2, 3)  # 0.77 of its width are shown
    assert docling.seen(ImageInfo(2000, 3000)).tiles == (3, 2)  # no spread: it is higher than wide


def test_glm_image_halves_what_it_is_given():
    """The root of 1,003,520 is 1002: 1920 x 1080 becomes 1002 x 564, and half of it 501 x 282.

    18 cells of 28 px are 504 wide, 10 are 280 high. Over 4 to 1 it is refused."""
    glm = registry.build("halved-fit", {})
    assert glm.count(ImageInfo(1920, 1080)) == 18 * 10
    with pytest.raises(MediaError, match="aspect ratio must be at most 4"):
        glm.count(ImageInfo(500, 100))
    with pytest.raises(MediaError, match="a side is under 28 px"):
        glm.count(ImageInfo(27, 27))


def test_a_grid_may_be_weighed_by_its_area_too():
    """2000 x 1000: 2 x 1 tiles of 512 px hold 26 % of it, 4 x 2 more than the 60 % that count.

    Their aspect is the same, so 4 x 2 are taken; 6 x 2 are as large, and further off."""
    nemotron = registry.build(
        "ratio-tiles", {"size": 512, "tokens": 256, "closest": "aspect-and-area"}
    )
    assert nemotron.seen(ImageInfo(2000, 1000)).tiles == (2, 4)
    assert nemotron.count(ImageInfo(2000, 1000)) == 9 * 256
    assert nemotron.count(ImageInfo(500, 500)) == 256  # one tile is more than 0.6 of it


def counted(model, width, height):
    return catalog().model(model).rule("image").counter().count(ImageInfo(width, height))


def test_paddleocr_vl_1_5_has_less_room_than_the_first():
    """1920 x 1080 are 69 x 39 cells of 28 px; 1,003,520 px hold 1,280 of them, 2,822,400 all.

    sqrt(1920 x 1080 / 1,003,520) = 1.4375: 1335 x 751 px, 47 x 26 whole cells."""
    assert counted("PaddlePaddle/PaddleOCR-VL", 1920, 1080) == 69 * 39
    assert counted("PaddlePaddle/PaddleOCR-VL-1.5", 1920, 1080) == 47 * 26


def test_granite_vision_4_keeps_a_quarter_of_each_tile():
    """384 x 384 px fill one tile: 12 x 12 cells and a newline each row, and the overview."""
    assert counted("ibm-granite/granite-vision-4.1-4b", 384, 384) == 12 * (12 + 1) + 12 * 12
    assert counted("ibm-granite/granite-vision-3.2-2b", 384, 384) == 27 * (27 + 1) + 27 * 27

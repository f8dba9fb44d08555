"""Rules that are described but have no golden rows: worked by hand."""

from multitok.core import registry
from multitok.core.info import ImageInfo


def test_phi_3_vision_by_hand():
    """1920 x 1080: 5 tiles wide need 3 rows, 15 <= 16; 6 would need 4, 24. 1680 x 945 on 5 x 3.

    (15 + 1) x 144 + 1 + (3 + 1) x 12 = 2353."""
    phi = registry.build("padded-tiles", {})
    assert phi.seen(ImageInfo(1920, 1080)).tiles == (3, 5)
    assert phi.count(ImageInfo(1920, 1080)) == 16 * 144 + 1 + 4 * 12 == 2353
    assert phi.seen(ImageInfo(1080, 1920)).tiles == (5, 3)
    assert phi.count(ImageInfo(1080, 1920)) == 16 * 144 + 1 + 6 * 12 == 2377


def test_deepseek_ocr_by_hand():
    """Small: 16 x 17 + 1 = 273. 1920 x 1080 is closest to 2 x 1 tiles: + 10 x 21 = 483."""
    ocr = registry.build("tile-rows", {})
    assert ocr.count(ImageInfo(640, 480)) == 273
    assert ocr.seen(ImageInfo(1920, 1080)).tiles == (1, 2)
    assert ocr.count(ImageInfo(1920, 1080)) == 273 + 10 * 21 == 483
    tiny = registry.build("tile-rows", {"max_tiles": 1, "overview": 8, "overview_size": 512})
    assert tiny.count(ImageInfo(1920, 1080)) == 8 * 9 + 1


def test_minicpm_v_2_6_gives_every_view_64_queries():
    """1920 x 1080 is 2 x 4 slices and the overview: 9 x (64 + 2) = 594."""
    minicpm = registry.build("adaptive-slices", {"fixed": 64, "merge": 1})
    assert minicpm.count(ImageInfo(1920, 1080)) == 9 * 66 == 594
    assert minicpm.breakdown(ImageInfo(1920, 1080))["image"] == 576

"""Fit and merge: sizes by hand, against exact arithmetic, and the patches of the reference."""

import json
from fractions import Fraction
from math import isqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ImageInfo
from multitok.core.media import Image
from multitok.core.sequence import TokenSequence
from multitok.modalities.image.grids.fit_merge import FitMergeTokenizer
from multitok.modalities.image.limits import LIMITS, limit as limited

QWEN2_VL = FitMergeTokenizer(max_pixels=12845056)
PIXELS = json.loads((Path(__file__).parent.parent / "golden" / "pixels.json").read_text("utf-8"))


def pattern(name, width, height):
    """The two synthetic pictures of the golden pixel file."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    if name == "ramp":
        return Image(np.stack([x % 256, y % 256, (x + y) % 256], axis=-1).astype(np.uint8))
    waves = (
        np.sin(2 * np.pi * x / 97),
        np.cos(2 * np.pi * y / 61),
        np.sin(2 * np.pi * (x + 2 * y) / 151),
    )
    waved = np.floor(0.5 + 127.5 + 127.5 * np.stack(waves, axis=-1))
    return Image(waved.clip(0, 255).astype(np.uint8))


def test_1080p_by_hand():
    """1920/28 = 68.57 -> 69 columns, 1080/28 = 38.57 -> 39 rows: 2691 tokens of 4 patches each."""
    info = ImageInfo(1920, 1080)
    assert QWEN2_VL.count(info) == 39 * 69 == 2691
    assert QWEN2_VL.geometry(info)["image_grid_thw"] == [[1, 78, 138]]
    assert QWEN2_VL.explain(info) == [
        "1920 x 1080 within 3,136 to 12,845,056 px: resized to 1932 x 1092",
        "39 x 69 cells of 28 px = 2,691 tokens",
    ]


def test_a_thin_picture_is_shrunk_not_refused():
    """10 px round to 0 cells, so the area is under the limit: 1999 x 10 becomes 812 x 28."""
    assert QWEN2_VL.size(ImageInfo(1999, 10)) == (812, 28)
    assert QWEN2_VL.count(ImageInfo(1999, 10)) == 29
    assert FitMergeTokenizer(small="clamp", max_pixels=12845056).count(ImageInfo(1999, 10)) == 71
    glm = FitMergeTokenizer(small="enlarge", frames=2, min_pixels=12544, max_pixels=9633792)
    assert glm.count(ImageInfo(1999, 10)) == 200


def test_the_aspect_limit_is_200_exactly():
    assert QWEN2_VL.count(ImageInfo(2000, 10)) == 29
    with pytest.raises(MediaError) as refused:
        QWEN2_VL.count(ImageInfo(2001, 10))
    assert str(refused.value) == (
        "aspect ratio must be at most 200, got 200.1 for 2001x10:"
        " crop the picture or pad its short side"
    )


def test_a_side_of_zero_is_an_error_and_never_a_count():
    """qwen_vl_utils shrinks 3900 x 20 under 100,352 px to a height of 0."""
    with pytest.raises(MediaError) as refused:
        FitMergeTokenizer(small="clamp", max_pixels=100352).count(ImageInfo(3900, 20))
    assert str(refused.value) == (
        "the reference cannot process 3900x20: under a limit of 100352 px it gives 4396x0."
        " Raise the limit or crop the picture"
    )


def test_wrong_parameters_say_what_is_allowed():
    for params, message in (
        ({"patch": 0}, "patch must be at least 1, got 0"),
        ({"min_pixels": 9, "max_pixels": 4}, "max_pixels must be at least min_pixels=9, got 4"),
        (
            {"small": "crop"},
            "small must be fit, clamp, enlarge, enlarge-rounded, enlarge-or-trim or single,"
            " got 'crop'",
        ),
        (
            {"resample": "cubic"},
            "resample must be bicubic, bilinear, lanczos or area, got 'cubic'",
        ),
    ):
        with pytest.raises(MediaError) as refused:
            FitMergeTokenizer(**params)
        assert str(refused.value) == message


sides = st.integers(1, 2**31 - 1)


@given(sides, sides, st.sampled_from([(14, 3136, 12845056), (16, 65536, 16777216)]))
@settings(max_examples=300, deadline=None)
def test_fit_agrees_with_exact_arithmetic(width, height, limits):
    """Floats decide as the exact square root does, save within 1e-9 of a whole cell."""
    patch, low, high = limits
    if max(width, height) > 200 * min(width, height):
        return
    factor = 2 * patch
    got = limited(width, height, factor, low, high, 1, 200)
    nearest = [round(Fraction(side, factor)) * factor for side in (width, height)]
    limit = high if nearest[0] * nearest[1] > high else low
    if low <= nearest[0] * nearest[1] <= high:
        assert list(got) == nearest
        return
    for side, other, made in ((width, height, got[0]), (height, width, got[1])):
        # side * sqrt(limit / (w * h)) / factor, squared, is a fraction: compare cells with it
        square = Fraction(side * limit, other * factor**2)
        floor = isqrt(square.numerator // square.denominator)
        cells = made // factor
        # within 1e-9 of a whole number of cells, the floats of the reference may fall beside it
        whole = round(float(square) ** 0.5)
        close = abs(square - whole**2) < max(square, 1) * Fraction(1, 10**9)
        beside = {max(1, whole + step) for step in (-1, 0, 1)} if close else set()
        exact = floor if limit == high or floor**2 == square else floor + 1
        assert cells in {max(1, exact), *beside}


@given(sides, sides, st.sampled_from(sorted(LIMITS)))
@settings(max_examples=200, deadline=None)
def test_every_variant_gives_whole_cells_or_refuses(width, height, small):
    try:
        got = LIMITS[small](width, height, 28, 3136, 12845056, 1, 200)
    except MediaError:
        return
    assert all(type(side) is int and side >= 28 and side % 28 == 0 for side in got)
    thin = 200 * 28 * 28  # a picture one cell high may be longer than the limit allows
    assert got[0] * got[1] <= 12845056 + thin


@pytest.mark.parametrize(
    "case",
    [c for c in PIXELS["cases"] if c["family"] == "qwen2-vl" and "backend" in c],
    ids=lambda c: f"{c['backend']}-{c['pattern']}-{c['width']}x{c['height']}",
)
def test_patches_equal_the_reference(case):
    """PIL rows within 1e-4; torchvision rows within 0.03 on smooth content (another kernel)."""
    tokens = QWEN2_VL.encode(pattern(case["pattern"], case["width"], case["height"]))
    values = tokens.inputs["pixel_values"]
    assert list(values.shape) == case["shape"]
    assert tokens.inputs["image_grid_thw"].tolist() == case["image_grid_thw"]
    if case["backend"] == "torchvision" and case["pattern"] == "ramp":
        return
    within = 1e-4 if case["backend"] == "pil" else 0.03
    flat = values.reshape(-1)
    for which in ("sample", "sample2"):
        got = flat[np.array(case[f"{which}_flat_index"])]
        np.testing.assert_allclose(got, case[f"{which}_values"], rtol=0, atol=within)
    for name in ("mean", "min", "max"):
        assert getattr(flat.astype(np.float64), name)() == pytest.approx(case[name], abs=within)


def test_placeholders_in_order():
    minimax = FitMergeTokenizer(token="<img>", start=("<s>",), end=("</s>",))
    tokens = minimax.encode(pattern("ramp", 56, 56))
    assert tokens.placeholders() == ["<s>", "<img>", "<img>", "<img>", "<img>", "</s>"]
    assert tokens.special.tolist() == [True, False, False, False, False, True]
    assert tokens.positions.tolist() == [[-1, -1], [0, 0], [0, 1], [1, 0], [1, 1], [-1, -1]]


def test_patches_stand_block_by_block():
    """One merge block of 2 x 2 patches is four rows in a row; each patch holds two equal copies."""
    picture = pattern("ramp", 112, 56)
    values = QWEN2_VL.encode(picture).inputs["pixel_values"].reshape(4 * 8, 3, 2, 14, 14)
    np.testing.assert_array_equal(values[:, :, 0], values[:, :, 1])
    red = np.rint((values[:, 0, 0, 0, 0] * 0.26862954 + 0.48145466) * 255).astype(int)
    assert red.tolist()[:4] == [0, 14, 0, 14]


def test_area_resampling_changes_the_pixels_not_the_count():
    picture = pattern("ramp", 333, 517)
    quick = FitMergeTokenizer(max_pixels=100352, resample="area").encode(picture)
    exact = FitMergeTokenizer(max_pixels=100352).encode(picture)
    assert len(quick) == len(exact)
    assert not np.array_equal(quick.inputs["pixel_values"], exact.inputs["pixel_values"])


def test_decode_says_what_is_missing():
    empty = TokenSequence(
        tokenizer=QWEN2_VL.config(), info=ImageInfo(1, 1), special=np.zeros(0, np.bool_)
    )
    with pytest.raises(DecodeError) as refused:
        QWEN2_VL.decode(empty)
    assert str(refused.value) == "fit-merge tokens hold inputs['pixel_values'], got none"

"""Fit: the largest size within a budget; every long edge is tried, so nothing is missed."""

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image as Pillow

from multitok import ImageInfo, fit
from multitok.core.errors import MediaError
from multitok.counting.rules import resolve
from multitok.loaders.saving import write_resized


def brute_force(counter, info, budget):
    """The largest long edge within the budget, tried one by one from 1."""
    long, best = max(info.width, info.height), None
    for n in range(1, long + 1):
        if info.width >= info.height:
            size = ImageInfo(n, max(1, round(info.height * n / long)))
        else:
            size = ImageInfo(max(1, round(info.width * n / long)), n)
        try:
            if counter.count(size) <= budget:
                best = size
        except MediaError:
            continue
    return best


MODELS = ["gpt-4o", "claude-haiku-4-5", "OpenGVLab/InternVL3-8B-hf", "Qwen/Qwen2.5-VL-7B-Instruct"]


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=12, deadline=None)
@given(width=st.integers(1, 900), height=st.integers(1, 900), budget=st.integers(1, 4000))
def test_the_best_size_is_the_one_brute_force_finds(model, width, height, budget):
    info = ImageInfo(width, height)
    counter = resolve("image", model=model).counter
    try:
        counter.count(info)
    except MediaError:
        return
    best = fit(info, model=model, max_tokens=budget).best
    expected = brute_force(counter, info, budget)
    assert (best and (best.width, best.height)) == (expected and (expected.width, expected.height))


def test_breakpoints_fall_in_tokens_and_in_size():
    found = fit(ImageInfo(4000, 3000), model="gpt-4o", max_tokens=500)
    tokens = [point.tokens for point in found.breakpoints]
    widths = [point.width for point in found.breakpoints]
    assert tokens == sorted(set(tokens), reverse=True)
    assert widths == sorted(widths, reverse=True)


def test_a_larger_picture_may_cost_less_and_is_taken():
    """InternVL's ratio tiler charges 1920x1080 9 tiles and many smaller sizes 13."""
    found = fit(ImageInfo(1920, 1080), model="OpenGVLab/InternVL3-8B-hf", max_tokens=2400)
    assert (found.best.width, found.best.height, found.best.saved) == (1920, 1080, 0)


def test_a_fixed_rule_says_that_shrinking_saves_nothing():
    found = fit(ImageInfo(800, 600), model="gemini-3-flash-preview", max_tokens=2000)
    assert found.notes[-1] == "every size costs 1,120 tokens: shrinking saves nothing here"


def test_a_budget_below_the_least_says_what_the_least_is():
    found = fit(ImageInfo(800, 600), model="gpt-4o", max_tokens=10)
    assert found.best is None
    assert found.notes[-1].startswith("no size fits 10 tokens: the least is 255, at ")


def test_the_provider_s_own_shrinking_is_told():
    found = fit(ImageInfo(4000, 3000), model="claude-haiku-4-5", max_tokens=5000)
    assert found.notes[0].startswith("the model sees ")
    assert found.notes[0].endswith(" anyway: pixels beyond that are wasted")


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(MediaError, match="max_tokens must be at least 1, got 0"):
        fit(ImageInfo(8, 8), model="gpt-4o", max_tokens=0)


def test_writing_keeps_the_profile_and_applies_the_orientation(tmp_path):
    source, out = tmp_path / "in.jpg", tmp_path / "out.jpg"
    exif = Pillow.Exif()
    exif[0x112] = 6
    Pillow.new("RGB", (40, 20)).save(source, exif=exif, icc_profile=b"profile")
    write_resized(source, (10, 20), out)
    with Pillow.open(out) as written:
        assert written.size == (10, 20)
        assert written.info["icc_profile"] == b"profile"


@pytest.mark.parametrize(
    ("mode", "value", "suffix", "shown"),
    [
        ("I;16", 32_768, ".jpg", (128, 128, 128)),
        ("CMYK", (0, 255, 255, 0), ".png", (255, 0, 0)),
        ("RGBA", (9, 200, 30, 255), ".jpg", (9, 200, 30)),
    ],
)
def test_a_resized_picture_keeps_its_colors(mode, value, suffix, shown, tmp_path):
    source = tmp_path / ("in.png" if mode != "CMYK" else "in.tif")
    Pillow.new(mode, (40, 20), value).save(source)
    out = tmp_path / f"out{suffix}"
    write_resized(source, (10, 5), out)
    with Pillow.open(out) as picture:
        pixel = picture.convert("RGB").getpixel((5, 2))
        assert picture.size == (10, 5)
    assert all(abs(a - b) <= 3 for a, b in zip(pixel, shown, strict=True)), pixel


def test_a_heic_is_resized_too(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Pillow.new("RGB", (40, 20), (200, 30, 40))).save(tmp_path / "in.heic")
    write_resized(tmp_path / "in.heic", (10, 5), tmp_path / "out.jpg")
    with Pillow.open(tmp_path / "out.jpg") as picture:
        assert picture.size == (10, 5)

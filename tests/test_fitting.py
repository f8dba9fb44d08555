"""Fit: the largest size within a budget; every long edge is tried, so nothing is missed."""

import struct
import warnings

import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st
from pictures import frames, quadrants, saved
from PIL import Image as Pillow

import multitok
from multitok import ImageInfo, fit
from multitok.cli import multitok as cli
from multitok.core.errors import MediaError, OutputError, RejectedError, SourceError
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
    found = fit(ImageInfo(800, 600), model="gemini-2.5-flash", max_tokens=2000)
    assert found.notes[-1] == "every size costs 258 tokens: shrinking saves nothing here"


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


MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I;16")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".bmp", ".tiff"])
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_written_in_every_format(mode, suffix, tmp_path):
    """As TIFF, which holds them all but one; a warning would be an error here."""
    source, out = tmp_path / "in.tiff", tmp_path / f"out{suffix}"
    try:
        quadrants().convert("RGB").convert(mode if mode != "I;16" else "L").convert(mode).save(
            source
        )
        with Pillow.open(source) as stored:
            stored.load()
    except (OSError, ValueError) as error:
        pytest.skip(f"Pillow makes none, or none that it reads (11.3, YCbCr): {error}")
    write_resized(source, (24, 10), out)
    with Pillow.open(out) as written:
        assert written.size == (24, 10)


def test_a_palette_is_resized_smoothly(tmp_path):
    """Columns of black and white halve to gray: the nearest color alone would keep one of them."""
    stripes = Pillow.new("P", (40, 20))
    stripes.putpalette([0, 0, 0, 255, 255, 255])
    stripes.putdata([x % 2 for _ in range(20) for x in range(40)])
    stripes.save(tmp_path / "in.png")
    write_resized(tmp_path / "in.png", (20, 10), tmp_path / "out.png")
    with Pillow.open(tmp_path / "out.png") as written:
        low, high = written.convert("L").crop((2, 2, 18, 8)).getextrema()
    assert 100 < low <= high < 160


def test_sixteen_bits_of_gray_stay_sixteen(tmp_path):
    """A PGM of 16 bits as PNG: half of 65,535 all over."""
    (tmp_path / "in.pgm").write_bytes(b"P5 40 20 65535\n" + struct.pack(">800H", *[32_768] * 800))
    write_resized(tmp_path / "in.pgm", (10, 5), tmp_path / "out.png")
    with Pillow.open(tmp_path / "out.png") as written:
        assert (written.mode, written.getpixel((4, 2))) == ("I;16", 32_768)


def test_numbers_of_no_set_range_are_refused_with_what_to_do(tmp_path):
    Pillow.new("F", (40, 20), 0.5).save(tmp_path / "in.tiff")
    with pytest.raises(SourceError) as caught:
        write_resized(tmp_path / "in.tiff", (10, 5), tmp_path / "out.png")
    assert str(caught.value).endswith(
        "pixels are 32-bit floats, which have no set range: scale them to 8 or 16 bits first"
    )


def test_no_warning_about_metadata_reaches_the_user(tmp_path):
    """A JPEG that claims to be several pictures and is not: Pillow warns of it."""
    picture = saved("JPEG")
    marker = b"\xff\xe2" + struct.pack(">H", 2 + 8) + b"MPF\0junk"
    (tmp_path / "in.jpg").write_bytes(picture[:2] + marker + picture[2:])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        Pillow.open(tmp_path / "in.jpg").close()
        assert len(told) == 1  # the file does provoke one
        write_resized(tmp_path / "in.jpg", (24, 10), tmp_path / "out.jpg")
        assert len(told) == 1


@pytest.mark.parametrize(("form", "count", "lost"), [
    ("GIF", 5, ("the first of 5 frames",)), ("WEBP", 3, ("the first of 3 frames",)),
    ("GIF", 1, ()), ("PNG", 1, ()),
])  # fmt: skip
def test_an_animation_as_a_still_format_is_its_first_frame_and_says_so(form, count, lost, tmp_path):
    first, *others = frames(count)
    more = {"save_all": True, "append_images": others} if others else {}
    (tmp_path / "in").write_bytes(saved(form, first, **more))
    assert write_resized(tmp_path / "in", (24, 10), tmp_path / "out.png") == lost


# --- what the API takes ---------------------------------------------------------------------------


def test_a_picture_beyond_the_limits_is_fitted_from_the_largest_size_within():
    """8,707 px are too long for Claude: 968 x 8000 is the same aspect."""
    found = fit(ImageInfo(1054, 8707), model="claude-opus-4-6", max_tokens=1000)
    assert (found.best.width, found.best.height, found.best.tokens) == (968, 8000, 392)
    assert (found.tokens, found.best.saved) == (392, 0)
    assert found.rejected == (
        "Anthropic rejects a side over 8000 px, and this is 1054 x 8707: shrink it",
    )
    assert found.notes[0] == found.rejected[0]
    assert all(max(point.width, point.height) <= 8000 for point in found.breakpoints)


def test_a_picture_that_its_rule_rejects_is_fitted_from_what_it_takes():
    """At most 30,000 patches of 32 px: 173 x 173 are 29,929."""
    found = fit(ImageInfo(6000, 6000), model="gpt-6-astra", max_tokens=40_000)
    assert (found.best.width, found.best.height) == (5536, 5536)
    assert "the API rejects more than 30000" in found.rejected[0]


def test_no_size_below_the_shortest_side_is_offered():
    found = fit(ImageInfo(400, 100), model="qwen3-vl-plus", max_tokens=10_000)
    assert min(min(point.width, point.height) for point in found.breakpoints) >= 11


def test_a_shape_of_which_no_size_is_taken_is_refused_with_what_to_do():
    with pytest.raises(RejectedError) as caught:
        fit(ImageInfo(20, 30_000), model="qwen3-vl-plus", max_tokens=1000)
    assert str(caught.value) == (
        "Qwen rejects a side over 200 times the other, and this is 20 x 30000: cut it into pieces"
    )


@pytest.mark.parametrize("size", [(1054, 8707), (400, 300)])
def test_what_the_api_takes_never_changes_what_fits_among_it(size):
    """The rejected picture's answer is the answer for the largest size of it that is taken."""
    whole = fit(ImageInfo(*size), model="claude-opus-4-6", max_tokens=200)
    first = whole.breakpoints[0]
    again = fit(ImageInfo(first.width, first.height), model="claude-opus-4-6", max_tokens=200)
    assert again.best.tokens == whole.best.tokens
    assert again.rejected == ()


def run(*arguments):
    return CliRunner().invoke(cli, ["fit", *map(str, arguments)])


def test_a_fitted_picture_is_written_in_a_format_that_is_taken(tmp_path):
    (tmp_path / "photo.avif").write_bytes(saved("AVIF", quadrants(480, 200)))
    asked = (tmp_path / "photo.avif", "-m", "claude-opus-5", "--max-tokens", 50, "-o")
    refused = run(*asked, tmp_path / "small.tiff")
    assert str(refused.exception) == (
        f"{tmp_path / 'small.tiff'}: Anthropic takes JPEG, PNG, GIF or WebP, and rejects TIFF:"
        " name a file .jpeg or .png or .gif or .webp"
    )
    assert (refused.stdout, (tmp_path / "small.tiff").exists()) == ("", False)
    written = run(*asked, tmp_path / "small.png")
    assert written.exit_code == 0
    assert "and rejects AVIF: convert it" in written.stdout
    with Pillow.open(tmp_path / "small.png") as picture:
        assert picture.format == "PNG"


def test_any_format_is_written_for_open_weights_and_for_a_tokenizer():
    found = fit(ImageInfo(64, 64), model="Qwen/Qwen3-VL-8B-Instruct", max_tokens=50)
    found.check_output("small.tiff")
    fit(ImageInfo(64, 64), tokenizer="patch", max_tokens=50).check_output("small.tiff")
    with pytest.raises(OutputError):
        fit(ImageInfo(64, 64), model="grok-4.5", max_tokens=5000).check_output("small.webp")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".bmp", ".tiff", ".avif"])
@pytest.mark.parametrize("mode", MODES)
def test_what_is_written_has_the_size_and_the_tokens_that_were_promised(mode, suffix, tmp_path):
    """Of every mode, stored on its side, in every format; nothing else is said on stderr."""
    source, out = tmp_path / "in.tiff", tmp_path / f"out{suffix}"
    stored = quadrants(400, 300).convert("L" if mode == "I;16" else "RGB").convert(mode)
    try:
        stored.save(source, tiffinfo={274: 6})
        with Pillow.open(source) as picture:
            picture.load()
    except (OSError, ValueError) as error:
        pytest.skip(f"Pillow makes none, or none that it reads: {error}")
    model = "Qwen/Qwen2.5-VL-7B-Instruct"
    promised = fit(source, model=model, max_tokens=60).best
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run(source, "-m", model, "--max-tokens", 60, "-o", out)
    lost = "; 16 bits as 8" if mode == "I;16" and suffix not in (".png", ".tiff") else ""
    assert result.stderr == f"wrote {out}: {promised.width} x {promised.height}{lost}\n"
    assert promised.width < promised.height
    written = multitok.count(out, model=model)
    assert written.info == ImageInfo(promised.width, promised.height)
    assert written.tokens == promised.tokens <= 60


ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".avif"])
@pytest.mark.parametrize("form", ANIMATED)
def test_an_animation_stays_one_where_the_format_has_frames(form, suffix, tmp_path):
    """Four frames, each darker than the one before and shown for its own time."""
    first, *others = frames(4)
    lengths = [100, 200, 300, 400]
    how = {"save_all": True, "append_images": others, "duration": lengths}
    (tmp_path / "in").write_bytes(saved(form, first, **how))
    assert write_resized(tmp_path / "in", (24, 10), tmp_path / f"out{suffix}") == ()
    seen, shown = [], []
    with Pillow.open(tmp_path / f"out{suffix}") as written:
        assert (written.size, written.n_frames) == ((24, 10), 4)
        for number in range(4):
            written.seek(number)
            written.load()
            seen.append(written.convert("RGB").getpixel((3, 2))[0])
            shown.append(written.info["duration"])
    assert seen == sorted(seen, reverse=True)
    assert seen[0] - seen[3] > 150
    assert shown == lengths


def test_an_animated_png_stays_one_and_another_animation_becomes_a_still_png(tmp_path):
    first, *others = frames(3)
    for form, count in [("PNG", 3), ("GIF", 1)]:
        moving = saved(form, first, save_all=True, append_images=others)
        (tmp_path / "in").write_bytes(moving)
        write_resized(tmp_path / "in", (24, 10), tmp_path / "out.png")
        with Pillow.open(tmp_path / "out.png") as written:
            assert getattr(written, "n_frames", 1) == count


def test_the_lost_frames_are_told_where_the_file_is_written(tmp_path):
    first, *others = frames(5)
    (tmp_path / "in.gif").write_bytes(saved("GIF", first, save_all=True, append_images=others))
    model = ("-m", "claude-opus-5", "--max-tokens", 50)
    result = run(tmp_path / "in.gif", *model, "-o", tmp_path / "out.png")
    assert f"wrote {tmp_path / 'out.png'}: 48 x 20; the first of 5 frames" in result.stderr


def test_a_clip_that_is_rejected_says_so():
    first, *others = frames(5)
    moving = saved("GIF", first, save_all=True, append_images=others, duration=500)
    found = fit(moving, modality="video", model="gemini-3-flash-preview", max_tokens=100)
    assert found.notes[0].startswith("Google takes MP4, QuickTime, ")
    assert found.notes[0].endswith(" or Matroska, and rejects GIF: convert it")

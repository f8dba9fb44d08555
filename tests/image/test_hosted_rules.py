"""The rules of hosted APIs, by hand-worked pictures and against exact fractions."""

from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings, strategies as st

from multitok.core import registry
from multitok.core.errors import MediaError, RejectedError
from multitok.core.info import ImageInfo
from multitok.core.registry import get_tokenizer
from multitok.modalities.image.words import scaled
from multitok.testing import refuses

GPT_4O = get_tokenizer("openai-tile", base=85, tile=170, box=2048, short=768, size=512)
GPT_5_4 = get_tokenizer("openai-patch", size=32, multiplier=1.2, max_dim=2048, budget=2500)
GPT_6_HIGH = get_tokenizer("openai-patch", size=32, multiplier=1.2, max_dim=65535, budget=2500)
STANDARD = get_tokenizer("anthropic-resize", size=28, max_edge=1568, max_tokens=1568)
HIGH_RES = get_tokenizer("anthropic-resize", size=28, max_edge=2576, max_tokens=4784)
GEMINI = get_tokenizer("gemini-tile", tile=258, small=384, divisor=1.5)
COHERE = get_tokenizer("cohere-tile", tile=256, size=512, box=(1536, 2048), low_up_to=768)
QWEN_28 = get_tokenizer(
    "qwen-api", size=28, max_pixels=1280 * 784, min_pixels=3136, extra=2, rounding="nearest"
)
V4_1 = get_tokenizer("deepseek-rows", patch=14, ratio=3, max_tokens=1024, min_pixels=295936)
NOVA = get_tokenizer("nova-table", min_side=896, table=((900, 450, 800), (900, 900, 1300)))

DRAWN = [
    registry.build(name, params)
    for name in (
        "openai-tile", "openai-patch", "anthropic-resize", "gemini-tile", "cohere-tile",
        "deepseek-rows", "nova-table", "qwen-api",
    )
    for params in registry.class_for(name).examples
]  # fmt: skip
"""Every hosted rule that tells what the model is shown."""

SIDES = st.integers(1, 9000)
SIZES = st.one_of(
    st.tuples(SIDES, SIDES), SIDES.map(lambda n: (n, n)), SIDES.map(lambda n: (n, 2 * n))
)


def exact_tiles(width, height):
    """1c in fractions: fit 2048 x 2048, short side 768, the other cut to a whole pixel."""
    f = min(Fraction(1), Fraction(2048, max(width, height)))
    w, h = width * f, height * f
    if min(w, h) > 768:
        long, short = max(w, h), min(w, h)
        cut = Fraction(floor(long * 768 / short))
        w, h = (cut, Fraction(768)) if w > h else (Fraction(768), cut)
    return ceil(w / 512) * ceil(h / 512)


@settings(max_examples=150)
@given(SIZES)
def test_tiles_are_those_of_exact_fractions(size):
    assert GPT_4O.count(ImageInfo(*size)) == 85 + 170 * exact_tiles(*size)


def published_shrink(width, height, budget):
    """1b, step 3 with sixty digits, and floors that forgive the last thirty."""
    with localcontext() as context:
        context.prec = 60
        slack = Decimal("1e-30")
        scale = (Decimal(32 * 32 * budget) / (width * height)).sqrt()
        across, down = width * scale / 32, height * scale / 32
        scale *= min(floor(across + slack) / across, floor(down + slack) / down)
        return floor(width * scale + slack), floor(height * scale + slack)


@settings(max_examples=150)
@given(SIZES)
def test_a_shrink_to_the_patch_budget_is_the_published_formula(size):
    rows, columns = ceil(size[1] / 32), ceil(size[0] / 32)
    expected = published_shrink(*size, 2500) if rows * columns > 2500 else size
    assert GPT_6_HIGH.seen(ImageInfo(*size)).picture == expected


@pytest.mark.parametrize("side", [1601, 2048, 2656, 3088, 4000, 4192, 8000, 65535])
def test_a_square_over_the_budget_is_always_fifty_by_fifty(side):
    """sqrt(2500) is exactly 50; in floats 2656, 3088 and 4192 come out at 49 patches a side."""
    assert GPT_6_HIGH.seen(ImageInfo(side, side)).grid == (50, 50)
    assert GPT_6_HIGH.count(ImageInfo(side, side)) == 3000


@pytest.mark.parametrize(
    ("multiplier", "patches", "tokens"),
    [(1.2, 5, 6), (1.2, 1024, 1229), (1.62, 100, 162), (2.46, 50, 123), (1.72, 25, 43)],
)
def test_a_multiplier_is_a_decimal_not_a_float(multiplier, patches, tokens):
    """5 x 1.2 is 6 and 50 x 2.46 is 123, though floats say a little more or less."""
    rule = get_tokenizer("openai-patch", size=32, multiplier=multiplier, max_dim=65535)
    assert rule.count(ImageInfo(32 * patches, 32)) == tokens


def test_a_side_on_a_tie_rounds_to_the_even_pixel():
    """4096 x 1 halves to 2048 x 0.5: 0 by rounding, 1 at least. 4096 x 3 to 1.5, which is 2."""
    assert GPT_5_4.seen(ImageInfo(4096, 1)).picture == (2048, 1)
    assert GPT_5_4.seen(ImageInfo(4096, 3)).picture == (2048, 2)
    assert GPT_5_4.seen(ImageInfo(4096, 5)).picture == (2048, 2)


def test_a_picture_too_thin_for_the_budget_is_refused():
    rule = get_tokenizer("openai-patch", size=1, multiplier=1, max_dim=10**9, budget=10)
    with pytest.raises(MediaError) as caught:
        rule.count(ImageInfo(10000, 1))
    assert str(caught.value) == (
        "image 10000 x 1 is too thin: the rule shrinks a side to 0 px to keep 10 patches"
    )


def published_resize(width, height, max_edge, max_tokens):
    """The provider's reference code, written out as its page gives it."""

    def fits(w, h):
        across, down = ceil(w / 28), ceil(h / 28)
        return across * 28 <= max_edge and down * 28 <= max_edge and across * down <= max_tokens

    if fits(width, height):
        return width, height
    if height > width:
        high, wide = published_resize(height, width, max_edge, max_tokens)
        return wide, high
    low, high = 1, width
    while low + 1 < high:
        middle = (low + high) // 2
        if fits(middle, max(round(middle / (width / height)), 1)):
            low = middle
        else:
            high = middle
    return low, max(round(low / (width / height)), 1)


@settings(max_examples=150)
@given(SIZES)
def test_the_resize_is_the_published_search(size):
    assert STANDARD.seen(ImageInfo(*size)).picture == published_resize(*size, 1568, 1568)


@settings(max_examples=50)
@given(st.tuples(st.integers(1, 8000), st.integers(1, 8000)))
def test_landscape_and_portrait_are_mirror_images(size):
    upright, turned = ImageInfo(*size), ImageInfo(*size[::-1])
    assert HIGH_RES.seen(upright).picture == HIGH_RES.seen(turned).picture[::-1]


def test_an_oversized_picture_can_be_an_error_instead():
    strict = get_tokenizer(
        "anthropic-resize", size=28, max_edge=1568, max_tokens=1568, oversized="error"
    )
    assert strict.count(ImageInfo(1092, 1092)) == 1521
    with pytest.raises(RejectedError) as caught:
        strict.count(ImageInfo(1600, 900))
    assert str(caught.value) == (
        "image 1600 x 900 would be shrunk, and oversized_image='error' rejects it."
        " Shrink it to fit 1568 px a side and 1568 tokens"
    )


@pytest.mark.parametrize(
    ("rule", "size", "steps"),
    [
        (
            GPT_4O,
            (4000, 3000),
            [
                "4000 x 3000 shrunk to fit 2048 x 2048: 2048 x 1536",
                "short side shrunk to 768: 1024 x 768",
                "2 x 2 tiles of 512 px = 4",
                "85 + 4 x 170 = 765 tokens",
            ],
        ),
        (
            GPT_5_4,
            (4000, 3000),
            [
                "4000 x 3000 shrunk to fit 2048 x 2048 and 2,500 patches: 1824 x 1368",
                "57 x 43 patches of 32 px = 2,451",
                "2,451 x 1.2, rounded up = 2,942 tokens",
            ],
        ),
        (
            STANDARD,
            (1920, 1080),
            [
                "1920 x 1080 shrunk to fit 1568 px a side and 1,568 tokens: 1456 x 819",
                "52 x 30 patches of 28 px = 1,560 tokens",
            ],
        ),
        (
            GEMINI,
            (960, 540),
            [
                "crop unit: 540 / 1.5, rounded down = 360",
                "3 x 2 tiles = 6",
                "6 x 258 = 1,548 tokens",
            ],
        ),
        (GEMINI, (384, 200), ["384 x 200 is at most 384 px a side: 1 tile = 258 tokens"]),
        (
            COHERE,
            (10000, 20000),
            [
                "10000 x 20000 shrunk to fit 1536 x 2048: 1024 x 2048",
                "2 x 4 tiles of 512 px = 8, and 1 preview",
                "9 x 256 = 2,304 tokens",
            ],
        ),
        (
            V4_1,
            (1024, 1024),
            [
                "1024 x 1024 resized to 1036 x 1036",
                "25 x 25 cells of 42 px",
                "25 rows x (25 + 1 break) + 2 = 652 tokens",
            ],
        ),
        (
            QWEN_28,
            (1024, 1024),
            [
                "1024 x 1024 resized to 980 x 980",
                "35 x 35 cells of 28 px = 1,225 + 2 = 1,227 tokens",
            ],
        ),
        (
            NOVA,
            (400, 300),
            ["400 x 300 enlarged to 896 x 672", "1,043 tokens, by area, from the printed table"],
        ),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_sum_in_words(rule, size, steps):
    assert rule.explain(ImageInfo(*size)) == steps


@pytest.mark.parametrize(
    ("rule", "size", "note"),
    [
        (GPT_4O, (4000, 3000), "shrunk from 4000 x 3000 to 1024 x 768: 7% of the pixels are left"),
        (QWEN_28, (2000, 2000), "shrunk from 2000 x 2000 to 980 x 980: 24% of the pixels are left"),
        (NOVA, (400, 300), "enlarged from 400 x 300 to 896 x 672: more tokens, no more detail"),
        (V4_1, (100, 100), "enlarged from 100 x 100 to 546 x 546: more tokens, no more detail"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_picture_seen_otherwise_is_noted(rule, size, note):
    assert rule.notes(ImageInfo(*size)) == [note]


@pytest.mark.parametrize(("rule", "size"), [(GPT_4O, (1000, 700)), (QWEN_28, (1024, 1024))])
def test_a_picture_that_fits_but_for_a_few_pixels_is_not_noted(rule, size):
    """1000 x 700 is kept, 1024 x 1024 becomes 980 x 980: less than a twentieth of a side."""
    assert rule.notes(ImageInfo(*size)) == []


@pytest.mark.parametrize("rule", DRAWN, ids=repr)
@settings(max_examples=50)
@given(SIZES)
def test_shrunk_and_enlarged_are_said_as_open_rules_say_them(rule, size):
    info = ImageInfo(*size)
    if refuses(rule, info):
        return
    left, top, right, bottom = rule.layout(info).picture
    said = scaled(info, right - left, bottom - top)
    others = "larger than the printed table"
    assert [note for note in rule.notes(info) if not note.startswith(others)] == said


def test_a_flat_price_tells_nothing_of_the_picture():
    flat = get_tokenizer("image-flat", tokens=85, part="base")
    info = ImageInfo(4000, 3000)
    assert (flat.breakdown(info), flat.layout(info)) == ({"base": 85}, None)
    assert (flat.geometry(info), flat.notes(info)) == ({}, [])


def test_a_tile_at_the_edge_is_cut_to_the_picture():
    """1024 x 768 in tiles of 512: the second row is 256 px tall."""
    layout = GPT_4O.layout(ImageInfo(4000, 3000))
    assert layout.canvas == (1024, 768)
    assert layout.tiles == (
        (0, 0, 512, 512), (512, 0, 1024, 512), (0, 512, 512, 768), (512, 512, 1024, 768),
    )  # fmt: skip


def test_patches_are_padded_at_the_right_and_the_bottom():
    layout = STANDARD.layout(ImageInfo(1920, 1080))
    assert (layout.canvas, layout.picture) == ((1456, 840), (0, 0, 1456, 819))
    assert (layout.rows, layout.columns) == (30, 52)


@pytest.mark.parametrize(
    ("rule", "size", "message"),
    [
        (
            GEMINI,
            (1, 400),
            "image 1 x 400 is too thin for the published formula: its crop unit is 0 px",
        ),
        (
            QWEN_28,
            (15, 90000),
            "image 15 x 90000 is too thin: the rule makes a side 0 px to keep 1003520 px."
            " Crop it, or pad its short side",
        ),
    ],
)
def test_a_picture_the_rule_cannot_cut_is_refused(rule, size, message):
    with pytest.raises(MediaError) as caught:
        rule.count(ImageInfo(*size))
    assert str(caught.value) == message


def test_a_picture_larger_than_the_table_costs_no_more_than_the_largest_of_its_shape():
    """3008 x 2000 was billed about 1,825; the table prints 1,800 for 1400 x 900."""
    table = ((900, 450, 800), (900, 900, 1300), (1400, 900, 1800), (1300, 1300, 2600))
    nova = get_tokenizer("nova-table", min_side=896, table=table, capped=True)
    sizes = ((3008, 2000), (2000, 3008), (4000, 4000), (3000, 1500))
    assert [nova.count(ImageInfo(*size)) for size in sizes] == [1800, 1800, 2600, 800]


def test_nova_meets_its_printed_table_either_way_round():
    rule = get_tokenizer(
        "nova-table",
        min_side=896,
        table=((900, 450, 800), (900, 900, 1300), (1400, 900, 1800)),
    )
    assert rule.count(ImageInfo(900, 1400)) == 1800
    assert rule.count(ImageInfo(100, 50)) == 800
    assert rule.count(ImageInfo(2800, 900)) == 3600  # twice the last row's area
    assert rule.notes(ImageInfo(2800, 900)) == [
        "larger than the printed table, which ends at 1400 x 900: carried on by area"
    ]


def test_mistral_s_two_readers_round_a_shrunk_side_their_own_way():
    """3670 x 748 over 1024 px: 748 / 3.584 = 208.7 px, which is 13 rows of 16 px or, at 209, 14."""
    by = {"longest": 1024, "patch": 16}
    cut = get_tokenizer("row-break", **by, rounding="floor")
    nearest = get_tokenizer("row-break", **by, rounding="nearest")
    assert cut.count(ImageInfo(3670, 748)) == 13 * 65
    assert nearest.count(ImageInfo(3670, 748)) == 14 * 65
    assert nearest.count(ImageInfo(9000, 1)) == 65  # at least 1 px


@settings(max_examples=100)
@given(SIZES)
def test_cohere_s_tiles_are_those_of_exact_fractions(size):
    width, height = size
    box = (1536, 2048) if width <= height else (2048, 1536)
    f = min(Fraction(1), Fraction(box[0], width), Fraction(box[1], height))
    tiles = ceil(width * f / 512) * ceil(height * f / 512)
    expected = 256 if max(size) <= 768 else 256 * (tiles + 1)
    assert COHERE.count(ImageInfo(width, height)) == expected

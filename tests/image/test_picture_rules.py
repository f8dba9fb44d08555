"""What a picture rule says of one picture agrees with itself, whichever question is asked."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core import registry
from multitok.core.errors import MediaError, NeedsContentError
from multitok.core.info import LARGEST_SIDE, ImageInfo
from multitok.core.media import Image
from multitok.modalities.image.rule import EncodedPicture, PictureCounter
from multitok.modalities.image.tiles.separated_tiles import SeparatedTilesTokenizer
from multitok.modalities.image.tilings import by_tiles, closest_ratio

RULES = [
    pytest.param(registry.build(name, params), id=f"{name}-{number}")
    for name in registry.BUILT_IN
    if issubclass(cls := registry.class_for(name), PictureCounter)
    for number, params in enumerate(cls.examples)
]
ENCODERS = [rule for rule in RULES if isinstance(rule.values[0], EncodedPicture)]
sides = st.one_of(st.integers(1, 64), st.integers(1, 20_000))


@pytest.mark.parametrize("rule", RULES)
@given(width=sides, height=sides, by=st.sampled_from([1, LARGEST_SIDE // 20_000]))
@settings(max_examples=25, deadline=None)
def test_a_picture_that_is_refused_is_refused_by_every_question(rule, width, height, by):
    info = ImageInfo(width * by, height)
    try:
        rule.count(info)
    except MediaError as refused:
        why = str(refused)
    except NeedsContentError:  # the picture itself decides, and not its size
        return
    else:
        return
    for ask in (rule.breakdown, rule.geometry, rule.layout, rule.explain, rule.notes):
        with pytest.raises(MediaError) as again:
            ask(info)
        assert str(again.value) == why


@pytest.mark.parametrize("rule", RULES)
@given(width=sides, height=sides)
@settings(max_examples=25, deadline=None)
def test_tiles_lie_on_the_canvas_in_reading_order(rule, width, height):
    """Overlapping or not; crops of the source are drawn on the source."""
    try:
        layout = rule.layout(ImageInfo(width, height))
    except MediaError:
        return
    if layout is None:
        return
    wide, tall = layout.canvas
    assert all(
        0 <= left <= right <= wide and 0 <= top <= bottom <= tall
        for left, top, right, bottom in layout.tiles
    )
    corners = [(top, left) for left, top, _, _ in layout.tiles]
    assert corners == sorted(corners)


@pytest.mark.parametrize("rule", ENCODERS)
@pytest.mark.parametrize("size", [(90, 61), (40, 200), (10, 10)])
def test_the_encoder_is_fed_as_many_views_as_the_rule_has_seen(rule, size):
    width, height = size
    picture = Image(np.zeros((height, width, 3), np.uint8))
    seen = rule.seen(picture)
    assert len(rule.views(picture)) == seen.views


@pytest.mark.parametrize("name", ["row-break", "pan-and-scan"])
def test_tokens_of_an_earlier_version_that_hold_no_tiles_are_decoded(name):
    rule = registry.build(name, registry.class_for(name).examples[0])
    picture = Image(np.arange(40 * 30 * 3, dtype=np.uint8).reshape(30, 40, 3))
    tokens = replace(rule.encode(picture), state={"grid": [1, 16, 16]})
    assert rule.decode(tokens) == rule.prepare(picture)


SIDE = st.integers(1, 60) | st.integers(1, 5000) | st.integers(1, 2**31 - 1)


@given(
    SIDE, SIDE, st.sampled_from([1, 28, 448]), st.sampled_from([(1, 12), (2, 6), (4, 4), (5, 3)])
)
def test_the_closest_ratio_is_that_of_a_look_at_each_grid(width, height, side, limits):
    """In order, as the reference looks: of equal ones the later where there are pixels for it."""
    best, nearest = (1, 1), inf
    for columns, rows in by_tiles(limits[1], limits[0]):
        off = abs(width / height - columns / rows)
        many = 2 * width * height > side * side * columns * rows
        if off < nearest or (off == nearest and many):
            best, nearest = (columns, rows), off
    assert closest_ratio(width, height, side, *limits) == best


@given(SIDE, SIDE, st.sampled_from([1, 6, 16]))
def test_separated_tiles_are_counted_without_being_written_down(width, height, most):
    tokenizer, size = SeparatedTilesTokenizer(max_tiles=most), ImageInfo(width, height)
    assert tokenizer.count(size) == sum(tokenizer.breakdown(size).values())

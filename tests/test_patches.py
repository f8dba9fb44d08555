"""A grid tells by arithmetic what `encode` says token by token."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok import Image, get_tokenizer, load, tokenizer_for_model
from multitok.core import registry
from multitok.core.errors import MultitokError
from multitok.core.tokenizer import Tokenizer
from multitok.drawing.patches import Grid, patches

ENCODERS = [
    get_tokenizer(name, **params)
    for name in registry.BUILT_IN
    if issubclass(registry.class_for(name), Tokenizer)
    and registry.class_for(name).modality == "image"
    for params in registry.class_for(name).examples
]
SIDES = st.integers(1, 400)


def blank(width, height):
    return Image(np.zeros((height, width, 3), np.uint8))


def told(image, counter):
    return patches(image, counter, counter.layout(image))


def test_each_rule_of_published_tokens_is_tried():
    assert len(ENCODERS) >= 10


@pytest.mark.parametrize("counter", ENCODERS, ids=repr)
@given(width=SIDES, height=SIDES)
@settings(max_examples=15, deadline=None)
def test_a_token_lies_where_encode_says(counter, width, height):
    """Cell (row, column) of view n is token first + row x stride + column, for every cell."""
    image = blank(width, height)
    try:
        tokens = counter.encode(image)
    except MultitokError:
        return
    views = tokens.axes[:1] == ("view",)
    for picture in told(image, counter):
        assert picture.tokens == len(tokens)
        for grid in picture.grids:
            if grid.first is None:
                continue
            cells = np.indices((grid.rows, grid.columns)).reshape(2, -1).T
            at = grid.first + cells[:, 0] * grid.stride + cells[:, 1]
            assert np.array_equal(tokens.positions[at, -2:], cells)
            assert len(set(tokens.positions[at, 0].tolist())) == 1 or not views


def test_a_patch_covers_the_pixels_that_its_token_holds():
    """Patches of 2 px of a picture whose pixels all differ: 3 rows of 4."""
    pixels = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    counter = get_tokenizer("patch", size=2)
    tokens = counter.encode(Image(pixels))
    ((grid,),) = [picture.grids for picture in told(Image(pixels), counter)]
    assert grid == Grid((0, 0, 8, 6), 3, 4, 0, 4)
    for row in range(3):
        for column in range(4):
            part = pixels[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            held = tokens.values[grid.first + row * grid.stride + column]
            assert sorted(np.round(held * 255)) == sorted(part.ravel())


def test_a_break_at_the_end_of_a_row_is_no_patch():
    """Pixtral: 15 rows of 22 patches and a break: 345 tokens, rows 23 apart."""
    counter = tokenizer_for_model("mistralai/Mistral-Small-3.1-24B-Instruct-2503", "image")
    (picture,) = told(blank(600, 400), counter)
    assert picture.tokens == 15 * 23
    assert picture.grids == (Grid((0, 0, 616, 420), 15, 22, 0, 23),)


def test_each_tile_has_its_grid_and_the_overview_has_its_own():
    """Llama 4: the start, tiles of 12 x 12 with a separator behind each, the overview last."""
    counter = tokenizer_for_model("meta-llama/Llama-4-Scout-17B-16E-Instruct", "image")
    tiled, overview = told(blank(600, 400), counter)
    assert [grid.first for grid in tiled.grids] == [1, 146, 291, 436]
    assert [grid.box[:2] for grid in tiled.grids] == [(0, 0), (336, 0), (0, 336), (336, 336)]
    assert overview.grids == (Grid((0, 0, 336, 336), 12, 12, 582, 12),)


def test_a_closed_rule_tells_its_patches_and_no_token():
    (picture,) = told(load("samples/photo.jpg"), tokenizer_for_model("gpt-5.4", "image"))
    assert picture.grids == (Grid((0, 0, 608, 416), 13, 19),)
    assert picture.picture == (0, 0, 600, 400)
    assert picture.tokens == 0


def test_a_tile_that_nobody_cuts_further_is_one_cell():
    (picture,) = told(blank(600, 400), tokenizer_for_model("gpt-4o", "image"))
    assert picture.grids == (Grid((0, 0, 512, 400), 1, 1), Grid((512, 0, 600, 400), 1, 1))

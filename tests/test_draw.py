"""Overlays show what the model sees: its canvas, its padding, its tiles."""

import numpy as np
import pytest

from multitok import Image, get_tokenizer, inspect, overlay_of
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.layout import Layout, tile_boxes
from multitok.drawing import overlay as draw
from multitok.modalities.image.grids.patch import PatchTokenizer


def gray(width, height):
    return Image(np.full((height, width, 3), 200, np.uint8))


def test_the_picture_stands_on_its_canvas_and_the_rest_is_padding():
    seen = draw._seen(gray(10, 10), Layout((20, 12), (2, 1, 12, 11)), ImageInfo(10, 10))
    assert seen.size == (20, 12)
    assert seen.getpixel((5, 5)) == (200, 200, 200)
    assert seen.getpixel((15, 5)) == draw.PADDING


def test_a_crop_is_cut_from_the_source():
    pixels = np.zeros((10, 10, 3), np.uint8)
    pixels[:, 5:] = 255
    seen = draw._seen(
        Image(pixels), Layout((5, 10), (0, 0, 5, 10), crop=(5, 0, 10, 10)), ImageInfo(10, 10)
    )
    assert seen.getextrema() == ((255, 255), (255, 255), (255, 255))


def test_lines_fall_between_the_patches():
    """32 x 32 in patches of 16, drawn 8 times as large: a line at 128, none at 64."""
    page = draw.overlay(gray(32, 32), PatchTokenizer(size=16))
    row = [page.getpixel((draw.MARGIN + x, 98 + 20))[0] for x in range(256)]
    assert row[128] > 200
    assert row[64] == 200


def test_the_page_is_at_least_wide_enough_for_its_words():
    page = draw.overlay(gray(3, 2), get_tokenizer("patch", size=2), title="tiny")
    assert page.width >= 560


def test_a_rule_without_places_says_there_is_nothing_to_draw():
    class Flat(PatchTokenizer):
        def layout(self, x, /):
            return None

    with pytest.raises(MediaError) as caught:
        draw.overlay(gray(4, 4), Flat())
    assert str(caught.value) == (
        "patch tokens have no place on the picture: there is no grid to draw"
    )


def test_tile_boxes_run_in_reading_order_and_end_at_the_edge():
    assert tile_boxes(10, 5, 2, 2) == ((0, 0, 5, 3), (5, 0, 10, 3), (0, 3, 5, 5), (5, 3, 10, 5))


def test_a_long_title_is_wrapped_and_none_of_it_lost():
    """Each further line of the title moves the picture down by a line."""
    short = draw.overlay(gray(32, 32), PatchTokenizer(size=16), title="a")
    long = draw.overlay(gray(32, 32), PatchTokenizer(size=16), title="a model of a long name " * 5)
    assert long.width == short.width
    assert long.height > short.height


def test_an_overlay_of_a_text_says_where_its_tokens_stand():
    found = inspect("samples/english.txt", models="gpt-4o")
    with pytest.raises(MediaError) as caught:
        overlay_of(found)
    assert str(caught.value) == (
        "an overlay is drawn of a picture, a clip, a sound, a series or movement, not of text."
        " The tokens of a text: multitok inspect FILE -t o200k_base"
    )


def test_the_words_of_a_tall_strip_stand_beside_it():
    """The page is as high as the strip with its margins, and wide enough for the words."""
    page = draw.overlay(gray(32, 1280), PatchTokenizer(size=16), title="a strip")
    assert page.height == 22 + 1280 + 34
    assert page.width == 28 + 32 + 28 + 760 + 28

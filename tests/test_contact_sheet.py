"""Contact sheets: every sampled frame in its place, its time in words."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, strategies as st

from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.drawing.contact_sheet import (
    GAP,
    HEAD,
    LABEL,
    LINE,
    MARGIN,
    MOST,
    NEAR,
    PANEL,
    clock,
    contact_sheet,
)
from multitok.drawing.paper import PAGE, font, lines_of


def frames(n, height=90, width=160):
    """Frame `i` is one gray, 3 i."""
    return [(i / 2, np.full((height, width, 3), 3 * i, np.uint8)) for i in range(n)]


def grays(page, columns, rows, cell):
    """The gray beside the middle of each drawn frame, where no grid runs, row by row."""
    found = []
    for row in range(rows):
        for column in range(columns):
            x = MARGIN + column * (cell[0] + GAP) + cell[0] // 2 + 5
            y = HEAD + row * (cell[1] + LABEL + GAP) + cell[1] // 2 + 5
            found.append(page.getpixel((x, y))[0])
    return found


def test_frames_stand_in_order():
    """8 frames of 16:9 in 4 columns: (1400 - 72 - 54) / 4 = 318 px wide."""
    info = VideoInfo(160, 90, frames=8, fps=2)
    page = contact_sheet(frames(8), registry.build("frame-patch", {"size": 10}), info).image
    assert grays(page, 4, 2, (318, 179)) == [0, 3, 6, 9, 12, 15, 18, 21]
    assert page.getpixel((MARGIN - 1, HEAD)) == LINE


def test_of_many_frames_the_first_the_last_and_evenly_between_are_drawn():
    """100 frames: 64 are drawn, so the page has 8 x 8."""
    info = VideoInfo(64, 64, frames=100, fps=10)
    stream = ((i / 10, np.full((64, 64, 3), i, np.uint8)) for i in range(100))
    page = contact_sheet(stream, registry.build("frame-patch", {}), info).image
    width = (1400 - 2 * MARGIN - 7 * GAP) // 8
    drawn = grays(page, 8, 8, (width, width))
    assert len(drawn) == MOST
    assert (drawn[0], drawn[-1]) == (0, 99)
    assert drawn == sorted(drawn)


def lines(text, width):
    return lines_of(text, 28, width)


def test_a_title_wraps_and_loses_nothing():
    """A long name breaks behind a mark that joins its parts."""
    title = "HuggingFaceTB/SmolVLM2-2.2B-Instruct: 1,234 tokens"
    assert lines(title, 448) == ["HuggingFaceTB/SmolVLM2-2.2B-", "Instruct: 1,234 tokens"]


@given(st.text("ab/- ", max_size=60), st.integers(40, 500))
def test_wrapped_lines_fit_and_hold_every_letter(text, width):
    found = lines(text, width)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(font(28).getlength(line) <= width for line in found)


def test_a_page_grows_by_the_lines_of_its_title():
    info = VideoInfo(64, 64, frames=1, fps=2)
    rule = registry.build("frame-patch", {})
    short = contact_sheet(frames(1, 64, 64), rule, info, title="a").image
    long = contact_sheet(frames(1, 64, 64), rule, info, title="a name of many words " * 4).image
    assert long.width == short.width
    assert long.height > short.height + 50


def test_frames_of_a_group_stand_together_on_a_panel():
    """8 frames of Qwen's rule are 4 groups of 2, two groups in a row: frames of a group are NEAR
    each other, groups a GAP apart."""
    info = VideoInfo(160, 90, frames=8, fps=2)
    page = contact_sheet(frames(8), registry.build("qwen-video", {}), info).image
    y = HEAD + 60
    row = [page.getpixel((x, y)) for x in range(page.width)]
    runs = [(color, len(list(same))) for color, same in groupby(row) if color in (PAGE, PANEL)]
    between = runs[1:-1]  # without the margins
    assert between[0] == (PANEL, NEAR - 1)  # the panel, then the outline of the first frame
    assert (PAGE, GAP - 2 * NEAR - 1) in between


def test_the_grid_of_the_tokens_lies_over_the_first_frame_alone():
    """A black frame cut into 4 x 4 cells has bright hairlines; the second frame has none."""
    info = VideoInfo(64, 64, frames=2, fps=2)
    black = [(i / 2, np.zeros((64, 64, 3), np.uint8)) for i in range(2)]
    page = np.asarray(contact_sheet(black, registry.build("frame-patch", {"size": 16}), info).image)
    width = 420
    first = page[HEAD : HEAD + width, MARGIN : MARGIN + width]
    left = MARGIN + width + GAP
    assert (first[10] > 100).all(axis=1).sum() == 3
    assert not page[HEAD : HEAD + width, left : left + width].any()


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.48, "0:00.48"), (0.999, "0:01.00"), (59.996, "1:00.00"), (3661.5, "1:01:01.50")],
)
def test_times_are_told_to_the_hundredth(seconds, shown):
    assert clock(seconds) == shown


def test_no_frames_is_an_error():
    info = VideoInfo(64, 64, frames=4, fps=2)
    with pytest.raises(MediaError) as refused:
        contact_sheet([], registry.build("frame-patch", {}), info)
    assert str(refused.value) == "a contact sheet needs at least one frame"


def test_a_frame_is_drawn_as_it_is_cropped():
    """A 200 x 100 frame, its left quarter white: the middle 100 x 100 that is seen begins at it."""
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[:, :50] = 255
    info = VideoInfo(200, 100, frames=4, fps=2)
    crop = registry.build("tubelet", {"num_frames": 4, "short_side": 32, "crop": 32})
    page = contact_sheet([(i / 2, pixels) for i in range(4)], crop, info).image
    assert page.getpixel((MARGIN + 20, HEAD + 100)) == (0, 0, 0)
    whole = registry.build("frame-patch", {"size": 10})
    page = contact_sheet([(i / 2, pixels) for i in range(4)], whole, info).image
    assert page.getpixel((MARGIN + 20, HEAD + 70)) == (255, 255, 255)

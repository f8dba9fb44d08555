"""Contact sheets: every sampled frame in its place, its time in words."""

import numpy as np
import pytest

from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.drawing.contact_sheet import GAP, HEAD, LABEL, LINE, MARGIN, MOST, contact_sheet


def frames(n, height=90, width=160):
    """Frame `i` is one gray, 3 i."""
    return [(i / 2, np.full((height, width, 3), 3 * i, np.uint8)) for i in range(n)]


def grays(page, columns, rows, cell):
    """The gray in the middle of each drawn frame, row by row."""
    found = []
    for row in range(rows):
        for column in range(columns):
            x = MARGIN + column * (cell[0] + GAP) + cell[0] // 2
            y = HEAD + row * (cell[1] + LABEL + GAP) + cell[1] // 2
            found.append(page.getpixel((x, y))[0])
    return found


def test_frames_stand_in_order():
    """8 frames of 16:9 in 4 columns: (1400 - 72 - 54) / 4 = 318 px wide."""
    info = VideoInfo(160, 90, frames=8, fps=2)
    page = contact_sheet(frames(8), registry.build("frame-patch", {"size": 10}), info)
    assert grays(page, 4, 2, (318, 179)) == [0, 3, 6, 9, 12, 15, 18, 21]
    assert page.getpixel((MARGIN - 1, HEAD)) == LINE


def test_of_many_frames_the_first_the_last_and_evenly_between_are_drawn():
    """100 frames: 64 are drawn, so the page has 8 x 8."""
    info = VideoInfo(64, 64, frames=100, fps=10)
    stream = ((i / 10, np.full((64, 64, 3), i, np.uint8)) for i in range(100))
    page = contact_sheet(stream, registry.build("frame-patch", {}), info)
    width = (1400 - 2 * MARGIN - 7 * GAP) // 8
    drawn = grays(page, 8, 8, (width, width))
    assert len(drawn) == MOST
    assert (drawn[0], drawn[-1]) == (0, 99)
    assert drawn == sorted(drawn)


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
    page = contact_sheet([(i / 2, pixels) for i in range(4)], crop, info)
    assert page.getpixel((MARGIN + 20, HEAD + 100)) == (0, 0, 0)
    whole = registry.build("frame-patch", {"size": 10})
    page = contact_sheet([(i / 2, pixels) for i in range(4)], whole, info)
    assert page.getpixel((MARGIN + 20, HEAD + 70)) == (255, 255, 255)

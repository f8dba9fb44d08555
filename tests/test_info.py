"""Shapes: checked when made, hashable, and JSON-able both ways."""

import json

import numpy as np
import pytest

from multitok.core.errors import MediaError
from multitok.core.info import (
    ActionsInfo,
    AudioInfo,
    ImageInfo,
    PdfInfo,
    SeriesInfo,
    TextInfo,
    VideoInfo,
    info_from_dict,
    info_to_dict,
    modality_of,
)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ImageInfo(0, 4), "image must be at least 1x1 pixels, got 0x4"),
        (lambda: ImageInfo(-1, 4), "image must be at least 1x1 pixels, got -1x4"),
        (lambda: ImageInfo(2.5, 4), "image width must be a whole number, got 2.5"),
        (
            lambda: ImageInfo(2**31, 1),
            "image sides must be at most 2147483647 px, got 2147483648x1",
        ),
        (lambda: TextInfo(-1), "text length in bytes must be at least 0, got -1"),
        (lambda: AudioInfo(5, 0), "sample rate must be at least 1, got 0"),
        (lambda: VideoInfo(4, 4, 10), "a video needs fps or duration, got neither"),
        (lambda: VideoInfo(4, 4, 10, fps=-1), "video fps must not be negative, got -1"),
        (lambda: VideoInfo(4, 4, 9, fps=float("nan")), "video fps must be finite, got nan"),
        (lambda: ActionsInfo(4, 2, hz=0), "action hz must be positive, got 0"),
        (lambda: SeriesInfo(True, 2), "series steps must be at least 0, got True"),
    ],
)
def test_a_shape_that_cannot_be_is_refused_with_its_value(make, message):
    with pytest.raises(MediaError) as caught:
        make()
    assert str(caught.value) == message


def test_duration_follows_from_frames_and_fps_and_the_other_way_round():
    assert VideoInfo(4, 4, 30, fps=10).duration == 3.0
    assert VideoInfo(4, 4, 30, duration=3.0).fps == 10.0


def test_numpy_integers_become_plain_ones():
    info = ImageInfo(np.int64(3), np.int32(4))
    assert (type(info.width), type(info.height)) == (int, int)


def test_a_gigapixel_size_is_a_size():
    """More than 10^9 pixels: counted like any other, in whole numbers."""
    assert ImageInfo(60_000, 60_000).width == 60_000


SHAPES = [
    TextInfo(5),
    ImageInfo(3, 4),
    VideoInfo(3, 4, 10, fps=5.0, audio=AudioInfo(100, 16000, 2)),
    AudioInfo(100, 16000),
    SeriesInfo(5, 2),
    ActionsInfo(5, 2, 10.0),
    PdfInfo(3),
]


@pytest.mark.parametrize("info", SHAPES, ids=modality_of)
def test_a_shape_round_trips_through_json(info):
    assert info_from_dict(json.loads(json.dumps(info_to_dict(info)))) == info
    assert hash(info) == hash(info_from_dict(info_to_dict(info)))

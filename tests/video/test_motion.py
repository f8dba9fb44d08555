"""Motion tokens: a picture that moves one way gives the ids of that way."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import DecodeError, NotInvertibleError
from multitok.core.media import Video
from multitok.modalities.video.motion import MotionTokenizer


def texture():
    """Soft random blobs, which optical flow follows well."""
    import cv2

    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 4)


def panned(dx, dy, frames=4, size=128):
    """A window that slides over the texture, so that the picture moves by (dx, dy) px a frame."""
    canvas = texture()
    views = [
        canvas[150 - i * dy : 150 - i * dy + size, 150 - i * dx : 150 - i * dx + size]
        for i in range(frames)
    ]
    return Video(np.stack(views), np.arange(frames) / 10, 10, frames / 10)


@pytest.mark.parametrize(
    ("dx", "dy", "direction"), [(4, 0, 0), (0, 4, 4), (-4, 0, 8), (0, -4, 12), (3, 3, 2)]
)
def test_a_pan_is_one_direction(dx, dy, direction):
    """16 directions clockwise from the right: a picture that moves down is number 4."""
    tokenizer = MotionTokenizer(rows=4, columns=4)
    made = tokenizer.encode(panned(dx, dy))
    inner = made.ids.reshape(3, 4, 4)[:, 1:3, 1:3]
    assert set((inner - 1).ravel() % 16) == {direction}


def test_a_still_clip_is_all_zeros():
    tokenizer = MotionTokenizer()
    assert tokenizer.encode(panned(0, 0)).ids.tolist() == [0] * (3 * 64)


def test_the_flow_comes_back_within_its_bound():
    """4 px a frame in cells of 32 px: an eighth of a cell to the right."""
    tokenizer = MotionTokenizer(rows=4, columns=4)
    clip = panned(4, 0)
    measured, decoded = tokenizer.measure(clip.frames), tokenizer.flow(tokenizer.encode(clip))
    assert measured[:, 1:3, 1:3, 0] == pytest.approx(4 / 32, abs=0.01)
    for cell, back in zip(measured.reshape(-1, 2), decoded.reshape(-1, 2), strict=True):
        assert np.hypot(*(cell - back)) <= tokenizer.flow_bound(np.hypot(*cell)) + 1e-9


@given(
    speed=st.floats(0, 2.0),
    angle=st.floats(0, 6.2831),
    directions=st.integers(3, 24),
    speeds=st.integers(1, 12),
)
@settings(max_examples=200, deadline=None)
def test_every_movement_is_decoded_within_the_bound(speed, angle, directions, speeds):
    """The codebook itself, without a picture: any movement up to the fastest level."""
    tokenizer = MotionTokenizer(rows=1, columns=1, directions=directions, speeds=speeds)
    if speed > tokenizer._top():
        return
    moved = np.array([speed * np.cos(angle), speed * np.sin(angle)])
    made = tokenizer.quantized(moved.reshape(1, 1, 1, 2))
    level, direction = divmod(int(made[0, 0, 0]) - 1, directions)
    if made[0, 0, 0] == 0:
        back = np.zeros(2)
    else:
        turn = direction * 2 * np.pi / directions
        back = tokenizer.levels()[level] * np.array([np.cos(turn), np.sin(turn)])
    assert np.hypot(*(moved - back)) <= tokenizer.flow_bound(speed) + 1e-9


def test_a_stride_skips_frames():
    """9 frames by 4: frames 0, 4 and 8, two steps."""
    tokenizer = MotionTokenizer(rows=2, columns=2, stride=4)
    assert tokenizer.count(panned(1, 0, frames=9)) == len(tokenizer.encode(panned(1, 0, 9))) == 8


def test_a_video_is_not_rebuilt_and_a_wrong_id_is_refused():
    tokenizer = MotionTokenizer(rows=2, columns=2)
    made = tokenizer.encode(panned(4, 0))
    with pytest.raises(NotInvertibleError) as refused:
        tokenizer.decode(made)
    assert str(refused.value) == "motion tokens cannot be turned back into video"
    with pytest.raises(DecodeError) as wrong:
        MotionTokenizer(rows=2, columns=2, directions=4, speeds=1).flow(made)
    assert str(wrong.value).startswith("motion ids are 0 to 4, got ")

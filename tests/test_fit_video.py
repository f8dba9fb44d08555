"""Fit for video: each knob by itself, both together, and what a model gives no say in."""

import pytest
from hypothesis import given, strategies as st

from multitok.budgets.clips import fit_video
from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo, ImageInfo, VideoInfo
from multitok.counting.rules import resolve
from multitok.counting.subject import subject_of

CLIP = VideoInfo(1920, 1080, frames=900, fps=30.0, duration=30.0)


def test_gemini_takes_a_rate_and_charges_every_size_the_same():
    """30 s at 1 fps are 30 frames of 66 tokens, 1980; at 0.75 fps 22 whole ones, 1452."""
    found = fit_video(subject_of(CLIP), 1500, model="gemini-3-flash-preview")
    assert (found.now.tokens, found.rate.fps, found.rate.frames) == (1980, 0.75, 22)
    assert (found.rate.tokens, found.size, found.both) == (1452, None, ())
    assert found.notes == ("the frame size changes nothing here",)


def test_the_sound_is_a_part_of_every_choice():
    """30 s of sound at 25 a second are 750: 750 tokens are left for 10 frames at 0.3 fps (9)."""
    clip = VideoInfo(1920, 1080, 900, 30.0, 30.0, AudioInfo(1_440_000, 48_000))
    found = fit_video(subject_of(clip), 1500, model="gemini-3-flash-preview")
    assert (found.rate.fps, found.rate.tokens) == (0.3, 750 + 9 * 66)


def test_nova_can_only_be_sent_less():
    """288 a whole second: 10 s are 2880, and 329 frames of 1/30 s, 10.967 s, cost no more."""
    found = fit_video(subject_of(CLIP), 3000, model="nova-lite")
    assert (found.rate, found.size) == (None, None)
    assert (found.length.seconds, found.length.tokens) == (10.967, 2880)
    assert found.notes[0] == "this model gives no say in how many frames are sampled"


def test_the_longest_start_is_found_to_the_frame():
    """An hour at 25 fps for Gemini, 66 tokens a second: 5,000 hold 75 whole seconds, which is
    finer than a fortieth of the hour."""
    hour = VideoInfo(1280, 720, frames=90_000, fps=25.0)
    found = fit_video(subject_of(hour), 5000, model="gemini-3-flash-preview")
    assert (found.length.tokens, int(found.length.seconds)) == (75 * 66, 75)


@given(st.integers(1, 5000), st.integers(1, 3000))
def test_a_start_that_fits_does_so_as_a_clip_of_its_own(frames, max_tokens):
    """And one frame more does not: Nova charges by the second."""
    clip = VideoInfo(64, 64, frames=frames, fps=10.0)
    found = fit_video(subject_of(clip), max_tokens, model="nova-lite")
    if found.length is None:
        return
    kept = round(found.length.seconds * 10)
    rule = resolve("video", model="nova-lite").counter
    assert rule.count(VideoInfo(64, 64, kept, 10.0)) == found.length.tokens <= max_tokens
    assert kept == frames or rule.count(VideoInfo(64, 64, kept + 1, 10.0)) > max_tokens


def test_rate_and_size_together():
    """Qwen2.5-VL's rule charges for both; every pair fits, and slower rates allow larger frames."""
    found = fit_video(subject_of(CLIP), 4000, tokenizer="qwen-video")
    assert found.both
    assert all(choice.tokens <= 4000 for choice in found.both)
    rates = [choice.fps for choice in found.both]
    assert rates == sorted(rates, reverse=True)
    widths = [choice.width for choice in found.both]
    assert widths == sorted(widths)


def test_what_a_choice_costs_is_what_the_clip_so_sent_costs():
    found = fit_video(subject_of(CLIP), 4000, tokenizer="qwen-video")
    from multitok.core import registry

    pair = found.both[0]
    clip = VideoInfo(pair.width, pair.height, 900, 30.0, 30.0)
    assert registry.build("qwen-video", {"fps": pair.fps}).count(clip) == pair.tokens


def test_a_clip_that_fits_is_left_alone():
    found = fit_video(subject_of(CLIP), 5000, model="gemini-3-flash-preview")
    assert found.notes == ("it fits as it is",)
    assert found.rate == found.rates[0]


def test_a_picture_is_for_the_other_fit():
    with pytest.raises(MediaError) as refused:
        fit_video(subject_of(ImageInfo(8, 8)), 100, model="gemini-3-flash-preview")
    assert str(refused.value) == "fit_video works on videos, got image"

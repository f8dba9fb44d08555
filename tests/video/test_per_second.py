"""Clips by the second: frames at a rate, and sound."""

from multitok import VideoInfo
from multitok.modalities.video.per_second import VideoRateCounter


def test_a_clip_of_matroska_lacks_no_frame_for_its_milliseconds():
    """120 frames at 24 a second: its header says 4.999 s. 5 frames of 64 + 2 tokens."""
    clip = VideoInfo(640, 360, frames=120, fps=120 / 4.999)
    rule = VideoRateCounter(per_frame=64, markers=2, fps=1.0, rounding="down")
    assert rule.count(clip) == 330


def test_sound_that_is_billed_without_a_track_says_so():
    clip = VideoInfo(640, 360, frames=120, fps=24)
    rule = VideoRateCounter(per_frame=256, markers=7, audio_per_second=32, silent_too=True)
    assert any("billed though there is none" in line for line in rule.explain(clip))

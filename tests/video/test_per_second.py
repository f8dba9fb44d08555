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


def test_a_short_clip_has_the_least_number_of_frames():
    """1.35 s at one a second is one frame, of eight that are paid; ten seconds are ten."""
    rule = VideoRateCounter(per_frame=288, rounding="down", min_frames=8)
    clips = [VideoInfo(1280, 720, frames=round(24 * s), fps=24, duration=s) for s in (1.35, 10.0)]
    assert [rule.count(clip) for clip in clips] == [8 * 288, 10 * 288]
    assert rule.explain(clips[0])[0] == "1.35 s at 1 fps: 8 frames, the least that a clip has"

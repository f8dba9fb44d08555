"""Qwen2.5-Omni and Qwen3-Omni: bounds of their own processors, and the sound between frames."""

import pytest

from multitok import AudioInfo, UnknownNameError, VideoInfo, count

OMNI2, OMNI3 = "Qwen/Qwen2.5-Omni-7B", "Qwen/Qwen3-Omni-30B-A3B-Instruct"


def clip(seconds, sound=True):
    """720p at 30 frames a second."""
    track = AudioInfo(16_000 * seconds, 16_000) if sound else None
    return VideoInfo(1280, 720, frames=30 * seconds, fps=30, audio=track)


@pytest.mark.parametrize("model", [OMNI2, OMNI3])
@pytest.mark.parametrize(("seconds", "tokens"), [(10, 7_200), (60, 43_200)])
def test_a_frame_keeps_to_the_processor_s_own_bounds(model, seconds, tokens):
    """Two frames a second, two a group: 720 tokens a group, as the executed processors gave."""
    assert count(clip(seconds), model=model).tokens == tokens


@pytest.mark.parametrize(
    ("model", "sound"),
    [(OMNI2, {"audio": 250, "<|audio_bos|>": 1, "<|audio_eos|>": 1}),
     (OMNI3, {"audio": 130, "<|audio_start|>": 1, "<|audio_end|>": 1})],
)  # fmt: skip
def test_audio_in_video_adds_the_sound_between_two_marks(model, sound):
    """10 s at 25 tokens a second, or at 13."""
    counted = count(clip(10), model=model, options={"audio_in_video": True})
    assert counted.parts == {"video": 7_200, **sound}
    assert not [note for note in counted.notes if "sound" in note]


def test_sound_that_is_left_out_is_said_with_the_option_that_takes_it():
    assert count(clip(10), model=OMNI2).notes[-1] == (
        "the sound track is left out: audio_in_video=true interleaves it"
    )


def test_a_silent_clip_costs_its_frames_alone():
    silent = count(clip(10, sound=False), model=OMNI3, options={"audio_in_video": "true"})
    assert silent.parts == {"video": 7_200}


def test_a_rate_is_asked_for_with_sound_too():
    """One frame a second: 5 groups of 720, and the sound as before."""
    counted = count(clip(10), model=OMNI2, options={"audio_in_video": True, "fps": 1})
    assert (counted.parts["video"], counted.parts["audio"]) == (3_600, 250)


def test_of_a_long_sound_300_s_are_heard():
    counted = count(clip(400), model=OMNI2, options={"audio_in_video": True})
    assert counted.parts["audio"] == 7_500
    assert counted.notes[-1] == "only the first 300 s of 400.0 s are heard"


def test_a_model_without_ears_has_no_such_option():
    with pytest.raises(UnknownNameError, match="has no option 'audio_in_video'"):
        count(clip(1), model="Qwen/Qwen2.5-VL-7B-Instruct", options={"audio_in_video": True})

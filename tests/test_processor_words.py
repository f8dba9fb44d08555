"""Words of a request for the model's own processor (vLLM's mm_processor_kwargs) reach the rules."""

import base64
from pathlib import Path

import pytest

from multitok import ImageInfo, PayloadError, count, count_request

CLIP = Path(__file__).parent.parent / "samples" / "clip.mp4"
QWEN25, QWEN3, OMNI = (
    "Qwen/Qwen2.5-VL-7B-Instruct", "Qwen/Qwen3-VL-8B-Instruct", "Qwen/Qwen2.5-Omni-7B"
)  # fmt: skip


def asked(model, *blocks, **words):
    data = base64.b64encode(CLIP.read_bytes()).decode()
    clip = {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{data}"}}
    message = {"role": "user", "content": [clip, *blocks]}
    request = {"model": model, "messages": [message], **words}
    return count_request(request, assume_image=ImageInfo(1920, 1080))


def clip_of(found):
    (part,) = (part for part in found.parts if part.modality == "video")
    return part


@pytest.mark.parametrize(
    ("model", "words", "options"),
    [
        (QWEN25, {"fps": 1}, {"fps": 1}),
        (QWEN25, {"num_frames": 8, "max_pixels": 50_176}, {"num_frames": 8, "max_pixels": 50_176}),
        (QWEN25, {"fps": 2, "do_sample_frames": True}, {"fps": 2}),
        (QWEN25, {"videos_kwargs": {"fps": 1}}, {"fps": 1}),
        (QWEN3, {"size": {"longest_edge": 1_000_000, "shortest_edge": 1024}},
         {"max_pixels": 1_000_000, "min_pixels": 1024}),
        (QWEN3, {"fps": 1, "max_frames": 4}, {"fps": 1, "max_frames": 4}),
        (OMNI, {"use_audio_in_video": True}, {"audio_in_video": True}),
        (OMNI, {"load_audio_from_video": True, "fps": 1}, {"audio_in_video": True, "fps": 1}),
        ("google/gemma-4-E2B-it", {"num_frames": 4}, {"num_frames": 4}),
    ],
)  # fmt: skip
def test_a_clip_costs_what_its_words_say(model, words, options):
    found = asked(model, mm_processor_kwargs=words)
    plain = clip_of(asked(model)).tokens
    assert clip_of(found).tokens == count(CLIP, model=model, options=options).tokens != plain
    assert not [left for left in found.left_out if "mm_processor_kwargs" in left]


def test_words_for_pictures_alone_leave_a_clip_as_it_is():
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    words = {"images_kwargs": {"max_pixels": 50_176}, "videos_kwargs": {"fps": 1}}
    found = asked(QWEN25, picture, mm_processor_kwargs=words)
    clip, picture_of, frame, around = (part.tokens for part in found.parts)
    assert (clip, picture_of) == (598, 6 * 10)  # 280 x 168 px
    assert frame == 19  # of the chat template: a system text of its own, a turn, the answer
    assert around == 2  # <|vision_start|> and <|vision_end|> of the picture


def test_what_the_loader_is_told_counts_as_well():
    """vLLM's media_io_kwargs; -1 is no limit, and the processor's own word goes before."""
    told = asked("OpenGVLab/InternVL3-8B-hf", media_io_kwargs={"video": {"num_frames": 4}})
    assert clip_of(told).options == {"num_frames": 4}
    free = asked(QWEN3, media_io_kwargs={"video": {"num_frames": -1}})
    assert clip_of(free).tokens == clip_of(asked(QWEN3)).tokens
    both = asked(
        QWEN3,
        media_io_kwargs={"video": {"fps": 1}},
        mm_processor_kwargs={"videos_kwargs": {"fps": 2}},
    )
    assert clip_of(both).options == {"fps": 2}


def test_what_no_rule_takes_is_said():
    assert (
        "mm_processor_kwargs.second_per_grid: no option of Qwen/Qwen2.5-VL-7B-Instruct that is"
        " known here"
    ) in asked(QWEN25, mm_processor_kwargs={"second_per_grid": 1}).left_out


def test_a_word_that_does_not_go_makes_the_part_unknown_with_the_reason():
    part = clip_of(asked(QWEN25, mm_processor_kwargs={"fps": "fast"}))
    assert (part.tokens, part.notes) == (None, ("option fps must be a number, got 'fast'",))


def test_words_that_are_no_object_are_refused():
    with pytest.raises(PayloadError) as refused:
        asked(QWEN25, mm_processor_kwargs=[1])
    assert str(refused.value) == "mm_processor_kwargs: expected an object, got list"


def test_a_size_in_pixels_is_heard_for_a_picture():
    """transformers' Qwen2-VL processors name their pixels so: 100,000 of them are 88 tokens."""
    kwargs = {"size": {"longest_edge": 100_000, "shortest_edge": 65_536}}
    assert _picture(mm_processor_kwargs=kwargs) == 88
    assert _picture(extra_body={"mm_processor_kwargs": kwargs}) == 88


def test_a_word_that_no_rule_of_the_request_s_media_takes_is_told():
    counted = _asked(mm_processor_kwargs={"temporal_patch_size": 4})
    assert "temporal_patch_size" in " ".join(counted.left_out)


def _picture(**more):
    return next(p.tokens for p in _asked(**more).parts if p.modality == "image")


def _asked(**more):
    block = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    payload = {"model": QWEN3, "messages": [{"role": "user", "content": [block]}], **more}
    return count_request(payload, assume_image=ImageInfo(800, 600))

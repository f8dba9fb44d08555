"""A rule looked up once: its numbers are those of a count, in whatever order sources come."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from PIL import Image

import multitok
from multitok import Text
from multitok.counting import loops
from multitok.counting.loops import Measured

SAMPLES = Path(__file__).parent.parent / "samples"
SIZE = (300, 200)


def picture(form, frames=1, padding=0):
    file = BytesIO()
    rest = [Image.new("RGB", SIZE, (n, 0, 0)) for n in range(1, frames)]
    words = {"save_all": True, "append_images": rest} if rest else {}
    Image.new("RGB", SIZE).save(file, form, **words)
    return file.getvalue() + bytes(padding)


ALIKE = {
    "jpeg": picture("JPEG"),
    "a JPEG of 8 MB, which Anthropic rejects": picture("JPEG", padding=8 << 20),
    "png": picture("PNG"),
    "gif": picture("GIF"),
    "a GIF that moves, which OpenAI rejects": picture("GIF", frames=3),
    "tiff, which nobody takes": picture("TIFF"),
    "a bare size": multitok.ImageInfo(*SIZE),
    "pixels": Image.new("RGB", SIZE),
}
"""Pictures of one size, which are not all taken alike."""


def counted(source, model, modality):
    return Measured.of(multitok.count(source, model=model, modality=modality))


@pytest.mark.parametrize("model", ["gpt-5.4", "claude-opus-5", "Qwen/Qwen2.5-VL-7B-Instruct"])
@given(st.permutations(sorted(ALIKE)))
def test_pictures_of_one_size_are_each_judged_by_themselves(model, names):
    counter = multitok.counter(model=model, modality="image")
    for name in names:
        assert counter.measured(ALIKE[name]) == counted(ALIKE[name], model, "image"), name


@pytest.mark.parametrize(
    ("name", "modality", "model"),
    [
        ("clip.mp4", "video", "gemini-2.5-pro"),
        ("melody.flac", "audio", "gemini-2.5-pro"),
        ("english.txt", "text", "claude-opus-5"),
        ("english.txt", "text", "gpt-4o"),
    ],
)
def test_the_numbers_are_those_of_a_count_again_and_again(name, modality, model):
    counter, path = multitok.counter(model=model, modality=modality), SAMPLES / name
    expected = counted(path, model, modality)
    assert [counter.measured(path) for _ in range(2)] == [expected] * 2


def test_a_text_is_counted_alone_as_any_other_way():
    counter = multitok.counter(model="gpt-4o")
    assert counter.count("hello world") == counter.count(Text("hello world")) == 2


def test_no_more_shapes_are_kept_than_are_said(monkeypatch):
    monkeypatch.setattr(loops, "KEPT", 3)
    counter = multitok.counter(model="gpt-5.4", modality="image")
    for side in range(1, 9):
        counter.measured(multitok.ImageInfo(side, side))
        assert 1 <= len(counter._met) <= 3


@given(st.text(max_size=200))
def test_a_plain_text_counts_as_a_count_does(text):
    counter = multitok.counter(model="gpt-4o")
    assert counter.plain(text) == multitok.count(Text(text), model="gpt-4o").tokens


@pytest.mark.parametrize("text", ["a\ud800b", "<|endoftext|>", "long " * 20_000, ""])
def test_so_does_one_that_is_not_plain_at_all(text):
    counter = multitok.counter(model="gpt-4o")
    assert counter.plain(text) == multitok.count(Text(text), model="gpt-4o").tokens


@pytest.mark.parametrize("model", ["claude-opus-5", "gemini-2.5-pro"])
def test_a_text_of_more_than_a_number_has_no_plain_count(model):
    counter = multitok.counter(model=model)
    counted = multitok.count(Text("hello world"), model=model)
    assert (counter.plain is None) == (counted.kind != "exact" or counted.range is not None)

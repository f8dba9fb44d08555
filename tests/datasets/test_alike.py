"""Pictures of one size share what their rows say only where every model takes them alike."""

from io import BytesIO

import pytest
from hypothesis import given, strategies as st
from PIL import Image

from multitok.datasets.asked import Asked
from multitok.datasets.rows import Counting
from multitok.datasets.units import Item

SIZE = (300, 200)
MODELS = (
    "gpt-5.4", "claude-opus-5", "gemini-2.5-flash", "pixtral-large-2411",
    "Qwen/Qwen2.5-VL-7B-Instruct", "llava-hf/llava-1.5-7b-hf",
)  # fmt: skip
"""Of several providers and rules."""
AS_STORED = Asked(models=MODELS[-2:-1], options={"runtime": "sglang"})
"""A runtime that ignores what a file says of its turn."""


def picture(form, frames=1, padding=0, turned=False):
    file = BytesIO()
    rest = [Image.new("RGB", SIZE, (n, 0, 0)) for n in range(1, frames)]
    words = {"save_all": True, "append_images": rest} if rest else {}
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
        words["exif"] = exif
    Image.new("RGB", SIZE[::-1] if turned else SIZE).save(file, form, **words)
    return file.getvalue() + bytes(padding)


ALIKE = {
    "jpeg": picture("JPEG"),
    "a JPEG of 8 MB": picture("JPEG", padding=8 << 20),
    "a JPEG that is turned": picture("JPEG", turned=True),
    "png": picture("PNG"),
    "gif": picture("GIF"),
    "a GIF that moves": picture("GIF", frames=3),
    "tiff": picture("TIFF"),
    "no picture": b"nothing",
}


def rows(counting, name):
    return list(counting.rows(Item(0, None, "image", ALIKE[name])))


@pytest.mark.parametrize("asked", [Asked(models=MODELS), AS_STORED], ids=["many", "as stored"])
@given(st.permutations(sorted(ALIKE) * 2))
def test_each_is_counted_as_if_it_were_alone(asked, names):
    counting = Counting(asked)
    for name in names:
        assert rows(counting, name) == rows(Counting(asked), name), name


@pytest.mark.parametrize("name", ["jpeg", "a GIF that moves"])
def test_a_row_stands_for_each_model_in_their_order(name):
    counting = Counting(Asked(models=MODELS))
    for _ in range(2):
        assert [row.model for row in rows(counting, name)] == list(MODELS)


def test_pictures_of_one_size_and_form_are_worked_out_once(monkeypatch):
    counting = Counting(Asked(models=MODELS))
    first = rows(counting, "png")
    monkeypatch.setattr(counting, "_of_subject", None)  # whoever asks again fails
    assert rows(counting, "png") == first

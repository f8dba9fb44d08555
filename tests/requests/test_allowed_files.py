"""A payload names local files: which of them are opened is said by who counts it."""

import os

import pytest
from PIL import Image

from multitok import count_request


@pytest.fixture
def places(tmp_path):
    """A folder that is allowed, with a picture and links, and one beside it that is not."""
    inside, beside = tmp_path / "in", tmp_path / "inside"
    for folder in (inside, beside):
        folder.mkdir()
        Image.new("RGB", (64, 64)).save(folder / "a.png")
    os.symlink(beside / "a.png", inside / "out.png")
    os.symlink(inside / "a.png", beside / "back.png")
    return tmp_path


def opened(path, allow):
    block = {"type": "image_url", "image_url": {"url": f"file://{path}"}}
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": [block]}]}
    return count_request(asked, allow_files=allow).parts[0].tokens is not None


@pytest.mark.parametrize(
    ("name", "is_in"),
    [
        ("in/a.png", True),
        ("in/../in/a.png", True),
        ("inside/back.png", True),
        ("inside/a.png", False),
        ("in/../inside/a.png", False),
        ("in/out.png", False),
    ],
)
def test_a_folder_allows_what_really_lies_in_it(places, name, is_in):
    assert opened(places / name, places / "in") is is_in
    assert opened(f"{places}/{name}", str(places / "in")) is is_in


def test_all_or_none_are_allowed_by_a_word(places):
    assert opened(places / "inside/a.png", True)
    assert not opened(places / "in/a.png", False)

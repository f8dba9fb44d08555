"""Media: shape and dtype checked once, equality by content."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from multitok import Actions, Audio, Image, ImageInfo, Series, Text, Video
from multitok.core.errors import MediaError

PIXELS = np.zeros((4, 6, 3), np.uint8)


def test_an_image_is_as_wide_as_its_array_has_columns():
    assert Image(PIXELS).info == ImageInfo(width=6, height=4)


def test_equal_content_is_equal_and_nan_equals_nan():
    assert Series(np.array([1.0, np.nan])) == Series(np.array([1.0, np.nan]))
    assert Series(np.array([1.0, np.nan])) != Series(np.array([1.0, 2.0]))
    assert Image(PIXELS) != Image(PIXELS[:, :3])


def test_the_shape_of_a_medium_is_made_once():
    image = Image(np.zeros((2, 3, 3), np.uint8))
    assert image.info is image.info


def test_media_cannot_be_hashed():
    with pytest.raises(TypeError, match="unhashable"):
        hash(Image(PIXELS))


def test_a_lone_surrogate_becomes_the_replacement_character():
    assert Text("a\ud83db").text == "a\ufffdb"


def test_a_surrogate_pair_becomes_its_character():
    assert Text("\ud83d\ude00").text == "\U0001f600"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Image(PIXELS[..., 0]), "image pixels must have 3 dimensions, got shape (4, 6)"),
        (lambda: Image(PIXELS / 2), "image pixels must be uint8, got float64"),
        (
            lambda: Image(PIXELS[..., :2]),
            "image pixels must be (height, width, 3) RGB, got (4, 6, 2)",
        ),
        (lambda: Image(PIXELS[:0]), "image must be at least 1x1 pixels, got 6x0"),
        (lambda: Text(b"a"), "text must be str, got bytes"),
        (lambda: Audio([0.0, np.nan], 16000), "audio samples must be finite, got NaN or inf"),
        (
            lambda: Video(PIXELS[None], np.zeros(2), 1.0, 1.0),
            "1 frames need as many timestamps, got 2",
        ),
        (lambda: Series(np.zeros((2, 2)), names=("a",)), "2 columns need as many names, got 1"),
        (lambda: Series(np.array(["a"])), "series values must be float64, got <U1"),
    ],
)
def test_content_of_the_wrong_form_is_refused(make, message):
    with pytest.raises(MediaError) as caught:
        make()
    assert str(caught.value) == message


def test_columns_are_named_by_number_when_nobody_names_them():
    assert Actions(np.zeros((3, 2))).names == ("dim0", "dim1")


def test_media_that_hold_arrays_print_their_shape():
    assert repr(Image(np.zeros((4, 6, 3), np.uint8))) == "<Image width=6, height=4>"
    sound = Audio(np.zeros((8, 1), np.float32), 16_000)
    assert repr(sound) == "<Audio samples=8, sample_rate=16000, channels=1>"
    assert repr(Text("hi")) == "Text(text='hi')"


@given(st.text())
def test_the_length_of_a_text_is_that_of_its_utf8(text):
    assert Text(text).info.bytes == len(text.encode("utf-8"))

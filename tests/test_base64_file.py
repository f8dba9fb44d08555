"""Base64 is a file that is decoded only where it is read."""

import base64
import io
import os
import tracemalloc

import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import SourceError
from multitok.loaders.base64_file import BLOCK, Base64File


@given(data=st.binary(max_size=200), start=st.integers(0, 9), urlsafe=st.booleans())
@settings(max_examples=60)
def test_it_reads_what_was_encoded(data, start, urlsafe):
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    text = "x" * start + encode(data).decode()
    assert Base64File(text, start).read() == data
    assert Base64File(text.rstrip("="), start).read() == data


@given(
    places=st.lists(
        st.tuples(st.integers(0, 3 * BLOCK), st.integers(0, BLOCK + 5)), min_size=1, max_size=8
    )
)
@settings(max_examples=40)
def test_a_seek_and_a_read_see_the_same_bytes_as_the_whole(places):
    data = bytes(range(256)) * (3 * BLOCK // 256)
    file = io.BufferedReader(Base64File(base64.b64encode(data).decode()))
    for at, length in places:
        file.seek(at)
        assert file.read(length) == data[at : at + length]


def test_line_breaks_and_percent_signs_are_taken():
    data = bytes(range(200))
    wrapped = base64.encodebytes(data).decode()
    assert Base64File(wrapped).read() == data
    assert Base64File(base64.b64encode(data).decode().replace("+", "%2B")).read() == data


def test_the_size_is_known_without_decoding():
    file = Base64File(base64.b64encode(b"12345").decode())
    assert file.seek(0, os.SEEK_END) == 5


def test_the_end_of_a_large_payload_is_read_without_its_beginning():
    """40 MB of base64: a read at the end decodes one block."""
    text = "AAAA" * 10_000_000
    tracemalloc.start()
    file = Base64File(text)
    file.seek(-10, os.SEEK_END)
    assert file.read() == bytes(10)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("aGV!bG8h", "part: not base64 (Only base64 data is allowed)"),
        ("aGVsb", "part: base64 is cut: 5 characters"),
        ("aGVsé", "part: base64 holds a character that is not ASCII"),
    ],
)
def test_what_is_not_base64_is_an_error_with_its_place(text, message):
    with pytest.raises(SourceError) as error:
        Base64File(text, name="part").read()
    assert str(error.value) == message

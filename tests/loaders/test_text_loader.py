"""Text files: what is text, in which encoding, and what is not."""

import json
from io import BytesIO

import pytest
from hypothesis import example, given, strategies as st

import multitok
from multitok import SourceError, Text, TextInfo, UnknownNameError
from multitok.loaders.door import examine, load
from multitok.loaders.text import chunks, decode

WORDS = "naïve 日本\r\n😀"


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (WORDS.encode("utf-8"), ()),
        (WORDS.encode("utf-8-sig"), ("UTF-8 byte order mark left out",)),
        (WORDS.encode("utf-16"), ("UTF-16 byte order mark left out",)),
        (b"\xfe\xff" + WORDS.encode("utf-16-be"), ("UTF-16 byte order mark left out",)),
        (WORDS.encode("utf-32"), ("UTF-32 byte order mark left out",)),
        (b"", ()),
        (b"\xef\xbb\xbf", ("UTF-8 byte order mark left out",)),
    ],
)
def test_marked_encodings_are_known(data, notes):
    text, found = decode(data)
    assert text == (WORDS if len(data) > 3 else "")
    assert found == notes


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_chunks_cut_no_character(encoding, size):
    found = list(chunks(BytesIO(WORDS.encode(encoding)), size=size))
    assert "".join(found) == WORDS
    assert all(found)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "shift_jis", "gb18030", "utf-16-le"])
@pytest.mark.parametrize("size", [1, 1000])
def test_an_encoding_can_be_named(encoding, size):
    text = "日本語" if encoding in ("shift_jis", "gb18030") else "naïve ÿ"
    found = chunks(BytesIO(text.encode(encoding)), encoding=encoding, size=size)
    assert "".join(found) == text


def test_a_named_encoding_drops_its_own_mark():
    assert decode(WORDS.encode("utf-16"), "utf-16")[0] == WORDS
    assert decode(WORDS.encode("utf-8-sig"), "utf-8")[0] == WORDS
    assert decode(b"\xff\xfea\x00", "utf-16-le")[0] == "a"


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (
            b"caf\xe9 au lait",
            None,
            "menu.txt: byte 0xe9 at offset 3 is neither UTF-8 nor marked as UTF-16."
            " Name the encoding: --encoding cp1252, latin-1, shift_jis, ...",
        ),
        (
            b"ends in \xe2\x82",
            None,
            "menu.txt: byte 0xe2 at offset 8 is neither UTF-8 nor marked as UTF-16."
            " Name the encoding: --encoding cp1252, latin-1, shift_jis, ...",
        ),
        (
            b"\xef\xbb\xbfab\xff",
            None,
            "menu.txt: byte 0xff at offset 5 is neither UTF-8 nor marked as UTF-16."
            " Name the encoding: --encoding cp1252, latin-1, shift_jis, ...",
        ),
        (
            b"\xff\xfea\x00\x00\xdc",
            None,
            "menu.txt: byte 0x00 at offset 4 is not UTF-16."
            " Name the encoding: --encoding cp1252, latin-1, shift_jis, ...",
        ),
        (
            b"ab\x81",
            "cp1252",
            "menu.txt: byte 0x81 at offset 2 is not cp1252."
            " Name the encoding: --encoding cp1252, latin-1, shift_jis, ...",
        ),
    ],
)
def test_bytes_that_are_no_text_are_an_error_with_the_offset(data, encoding, message, size):
    with pytest.raises(SourceError) as error:
        list(chunks(BytesIO(data), encoding=encoding, size=size, name="menu.txt"))
    assert str(error.value) == message


@pytest.mark.parametrize("encoding", ["utf-9", "base64", "rot13"])
def test_an_unknown_encoding_is_an_error(encoding):
    with pytest.raises(UnknownNameError) as error:
        decode(b"abc", encoding)
    suggestion = " Did you mean 'utf-8'?" if encoding == "utf-9" else ""
    assert str(error.value) == (
        f"unknown encoding {encoding!r}.{suggestion} For example: utf-8, utf-16, latin-1, cp1252,"
        " cp1251, shift_jis, euc-jp, gb18030, big5"
    )


@given(st.binary(max_size=40), st.integers(1, 9))
@example(b"a\0b\0", 1)  # UTF-16 without its mark, whatever is read at a time
def test_any_bytes_are_text_or_a_clear_error(data, size):
    def outcome(read):
        try:
            return read()
        except SourceError as error:
            return str(error), getattr(error, "offset", 0)

    streamed = outcome(lambda: "".join(chunks(BytesIO(data), size=size)))
    assert streamed == outcome(lambda: decode(data)[0])
    assert isinstance(streamed, str) or 0 <= streamed[1] < len(data)


def test_a_file_is_measured_in_utf8_bytes(tmp_path):
    path = tmp_path / "wide.txt"
    path.write_bytes("aé\nb".encode("utf-16"))
    probed = examine(path)
    assert probed.info == TextInfo(bytes=5)
    assert dict(probed.facts) == {"encoding": "UTF-16", "lines": 2}
    assert probed.notes == ("UTF-16 byte order mark left out",)
    assert load(path) == Text("aé\nb")
    assert load(path).info == probed.info


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    path = tmp_path / "lines.txt"
    for text, lines in (("a", 1), ("a\n", 1), ("a\nb", 2), ("\n", 1)):
        path.write_text(text)
        assert examine(path).facts["lines"] == lines


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_not_taken_for_text_full_of_zeros(codec):
    with pytest.raises(SourceError) as caught:
        decode("hello".encode(codec), name="notes.txt")
    assert str(caught.value) == (
        "notes.txt: every second byte is 0, as in UTF-16 without its mark. Name the encoding:"
        f" --encoding {codec}, or utf-8 to take it as it stands"
    )
    assert decode("hello".encode(codec), codec) == ("hello", ())


@pytest.mark.parametrize(
    "payload",
    [
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]},
        {"contents": [{"parts": [{"text": "hi"}]}]},
        {"model": "gpt-4o", "input": "hi"},
        {"custom_id": "a", "method": "POST", "body": {"model": "gpt-4o", "input": "hi"}},
        {"tools": [{"name": "add", "description": "Adds.", "inputSchema": {"type": "object"}}]},
    ],
    ids=["chat", "gemini", "responses", "batch", "mcp"],
)
def test_a_request_counted_as_text_says_what_counts_it_as_billed(payload, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(payload))
    note = f"looks like an API request: multitok request {path} counts it as it is billed"
    assert examine(path).notes == (note,)
    assert multitok.count(path, model="gpt-4o").notes[-1] == note


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "left-pad", "version": "1.0", "messages": 3}',
        '{"messages": ["hi"], "model": "T"}',
        'He said: "messages": [{"role": "user"}]',
    ],
)
def test_other_json_and_a_text_on_requests_are_texts(text, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(text)
    assert examine(path).notes == ()

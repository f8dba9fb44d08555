"""Bytes, characters and words, and the pieces that people look at."""

import pytest
from hypothesis import given, strategies as st
from nasty import corpus

from multitok import DecodeError, NeedsContentError, Text, TextInfo, get_tokenizer
from multitok.modalities.text.pieces import Piece, pieces

FAMILY = "👩‍👩‍👧‍👦"


def words(text):
    return get_tokenizer("words").split(text)


def test_bytes_are_utf8():
    tokens = get_tokenizer("bytes").encode(Text("é€"))
    assert tokens.ids.tolist() == [0xC3, 0xA9, 0xE2, 0x82, 0xAC]
    assert tokens.positions.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]


def test_bytes_are_counted_from_the_length():
    assert get_tokenizer("bytes").count(TextInfo(bytes=10**12)) == 10**12


def test_characters_are_code_points():
    tokens = get_tokenizer("characters").encode(Text("a€😀"))
    assert tokens.ids.tolist() == [0x61, 0x20AC, 0x1F600]
    assert tokens.positions.tolist() == [[0, 1], [1, 4], [4, 8]]


def test_a_family_is_seven_code_points_and_one_grapheme():
    assert get_tokenizer("characters").count(Text(FAMILY)) == 7
    assert get_tokenizer("characters", graphemes=True).count(Text(FAMILY)) == 1


def test_graphemes_index_the_texts_own_vocabulary():
    tokens = get_tokenizer("characters", graphemes=True).encode(Text("ae\u0301a\r\n"))
    assert tokens.state["vocabulary"] == ["a", "e\u0301", "\r\n"]
    assert tokens.ids.tolist() == [0, 1, 0, 2]
    assert tokens.positions.tolist() == [[0, 1], [1, 4], [4, 5], [5, 7]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t", []),
        ("Hello, world!", ["Hello", ",", "world", "!"]),
        ("I can't, won't.", ["I", "can't", ",", "won't", "."]),
        ("it’s", ["it’s"]),
        ("$1,234.56 is 3%", ["$", "1,234.56", "is", "3", "%"]),
        ("well-known", ["well", "-", "known"]),
        ("snake_case x2", ["snake_case", "x2"]),
        ("see example.com...", ["see", "example.com", ".", ".", "."]),
        ("naïve Übung", ["naïve", "Übung"]),
        ("我喜欢茶。", ["我", "喜", "欢", "茶", "。"]),
        ("カタカナです", ["カタカナ", "で", "す"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        (f"hi {FAMILY}!", ["hi", FAMILY, "!"]),
        ("a\u00a0b", ["a", "b"]),
        ("🇺🇳🇩🇪", ["🇺🇳", "🇩🇪"]),
    ],
)
def test_words_as_people_know_them(text, expected):
    assert words(text) == expected


def test_words_keep_their_place_and_the_white_space_around():
    tokens = get_tokenizer("words").encode(Text(" né \n né!"))
    assert tokens.ids.tolist() == [0, 0, 1]
    assert tokens.positions.tolist() == [[1, 4], [7, 10], [10, 11]]
    assert tokens.state == {"vocabulary": ["né", "!"], "gaps": [" ", " \n ", "", ""]}


@pytest.mark.parametrize(
    ("name", "params"),
    [("bytes", {}), ("characters", {}), ("characters", {"graphemes": True}), ("words", {})],
    ids=str,
)
def test_decoding_is_exact(name, params):
    tokenizer = get_tokenizer(name, **params)
    for text in corpus():
        text = Text(text)
        tokens = tokenizer.encode(text)
        assert tokenizer.decode(tokens) == text
        assert len(tokens) == tokenizer.count(text) <= tokenizer.upper_bound(text)


@given(st.text())
def test_words_decode_exactly_on_any_text(text):
    tokenizer = get_tokenizer("words")
    assert tokenizer.decode(tokenizer.encode(Text(text))) == Text(text)


@pytest.mark.parametrize("unit", ["a", " ", "'", "a'", "\u0301", "🇺🇳", "1,", "日", "a\u200d", "\r"])
def test_a_long_run_is_split_in_one_pass(unit):
    """Quadratic time would show here: 200,000 of one thing."""
    text = Text(unit * 200_000)
    assert get_tokenizer("words").count(text) >= 0
    assert get_tokenizer("characters", graphemes=True).count(text) >= 1


@pytest.mark.parametrize(("name", "what"), [("characters", "character"), ("words", "word")])
def test_a_shape_has_no_count(name, what):
    with pytest.raises(NeedsContentError) as error:
        get_tokenizer(name).count(TextInfo(bytes=3))
    assert str(error.value) == (
        f"{what} counts depend on the text itself: pass Text(...), not TextInfo(bytes=3)"
    )


def replaced(tokens, ids):
    import dataclasses

    import numpy as np

    return dataclasses.replace(
        tokens, ids=np.array(ids), special=np.zeros(len(ids), bool), positions=None, axes=()
    )


@pytest.mark.parametrize(
    ("name", "ids", "message"),
    [
        ("bytes", [256], "a byte is 0 to 255, got id 256 (token 0)"),
        (
            "bytes",
            [0xC3],
            "bytes tokens end inside a character: byte 0xc3 at offset 0 is not UTF-8."
            " Decode whole characters",
        ),
        (
            "characters",
            [0xD800],
            "id 55296 (token 0) is not a Unicode character: 0 to 0x10FFFF without the surrogates",
        ),
        ("words", [7], "id 7 (token 0) is not in the vocabulary of this text: 0 to 0"),
        ("words", [0, 0], "2 tokens need 3 gaps of white space, got 2: decode the whole sequence"),
    ],
)
def test_ids_that_are_no_tokens_are_an_error(name, ids, message):
    tokenizer = get_tokenizer(name)
    tokens = tokenizer.encode(Text(" a" if name == "words" else "a"))
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(replaced(tokens, ids))
    assert str(error.value) == message


@pytest.mark.parametrize("name", ["bpe", "bytes", "characters", "words"])
def test_pieces_join_to_the_text_and_never_cut_a_character(name):
    tokenizer = get_tokenizer(name)
    for text in corpus():
        text = Text(text)
        tokens = tokenizer.encode(text)
        found = pieces(text, tokens)
        assert "".join(piece.text for piece in found) == text.text
        assert [i for piece in found for i in piece.ids] == tokens.ids.tolist()


def test_tokens_that_share_a_character_are_one_piece():
    text = Text("aé")
    assert pieces(text, get_tokenizer("bytes").encode(text)) == [
        Piece("a", (0x61,)),
        Piece("é", (0xC3, 0xA9)),
    ]


def test_white_space_stands_with_the_word_after_it():
    text = Text("a  b ")
    found = pieces(text, get_tokenizer("words").encode(text))
    assert [piece.text for piece in found] == ["a", "  b", " "]

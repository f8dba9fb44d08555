"""Ids alone: what `encode` gives, without the spans."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from multitok import Image, Series, Text, get_tokenizer
from multitok.core.errors import MediaError
from multitok.modalities.text.flat import each, flattened, whole

TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=6)


@given(TEXTS)
@pytest.mark.parametrize("name", ["o200k_base", "o200k_harmony", "bytes", "characters"])
def test_a_batch_has_the_ids_of_each_text(name, texts):
    tokenizer = get_tokenizer(name)
    media = [Text(text) for text in texts]
    expected = [tokenizer.encode(one).ids.tolist() for one in media]
    assert [ids.tolist() for ids in tokenizer.encode_ids_batch(media)] == expected
    assert [tokenizer.encode_ids(one).tolist() for one in media] == expected


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=5), max_size=5))
def test_flat_bytes_come_apart_where_they_were_joined(rows):
    assert [ids.tolist() for ids in each(map(flattened, rows))] == rows
    assert whole(flattened([7, 8])).tolist() == [7, 8]


def test_a_special_token_is_one_id_where_it_is_allowed():
    """199999 is <|endoftext|> of o200k_base; 64 is the letter a."""
    tokenizer = get_tokenizer("bpe", allow_special=True)
    assert tokenizer.encode_ids(Text("a<|endoftext|>a")).tolist() == [64, 199999, 64]


@pytest.mark.parametrize("name", ["o200k_base", "bytes"])
def test_other_media_are_refused_alone_and_in_a_batch(name):
    image = Image(np.zeros((1, 1, 3), np.uint8))
    for refused in (lambda t: t.encode_ids(image), lambda t: t.encode_ids_batch([image])):
        with pytest.raises(MediaError, match=f"^{name}|^bpe encodes text: pass a multitok.Text"):
            refused(get_tokenizer(name))


def test_vectors_are_no_ids():
    patches = get_tokenizer("series-patch", preset="chronos-bolt")
    with pytest.raises(MediaError) as error:
        patches.encode_ids(Series([1.0, 2.0]))
    assert str(error.value) == (
        "series-patch makes vectors, not ids: encode(...) holds them in values or inputs"
    )


def test_words_of_a_text_are_numbered_anew_in_each():
    assert not get_tokenizer("words").shared_ids
    assert not get_tokenizer("characters", graphemes=True).shared_ids
    assert get_tokenizer("characters").shared_ids


@pytest.mark.parametrize(
    ("name", "below"),
    [("o200k_base", 200019), ("cl100k_base", 100277), ("bytes", 256), ("characters", 0x110000)],
)
def test_a_vocabulary_tells_what_its_ids_lie_below(name, below):
    assert get_tokenizer(name).ids_below == below

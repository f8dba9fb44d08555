"""Closed vocabularies: estimates that say how far off they may be."""

import sys

import pytest

from multitok import MediaError, NeedsContentError, Text, TextInfo, get_tokenizer
from multitok.modalities.text import ratio
from multitok.modalities.text.linear import LinearTextCounter

CLAUDE = {"version": "3.0", "frame": 7, "estimate": "claude-3"}


def test_a_count_is_the_base_times_the_ratio():
    """19 o200k_base tokens x 1.1 = 20.9, which is 21."""
    text = Text("one two three four five six seven eight nine " * 2)
    base = get_tokenizer("o200k_base").count(text)
    assert base == 19
    assert get_tokenizer("text-ratio", ratio=1.1, low=1, high=1.2).count(text) == 21


def test_the_error_is_the_percentiles_over_the_ratio():
    counter = get_tokenizer("text-ratio", ratio=1.25, low=1.0, high=2.0)
    assert counter.error() == (0.8, 1.6)


def test_the_base_can_be_another_vocabulary():
    text = Text("नमस्ते दुनिया")
    counter = get_tokenizer("text-ratio", ratio=1, low=1, high=1, base="cl100k_base")
    assert counter.count(text) == get_tokenizer("cl100k_base").count(text)


def test_a_stream_is_scaled_once():
    """Three windows rounded one by one would drift: 3 x round(1 x 1.4) is 3, round(3 x 1.4) 4."""
    counter = get_tokenizer("text-ratio", ratio=1.4, low=1, high=2)
    counted = counter.count_stream([" a", " a", " a"])
    assert counted.parts == {"text": 4}


def test_a_ratio_outside_its_range_is_an_error():
    with pytest.raises(MediaError) as error:
        get_tokenizer("text-ratio", ratio=3, low=1, high=2)
    assert str(error.value) == "a ratio lies between its low and high, got 1, 3, 2"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("text-ratio", {"ratio": 1, "low": 1, "high": 1}),
        ("text-linear", {"estimate": "gemma-3"}),
        ("claude-text", CLAUDE),
    ],
)
def test_a_shape_has_no_count(name, params):
    with pytest.raises(NeedsContentError):
        get_tokenizer(name, **params).count(TextInfo(bytes=3))


def test_without_ctok_claude_text_is_estimated(monkeypatch):
    monkeypatch.setattr(ratio, "optional", lambda name: None)
    counter, fitted = get_tokenizer("claude-text", **CLAUDE), LinearTextCounter(estimate="claude-3")
    text = Text("one two three four five six seven eight")
    assert counter.count(text) == fitted.count(text)
    assert counter.count_stream([text.text]) == fitted.count_stream([text.text])
    assert (counter.error(), counter.error_of(text)) == (fitted.error(), fitted.error_of(text))
    assert counter.notes(text) == [
        "a closer estimate with ctok, which comes along on Python 3.12 (docs/text.md)"
    ]


def test_with_ctok_the_message_frame_is_taken_off(monkeypatch):
    """ctok counts a request of one message: 10 tokens for 3 of text and a frame of 7."""
    monkeypatch.setattr(ratio, "optional", lambda name: object())
    monkeypatch.setattr(ratio, "_token_count", lambda: lambda text, version: len(text) + 7)
    counter = get_tokenizer("claude-text", **CLAUDE)
    assert counter.count(Text("abc")) == 3
    assert counter.count(Text("")) == 0
    assert counter.error() == counter.error_of(Text("abc")) == (0.99, 1.01)
    assert counter.notes(Text("abc")) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="ctok needs Python 3.12")
@pytest.mark.parametrize(("version", "frame", "tokens"), [("3.0", 7, 3), ("4.8", 6, 4)])
def test_ctok_itself_counts_hello_world(version, frame, tokens):
    """The content without the frame of the message: ctok's own page."""
    counter = get_tokenizer("claude-text", **(CLAUDE | {"version": version, "frame": frame}))
    assert counter.count(Text("hello, world")) == tokens
    assert counter.error() == (0.99, 1.01)  # ctok is what counted

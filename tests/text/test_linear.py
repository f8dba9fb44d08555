"""Estimates from what a text holds: they add up, have a range, and are closer than a ratio."""

import json
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given, strategies as st

import multitok
from multitok import Text, TextInfo, UnknownNameError, get_tokenizer
from multitok.modalities.text.linear import SAID, Range, estimates
from multitok.modalities.text.makeup import CLASSES, FEATURES, kind_of, makeup, streamed

GOLDEN = json.loads(
    (Path(__file__).parent.parent / "golden" / "estimated_text.json").read_text("utf-8")
)
RATIOS = {
    "claude-3": (1.2535, 1.0701, 2.1934),
    "claude-4.7": (1.6276, 1.2274, 2.4723),
    "gemma-3": (1.0939, 0.7922, 1.3159),
    "llama-3": (1.0017, 0.9543, 3.9406),
    "qwen-3": (1.0186, 0.8954, 2.5168),
    "deepseek-v3": (1.0707, 0.8543, 1.8033),
    "tekken": (1.094, 0.979, 1.3686),
}
"""What stood before: one ratio to o200k_base, and its range (text_ratios.csv)."""
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.lists(
    st.sampled_from([" the", "x = 1\n", "日本語", "🎉", "1,250.00;", "пар", "\n\n  ", "é"])
).map("".join)


def relative_error(counter, row, vocabulary):
    true = row["tokens"][vocabulary]
    return abs(counter.count(Text(row["text"])) - true) / true


@pytest.mark.parametrize("vocabulary", RATIOS)
def test_an_estimate_is_closer_than_a_ratio_on_texts_that_neither_has_seen(vocabulary):
    ratio, low, high = RATIOS[vocabulary]
    old = get_tokenizer("text-ratio", ratio=ratio, low=low, high=high)
    new = get_tokenizer("text-linear", estimate=vocabulary)
    errors = [[relative_error(one, row, vocabulary) for row in GOLDEN] for one in (old, new)]
    assert mean(errors[1]) < mean(errors[0])


@pytest.mark.parametrize("vocabulary", RATIOS)
def test_nine_in_ten_of_them_lie_inside_the_range(vocabulary):
    counter = get_tokenizer("text-linear", estimate=vocabulary)
    inside = []
    for row in GOLDEN:
        tokens, (low, high) = counter.count(Text(row["text"])), counter.error_of(Text(row["text"]))
        inside.append(tokens * low <= row["tokens"][vocabulary] <= tokens * high)
    assert mean(inside) >= 0.9


@pytest.mark.parametrize("vocabulary", RATIOS)
def test_an_unknown_vocabulary_has_a_range_that_holds_for_each_that_is_known(vocabulary):
    counter = get_tokenizer("text-linear", estimate="unknown")
    inside = []
    for row in GOLDEN:
        tokens, (low, high) = counter.count(Text(row["text"])), counter.error_of(Text(row["text"]))
        inside.append(tokens * low <= row["tokens"][vocabulary] <= tokens * high)
    assert mean(inside) >= 0.9


@pytest.mark.parametrize("name", estimates())
def test_no_feature_costs_less_than_nothing_and_every_kind_has_a_range(name):
    one = estimates()[name]
    assert one.tokens.keys() <= {*FEATURES, "foreign"}
    assert min(one.tokens.values()) > 0
    assert one.ranges.keys() == SAID.keys()
    assert all(0 < of.low <= 1 <= of.high and of.short >= 0 for of in one.ranges.values())


@given(ANY_TEXT)
def test_any_text_has_a_count_inside_its_range(text):
    for name in ("claude-3", "gemma-3"):
        counter = get_tokenizer("text-linear", estimate=name)
        tokens, (low, high) = counter.count(Text(text)), counter.error_of(Text(text))
        assert (tokens == 0) == (text == "")
        assert low <= 1 <= high


@given(st.lists(ANY_TEXT))
def test_a_stream_is_counted_as_its_whole(chunks):
    counter, whole = get_tokenizer("text-linear", estimate="claude-3"), Text("".join(chunks))
    counted = counter.count_stream(chunks)
    assert counted.tokens == counter.count(whole)
    assert counted.error == counter.error_of(whole)


@pytest.mark.parametrize("vocabulary", RATIOS)
def test_more_text_never_counts_less(vocabulary):
    """A page of every kind and script, told 50 characters at a time."""
    counter = get_tokenizer("text-linear", estimate=vocabulary)
    page = "\n".join(row["text"] for row in GOLDEN)
    counts = [counter.count(Text(page[:end])) for end in range(0, len(page), 50)]
    assert counts == sorted(counts)


def test_half_a_pair_is_the_replacement_character_in_a_stream_too():
    counter = get_tokenizer("text-linear", estimate="claude-3")
    assert counter.count_stream(["a\ud800"]).tokens == counter.count(Text("a\ufffd"))


@given(ANY_TEXT)
def test_each_character_is_of_one_class_and_no_word_costs_two_tokens(text):
    found = makeup(text)
    assert sum(found[name] for name in CLASSES) == len(text)
    assert found["pieces"] >= 0


def test_what_a_text_holds_adds_up_over_windows_too_long_to_be_one():
    line = "The boats, 12 of them, came (late) on 2025-06-11.\n"
    text, once = line * 4000, makeup(line)
    assert makeup(text) == {name: 4000 * times for name, times in once.items()}
    assert streamed([text]).parts["words"] == 4000 * once["words"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A plain sentence, with words.", "plain"),
        ("Où est le café près de la forêt ?", "accented"),
        ('{"a": [1, {"b": "c"}]}', "marked"),
        ("2024-05-01,17.25,0.4\n", "numbers"),
        ("Done 🎉🎉", "emoji"),
        ("Вечер был тёплый", "cyrillic"),
        ("ひらがなと漢字", "han"),
        ("따뜻한 저녁", "hangul"),
        ("مساء دافئ", "arabic"),
        ("गर्म शाम", "brahmic"),
        ("ตอนเย็น", "thai"),
        ("საღამო", "other"),
    ],
)
def test_what_a_text_mostly_is(text, kind):
    assert kind_of(makeup(text)) == kind


def test_a_short_text_strays_further():
    """At 4 tokens (1 + 1 / 2) times as far, at 100 tokens (1 + 1 / 10)."""
    one = Range(0.9, 1.2, 1.0)
    assert one.at(4) == (0.6, 1.8)
    assert one.at(100) == (0.8182, 1.32)


def test_the_range_of_a_count_is_that_of_its_text():
    numbers, words = "17.25;3.5;0.125\n" * 40, "one two three " * 40
    counted = [multitok.count(Text(t), tokenizer="text-linear", options={"estimate": "claude-3"})
               for t in (numbers, words)]  # fmt: skip
    counter = get_tokenizer("text-linear", estimate="claude-3")
    assert [one.error for one in counted] == [counter.error_of(Text(t)) for t in (numbers, words)]
    assert counted[0].error != counted[1].error


def test_the_range_of_a_text_unseen_holds_that_of_each_kind():
    counter = get_tokenizer("text-linear", estimate="gemma-3")
    low, high = counter.error_of(TextInfo(bytes=10))
    assert (low, high) == counter.error()
    assert all(
        low <= one.low and one.high <= high for one in estimates()["gemma-3"].ranges.values()
    )


def test_an_estimate_that_is_none_is_named_with_those_there_are():
    with pytest.raises(UnknownNameError) as error:
        get_tokenizer("text-linear", estimate="gemma-33")
    known = ", ".join(estimates())
    assert str(error.value) == (
        f"unknown estimate 'gemma-33'. Did you mean 'gemma-3'? There are: {known}"
    )

"""What a notebook shows of a result: hostile names are tried in test_safe.py."""

import re

import numpy as np
import pytest

import multitok
from multitok import ImageInfo

SIZE = ImageInfo(1024, 1024)


def text_of(html):
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html)).strip()


def test_a_count_says_its_number_its_parts_and_its_source():
    shown = multitok.count(SIZE, model="gpt-4o")._repr_html_()
    assert text_of(shown).startswith(
        "765 tokens § documented by gpt-4o of 1024 x 1024 px part tokens base 85 tiles 680"
    )
    assert '<a href="https://' in shown


def test_a_sum_has_a_row_for_each_count():
    one = multitok.count(SIZE, model="gpt-4o")
    assert text_of((one + one)._repr_html_()) == (
        "1,530 tokens § documented of 2 counts of input tokens kind"
        " gpt-4o 1024 x 1024 px 765 § documented gpt-4o 1024 x 1024 px 765 § documented"
        " shrunk from 1024 x 1024 to 768 x 768: 56% of the pixels are left"
    )


def test_a_comparison_is_a_table_and_says_why_there_is_no_number():
    shown = text_of(multitok.compare(SIZE, models=["gpt-4o", "claude-2"])._repr_html_())
    assert "gpt-4o 765 § documented 0.6 % 768 x 768 $0.001912" in shown
    assert "claude-2: no rule for image with model" in shown


def test_numbers_stand_right_and_words_left_in_any_notebook():
    """Notebooks differ in where a cell stands, and have no style sheet of ours."""
    shown = multitok.compare(SIZE, models="gpt-4o")._repr_html_()
    sides = dict(re.findall(r'<td class="([a-z-]+)[^>]*text-align:(left|right)', shown))
    assert sides == {
        "tokens": "right", "kind": "left", "of-context": "right", "sees": "right", "cost": "right",
    }  # fmt: skip
    assert shown.count("<th") - shown.count("<thead") == shown.count("text-align") - len(sides)


def test_one_row_is_a_table_of_one_row():
    [row] = multitok.compare(SIZE, models="gpt-4o")
    assert row._repr_html_().count("<tr>") == 2


def test_a_request_is_a_table_of_its_parts():
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    shown = text_of(multitok.count_request(request)._repr_html_())
    assert shown.startswith("8 tokens § documented as gpt-4o reads the request")
    assert "messages[0].content text 1 = exact" in shown


def test_a_text_is_shown_by_its_tokens_with_their_ids():
    tokens = multitok.get_tokenizer("o200k_base").encode(multitok.Text("hello world"))
    shown = tokens._repr_html_()
    assert re.findall('<span title="([0-9 ]+)"[^>]*>([^<]+)</span>', shown) == [
        ("24912", "hello"),
        ("2375", " world"),
    ]


def test_a_long_text_is_shown_by_its_first_tokens():
    tokens = multitok.get_tokenizer("bytes").encode(multitok.Text("x" * 1000))
    shown = tokens._repr_html_()
    assert shown.count("<span title=") == 200
    assert text_of(shown).endswith("and 800 more")


def test_patches_are_listed_by_their_places():
    image = multitok.Image(np.zeros((32, 48, 3), np.uint8))
    shown = multitok.get_tokenizer("patch", size=16).encode(image)._repr_html_()
    assert text_of(shown) == (
        "6 tokens of 48 x 32 px by patch token row column 0 0 0 1 0 1 2 0 2 3 1 0 4 1 1 5 1 2"
    )


def test_an_inspection_shows_the_overlay_of_its_first_model():
    shown = multitok.inspect("samples/photo.jpg", models=["gpt-4o", "gpt-5.4"])._repr_html_()
    assert shown.count('<img src="data:image/') == 1
    assert "gpt-5.4 297 § documented" in text_of(shown)


@pytest.mark.parametrize("name", ["english.txt", "sunspots.csv", "arm.csv", "clip.mp4"])
def test_an_inspection_of_every_kind_is_shown(name):
    modality = "actions" if name == "arm.csv" else None
    shown = multitok.inspect(f"samples/{name}", modality=modality)._repr_html_()
    assert "<img" in shown or "<pre" in shown or "<svg" in shown


def test_no_sum_of_money_is_taken_for_a_formula():
    assert (
        multitok.count(SIZE, model="gpt-4o")
        ._repr_html_()
        .startswith('<div class="tex2jax_ignore mathjax_ignore">')
    )

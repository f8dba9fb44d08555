"""Counts add up: tokens and parts by name, as weak as the weakest, and each stays in the sum."""

import json
from datetime import date

import pytest

import multitok
from multitok import Count, ImageInfo, TextInfo, Total


def counted(tokens=10, kind="exact", **more):
    given = {
        "parts": {"image": tokens}, "info": ImageInfo(4, 2), "model": "m", "tokenizer": "patch",
        "source": "a page",
    }  # fmt: skip
    return Count(tokens, kind, **{**given, **more})


def test_a_sum_begins_at_nothing_and_takes_any_order():
    a, b, c = counted(1), counted(2), counted(3)
    assert sum([a, b, c]) == a + b + c == a + (b + c) == Total((a, b, c))
    assert int(sum([a, b, c])) == 6
    assert sum([a]) == Total((a,))


def test_a_sum_is_as_weak_as_its_weakest_part():
    assert (counted() + counted(kind="estimate") + counted(kind="documented")).kind == "estimate"


def test_parts_of_one_name_are_added():
    text = counted(5, parts={"text": 4, "special": 1}, info=TextInfo(9))
    assert (text + text + counted(7)).parts == {"text": 8, "special": 2, "image": 7}


def test_the_range_of_a_sum_is_that_of_its_estimates_and_the_rest_as_it_is():
    """100 tokens within 0.9 to 1.2 are 90 to 120; 10 exact ones lie on both ends."""
    estimate = counted(100, "estimate", error=(0.9, 1.2))
    assert (estimate + counted(10)).range == (100, 130)
    assert (counted() + counted()).range is None


def test_each_note_and_each_reason_is_told_once():
    one = counted(notes=("shrunk",), rejected=("too large",))
    assert (one + one).notes == ("shrunk",)
    assert (one + one).rejected == ("too large",)


@pytest.mark.parametrize("other", [5, "x", None, 1.5])
def test_only_counts_are_added_to_counts(other):
    with pytest.raises(TypeError, match="unsupported operand"):
        counted() + other
    with pytest.raises(TypeError, match="unsupported operand"):
        (counted() + counted()) + other


def test_a_count_has_the_dictionary_that_the_command_prints():
    one = counted(100, "estimate", error=(0.9, 1.2), checked=date(2026, 11, 1), notes=("n",))
    assert json.loads(json.dumps(one.to_dict())) == {
        "tokens": 100,
        "kind": "estimate",
        "model": "m",
        "tokenizer": "patch",
        "parts": {"image": 100},
        "info": {"modality": "image", "width": 4, "height": 2},
        "geometry": {},
        "source": "a page",
        "checked": "2026-11-01",
        "notes": ["n"],
        "rejected": [],
        "range": [90, 120],
    }


def test_a_sum_has_a_dictionary_with_each_of_its_counts():
    one = counted()
    assert (one + one).to_dict() == {
        "tokens": 20,
        "kind": "exact",
        "parts": {"image": 20},
        "counts": [one.to_dict(), one.to_dict()],
    }


def test_results_print_themselves_short():
    one = counted(1234, "estimate", error=(0.9, 1.2))
    size = "ImageInfo(width=4, height=2)"
    assert repr(one) == f"<Count: 1,234 tokens (1,111 to 1,481), estimate, by 'm' of {size}>"
    assert repr(counted(rejected=("no",))) == f"<Count: 10 tokens, rejected, by 'm' of {size}>"
    assert repr(one + one) == "<Total: 2,468 tokens (2,222 to 2,962), estimate, of 2 counts>"


def test_rows_print_themselves_short():
    size = ImageInfo(1024, 1024)
    assert repr(multitok.compare(size, models=["gpt-4o", "claude-2"])) == (
        "[<Row 'gpt-4o': 765 tokens, documented, $0.0019125>, <Row 'claude-2': unknown,"
        " \"no rule for image with model 'claude-2': claude-2 takes text\">]"
    )


def test_a_request_an_inspection_and_a_model_print_themselves_short():
    hi = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    assert repr(multitok.count_request(hi)) == (
        "<RequestCount: 8 tokens, documented, by 'gpt-4o' of 2 parts>"
    )
    found = multitok.inspect(ImageInfo(6, 4), models="gpt-4o")
    assert repr(found) == "<Inspection of ImageInfo(width=6, height=4) by 'gpt-4o'>"
    model = next(model for model in multitok.models() if model.id == "gpt-4o")
    assert repr(model) == "<Model 'gpt-4o' of openai: text, image, pdf>"


def test_a_document_prints_itself_by_its_pages():
    page = multitok.PdfPage(text="word " * 1000, width_pt=1.0, height_pt=1.0)
    assert repr(multitok.Pdf(pages=(page, page))) == "<Pdf pages=2>"


@pytest.mark.parametrize("name", ["\x1b[2J", "\u202e", "\n"])
def test_a_name_of_others_does_nothing_in_a_repr(name):
    for result in (counted(model=name), counted(model=None, tokenizer=name)):
        assert name not in repr(result)

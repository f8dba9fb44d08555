"""What a rule says of itself, and what the interface refuses in its name."""

import ast
import pickle
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from multitok import (
    Actions,
    DecodeError,
    Image,
    ImageInfo,
    MediaError,
    Series,
    SourceError,
    Text,
    TextInfo,
    count,
    get_tokenizer,
    tokenizer_for_model,
)
from multitok.catalog.load import catalog
from multitok.core.counts import KINDS
from multitok.core.errors import MultitokError, OnlyCountsError
from multitok.core.registry import BUILT_IN, build, class_for
from multitok.core.tokenizer import TokenCounter
from multitok.report.catalogue import tokenizer_to_dict

ESTIMATES = {
    "text-linear": {"estimate": "gemma-3"},
    "text-ratio": {"ratio": 1.25, "low": 1.0, "high": 1.75},
    "gemini-tile": {"tile": 258, "small": 384, "divisor": 1.5},
    "nova-table": class_for("nova-table").examples[0],
}
SHAPES = {"text": Text("one two three four"), "image": ImageInfo(960, 540)}


@pytest.mark.parametrize("name", ESTIMATES)
def test_an_estimate_is_one_by_name_and_as_an_object(name):
    subject = SHAPES[class_for(name).modality]
    by_name = count(subject, tokenizer=name, options=ESTIMATES[name])
    as_object = count(subject, tokenizer=build(name, ESTIMATES[name]))
    assert (by_name.kind, as_object.kind) == ("estimate", "estimate")
    assert by_name.error == as_object.error


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_what_a_rule_keeps_is_not_in_its_pickle(name):
    """A pickle is the parameters, before the rule is used and after."""
    for example in class_for(name).examples:
        fresh, used = build(name, example), build(name, example)
        assert used.config() == pickle.loads(pickle.dumps(used)).config()
        assert pickle.dumps(used) == pickle.dumps(fresh)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_list_of_nothing_is_a_value_or_refused_in_words(name):
    """Each parameter that is a list may come empty out of a file of tokens."""
    for example in class_for(name).examples:
        made = build(name, example)
        for parameter, value in made.config().items():
            if isinstance(value, list):
                with suppress(MultitokError):
                    build(name, {**example, parameter: ()})


def test_a_config_is_the_callers_own():
    rule = build("action-bins", {"low": (-1.0, -2.0)})
    rule.config()["low"].append(7.0)
    assert rule.config()["low"] == [-1.0, -2.0]


def test_a_row_is_never_stronger_than_its_rule():
    for model in catalog().models():
        for modality, rule in model.rules.items():
            best = class_for(rule.tokenizer).kind
            assert KINDS.index(rule.kind) >= KINDS.index(best), (model.id, modality)


class Framed:
    """A data frame, an open URL, a path of Python 3.14: not a medium, and it has an `info`."""

    def __init__(self, path):
        self.path = path

    @property
    def info(self):
        return {"size": 1}

    def __fspath__(self):
        return str(self.path)


def test_a_path_that_has_an_info_is_a_path():
    photo = Path(__file__).parent.parent / "samples" / "photo.jpg"
    assert count(Framed(photo), model="gpt-4o").tokens == 425


def test_what_only_looks_like_a_medium_is_refused_in_words():
    class Frame:
        def info(self):
            return "3 columns"

    with pytest.raises(SourceError) as error:
        count(Frame(), model="gpt-4o")
    assert "Frame" in str(error.value)


def test_a_rule_refuses_what_is_no_medium():
    with pytest.raises(MediaError) as error:
        get_tokenizer("patch").count(Path("photo.jpg"))
    assert str(error.value) == (
        f"expected a medium or its shape, got {type(Path()).__name__}: multitok.load reads a file,"
        " multitok.ImageInfo(1920, 1080) is a bare shape"
    )


@pytest.mark.parametrize("given", ["photo.jpg", Text("hi"), np.zeros((2, 2, 3), np.uint8)])
def test_encode_says_what_it_takes(given):
    with pytest.raises(MediaError) as error:
        get_tokenizer("patch").encode(given)
    assert str(error.value) == (
        f"patch encodes image: pass a multitok.Image, got {type(given).__name__}."
        " multitok.load(source, modality='image') reads a file"
    )


def test_decode_says_whose_tokens_it_was_given():
    made = get_tokenizer("sax", alphabet=4).encode(Series(np.arange(20.0)))
    with pytest.raises(DecodeError) as error:
        get_tokenizer("sax", alphabet=8).decode(made)
    assert str(error.value) == (
        "these tokens are of sax(alphabet=4), not of sax(alphabet=8): multitok.decode(tokens)"
        " asks the tokenizer that made them"
    )
    with pytest.raises(DecodeError) as error:
        get_tokenizer("chronos").decode(made)
    assert str(error.value) == (
        "these tokens are of sax, not of chronos: multitok.decode(tokens)"
        " asks the tokenizer that made them"
    )


def test_decode_takes_a_sequence_and_nothing_else():
    with pytest.raises(DecodeError) as error:
        get_tokenizer("bytes").decode([104, 105])
    assert str(error.value) == (
        "bytes decodes a TokenSequence, got list: encode makes one, multitok.TokenSequence.load"
        " reads one"
    )


def test_a_rule_that_only_counts_says_so():
    counter = tokenizer_for_model("gpt-4o", "image")
    assert not hasattr(counter, "encode")
    with pytest.raises(OnlyCountsError) as error:
        counter.encode(Image(np.zeros((2, 2, 3), np.uint8)))
    assert str(error.value) == (
        "openai-tile only counts: the tokens of this image rule are not published"
    )


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_the_listing_says_truly_what_decodes(name):
    """A class can decode where its `decode` is not the one that refuses, inherited or not."""
    cls = class_for(name)
    can = tokenizer_to_dict(cls)["can"]
    mine = getattr(cls, "decode", None)
    refusing = mine is None or mine.__qualname__ == "Tokenizer.decode"
    assert ("decode" in can) == (not refusing)
    assert ("encode" in can) == hasattr(cls, "encode")


def test_a_true_type_error_of_a_rule_is_not_no_bound():
    """Only NeedsContentError, a TypeError too, means that nothing is proven."""
    from multitok.budgets import files

    class Broken(TokenCounter):
        name, modality = "broken", "text"

        def count(self, x, /):
            return 1

        def upper_bound(self, x, /):
            raise TypeError("a fault of the rule")

    with pytest.raises(TypeError, match="a fault of the rule"):
        files.upper_bound(TextInfo(3), None, Broken())


def test_a_shape_says_itself():
    assert ImageInfo(1512, 2016).words() == "1512 x 2016 px"
    assert ImageInfo(2000, 1000).amounts() == {"megapixel": 2.0}
    assert Actions(np.zeros((5, 2)), hz=10.0).info.words() == "5 steps · 2 dims · 10 Hz"
    assert Series(np.zeros((5, 2))).info.amounts() == {"step": 5, "value": 10}


SRC = Path(__file__).parent.parent / "src" / "multitok"
OURS = {"counter", "tokenizer", "rule", "media", "medium", "info", "sample", "cls"}


def test_nothing_asks_a_rule_or_a_medium_for_what_is_not_declared():
    """`hasattr(rule, "bound")` is a second interface that nobody declares, and mypy cannot see."""
    asked = []
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in ("hasattr", "getattr") and len(node.args) > 1:
                of, name = node.args[0], node.args[1]
                if isinstance(of, ast.Name) and of.id in OURS and isinstance(name, ast.Constant):
                    asked.append(f"{path.relative_to(SRC)}:{node.lineno}: {ast.unparse(node)}")
    assert [line for line in asked if not line.startswith("core/registry.py")] == []

"""The picture frame: a rule sees a picture once, whatever is asked of it."""

import ast
import inspect
import re
from importlib import import_module
from itertools import count as numbers
from unittest.mock import patch

import numpy as np
import pytest

import multitok
from multitok import ImageInfo, NeedsContentError
from multitok.catalog.load import catalog
from multitok.core.registry import BUILT_IN, build, class_for
from multitok.modalities.image import words
from multitok.modalities.image.rule import PictureCounter

ALL = [name for name in sorted(BUILT_IN) if class_for(name).modality == "image"]
RULES = [name for name in ALL if class_for(name).examples]
"""Those that need no file of one's own."""
FRESH = (ImageInfo(900 + n, 700 + n) for n in numbers())
"""Sizes that no cache has met."""


def given(rule):
    """A size that is new, or a picture of it where only the content decides."""
    info = next(FRESH)
    try:
        rule.count(info)
    except NeedsContentError:
        info = next(FRESH)
        return multitok.Image(np.zeros((info.height, info.width, 3), np.uint8))
    return next(FRESH)


@pytest.mark.parametrize("name", ALL)
def test_every_picture_rule_stands_in_the_frame(name):
    assert issubclass(class_for(name), PictureCounter)


@pytest.mark.parametrize("name", RULES)
def test_a_picture_is_seen_once_for_all_that_is_asked(name):
    """Its count, its parts, its size, its grid, the sum in words, its notes, where all lies."""
    cls = class_for(name)
    rule = build(name, cls.examples[0])
    info = given(rule)
    with patch.object(cls, "see", autospec=True, side_effect=cls.see) as see:
        rule.count(info)
        rule.breakdown(info)
        rule.geometry(info)
        rule.size_seen(info)
        rule.layout(info)
        rule.explain(info)
        rule.notes(info)
    assert see.call_count == 1


@pytest.mark.parametrize("name", RULES)
def test_a_count_with_all_that_is_told_beside_it_sees_the_picture_once(name):
    cls = class_for(name)
    rule = build(name, cls.examples[0])
    info = given(rule)
    with patch.object(cls, "see", autospec=True, side_effect=cls.see) as see:
        multitok.count(info, tokenizer=rule)
        rule.explain(info)
        rule.layout(info)
        rule.notes(info)
    assert see.call_count == 1


@pytest.mark.parametrize("name", RULES)
def test_another_picture_or_another_rule_is_seen_anew(name):
    """What is kept of the last picture is never an answer to another question."""
    cls = class_for(name)
    one, other = (build(name, cls.examples[i]) for i in (0, -1))
    small, large = ImageInfo(40, 30), ImageInfo(80, 70)
    for info in (small, large, small):
        for rule in (one, other):
            assert rule.seen(info) == rule.see(info)


@pytest.mark.parametrize("tokenizer", RULES)
def test_a_count_by_a_models_name_sees_the_picture_once(tokenizer):
    models = (m for m in catalog().models() if "image" in m.rules)
    model = next((m for m in models if m.rules["image"].tokenizer == tokenizer), None)
    if model is None:
        pytest.skip(f"no model of the catalogue is counted by {tokenizer}")
    cls = class_for(tokenizer)
    with patch.object(cls, "see", autospec=True, side_effect=cls.see) as see:
        multitok.count(next(FRESH), model=model.id)
    own = model.rule("image").counter()
    assert sum(call.args[0] == own for call in see.call_args_list) == 1


def said(tree):
    """The strings of a module that a reader may meet: no docstrings, and no errors, which say what
    to do."""
    if isinstance(tree, ast.Raise):
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from said(child)


def spoken(source):
    """Words on sizes that `source` writes of its own. `vision_tokens_padded` is a name."""
    words = r"(?<![\w-])(shrunk|padded|enlarged)(?![\w-])"
    return [text for text in said(ast.parse(source)) if re.search(words, text)]


@pytest.mark.parametrize("module", sorted({class_for(name).__module__ for name in ALL}))
def test_shrunk_enlarged_and_padded_are_said_in_one_place(module):
    """words.py has the sentences; a rule file that writes its own is a second dialect."""
    assert spoken(inspect.getsource(import_module(module))) == []


def test_a_second_dialect_would_be_heard():
    """In a sentence, also in pieces; not in a docstring, a name or an error."""
    assert spoken(inspect.getsource(words)) != []
    assert spoken('f"{info} shrunk to {size}"') == [" shrunk to "]
    quiet = '''def see():
    """The picture is padded."""
    name, key = "padded-tiles", "vision_tokens_padded"
    raise ValueError("it would be shrunk")'''
    assert spoken(quiet) == []

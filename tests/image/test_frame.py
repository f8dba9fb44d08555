"""The picture frame: a rule sees a picture once, whatever is asked of it."""

from itertools import count as numbers
from unittest.mock import patch

import pytest

import multitok
from multitok import ImageInfo
from multitok.catalog.load import catalog
from multitok.core.registry import BUILT_IN, build, class_for
from multitok.modalities.image.rule import PictureCounter

RULES = [name for name in sorted(BUILT_IN) if class_for(name).modality == "image"]
FRESH = (ImageInfo(900 + n, 700 + n) for n in numbers())
"""Sizes that no cache has met."""


@pytest.mark.parametrize("name", RULES)
def test_every_picture_rule_stands_in_the_frame(name):
    assert issubclass(class_for(name), PictureCounter)


@pytest.mark.parametrize("name", RULES)
def test_a_picture_is_seen_once_for_all_that_is_asked(name):
    """Its parts, its size, its grid, the sum in words, its notes and where everything lies."""
    cls = class_for(name)
    rule = build(name, cls.examples[0])
    info = next(FRESH)
    with patch.object(cls, "see", autospec=True, side_effect=cls.see) as see:
        rule.breakdown(info)
        rule.geometry(info)
        rule.size_seen(info)
        rule.layout(info)
        rule.explain(info)
        rule.notes(info)
    assert see.call_count == 1


@pytest.mark.parametrize("tokenizer", RULES)
def test_a_count_by_a_models_name_sees_the_picture_once(tokenizer):
    models = (m for m in catalog().models() if "image" in m.rules)
    model = next((m for m in models if m.rules["image"].tokenizer == tokenizer), None)
    if model is None:
        pytest.skip(f"no model of the catalogue is counted by {tokenizer}")
    cls = class_for(tokenizer)
    with patch.object(cls, "see", autospec=True, side_effect=cls.see) as see:
        multitok.count(next(FRESH), model=model.id)
    assert see.call_count == 1


@pytest.mark.parametrize("path", sorted(class_for(name).__module__ for name in RULES))
def test_shrunk_enlarged_and_padded_are_said_in_one_place(path):
    """words.py has the sentences; a rule file that writes its own is a second dialect."""
    import importlib
    import inspect

    source = inspect.getsource(importlib.import_module(path))
    for words in ("shrunk from", "enlarged from", "padded to", "of it is padding"):
        assert f'f"{words}' not in source
        assert f'"{words}' not in source

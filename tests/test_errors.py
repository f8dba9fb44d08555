"""Errors say what was wrong, what is allowed and what to type, keep their parts, and pickle."""

import pickle

import pytest

from multitok import get_tokenizer
from multitok.core import errors


def test_an_unknown_tokenizer_is_named_with_the_nearest_one():
    with pytest.raises(LookupError) as caught:
        get_tokenizer("pathc")
    assert (
        str(caught.value)
        == "unknown tokenizer 'pathc'. Did you mean 'patch'? See: multitok tokenizers"
    )
    assert caught.value.suggestion == "patch"


def test_an_unknown_parameter_lists_what_the_tokenizer_takes():
    with pytest.raises(errors.UnknownNameError) as caught:
        get_tokenizer("patch", sise=3)
    assert str(caught.value) == (
        "tokenizer 'patch' has no parameter 'sise'. Did you mean 'size'? It takes: size=16,"
        " resize=None"
    )


def test_nothing_near_gives_no_suggestion():
    error = errors.UnknownNameError.of("model", "zzz", ["gpt-5"], "See: multitok models")
    assert str(error) == "unknown model 'zzz'. See: multitok models"
    assert error.suggestion is None


CLASSES = [
    cls
    for cls in vars(errors).values()
    if isinstance(cls, type) and issubclass(cls, errors.MultitokError)
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_survives_pickling_with_its_parts(cls):
    again = pickle.loads(pickle.dumps(cls("what went wrong", model="gpt-5", tokens=3)))
    assert type(again) is cls
    assert (str(again), again.model, again.tokens) == ("what went wrong", "gpt-5", 3)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_is_caught_as_the_root(cls):
    with pytest.raises(errors.MultitokError, match="what went wrong"):
        raise cls("what went wrong")


def test_an_optional_package_says_what_to_install():
    from multitok.core.extras import require

    with pytest.raises(ImportError) as caught:
        require("no_such_module_here", extra="pdf", purpose="reading PDF", package="pypdfium2")
    assert str(caught.value) == "reading PDF needs pypdfium2: pip install '.[pdf]'"
    assert caught.value.extra == "pdf"

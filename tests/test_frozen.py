"""A class that is made at once is the dataclass that it was."""

import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from multitok.core.frozen import made_at_once


@dataclass(frozen=True, slots=True)
class Plain:
    a: int
    b: list = field(default_factory=list)
    c: str | None = None


@made_at_once
@dataclass(frozen=True, slots=True)
class Quick:
    a: int
    b: list = field(default_factory=list)
    c: str | None = None


@pytest.mark.parametrize(
    ("given", "named"), [((1,), {}), ((1, [2]), {"c": "x"}), ((), {"c": None, "a": 3})]
)
def test_it_is_made_of_the_same(given, named):
    made, plain = Quick(*given, **named), Plain(*given, **named)
    assert [getattr(made, name) for name in "abc"] == [getattr(plain, name) for name in "abc"]


@pytest.mark.parametrize("given", [(), (1, 2, 3, 4)])
def test_what_does_not_fit_is_refused(given):
    with pytest.raises(TypeError, match=r"__init__\(\)"):
        Quick(*given)


def test_each_has_a_list_of_its_own():
    assert Quick(1).b is not Quick(1).b


def test_it_is_still_frozen_replaced_and_pickled():
    made = Quick(1, [2])
    with pytest.raises(FrozenInstanceError):
        made.a = 2
    assert replace(made, a=3) == Quick(3, [2])
    assert pickle.loads(pickle.dumps(made)) == made


def test_what_it_takes_is_told_as_before():
    assert inspect.signature(Quick) == inspect.signature(Plain)

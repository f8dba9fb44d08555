"""A variable is heard anew at each look, whether it was there before or not."""

import os

import pytest

from multitok.core.environment import variable

NAME = "MULTITOK_OF_A_TEST"


def test_a_variable_is_heard_when_it_comes_changes_and_goes(monkeypatch):
    assert variable(NAME) is None
    monkeypatch.setenv(NAME, "ä b")
    assert variable(NAME) == "ä b"
    monkeypatch.setenv(NAME, "")
    assert variable(NAME) == ""
    monkeypatch.delenv(NAME)
    assert variable(NAME) is None


@pytest.mark.parametrize("held", [{}, {NAME: "x"}])
def test_another_mapping_in_its_place_is_asked_as_it_is(monkeypatch, held):
    monkeypatch.setattr(os, "environ", held)
    assert variable(NAME) == held.get(NAME)

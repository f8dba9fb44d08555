"""The ids of a text go back to it, in Python, on the command line and through a pipe."""

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

import multitok
from multitok.cli import multitok as command
from multitok.core.errors import DecodeError


def run(*words, text=None):
    return CliRunner().invoke(command, words, input=text)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
@pytest.mark.parametrize("tokenizer", ["o200k_base", "bytes", "characters"])
def test_a_text_comes_back_from_its_ids(tokenizer, text):
    ids = multitok.encode(multitok.Text(text), tokenizer=tokenizer).ids.tolist()
    assert multitok.decode(ids, tokenizer=tokenizer).text == text


def test_a_model_names_its_vocabulary():
    assert multitok.decode([13225, 11, 2375], model="gpt-4o").text == "Hello, world"


@pytest.mark.parametrize(
    ("ids", "words", "message"),
    [
        ([1.5], {"tokenizer": "bytes"}, "ids are whole numbers, got [1.5]"),
        ("12", {"tokenizer": "bytes"}, "ids are whole numbers, got '12'"),
        ([1], {"tokenizer": "patch"},
         "patch does not make a text of bare ids: pass the tokens that encode made"),
        ([1], {"model": "claude-opus-5"},
         "claude-text does not make a text of bare ids: pass the tokens that encode made"),
    ],
)  # fmt: skip
def test_what_is_no_text_in_ids_says_so(ids, words, message):
    with pytest.raises(DecodeError) as caught:
        multitok.decode(ids, **words)
    assert str(caught.value) == message


def test_the_command_takes_ids_by_name_and_through_a_pipe():
    assert run("decode", "--ids", "13225, 11 2375", "-t", "o200k_base").stdout == "Hello, world"
    assert run("decode", "-m", "gpt-4o", text="13225 11 2375\n").stdout == "Hello, world"


def test_ids_as_json_are_read_too():
    listed = run("encode", "samples/english.txt", "-t", "o200k_base").stdout.split()
    text = "[" + ", ".join(listed) + "]"
    assert run("decode", "-t", "o200k_base", text=text).stdout.startswith("Down the Rabbit-Hole")


def test_a_model_of_the_environment_does_not_make_ids_of_a_saved_file(tmp_path, monkeypatch):
    multitok.encode(multitok.Text("hello"), tokenizer="bytes").save(tmp_path / "a.npz")
    monkeypatch.setenv("MULTITOK_MODEL", "gpt-4o")
    assert run("decode", str(tmp_path / "a.npz")).stdout == "hello"
    assert run("decode", "--ids", "13225").stdout == "Hello"


def test_a_word_among_the_ids_is_named():
    found = run("decode", "--ids", "5 six", "-t", "bytes")
    assert str(found.exception) == "an id is a whole number, got 'six': --ids '6064 290'"

"""Cuts are exact to the token, never inside a character, and say what they cut."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st

from multitok.budgets.texts import split, truncate
from multitok.cli import multitok as cli
from multitok.core.errors import MediaError
from multitok.core.media import Text
from multitok.core.registry import get_tokenizer

O200K = get_tokenizer("o200k_base")
TEXTS = st.text(st.sampled_from("ab \n\t.é漢👩‍👧0"), max_size=60)


def tokens(text):
    return O200K.count(Text(text))


@given(text=TEXTS, most=st.integers(0, 12), keep=st.sampled_from(["head", "tail", "middle"]))
@settings(max_examples=80, deadline=None)
def test_what_is_kept_is_within_the_limit_and_is_part_of_the_text(text, most, keep):
    cut = truncate(text, most, tokenizer="o200k_base", keep=keep)
    assert cut.tokens == tokens(cut.text) <= max(most, 0) or cut.total <= most
    if keep == "head":
        assert text.startswith(cut.text)
    elif keep == "tail":
        assert text.endswith(cut.text)
    assert cut.truncated == (cut.text != text)


@given(text=TEXTS, most=st.integers(6, 20))
@settings(max_examples=60, deadline=None)
def test_pieces_join_to_the_text_and_none_is_over_the_limit(text, most):
    pieces = list(split(text, most, tokenizer="o200k_base"))
    assert "".join(pieces) == text
    assert all(tokens(piece) <= most for piece in pieces)


def test_pieces_are_as_full_as_they_can_be():
    """Ten words of one token each in pieces of 4: 4, 4 and 2."""
    text = "one" + " one" * 9
    assert [tokens(piece) for piece in split(text, 4, tokenizer="o200k_base")] == [4, 4, 2]


def test_pieces_overlap_by_tokens():
    """Steps of 2 tokens: each piece begins with the last token of the one before."""
    text = "one two three four five"
    assert list(split(text, 3, overlap=1, tokenizer="o200k_base")) == [
        "one two three",
        " three four five",
    ]


def test_both_ends_are_kept_without_the_middle():
    text = "one two three four five six"
    assert truncate(text, 4, tokenizer="o200k_base", keep="middle").text == "one two five six"


def test_a_character_that_does_not_fit_is_an_error():
    with pytest.raises(MediaError) as error:
        list(split("🫠", 1, tokenizer="o200k_base"))
    assert str(error.value) == ("one character of the text takes more than 1 tokens: allow more")


@pytest.mark.parametrize(
    ("most", "overlap", "message"),
    [
        (0, 0, "max_tokens must be at least 1, got 0"),
        (5, 5, "overlap must be from 0 to 4, got 5"),
    ],
)
def test_limits_that_make_no_sense_are_errors(most, overlap, message):
    with pytest.raises(MediaError) as error:
        list(split("x", most, overlap=overlap, tokenizer="o200k_base"))
    assert str(error.value) == message


def run(*arguments, text="one two three four\n"):
    return CliRunner().invoke(cli, [*arguments, "-t", "o200k_base"], input=text)


def test_the_command_prints_the_text_and_says_what_it_cut():
    result = run("truncate", "--max-tokens", "2")
    assert (result.stdout, result.exit_code) == ("one two", 0)
    assert result.stderr == "multitok: kept the first 2 of 5 tokens\n"
    assert run("truncate", "--max-tokens", "2", "--exit-code").exit_code == 1
    fits = run("truncate", "--max-tokens", "99", "--exit-code")
    assert (fits.stdout, fits.stderr, fits.exit_code) == ("one two three four\n", "", 0)


def test_json_says_whether_it_was_cut():
    document = json.loads(run("truncate", "--max-tokens", "2", "--keep", "tail", "--json").stdout)
    assert document["truncated"] is True
    assert document["text"] == " four\n"


def test_split_separates_by_nul_or_writes_files(tmp_path):
    assert run("split", "--max-tokens", "3").stdout == "one two three\0 four\n"
    result = run("split", "--max-tokens", "3", "--out", str(tmp_path / "out"))
    assert result.stderr == f"multitok: 2 pieces in {tmp_path / 'out'}\n"
    assert (tmp_path / "out" / "0002.txt").read_text() == " four\n"


def test_a_text_is_cut_by_a_tokenizer_of_text():
    with pytest.raises(MediaError) as error:
        truncate("one two", 1, tokenizer="sax")
    assert str(error.value) == (
        "sax makes tokens of series, and a text is cut: name a text tokenizer (-t o200k_base)"
    )


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals here")
def test_on_a_terminal_what_was_cut_stands_in_a_line_of_its_own():
    """In a pipe the text is the text, and nothing is added."""
    words = [sys.executable, "-m", "multitok", "truncate", "samples/english.txt"]
    words += ["-m", "gpt-5", "--max-tokens", "3"]
    leader, follower = os.openpty()
    said = subprocess.run(words, stdout=follower, stderr=subprocess.DEVNULL, check=True)
    assert said.returncode == 0
    os.close(follower)
    assert os.read(leader, 100) == b"Down the Rabbit\r\n"
    os.close(leader)
    assert subprocess.run(words, capture_output=True, check=True).stdout == b"Down the Rabbit"

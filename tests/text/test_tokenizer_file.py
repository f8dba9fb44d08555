"""What the reader of a tokenizer.json panics at, or ends the process for, is refused before."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

import multitok
from multitok.core.errors import SourceError
from multitok.core.registry import build
from multitok.core.tokenizer_file import reference_of


def bpe(prefix, merges):
    tokens = sorted({"a", "b", *(part for merge in merges for part in (*merge, "".join(merge)))})
    model = {
        "type": "BPE", "vocab": {token: i for i, token in enumerate(tokens)}, "merges": merges,
        "continuing_subword_prefix": prefix,
    }  # fmt: skip
    return json.dumps({"version": "1.0", "added_tokens": [], "model": model})


LETTERS = st.text("aé\U000f0005#", min_size=1, max_size=3)


@given(prefix=LETTERS, merges=st.lists(st.lists(LETTERS, min_size=2, max_size=2), max_size=3))
def test_a_file_is_read_or_refused_and_nothing_else(prefix, merges):
    """Three bytes from a letter of four once ended the process; fewer letters were a panic."""
    with suppress(SourceError):
        assert reference_of(bpe(prefix, merges), "a.json").encode("aé").ids


@pytest.mark.parametrize("name", ["hf", "series-bpe", "fast"])
def test_each_that_reads_one_names_the_merge(tmp_path, name):
    path = tmp_path / "tokenizer.json"
    path.write_text(bpe("##", [["a", "b"]]))
    media = {
        "hf": multitok.Text("ab"),
        "series-bpe": multitok.Series([1.0, 2.0]),
        "fast": multitok.Actions([[0.1], [0.2]]),
    }
    with pytest.raises(SourceError) as error:
        build(name, {"path": str(path)}).encode(media[name])
    assert str(error.value) == (
        f"{path}: not a tokenizer.json (the merge ['a', 'b'] lacks continuing_subword_prefix '##')"
    )

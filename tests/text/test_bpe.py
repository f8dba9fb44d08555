"""BPE over the bundled vocabularies: tiktoken's ids on both backends, whatever the text."""

import hashlib
import json
from functools import partial

import pytest
import tiktoken
import tiktoken_ext.openai_public as published
from hypothesis import given, settings, strategies as st
from nasty import NAMED, corpus, fuzz

from multitok import DecodeError, NeedsContentError, Text, TextInfo, UnknownNameError, get_tokenizer
from multitok.modalities.text import backend, stream, vocabulary
from multitok.modalities.text.flat import flattened, whole

VOCABULARIES = ("o200k_base", "o200k_harmony", "cl100k_base", "p50k_base", "r50k_base")
BACKENDS = ("tiktoken", "splintr")


def constants(name, monkeypatch):
    """What tiktoken publishes of an encoding, without its download: the hash stands for the file"""
    asked = {}

    def ranks(url, expected_hash):
        asked["sha256"] = expected_hash
        return {}

    monkeypatch.setattr(published, "load_tiktoken_bpe", ranks)
    return getattr(published, name)() | asked


@pytest.fixture(params=BACKENDS)
def either_backend(request, monkeypatch):
    if request.param == "splintr":
        pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    monkeypatch.setenv(backend.VARIABLE, request.param)
    return request.param


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_packed_tokens_are_the_published_file_byte_for_byte(name, monkeypatch):
    found = hashlib.sha256(vocabulary.load(name).rank_file()).hexdigest()
    assert found == constants(name, monkeypatch)["sha256"] == vocabulary.load(name).sha256


@pytest.mark.parametrize("name", VOCABULARIES)
def test_patterns_and_special_ids_are_tiktokens(name, monkeypatch):
    theirs, ours = constants(name, monkeypatch), vocabulary.load(name)
    assert ours.pattern == theirs["pat_str"]
    assert dict(ours.special) == theirs["special_tokens"]


def test_the_vocabularies_are_the_ones_known():
    assert set(vocabulary.index()) == set(VOCABULARIES)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_ids_are_tiktokens_on_a_nasty_corpus(name, either_backend):
    ours = get_tokenizer("bpe", vocabulary=name)
    data = vocabulary.load(name)
    theirs = tiktoken.Encoding(
        name,
        pat_str=data.pattern,
        mergeable_ranks=data.ranks(),
        special_tokens=dict(data.special),
    )
    texts = corpus()
    assert len(texts) > 200
    for text in texts:
        expected = theirs.encode(text, disallowed_special=())
        assert ours.encode(Text(text)).ids.tolist() == expected, repr(text[:80])
        assert ours.count(Text(text)) == len(expected)
        expected = theirs.encode(Text(text).text, allowed_special="all")
        special = get_tokenizer("bpe", vocabulary=name, allow_special=True)
        assert special.encode(Text(text)).ids.tolist() == expected, repr(text[:80])


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base", "r50k_base"])
@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_both_backends_give_tiktokens_ids_on_any_text(name, text):
    pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    expected = backend._tiktoken(name).ids(text)
    for engine in (backend._splintr(name), backend._tiktoken(name)):
        assert engine.ids(text) == whole(engine.flat(text)).tolist() == expected
        assert engine.count(text) == len(expected)


def test_known_ids():
    """hello world is 24912 2375 in o200k_base and 15339 1917 in cl100k_base."""
    ids = {
        name: get_tokenizer("bpe", vocabulary=name).encode(Text("hello world")).ids.tolist()
        for name in ("o200k_base", "cl100k_base", "r50k_base")
    }
    assert ids == {
        "o200k_base": [24912, 2375],
        "cl100k_base": [15339, 1917],
        "r50k_base": [31373, 995],
    }


RUNS = {
    "spaces": " " * 1_000_000,
    "spaces, then a letter": " " * 999_999 + "x",
    "tabs": "\t" * 1_000_000,
    "a dot, tabs and a letter": "." + "\t" * 1_000_000 + "x",
    "no-break spaces": "\xa0" * 1_000_000 + "é",
    "newlines": "\n" * 1_000_000,
    "breaks between two runs": "x.\n\n" + " " * 600_000 + "\n" + "\t" * 600_000 + " y",
    "breaks at the end": "x\n\n" + " " * 600_000 + "\r\n" + "\t" * 600_000,
    "a mark takes breaks": "x/" + "\n" * 70_000 + " " * 1_200_000 + "1",
    "two runs": "a" + " " * 1_000_001 + "b" + " " * 1_000_002,
    "one letter": "a" * 1_000_000,
    "no space": "aZ0+" * 250_000,
    "one character": "中" * 300_000,
}


PATTERN_RUNS = ("spaces, then a letter", "breaks at the end", "a mark takes breaks")


@pytest.mark.parametrize(
    ("name", "run"),
    [("o200k_base", run) for run in RUNS]
    + [(name, run) for name in ("cl100k_base", "p50k_base") for run in PATTERN_RUNS],
)
def test_a_megabyte_of_one_thing_is_the_same_on_both_backends(name, run):
    """tiktoken alone panics on a million spaces: its pattern steps back too often."""
    pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    assert backend._tiktoken(name).ids(RUNS[run]) == backend._splintr(name).ids(RUNS[run])


def test_a_million_spaces_are_7813_tokens(either_backend):
    """The longest token of spaces holds 128: 7,812 of them and one of 64."""
    assert get_tokenizer("bpe").count(Text(" " * 1_000_000)) == 7813


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base", "p50k_base"])
def test_a_long_run_is_split_as_the_pattern_splits_a_short_one(name, monkeypatch):
    """The way around tiktoken's limit, taken for runs of 3 and more, changes no id."""
    import re

    plain = backend._tiktoken(name).ids
    monkeypatch.setattr(backend, "_RUN", re.compile(f"[{backend.WHITE}]{{3,}}"))
    for text in [*NAMED.values(), *fuzz(60)]:
        text = Text(text).text
        assert backend._encode_around_runs(name, plain, text) == plain(text), repr(text[:60])


def test_spans_are_the_bytes_of_each_token():
    text = Text("naïve 日本語 👩‍👩‍👧‍👦")
    tokens = get_tokenizer("bpe").encode(text)
    data = text.text.encode()
    spans = [data[start:stop] for start, stop in tokens.positions.tolist()]
    assert spans == get_tokenizer("bpe").token_bytes(tokens)
    assert b"".join(spans) == data


def test_special_text_is_plain_unless_asked_otherwise():
    text = Text("a<|endoftext|>")
    plain = get_tokenizer("bpe")
    asked = get_tokenizer("bpe", allow_special=True)
    assert plain.breakdown(text) == {"text": 8}
    assert asked.breakdown(text) == {"text": 1, "<|endoftext|>": 1}
    tokens = asked.encode(text)
    assert tokens.ids.tolist() == [64, 199999]
    assert tokens.special.tolist() == [False, True]
    assert tokens.positions.tolist() == [[0, 1], [1, 14]]
    assert asked.decode(tokens) == text


def test_no_text_exceeds_its_bytes():
    for text in corpus():
        text = Text(text)
        for name in VOCABULARIES:
            tokenizer = get_tokenizer("bpe", vocabulary=name)
            assert tokenizer.count(text) <= tokenizer.upper_bound(text.info)


def test_a_shape_has_no_count():
    with pytest.raises(NeedsContentError) as error:
        get_tokenizer("bpe").count(TextInfo(bytes=1))
    assert str(error.value) == (
        "BPE token counts depend on the text itself: pass Text(...), not TextInfo(bytes=1)"
    )


def test_an_unknown_vocabulary_is_named():
    with pytest.raises(UnknownNameError) as error:
        get_tokenizer("bpe", vocabulary="o200k")
    assert str(error.value) == (
        "unknown vocabulary 'o200k'. Did you mean 'o200k_base'? Bundled: o200k_base,"
        " o200k_harmony, cl100k_base, p50k_base, r50k_base"
    )


def replaced(tokens, ids):
    import dataclasses

    import numpy as np

    return dataclasses.replace(
        tokens, ids=np.array(ids), special=np.zeros(len(ids), bool), positions=None, axes=()
    )


@pytest.mark.parametrize("wrong", [-1, 199998, 200019, 10**12])
def test_an_id_outside_the_vocabulary_is_an_error(wrong):
    tokens = get_tokenizer("bpe").encode(Text("hello"))
    with pytest.raises(DecodeError) as error:
        get_tokenizer("bpe").decode(replaced(tokens, [24912, wrong]))
    assert str(error.value) == (
        f"o200k_base has no id {wrong} (token 1): ids run from 0 to 200018. Decode with the"
        " tokenizer that made them"
    )


def test_the_rank_that_p50k_skips_is_a_special_token():
    """p50k_base has no rank 50256; the id is <|endoftext|>."""
    tokenizer = get_tokenizer("bpe", vocabulary="p50k_base")
    tokens = tokenizer.encode(Text("a"))
    assert tokenizer.decode(replaced(tokens, [50256])) == Text("<|endoftext|>")
    assert vocabulary.load("p50k_base").tokens[50256] == b""


def test_half_a_character_is_not_decoded():
    tokenizer = get_tokenizer("bpe")
    tokens = tokenizer.encode(Text("\U00010d40"))
    assert len(tokens) > 1
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(replaced(tokens, tokens.ids[:1]))
    assert str(error.value) == (
        "o200k_base tokens end inside a character: byte 0xf0 at offset 0 is not UTF-8."
        " Decode whole characters"
    )


def test_the_backend_can_be_forced_and_is_no_part_of_the_config(monkeypatch):
    monkeypatch.setenv(backend.VARIABLE, "tiktoken")
    assert backend.backend() == "tiktoken"
    config = get_tokenizer("bpe").config()
    assert json.dumps(config) == (
        '{"tokenizer": "bpe", "vocabulary": "o200k_base", "allow_special": false}'
    )


def test_an_unknown_backend_is_an_error(monkeypatch):
    monkeypatch.setenv(backend.VARIABLE, "tiktokn")
    with pytest.raises(UnknownNameError) as error:
        get_tokenizer("bpe").count(Text("a"))
    assert str(error.value) == (
        "unknown BPE backend 'tiktokn'. Did you mean 'tiktoken'?"
        " MULTITOK_BPE_BACKEND takes: tiktoken, splintr"
    )


def test_counting_imports_no_numpy():
    import subprocess
    import sys

    code = (
        "import sys, multitok;"
        "[multitok.get_tokenizer(n).count(multitok.Text('hello world'))"
        " for n in ('bpe', 'bytes', 'characters', 'words')];"
        "print('numpy' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_the_environment_is_heard_anew_with_every_text(monkeypatch):
    """A program may force a backend in the middle of its work; a count may not hold the first."""
    tokenizer = get_tokenizer("bpe")
    assert tokenizer.count(Text("hello world")) == 2
    monkeypatch.setenv(backend.VARIABLE, "tiktokn")
    with pytest.raises(UnknownNameError):
        tokenizer.count(Text("hello world"))


@pytest.mark.parametrize("name", backend.COMPILED_IN)
def test_the_vocabulary_that_splintr_brings_is_ours(name):
    pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    theirs = backend._splintrs(name)
    apart = [
        rank
        for rank, token in enumerate(vocabulary.load(name).tokens)
        if token and bytes(theirs.decode_token_bytes(rank)) != token
    ]
    assert apart == []


@pytest.mark.parametrize("name", backend.COMPILED_IN)
def test_no_special_token_of_splintrs_own_is_found_in_a_text(name):
    """<|im_start|> is 200022 there, an id that the vocabulary does not have."""
    splintr = pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    own = splintr.Tokenizer.from_pretrained(name).special_tokens()
    assert "<|im_start|>" in own
    for token in own:
        found = backend._splintr(name).flat(f"a {token}|b")
        assert found == flattened(backend._tiktoken(name).ids(f"a {token}|b"))


def test_a_release_with_other_special_tokens_is_given_our_vocabulary(monkeypatch):
    """Then nothing would tell in which texts it finds them."""
    splintr = pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    own = type(backend._splintrs.__wrapped__("cl100k_base"))
    monkeypatch.setattr(backend, "MARK", "<<")
    assert type(backend._splintrs.__wrapped__("cl100k_base")) is splintr.Tokenizer is not own


@pytest.fixture
def fastokens(monkeypatch):
    pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    pytest.importorskip("fastokens", reason="the extra 'fast' is not installed")
    monkeypatch.setattr(backend, "_LOADED", set())
    backend._engine.cache_clear()
    yield
    backend._engine.cache_clear()


@pytest.mark.parametrize("name", backend.COMPILED_IN)
def test_what_counts_long_texts_gives_the_same_ids(name, fastokens):
    found, expected = backend._fastokens(name), backend._tiktoken(name)
    for text in [
        *corpus(),
        "a<|endoftext|>b <|im_start|>",
        "x\u180e y",
        "\ud800a",
        " " * 2_000_000,
    ]:
        ids = expected.ids(text)
        assert found.ids(text) == ids
        assert found.flat(text) == flattened(ids)
        assert found.count(text) == len(ids)


def test_a_long_text_is_counted_by_fastokens_and_a_short_one_is_not(fastokens):
    """Nor one that is cut, until a longer one has it loaded."""
    at = partial(backend.engine, "o200k_base")
    assert at(0) is at(backend.BREAK_EVEN) is backend._splintr("o200k_base")
    assert at(backend.BREAK_EVEN + 1) is backend._fastokens("o200k_base")
    assert at(stream.WINDOW + 1) is backend._fastokens("o200k_base")
    assert at(stream.WINDOW) is backend._splintr("o200k_base")
    assert backend.engine("r50k_base", backend.BREAK_EVEN + 1) is backend._splintr("r50k_base")


def test_who_asks_for_tiktoken_gets_it_for_long_texts_too(monkeypatch):
    monkeypatch.setenv(backend.VARIABLE, "tiktoken")
    assert backend.engine("o200k_base", backend.BREAK_EVEN + 1) is backend._tiktoken("o200k_base")


def test_a_stream_that_becomes_long_counts_as_the_whole(fastokens, monkeypatch):
    """Its first 100,000 characters are splintr's."""
    monkeypatch.setattr(backend, "BREAK_EVEN", 100_000)
    text = "A sentence of seven words, and on. " * 6_000
    tokenizer, used = get_tokenizer("bpe"), backend._fastokens("o200k_base")
    seen = []
    monkeypatch.setattr(
        backend,
        "_fastokens",
        lambda _: used._replace(count=lambda part: seen.append(len(part)) or used.count(part)),
    )
    expected = len(backend._tiktoken("o200k_base").ids(text))
    found = tokenizer.count_stream(text[i : i + 1000] for i in range(0, len(text), 1000))
    assert (found.tokens, found.exact) == (expected, True)
    assert 100_000 - stream.WINDOW < len(text) - sum(seen) <= 100_000
    assert tokenizer.count(Text(text)) == expected

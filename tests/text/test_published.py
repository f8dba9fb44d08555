"""Vocabularies of open models by name: the published ids, their places, and what is at hand."""

import hashlib
import json
import sys
from pathlib import Path

import pytest
from nasty import corpus

from multitok import DecodeError, MediaError, Text, TextInfo, UnknownNameError, get_tokenizer
from multitok.core.errors import MissingDependencyError, SourceError
from multitok.modalities.text import carried, stream
from multitok.modalities.text.pieces import pieces
from multitok.testing import check

GOLDEN = json.loads(
    (Path(__file__).parent.parent / "golden" / "published_text.json").read_text("utf-8")
)
TEXTS = [Text(text).text for text in corpus()]


@pytest.fixture(params=carried.index())
def vocabulary(request):
    return carried.carried(request.param)


@pytest.fixture
def without_engine(monkeypatch, tmp_path):
    """As where the `fast` extra is not installed, and the Hugging Face cache is empty."""
    monkeypatch.setattr(carried, "installed", lambda name: False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_counts_are_those_of_the_published_files(vocabulary):
    tokenizer = get_tokenizer("published", vocabulary=vocabulary.name)
    counted = [tokenizer.count(Text(text)) for text in GOLDEN["texts"].values()]
    assert counted == GOLDEN["tokens"][vocabulary.name]


def test_ids_are_those_of_the_published_files(vocabulary):
    tokenizer = get_tokenizer("published", vocabulary=vocabulary.name)
    ids = [tokenizer.encode(Text(text)).ids.tolist() for text in GOLDEN["texts"].values()]
    digest = hashlib.sha256(json.dumps(ids).encode()).hexdigest()
    assert digest == GOLDEN["sha256_of_ids"][vocabulary.name]


@pytest.mark.parametrize(
    ("vocabulary", "text", "ids"),
    [
        ("llama-3", "hello world", [15339, 1917]),
        ("gemma-3", "<h1>a</h1>", [184, 236746, 191]),
        ("gemma-3", "<unused6241><unused6242>", [262143, 236820]),
        ("qwen-3", "<think>", [151667]),
        ("mistral-v1", "a", [264]),
    ],
)
def test_ids_that_can_be_looked_up(vocabulary, text, ids):
    """Gemma 3 has no `<unused6242>`: the first of its tokens is "<"."""
    made = get_tokenizer("published", vocabulary=vocabulary).encode(Text(text)).ids.tolist()
    assert made[: len(ids)] == ids


def test_the_conformance_kit(vocabulary):
    check(get_tokenizer("published", vocabulary=vocabulary.name))


def test_a_text_comes_back_as_the_vocabulary_knows_it(vocabulary):
    tokenizer = get_tokenizer("published", vocabulary=vocabulary.name)
    for text in TEXTS:
        assert tokenizer.decode(tokenizer.encode(Text(text))).text == vocabulary.seen(text)


def test_tokens_cover_the_text(vocabulary):
    tokenizer = get_tokenizer("published", vocabulary=vocabulary.name)
    for text in TEXTS:
        parts = pieces(Text(text), tokenizer.encode(Text(text)))
        assert "".join(piece.text for piece in parts) == text


def test_windows_add_up(vocabulary):
    """Cut wherever a cut is called safe, from chunks of 7 characters."""
    for text in TEXTS:
        whole = [i for ids, _ in vocabulary.parts(text) for i in ids]
        chunks = [text[at : at + 7] for at in range(0, len(text), 7)]
        cut = [
            i
            for n, (window, _) in enumerate(stream.windows(chunks, vocabulary.cut, size=7))
            for ids, _ in vocabulary.parts(window, begins=n == 0)
            for i in ids
        ]
        assert cut == whole


def test_a_stream_counts_as_the_text(vocabulary):
    text = "".join(TEXTS)
    tokenizer = get_tokenizer("published", vocabulary=vocabulary.name)
    counted = tokenizer.count_stream([text[at : at + 1000] for at in range(0, len(text), 1000)])
    assert (counted.tokens, counted.exact) == (tokenizer.count(Text(text)), True)


def test_no_text_has_more_tokens_than_its_bound(vocabulary):
    tokenizer = get_tokenizer("published", vocabulary=vocabulary.name)
    for text in TEXTS:
        assert tokenizer.count(Text(text)) <= tokenizer.upper_bound(Text(text).info)


def test_a_composed_and_a_decomposed_text_are_one_to_qwen():
    tokenizer = get_tokenizer("published", vocabulary="qwen-3")
    tokens = tokenizer.encode(Text("e\u0301"))
    assert tokens.ids.tolist() == tokenizer.encode(Text("\u00e9")).ids.tolist()
    assert tokens.positions.tolist() == [[0, 3]]


def test_what_no_file_was_held_to_is_not_exact():
    kinds = {name: get_tokenizer("published", vocabulary=name).kind_at_hand() for name in KNOWN}
    assert kinds == {
        name: "exact" if vocabulary.held else "documented"
        for name, vocabulary in carried.index().items()
    }
    assert [name for name, kind in kinds.items() if kind == "documented"] == [
        "gemma-4", "kimi-k2", "kimi-k3", "phi-4",
    ]  # fmt: skip
    assert get_tokenizer("published", vocabulary="phi-4").notes(Text("a")) == [
        "the vocabulary of Phi-4 as splintr-rs carries it: no published file was at hand to hold"
        " it to"
    ]


KNOWN = tuple(carried.index())
ESTIMATE = {"estimate": "gemma-3"}


def test_without_the_engine_the_estimate_counts_and_says_how_to_be_exact(without_engine):
    tokenizer = get_tokenizer(
        "published", vocabulary="gemma-3", repo="google/gemma-3-4b-it", **ESTIMATE
    )
    fitted, text = get_tokenizer("text-linear", **ESTIMATE), Text("one two three, 4")
    assert (tokenizer.count(text), tokenizer.kind_at_hand()) == (fitted.count(text), "estimate")
    assert tokenizer.count_stream([text.text]) == fitted.count_stream([text.text])
    assert tokenizer.error() == fitted.error()
    assert tokenizer.error_of(text) == fitted.error_of(text)
    assert tokenizer.notes(text) == [
        "an estimate. Exact: pip install '.[fast]'; -t hf -s path=tokenizer.json with the"
        " file of google/gemma-3-4b-it; or have google/gemma-3-4b-it in the Hugging Face cache"
    ]


def test_an_estimate_has_no_tokens(without_engine):
    tokenizer = get_tokenizer("published", vocabulary="gemma-3", **ESTIMATE)
    with pytest.raises(MissingDependencyError) as error:
        tokenizer.encode(Text("a"))
    assert str(error.value) == (
        "the vocabulary 'gemma-3' is not at hand. Exact: pip install '.[fast]';"
        " -t hf -s path=tokenizer.json with the file"
    )


def test_with_nothing_at_hand_the_error_names_every_way(without_engine):
    with pytest.raises(MissingDependencyError) as error:
        get_tokenizer("published", vocabulary="llama-3", repo="a/b").count(Text("a"))
    assert str(error.value) == (
        "the vocabulary 'llama-3' is not at hand. Exact: pip install '.[fast]';"
        " -t hf -s path=tokenizer.json with the file of a/b; or have a/b in the Hugging Face cache"
    )
    with pytest.raises(SourceError) as error:
        get_tokenizer("published", repo="a/b").count(Text("a"))
    assert str(error.value) == (
        "this vocabulary is not at hand. Exact: -t hf -s path=tokenizer.json with the file of a/b;"
        " or have a/b in the Hugging Face cache"
    )


def test_the_file_in_the_cache_counts_exactly(without_engine):
    """A word-level file: "hello" and "world" are 1 and 2, and the template's token is left out."""
    file = {
        "model": {"type": "WordLevel", "vocab": {"?": 0, "hello": 1, "world": 2}, "unk_token": "?"},
        "pre_tokenizer": {"type": "Whitespace"},
    }
    snapshot = without_engine / "models--a--b" / "snapshots" / "main"
    snapshot.mkdir(parents=True)
    (snapshot / "tokenizer.json").write_text(json.dumps(file))
    tokenizer = get_tokenizer("published", vocabulary="llama-3", repo="a/b", **ESTIMATE)
    tokens = tokenizer.encode(Text("hello world"))
    assert (tokens.ids.tolist(), tokenizer.kind_at_hand()) == ([1, 2], "exact")
    assert (tokenizer.error(), tokenizer.notes(Text("a"))) == (None, [])
    assert tokenizer.error_of(Text("a")) is None
    assert tokenizer.decode(tokens).text == "hello world"


def test_the_tokens_of_one_way_are_read_by_another():
    made = get_tokenizer("published", vocabulary="gemma-3", **ESTIMATE).encode(Text("hi"))
    assert get_tokenizer("published", vocabulary="gemma-3").decode(made).text == "hi"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {},
            MediaError,
            "published takes a vocabulary, a repo or an estimate, got none of them: vocabulary"
            f" is one of {', '.join(KNOWN)}",
        ),
        (
            {"vocabulary": "llama3"},
            UnknownNameError,
            "unknown vocabulary 'llama3'. Did you mean 'llama-3'? Published ones:"
            f" {', '.join(KNOWN)}",
        ),
    ],
)
def test_wrong_parameters(given, error, message):
    with pytest.raises(error) as raised:
        get_tokenizer("published", **given)
    assert str(raised.value) == message


def test_an_id_of_the_engine_s_own_is_refused():
    """splintr adds tokens of its own above the 128,256 ids of Llama 3."""
    tokenizer = get_tokenizer("published", vocabulary="llama-3")
    tokens = tokenizer.encode(Text("a"))
    tokens.ids[0] = 128_300
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(tokens)
    assert str(error.value) == (
        "llama-3 has no id 128300 (token 0): ids run from 0 to 128255. Decode with the tokenizer"
        " that made them"
    )


def test_the_bound_of_a_shape_needs_no_text():
    assert get_tokenizer("published", vocabulary="llama-2").upper_bound(TextInfo(bytes=9)) == 10
    assert get_tokenizer("published", vocabulary="qwen-3").upper_bound(TextInfo(bytes=9)) == 27


def test_the_engine_s_cache_is_emptied(monkeypatch):
    cleared = []

    class Engine:
        def encode_ordinary(self, text):
            return [1]

        def clear_cache(self):
            cleared.append(True)

    monkeypatch.setattr(carried, "_engine", lambda engine: Engine())
    monkeypatch.setattr(carried, "CLEAR_AFTER", 10)
    encode = carried._encoder.__wrapped__("llama3")
    for _ in range(4):
        encode("four")
    assert cleared == [True]


@pytest.mark.parametrize("engine", sorted({one.engine for one in carried.index().values()}))
def test_every_engine_goes_on_where_its_cache_would_be_emptied(engine, monkeypatch):
    pytest.importorskip("splintr")
    monkeypatch.setattr(carried, "CLEAR_AFTER", 10)
    encode = carried._encoder.__wrapped__(engine)
    assert [encode("a few words") for _ in range(3)] == [encode("a few words")] * 3


def test_an_engine_too_old_for_a_vocabulary_says_what_to_do():
    with pytest.raises(MissingDependencyError) as error:
        carried._engine("llama9")
    assert str(error.value) == ("the installed splintr-rs has no llama9: pip install -U '.[fast]'")


def test_naming_a_vocabulary_loads_nothing():
    import subprocess

    code = (
        "import sys; from multitok.core.registry import build;"
        "build('published', {'vocabulary': 'llama-3'}).kind_at_hand();"
        "print(sorted({'splintr', 'numpy', 'tokenizers', 'tiktoken'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

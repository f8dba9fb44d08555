"""Any tokenizer.json: the reference's ids, streamed where that is safe, found without a network."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from nasty import NAMED, corpus, fuzz
from test_stream import tries
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer as Reference,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from multitok import (
    DecodeError,
    MediaError,
    NeedsContentError,
    SourceError,
    Text,
    TextInfo,
    UnknownNameError,
    get_tokenizer,
)
from multitok.modalities.text import hf, hf_file, hub, stream
from multitok.testing import check

TRAINING = [text for text in NAMED.values() if len(text) < 300 and Text(text).text == text] * 2
ALPHABET = pre_tokenizers.ByteLevel.alphabet()
LLAMA = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Split(Regex(hf_file.LLAMA_3), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)


def trained(model, trainer, pre, decoder=None, normalizer=None):
    tokenizer = Reference(model)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre is not None:
        tokenizer.pre_tokenizer = pre
    if decoder is not None:
        tokenizer.decoder = decoder
    tokenizer.train_from_iterator(TRAINING, trainer)
    return tokenizer


def bpe(pre, normalizer=None):
    trainer = trainers.BpeTrainer(
        show_progress=False,
        vocab_size=600,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=ALPHABET,
    )
    return trained(models.BPE(), trainer, pre, decoders.ByteLevel(), normalizer)


def unigram(pre):
    trainer = trainers.UnigramTrainer(
        show_progress=False, vocab_size=700, special_tokens=["<unk>"], unk_token="<unk>"
    )
    return trained(models.Unigram(), trainer, pre, decoders.Metaspace(), normalizers.NFKC())


def wordpiece():
    trainer = trainers.WordPieceTrainer(
        show_progress=False, vocab_size=600, special_tokens=["[UNK]", "[CLS]", "[SEP]"]
    )
    tokenizer = trained(
        models.WordPiece(unk_token="[UNK]"),
        trainer,
        pre_tokenizers.BertPreTokenizer(),
        decoders.WordPiece(),
        normalizers.BertNormalizer(),
    )
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    tokenizer.enable_truncation(7)
    tokenizer.enable_padding(length=9)
    return tokenizer


def byte_level():
    tokenizer = bpe(pre_tokenizers.ByteLevel(add_prefix_space=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    tokenizer.add_tokens([AddedToken("émile", normalized=False)])
    return tokenizer


MAKERS = {
    "byte-level": byte_level,
    "prefix-space": lambda: bpe(pre_tokenizers.ByteLevel(add_prefix_space=True)),
    "llama": lambda: bpe(LLAMA),
    "llama-nfc": lambda: bpe(LLAMA, normalizers.NFC()),
    "unigram": lambda: unigram(pre_tokenizers.Metaspace()),
    "unigram-first": lambda: unigram(pre_tokenizers.Metaspace(prepend_scheme="first")),
    "wordpiece": wordpiece,
    "whitespace": lambda: bpe(pre_tokenizers.Whitespace(), normalizers.Lowercase()),
    # not to be cut:
    "bare": lambda: bpe(None),
    "strip": lambda: bpe(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizers.Strip()),
}
WHOLE = ("bare", "strip")


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizers")
    for name, make in MAKERS.items():
        make().save(str(folder / f"{name}.json"))
    return folder


@pytest.fixture(params=hf.BACKENDS)
def either_backend(request, monkeypatch):
    if request.param == "fastokens":
        pytest.importorskip("fastokens", reason="the extra 'fast' is not installed")
    monkeypatch.setenv(hf.VARIABLE, request.param)


@pytest.mark.parametrize("name", MAKERS)
def test_ids_and_counts_are_the_references(name, files, either_backend):
    path = files / f"{name}.json"
    reference = Reference.from_file(str(path))
    reference.no_truncation()
    reference.no_padding()
    for special in (True, False):
        tokenizer = get_tokenizer("hf", path=str(path), add_special_tokens=special)
        for text in corpus():
            text = Text(text)
            expected = reference.encode(text.text, add_special_tokens=special).ids
            assert tokenizer.encode(text).ids.tolist() == expected, repr(text.text[:60])
            assert tokenizer.count(text) == len(expected), repr(text.text[:60])


def test_a_file_that_drops_unknown_characters_is_left_to_the_reference(files):
    """U+103FF is in no vocabulary here: dropped, it lets the spaces around it merge."""
    tokenizer = get_tokenizer("hf", path=str(files / "bare.json"))
    assert tokenizer.count(Text(" \U000103ff ")) == 1


@pytest.mark.parametrize("name", MAKERS)
def test_every_law_holds(name, files):
    check(get_tokenizer("hf", path=str(files / f"{name}.json")))


@pytest.mark.parametrize("name", [name for name in MAKERS if name not in WHOLE])
def test_the_cut_before_a_space_is_safe(name, files):
    reference = hf._reference(*get_tokenizer("hf", path=str(files / f"{name}.json"))._key())

    def ids(text):
        return reference.encode(text, add_special_tokens=False).ids

    tried = 0
    for text in tries(6000, seed=7):
        whole = ids(text)
        for match in stream._BEFORE_SPACE.finditer(text):
            tried += 1
            assert ids(text[: match.end()]) + ids(text[match.end() :]) == whole, repr(text)
    assert tried > 1000


@pytest.mark.parametrize("name", MAKERS)
def test_a_stream_counts_what_the_whole_counts(name, files, monkeypatch):
    monkeypatch.setattr(stream.windows, "__kwdefaults__", {"size": 16, "cap": None})
    tokenizer = get_tokenizer("hf", path=str(files / f"{name}.json"))
    text = Text(" ".join(fuzz(5) + TRAINING)).text
    rng = random.Random(0)
    chunks, at = [], 0
    while at < len(text):
        step = rng.randint(1, 50)
        chunks.append(text[at : at + step])
        at += step
    counted = tokenizer.count_stream(iter(chunks))
    assert counted.exact
    assert counted.tokens == len(tokenizer.encode(Text(text)))
    assert counted.parts == tokenizer.breakdown(Text(text))


@pytest.mark.parametrize("name", WHOLE)
def test_what_may_not_be_cut_is_taken_whole_then_estimated(name, files, monkeypatch):
    monkeypatch.setattr(hf, "WHOLE", 1 << 17)
    tokenizer = get_tokenizer("hf", path=str(files / f"{name}.json"))
    assert tokenizer.count_stream("hello world " for _ in range(10_000)).exact
    assert not tokenizer.count_stream("hello world " * 10_000 for _ in range(3)).exact


@pytest.mark.parametrize(
    ("change", "cut"),
    [
        ({}, True),
        ({"added_tokens": [{"id": 9999, "content": "a b"}]}, False),
        ({"added_tokens": [{"id": 9999, "content": "ab", "rstrip": True}]}, False),
        ({"added_tokens": [{"id": 9999, "content": "    "}]}, True),
        ({"normalizer": {"type": "Prepend", "prepend": "▁"}}, False),
        ({"normalizer": {"type": "Precompiled", "precompiled_charsmap": ""}}, False),
        ({"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "split": False}}, False),
        ({"pre_tokenizer": {"type": "ByteLevel", "use_regex": False}}, False),
        ({"pre_tokenizer": {"type": "UnicodeScripts"}}, False),
    ],
    ids=str,
)
def test_only_known_parts_let_a_text_be_cut(change, cut, files):
    data = json.loads((files / "byte-level.json").read_text()) | change
    assert bool(hf_file.TokenizerFile.parse(json.dumps(data), "x").cut()) == cut


def test_what_the_template_adds_stands_in_the_breakdown(files):
    text = Text("hello <s>")
    tokenizer = get_tokenizer("hf", path=str(files / "byte-level.json"))
    plain = get_tokenizer("hf", path=str(files / "byte-level.json"), add_special_tokens=False)
    assert tokenizer.breakdown(text) == plain.breakdown(text) | {"<s>": 1, "</s>": 1}
    tokens = tokenizer.encode(text)
    assert tokens.special.tolist() == [True] + [False] * (len(tokens) - 2) + [True]
    assert tokens.positions[0].tolist() == [-1, -1]
    assert tokens.positions[-2].tolist() == [6, 9]


def test_a_special_token_in_the_text_can_be_split(files, either_backend):
    path = str(files / "llama.json")
    assert get_tokenizer("hf", path=path).count(Text("<s>")) == 1
    assert get_tokenizer("hf", path=path, split_special_tokens=True).count(Text("<s>")) > 1


def test_truncation_and_padding_of_the_file_are_left_out(files, either_backend):
    """The WordPiece file truncates to 7 and pads to 9."""
    tokenizer = get_tokenizer("hf", path=str(files / "wordpiece.json"))
    assert tokenizer.count(Text("")) == 2
    assert tokenizer.count(Text("a " * 100)) == 102


def test_spans_are_bytes_of_the_original_text(files):
    """Lowercased and stripped of accents by the file, the spans still point at the text."""
    text = Text("É  déjà!")
    tokens = get_tokenizer("hf", path=str(files / "wordpiece.json")).encode(text)
    data = text.text.encode()
    found = {data[a:b].decode() for a, b in tokens.positions.tolist() if a >= 0}
    assert {"É", "!"} <= found


@pytest.mark.parametrize("name", ["byte-level", "llama", "llama-nfc"])
def test_byte_level_decoding_is_exact(name, files):
    tokenizer = get_tokenizer("hf", path=str(files / f"{name}.json"))
    for text in [*corpus(), "émile and <s>"]:
        text = Text(text)
        tokens = tokenizer.encode(text)
        assert tokenizer.error_bound(tokens) == 0.0
        assert tokenizer.decode(tokens) == tokenizer.prepare(text)


def test_other_files_decode_as_the_reference_does_and_promise_nothing(files):
    tokenizer = get_tokenizer("hf", path=str(files / "wordpiece.json"))
    tokens = tokenizer.encode(Text("Hello, World"))
    assert tokenizer.decode(tokens).text.replace(" ", "") == "hello,world"
    assert tokenizer.error_bound(tokens) == float("inf")


def test_an_id_outside_the_vocabulary_is_an_error(files):
    import dataclasses

    import numpy as np

    path = str(files / "llama.json")
    tokenizer = get_tokenizer("hf", path=path)
    tokens = dataclasses.replace(tokenizer.encode(Text("a")), ids=np.array([99_999]))
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(tokens)
    assert str(error.value) == (f"{path} has no id 99999. Decode with the tokenizer that made it")


@pytest.mark.parametrize("name", ["byte-level", "prefix-space", "llama"])
def test_the_bound_of_byte_level_files_holds(name, files):
    tokenizer = get_tokenizer("hf", path=str(files / f"{name}.json"))
    for text in corpus():
        text = Text(text)
        assert tokenizer.count(text) <= tokenizer.upper_bound(text.info)


@pytest.mark.parametrize("name", ["wordpiece", "unigram", "llama-nfc"])
def test_no_bound_is_claimed_for_other_files(name, files):
    with pytest.raises(NeedsContentError, match="has no proved bound: count the text itself"):
        get_tokenizer("hf", path=str(files / f"{name}.json")).upper_bound(TextInfo(bytes=9))


# --- by repository name ----------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path, monkeypatch, files):
    """A cache as huggingface_hub lays it out: two revisions of one repository."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    repo = tmp_path / "hub" / "models--org--name"
    for commit, file in (("aaa111", "llama"), ("bbb222", "wordpiece")):
        (repo / "snapshots" / commit).mkdir(parents=True)
        (repo / "snapshots" / commit / "tokenizer.json").write_bytes(
            (files / f"{file}.json").read_bytes()
        )
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("aaa111\n")
    (repo / "refs" / "v2").write_text("bbb222")
    return tmp_path / "hub"


def test_a_repository_is_found_in_the_cache(cache, files):
    text = Text("hello world")
    by_name = get_tokenizer("hf", repo="org/name")
    by_path = get_tokenizer("hf", path=str(files / "llama.json"))
    assert by_name.encode(text).ids.tolist() == by_path.encode(text).ids.tolist()


@pytest.mark.parametrize("revision", ["v2", "bbb222"])
def test_a_revision_is_a_ref_or_a_commit(cache, revision):
    tokenizer = get_tokenizer("hf", repo="org/name", revision=revision)
    assert tokenizer.breakdown(Text("")) == {"text": 0, "[CLS]": 1, "[SEP]": 1}


def test_the_cache_folder_is_the_one_the_hub_uses(monkeypatch, tmp_path):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert hub.cache_folder() == tmp_path.home() / ".cache" / "huggingface" / "hub"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert hub.cache_folder() == tmp_path / "x" / "huggingface" / "hub"
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert hub.cache_folder() == tmp_path / "home" / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assert hub.cache_folder() == tmp_path / "hub"


def test_a_repository_that_is_not_there_says_both_ways(cache):
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", repo="org/other").count(Text("a"))
    assert str(error.value) == (
        f"org/other: no tokenizer.json in the Hugging Face cache ({cache}). Allow the download"
        " with allow_network=True (--online), or pass the file: path='.../tokenizer.json'"
    )


def test_with_allow_network_the_hub_is_asked_and_its_failure_is_told(cache, monkeypatch):
    import huggingface_hub

    asked = []

    def download(repo, file, *, revision, cache_dir):
        asked.append((repo, file, revision, cache_dir))
        raise OSError("no route to host\nmore")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", repo="org/other", allow_network=True).count(Text("a"))
    assert asked == [("org/other", "tokenizer.json", "main", cache)]
    assert str(error.value) == (
        "org/other: tokenizer.json could not be downloaded (no route to host)."
        " Pass the file: path='.../tokenizer.json'"
    )


def test_a_repository_in_the_cache_is_not_downloaded_again(cache, monkeypatch):
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", None)
    assert get_tokenizer("hf", repo="org/name", allow_network=True).count(Text("a")) == 1


@pytest.mark.parametrize("repo", ["../../etc", "a/b/c", "", "a b", "/etc"])
def test_a_name_that_is_no_repository_is_an_error(cache, repo):
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", repo=repo).count(Text("a"))
    assert str(error.value) == (f"{repo!r} is no Hugging Face repository: write it as 'org/name'")


# --- what is no tokenizer.json ---------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"model": {}}', b"\xff\xfe", b"{"])
def test_a_file_that_is_no_tokenizer_json_is_an_error(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"not a tokenizer\.json") as error:
        get_tokenizer("hf", path=str(path)).count(Text("a"))
    assert error.value.source == str(path)


def test_a_missing_file_is_an_error(tmp_path):
    path = str(tmp_path / "none.json")
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=path).count(Text("a"))
    assert str(error.value) == f"{path}: no such file"


def test_a_folder_stands_for_the_tokenizer_json_in_it(files, tmp_path):
    (tmp_path / "tokenizer.json").write_bytes((files / "llama.json").read_bytes())
    assert get_tokenizer("hf", path=str(tmp_path)).count(Text("a")) == 1


@pytest.mark.parametrize(("params", "got"), [({}, "neither"), ({"path": "a", "repo": "b"}, "both")])
def test_a_path_or_a_repo(params, got):
    with pytest.raises(MediaError) as error:
        get_tokenizer("hf", **params)
    assert str(error.value) == (
        f"hf takes a path or a repo, got {got}: path='.../tokenizer.json' or repo='org/name'"
    )


def test_an_unknown_backend_is_an_error(files, monkeypatch):
    monkeypatch.setenv(hf.VARIABLE, "slow")
    with pytest.raises(UnknownNameError) as error:
        get_tokenizer("hf", path=str(files / "llama.json")).count(Text("a"))
    assert str(error.value) == (
        "unknown tokenizer.json backend 'slow'. MULTITOK_HF_BACKEND takes: fastokens, tokenizers"
    )


# --- from the command line -------------------------------------------------------------------


def command(*arguments, home):
    src = str(Path(hf.__file__).parents[3])
    return subprocess.run(
        [sys.executable, "-m", "multitok", *arguments],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": src, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "NO_COLOR": "1"},
    )


def test_the_command_counts_with_a_file_and_with_a_cached_repository(files, cache):
    path = files / "byte-level.json"
    done = command("count", "--text", "<s>", "-t", "hf", "-s", f"path={path}", "-q", home=cache)
    assert (done.stdout, done.stderr, done.returncode) == ("3\n", "", 0)
    cached = ("-t", "hf", "-s", "repo=org/name", "-s", "revision=v2", "-q")
    assert command("count", "--text", "", *cached, home=cache.parent).stdout == "2\n"


def test_the_command_downloads_only_when_told(cache):
    asked = ("count", "--text", "a", "-t", "hf", "-s", "repo=org/other")
    done = command(*asked, home=cache.parent)
    assert done.returncode == 2
    assert done.stderr == (
        f"multitok: org/other: no tokenizer.json in the Hugging Face cache ({cache}). Allow the"
        " download with allow_network=True (--online), or pass the file:"
        " path='.../tokenizer.json'\n"
    )
    done = command(*asked, "--online", home=cache.parent)
    assert done.returncode == 2
    assert "multitok: org/other: tokenizer.json could not be downloaded (" in done.stderr

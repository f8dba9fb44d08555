"""tokenize: what is in the shards is what encode makes, in order, and only once."""

import json
import os

import numpy as np
import pytest

import multitok
from multitok import Actions, Text, Tokenized, get_tokenizer, tokenize
from multitok.core.errors import MediaError, OnlyCountsError, OutputError, SourceError
from multitok.datasets.asked import Asked, Shards
from multitok.datasets.shards import FORMATS, module
from multitok.datasets.tokens import Tokenizing
from multitok.datasets.units import Item

pytest.importorskip("pyarrow")
END = 199999


def lines(path, texts):
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def expected(texts, *, eos=END):
    made = get_tokenizer("o200k_base")
    return [[*made.encode(Text(text)).ids.tolist(), eos] for text in texts]


def documents(made):
    return [ids.tolist() for ids in made]


TEXTS = [f"{word} {number} naïve 日本" for number in range(40) for word in ("one", "two words")]


@pytest.fixture
def small_blocks(monkeypatch):
    """Units of a few lines."""
    from multitok.datasets.sources import lines as reader

    for name, most in (("LEAST", 200), ("MEAN", 200), ("MOST", 800)):
        monkeypatch.setattr(reader, name, most)


@pytest.mark.parametrize("form", FORMATS)
def test_documents_are_what_encode_makes_with_an_end(form, tmp_path, small_blocks):
    source = lines(tmp_path / "a.jsonl", TEXTS)
    made = tokenize(
        source, tokenizer="o200k_base", eos="<|endoftext|>", out=tmp_path / "out", format=form,
        workers=0,
    )  # fmt: skip
    assert documents(made) == expected(TEXTS)
    assert len(made.stems) > 5
    assert (len(made), made.tokens) == (len(TEXTS), sum(map(len, expected(TEXTS))))
    assert documents(Tokenized(tmp_path / "out")) == expected(TEXTS)


def test_the_manifest_tells_how_they_were_made(tmp_path):
    source = lines(tmp_path / "a.jsonl", ["hello world"])
    tokenize(source, tokenizer="bytes", bos=1, out=tmp_path / "out", format="megatron", workers=0)
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())
    (shard,) = told.pop("shards")
    assert told == {
        "multitok": multitok.__version__,
        "tokenizer": {"tokenizer": "bytes"},
        "ids_below": 256,
        "format": "megatron",
        "width": "uint16",
        "bos": 1,
        "eos": None,
        "documents": 1,
        "tokens": 12,
        "failed": 0,
        "sources": [str(source)],
        "shard": [0, 1],
    }
    assert shard.pop("name") + ".idx" in os.listdir(tmp_path / "out")
    assert shard == {
        "number": 0, "source": str(source), "first": 0, "items": 1, "documents": 1, "tokens": 12,
    }  # fmt: skip


def test_only_what_changed_is_made_again(tmp_path, small_blocks, monkeypatch):
    from multitok.datasets import tokens

    seen = []
    ids = tokens.Tokenizing.document
    monkeypatch.setattr(
        tokens.Tokenizing, "document", lambda self, item: seen.append(item.row) or ids(self, item)
    )
    texts = list(TEXTS)
    words = {"tokenizer": "o200k_base", "eos": END, "out": tmp_path / "out", "workers": 0}
    tokenize(lines(tmp_path / "a.jsonl", texts), **words)
    first = len(seen)
    texts[-1] = "something else"
    made = tokenize(lines(tmp_path / "a.jsonl", texts), **words)
    assert documents(made) == expected(texts)
    assert first == len(texts)
    assert 0 < len(seen) - first < 40


def test_shards_that_belong_to_nothing_any_more_are_taken_away(tmp_path):
    source = lines(tmp_path / "a.jsonl", TEXTS)
    for form in FORMATS:
        made = tokenize(source, tokenizer="bytes", out=tmp_path / "out", format=form, workers=0)
        (stem,) = made.stems
        left = {*os.listdir(tmp_path / "out")} - {"_counts", "manifest.json"}
        assert left == {os.path.basename(stem) + suffix for suffix in module(form).SUFFIXES}


def test_a_tokenizer_file_that_is_replaced_makes_all_anew(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers

    path = tmp_path / "tokenizer.json"
    found = []
    for ids in ({"a": 0, "b": 1, "?": 2}, {"a": 1, "b": 0, "?": 2}):
        tokenizer = Tokenizer(models.WordLevel(ids, unk_token="?"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.save(str(path))
        made = tokenize(
            lines(tmp_path / "a.jsonl", ["a b"]), tokenizer="hf", options={"path": str(path)},
            out=tmp_path / "out", workers=0,
        )  # fmt: skip
        found += documents(made)
    assert found == [[0, 1], [1, 0]]


def test_processes_make_the_same_shards(tmp_path, small_blocks):
    source = lines(tmp_path / "a.jsonl", TEXTS)
    words = {"tokenizer": "o200k_base", "eos": END}
    here = tokenize(source, out=tmp_path / "here", workers=0, **words)
    there = tokenize(source, out=tmp_path / "there", workers=2, **words)
    assert documents(there) == documents(here) == expected(TEXTS)


def test_several_runs_share_a_folder(tmp_path, small_blocks):
    source = lines(tmp_path / "a.jsonl", TEXTS)
    words = {"tokenizer": "o200k_base", "eos": END, "out": tmp_path / "out", "workers": 0}
    tokenize(source, shard=(0, 2), **words)
    with pytest.raises(SourceError, match="--shard 1/2 is not finished"):
        Tokenized(tmp_path / "out")
    tokenize(source, shard=(1, 2), **words)
    made = Tokenized(tmp_path / "out")
    assert documents(made) == expected(TEXTS)
    assert made.counts.tokens == made.tokens


def test_what_cannot_be_tokenized_is_told_and_has_no_document(tmp_path):
    source = tmp_path / "a.jsonl"
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
    source.write_text('{"text": "one"}\n{bad\n' + json.dumps(request) + '\n{"text": "two"}\n')
    made = tokenize(source, tokenizer="bytes", out=tmp_path / "out", workers=0)
    assert [bytes(ids.tolist()) for ids in made] == [b"one", b"two"]
    assert made.failed == 2
    errors = [row["error"] for row in made.counts.errors()]
    assert errors[0].startswith("PayloadError: not JSON")
    assert errors[1].startswith("MediaError: a request has no ids of its own")


def test_lengths_and_rows_come_of_its_counts(tmp_path):
    source = lines(tmp_path / "a.jsonl", ["12345", "123", "1234"])
    made = tokenize(source, tokenizer="bytes", eos=0, out=tmp_path / "out", workers=0)
    packed = made.counts.pack(10)
    assert packed.lengths.tolist() == [6, 4, 5]
    assert packed.plan.fill == 15 / 20


def test_without_documents_there_is_no_shard(tmp_path):
    source = tmp_path / "a.jsonl"
    source.write_text("{bad\n")
    made = tokenize(source, tokenizer="bytes", out=tmp_path / "out", workers=0)
    assert (documents(made), made.stems, made.failed) == ([], [], 1)


def test_series_movement_and_sound_have_ids_too(tmp_path):
    (tmp_path / "one.csv").write_text("x\n1\n2\n3\n")
    np.save(tmp_path / "two.npy", np.array([[0.0, 1.0], [-1.0, 0.5]]))
    made = tokenize(tmp_path / "one.csv", tokenizer="chronos", out=tmp_path / "a", workers=0)
    series = multitok.load(tmp_path / "one.csv", modality="series")
    assert documents(made) == [get_tokenizer("chronos").encode(series).ids.tolist()]
    made = tokenize(
        tmp_path / "two.npy", tokenizer="action-bins", read_as="actions", out=tmp_path / "b",
        workers=0,
    )  # fmt: skip
    actions = multitok.load(tmp_path / "two.npy", modality="actions")
    assert documents(made) == [get_tokenizer("action-bins").encode(actions).ids.tolist()]


def test_movement_that_is_clipped_is_told(tmp_path):
    np.save(tmp_path / "far.npy", np.array([[5.0, 0.0]]))
    made = tokenize(
        tmp_path / "far.npy", tokenizer="action-bins", read_as="actions", out=tmp_path / "out",
        workers=0,
    )  # fmt: skip
    (remark,) = made.counts.table(["remark"]).column("remark").to_pylist()
    assert remark == "50.0 % lie outside the range and are clipped"


@pytest.mark.parametrize("stated", [True, False])
def test_movement_is_numbered_in_the_range_that_its_data_set_states(stated):
    """As `encode` does; but never in a range of the one movement, which no other would share."""
    quantiles = ([-10.0, -10.0], [10.0, 10.0]) if stated else None
    movement = Actions([[5.0, -5.0], [0.0, 9.0]], quantiles=quantiles)
    asked = Asked(tokenizer="action-bins", shards=Shards("npy"))
    _, ids, remark = Tokenizing(asked, asked.shards).document(Item(0, None, "actions", movement))
    if stated:
        assert ids.tolist() == multitok.encode(movement, tokenizer="action-bins").ids.tolist()
        assert remark.startswith("numbered in the range of the data set")
    else:
        assert ids.tolist() == get_tokenizer("action-bins").encode(movement).ids.tolist()
        assert remark == "75.0 % lie outside the range and are clipped"


def test_the_tokenizer_of_a_model_is_named_by_the_model(tmp_path):
    source = lines(tmp_path / "a.jsonl", TEXTS)
    made = tokenize(source, model="gpt-4o", eos=END, out=tmp_path / "out", workers=0)
    assert documents(made) == expected(TEXTS)


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ({"tokenizer": "words"}, MediaError, "words numbers the words of each input anew"),
        ({"tokenizer": "text-linear", "options": {"estimate": "gemma-3"}}, OnlyCountsError,
         "text-linear only counts"),
        ({}, MediaError, "name a tokenizer (-t o200k_base) or a model"),
        ({"tokenizer": "bytes", "eos": "</s>"}, MediaError, "bytes has no special token '</s>'"),
        ({"tokenizer": "bytes", "eos": -1}, MediaError, "eos must be an id from 0, got -1"),
        ({"tokenizer": "bytes", "format": "mds"}, LookupError, "unknown format 'mds'"),
    ],
)  # fmt: skip
def test_what_makes_no_shards_is_refused(words, error, said, tmp_path):
    with pytest.raises(error) as caught:
        tokenize(lines(tmp_path / "a.jsonl", ["a"]), out=tmp_path / "out", workers=0, **words)
    assert str(caught.value).startswith(said)
    assert not (tmp_path / "out").exists()


def test_no_end_is_put_where_the_template_puts_one(tmp_path):
    from tokenizers import Tokenizer, models, processors

    tokenizer = Tokenizer(models.WordLevel({"a": 0, "</s>": 1}, unk_token="a"))
    tokenizer.add_special_tokens(["</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.save(str(tmp_path / "t.json"))
    source = lines(tmp_path / "a.jsonl", ["a"])
    words = {"tokenizer": "hf", "eos": "</s>", "out": tmp_path / "out", "workers": 0}
    options = {"path": str(tmp_path / "t.json")}
    with pytest.raises(MediaError, match="own template puts 1 around each text: leave out eos"):
        tokenize(source, options=options, **words)
    options["add_special_tokens"] = False
    assert documents(tokenize(source, options=options, **words)) == [[0, 1]]


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds 'notes\.txt', which is no shard"):
        tokenize(lines(tmp_path / "a.jsonl", ["a"]), tokenizer="bytes", out=tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "options", "token", "id"),
    [
        ("o200k_base", {}, "<|endoftext|>", 199999),
        ("published", {"vocabulary": "llama-3"}, "<|end_of_text|>", 128001),
        ("published", {"vocabulary": "qwen-3"}, "<|endoftext|>", 151643),
        ("bytes", {}, "<|endoftext|>", None),
        ("o200k_base", {}, "<|nothing|>", None),
    ],
)
def test_special_tokens_are_known_by_name(name, options, token, id):
    if name == "published":
        pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    assert get_tokenizer(name, **options).special_id(token) == id

"""Training: lossless where it says so, the same file in every process, clear when data are few."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tokenizers import Tokenizer

from multitok.core.errors import MediaError
from multitok.core.media import Actions
from multitok.train import (
    train_bpe,
    train_fast,
    train_kmeans,
    train_rvq,
    train_series_bpe,
    train_unigram,
    train_wordpiece,
)
from multitok.train.unigram import train as train_pieces

TEXT = [
    "the cat sat on the mat, and the dog sat on the log\n",
    "a cat and a dog ran to the mat; the mat was flat\n",
    "naïve café: the Ünïcödé cat\n",
] * 7


@pytest.mark.parametrize(("train", "size"), [(train_bpe, 290), (train_unigram, 290)])
def test_byte_level_vocabularies_lose_nothing(train, size, tmp_path):
    made = train(TEXT, tmp_path / "t.json", vocab_size=size, special=["<end>"])
    tokenizer = Tokenizer.from_file(str(made.path))
    assert (made.vocab_size, made.items) == (tokenizer.get_vocab_size(), 21) == (size, 21)
    for text in ("the cat", "日本 \n\t é", "never seen: ZQX 123"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
    assert tokenizer.encode("<end>").ids == [tokenizer.token_to_id("<end>")]


def test_a_frequent_word_becomes_one_token(tmp_path):
    for train in (train_bpe, train_unigram):
        made = train(TEXT, tmp_path / "t.json", vocab_size=300)
        assert Tokenizer.from_file(str(made.path)).encode(" the").tokens == ["Ġthe"]


def test_wordpiece_marks_what_continues_a_word(tmp_path):
    made = train_wordpiece(TEXT, tmp_path / "t.json", vocab_size=70)
    tokenizer = Tokenizer.from_file(str(made.path))
    assert tokenizer.encode("the mats").tokens == ["the", "mat", "##s"]
    assert tokenizer.encode("日").tokens == ["[UNK]"]
    added = [token["content"] for token in json.loads(made.path.read_text())["added_tokens"]]
    assert added == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def test_unigram_pieces_have_probabilities_that_sum_to_one():
    pieces = train_pieces({"abab": 10, "ab": 5, "c": 1}, 5)
    assert sum(np.exp(score) for _, score in pieces) == pytest.approx(1, abs=1e-4)
    assert {"a", "b", "c", "ab"} <= {piece for piece, _ in pieces}
    assert pieces[0][0] in ("ab", "abab")


@pytest.mark.parametrize("kind", ["bpe", "unigram", "wordpiece"])
def test_the_same_texts_make_the_same_file_in_another_process(kind, tmp_path):
    size = 70 if kind == "wordpiece" else 300
    script = (
        f"import sys, json; from multitok.train import train_{kind};"
        f"train_{kind}(json.load(sys.stdin), sys.argv[1], vocab_size={size})"
    )
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.json"
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            input=json.dumps(TEXT).encode(),
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p)},
        )
        made.append(path.read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("train", [train_bpe, train_unigram, train_wordpiece])
def test_too_little_text(train, tmp_path):
    with pytest.raises(MediaError) as error:
        train(["a b", "a c"], tmp_path / "t.json", vocab_size=5000)
    kind = train.__name__.removeprefix("train_")
    got = str(error.value)
    assert got.startswith(f"2 texts give a {kind} vocabulary of ")
    assert got.endswith(", 5000 were asked for: pass more text, or a smaller vocab_size")
    assert not (tmp_path / "t.json").exists()


def test_a_vocabulary_too_small_for_the_letters(tmp_path):
    with pytest.raises(MediaError) as error:
        train_bpe(TEXT, tmp_path / "t.json", vocab_size=100)
    assert str(error.value) == (
        "bpe needs a vocabulary of at least 256 for the letters and special tokens of these"
        " texts, got 100"
    )


def test_movement(tmp_path):
    walks = list(np.cumsum(np.random.default_rng(0).standard_normal((40, 60, 2)), axis=1) / 20)
    fast = train_fast(walks, tmp_path / "t.json", horizon=20, vocab_size=280)
    assert (fast.vocab_size, fast.items) == (280, 40)
    assert train_kmeans(walks, tmp_path / "k.npz", codes=8).vocab_size == 8
    assert train_rvq(walks, tmp_path / "r.npz", codes=8, layers=3).vocab_size == 24


def test_series_bpe_tells_the_ids_it_has_and_not_those_asked_for(tmp_path):
    """Two steps again and again: 4 bins, the missing value and a few merges."""
    made = train_series_bpe([np.tile([0.0, 1.0], 8)], tmp_path / "s.json", bins=4, vocab_size=500)
    assert made.vocab_size == Tokenizer.from_file(str(made.path)).get_vocab_size() < 20


@pytest.mark.parametrize(("train", "layers"), [(train_kmeans, 1), (train_rvq, 2)])
def test_a_trained_codebook_is_ready_to_encode(train, layers, tmp_path):
    """120 steps in chunks of 5 are 24, a token a layer each."""
    walk = np.cumsum(np.random.default_rng(0).standard_normal((120, 2)), axis=0)
    tokenizer = train([walk], tmp_path / "c.npz", codes=4, horizon=5).tokenizer()
    assert len(tokenizer.encode(Actions(walk))) == 24 * layers

"""Vocabularies that multitok calls exact give the ids of their published files."""

import random
import sys
from pathlib import Path

import pytest
from published import added_tokens, encoders, files
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

from multitok import Text, get_tokenizer
from multitok.modalities.text.carried import index

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "text"))
from nasty import corpus

HELD = [name for name, vocabulary in index().items() if vocabulary.held]
ALPHABETS = (
    " \t\n\r▁a.<>/",
    "<>/ h1tablespan=\"'",
    "e\u0301\u0300\u1100\u1161\u11a8가각 \u0958\u2126",
    "0123456789.,- ",
    "אبपक्षा中あ한ไทยт \n",
)


def fuzzed() -> list[str]:
    rng = random.Random(5)
    return [
        "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 60)))
        for alphabet in ALPHABETS
        for _ in range(500)
    ]


@pytest.mark.parametrize("vocabulary", HELD)
def test_ids_are_those_of_the_published_file(vocabulary):
    tokenizer = get_tokenizer("published", vocabulary=vocabulary)
    texts = [Text(text).text for text in (*corpus(), *fuzzed())]
    for path, (name, encode) in zip(files(vocabulary), encoders(vocabulary).items(), strict=True):
        around = [f"a{t}b {t} {t}{t}\n{t}" for t in added_tokens(path)]
        off = [
            text
            for text in (*texts, *around)
            if tokenizer.encode(Text(text)).ids.tolist() != encode(text)
        ]
        assert not off, (name, off[:3])


@pytest.mark.parametrize("vocabulary", ["mistral-v1", "mistral-v3"])
def test_a_sentencepiece_model_is_read_as_sentencepiece_does(vocabulary):
    texts = [Text(text).text for text in (*corpus(), *fuzzed())]
    for path, encode in zip(files(vocabulary), encoders(vocabulary).values(), strict=True):
        tokenizer = get_tokenizer("hf", path=str(path))
        off = [text for text in texts if tokenizer.encode(Text(text)).ids.tolist() != encode(text)]
        assert not off, (path.name, off[:3])


@pytest.mark.parametrize("squeeze", [True, False])
@pytest.mark.parametrize("fallback", [True, False])
@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_a_trained_sentencepiece_model_too(tmp_path, kind, fallback, squeeze):
    """BPE as Llama's gives equal ids; Unigram, squeezed spaces and NFKC are labeled otherwise."""
    texts = [Text(text).text for text in (*corpus(), *fuzzed())]
    (tmp_path / "corpus.txt").write_text(
        "\n".join(" ".join(text.split()) for text in texts if len(text) < 300 and "\0" not in text),
        "utf-8",
    )
    alike = kind == "bpe" and not squeeze
    for norm, share in (("identity", 0.0 if alike else 0.03), ("nmt_nfkc", 0.2)):
        SentencePieceTrainer.train(
            input=str(tmp_path / "corpus.txt"), model_prefix=str(tmp_path / norm), vocab_size=900,
            model_type=kind, byte_fallback=fallback, remove_extra_whitespaces=squeeze,
            normalization_rule_name=norm, user_defined_symbols=["<think>"], minloglevel=2,
            hard_vocab_limit=False, character_coverage=0.99,
        )  # fmt: skip
        path = tmp_path / f"{norm}.model"
        encode = SentencePieceProcessor(model_file=str(path)).encode
        tokenizer = get_tokenizer("hf", path=str(path))
        off = [text for text in texts if tokenizer.encode(Text(text)).ids.tolist() != encode(text)]
        assert len(off) <= share * len(texts), off[:3]
        assert tokenizer.kind_at_hand() == ("documented" if share else "exact")

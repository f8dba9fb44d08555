"""Vocabularies that multitok calls exact give the ids of their published files."""

import random
import sys
from pathlib import Path

import pytest
from published import added_tokens, encoders, files

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

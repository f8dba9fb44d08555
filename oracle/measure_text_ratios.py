"""Rows for tests/golden/text_ratios.csv: tokens of a vocabulary per token of o200k_base.

    python oracle/measure_text_ratios.py gemma-2 kimi-k2 ... >> tests/golden/text_ratios.csv

Three corpora of Django's source distribution: its documents, its code, and its translations into
some 90 languages; of each 250 pieces of 4,000 characters, spread evenly. A name is one of
vocabularies.toml, whose first published file counts, or else of the engine of the `fast` extra.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from statistics import median, quantiles

from published import FOLDER, TABLE, Encode, encoders

from multitok import Text, get_tokenizer

DJANGO = "Django==5.2.8"
LENGTH, PIECES = 4_000, 250


def corpora() -> dict[str, list[str]]:
    """The pieces of each corpus."""
    prose, code, languages = [], [], defaultdict(list)
    for name, text in _files():
        language = re.search(r"/locale/(\w+)/LC_MESSAGES/django\.po$", name)
        if language:
            languages[language[1]] += re.findall(r'^(?:msgstr(?:\[\d\])? )?"(.+)"$', text, re.M)
        elif re.search(r"/docs/.*\.txt$", name):
            prose.append(text)
        elif re.search(r"/django/.*\.py$", name):
            code.append(text)
    translated = [piece for lines in languages.values() for piece in _cut("\n".join(lines))]
    return {
        "English prose (Django's documents)": _spread(_cut("\n".join(prose))),
        "Python source (Django)": _spread(_cut("\n".join(code))),
        "UI translations in all languages (Django)": _spread(translated),
    }


def rows(vocabulary: str, encode: Encode, texts: dict[str, list[str]]) -> Iterator[str]:
    base = get_tokenizer("o200k_base")
    for corpus, pieces in texts.items():
        known = [base.count(Text(piece)) for piece in pieces]
        found = [len(encode(piece)) for piece in pieces]
        cuts = quantiles([b / a for a, b in zip(known, found, strict=True)], n=20)
        figures = [sum(found) / sum(known), cuts[0], median(cuts), cuts[-1]]
        ratios = ",".join(f"{figure:.4f}" for figure in figures)
        yield f"{vocabulary},{corpus},{sum(found)},{ratios},{len(pieces)}"


def _files() -> Iterator[tuple[str, str]]:
    folder = FOLDER / "django"
    if not folder.is_dir():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
        subprocess.run([*pip, "-d", str(folder), DJANGO], check=True)
    (archive,) = folder.iterdir()
    with tarfile.open(archive) as packed:
        for member in sorted(packed.getmembers(), key=lambda member: member.name):
            if member.isfile() and member.name.endswith((".txt", ".py", ".po")):
                yield member.name, packed.extractfile(member).read().decode("utf-8", "replace")


def _cut(text: str) -> list[str]:
    return [text[at : at + LENGTH] for at in range(0, len(text) - LENGTH + 1, LENGTH)]


def _spread(pieces: list[str]) -> list[str]:
    step = max(1, len(pieces) // PIECES)
    return pieces[::step][:PIECES]


def _encoder(vocabulary: str) -> Encode:
    if vocabulary in TABLE:
        return next(iter(encoders(vocabulary).values()))
    tokenizer = get_tokenizer("published", vocabulary=vocabulary)
    return lambda text: range(tokenizer.count(Text(text)))


if __name__ == "__main__":
    texts = corpora()
    for name in sys.argv[1:]:
        for row in rows(name, _encoder(name), texts):
            print(row)

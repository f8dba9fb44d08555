"""Counts held against two published tables of languages, and what `efficiency --languages` shows.

    python oracle/fairness.py                    # clone the table of Petrov et al., and compare
    python oracle/fairness.py --clone FOLDER     # one that is here
    python oracle/fairness.py --page PAGE.md     # also a saved copy of OpenAI's page
    python oracle/fairness.py --write            # and write src/multitok/counting/languages.json

Petrov et al. 2023 (arXiv 2305.15425) count the texts of FLORES-200 in 204 languages with 27
tokenizers; their repository holds both. OpenAI's page "Hello GPT-4o"
(openai.com/index/hello-gpt-4o) states the tokens of a sentence in 20 languages before and after
o200k_base. No text is kept: what is written is counts.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from multitok import Text, get_tokenizer
from multitok.core.registry import VOCABULARIES
from multitok.modalities.text.carried import index

URL = "https://github.com/AleksandarPetrov/tokenization-fairness"
COMMIT = "365c3f85bdb302fdcf6d389f5f1651e4ef041741"
OUT = Path(__file__).parent.parent / "src/multitok/counting/languages.json"

PUBLISHED = {
    "characters": ("UTF-32", "CANINE"),
    "bytes": ("ByT5",),
    "r50k_base": ("GPT-2", "r50k_base", "RoBERTa"),
    "p50k_base": ("p50k_base", "p50k_edit"),
    "cl100k_base": ("cl100k_base",),
    "llama-2": ("LLAMA",),
    "qwen-2": ("Qwen",),
}
"""The columns of the table whose vocabulary is at hand: GPT-2, RoBERTa and r50k_base have one, as
have p50k_base and p50k_edit, LLAMA and Llama 2, the first Qwen and Qwen2 (its first 151,643)."""

NAMES = (*PUBLISHED, *(name for name in (*VOCABULARIES, *index()) if name not in PUBLISHED))
"""All that is at hand: the rest are columns that nobody there printed."""


def tokenizer(name: str):
    """The tokenizer of a column."""
    return get_tokenizer("published", vocabulary=name) if name in index() else get_tokenizer(name)


class Table:
    """The clone: texts by the code of a language, and what was published of them by its name."""

    def __init__(self, clone: Path) -> None:
        words = [
            "git",
            "-C",
            str(clone),
            "archive",
            COMMIT,
            "assets",
            "compute",
            "flores200_dataset",
        ]
        packed = subprocess.run(words, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            self._files = {
                member.name: tar.extractfile(member).read().decode("utf-8")
                for member in tar
                if member.isfile() and member.name.endswith((".csv", ".dev", ".devtest"))
            }
        rows = csv.DictReader(io.StringIO(self._files["assets/tokenization_lengths_validated.csv"]))
        self.published = {row["Language"]: row for row in rows}
        lines = self._files["compute/flores_language_map.csv"].splitlines()[1:]
        named = (line.rpartition(",") for line in lines)
        self.names = {code.strip(): name.strip().strip('"') for name, _, code in named}

    def text(self, code: str) -> str:
        """The sentences of a language as the table joins them."""
        parts = (
            self._files[f"flores200_dataset/{part}/{code}.{part}"] for part in ("dev", "devtest")
        )
        return " ".join(line for part in parts for line in part.split("\n"))


def counted(table: Table) -> dict[str, dict[str, int]]:
    """Tokens by column and language."""
    found: dict[str, dict[str, int]] = {}
    for name in NAMES:
        count = tokenizer(name).count
        found[name] = {code: count(Text(table.text(code))) for code in table.names}
        print(f"counted {name}", flush=True)
    return found


def compare(table: Table, found: Mapping[str, Mapping[str, int]]) -> tuple[int, int]:
    """Print how many cells of each column are equal; all of them, and how many there are."""
    equal = cells = 0
    for name, columns in PUBLISHED.items():
        for column in columns:
            stated = {
                code: int(value)
                for code, language in table.names.items()
                if (value := table.published[language][column]).isdigit()
            }
            same = sum(found[name][code] == value for code, value in stated.items())
            print(f"{column:12} by {name:12} {same} of {len(stated)} languages equal")
            equal, cells = equal + same, cells + len(stated)
    print(f"{equal:,} of {cells:,} cells equal")
    return equal, cells


def compare_page(page: str) -> None:
    """Print how many numbers of OpenAI's page are equal: `| English (27 to 24) | sentence |`."""
    equal = cells = 0
    for row in re.finditer(r"(\w+) [^|\n]*?(\d+)\D+?(\d+)\D*?\|\s*(.+?)\s*\|\s*$", page, re.M):
        language, *stated, sentence = row.groups()
        text = Text(sentence.replace("\\|", "|"))
        for number, vocabulary in zip(stated, ("cl100k_base", "o200k_base"), strict=True):
            here = get_tokenizer(vocabulary).count(text)
            cells, equal = cells + 1, equal + (here == int(number))
            if here != int(number):
                print(f"{language}: {here} by {vocabulary}, {number} stated")
    print(f"{equal} of {cells} numbers of the page equal")


def write(table: Table, found: Mapping[str, Mapping[str, int]], held: tuple[int, int]) -> None:
    """The counts as the package carries them: a line a language, and a vocabulary that counts all
    of them as another does under the name of the first."""
    same: dict[str, str] = {}
    for name in found:
        first = next(other for other in found if found[other] == found[name])
        if first != name:
            same[name] = first
    found = {name: counts for name, counts in found.items() if name not in same}
    kinds = {name: tokenizer(name).kind_at_hand() for name in found}
    rows = [
        json.dumps([code, table.names[code], *(found[name][code] for name in found)],
                   ensure_ascii=False)
        for code in sorted(table.names, key=table.names.__getitem__)
    ]  # fmt: skip
    about = {
        "text": "FLORES-200, dev and devtest: the same 2,009 sentences in 204 languages (NLLB Team"
        " 2022, CC BY-SA 4.0), joined as the table of Petrov et al. 2023 joins them",
        "source": f"{URL} at {COMMIT[:7]}; arXiv 2305.15425",
        "checked": date.today().isoformat(),
        "held": list(held),
        "kinds": kinds,
        "same": same,
    }
    head = json.dumps(about, indent=1, ensure_ascii=False)[:-2]
    body = ",\n  ".join(rows)
    OUT.write_text(f'{head},\n "languages": [\n  {body}\n ]\n}}\n', "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clone", type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.page is not None:
        compare_page(given.page.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        if given.clone is None:
            subprocess.run(["git", "clone", "--quiet", URL, folder], check=True)
        table = Table(given.clone or Path(folder))
    found = counted(table)
    held = compare(table, found)
    if given.write:
        write(table, found, held)


if __name__ == "__main__":
    main()

"""What the same text costs in 204 languages: counts that ship, with their source.

`languages.json` holds the tokens of FLORES-200 in each language by each vocabulary that is at hand,
as oracle/fairness.py counted them. No text ships.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any

from multitok.core.counts import Kind, weakest
from multitok.core.errors import UnknownNameError, UnknownRuleError
from multitok.counting.rules import resolve, several

ENGLISH = "eng_Latn"
SHOWN = ("o200k_base", "cl100k_base", "gemma-3", "llama-3", "qwen-2", "deepseek-v3", "tekken")
"""Where none is named: of GPT-4o and later, GPT-4, Gemini and Gemma, Llama, Qwen, DeepSeek,
Mistral."""


@dataclass(frozen=True, slots=True)
class Premium:
    """One language: the tokens of the text by each name, and how many times those of English."""

    code: str
    language: str
    tokens: Mapping[str, int]
    premium: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Premiums:
    """All languages, the dearest by the first name first; `columns` is the vocabulary behind each
    name, `kinds` how sure it is that the numbers are those of the name, `held` how many published
    counts of the same text are equal, and of how many."""

    rows: tuple[Premium, ...]
    columns: Mapping[str, str]
    kinds: Mapping[str, Kind]
    text: str
    source: str
    checked: str
    held: tuple[int, int]

    @property
    def medians(self) -> dict[str, float]:
        """By name: what half of the languages exceed."""
        return {name: median(row.premium[name] for row in self.rows) for name in self.columns}


def premiums(*, models: str | Sequence[str] = (), tokenizers: str | Sequence[str] = ()) -> Premiums:
    """What the same text costs in each language, as times its tokens in English.

    models      by the vocabulary of their text; UnknownRuleError where it is not published
    tokenizers  vocabularies, characters, bytes; the best known ones where nothing is named

    >>> found = premiums(tokenizers=["cl100k_base", "o200k_base"])
    >>> {name: round(value, 2) for name, value in found.medians.items()}
    {'cl100k_base': 2.26, 'o200k_base': 1.75}
    """
    told = _told()
    found = {name: _of_model(name) for name in several(models, "models", "gpt-4o")}
    found |= {name: _of_name(name) for name in several(tokenizers, "tokenizers", "o200k_base")}
    found = found or {name: _of_name(name) for name in SHOWN}
    asked = {name: column for name, (column, _) in found.items()}
    kinds = {name: kind for name, (_, kind) in found.items()}
    places = {name: list(told["kinds"]).index(column) for name, column in asked.items()}
    tokens = {
        code: {name: counts[place] for name, place in places.items()}
        for code, _, *counts in told["languages"]
    }
    rows = [
        Premium(
            code, language, tokens[code],
            {name: tokens[code][name] / tokens[ENGLISH][name] for name in asked},
        )
        for code, language, *_ in told["languages"]
    ]  # fmt: skip
    first = next(iter(asked))
    rows.sort(key=lambda row: -row.premium[first])
    return Premiums(
        tuple(rows), asked, kinds, told["text"], told["source"], told["checked"],
        tuple(told["held"]),
    )  # fmt: skip


@cache
def _told() -> dict[str, Any]:
    path = os.path.join(os.path.dirname(__file__), "languages.json")
    with open(path, encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def _of_name(name: str) -> tuple[str, Kind]:
    """The column of a vocabulary, and how it is known."""
    told = _told()
    column = told["same"].get(name, name)
    if column not in told["kinds"]:
        known = [*told["kinds"], *told["same"]]
        raise UnknownNameError.of("vocabulary", name, known, f"There are: {', '.join(known)}")
    return column, told["kinds"][column]


def _of_model(name: str) -> tuple[str, Kind]:
    """The column of the vocabulary that a model's text is counted with: as sure as its row is."""
    rule = resolve("text", model=name)
    vocabulary = str(rule.counter.config().get("vocabulary"))
    told = _told()
    if vocabulary not in (*told["kinds"], *told["same"]):
        raise UnknownRuleError(
            f"no counts of languages for {name}: its vocabulary is not published, or not at hand."
            f" Name another model, or a vocabulary: -t {SHOWN[0]}",
            model=name,
            modality="text",
        )
    column, kind = _of_name(vocabulary)
    return column, weakest([kind, rule.stated])

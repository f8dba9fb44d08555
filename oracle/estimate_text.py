"""Estimates of text where a vocabulary is not at hand, fitted and tried on texts not seen.

    python oracle/estimate_text.py            # prints the tables of docs/text.md
    python oracle/estimate_text.py --write    # writes them, and vocabularies/estimates.json

Needs Python 3.12 (ctok), the `fast` extra, numpy and scipy (requirements.txt). Texts are those of
texts.py; the truth is what each vocabulary's engine or published file counts. A fit is a sum of
the features of makeup.py, none of them with a negative share. Five folds hold out whole sources (a
package, a format of logs): each text is counted by a fit that saw nothing of where it comes from,
and judged by a range that was measured on other sources again.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from published import TABLE, encoders
from scipy.optimize import lsq_linear
from texts import LANGUAGES, LENGTHS, pieces

from multitok import Text, get_tokenizer
from multitok.modalities.text.linear import Range
from multitok.modalities.text.makeup import FEATURES, kind_of, makeup, terms
from multitok.modalities.text.vocabulary import FOLDER

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "text.md"
TERMS = (*FEATURES, "foreign")
BEGIN, END = "<!-- estimates: oracle/estimate_text.py --write -->\n", "<!-- end of estimates -->\n"

VOCABULARIES = {
    # name: (what it is called in tests/golden/text_ratios.csv, whose count is the truth)
    "claude-3": ("claude 3 to 4.6", "ctok 1.3.0, family 3.0"),
    "claude-4.7": ("claude 4.7 and later", "ctok 1.3.0, family 4.8"),
    "gemma": ("gemma", ""), "gemma-2": ("gemma-2", ""), "gemma-3": ("gemma 3 ", ""),
    "gemma-4": ("gemma-4", ""), "llama-2": ("llama-2", ""), "llama-3": ("llama 3", ""),
    "qwen-3": ("qwen 3", ""), "qwen-3.5": ("qwen 3.5", ""), "deepseek-llm": ("deepseek-llm", ""),
    "deepseek-v3": ("deepseek v3", ""), "glm-4": ("glm-4", ""),
    "glm-4.7-flash": ("glm-4.7-flash", ""), "kimi-k2": ("kimi-k2", ""),
    "minimax-m3": ("minimax m3", ""), "mistral-v1": ("mistral-v1", ""),
    "mistral-v3": ("mistral-mistral_instruct_tokenizer_240323", ""),
    "tekken": ("mistral-tekken_240911", ""), "phi-4": ("phi-4", ""), "olmo-2": ("olmo-2", ""),
}  # fmt: skip
UNKNOWN = "unknown"
"""The estimate of a vocabulary that nobody here has seen, by those that were measured."""
SHOWN = {"claude-3": "Claude 3 to 4.6", "claude-4.7": "Claude 4.7 on", "gemma-3": "Gemini"}
"""Whose errors the page shows by kind and by language: where the estimate is what people get."""

WEIGHTS = {"English prose": 6.0, "code": 3.0, "JSON": 1.5}
"""How much a kind counts in a fit: each alike, and more what prompts are mostly made of."""
FOLDS = 5
CUTS, LEAST = (0.05, 0.95), 12
"""A range is cut at these shares of the texts of each source, where it has so many."""
SLACK, FEW = 1.02, 0.5
"""How much wider a range is made for sources that nobody tried: the more, the fewer were."""


class Tried(NamedTuple):
    """A vocabulary on texts not seen: counted over true by fit and by ratio, and inside a range."""

    fit: np.ndarray
    ratio: np.ndarray
    inside: np.ndarray
    inside_ratio: np.ndarray


def truth(vocabulary: str) -> tuple[np.ndarray, str]:
    """The true count of each piece, and whose it is."""
    said = VOCABULARIES[vocabulary][1]
    if vocabulary.startswith("claude"):
        from ctok import token_count

        family, frame = ("3.0", 7) if vocabulary == "claude-3" else ("4.8", 6)
        return np.array([token_count(one.text, family) - frame for one in pieces()]), said
    try:
        tokenizer = get_tokenizer("published", vocabulary=vocabulary)
    except LookupError:
        file, encode = next(iter(encoders(vocabulary).items()))
        package = TABLE[vocabulary].get("npm") or TABLE[vocabulary]["pypi"]
        return np.array([len(encode(one.text)) for one in pieces()]), f"{file} of {package}"
    return np.array([tokenizer.count(Text(one.text)) for one in pieces()]), "splintr-rs 0.22"


@cache
def features() -> np.ndarray:
    """A row a piece, a column a feature."""
    found = [terms(makeup(one.text)) for one in pieces()]
    return np.array([[one[name] for name in TERMS] for one in found])


@cache
def base() -> np.ndarray:
    """Tokens of o200k_base."""
    names = ("pieces", "words", "numbers", "marks")
    return np.array([sum(makeup(one.text)[name] for name in names) for one in pieces()])


@cache
def kinds() -> np.ndarray:
    """What each piece is as the estimate sees it; `texts.py` knows better what it is."""
    return np.array([kind_of(makeup(one.text)) for one in pieces()])


def column(read: Callable[..., object]) -> np.ndarray:
    return np.array([read(one) for one in pieces()])


@cache
def folds() -> np.ndarray:
    """Which fold holds out each piece: whole sources, the large ones apart."""
    sizes = Counter(one.source for one in pieces())
    of = {name: i % FOLDS for i, (name, _) in enumerate(sizes.most_common())}
    return column(lambda one: of[one.source])


@cache
def weights() -> np.ndarray:
    """Each kind alike but for WEIGHTS, each language of a kind alike."""
    texts = Counter((one.kind, one.language) for one in pieces())
    languages = Counter(kind for kind, _ in texts)
    return column(
        lambda one: WEIGHTS.get(one.kind, 1.0) / languages[one.kind] / texts[one.kind, one.language]
    )


def fitted(true: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Tokens for each of a feature: least squares of the relative error, short texts less."""
    size = np.maximum(true[seen], 1)
    weight = np.sqrt(weights()[seen]) / size * np.minimum(1, np.sqrt(size / 200))
    rows = features()[seen] * weight[:, None]
    return lsq_linear(rows, true[seen] * weight, bounds=(0, np.inf)).x


def ranges(counted: np.ndarray, true: np.ndarray, seen: np.ndarray) -> dict[str, Range]:
    """The range of each kind of text: wide enough for each source and kind of texts.py in it."""
    off = np.maximum(true, 1) / np.maximum(counted, 1)
    long = column(lambda one: one.length > LENGTHS[0])
    labels = column(lambda one: f"{one.kind} of {one.source}")
    found = {}
    for kind in sorted(set(kinds())):
        here = seen & (kinds() == kind)
        parts = [here & (labels == label) for label in sorted(set(labels[here]))]
        parts = [part for part in parts if np.sum(part & long) >= LEAST] or [here]
        slack = SLACK + FEW / len(parts)
        ends = [np.quantile(off[part & long], CUTS) for part in parts]
        low = min(1.0, min(end[0] for end in ends) / slack)
        high = max(1.0, max(end[1] for end in ends) * slack)
        short = [part & ~long for part in parts if np.sum(part & ~long) >= LEAST]
        further = max((_further(off[part], counted[part], low, high) for part in short), default=0)
        found[kind] = Range(round(low, 3), round(high, 3), round(further, 2))
    return found


def _further(off: np.ndarray, counted: np.ndarray, low: float, high: float) -> float:
    """How much further short texts stray, as Range says it."""
    beyond = np.maximum(low / off, off / high) - 1
    return max(0.0, float(np.quantile(beyond * np.sqrt(counted), CUTS[1])))


def within(
    counted: np.ndarray, true: np.ndarray, found: Mapping[str, Range], which: np.ndarray
) -> np.ndarray:
    ends = [found[kinds()[i]].at(counted[i]) for i in which]
    return np.array([
        round(counted[i] * low) <= true[i] <= -(-counted[i] * high // 1)
        for i, (low, high) in zip(which, ends, strict=True)
    ])  # fmt: skip


def tried(vocabulary: str, true: np.ndarray) -> tuple[Tried, dict[str, Range]]:
    """What the vocabulary's estimates are worth on texts not seen, and the ranges they need."""
    counted, inside = held_out(true), np.zeros(len(true), bool)
    for fold in range(FOLDS):
        out = folds() == fold
        found = ranges(counted, true, ~out)
        found = ranges(counted, true, np.full(len(true), True)) | found
        inside[out] = within(counted, true, found, np.flatnonzero(out))
    ratio, low, high = _ratio(vocabulary)
    old = np.round(base() * ratio)
    size = np.maximum(true, 1)
    inside_ratio = (true >= base() * low) & (true <= base() * high)
    return Tried(counted / size, old / size, inside, inside_ratio), ranges(
        counted, true, np.full(len(true), True)
    )


def held_out(true: np.ndarray) -> np.ndarray:
    """The count of each piece by a fit that saw nothing of its source."""
    counted = np.zeros(len(true))
    for fold in range(FOLDS):
        out = folds() == fold
        counted[out] = np.maximum(1, np.round(features()[out] @ fitted(true, ~out)))
    return counted


def different(truths: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The vocabularies without those that count every text as another does."""
    found: dict[str, np.ndarray] = {}
    for name, true in truths.items():
        if not any(np.array_equal(true, one) for one in found.values()):
            found[name] = true
    return found


def of_any(truths: Mapping[str, np.ndarray]) -> tuple[np.ndarray, dict[str, Range]]:
    """What a text costs by the middle of all vocabularies, and the range that holds for each."""
    middle = np.median(np.stack([*truths.values()]), axis=0)
    counted = held_out(middle)
    seen = np.full(len(middle), True)
    each = [ranges(counted, true, seen) for true in truths.values()]
    widest = {
        kind: Range(
            min(one[kind].low for one in each),
            max(one[kind].high for one in each),
            max(one[kind].short for one in each),
        )
        for kind in each[0]
    }
    return middle, widest


def unseen(truths: Mapping[str, np.ndarray]) -> Tried:
    """What the estimate of an unknown vocabulary is worth: each counted by all the others."""
    fit, inside = [], []
    for name, true in truths.items():
        middle, found = of_any({other: one for other, one in truths.items() if other != name})
        counted = held_out(middle)
        fit.append(counted / np.maximum(true, 1))
        inside.append(within(counted, true, found, np.arange(len(true))))
    ratio, low, high = CLOSED
    old = [np.round(base() * ratio) / np.maximum(true, 1) for true in truths.values()]
    held = [(true >= base() * low) & (true <= base() * high) for true in truths.values()]
    return Tried(*(np.stack(one) for one in (fit, old, inside, held)))


CLOSED = (1.089, 0.7841, 4.1491)
"""The one ratio that stood before for an unknown vocabulary, and its range."""


def _ratio(vocabulary: str) -> tuple[float, float, float]:
    """The one ratio to o200k_base that stood before, and its range."""
    text = (ROOT / "tests/golden/text_ratios.csv").read_text("utf-8").replace('"', "")
    name = VOCABULARIES[vocabulary][0]
    rows = [line.split(",") for line in text.splitlines() if line.startswith(name)]
    rows = [row for row in rows if row[0] == name or " " in name or "_" in name][:3]
    figures = np.array([[float(cell) for cell in row[-5:-1]] for row in rows])
    return median(figures[:, 0]), float(figures[:, 1].min()), float(figures[:, 3].max())


# --- what is written ------------------------------------------------------------------------------


def row(true: np.ndarray, source: str, found: Mapping[str, Range]) -> dict[str, object]:
    """One vocabulary of estimates.json."""
    shares = fitted(true, np.full(len(true), True))
    return {
        "source": source,
        "checked": str(datetime.now(UTC).date()),
        "texts": len(true),
        "tokens": {n: round(s, 4) for n, s in zip(TERMS, shares, strict=True) if s > 5e-5},
        "ranges": found,
    }


def cells(one: Tried, which: np.ndarray) -> str:
    """`14.7 → 8.3 | 79 → 95`: mean error, and the share inside the range, by ratio and by fit."""
    off = [100 * np.mean(np.abs(off[..., which] - 1)) for off in (one.ratio, one.fit)]
    inside = [100 * np.mean(held[..., which]) for held in (one.inside_ratio, one.inside)]
    return f"{off[0]:.1f} → {off[1]:.1f} | {inside[0]:.0f} → {inside[1]:.0f}"


def table(head: str, labels: np.ndarray, results: Mapping[str, Tried]) -> str:
    """A row a label: its texts, then for each vocabulary shown its cells."""
    names = [f"{said}: error | inside" for said in SHOWN.values()]
    lines = [f"| {head} | texts | {' | '.join(names)} |", "|---" + "|--:" * 7 + "|"]
    for label in [one for one in dict.fromkeys(labels) if one] + ["all"]:
        which = (labels == label) | (label == "all")
        shown = " | ".join(cells(results[name], which) for name in SHOWN)
        lines.append(f"| {label} | {np.sum(which):,} | {shown} |")
    return "\n".join(lines) + "\n"


def page(results: Mapping[str, Tried]) -> str:
    spoken = column(lambda one: one.language if one.kind in LANGUAGES else "")
    lines = ["| vocabulary | error | inside |", "|---|--:|--:|"]
    lines += [f"| {name} | {cells(one, spoken == spoken)} |" for name, one in results.items()]
    *shorter, longest = [f"{length:,}" for length in LENGTHS]
    told = (
        f"Measured on {datetime.now(UTC).date()} on {len(spoken):,} texts of {', '.join(shorter)}"
        f" and {longest} characters, each held out with its source: the mean error, in %, and how"
        " many in 100 lay inside the range, by the one ratio that stood before → by the fit.\n"
    )
    by_kind = table("kind", column(lambda one: one.kind), results)
    return "\n".join((told, by_kind, table("language", spoken, results), "\n".join(lines), ""))


def main(arguments: list[str]) -> None:
    rows, results, truths = {}, {}, {}
    for name in VOCABULARIES:
        true, source = truth(name)
        truths[name] = true
        results[name], found = tried(name, true)
        rows[name] = row(true, source, found)
        print(f"{name}: {cells(results[name], true == true)}", file=sys.stderr)
    apart = different(truths)
    middle, found = of_any(apart)
    rows[UNKNOWN] = row(middle, f"the middle of {len(apart)} vocabularies", found)
    results[UNKNOWN] = unseen(apart)
    print(f"{UNKNOWN}: {cells(results[UNKNOWN], middle == middle)}", file=sys.stderr)
    made = page(results)
    if "--write" in arguments:
        lines = [f" {json.dumps(name)}: {json.dumps(one)}" for name, one in rows.items()]
        Path(FOLDER, "estimates.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}{made}{END}{rest.partition(END)[2]}", "utf-8")
    print(made, end="")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The true counts of tests/golden/estimated_text.json, of texts written for it.

    python oracle/make_estimate_goldens.py

Needs Python 3.12 (ctok) and the `fast` extra.
"""

from __future__ import annotations

import json
from pathlib import Path

from ctok import token_count

from multitok import Text, get_tokenizer

PATH = Path(__file__).parents[1] / "tests" / "golden" / "estimated_text.json"
FRAMES = {"claude-3": ("3.0", 7), "claude-4.7": ("4.8", 6)}
VOCABULARIES = ("gemma-3", "llama-3", "qwen-3", "deepseek-v3", "tekken")


def tokens(text: str) -> dict[str, int]:
    """What each vocabulary makes of a text."""
    found = {name: token_count(text, family) - frame for name, (family, frame) in FRAMES.items()}
    for name in VOCABULARIES:
        found[name] = get_tokenizer("published", vocabulary=name).count(Text(text))
    return found


if __name__ == "__main__":
    rows = [row | {"tokens": tokens(row["text"])} for row in json.loads(PATH.read_text("utf-8"))]
    PATH.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")

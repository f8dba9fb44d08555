"""How the references write the time of a frame, and what that text costs in a vocabulary.

A stamp stands between special tokens, so it is cut alone. Words (with the space before them),
marks, spaces and line ends are one token each in every vocabulary here; only numbers differ. Each
was held against its published vocabulary, over all stamps of an hour.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

Vocabulary = Literal["gemma", "glm", "kimi", "olmo", "qwen", "smollm"]

DIGITS: dict[Vocabulary, int] = {
    "gemma": 1, "glm": 3, "kimi": 3, "olmo": 3, "qwen": 1, "smollm": 1,
}  # fmt: skip
"""The most digits of a number that one token holds."""

GLM_NUMBERS = (
    "000-002 007 010 100-190 192 195-196 198-218 220 222 225 228 230 232 235 240 245 250 255-256"
    " 260 264 270 280 290 300-301 303-306 308 310 315 320 330 333 340 350 360 365 370 380 400 420"
    " 430 450 480 500 512 520 550 600 618 650 700 720 750 800 850 888 900 978 985 999"
)
"""The groups of three digits that GLM-4's vocabulary has whole; it cuts any other in two."""


def text_tokens(text: str, vocabulary: Vocabulary) -> int:
    """How many tokens such a text is.

    >>> text_tokens("<12.4 seconds>", "qwen"), text_tokens("12.4 seconds", "glm")
    (7, 4)
    """
    digits = DIGITS[vocabulary]
    pieces: list[str] = re.findall(rf"\d{{1,{digits}}}| ?[A-Za-z]+| \[|\n+|[^A-Za-z\d]", text)
    if vocabulary == "glm":
        threes = [piece for piece in pieces if len(piece) == 3 and piece.isdigit()]
        return len(pieces) + len(threes) - sum(piece in _whole_numbers() for piece in threes)
    return len(pieces)


@cache
def _whole_numbers() -> frozenset[str]:
    spans = (span.split("-") for span in GLM_NUMBERS.split())
    return frozenset(f"{n:03d}" for span in spans for n in range(int(span[0]), int(span[-1]) + 1))


def clock(seconds: float) -> str:
    """Minutes and seconds, cut off and not rounded.

    >>> clock(61.9)
    '01:01'
    """
    return f"{int(seconds // 60):02d}:{int(seconds % 60):02d}"


def day_clock(seconds: float) -> str:
    """Hours of the day, minutes, seconds and milliseconds, cut off and not rounded.

    >>> day_clock(3723.5)
    '01:02:03.500'
    """
    whole = int(seconds)
    hours, minutes = whole // 3600 % 24, whole // 60 % 60
    return f"{hours:02d}:{minutes:02d}:{whole % 60:02d}.{int(seconds % 1 * 1000):03d}"

"""What a text holds, counted fast: bytes by class of character, words, and tokens of o200k_base.

UTF-8 tells the script of a character by its first byte, so one table of 256 entries sorts a text
into classes, and counting a byte runs at the speed of memory. Every number adds up over the
windows of a text (stream.py), so a stream has the makeup of its whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from multitok.core.counts import StreamCount
from multitok.modalities.text.backend import encode_ordinary, without_surrogates
from multitok.modalities.text.stream import count_windows, cut_between_classes, windows

BASE = "o200k_base"
KEPT = 1 << 21
"""Characters of a text whose makeup is kept: a count asks for it, and its range once more."""

Makeup = Mapping[str, int]
"""How many of each of `FEATURES` a text holds."""

TextKind = Literal[
    "plain", "accented", "marked", "numbers", "emoji", "cyrillic", "han", "hangul", "arabic",
    "brahmic", "thai", "other",
]  # fmt: skip
"""What a text mostly is, as far as its makeup tells: the range of an estimate hangs on it."""

_ASCII = {
    "lower": b"abcdefghijklmnopqrstuvwxyz",
    "upper": b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digit": b"0123456789",
    "space": b" ",
    "line": b"\t\n\v\f\r",
}
_FIRST = {
    # the first byte of a character, from and to: what it begins
    "accented": (0xC2, 0xCD),  # Latin with accents
    "greek": (0xCE, 0xCF),
    "cyrillic": (0xD0, 0xD4),
    "armenian": (0xD5, 0xD6),
    "hebrew": (0xD7, 0xD7),
    "arabic": (0xD8, 0xDF),  # and Syriac, Thaana, N'Ko
    "brahmic": (0xE0, 0xE0),  # Devanagari to Malayalam
    "further": (0xE1, 0xE1),  # Georgian, Ethiopic, Khmer, Burmese
    "symbol": (0xE2, 0xE2),  # arrows, boxes, pictures of before emoji
    "kana": (0xE3, 0xE3),  # and CJK punctuation
    "han": (0xE4, 0xE9),
    "hangul": (0xEA, 0xED),
    "wide": (0xEE, 0xEF),  # full-width forms, variation selectors
    "emoji": (0xF0, 0xF4),
}
_SECOND = {
    # the first two bytes, where a script shares its first: the class that it is taken from
    "thai": ("brahmic", (b"\xe0\xb8", b"\xe0\xb9")),
    "lao": ("brahmic", (b"\xe0\xba", b"\xe0\xbb")),
    "vietnamese": ("further", (b"\xe1\xb8", b"\xe1\xb9", b"\xe1\xba", b"\xe1\xbb")),
    "quote": ("symbol", (b"\xe2\x80",)),  # and dashes
}

_BEYOND = (*_FIRST, *_SECOND)
CLASSES = ("punctuation", *_ASCII, *_BEYOND)
"""Of characters: each is of one."""
FEATURES = ("pieces", "words", "numbers", "marks", "breaks", *CLASSES)
"""`words`: ASCII letters after a space. `numbers`, `marks`: runs of digits, of ASCII punctuation.
`pieces`: the tokens of o200k_base that begin none of these. `breaks`: runs of what ends a line.
Then characters by class."""


def makeup(text: str) -> Makeup:
    """How many of each feature a text holds.

    >>> found = makeup("two words, 2 \u20ac")
    >>> [found[name] for name in ("pieces", "words", "numbers", "marks", "lower", "symbol")]
    [3, 1, 1, 1, 8, 1]
    """
    return _kept(text) if len(text) <= KEPT else _makeup(text)


def streamed(chunks: Iterable[str]) -> StreamCount:
    """The makeup of a text that arrives in chunks; `exact` as for o200k_base itself."""
    counted = count_windows(chunks, cut_between_classes, _of_window)
    return StreamCount({**dict.fromkeys(FEATURES, 0), **counted.parts}, counted.exact)


def terms(found: Makeup) -> dict[str, float]:
    """The features with the pieces told apart by the share of other scripts than Latin: another
    vocabulary cuts Latin words much as o200k_base does, and other scripts as it likes."""
    characters = sum(found[name] for name in CLASSES)
    share = sum(found[name] for name in _FOREIGN) / max(1, characters)
    return {**found, "pieces": found["pieces"] * (1 - share), "foreign": found["pieces"] * share}


def kind_of(found: Makeup) -> TextKind:
    """What a text mostly is: the script that most of its letters are of, else what stands between
    Latin letters.

    >>> kind_of(makeup("Plain words.")), kind_of(makeup("id,2024-05-01,17.25"))
    ('plain', 'numbers')
    """
    ascii_text = sum(found[name] for name in ("lower", "upper", "digit", "punctuation"))
    scripts: dict[TextKind, int] = {
        "cyrillic": found["cyrillic"] + found["greek"],
        "han": found["han"] + found["kana"],
        "hangul": found["hangul"],
        "arabic": found["arabic"] + found["hebrew"],
        "brahmic": found["brahmic"],
        "thai": found["thai"] + found["lao"],
        "other": found["armenian"] + found["further"],
        "emoji": 2 * found["emoji"] + found["symbol"],
    }
    most = max(scripts, key=scripts.__getitem__)
    accented = found["accented"] + found["vietnamese"]
    whole = ascii_text + accented + sum(scripts.values())
    if 6 * scripts[most] > whole:
        return most
    if 6 * found["digit"] > whole:
        return "numbers"
    if 8 * found["punctuation"] > whole:
        return "marked"
    return "accented" if 100 * accented > whole else "plain"


_FOREIGN = tuple(name for name in _BEYOND if name not in ("accented", "vietnamese", "quote"))


@lru_cache(maxsize=16)
def _kept(text: str) -> Makeup:
    return _makeup(text)


def _makeup(text: str) -> Makeup:
    found = dict.fromkeys(FEATURES, 0)
    for window, _ in windows([text], cut_between_classes):
        for name, times in _of_window(window).items():
            found[name] += times
    return MappingProxyType(found)


def _of_window(text: str) -> dict[str, int]:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = without_surrogates(text).encode()
    classes = data.translate(_CLASSES)
    found = {name: classes.count(mark) for name, mark in _MARKS.items()}
    for name, (taken_from, starts) in _SECOND.items():
        found[name] = sum(map(data.count, starts)) if found[taken_from] else 0
        found[taken_from] -= found[name]
    space = _MARKS["space"]
    found["words"] = sum(classes.count(space + _MARKS[name]) for name in ("lower", "upper"))
    for name, (of, table) in _RUNS.items():
        found[name] = _runs(data, table) if found[of] else 0
    tokens = len(encode_ordinary(BASE)(text))
    found["pieces"] = tokens - found["words"] - found["numbers"] - found["marks"]
    return found


def _runs(data: bytes, table: bytes) -> int:
    """How often the bytes that a table makes 1 begin."""
    of = data.translate(table)
    return of.count(b"\0\1") + of.startswith(b"\1")


_MARKS = {name: bytes([i]) for i, name in enumerate(("punctuation", *_ASCII, *_FIRST))}
"""A byte of its own for each class; what begins no character has 0xFF."""


def _table() -> bytes:
    table = bytearray(_MARKS["punctuation"] * 0x80 + b"\xff" * 0x80)
    for name, characters in _ASCII.items():
        for byte in characters:
            table[byte] = _MARKS[name][0]
    for name, (first, last) in _FIRST.items():
        table[first : last + 1] = _MARKS[name] * (last + 1 - first)
    return bytes(table)


_CLASSES = _table()
_RUNS = {
    # of which class, and a table that makes its bytes 1
    name: (of, bytes(byte in among for byte in range(256)))
    for name, of, among in (
        ("numbers", "digit", _ASCII["digit"]),
        ("marks", "punctuation", b'!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'),
        ("breaks", "line", _ASCII["line"]),
    )
}
"""Marks without the apostrophe: o200k_base takes "don't" for one word."""

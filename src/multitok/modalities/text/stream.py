"""Long text in windows: where a text may be cut so that the tokens of its parts add up.

A cut is safe where no token of the whole can hold both sides and where neither side is split
differently without the other. For the bundled BPE patterns both follow from the patterns: they look
ahead only past white space and never behind, no piece holds a non-space and then a space, and no
piece holds two of letters, digits and punctuation save `'s` and the like and one leading mark. So a
text may be cut

    between a non-space and U+0020                           any | space
    between a letter or digit and white space or punctuation, the apostrophe excepted
    between a digit and a letter, a letter and a digit

where letters and punctuation are taken from ranges that no Unicode version moves. White space is
what the patterns call so: Python's `str.isspace()` adds U+001C to U+001F, they do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from multitok.core.counts import StreamCount

WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode White_Space, as a regex class: what the patterns mean by `\\s`."""

WINDOW = 1 << 16
"""Characters in a window, about; large enough to cost nothing, small enough to hold."""

CAP = 1 << 22
"""Characters a streamed window may grow to where no safe cut comes; then the count is estimated."""

_LETTER = "A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u03b1-\u03c9\u0410-\u044f\u3041-\u3096\u30a1-\u30fa"
_LETTER += "\u4e00-\u9fa5\uac00-\ud7a3"
_MARK = "!-&(-/:-@\\[-`{-~\u3001-\u3003\u3008-\u3011\uff01-\uff06\uff08-\uff0f"
_BEFORE_SPACE = re.compile(f"[^{WHITE}](?= )")
_BEFORE_LINE = re.compile("[^\r](?=\n)")
_BETWEEN = re.compile(f"[{_LETTER}](?=[{WHITE}{_MARK}0-9])|[0-9](?=[{WHITE}{_MARK}{_LETTER}])")
_BEFORE_WHITE = f"[{_LETTER}0-9](?=[{WHITE}])"
_BEFORE_WORD = f"[{_LETTER}0-9](?= [^{WHITE}])"

_compiled = cache(re.compile)
"""Of those two, once a text is cut by them: so many letters take 3 ms, and few texts are."""

Cut = Callable[[str], int]
"""Gives the last place at which a text may be cut, or 0 where there is none."""


def cut_before_space(text: str) -> int:
    """Between a non-space and U+0020.

    >>> cut_before_space("two words\\n here")
    3
    """
    return _last(_BEFORE_SPACE, text)


def cut_before_white_space(text: str) -> int:
    """As `cut_before_space`, and between a letter or digit and any white space."""
    return _last(_BEFORE_SPACE, text) or _last(_compiled(_BEFORE_WHITE), text)


def cut_between_words(text: str) -> int:
    """Between a letter or digit and U+0020 before a non-space: a SentencePiece vocabulary may hold
    punctuation and a space ("> </" of Gemma 3), and knows no piece of text that is a space alone.

    >>> cut_between_words("two words, here ")
    3
    """
    return _last(_compiled(_BEFORE_WORD), text)


def cut_between_clusters(text: str) -> int:
    """Between a letter or digit and white space, or before a line feed that follows no return: a
    space alone may belong to the cluster of a mark before it (U+0890 and its like)."""
    return _last(_compiled(_BEFORE_WHITE), text) or _last(_BEFORE_LINE, text)


def cut_between_classes(text: str) -> int:
    """As `cut_before_space`, and between letters, digits and punctuation.

    >>> cut_between_classes("no.spaces.in-here")
    12
    """
    return _last(_BEFORE_SPACE, text) or _last(_BETWEEN, text)


def cut_anywhere(text: str) -> int:
    """Between any two characters: for tokenizers whose tokens are single characters or bytes."""
    return len(text)


def windows(
    chunks: Iterable[str], cut: Cut, *, size: int = WINDOW, cap: int | None = None
) -> Iterator[tuple[str, bool]]:
    """The text of `chunks` in windows of about `size` characters, and whether each was cut safely.

    With a `cap` a window without a safe cut is cut there all the same; without one it grows.
    A text that is whole and short needs no cut.
    """
    if isinstance(chunks, list) and len(chunks) == 1 and len(chunks[0]) <= size:
        yield from [(chunks[0], True)] if chunks[0] else []
        return
    held: list[str] = []
    length = 0
    for part in _slices(chunks, size):
        last = held[-1][-1] if held else ""
        at = cut(last + part) - len(last)
        if at >= 0 and last + part[:at]:
            yield "".join((*held, part[:at])), True
            held, length = ([part[at:]], len(part) - at) if at < len(part) else ([], 0)
        else:
            held.append(part)
            length += len(part)
            if cap is not None and length >= cap:
                yield "".join(held), False
                held, length = [], 0
    if held:
        yield "".join(held), True


def count_windows(
    chunks: Iterable[str], cut: Cut, count: Callable[[str], int | Mapping[str, int]]
) -> StreamCount:
    """The counts of the windows, or their parts, added up."""
    parts, exact = {"text": 0}, True
    for window, safe in windows(chunks, cut, cap=CAP):
        counted = count(window)
        found = counted if isinstance(counted, Mapping) else {"text": counted}
        for name, tokens in found.items():
            parts[name] = parts.get(name, 0) + tokens
        exact = exact and safe
    return StreamCount(parts, exact)


def _slices(chunks: Iterable[str], size: int) -> Iterator[str]:
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            yield chunk[start : start + size]


def _last(pattern: re.Pattern[str], text: str) -> int:
    """The end of the last match: the tail first, where there nearly always is one."""
    for start in (max(0, len(text) - 512), 0):
        at = 0
        for match in pattern.finditer(text, start):
            at = match.end()
        if at:
            return at
    return 0

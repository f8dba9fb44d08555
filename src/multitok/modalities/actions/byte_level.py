"""What a published FAST file does before its merges: GPT-2's bytes, and its split into words.

The split is the regular expression of GPT-2, worked out here for many rows of characters at once:

    's|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LAST = 0x7FF
"""The last character of two UTF-8 bytes; no published vocabulary reaches as far."""
LETTER, NUMBER, OTHER, SPACE, WHITE = range(5)
WHITESPACE = (*range(0x09, 0x0E), 0x20, 0x85, 0xA0)
ENDINGS = ("s", "t", "re", "ve", "m", "ll", "d")


def byte_alphabet() -> dict[str, int]:
    """GPT-2's printable stand-in of each byte, inverted."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(rest)}


@cache
def _classes() -> NDArray[np.uint8]:
    """The class of each character up to LAST."""
    import unicodedata

    import numpy as np

    made = np.full(LAST + 1, OTHER, np.uint8)
    for code in range(LAST + 1):
        kind = unicodedata.category(chr(code))[0]
        if code in WHITESPACE:
            made[code] = SPACE if code == ord(" ") else WHITE
        elif kind in "LN":
            made[code] = LETTER if kind == "L" else NUMBER
    return made


def word_starts(characters: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Where the words of each row (rows, width) begin; characters are at most LAST."""
    import numpy as np

    kind = _classes()[characters]
    white = kind >= SPACE
    starts = np.ones(kind.shape, np.bool_)
    starts[:, 1:] = kind[:, 1:] != kind[:, :-1]
    # a run of white space is one word, but its last character goes on its own before a word
    inside = white[:, 1:] & white[:, :-1]
    last = np.zeros(kind.shape, np.bool_)
    last[:, :-1] = white[:, :-1] & ~white[:, 1:]
    starts[:, 1:] = np.where(inside, last[:, 1:], starts[:, 1:])
    # and a single space joins the word after it
    starts[:, 1:] &= white[:, 1:] | (kind[:, :-1] != SPACE)
    row, column = np.nonzero((characters == ord("'")) & starts)
    for ending in ENDINGS:
        n = len(ending)
        fits = column + n < kind.shape[1]
        r, c = row[fits], column[fits]
        same = np.ones(len(r), np.bool_)
        for k, letter in enumerate(ending, 1):
            same &= characters[r, c + k] == ord(letter)
        r, c = r[same], c[same]
        for k in range(1, n + 1):
            starts[r, c + k] = False
        after = c + n + 1 < kind.shape[1]
        starts[r[after], c[after] + n + 1] = True
    return starts


def symbol_table(vocab: Mapping[str, int], pad: int) -> NDArray[np.int16]:
    """The ids of the one or two bytes of each character up to LAST; pad where there is none.

    A byte that the vocabulary lacks has no id: the published tokenizer drops it without a word.
    """
    import numpy as np

    stand_in = {byte: character for character, byte in byte_alphabet().items()}
    table = np.full((LAST + 1, 2), pad, np.int16)
    for code in range(LAST + 1):
        for at, byte in enumerate(chr(code).encode("utf-8")):
            table[code, at] = vocab.get(stand_in[byte], pad)
    return table


def symbols(
    characters: NDArray[np.integer[Any]], table: NDArray[np.int16], wall: int, pad: int
) -> NDArray[np.int16]:
    """Rows of symbols for `Merges.encode`: a wall before each word, then the bytes' ids."""
    import numpy as np

    made = np.empty((*characters.shape, 3), np.int16)
    made[..., 0] = np.where(word_starts(characters), np.int16(wall), np.int16(pad))
    both = table.view(np.int32)[:, 0].take(characters)  # two ids at a look
    made[..., 1:] = both.view(np.int16).reshape(*characters.shape, 2)
    return made.reshape(len(characters), -1)

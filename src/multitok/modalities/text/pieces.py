"""A text cut where its tokens meet, for people to look at: never inside a character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from multitok.core.errors import MediaError

if TYPE_CHECKING:
    from multitok.core.media import Text
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text and the ids that make it; several where tokens share a character.

    White space that no token covers stands with the token after it, or alone at the end, without
    ids. A token that stands for no text (`[CLS]`) is a piece of its own with text "".
    """

    text: str
    ids: tuple[int, ...]


def pieces(text: Text, tokens: TokenSequence) -> list[Piece]:
    """The text in pieces of whole characters, in order; their texts join to the text.

    >>> from multitok import Text
    >>> from multitok import get_tokenizer
    >>> text = Text("a 👩‍👧")
    >>> pieces(text, get_tokenizer("o200k_base").encode(text))[:2]
    [Piece(text='a', ids=(64,)), Piece(text=' 👩', ids=(61138, 102))]
    """
    if tokens.positions is None or tokens.ids is None:
        raise MediaError("pieces need tokens with ids and byte spans, got a sequence without them")
    data = text.text.encode("utf-8")
    found: list[Piece] = []
    begin, ids = 0, []
    for (start, stop), i in zip(tokens.positions.tolist(), tokens.ids.tolist(), strict=True):
        if stop > begin:
            ids.append(i)
            if stop == len(data) or data[stop] & 0xC0 != 0x80:  # the next byte starts a character
                found.append(Piece(data[begin:stop].decode("utf-8"), tuple(ids)))
                begin, ids = stop, []
        elif ids:
            ids.append(i)
        elif start >= 0 and stop > start and found:  # another token of a character already shown
            found[-1] = Piece(found[-1].text, (*found[-1].ids, i))
        else:
            found.append(Piece("", (i,)))
    if begin < len(data):
        found.append(Piece(data[begin:].decode("utf-8"), tuple(ids)))
    return found

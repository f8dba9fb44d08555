"""Changes that know the form of an input: JSON by its values, boxes by their fields, text by words.

Each makes a function of an input and a chance; libFuzzer's own changes of bytes come between them.
"""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from targets import Mutate

ODD = [0, 1, 2, 7, 8, 9, 0x7FFF, 0xFFFF, 999_999, 1_000_000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
"""Numbers at which a field of 32 bits means something else."""

FEW = [1, 1, 1, 2, 4]
"""Changes at once: more of them are hardly ever read as far as the second."""


def places(document: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value of a document, the whole of it first."""
    yield place
    if isinstance(document, dict | list):
        keys = document if isinstance(document, dict) else range(len(document))
        for key in keys:
            yield from places(document[key], (*place, key))


def at(document: Any, place: Sequence[Any]) -> Any:
    """The value there."""
    for key in place:
        document = document[key]
    return document


def changed(document: Any, chance: Random, values: Sequence[Any], others: Sequence[Any]) -> Any:
    """The document with one value replaced, by one of `values` or a piece of another document; or
    taken away, put into a list, doubled, or under another key."""
    place = chance.choice([*places(document)])
    old = at(document, place)
    turn = chance.randrange(8)
    if turn == 0 and place:
        holder = at(document, place[:-1])
        holder.pop(place[-1])
        return document
    if turn == 1 and isinstance(old, dict) and old:
        old[chance.choice(_keys(others))] = copy.deepcopy(chance.choice(values))
        return document
    if turn == 2 and isinstance(old, list) and old:
        old.append(copy.deepcopy(chance.choice(old)))
        return document
    if turn == 3:
        new = [old] if chance.random() < 0.5 else {chance.choice(_keys(others)): old}
    elif turn == 4:
        other = chance.choice(others)
        new = copy.deepcopy(at(other, chance.choice([*places(other)])))
    else:
        new = copy.deepcopy(chance.choice(values))
    if not place:
        return new
    at(document, place[:-1])[place[-1]] = new
    return document


def _keys(documents: Sequence[Any]) -> list[str]:
    """The keys of these documents."""
    found = {key for one in documents for place in places(one) for key in place}
    return sorted(key for key in found if isinstance(key, str)) or ["a"]


def dumped(documents: Sequence[Any]) -> list[bytes]:
    """Each of them as JSON."""
    return [json.dumps(document).encode() for document in documents]


def parsed(data: bytes) -> Any:
    """The document, or None where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def json_like(values: Sequence[Any], documents: Sequence[Any]) -> Mutate:
    """JSON with a few values changed; what is none becomes one of the documents."""

    def mutate(data: bytes, chance: Random) -> bytes:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            document = copy.deepcopy(chance.choice(documents))
        for _ in range(chance.choice(FEW)):
            document = changed(document, chance, values, documents)
        return json.dumps(document).encode()

    return mutate


def json_lines(values: Sequence[Any], documents: Sequence[Any]) -> Mutate:
    """Lines of JSON, one of them changed, doubled, cut or gone."""
    line_of = json_like(values, documents)

    def mutate(data: bytes, chance: Random) -> bytes:
        lines = data.split(b"\n")
        number = chance.randrange(len(lines))
        turn = chance.randrange(8)
        if turn == 0:
            lines.insert(number, lines[chance.randrange(len(lines))])
        elif turn == 1:
            del lines[number]
        elif turn == 2:
            lines[number] = lines[number][: chance.randrange(len(lines[number]) + 1)]
        else:
            lines[number] = line_of(lines[number], chance)
        return b"\n".join(lines)

    return mutate


def fields_of(names: Sequence[bytes], order: str = ">") -> Mutate:
    """Boxes, chunks and tables: a number near one of these names is replaced, or bytes move."""

    def mutate(data: bytes, chance: Random) -> bytes:
        hurt = bytearray(data or bytes(64))
        for _ in range(chance.choice(FEW)):
            turn = chance.randrange(6)
            found = hurt.find(chance.choice(names)) if turn < 3 else -1
            here = found - 4 if turn == 0 else found + 4 + 4 * chance.randrange(8)
            if found < 0:
                here = chance.randrange(len(hurt) or 1)
            if turn < 4 and 0 <= here <= len(hurt) - 4:
                number = chance.choice([*ODD, chance.randrange(1 << 12)])
                hurt[here : here + 4] = struct.pack(f"{order}I", number)
            elif turn == 4:
                del hurt[here : here + chance.randint(1, 32)]
            elif hurt:
                start = chance.randrange(len(hurt))
                hurt[here:here] = hurt[start : start + chance.randint(1, 64)]
        return bytes(hurt)

    return mutate


def words_of(words: Sequence[str]) -> Mutate:
    """Text into which these words are put; pieces of it go, come twice, or are cut off."""

    def mutate(data: bytes, chance: Random) -> bytes:
        text = data.decode("utf-8", "replace")
        for _ in range(chance.choice(FEW)):
            here = chance.randrange(len(text) + 1)
            turn = chance.randrange(5)
            if turn < 3:
                said = "".join(chance.choice(words) for _ in range(chance.randint(1, 4)))
                text = text[:here] + said + text[here:]
            elif turn == 3:
                text = text[:here] + text[here + chance.randint(1, 20) :]
            else:
                text = text[:here] + text[chance.randrange(len(text) + 1) :][:60] + text[here:]
        return text.encode("utf-8", "replace")

    return mutate


def first_kept(mutate: Mutate) -> Mutate:
    """The first byte chooses a form, and stays most times."""

    def keeping(data: bytes, chance: Random) -> bytes:
        first = bytes([chance.randrange(256)]) if chance.random() < 0.1 else data[:1]
        return (first or b"\0") + mutate(data[1:], chance)

    return keeping

"""The one place that turns text into BPE ids: tiktoken, or splintr-rs when it is installed, and for
what is very long fastokens beside it, which is thrice as fast once it has taken a second to load.

All give the same ids, so which one runs is no part of a tokenizer. MULTITOK_BPE_BACKEND=tiktoken
(or splintr) forces one. Special tokens are split off before the text gets here: a backend sees
ordinary text only.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

from multitok.core.environment import variable
from multitok.core.errors import UnknownNameError
from multitok.core.extras import optional, require
from multitok.modalities.text.flat import flattened
from multitok.modalities.text.stream import WHITE, WINDOW
from multitok.modalities.text.vocabulary import index, known, load

Encode = Callable[[str], list[int]]
ResultT = TypeVar("ResultT")


class Engine(NamedTuple):
    """What a backend makes of ordinary text: ids, their bytes (uint32 one after another, as arrays
    read them without an int for each), and how many they are. Each is the cheapest way to it."""

    ids: Encode
    flat: Callable[[str], bytes]
    count: Callable[[str], int]


VARIABLE = "MULTITOK_BPE_BACKEND"
LONG_RUN = 50_000
"""tiktoken fails on white space runs of about a million; shorter ones than this it always takes."""
BREAK_EVEN = 100_000_000
"""Characters from which loading fastokens pays: splintr takes up to 2 s for as many, fastokens 0.7
and 1.3 to load. Against tiktoken it pays from a fourth of it on."""
CLEAR_AFTER = 1 << 24
"""Characters after which splintr's cache is emptied: it bounds entries, and memory grows."""
COMPILED_IN = ("o200k_base", "cl100k_base")
"""Of our vocabularies, those that splintr brings itself, and whose patterns fastokens has."""
MARK = "<|"
"""What each special token begins with that splintr knows of those, and that nobody asked for."""
_LOADED: set[str] = set()
"""Vocabularies that fastokens has by now: it counts whatever is cut into windows from then on."""

_RUN = re.compile(f"[{WHITE}]{{{LONG_RUN},}}")
_POSSESSIVE = re.compile(r"([+*?}])\+")
_NEWLINES = re.compile("[\r\n]*")


def engine(vocabulary: str, length: int = 0) -> Engine:
    """The backend in use, for a vocabulary and a text of so many characters, or a stream that has
    had so many by now."""
    pays = BREAK_EVEN if vocabulary not in _LOADED else WINDOW
    return _engine(vocabulary, variable(VARIABLE), length > pays)


@cache
def _engine(vocabulary: str, asked: str | None, long: bool) -> Engine:
    """`asked` is what the environment says."""
    name = _backend(asked)
    if long and name == "splintr" and optional("fastokens"):
        ranks = index()[vocabulary]["ranks"]
        if ranks in COMPILED_IN:
            _LOADED.add(vocabulary)
            return _fastokens(ranks)
    return _BACKENDS[name](vocabulary)


def encode_ordinary(vocabulary: str) -> Encode:
    """Text to ids without special tokens, by the backend in use."""
    return engine(vocabulary).ids


def backend() -> str:
    """ "tiktoken" or "splintr": what is installed, or what MULTITOK_BPE_BACKEND asks for."""
    return _backend(variable(VARIABLE))


def _backend(asked: str | None) -> str:
    if not asked:
        return "splintr" if optional("splintr") else "tiktoken"
    if asked not in _BACKENDS:
        raise UnknownNameError.of(
            "BPE backend", asked, _BACKENDS, f"{VARIABLE} takes: {', '.join(_BACKENDS)}"
        )
    if asked == "splintr":
        require("splintr", extra="fast", package="splintr-rs", purpose="the fast BPE backend")
    return asked


@cache
def _splintr(name: str) -> Engine:
    known(name)
    tokenizer = _splintrs(index()[name]["ranks"])
    encode, encode_flat = tokenizer.encode_ordinary, tokenizer.encode_flat

    def flat(text: str) -> bytes:
        if "|" in text and MARK in text:  # one character is found in no time, two are not
            return flattened(encode(text))
        ids: bytes = encode_flat(text)
        return ids

    bounded = _cleared(tokenizer, flat)
    return Engine(
        ids=_cleared(tokenizer, encode), flat=bounded, count=lambda text: len(bounded(text)) // 4
    )


@cache
def _splintrs(ranks: str) -> Any:
    """splintr's tokenizer: of what it brings itself, which is there in a tenth of the time that it
    takes to read ours, or of ours. Its flat mode finds special tokens, where a text has any."""
    import splintr

    if ranks in COMPILED_IN:
        tokenizer = splintr.Tokenizer.from_pretrained(ranks)
        if all(token.startswith(MARK) for token in tokenizer.special_tokens()):
            return tokenizer
    vocabulary = load(ranks)
    # It knows no possessive quantifiers; in these patterns greedy ones match the same.
    pattern = _POSSESSIVE.sub(r"\1", vocabulary.pattern)
    return splintr.Tokenizer.from_bytes(vocabulary.rank_file(), pattern, {})


def _cleared(tokenizer: Any, encode: Callable[[str], ResultT]) -> Callable[[str], ResultT]:
    """A way of splintr's to encode; its cache is emptied now and then."""
    since_cleared = 0

    def encode_text(text: str) -> ResultT:
        nonlocal since_cleared
        since_cleared += len(text)
        if since_cleared > CLEAR_AFTER:
            tokenizer.clear_cache()
            since_cleared = 0
        try:
            return encode(text)
        except UnicodeEncodeError:
            return encode(without_surrogates(text))

    return encode_text


@cache
def _fastokens(ranks: str) -> Engine:
    """Its cache of pieces is bounded, at some 250 MB. The pattern is named and not given: of
    cl100k's own it makes another one around U+180E."""
    from tempfile import TemporaryDirectory

    import fastokens

    from multitok.core.writing import writing

    with TemporaryDirectory() as folder:
        path = os.path.join(folder, f"{ranks}.tiktoken")
        with writing(path) as file:
            file.write(load(ranks).rank_file())
        tokenizer = fastokens.Tokenizer.from_tiktoken(path, encoding=ranks, special_tokens={})

    def flat(text: str) -> bytes:
        try:
            ids: bytes = tokenizer.encode_batch_flat([text])[0]
        except UnicodeEncodeError:
            return flat(without_surrogates(text))
        return ids

    return Engine(
        ids=lambda text: list(memoryview(flat(text)).cast("I")),
        flat=flat,
        count=lambda text: len(flat(text)) // 4,
    )


@cache
def _tiktoken(name: str) -> Engine:
    import tiktoken

    vocabulary = load(name)
    encoding = tiktoken.Encoding(
        name,
        pat_str=vocabulary.pattern,
        mergeable_ranks=vocabulary.ranks(),
        special_tokens=_one_special(name),
    )

    def encode_text(text: str) -> list[int]:
        try:
            # encode_ordinary panics where this raises: on a million spaces in a row
            ids: list[int] = encoding.encode(text, disallowed_special=())
        except ValueError:
            if not _RUN.search(text):
                raise
            ids = _encode_around_runs(name, encode_text, text)
        return ids

    return Engine(
        ids=encode_text,
        flat=lambda text: flattened(encode_text(text)),
        count=lambda text: len(encode_text(text)),
    )


def _one_special(name: str) -> dict[str, int]:
    """Never used: but with none at all tiktoken stops to look for one at every character."""
    return dict([next(iter(load(name).special.items()))])


_BACKENDS: dict[str, Callable[[str], Engine]] = {"tiktoken": _tiktoken, "splintr": _splintr}


def without_surrogates(text: str) -> str:
    """Surrogate pairs become the character they stand for, lone ones U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encode_around_runs(name: str, encode: Encode, text: str) -> list[int]:
    """The ids of a text with very long runs of white space, each run split by hand."""
    ids: list[int] = []
    for piece, whole in _split_at_runs(name, text):
        ids += _encode_whole(name)(piece) if whole else encode(piece)
    return ids


def _split_at_runs(name: str, text: str) -> Iterator[tuple[str, bool]]:
    """Text for the pattern (False), and the pieces that it makes of a run (True).

    Where the pattern knows line breaks (cl100k, o200k) it makes of a run: the line breaks that a
    punctuation piece before it takes along, then all up to the last line break, then the rest.
    A non-space after the run leaves the rest's last character to what follows.
    """
    breaks = r"\s*[\r\n]" in load(name).pattern
    start = 0
    for run in _RUN.finditer(text):
        at, stop = run.span()
        if breaks and at and _takes_breaks(name, text[at - 1]):
            taken = _NEWLINES.match(text, at, stop)
            at = taken.end() if taken else at
        if at > start:
            yield text[start:at], False
        start = at
        last = max(text.rfind("\n", at, stop), text.rfind("\r", at, stop)) + 1
        if breaks and last > at and not (_ends_whole(name) and stop == len(text)):
            yield text[at:last], True
            start = last
        rest = stop if stop == len(text) else stop - 1
        if rest > start:
            yield text[start:rest], True
            start = rest
    if start < len(text):
        yield text[start:], False


def _ends_whole(name: str) -> bool:
    r"""Whether white space at the end of the text is one piece whatever it holds (`\s++$`)."""
    pattern = load(name).pattern
    return r"\s++$" in pattern


def _takes_breaks(name: str, before: str) -> bool:
    """Whether the piece that ends in `before` takes the line breaks that follow it."""
    wordlike = "LNM" if r"\p{M}" in load(name).pattern else "LN"
    return unicodedata.category(before)[0] not in wordlike


@cache
def _encode_whole(name: str) -> Encode:
    """Ids of a text taken as one piece: the pattern is "everything"."""
    import tiktoken

    ranks = load(name).ranks()
    encoding = tiktoken.Encoding(
        f"{name} whole",
        pat_str="(?s).+",
        mergeable_ranks=ranks,
        special_tokens=_one_special(name),
    )
    return partial(encoding.encode, disallowed_special=())

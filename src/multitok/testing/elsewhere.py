"""Law 5: a tokenizer gives the same tokens in another process."""

from __future__ import annotations

import copy
import multiprocessing
import os
from collections.abc import Sequence
from typing import Any

from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import Tokenizer
from multitok.testing.laws import LawBroken
from multitok.testing.rule import refuses
from multitok.testing.samples import samples

_CHILD = "MULTITOK_LAW_CHILD"
_DIFFERENT = ("PYTHONHASHSEED", "OPENBLAS_NUM_THREADS")
"""What another process has otherwise: the command line gives numpy one thread, a library all."""


def digest(sequence: Any) -> str:
    """A hash of a token sequence's arrays and header, equal across processes."""
    import hashlib

    state = hashlib.sha256()
    for name in ("special", "ids", "values", "positions"):
        array = getattr(sequence, name)
        state.update(f"{name}{None if array is None else (array.dtype.str, array.shape)}".encode())
        state.update(b"" if array is None else array.tobytes())
    for key in sorted(sequence.inputs):
        state.update(key.encode() + sequence.inputs[key].tobytes())
    state.update(repr(sequence.expansion).encode())
    return state.hexdigest()


def check_same_in_another_process(
    counters: Sequence[AnyCounter], media: Sequence[Any] | None = None
) -> None:
    """Law 5: encode gives the same in another process, with another PYTHONHASHSEED and another
    number of threads for numpy's products.

    One child serves all the tokenizers given; with no `media`, the kit's samples are used.
    """
    if os.environ.get(_CHILD):
        return  # this is the other process, importing the script that asked
    tokenizers = [c for c in counters if isinstance(c, Tokenizer)]
    here = [_digests(t, media) for t in tokenizers]
    context = multiprocessing.get_context("spawn")
    answer, ask = context.Pipe(duplex=False)
    other = {name: "1" if os.environ.get(name) != "1" else "2" for name in _DIFFERENT}
    before = {name: os.environ.get(name) for name in (*other, _CHILD)}
    os.environ.update({**other, _CHILD: "1"})
    try:
        child = context.Process(target=_answer, args=(ask, tokenizers, media))
        child.start()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    ask.close()
    try:
        there = answer.recv()
    except EOFError:
        raise LawBroken(
            "encode in another process failed (see stderr). A class must be in a file to be found"
        ) from None
    finally:
        answer.close()
        child.join()
    for tokenizer, ours, theirs in zip(tokenizers, here, there, strict=True):
        if ours != theirs:
            raise LawBroken(f"encode is the same in another process: {tokenizer!r} differs")


def _answer(ask: Any, tokenizers: Sequence[Any], media: Sequence[Any] | None) -> None:
    ask.send([_digests(t, media) for t in tokenizers])
    ask.close()


def _digests(tokenizer: Any, media: Sequence[Any] | None) -> list[str]:
    given = media if media is not None else samples(tokenizer.modality)
    return [digest(tokenizer.encode(m)) for m in copy.deepcopy(given) if not refuses(tokenizer, m)]

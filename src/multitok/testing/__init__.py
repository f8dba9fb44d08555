"""The conformance kit: the laws every tokenizer keeps, each a check that names what broke.

    from multitok.testing import check
    check(MyTokenizer())            # runs every law on the awkward samples of its modality

or one law at a time, for a test report that says which: `for law in LAWS: law(tokenizer, sample)`.
A broken law raises LawBroken with the law, the tokenizer, the sample and what was seen. Samples are
awkward on purpose: 1 x 1, one row, prime sides, empty text, constant series, NaN, an outlier; a
square picture would hide a width and height that are swapped.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from multitok.core.errors import MultitokError, NeedsContentError, NotInvertibleError
from multitok.core.info import info_of
from multitok.core.registry import AnyCounter, from_config
from multitok.core.tokenizer import Tokenizer
from multitok.testing.samples import samples

Law = Callable[[AnyCounter, Any], None]

_CHILD = "MULTITOK_LAW_CHILD"
_DIFFERENT = ("PYTHONHASHSEED", "OPENBLAS_NUM_THREADS")
"""What another process has otherwise: the command line gives numpy one thread, a library all."""


class LawBroken(AssertionError):
    """A tokenizer does not keep a law."""


def _demand(holds: bool, law: str, tokenizer: Any, sample: Any, seen: str) -> None:
    if not holds:
        about = info_of(sample)
        raise LawBroken(f"{law}: {tokenizer!r} on {about!r}: {seen}")


def check_count_is_a_whole_number(counter: AnyCounter, sample: Any) -> None:
    """Law 1: count is a plain int, not below 0."""
    n = counter.count(sample)
    _demand(type(n) is int and n >= 0, "count is a plain int >= 0", counter, sample, f"got {n!r}")


def check_count_by_shape(counter: AnyCounter, sample: Any) -> None:
    """Law 2: the shape gives the same count as the content, or says it needs the content."""
    n = counter.count(sample)
    try:
        by_shape = counter.count(sample.info)
    except NeedsContentError:
        return
    seen = f"content gives {n}, its shape {by_shape}"
    _demand(n == by_shape, "count(x) == count(x.info)", counter, sample, seen)


def check_count_is_length(counter: AnyCounter, sample: Any) -> None:
    """Law 3: count(x) == len(encode(x)), for tokenizers."""
    if isinstance(counter, Tokenizer):
        n, length = counter.count(sample), len(counter.encode(sample))
        seen = f"count says {n}, encode makes {length}"
        _demand(n == length, "count(x) == len(encode(x))", counter, sample, seen)


def check_parts_add_up(counter: AnyCounter, sample: Any) -> None:
    """Law 4: the breakdown sums to the count."""
    parts, n = counter.breakdown(sample), counter.count(sample)
    seen = f"{parts} sums to {sum(parts.values())}, count says {n}"
    _demand(sum(parts.values()) == n, "sum(breakdown(x)) == count(x)", counter, sample, seen)


def check_input_is_untouched(counter: AnyCounter, sample: Any) -> None:
    """Law 6: encode does not change its input."""
    if isinstance(counter, Tokenizer):
        before = copy.deepcopy(sample)
        counter.encode(sample)
        _demand(before == sample, "encode leaves its input alone", counter, sample, "it changed")


def check_batch_is_loop(counter: AnyCounter, sample: Any) -> None:
    """Law 7: encode_batch gives what encode gives, item by item."""
    if isinstance(counter, Tokenizer):
        one = counter.encode(sample)
        batch = counter.encode_batch([sample, sample])
        same = len(batch) == 2 and all(item == one for item in batch)
        _demand(same, "encode_batch(xs) == [encode(x) ...]", counter, sample, "they differ")


def check_prepare_is_idempotent(counter: AnyCounter, sample: Any) -> None:
    """Law 8: preparing twice changes nothing more, unless the class says why not."""
    if isinstance(counter, Tokenizer) and counter.idempotent:
        once = counter.prepare(sample)
        twice = counter.prepare(once)
        _demand(once == twice, "prepare(prepare(x)) == prepare(x)", counter, sample, "they differ")


def check_round_trip(counter: AnyCounter, sample: Any) -> None:
    """Law 9: decode(encode(x)) is prepare(x), within the stated bound."""
    if not isinstance(counter, Tokenizer):
        return
    tokens = counter.encode(sample)
    try:
        decoded = counter.decode(tokens)
    except NotInvertibleError:
        return
    prepared = counter.prepare(sample)
    bound = counter.error_bound(tokens)
    law = "decode(encode(x)) is within error_bound of prepare(x)"
    _demand(type(decoded) is type(prepared), law, counter, sample, f"got {type(decoded).__name__}")
    if bound == 0.0:
        _demand(decoded == prepared, law, counter, sample, "the bound is 0 and they differ")
        return
    worst = _largest_difference(prepared, decoded, law, counter, sample)
    _demand(worst <= bound, law, counter, sample, f"off by {worst:.6g}, the bound is {bound:.6g}")


def _largest_difference(a: Any, b: Any, law: str, counter: Any, sample: Any) -> float:
    import numpy as np

    worst = 0.0
    for field in ("pixels", "frames", "samples", "values"):
        if not hasattr(a, field):
            continue
        x, y = getattr(a, field), getattr(b, field)
        _demand(x.shape == y.shape, law, counter, sample, f"shape {y.shape}, not {x.shape}")
        _demand(x.dtype == y.dtype, law, counter, sample, f"dtype {y.dtype}, not {x.dtype}")
        x, y = x.astype("float64"), y.astype("float64")
        holes = np.isnan(x) == np.isnan(y)
        _demand(bool(holes.all()), law, counter, sample, "NaN stands in other places")
        gap = np.abs(np.nan_to_num(x) - np.nan_to_num(y))
        worst = max(worst, float(gap.max(initial=0.0)))
    return worst


def check_config_round_trip(counter: AnyCounter, sample: Any) -> None:
    """Law 10: from_config(json(config())) is the same tokenizer."""
    config = json.loads(json.dumps(counter.config()))
    cls = type(counter)
    name, params = config.pop("tokenizer"), config
    seen = f"config gives {name!r} {params!r}"
    _demand(name == cls.name, "config names the tokenizer", counter, sample, seen)
    try:
        again = from_config({"tokenizer": name, **params})
    except MultitokError as error:
        raise LawBroken(f"from_config(config()): {counter!r}: {error}") from error
    _demand(again == counter, "from_config(config()) == t", counter, sample, f"got {again!r}")


def check_pickle_round_trip(counter: AnyCounter, sample: Any) -> None:
    """Law 11: the tokenizer and its sequences survive pickling."""
    again = pickle.loads(pickle.dumps(counter))
    _demand(again == counter, "pickle(t) == t", counter, sample, f"got {again!r}")
    if isinstance(counter, Tokenizer):
        tokens = counter.encode(sample)
        same = pickle.loads(pickle.dumps(tokens)) == tokens
        _demand(same, "pickle(tokens) == tokens", counter, sample, "they differ")


def check_positions(counter: AnyCounter, sample: Any) -> None:
    """Law 12: positions lie inside the input, and no two content tokens share one (text may)."""
    if not isinstance(counter, Tokenizer):
        return
    tokens = counter.encode(sample)
    if tokens.positions is None:
        return
    law = "positions lie inside the grid"
    content = tokens.positions[~tokens.special]
    _demand(bool((content >= 0).all()), law, counter, sample, "a content token has no place")
    if counter.modality == "text":
        inside = bool((content <= tokens.info.bytes).all())  # type: ignore[union-attr]
        _demand(inside, law, counter, sample, "a span ends after the text")
        return
    rows = {tuple(row) for row in content.tolist()}
    _demand(len(rows) == len(content), law, counter, sample, "two content tokens share a position")
    limit = tokens.state.get("grid")
    if limit is not None and len(content):
        inside = bool((content.max(axis=0) < list(limit)).all())
        _demand(inside, law, counter, sample, f"a position is outside the grid {limit}")
    if limit is None and len(content):
        _check_inside_the_input(counter, sample, tokens, content.max(axis=0).tolist(), law)


_WITHIN = {
    "row": "height", "column": "width", "frame": "frames", "group": "frames", "step": "steps",
    "patch": "steps", "segment": "steps", "channel": "channels", "dim": "dims", "sample": "samples",
}  # fmt: skip
"""Axes by name, and the side of the input that their positions cannot exceed."""


def _check_inside_the_input(
    counter: Any, sample: Any, tokens: Any, last: Sequence[int], law: str
) -> None:
    """Where no grid is stated: the last row lies above the picture's lower edge, and so on."""
    shapes = [sample.info, counter.prepare(sample).info]
    for axis, position in zip(tokens.axes, last, strict=True):
        sides = [getattr(shape, _WITHIN.get(axis, ""), None) for shape in shapes]
        most = max((side for side in sides if side is not None), default=None)
        seen = f"{axis} {position} of {most}, counted from 0; state['grid'] can say otherwise"
        _demand(most is None or position < most, law, counter, sample, seen)


def check_foreign_is_refused(counter: AnyCounter, sample: Any) -> None:
    """Law 13: encode refuses a medium of another modality, decode the tokens of another maker."""
    if not isinstance(counter, Tokenizer):
        return
    law = "encode and decode refuse what is not theirs"
    other = samples("text" if counter.modality != "text" else "pdf")[0]
    try:
        counter.encode(other)
    except MultitokError:
        pass
    else:
        _demand(False, law, counter, sample, f"it encodes {other!r}")
    tokens = counter.encode(sample)
    strange = dataclasses.replace(tokens, tokenizer={**tokens.tokenizer, "tokenizer": "another"})
    try:
        counter.decode(strange)
    except MultitokError:
        return
    _demand(False, law, counter, sample, "it decodes the tokens of 'another'")


LAWS: tuple[Law, ...] = (
    check_count_is_a_whole_number,
    check_count_by_shape,
    check_count_is_length,
    check_parts_add_up,
    check_input_is_untouched,
    check_batch_is_loop,
    check_prepare_is_idempotent,
    check_round_trip,
    check_config_round_trip,
    check_pickle_round_trip,
    check_positions,
    check_foreign_is_refused,
)


def refuses(counter: AnyCounter, sample: Any) -> bool:
    """True when the rule refuses the sample's shape with a clear error: nothing to check then."""
    try:
        counter.count(sample)
    except MultitokError:
        return True
    return False


def _kept(law: Law, counter: AnyCounter, sample: Any) -> None:
    """The law; an error from within the tokenizer names the law that met it, and the sample."""
    try:
        law(counter, sample)
    except LawBroken:
        raise
    except Exception as error:
        what = (law.__doc__ or law.__name__).strip().splitlines()[0].rstrip(".")
        about = info_of(sample)
        raise LawBroken(
            f"{what}: {counter!r} on {about!r}: it raised {type(error).__name__}: {error}"
        ) from error


def check(counter: AnyCounter, media: Iterable[Any] | None = None) -> None:
    """Every law on every sample the rule accepts; LawBroken names the first that fails.

    With no `media` of your own, the kit's awkward samples of the modality are used. At least one
    must be accepted.
    """
    given = list(media) if media is not None else samples(counter.modality)
    accepted = [sample for sample in given if not refuses(counter, sample)]
    if not accepted:
        raise LawBroken(f"{counter!r} refuses every sample: pass media it accepts")
    for sample in accepted:
        for law in LAWS:
            _kept(law, counter, sample)
    check_same_in_another_process([counter], accepted if media is not None else None)


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
    return [digest(tokenizer.encode(m)) for m in given if not refuses(tokenizer, m)]


__all__ = ["LAWS", "LawBroken", "check", "check_same_in_another_process", "refuses", "samples"]

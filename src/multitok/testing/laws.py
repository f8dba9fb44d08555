"""The laws that every tokenizer keeps: each says in words what must hold, and what was seen else.

A law is a function of a rule and a sample that gives None, or what was seen instead. `law` makes
of it the check that raises LawBroken with the law, the tokenizer, the sample and what was seen. A
check is run on a copy of the sample: what one law does to it is nothing that another one sees.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from multitok.core import registry
from multitok.core.errors import (
    MultitokError,
    NeedsContentError,
    NotInvertibleError,
    UnknownNameError,
)
from multitok.core.info import info_of
from multitok.core.making import made
from multitok.core.registry import AnyCounter
from multitok.core.sequence import TokenSequence
from multitok.core.tokenizer import Tokenizer
from multitok.testing.samples import samples

Law = Callable[[AnyCounter, Any], None]
Seen = str | None
"""What a broken law has seen; None where it holds."""


class LawBroken(AssertionError):
    """A tokenizer does not keep a law."""


def law(words: str, *, of_tokens: bool = True) -> Callable[[Callable[[Any, Any], Seen]], Law]:
    """A law in words, around what looks for a breach of it; most are for what makes tokens."""

    def made(seek: Callable[[Any, Any], Seen]) -> Law:
        meaning = (seek.__doc__ or "").strip().splitlines()[0].rstrip(".")

        @wraps(seek)
        def check(counter: AnyCounter, sample: Any) -> None:
            if of_tokens and not isinstance(counter, Tokenizer):
                return
            about = f"{counter!r} on {info_of(sample)!r}"
            try:
                seen = seek(counter, copy.deepcopy(sample))
            except Exception as error:  # whatever a stranger's rule raises: the law says where
                raise LawBroken(
                    f"{meaning}: {about}: it raised {type(error).__name__}: {error}"
                ) from error
            if seen is not None:
                raise LawBroken(f"{words}: {about}: {seen}")

        return check

    return made


@law("count is a plain int >= 0", of_tokens=False)
def check_count_is_a_whole_number(counter: AnyCounter, sample: Any) -> Seen:
    """Law 1: count is a plain int, not below 0."""
    n = counter.count(sample)
    return None if type(n) is int and n >= 0 else f"got {n!r}"


@law("count(x) == count(x.info)", of_tokens=False)
def check_count_by_shape(counter: AnyCounter, sample: Any) -> Seen:
    """Law 2: the shape gives the same count as the content, or says it needs the content."""
    n = counter.count(sample)
    try:
        by_shape = counter.count(sample.info)
    except NeedsContentError:
        return None
    return None if n == by_shape else f"content gives {n}, its shape {by_shape}"


@law("encode gives a TokenSequence of this tokenizer and input")
def check_tokens_are_of_their_maker(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 14: encode gives a TokenSequence that holds the tokenizer's config and the shape."""
    tokens = counter.encode(sample)
    if not isinstance(tokens, TokenSequence):
        return f"got {type(tokens).__name__}"
    made, own = _as_json(tokens.tokenizer), _as_json(counter.config())
    for name in counter.lenient:
        made.pop(name, None)
        own.pop(name, None)
    if made != own:
        return f"its tokenizer is {made}, not {own}: write tokenizer=self.config()"
    if tokens.info != sample.info:
        return f"its info is {tokens.info!r}: write info=media.info"
    return None


@law("ids are whole numbers from 0")
def check_ids_are_not_negative(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 15: an id is an int64 from 0 on."""
    ids = counter.encode(sample).ids
    if ids is None:
        return None
    if str(ids.dtype) != "int64":
        return f"their dtype is {ids.dtype}, not int64"
    return None if not (ids < 0).any() else f"the smallest is {int(ids.min())}"


@law("count(x) == len(encode(x))")
def check_count_is_length(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 3: count(x) == len(encode(x)), for tokenizers."""
    n, length = counter.count(sample), len(counter.encode(sample))
    return None if n == length else f"count says {n}, encode makes {length}"


@law("sum(breakdown(x)) == count(x)", of_tokens=False)
def check_parts_add_up(counter: AnyCounter, sample: Any) -> Seen:
    """Law 4: the breakdown sums to the count."""
    parts, n = counter.breakdown(sample), counter.count(sample)
    total = sum(parts.values())
    return None if total == n else f"{parts} sums to {total}, count says {n}"


@law("nothing changes its input", of_tokens=False)
def check_counting_leaves_the_input_alone(counter: AnyCounter, sample: Any) -> Seen:
    """Law 6: count, breakdown, notes and explain do not change their input."""
    fresh = copy.deepcopy(sample)
    for verb in ("count", "breakdown", "notes", "explain"):
        getattr(counter, verb)(sample)
        if sample != fresh:
            return f"{verb} changed it"
    return None


@law("encode leaves its input alone")
def check_input_is_untouched(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 6: encode, prepare and decode do not change their input."""
    fresh = copy.deepcopy(sample)
    tokens = counter.encode(sample)
    if sample != fresh:
        return "it changed"
    counter.prepare(sample)
    if sample != fresh:
        return "prepare changed it"
    kept = copy.deepcopy(tokens)
    try:
        counter.decode(tokens)
    except NotInvertibleError:
        return None
    return None if tokens == kept else "decode changed the tokens it was given"


@law("encode_batch(xs) == [encode(x) ...]")
def check_batch_is_loop(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 7: encode_batch gives what encode gives, item by item."""
    one = counter.encode(copy.deepcopy(sample))
    batch = counter.encode_batch([sample, sample])
    return None if len(batch) == 2 and all(item == one for item in batch) else "they differ"


@law("encode_ids(x) == encode(x).ids")
def check_ids_alone(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 16: encode_ids and encode_ids_batch give the ids of encode, each below `ids_below`."""
    ids = counter.encode(copy.deepcopy(sample)).ids
    if ids is None:
        return _no_ids(counter, sample)
    alone = counter.encode_ids(copy.deepcopy(sample))
    batch = counter.encode_ids_batch([sample, sample])
    for what, found in (("encode_ids", [alone]), ("encode_ids_batch", batch)):
        if any(one.dtype != ids.dtype or one.tolist() != ids.tolist() for one in found):
            return f"{what} gives others"
    if len(batch) != 2:
        return f"encode_ids_batch gives {len(batch)} of 2"
    most = counter.ids_below
    if most is not None and len(ids) and int(ids.max()) >= most:
        return f"the largest is {int(ids.max())}, ids_below says {most}"
    return None


def _no_ids(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Where encode makes vectors, ids are refused."""
    try:
        counter.encode_ids(sample)
    except MultitokError:
        return None
    return "encode makes no ids, encode_ids does"


@law("prepare(prepare(x)) == prepare(x)")
def check_prepare_is_idempotent(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 8: preparing twice changes nothing more, unless the class says why not."""
    if not counter.idempotent:
        return None
    once = counter.prepare(sample)
    return None if once == counter.prepare(copy.deepcopy(once)) else "they differ"


@law("decode(encode(x)) is within error_bound of prepare(x)")
def check_round_trip(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 9: decode(encode(x)) is prepare(x), within the stated bound."""
    tokens = counter.encode(copy.deepcopy(sample))
    try:
        decoded = counter.decode(tokens)
    except NotInvertibleError:
        return None
    prepared = counter.prepare(sample)
    bound = counter.error_bound(tokens)
    if type(decoded) is not type(prepared):
        return f"got {type(decoded).__name__}"
    if bound == 0.0:
        return None if decoded == prepared else "the bound is 0 and they differ"
    return _further_apart(prepared, decoded, bound)


def _further_apart(a: Any, b: Any, bound: float) -> Seen:
    """Where two media of one class are further apart than the bound, or differ in their shape."""
    import numpy as np

    worst = 0.0
    for field in ("pixels", "frames", "samples", "values"):
        if not hasattr(a, field):
            continue
        x, y = getattr(a, field), getattr(b, field)
        if x.shape != y.shape:
            return f"shape {y.shape}, not {x.shape}"
        if x.dtype != y.dtype:
            return f"dtype {y.dtype}, not {x.dtype}"
        x, y = x.astype("float64"), y.astype("float64")
        if not (np.isnan(x) == np.isnan(y)).all():
            return "NaN stands in other places"
        gap = np.abs(np.nan_to_num(x) - np.nan_to_num(y))
        worst = max(worst, float(gap.max(initial=0.0)))
    return None if worst <= bound else f"off by {worst:.6g}, the bound is {bound:.6g}"


@law("from_config(config()) == t", of_tokens=False)
def check_config_round_trip(counter: AnyCounter, sample: Any) -> Seen:
    """Law 10: from_config(json(config())) is the same tokenizer."""
    params = json.loads(json.dumps(counter.config()))
    name = params.pop("tokenizer")
    if name != type(counter).name:
        return f"config gives {name!r} {params!r}"
    try:
        owner = registry.class_for(name)
    except UnknownNameError:  # not registered yet: the law is one of the class
        owner = type(counter)
    if owner is not type(counter):
        return f"the name {name!r} is that of {owner.__module__}:{owner.__qualname__}"
    again = made(owner, params)
    return None if again == counter else f"got {again!r}"


@law("pickle(t) == t, pickle(tokens) == tokens", of_tokens=False)
def check_pickle_round_trip(counter: AnyCounter, sample: Any) -> Seen:
    """Law 11: the tokenizer and its sequences survive pickling."""
    again = pickle.loads(pickle.dumps(counter))
    if again != counter:
        return f"got {again!r}"
    if not isinstance(counter, Tokenizer):
        return None
    tokens = counter.encode(sample)
    return None if pickle.loads(pickle.dumps(tokens)) == tokens else "its tokens differ"


@law("positions lie inside the grid")
def check_positions(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 12: positions lie inside the input, and no two content tokens share one (text may)."""
    tokens = counter.encode(sample)
    if tokens.positions is None:
        return None
    content = tokens.positions[~tokens.special]
    if (content < 0).any():
        return "a content token has no place"
    if counter.modality == "text":
        inside = (content <= tokens.info.bytes).all()  # type: ignore[union-attr]
        return None if inside else "a span ends after the text"
    if len({tuple(row) for row in content.tolist()}) != len(content):
        return "two content tokens share a position"
    if not len(content):
        return None
    last = content.max(axis=0)
    limit = tokens.state.get("grid")
    if limit is not None:
        inside = (last < list(limit)).all()
        return None if inside else f"a position is outside the grid {limit}"
    return _outside_the_input(counter, sample, tokens, last.tolist())


_WITHIN = {
    "row": "height", "column": "width", "frame": "frames", "group": "frames", "step": "steps",
    "patch": "steps", "segment": "steps", "channel": "channels", "dim": "dims", "sample": "samples",
}  # fmt: skip
"""Axes by name, and the side of the input that their positions cannot exceed."""


def _outside_the_input(counter: Any, sample: Any, tokens: Any, last: Sequence[int]) -> Seen:
    """Where no grid is stated: the last row lies above the picture's lower edge, and so on."""
    shapes = [sample.info, counter.prepare(sample).info]
    for axis, position in zip(tokens.axes, last, strict=True):
        sides = [getattr(shape, _WITHIN.get(axis, ""), None) for shape in shapes]
        most = max((side for side in sides if side is not None), default=None)
        if most is not None and position >= most:
            return f"{axis} {position} of {most}, counted from 0; state['grid'] can say otherwise"
    return None


@law("encode and decode refuse what is not theirs")
def check_foreign_is_refused(counter: Tokenizer[Any, Any], sample: Any) -> Seen:
    """Law 13: encode refuses a medium of another modality, decode the tokens of another maker."""
    other = samples("text" if counter.modality != "text" else "pdf")[0]
    try:
        counter.encode(other)
    except MultitokError:
        pass
    else:
        return f"it encodes {other!r}"
    tokens = counter.encode(sample)
    strange = dataclasses.replace(tokens, tokenizer={**tokens.tokenizer, "tokenizer": "another"})
    try:
        counter.decode(strange)
    except MultitokError:
        return None
    return "it decodes the tokens of 'another'"


def _as_json(config: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(config)))
    return plain


LAWS: tuple[Law, ...] = (
    check_count_is_a_whole_number,
    check_count_by_shape,
    check_tokens_are_of_their_maker,
    check_count_is_length,
    check_parts_add_up,
    check_counting_leaves_the_input_alone,
    check_input_is_untouched,
    check_ids_are_not_negative,
    check_batch_is_loop,
    check_ids_alone,
    check_prepare_is_idempotent,
    check_round_trip,
    check_config_round_trip,
    check_pickle_round_trip,
    check_positions,
    check_foreign_is_refused,
)

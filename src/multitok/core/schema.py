"""What data from a file must look like, declared as types, and what is wrong with it in words.

A reader states the shape once (a TypedDict, list[str], dict[str, int], Annotated with its limits)
and asks `misfit` before it trusts the data; the reader raises, and names its file. Keys that a
TypedDict does not name are left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import inf
from reprlib import Repr
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from multitok.core.parameters import matches, wanted

_SHORT = Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, 60, 60


@dataclass(frozen=True, slots=True)
class Within:
    """Beside a type in Annotated: a number from `low` to `high`, and `words` for what is wanted."""

    words: str
    low: float = -inf
    high: float = inf

    def holds(self, value: Any) -> bool:
        return not isinstance(value, int | float) or self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Array:
    """Beside Any in Annotated: a numpy array whose dtype is of these `kinds` (b, i, u, f), and as
    long on each side as `sides` say, None for any length."""

    kinds: str
    sides: tuple[int | None, ...]

    @property
    def words(self) -> str:
        what = " or ".join(_KINDS[kind] for kind in self.kinds)
        sides = ", ".join("any" if side is None else str(side) for side in self.sides)
        return f"an array of {what}, ({sides})"

    def holds(self, value: Any) -> bool:
        shape = getattr(value, "shape", ())
        return (
            hasattr(value, "dtype")
            and value.dtype.kind in self.kinds
            and len(shape) == len(self.sides)
            and all(b in (None, a) for a, b in zip(shape, self.sides, strict=True))
        )


_KINDS = {"b": "booleans", "i": "whole numbers", "u": "unsigned numbers", "f": "floats"}


def misfit(value: Any, hint: Any, where: str) -> str | None:
    """What is wrong with a value called `where`, and at which place in it; None where it fits.

    >>> misfit({"sizes": [1, "x"]}, dict[str, list[int]], "config")
    "config.sizes[1] must be a whole number, got 'x'"
    >>> print(misfit("*.lock", list[str], "exclude"))
    exclude must be a list (a text each), got '*.lock': write ["*.lock"]
    """
    origin, args = get_origin(hint), get_args(hint)
    named = where or "it"
    if hint is Any:
        return None
    if origin is Annotated:
        return _misfit_of_limits(value, args[0], args[1], where)
    if origin in (Union, UnionType):
        return _misfit_of_all(value, hint, where)
    parts = _parts(value, hint, where)
    if parts is not None:
        lacking = _lacking(value, hint)
        inside = (why for part in parts if (why := misfit(*part)))
        return f"{named} lacks {lacking!r}" if lacking else next(inside, None)
    holds = origin in (list, dict, tuple) or is_typeddict(hint)
    if not holds and (value in args if origin is Literal else matches(value, hint)):
        return None
    return f"{named} must be {wanted(hint)}, got {shown(value)}{_instead(value, origin, args)}"


def _misfit_of_limits(value: Any, kind: Any, limits: Within | Array, where: str) -> str | None:
    why = misfit(value, kind, where)
    if why is not None and _parts(value, kind, where) is not None:
        return why  # an object it is, and what is in it is wrong
    wrong = f"{where or 'it'} must be {limits.words}, got {shown(value)}"
    return wrong if why or not limits.holds(value) else None


def _misfit_of_all(value: Any, hint: Any, where: str) -> str | None:
    """Of the one kind that it can be meant as, where there is one; else of them all."""
    found = {arm: misfit(value, arm, where) for arm in get_args(hint)}
    if None in found.values():
        return None
    meant = [why for arm, why in found.items() if _parts(value, arm, where) is not None]
    wrong = f"{where or 'it'} must be {wanted(hint)}, got {shown(value)}"
    return meant[0] if len(meant) == 1 else wrong


def _parts(value: Any, hint: Any, where: str) -> Iterable[tuple[Any, Any, str]] | None:
    """What a list or an object holds, with its own type and place; None for anything else."""
    origin, args = get_origin(hint), get_args(hint)
    if is_typeddict(hint) and isinstance(value, Mapping):
        kinds = _fields(hint).items()
        return ((value[k], kind, _below(where, k)) for k, (kind, _) in kinds if k in value)
    if args[-1:] == (Any,) and isinstance(value, Mapping if origin is dict else list):
        return ()  # whatever is in it, however much that is
    if origin is dict and isinstance(value, Mapping):
        return ((item, args[1], _below(where, key)) for key, item in value.items())
    if origin is list and isinstance(value, list | tuple):
        return ((item, args[0], f"{where}[{i}]") for i, item in enumerate(value))
    if origin is tuple and isinstance(value, list | tuple) and len(value) == len(args):
        return ((value[i], kind, f"{where}[{i}]") for i, kind in enumerate(args))
    return None


def _lacking(value: Any, hint: Any) -> str | None:
    """The first key that a TypedDict needs and an object has not."""
    if not is_typeddict(hint):
        return None
    return next((k for k, (_, must) in _fields(hint).items() if must and k not in value), None)


@cache
def _fields(hint: Any) -> dict[str, tuple[Any, bool]]:
    """The type of each key of a TypedDict, and whether it must be there."""
    found = {}
    for key, kind in get_type_hints(hint, include_extras=True).items():
        optional = get_origin(kind) is NotRequired  # not told apart before annotations are read
        kind = get_args(kind)[0] if optional else kind
        found[key] = (kind, key in hint.__required_keys__ and not optional)
    return found


def _below(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)


def _instead(value: Any, origin: Any, args: tuple[Any, ...]) -> str:
    """One thing where a list of them belongs."""
    one = isinstance(value, str | int | float) and origin is list and args[0] is not Any
    if not one or misfit(value, args[0], ""):
        return ""
    return f": write {json.dumps([value], ensure_ascii=False)}"


def parsed(text: str | bytes) -> Any:
    """The value of a JSON text; ValueError however it fails, by its depth or its digits too."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def shown(value: Any) -> str:
    """A value in a message, however large it is."""
    if hasattr(value, "dtype"):
        return f"{value.dtype} {value.shape}"
    try:
        return _SHORT.repr(value)
    except ValueError:  # a whole number with more digits than Python will write
        return "a number of very many digits"

"""Does a value fit the type that a tokenizer declares for its parameter?

Parameters arrive as data (a command line, a catalogue row, a stored config), where no type checker
looks: a size of 1.5 would go through integer arithmetic and come out as a number of tokens.
"""

from __future__ import annotations

from functools import cache
from math import isfinite
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from multitok.core.errors import MediaError

WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    NoneType: "None",
}


def at_least(rule: object, low: int, *names: str) -> None:
    """MediaError for a parameter below `low`; None is no number and passes."""
    for name in names:
        value = getattr(rule, name)
        if value is not None and value < low:
            raise MediaError(f"{name} must be at least {low}, got {value!r}")


def above_zero(rule: object, *names: str) -> None:
    """MediaError for a rate or a factor that is 0 or less; None is no number and passes."""
    for name in names:
        value = getattr(rule, name)
        if value is not None and value <= 0:
            raise MediaError(f"{name} must be above 0, got {value!r}")


@cache
def hints(cls: type) -> dict[str, Any]:
    """The declared types of a class; none where they cannot be read (a plugin's own business)."""
    try:
        return get_type_hints(cls)
    except Exception:  # whatever a stranger's annotations raise when they are evaluated
        return {}


def fits(value: Any, hint: Any) -> bool:
    """Is `value` one of `hint`? What is no plain type is left to the class; so is which Literal.

    >>> fits(2, float), fits(True, int), fits((1, 2), tuple[int, ...]), fits("a", Literal["b"])
    (True, False, True, True)
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, arg) for arg in args)
    if origin is Literal:
        return type(value) in {type(arg) for arg in args}
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if args[-1] is Ellipsis:
            return all(fits(item, args[0]) for item in value)
        return len(value) == len(args) and all(map(fits, value, args))
    if hint is int:
        return isinstance(value, Integral) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, Real) and not isinstance(value, bool) and _is_finite(value)
    return not isinstance(hint, type) or hint not in WORDS or isinstance(value, hint)


def _is_finite(value: Any) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number of more than 308 digits
        return False


def wanted(hint: Any) -> str:
    """What a parameter takes, in words.

    >>> wanted(int | None), wanted(tuple[int, int]), wanted(Literal["clip", "tanh"])
    ('a whole number or None', 'a list of 2 (a whole number each)', "'clip' or 'tanh'")
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(wanted(arg) for arg in args)
    if origin is Literal:
        return " or ".join(map(repr, args))
    if origin is list or (origin is tuple and args[-1] is Ellipsis):
        return f"a list ({wanted(args[0])} each)"
    if origin is tuple:
        return f"a list of {len(args)} ({wanted(args[0])} each)"
    if origin is Annotated:
        return str(args[1].words)
    if origin is dict or is_typeddict(hint):
        return "an object"
    return WORDS.get(hint, str(hint))

"""What a tokenizer's parameters may be, declared once beside their types, and checked in one place.

    size: Positive = 16                                     # Annotated[int, AtLeast(1)]
    mode: Literal["clip", "tanh"] = "clip"
    share: Annotated[float, AtLeast(0), AtMost(1)] = 0.5

Parameters arrive as data (a command line, a catalogue row, a stored config), where no type checker
looks: a size of 1.5 would go through integer arithmetic and come out as a number of tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isfinite
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
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


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The smallest value a parameter may have."""

    low: float

    def holds(self, value: Any) -> bool:
        return bool(value >= self.low)

    def __str__(self) -> str:
        return f"at least {self.low:g}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """The largest value a parameter may have: beyond it a count hangs or overflows."""

    high: float

    def holds(self, value: Any) -> bool:
        return bool(value <= self.high)

    def __str__(self) -> str:
        return f"at most {int(self.high) if self.high == int(self.high) else self.high:,}"


@dataclass(frozen=True, slots=True)
class Above:
    """What a parameter must exceed."""

    low: float

    def holds(self, value: Any) -> bool:
        return bool(value > self.low)

    def __str__(self) -> str:
        return f"above {self.low:g}"


Bound = AtLeast | AtMost | Above

LARGEST = 2**31 - 1
"""No picture has a longer side and no context more tokens; beyond it quotients underflow to 0."""
FASTEST = 1_000_000
"""No camera takes more frames a second; beyond it the product with a length overflows."""
MOST_TILES = 1_000
"""Published rules cut at most 100 tiles; a search over all grids of 10,000 takes seconds."""
MOST_CODES = 1 << 20
"""Ids of a table, or numbers of a token: sound of 16 bits has 65,536. A thousand million, which a
damaged or made-up file may ask for, are 8 GB and half a minute for each look."""
MOST_PIXELS = 1 << 24
MOST_TOKENS = 1 << 24
"""Of a picture, or a frame, that a tokenizer makes: larger ones than these are made of larger
pictures alone."""

Positive = Annotated[int, AtLeast(1), AtMost(LARGEST)]
"""Pixels, patches, tokens: at least one."""
Natural = Annotated[int, AtLeast(0), AtMost(LARGEST)]
Codes = Annotated[int, AtLeast(2), AtMost(MOST_CODES)]
"""The ids of a tokenizer that has a table of them: bins, symbols, letters."""
NotNegative = Annotated[float, AtLeast(0)]
Rate = Annotated[float, Above(0), AtMost(FASTEST)]
"""A rate, a factor or a length that must be something."""
Repeats = Annotated[int, AtLeast(1), AtMost(64)]
"""How often a picture is given, to fill a group of frames: published are 1 and 2."""
Padded = Annotated[int, AtLeast(1), AtMost(1 << 16)]
"""Patches that a smaller picture is padded to: published are 1,024 at most."""
Tiles = Annotated[int, AtLeast(1), AtMost(MOST_TILES)]
Frames = Annotated[int, AtLeast(1), AtMost(1_000_000)]
"""Frames of a clip that are sampled: more is a mistake, and a list of so many takes seconds."""


class Parameter(NamedTuple):
    """What one parameter may be, beside its type."""

    name: str
    bounds: tuple[Bound, ...]
    choices: tuple[Any, ...]

    def check(self, value: Any) -> None:
        """MediaError for a value outside; None is no number, and passes where the type has it."""
        if self.choices:
            if value not in self.choices:
                raise MediaError(f"{self.name} must be {listed(self.choices)}, got {value!r}")
            return
        for bound in self.bounds:
            if value is not None and not bound.holds(value):
                raise MediaError(f"{self.name} must be {bound}, got {value!r}")


def listed(choices: tuple[Any, ...]) -> str:
    """Choices in words.

    >>> listed(("clip", "tanh", None))
    'clip, tanh or None'
    """
    words = [str(choice) for choice in choices]
    return " or ".join([", ".join(words[:-1]), words[-1]]) if words[1:] else words[0]


@cache
def ranged(cls: type) -> tuple[Parameter, ...]:
    """The parameters of a class that have a range or choices."""
    from dataclasses import fields

    types = hints(cls)
    found = (range_of(f.name, types[f.name]) for f in fields(cls) if f.name in types)
    return tuple(one for one in found if one.bounds or one.choices)


def range_of(name: str, hint: Any) -> Parameter:
    """What a declared type says beside the type itself.

    >>> range_of("fps", NotNegative | None).bounds, range_of("mode", Literal["a", "b"]).choices
    ((AtLeast(low=0),), ('a', 'b'))
    """
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    bounds: tuple[Bound, ...] = ()
    choices: tuple[Any, ...] = ()
    for part in parts:
        if get_origin(part) is Annotated:
            bounds += tuple(m for m in get_args(part)[1:] if isinstance(m, Bound))
        elif get_origin(part) is Literal:
            choices += get_args(part)
    if choices and len(parts) > 1:  # a word, None or a number: only a lone Literal is a choice
        choices += (None,) if NoneType in parts else ()
        if not all(part is NoneType or get_origin(part) is Literal for part in parts):
            choices = ()
    return Parameter(name, bounds, choices)


def takes_in_words(hint: Any) -> str:
    """What a parameter takes: its type, and its range or choices.

    >>> takes_in_words(Positive | None), takes_in_words(Literal["clip", "tanh"])
    ('a whole number or None, at least 1', 'clip or tanh')
    """
    one = range_of("", hint)
    if one.choices:
        return listed(one.choices)
    # the side of the largest picture is no limit that anybody meets: it guards the arithmetic
    told = [str(b) for b in one.bounds if b != AtMost(LARGEST)]
    return ", ".join([wanted(hint), *told])


def check_parameters(rule: object) -> None:
    """MediaError for the first parameter outside what its class declares."""
    cls: Any = type(rule)
    for one in ranged(cls):
        one.check(getattr(rule, one.name))


def refuse_vast(name: str, given: tuple[int, int], made: tuple[int, int], tokens: int) -> None:
    """MediaError for a picture, or for tokens, out of all proportion to what is given: its
    parameters ask for what no machine holds. Sizes are width and height, or height and width."""
    pixels = given[0] * given[1]
    if made[0] * made[1] <= max(MOST_PIXELS, 2 * pixels) and tokens <= max(MOST_TOKENS, pixels):
        return
    raise MediaError(
        f"{name} would make {made[0]} x {made[1]} px and {tokens:,} tokens of {given[0]} x"
        f" {given[1]} px; {MOST_PIXELS:,} px and {MOST_TOKENS:,} tokens are made at most: lower the"
        " parameter that asks for them (a count takes it)"
    )


@cache
def hints(cls: type) -> dict[str, Any]:
    """The declared types of a class; none where they cannot be read (a plugin's own business)."""
    try:
        return get_type_hints(cls, include_extras=True)
    except Exception:  # whatever a stranger's annotations raise when they are evaluated
        return {}


def matches(value: Any, hint: Any) -> bool:
    """Is `value` one of `hint`? What is no plain type is left to the class; so is which Literal.

    >>> matches(2, float), matches(True, int), matches((1, 2), tuple[int, ...])
    (True, False, True)
    >>> matches("a", Literal["b"])
    True
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return matches(value, args[0])
    if origin in (Union, UnionType):
        return any(matches(value, arg) for arg in args)
    if origin is Literal:
        return type(value) in {type(arg) for arg in args}
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if args[-1] is Ellipsis:
            return all(matches(item, args[0]) for item in value)
        return len(value) == len(args) and all(map(matches, value, args))
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
    if origin is Annotated:  # what is limited may have a name of its own; a range is told apart
        return getattr(args[1], "words", None) or wanted(args[0])
    if origin in (Union, UnionType):
        return " or ".join(wanted(arg) for arg in args)
    if origin is Literal:
        return " or ".join(map(repr, args))
    if origin is list or (origin is tuple and args[-1] is Ellipsis):
        return "a list" if args[0] is Any else f"a list ({wanted(args[0])} each)"
    if origin is tuple:
        return f"a list of {len(args)} ({wanted(args[0])} each)"
    if origin is dict or is_typeddict(hint):
        return "an object"
    return WORDS.get(hint, str(hint))

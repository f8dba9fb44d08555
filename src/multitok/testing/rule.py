"""What a class must be before its numbers are looked at: a frozen dataclass of plain parameters.

A rule is compared, hashed, pickled and stored by its parameters, so one that can change, or a
parameter that has no hash, breaks caches and configs long after it was written.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from inspect import get_annotations, isabstract
from typing import Any, ClassVar, get_origin

from multitok.core import registry
from multitok.core.errors import MultitokError
from multitok.core.info import info_of
from multitok.core.making import made
from multitok.core.parameters import hints
from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import TokenCounter
from multitok.testing.laws import LawBroken

FROZEN = "put @dataclass(frozen=True, kw_only=True) above it"


def rules_of(given: Any) -> list[AnyCounter]:
    """The rule that was given; of a class, the rule of each of its `examples`. LawBroken where
    it is none, or none that could be kept."""
    if isinstance(given, str):
        raise LawBroken(
            f"check takes a tokenizer or its class, got the name {given!r}:"
            f" write check(multitok.tokenizer_class({given!r}))"
        )
    cls = given if isinstance(given, type) else type(given)
    _check_class(cls)
    made = _examples(cls) if cls is given else [given]
    for rule in made:
        _check_hash(rule)
    return made


def _check_class(cls: Any) -> None:
    """It has a name and a known modality, and is a frozen dataclass."""
    if lacking := registry.lacking(cls):
        raise LawBroken(f"{_named(cls)}: {lacking}")
    if isabstract(cls):
        raise LawBroken(f"{_named(cls)}: it lacks {' and '.join(sorted(cls.__abstractmethods__))}")
    law = "a rule is a frozen dataclass"
    if not _is_dataclass(cls):
        raise LawBroken(f"{law}: {_named(cls)} is no dataclass: {FROZEN}")
    if not cls.__dataclass_params__.frozen:
        raise LawBroken(f"{law}: {_named(cls)} can change: {FROZEN}")
    if "__dataclass_params__" in vars(cls):
        return
    for name in get_annotations(cls):  # of a subclass without the line, they are no parameters
        if ClassVar not in (hints(cls).get(name), get_origin(hints(cls).get(name))):
            raise LawBroken(f"{law}: {_named(cls)} has no field {name!r}: {FROZEN}")


def _examples(cls: type[AnyCounter]) -> list[AnyCounter]:
    found = []
    for example in cls.examples:
        try:
            found.append(made(cls, example))
        except Exception as error:  # whatever a stranger's constructor raises
            raise LawBroken(
                f"each of `examples` makes a rule: {_named(cls)} of {dict(example)!r}:"
                f" it raised {type(error).__name__}: {error}"
            ) from error
    if not found:
        raise LawBroken(f"{_named(cls)}: its examples are empty: check an instance of it")
    return found


def _check_hash(rule: TokenCounter[Any, Any]) -> None:
    """Caches are keyed by the rule, so it and each of its parameters has a hash."""
    for parameter in fields(rule):  # type: ignore[arg-type]
        value = getattr(rule, parameter.name)
        try:
            hash(value)
        except TypeError:
            kind = type(value).__name__
            advice = "a tuple holds the same" if kind == "list" else "numbers, text and tuples have"
            raise LawBroken(
                f"a parameter has a hash: {_named(type(rule))}: {parameter.name}={value!r} is a"
                f" {kind}, which has none: {advice}"
            ) from None
    try:
        hash(rule)
    except TypeError as error:
        raise LawBroken(f"a rule has a hash: {_named(type(rule))}: {error}: {FROZEN}") from None


def refuses(counter: AnyCounter, sample: Any) -> bool:
    """True when the rule refuses the sample's shape with a clear error: nothing to check then.

    LawBroken where it stumbles instead: over a sample it counts, or says that it does not."""
    try:
        counter.count(sample)
    except MultitokError:
        return True
    except Exception as error:  # whatever a stranger's rule raises
        raise LawBroken(
            f"Law 0: count counts, or refuses with a multitok.MediaError: {counter!r} on"
            f" {info_of(sample)!r}: it raised {type(error).__name__}: {error}"
        ) from error
    return False


def _is_dataclass(cls: Any) -> bool:  # a plain bool: to a type checker it says less than `cls`
    return is_dataclass(cls)


def _named(cls: type) -> str:
    return cls.__qualname__

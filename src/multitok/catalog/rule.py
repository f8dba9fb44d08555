"""How one model counts one modality, and how that is known: a rule, and the same rule under the
words and numbers that a request may give.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from types import MappingProxyType
from typing import Any, NamedTuple

from multitok.core.counts import Kind, weakest
from multitok.core.errors import MediaError, UnknownNameError
from multitok.core.registry import AnyCounter, build, class_for

NONE: Mapping[str, Any] = MappingProxyType({})
_RENAMED = {"pipeline": "runtime"}
"""Options that had another name."""


class Rule(NamedTuple):
    """How one model counts one modality, and how that is known."""

    tokenizer: str
    params: Mapping[str, Any]
    kind: Kind
    source: str
    checked: str | None
    notes: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = NONE
    stored: bool = False
    """Whether pictures are seen as they are stored, their EXIF rotation ignored."""
    license: str | None = None
    bills: tuple[int, int] | None = None
    """Bills that met the rule, of those it was held against."""
    error: tuple[float, float] | None = None
    """What a number of it may be off, as factors; the counter's own where it says none."""

    def counter(self) -> AnyCounter:
        return build(self.tokenizer, self.params)

    @property
    def kind_at_hand(self) -> Kind:
        """The kind here and now: that of a published vocabulary hangs on what is installed."""
        if self.tokenizer != "published":
            return self.kind
        return weakest([self.kind, self.counter().kind_at_hand()])


def with_options(rule: Rule, given: Mapping[str, Any], model: str) -> Rule:
    for name in given:
        if name not in rule.options and (now := _RENAMED.get(name)) in rule.options:
            what = f"option {name!r} of model {model!r} is called {now!r} now"
            raise UnknownNameError.because(what, name, (), f"Type {now}={given[name]}")
        if name not in rule.options:
            takes = ", ".join(rule.options) or "none"
            raise UnknownNameError.because(
                f"model {model!r} has no option {name!r}", name, rule.options, f"It takes: {takes}"
            )
    numbers = {name: option for name, option in rule.options.items() if "param" in option}
    for name, option in numbers.items():
        rule = _with_number(rule, name, option.get("default"), option)
    words = []
    for name, option in rule.options.items():
        if name in numbers:
            continue
        value = given.get(name, option["default"])
        values = [key for key in option if key != "default"]
        if isinstance(value, bool):  # JSON has true where a command line has a word
            value = str(value).lower()
        if value not in values:
            raise UnknownNameError.because(
                f"option {name}={value!r} of model {model!r} is unknown",
                str(value),
                values,
                f"It takes: {', '.join(values)}",
            )
        words.append(option[value])
    # a word that names another tokenizer starts from that one's parameters: others lie on top
    for over in sorted(words, key=lambda over: "tokenizer" not in over):
        rule = _replace(rule, over)
    # a number that was asked for comes last: it holds under the rule that a word has chosen
    for name, option in numbers.items():
        if name not in given:
            continue
        if not _takes(rule, option):
            known = [other for other, one in numbers.items() if _takes(rule, one)]
            what = f"option {name!r} of model {model!r} does not go with the others: they count by"
            then = f"It takes: {', '.join(known) or 'no number'}"
            raise UnknownNameError.because(f"{what} {rule.tokenizer}", name, (), then)
        rule = _with_number(rule, name, given[name], option)
        rule = _replace(rule, {"kind": option.get("kind", rule.kind)})
    return rule


def _with_number(rule: Rule, name: str, value: Any, option: Mapping[str, Any]) -> Rule:
    if value is None:
        return rule
    number = _number(name, value, option)
    if "multiple" in option:
        number = -(-number // option["multiple"]) * option["multiple"]
    if rule.params.get(option["param"]) == number:
        return rule  # its evidence holds
    params = {**rule.params, option["param"]: number}
    return _replace(rule, {"params": params})


def _takes(rule: Rule, option: Mapping[str, Any]) -> bool:
    from dataclasses import fields

    return option["param"] in {f.name for f in fields(class_for(rule.tokenizer))}  # type: ignore[arg-type]


def _replace(rule: Rule, over: Mapping[str, Any]) -> Rule:
    params = {**rule.params, **over.get("params", {})}
    if over.get("tokenizer", rule.tokenizer) != rule.tokenizer:
        params = dict(over.get("params", {}))
    same = not over.keys() & {"tokenizer", "params"}  # what held for other numbers holds no more
    return Rule(
        tokenizer=over.get("tokenizer", rule.tokenizer),
        params=params,
        kind=over.get("kind", rule.kind),
        source=over.get("source", rule.source),
        checked=over.get("checked", rule.checked),
        notes=(*rule.notes, *over.get("notes", ())),
        options=rule.options,
        stored=over.get("stored", rule.stored),
        license=rule.license,
        bills=two(over.get("bills", same and rule.bills)),
        error=two(over.get("error", same and rule.error)),
    )


def two(given: Any) -> Any:
    """A pair as the catalogue writes it, or None."""
    return tuple(given) if given else None


def _number(name: str, value: Any, option: Mapping[str, Any]) -> int | float:
    """A number as a request or a command line gives it; MediaError outside the option's range."""
    whole = option.get("type", "float") == "int"
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = nan
    if not isfinite(number) or isinstance(value, bool) or (whole and number != int(number)):
        kind = "a whole number" if whole else "a number"
        raise MediaError(f"option {name} must be {kind}, got {value!r}")
    low, high = option.get("min"), option.get("max")
    if (low is not None and number < low) or (high is not None and number > high):
        above = f"at least {low}" if low is not None else ""
        below = f"at most {high}" if high is not None else ""
        limits = " and ".join(filter(None, (above, below)))
        raise MediaError(f"option {name} must be {limits}, got {value!r}")
    return int(number) if whole else number

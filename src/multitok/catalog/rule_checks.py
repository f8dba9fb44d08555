"""One rule of a row, checked: what it states, its options, and that its tokenizer takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from multitok.catalog.overhead import check_stated
from multitok.core.counts import KINDS, Kind
from multitok.core.errors import CatalogError, MultitokError
from multitok.core.registry import build, class_for
from multitok.core.schema import Within, misfit

Row = dict[str, Any]
OPTION_KEYS = {"default", "param", "type", "min", "max", "multiple", "kind"}
OVER_KEYS = {
    "tokenizer", "params", "kind", "source", "checked", "notes", "stored", "bills", "error",
}  # fmt: skip


class _Number(TypedDict):
    """An option that sets a parameter to the number it is given."""

    default: NotRequired[float | str | None]
    param: str
    type: NotRequired[Literal["int", "float"]]
    min: NotRequired[float]
    max: NotRequired[float]
    multiple: NotRequired[int]  # numbers are rounded up to one
    kind: NotRequired[Kind]  # of the count, once the number is given


class _Word(TypedDict):
    """An option of a few words, each with what it changes."""

    default: str


class _Over(TypedDict, total=False):
    """What a word of an option changes in its rule."""

    tokenizer: str
    params: Annotated[dict[str, Any], Within("a table")]
    stored: bool


class Where:
    """Where a row stands, for messages."""

    def __init__(self, path: Path, text: str, model: str) -> None:
        self.path, self.model = path, model
        needles = (f'id = "{model}"', f"id = '{model}'", f'id="{model}"')
        lines = text.splitlines()
        found = (i for i, line in enumerate(lines, 1) if any(n in line for n in needles))
        self.line = next(found, None)

    def error(self, what: str) -> CatalogError:
        place = f"{self.path.name}:{self.line}" if self.line else self.path.name
        return CatalogError(
            f"{place}: model {self.model!r}: {what}", file=str(self.path), model=self.model
        )


def check_rule(rule: Row, modality: str, where: Where) -> None:
    """CatalogError where a rule lacks something, or states what it cannot."""
    for key in ("tokenizer", "kind", "source", *({"license"} & rule.keys())):
        if not isinstance(rule.get(key), str):
            raise where.error(f"{modality} needs {key}, a string")
    if rule["kind"] not in KINDS:
        raise where.error(f"{modality}.kind: {rule['kind']!r} is none of {', '.join(KINDS)}")
    _check_stated(rule, modality, where)
    for key in ("params", "options"):
        if not isinstance(rule.get(key, {}), Mapping):
            raise where.error(f"{modality}.{key} must be a table, got {rule[key]!r}")
    variants, numbers = [rule], []
    for name, option in rule.get("options", {}).items():
        if not isinstance(option, Mapping) or not {"default", "param"} & option.keys():
            raise where.error(f"{modality}.options.{name} needs a default")
        kind = _Number if "param" in option else _Word
        if why := misfit(option, kind, f"{modality}.options.{name}"):
            raise where.error(why)
        if "param" in option:
            numbers.append(option)
            continue
        values = {key: value for key, value in option.items() if key not in OPTION_KEYS}
        if option["default"] not in values:
            raise where.error(
                f"{modality}.options.{name}.default: {option['default']!r} is none of"
                f" {', '.join(values)}"
            )
        for value, over in values.items():
            if not isinstance(over, Mapping) or (bad := set(over) - OVER_KEYS):
                wrong = f"has no {sorted(bad)[0]!r}" if isinstance(over, Mapping) else "is no table"
                raise where.error(
                    f"{modality}.options.{name}.{value} {wrong}. There are:"
                    f" {', '.join(sorted(OVER_KEYS))}"
                )
            if why := misfit(over, _Over, f"{modality}.options.{name}.{value}"):
                raise where.error(why)
            _check_stated(over, f"{modality}.options.{name}.{value}", where)
            variants.append(_under(rule, over))
    for variant in [*variants, *_numbered(variants, numbers)]:
        try:
            counter = build(variant["tokenizer"], variant.get("params", {}))
        except (MultitokError, TypeError, ValueError) as error:
            raise where.error(f"{modality}.params: {error}") from error
        if counter.modality != modality:
            raise where.error(
                f"{modality}.tokenizer: {variant['tokenizer']!r} counts {counter.modality}"
            )


def _numbered(variants: list[Row], numbers: list[Mapping[str, Any]]) -> Iterator[Row]:
    """Each number set in the first variant whose tokenizer takes it; in the rule itself, which
    refuses it, where none does."""
    for option in numbers:
        param, default = option["param"], option.get("default")
        takes = (one for one in variants if param in _parameters(one["tokenizer"]))
        under = next(takes, variants[0])
        sample = under.get("params", {}).get(param, option.get("min", 1))
        sample = default if default is not None else sample
        yield merged_tables(under, {"params": {param: sample}})


def _parameters(tokenizer: str) -> set[str]:
    return {f.name for f in fields(class_for(tokenizer))}  # type: ignore[arg-type]


def _check_stated(table: Mapping[str, Any], what: str, where: Where) -> None:
    try:
        check_stated(table, what)
    except ValueError as error:
        raise where.error(str(error)) from None


def _under(rule: Row, over: Mapping[str, Any]) -> Row:
    """The rule under one value of an option; another tokenizer starts from no parameters."""
    if over.get("tokenizer", rule["tokenizer"]) != rule["tokenizer"]:
        return {**rule, **over, "params": over.get("params", {})}
    return merged_tables(rule, over)


def merged_tables(base: Mapping[str, Any], over: Mapping[str, Any]) -> Row:
    """`over` laid on `base`; tables merge, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        under = merged.get(key)
        tables = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = merged_tables(under, value) if tables else value  # type: ignore[arg-type]
    return merged

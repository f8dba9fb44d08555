"""Looking a model up: its rule for a modality, under the request's own options.

Which row a name means is finding.py's. User rows come from a file given by name, MULTITOK_CATALOG,
or the user's config folder, and win over the rows that ship.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from math import isfinite, nan
from types import MappingProxyType
from typing import Any, NamedTuple

from multitok.catalog.finding import Found, Names, unknown_model
from multitok.catalog.lifecycle import day_of
from multitok.catalog.names import SIZE, folded, resold, runtimes_of
from multitok.catalog.overhead import NOTHING, Overhead, overhead_of
from multitok.core.boundary import boundary
from multitok.core.errors import MediaError, UnknownNameError, UnknownRuleError
from multitok.core.registry import AnyCounter, build, class_for
from multitok.core.stamps import ABSENT, Stamp, stamp
from multitok.core.tokenizer import Kind, weakest

_NONE: Mapping[str, Any] = MappingProxyType({})
_RENAMED = {"pipeline": "runtime"}
"""Options that had another name."""
NAMES_KEPT = 4096
OWN_ID = "{id}"


class Rule(NamedTuple):
    """How one model counts one modality, and how that is known."""

    tokenizer: str
    params: Mapping[str, Any]
    kind: Kind
    source: str
    checked: str | None
    notes: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = _NONE
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


class Model(NamedTuple):
    """A row of the catalogue, or a sibling of one. `unknown` holds, by modality, why a rule is not
    known; `standing` is the most that a number of it is worth, `family` the patterns of the names
    that it stands for; `retired` is the day from which the API no longer answers with it, `task`
    what it is for."""

    id: str
    provider: str
    rules: Mapping[str, Rule]
    unknown: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    dated: bool = False
    context_window: int | None = None
    max_output: int | None = None
    note: str | None = None
    overhead: Overhead = NOTHING
    standing: Kind = "exact"
    family: tuple[str, ...] = ()
    retired: date | None = None
    task: str = "chat"

    def rule(self, modality: str, options: Mapping[str, Any] | None = None) -> Rule:
        """The rule under these request options; UnknownRuleError where none is published."""
        rule = self.rules.get(modality)
        if rule is None:
            why = self.unknown.get(modality) or (
                f"{self.id} takes {' and '.join(self.rules) or 'nothing multitok counts'}"
            )
            raise UnknownRuleError(
                f"no rule for {modality} with model {self.id!r}: {why}",
                model=self.id,
                modality=modality,
            )
        if rule.options or options:
            rule = _with_options(rule, options or {}, self.id)
            rule = rule._replace(kind=weakest([rule.kind, self.standing]))
        return rule


def _with_options(rule: Rule, given: Mapping[str, Any], model: str) -> Rule:
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
        bills=_two(over.get("bills", same and rule.bills)),
        error=_two(over.get("error", same and rule.error)),
    )


def _two(given: Any) -> Any:
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


class Catalog:
    """The models that can be asked for by name."""

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], defaults: Mapping[str, Sequence[str]] = _NONE
    ) -> None:
        # a later row replaces an earlier one of the same id
        self._rows: dict[str, Mapping[str, Any]] = {row["id"]: row for row in rows}
        self.names = Names(self._rows)
        self._models: dict[str, Model] = {}
        self._asked: dict[str, Model] = {}
        self._defaults = defaults

    def __len__(self) -> int:
        return len(self._rows)

    def models(self) -> list[Model]:
        return [self._of_row(row) for row in self._rows]

    def search(self, query: str) -> list[Model]:
        """Models with every word of the query in one of their names, however it is spelled.

        >>> [model.id for model in catalog().search("Claude OPUS 4.6")]
        ['claude-opus-4-6']
        """
        words = folded(query).replace("/", "-").split("-")
        return [
            model
            for model in self.models()
            if any(all(word in folded(n) for word in words) for n in (model.id, *model.aliases))
        ]

    def defaults(self, modality: str) -> tuple[str, ...]:
        """The models to show when none is named."""
        return tuple(self._defaults.get(modality, ()))

    def has(self, name: str) -> bool:
        """Whether a name is a model's, however it is spelled, or one of a family's."""
        return name in self._asked or self.names.find(name) is not None

    def model(self, name: str, modality: str | None = None) -> Model:
        """The model of a name; UnknownNameError, with what helps to count this modality."""
        model = self._asked.get(name)
        if model is None:
            found = self.names.find(name)
            if found is None:
                raise unknown_model(name, self._rows.values(), modality)
            model = _as_found(self._of_row(found.row), name, found)
            if model.retired and resold(name, model.provider):
                model = model._replace(retired=None)
            model = _as_run(model, name)
            if len(self._asked) >= NAMES_KEPT:  # dated names have no end
                self._asked.clear()
            self._asked[name] = model
        return model

    def _of_row(self, row: str) -> Model:
        model = self._models.get(row)
        if model is None:
            model = self._models[row] = _model(self._rows[row])
        return model


def _as_found(model: Model, name: str, found: Found) -> Model:
    """A row under the name it was asked for by, where that is another model, with the note that
    says so; such a number is worth no more than `found.kind`."""
    if found.same:
        return model
    notes = (found.note,) if found.note else ()
    rules = {
        modality: rule._replace(kind=weakest([rule.kind, found.kind]), notes=(*notes, *rule.notes))
        for modality, rule in model.rules.items()
    }
    retired = model.retired if found.kind == "exact" else None  # a sibling has a day of its own
    return model._replace(
        id=name, aliases=(), dated=False, family=(), note=found.note, rules=rules,
        standing=found.kind, retired=retired,
    )  # fmt: skip


def _as_run(model: Model, name: str) -> Model:
    """The model as its name says that it is run, under that name: of the runtimes that a rule
    knows, the first is the default."""
    rules, runtimes = {}, runtimes_of(name)
    for modality, rule in model.rules.items():
        known = rule.options.get("runtime", {})
        word = next((word for word in runtimes if word in known), None)
        if word not in (None, known.get("default")):
            options = {**rule.options, "runtime": {**known, "default": word}}
            rules[modality] = rule._replace(options=options)
    if not rules:
        return model
    return model._replace(id=name, aliases=(), family=(), rules={**model.rules, **rules})


def _model(row: Mapping[str, Any]) -> Model:
    rules, unknown = {}, {}
    for modality, rule in row["rules"].items():
        if "unknown" in rule:
            unknown[modality] = rule["unknown"]
        else:
            rules[modality] = Rule(
                tokenizer=rule["tokenizer"],
                params=_params(rule, row["id"]),
                kind=rule["kind"],
                source=rule["source"],
                checked=rule.get("checked"),
                notes=tuple(rule.get("notes", ())),
                options=rule.get("options", {}),
                stored=rule.get("stored", False),
                license=rule.get("license"),
                bills=_two(rule.get("bills")),
                error=_two(rule.get("error")),
            )
    return Model(
        id=row["id"],
        provider=row["provider"],
        rules=rules,
        unknown=unknown,
        aliases=tuple(row.get("aliases", ())),
        dated=row.get("dated", False),
        context_window=row.get("context_window"),
        max_output=row.get("max_output"),
        note=row.get("note"),
        family=tuple(
            pattern.replace(SIZE, "{size}") for pattern in row.get("family", {}).get("matches", ())
        ),
        overhead=overhead_of(row["overhead"]) if "overhead" in row else NOTHING,
        retired=day_of(row.get("retired")),
        task=row.get("task", "chat"),
    )


def _params(rule: Mapping[str, Any], model: str) -> Mapping[str, Any]:
    """A repo that is "{id}" is the row's own id: one rule serves every checkpoint of a family."""
    params: Mapping[str, Any] = rule.get("params", {})
    return {**params, "repo": model} if params.get("repo") == OWN_ID else params


def user_files() -> tuple[str, ...]:
    """The user's own catalogue files, found by environment and config folder."""
    return tuple(stamp.path for stamp in user_stamps())


def user_stamps() -> tuple[Stamp, ...]:
    """The same files as they stand now: who keeps what was read of them keeps these beside it."""
    given, own = os.environ.get("MULTITOK_CATALOG"), _config_file()
    found = (stamp(own),) if own is not None else ()
    if not given:
        return found
    return (*found, *(stamp(name) for name in given.split(os.pathsep) if name))


@cache
def _config_file() -> str | None:
    """The user's own file, where there is one: asked once in a process, since a stat that fails
    and an environment that is read cost a fifth of a count. One that is there is looked at each
    time."""
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    path = os.path.join(config, "multitok", "models.toml")
    return path if os.path.isfile(path) else None


def catalog(*files: str) -> Catalog:
    """The shipped rows, then the user's, then those of `files`; later rows win. A file that has
    changed is read again."""
    return _catalog((*user_stamps(), *map(stamp, files)))


@lru_cache(maxsize=16)
def _catalog(files: tuple[Stamp, ...]) -> Catalog:
    with open(os.path.join(os.path.dirname(__file__), "catalog.json"), encoding="utf-8") as file:
        tables = json.load(file)
    rules, rows = tables["rules"], tables["models"]
    for row in rows:
        row["rules"] = {modality: rules[number] for modality, number in row["rules"].items()}
    if files:
        from pathlib import Path

        from multitok.catalog.rows import read_rows  # brings tomllib

        for seen in files:
            if seen.size == ABSENT and seen.path == _config_file():
                continue  # the user's own is taken away
            with boundary("reading", seen.path):
                rows += read_rows(Path(seen.path))
    return Catalog(rows, tables["defaults"])

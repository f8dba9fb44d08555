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
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.catalog.finding import Found, Names, unknown_model
from multitok.catalog.lifecycle import day_of
from multitok.catalog.names import endpoint_of, folded, resold, runtimes_of
from multitok.catalog.rule import NONE, Rule, two, with_options
from multitok.core.boundary import boundary
from multitok.core.counts import Kind, weakest
from multitok.core.environment import variable
from multitok.core.errors import UnknownRuleError
from multitok.core.stamps import ABSENT, Stamp, stamp

if TYPE_CHECKING:
    from multitok.catalog.overhead import Overhead

NAMES_KEPT = 4096
OWN_ID = "{id}"


class Evidence(NamedTuple):
    """Recorded bills that a model's requests were held against, counted whole with its vocabulary
    at hand: those that were met to the token, those within 5 % or two tokens, and all."""

    equal: int
    close: int
    bills: int

    def __str__(self) -> str:
        exact = f"; {self.equal:,} to the token" if self.equal else ""
        bills = f"recorded bill{'s' * (self.bills != 1)}"
        return (
            f"confirmed by {self.close:,} of {self.bills:,} {bills}"
            f" (within 5 % or 2 tokens{exact}), counted with its vocabulary at hand"
        )


_OVERHEADS: dict[int, tuple[Mapping[str, Any], Overhead]] = {}
"""By the table they are read from, which is kept with them: an id is not given to another then."""


class Model(NamedTuple):
    """A row of the catalogue, or a sibling of one. `unknown` holds, by modality, why a rule is not
    known; `standing` is the most that a number of it is worth, `family` the patterns of the names
    that it stands for; `retired` is the day from which the API no longer answers with it, `task`
    what it is for; `evidence` the bills that whole requests to it were held against; `endpoints`
    what is counted otherwise where else it answers."""

    id: str
    provider: str
    rules: Mapping[str, Rule]
    unknown: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    dated: bool = False
    context_window: int | None = None
    max_output: int | None = None
    note: str | None = None
    adds: Mapping[str, Any] = NONE
    standing: Kind = "exact"
    family: tuple[str, ...] = ()
    retired: date | None = None
    task: str = "chat"
    evidence: Evidence | None = None
    endpoints: Mapping[str, Mapping[str, Any]] = NONE

    def __repr__(self) -> str:
        """<Model 'gpt-4o' of openai: text, image>"""
        return f"<Model {self.id!r} of {self.provider}: {', '.join(self.rules) or 'no rule'}>"

    @property
    def overhead(self) -> Overhead:
        """What a request adds, typed: only requests ask, and its types cost a start 9 ms. Checking
        it took two thirds of the time of a small request, so it is done once a row."""
        kept = _OVERHEADS.get(id(self.adds))
        if kept is None or kept[0] is not self.adds:
            from multitok.catalog.overhead import overhead_of

            if len(_OVERHEADS) >= NAMES_KEPT:
                _OVERHEADS.clear()
            kept = _OVERHEADS[id(self.adds)] = self.adds, overhead_of(self.adds)
        return kept[1]

    def rule(self, modality: str, options: Mapping[str, Any] | None = None) -> Rule:
        """The rule under these request options; UnknownRuleError where none is published."""
        rule = self.rules.get(modality)
        if rule is None:
            why = self.unknown.get(modality) or (
                f"{self.id} takes {' and '.join(self.rules) or 'nothing multitok counts'}"
            )
            if "text" in self.rules and modality in ("series", "actions"):
                why += ". To count a file of text as text, pass --as text"
            raise UnknownRuleError(
                f"no rule for {modality} with model {self.id!r}: {why}",
                model=self.id,
                modality=modality,
            )
        if rule.options or options:
            rule = with_options(rule, options or {}, self.id)
            rule = rule._replace(kind=weakest([rule.kind, self.standing]))
        return rule


class Catalog:
    """The models that can be asked for by name."""

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], defaults: Mapping[str, Sequence[str]] = NONE
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

    def is_own(self, name: str) -> bool:
        """Whether a name is a row's own, however it is spelled: no reading, no family."""
        return self.names.is_own(name)

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
            model = _as_found(_as_answered(self._of_row(found.row), name), name, found)
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


def _as_answered(model: Model, name: str) -> Model:
    """The model where its name says that it answers, under a name that says so."""
    endpoint = endpoint_of(name)
    table = model.endpoints.get(endpoint or "")
    if table is None:
        return model
    from multitok.catalog.overhead import laid_over

    there, unknown = _rules(table["rules"], model.id)
    rules = {name: rule for name, rule in model.rules.items() if name not in unknown}
    return model._replace(
        id=f"{endpoint}/{model.id}", aliases=(), family=(), endpoints=NONE,
        evidence=_evidence(table),
        rules={**rules, **there}, unknown={**model.unknown, **unknown},
        adds=laid_over(model.adds, table["overhead"]),
    )  # fmt: skip


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
    knows, the first is the default; a rule that knows none of them says whose number it gives."""
    rules, runtimes = {}, runtimes_of(name)
    for modality, rule in model.rules.items():
        known = rule.options.get("runtime", {})
        word = next((word for word in runtimes if word in known), None)
        if runtimes and word is None and modality != "text":
            note = f"by the model's own processor: what {runtimes[0]} makes of it is not known here"
            kind = weakest([rule.kind, "estimate"])
            rules[modality] = rule._replace(kind=kind, notes=(*rule.notes, note))
        elif word not in (None, known.get("default")):
            options = {**rule.options, "runtime": {**known, "default": word}}
            rules[modality] = rule._replace(options=options)
    if not rules:
        return model
    return model._replace(id=name, aliases=(), family=(), rules={**model.rules, **rules})


def _model(row: Mapping[str, Any]) -> Model:
    rules, unknown = _rules(row["rules"], row["id"])
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
        family=tuple(row.get("family", {}).get("matches", ())),
        adds=row.get("overhead", NONE),
        retired=day_of(row.get("retired")),
        task=row.get("task", "chat"),
        evidence=_evidence(row),
        endpoints=row.get("endpoints", NONE),
    )


def _evidence(table: Mapping[str, Any]) -> Evidence | None:
    return Evidence(*table["evidence"]) if "evidence" in table else None


def _rules(
    table: Mapping[str, Mapping[str, Any]], model: str
) -> tuple[dict[str, Rule], dict[str, str]]:
    """By modality the rules, and why one is not known."""
    unknown = {name: rule["unknown"] for name, rule in table.items() if "unknown" in rule}
    return {n: _rule(rule, model) for n, rule in table.items() if n not in unknown}, unknown


def _rule(rule: Mapping[str, Any], model: str) -> Rule:
    return Rule(
        tokenizer=rule["tokenizer"],
        params=_params(rule, model),
        kind=rule["kind"],
        source=rule["source"],
        checked=rule.get("checked"),
        notes=tuple(rule.get("notes", ())),
        options=rule.get("options", {}),
        stored=rule.get("stored", False),
        license=rule.get("license"),
        bills=two(rule.get("bills")),
        error=two(rule.get("error")),
    )


def _params(rule: Mapping[str, Any], model: str) -> Mapping[str, Any]:
    """A repo that is "{id}" is the row's own id: one rule serves every checkpoint of a family."""
    params: Mapping[str, Any] = rule.get("params", {})
    return {**params, "repo": model} if params.get("repo") == OWN_ID else params


def user_stamps() -> tuple[Stamp, ...]:
    """The user's own catalogue files, found by environment and config folder, as they stand now:
    who keeps what was read of them keeps these beside it."""
    given, own = variable("MULTITOK_CATALOG"), _config_file()
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
        for table in (row, *row.get("endpoints", {}).values()):
            table["rules"] = {
                modality: rules[number] for modality, number in table["rules"].items()
            }
    if files:
        from pathlib import Path

        from multitok.catalog.rows import read_rows  # brings tomllib

        for seen in files:
            if seen.size == ABSENT and seen.path == _config_file():
                continue  # the user's own is taken away
            with boundary("reading", seen.path):
                rows += read_rows(Path(seen.path))
    return Catalog(rows, tables["defaults"])

"""A file of catalogue TOML as plain rows: `use` resolved, every row checked. docs/catalogue.md
explains. The files that ship and a user's own go through the same checks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from multitok.catalog.finding import beginning
from multitok.catalog.lifecycle import check_life
from multitok.catalog.names import folded
from multitok.catalog.overhead import laid_over, overhead_of
from multitok.catalog.providers import endpoints
from multitok.catalog.rule_checks import Row, Where, check_rule, merged_tables
from multitok.core.errors import CatalogError
from multitok.core.info import MODALITIES
from multitok.core.quiet import quiet
from multitok.core.schema import misfit

TABLES = ("provider", "name", "rules", "model", "overhead", "overheads", "endpoints")
MODEL_KEYS = {
    "id", "aliases", "dated", "family", "context_window", "max_output", "note",
    "overhead", "retired", "task", *MODALITIES,
}  # fmt: skip
ROW_TYPES: dict[str, type] = {
    "aliases": list, "dated": bool, "context_window": int, "max_output": int,
    "note": str, "overhead": dict, "family": dict, "retired": str, "task": str,
}  # fmt: skip
TYPE_WORDS: dict[type, str] = {
    list: "a list", bool: "true or false", int: "a whole number", str: "a string", dict: "a table",
}  # fmt: skip
RULE_KEYS = {
    "use", "tokenizer", "params", "kind", "source", "checked", "options", "notes", "stored",
    "bills", "error", "license", "unset", "unknown",
}  # fmt: skip


class _Family(TypedDict):
    """The names that a row stands for beside its own."""

    matches: list[str]
    kind: NotRequired[Literal["documented", "observed", "upper-bound", "estimate"]]
    note: NotRequired[str]


class _Elsewhere(TypedDict):
    """What is counted otherwise at another endpoint."""

    overhead: NotRequired[dict[str, Any]]
    rules: NotRequired[dict[str, str]]


def read_rows(path: Path, shared: Mapping[str, Any] | None = None) -> list[Row]:
    """The checked rows of one TOML file, which may `use` shared rules. CatalogError says where."""
    import tomllib  # 15 ms: only for users' own files and `make catalog`

    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise CatalogError(f"{path}: {error.strerror}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path}: not UTF-8 text (byte {error.start})", file=str(path)) from None
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no TOML, a number too long, nested too deep
        raise CatalogError(f"{path}: {error}", file=str(path)) from error
    unknown = set(data) - set(TABLES)
    if unknown:
        raise CatalogError(
            f"{path}: unknown table {sorted(unknown)[0]!r}. There are: {', '.join(TABLES)}",
            file=str(path),
        )
    provider = data.get("provider", path.stem)
    if not isinstance(provider, str):
        raise CatalogError(f"{path}: provider must be a string, got {provider!r}", file=str(path))
    rules, models = data.get("rules", {}), data.get("model", [])
    if not isinstance(rules, Mapping) or not all(isinstance(r, Mapping) for r in rules.values()):
        raise CatalogError(f"{path}: rules must be tables, [rules.NAME]", file=str(path))
    if not isinstance(models, list) or not all(isinstance(m, Mapping) for m in models):
        raise CatalogError(f"{path}: models must be tables, [[model]]", file=str(path))
    overhead = data.get("overhead", {})  # of every model of the file; a row's own lies on top
    named = data.get("overheads", {})
    elsewhere = data.get("endpoints", {})
    for key, given in (("overhead", overhead), ("overheads", named), ("endpoints", elsewhere)):
        if not isinstance(given, Mapping):
            raise CatalogError(f"{path}: {key} must be a table, got {given!r}", file=str(path))
    rows: list[Row] = []
    owner: dict[str, int] = {}
    for number, entry in enumerate(models):
        where = Where(path, text, str(entry.get("id", "")))
        over = entry.get("overhead", {})
        if isinstance(over, Mapping):
            over = laid_over(overhead, _used(over, named, where))
        entry = {**entry, "overhead": over} if over else entry
        row = _row(entry, provider, {**(shared or {}), **rules}, where)
        if found := _elsewhere(entry, elsewhere, rules, where):
            row["endpoints"] = found
        for name in names_of(row):
            if (first := owner.setdefault(folded(name), number)) != number:
                other = rows[first]["id"]
                why = f"is also a name of {other!r}" if other != row["id"] else "has a row already"
                raise where.error(f"{name!r} {why}")
        rows.append(row)
    return rows


def _used(over: Mapping[str, Any], named: Mapping[str, Any], where: Where) -> Mapping[str, Any]:
    """A row's overhead on the one that it uses, as a rule uses another: [overheads.NAME]."""
    if "use" not in over:
        return over
    found = named.get(over["use"]) if isinstance(over["use"], str) else None
    if not isinstance(found, Mapping):
        there = ", ".join(named) or "none"
        raise where.error(f"no [overheads.{over['use']}] in this file. There are: {there}")
    return laid_over(found, {key: value for key, value in over.items() if key != "use"})


def _elsewhere(
    entry: Mapping[str, Any], given: Mapping[str, Any], rules: Mapping[str, Any], where: Where
) -> Row:
    """What a model costs otherwise where else it answers, by endpoint: [endpoints.NAME] has an
    overhead that lies on top of each model's, and which rule stands there for one of its own."""
    found: Row = {}
    for name, table in given.items():
        if name not in endpoints().values():
            known = ", ".join(sorted(set(endpoints().values())))
            raise where.error(f"no endpoint is {name!r}. There are: {known}")
        _check_table(table, _Elsewhere, f"endpoints.{name}", where)
        overhead = plain(table.get("overhead", {}))
        try:
            overhead_of(laid_over(plain(entry.get("overhead", {})), overhead))
        except ValueError as error:
            raise where.error(f"endpoints.{name}: {error}") from None
        named = {modality: _base(entry.get(modality)) for modality in MODALITIES}
        there = {
            modality: _rule(table["rules"][rule], rules, modality, where)
            for modality, rule in named.items()
            if rule in table.get("rules", {})
        }
        found[name] = {"overhead": overhead, "rules": there}
    return found


def _check_table(table: Any, kind: type, name: str, where: Where) -> None:
    """The line's error where a table is not of its kind, or has a key that it does not know."""
    if why := misfit(table, kind, name):
        raise where.error(why)
    if unknown := table.keys() - kind.__annotations__.keys():
        known = ", ".join(kind.__annotations__)
        raise where.error(f"{name}: unknown key {min(unknown)!r}. There are: {known}")


def _base(given: Any) -> Any:
    """The name of the rule that a row uses."""
    return given.get("use") if isinstance(given, Mapping) else given


def names_of(row: Row) -> tuple[str, ...]:
    """The id and the aliases."""
    return (row["id"], *row.get("aliases", ()))


def _row(entry: Mapping[str, Any], provider: str, rules: Mapping[str, Any], where: Where) -> Row:
    if not isinstance(entry.get("id"), str) or not entry["id"]:
        raise where.error("a row needs an id, a string")
    for key in entry:
        if key not in MODEL_KEYS:
            raise where.error(f"unknown key {key!r}. There are: {', '.join(sorted(MODEL_KEYS))}")
    row: Row = {"id": entry["id"], "provider": provider}
    for key, kind in ROW_TYPES.items():
        if key in entry:
            row[key] = plain(entry[key])
            if not isinstance(row[key], kind) or (kind is int and isinstance(row[key], bool)):
                raise where.error(f"{key} must be {TYPE_WORDS[kind]}, got {entry[key]!r}")
    try:
        check_life(row)
        overhead_of(row.get("overhead", {}))
    except ValueError as error:
        raise where.error(str(error)) from None
    if "family" in row:
        row["family"] = _family(row["family"], where)
    if not all(isinstance(alias, str) for alias in row.get("aliases", ())):
        raise where.error(f"aliases must be strings, got {entry['aliases']!r}")
    row["rules"] = {
        modality: _rule(entry[modality], rules, modality, where)
        for modality in MODALITIES
        if modality in entry
    }
    return row


def _family(given: Row, where: Where) -> Row:
    """The patterns of a family, each with a word to begin with."""
    _check_table(given, _Family, "family", where)
    for pattern in given["matches"]:
        try:
            with quiet():  # what Python says that a set may mean one day
                re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise where.error(f"family.matches: {pattern!r}: {error}") from None
        if len(beginning(pattern)) < 3:
            raise where.error(
                f"family.matches: {pattern!r} must begin with a word of three letters or more"
            )
    return given


def _rule(given: Any, rules: Mapping[str, Any], modality: str, where: Where) -> Row:
    """One modality of one model: a rule by name, a rule with changes, or a rule of its own."""
    if not isinstance(given, str | Mapping):
        raise where.error(f"{modality} must be the name of a rule or a table, got {given!r}")
    section = {"use": given} if isinstance(given, str) else dict(given)
    base = section.pop("use", None)
    seen = set()
    while base is not None:
        if not isinstance(base, str) or base not in rules or base in seen:
            raise where.error(
                f"{modality}.use: no rule {base!r}. There are: {', '.join(rules) or 'none'}"
            )
        seen.add(base)
        parent = dict(rules[base])
        base = parent.pop("use", None)
        section = merged_tables(parent, section)
    for key in section:
        if key not in RULE_KEYS:
            raise where.error(
                f"{modality}: unknown key {key!r}. There are: {', '.join(sorted(RULE_KEYS))}"
            )
    rule: Row = plain(section)
    for name in rule.pop("unset", ()):  # TOML has no word for None
        rule["params"] = {name: None, **rule.get("params", {})}
    if "unknown" in rule:
        if not isinstance(rule["unknown"], str):
            raise where.error(f"{modality}.unknown must be a string, got {rule['unknown']!r}")
        return {"unknown": rule["unknown"]}
    check_rule(rule, modality, where)
    return rule


def plain(value: Any) -> Any:
    """JSON-able: dates as ISO strings."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value

"""From catalogue TOML to plain rows: `use` resolved, every row checked. docs/catalogue.md explains.

People write and review TOML; `make catalog` runs this over the files beside it and writes
catalog.json, which is what ships: it is parsed some thirty times as fast. A user's own
file goes through the same checks when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from multitok.catalog.accepts_file import ACCEPTS, read_accepts
from multitok.catalog.finding import beginning
from multitok.catalog.lifecycle import check_life
from multitok.catalog.names import folded
from multitok.catalog.overhead import laid_over, overhead_of
from multitok.catalog.providers import Provider, endpoints
from multitok.catalog.rule_checks import Row, Where, check_rule, merged_tables
from multitok.core.errors import CatalogError
from multitok.core.info import MODALITIES
from multitok.core.quiet import quiet
from multitok.core.schema import misfit

VOCABULARIES, PROVIDERS, DEFAULTS = "vocabularies.toml", "providers.toml", "defaults.toml"
FRAMES, EVIDENCE = "frames.toml", "evidence.toml"
AROUND = ("chat", "turns", "control", "mistral_common")
"""What stands around messages, of which a model has one."""

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
        if why := misfit(table, _Elsewhere, f"endpoints.{name}"):
            raise where.error(why)
        if unknown := table.keys() - _Elsewhere.__annotations__.keys():
            known = ", ".join(_Elsewhere.__annotations__)
            key = min(unknown)
            raise where.error(f"endpoints.{name}: unknown key {key!r}. There are: {known}")
        overhead = _plain(table.get("overhead", {}))
        try:
            overhead_of(laid_over(_plain(entry.get("overhead", {})), overhead))
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
            row[key] = _plain(entry[key])
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
    if why := misfit(given, _Family, "family"):
        raise where.error(why)
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
    rule: Row = _plain(section)
    for name in rule.pop("unset", ()):  # TOML has no word for None
        rule["params"] = {name: None, **rule.get("params", {})}
    if "unknown" in rule:
        if not isinstance(rule["unknown"], str):
            raise where.error(f"{modality}.unknown must be a string, got {rule['unknown']!r}")
        return {"unknown": rule["unknown"]}
    check_rule(rule, modality, where)
    return rule


def _plain(value: Any) -> Any:
    """JSON-able: dates as ISO strings."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _shared(folder: Path) -> dict[str, Any]:
    """The text rules that every file of the folder may use."""
    import tomllib

    file = folder / VOCABULARIES
    return tomllib.loads(file.read_text("utf-8"))["rules"] if file.exists() else {}


def build_catalog(folder: Path) -> list[Row]:
    """All rows of the folder's TOML files, in file order; a name of two rows is an error."""
    rows: list[Row] = []
    owner: dict[str, str] = {}
    shared = _shared(folder)
    for path in sorted(folder.glob("*.toml")):
        if path.name in (ACCEPTS, PROVIDERS, DEFAULTS, VOCABULARIES, FRAMES, EVIDENCE):
            continue
        for row in read_rows(path, shared):
            for name in names_of(row):
                if owner.setdefault(folded(name), row["id"]) != row["id"]:
                    raise CatalogError(
                        f"{path.name}: model {row['id']!r}: {name!r} is also a name of"
                        f" {owner[folded(name)]!r}",
                        file=str(path),
                    )
            rows.append(row)
    return _evident(framed(rows, folder / FRAMES), folder / EVIDENCE)


def _evident(rows: list[Row], file: Path) -> list[Row]:
    """The rows with the recorded bills that their requests were held against."""
    import tomllib

    found = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    for row in rows:
        if row["id"] in found:
            row["evidence"] = found.pop(row["id"])
    if found:
        why = f"no model is {min(found)!r}: make bills writes the file anew"
        raise CatalogError(f"{file.name}: {why}", file=str(file))
    return rows


def framed(rows: list[Row], file: Path) -> list[Row]:
    """The rows with the frames of frames.toml, which says whose chat template each is: a row's own
    numbers lie on top. A pattern that no row's id matches is an error. Chats of weights that none
    names have the frame of `unstated`."""
    import tomllib

    tables = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    for frame in tables.get("frame", []):
        overhead = _plain({key: value for key, value in frame.items() if key != "models"})
        overhead_of(overhead, f"{file.name}: {frame['models'][0]}")
        for pattern in frame["models"]:
            found = [row for row in rows if re.fullmatch(pattern, row["id"])]
            if not found:
                raise CatalogError(f"{file.name}: no model is {pattern!r}", file=str(file))
            for row in found:
                row["overhead"] = laid_over(overhead, row.get("overhead", {}))
    unstated = tables.get("unstated", {"providers": ()})
    for row in rows:
        over = row.get("overhead", {})
        answers = row["rules"].get("text") and row.get("task", "chat") == "chat"
        if row["provider"] in unstated["providers"] and answers and not over.keys() & set(AROUND):
            row["overhead"] = {"control": _plain(unstated["control"]), **over}
    return rows


def read_providers(folder: Path) -> dict[str, Any]:
    """providers.toml; a name of two providers, or an unknown key, is an error."""
    import tomllib

    tables = tomllib.loads((folder / PROVIDERS).read_text("utf-8"))
    owner: dict[str, str] = {}
    for row in tables["provider"]:
        unknown = row.keys() - set(Provider._fields)
        if unknown:
            known = ", ".join(Provider._fields)
            what = f"unknown key {sorted(unknown)[0]!r}. There are: {known}"
            raise CatalogError(f"{PROVIDERS}: provider {row['id']!r}: {what}", file=PROVIDERS)
        for name in {row["id"], row.get("prices", row["id"]), *row.get("names", ())}:
            if name in owner:
                raise CatalogError(
                    f"{PROVIDERS}: provider {row['id']!r}: {name!r} is also a name of"
                    f" {owner[name]!r}",
                    file=PROVIDERS,
                )
            owner[name] = row["id"]
    return tables


def read_defaults(folder: Path, rows: list[Row]) -> dict[str, list[str]]:
    """defaults.toml; a name that is no row's, or of one without that modality, is an error."""
    import tomllib

    tables = tomllib.loads((folder / DEFAULTS).read_text("utf-8"))
    defaults: dict[str, list[str]] = tables["defaults"]
    counted = {name: row["rules"] for row in rows for name in names_of(row)}
    for modality, models in defaults.items():
        for name in models:
            if "tokenizer" not in counted.get(name, {}).get(modality, {}):
                raise CatalogError(
                    f"{DEFAULTS}: {modality}: no row counts it for {name!r}", file=DEFAULTS
                )
    return defaults


def packed(rows: list[Row]) -> dict[str, Any]:
    """The rows with each rule once, under "rules", and its number where it is used.

    Most models of a provider share a few rules: this is a third of the size and of the reading.
    """
    import json

    numbers: dict[str, int] = {}
    shared: list[Row] = []
    models = []

    def numbered(rules: Row) -> dict[str, int]:
        of_row = {}
        for modality, rule in rules.items():
            number = numbers.setdefault(json.dumps(rule, sort_keys=True), len(shared))
            if number == len(shared):
                shared.append(rule)
            of_row[modality] = number
        return of_row

    for row in rows:
        model = {**row, "rules": numbered(row["rules"])}
        if "endpoints" in row:
            model["endpoints"] = {
                name: {**table, "rules": numbered(table["rules"])}
                for name, table in row["endpoints"].items()
            }
        models.append(model)
    return {"rules": shared, "models": models}


def compiled(folder: Path) -> dict[str, Any]:
    """All that catalog.json holds."""
    rows = build_catalog(folder)
    return {"defaults": read_defaults(folder, rows), **packed(rows)}


def main() -> None:
    """`make catalog`: write catalog.json, providers.json and accepts.json from the TOML files."""
    import json

    from multitok.core.writing import write_text

    folder = Path(__file__).parent

    def write(name: str, table: Row) -> None:
        write_text(folder / name, json.dumps(table, ensure_ascii=False, indent=1) + "\n")

    write("providers.json", read_providers(folder))  # first: the rows are held against it
    document = compiled(folder)
    parts = [f'"defaults": {json.dumps(document["defaults"], ensure_ascii=False)}']
    for name in ("rules", "models"):
        lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in document[name])
        parts.append(f'"{name}": [\n{lines}\n]')
    write_text(folder / "catalog.json", "{" + ",\n".join(parts) + "}\n")
    ids: dict[str, list[str]] = {}
    for row in document["models"]:
        ids.setdefault(row["provider"], []).append(row["id"])
    write("accepts.json", read_accepts(folder, ids))
    print(f"{len(document['models'])} models, {len(document['rules'])} rules")


if __name__ == "__main__":
    main()

"""From catalogue TOML to plain rows: `use` resolved, every row checked. docs/catalogue.md explains.

People write and review TOML; `make catalog` runs this over the files beside it and writes
catalog.json, which is what ships (300 rows of TOML cost 30 ms to parse, of JSON 1 ms). A user's own
file goes through the same checks when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from multitok.catalog.accepts_file import ACCEPTS, read_accepts
from multitok.catalog.finding import beginning
from multitok.catalog.lifecycle import check_life
from multitok.catalog.names import SIZE, folded
from multitok.catalog.overhead import check_stated, overhead_of
from multitok.catalog.providers import Provider
from multitok.core.errors import CatalogError, MultitokError
from multitok.core.info import MODALITIES
from multitok.core.registry import build, class_for
from multitok.core.schema import Within, misfit
from multitok.core.tokenizer import KINDS, Kind

Row = dict[str, Any]
VOCABULARIES, PROVIDERS, DEFAULTS = "vocabularies.toml", "providers.toml", "defaults.toml"

MODEL_KEYS = {
    "id", "aliases", "dated", "family", "context_window", "max_output", "note", "released",
    "overhead", "retired", "task", *MODALITIES,
}  # fmt: skip
ROW_TYPES: dict[str, type] = {
    "aliases": list, "dated": bool, "context_window": int, "max_output": int,
    "released": str, "note": str, "overhead": dict, "family": dict, "retired": str, "task": str,
}  # fmt: skip
TYPE_WORDS: dict[type, str] = {
    list: "a list", bool: "true or false", int: "a whole number", str: "a string", dict: "a table",
}  # fmt: skip
RULE_KEYS = {
    "use", "tokenizer", "params", "kind", "source", "checked", "options", "notes", "stored",
    "bills", "error", "license", "unset", "unknown",
}  # fmt: skip
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


class _Family(TypedDict):
    """The names that a row stands for beside its own."""

    matches: list[str]
    kind: NotRequired[Literal["documented", "observed", "upper-bound", "estimate"]]
    note: NotRequired[str]


class _Over(TypedDict, total=False):
    """What a word of an option changes in its rule."""

    tokenizer: str
    params: Annotated[dict[str, Any], Within("a table")]
    stored: bool


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
    unknown = set(data) - {"provider", "name", "rules", "model", "overhead"}
    if unknown:
        raise CatalogError(
            f"{path}: unknown table {sorted(unknown)[0]!r}."
            " There are: provider, name, rules, model, overhead",
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
    if not isinstance(overhead, Mapping):
        raise CatalogError(f"{path}: overhead must be a table, got {overhead!r}", file=str(path))
    rows: list[Row] = []
    owner: dict[str, str] = {}
    for entry in models:
        where = _Where(path, text, str(entry.get("id", "")))
        over = entry.get("overhead", {})
        if isinstance(over, Mapping):
            over = _merge(overhead, over)
        entry = {**entry, "overhead": over} if over else entry
        row = _row(entry, provider, {**(shared or {}), **rules}, where)
        for name in names_of(row):
            if owner.setdefault(folded(name), row["id"]) != row["id"]:
                raise where.error(f"{name!r} is also a name of {owner[folded(name)]!r}")
        rows.append(row)
    return rows


def names_of(row: Row) -> tuple[str, ...]:
    """The id and the aliases."""
    return (row["id"], *row.get("aliases", ()))


class _Where:
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


def _row(entry: Mapping[str, Any], provider: str, rules: Mapping[str, Any], where: _Where) -> Row:
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


def _family(given: Row, where: _Where) -> Row:
    """The patterns of a family, with what `{size}` stands for."""
    if why := misfit(given, _Family, "family"):
        raise where.error(why)
    matches = [pattern.replace("{size}", SIZE) for pattern in given["matches"]]
    for written, pattern in zip(given["matches"], matches, strict=True):
        try:
            re.compile(pattern)
        except re.error as error:
            raise where.error(f"family.matches: {written!r}: {error}") from None
        if len(beginning(pattern)) < 3:
            raise where.error(
                f"family.matches: {written!r} must begin with a word of three letters or more"
            )
    return {**given, "matches": matches}


def _rule(given: Any, rules: Mapping[str, Any], modality: str, where: _Where) -> Row:
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
        section = _merge(parent, section)
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
    _check_rule(rule, modality, where)
    return rule


def _check_rule(rule: Row, modality: str, where: _Where) -> None:
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
        yield _merge(under, {"params": {param: sample}})


def _parameters(tokenizer: str) -> set[str]:
    return {f.name for f in fields(class_for(tokenizer))}  # type: ignore[arg-type]


def _check_stated(table: Mapping[str, Any], what: str, where: _Where) -> None:
    try:
        check_stated(table, what)
    except ValueError as error:
        raise where.error(str(error)) from None


def _under(rule: Row, over: Mapping[str, Any]) -> Row:
    """The rule under one value of an option; another tokenizer starts from no parameters."""
    if over.get("tokenizer", rule["tokenizer"]) != rule["tokenizer"]:
        return {**rule, **over, "params": over.get("params", {})}
    return _merge(rule, over)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> Row:
    """`over` laid on `base`; tables merge, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        under = merged.get(key)
        tables = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = _merge(under, value) if tables else value  # type: ignore[arg-type]
    return merged


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
        if path.name in (ACCEPTS, PROVIDERS, DEFAULTS, VOCABULARIES):
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
    for row in rows:
        of_row = {}
        for modality, rule in row["rules"].items():
            number = numbers.setdefault(json.dumps(rule, sort_keys=True), len(shared))
            if number == len(shared):
                shared.append(rule)
            of_row[modality] = number
        models.append({**row, "rules": of_row})
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
    document = compiled(folder)
    parts = [f'"defaults": {json.dumps(document["defaults"], ensure_ascii=False)}']
    for name in ("rules", "models"):
        lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in document[name])
        parts.append(f'"{name}": [\n{lines}\n]')
    write_text(folder / "catalog.json", "{" + ",\n".join(parts) + "}\n")
    ids: dict[str, list[str]] = {}
    for row in document["models"]:
        ids.setdefault(row["provider"], []).append(row["id"])
    for name, table in {
        "providers.json": read_providers(folder), "accepts.json": read_accepts(folder, ids)
    }.items():  # fmt: skip
        write_text(folder / name, json.dumps(table, ensure_ascii=False, indent=1) + "\n")
    print(f"{len(document['models'])} models, {len(document['rules'])} rules")


if __name__ == "__main__":
    main()

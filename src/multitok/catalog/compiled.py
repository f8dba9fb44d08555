"""The catalogue as it ships: catalog.json, providers.json and accepts.json from the TOML files.

People write and review TOML; `make catalog` runs this over the files beside it. JSON is parsed some
thirty times as fast.

    python -m multitok.catalog.compiled
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from multitok.catalog.accepts_file import ACCEPTS, read_accepts
from multitok.catalog.names import folded
from multitok.catalog.overhead import laid_over, overhead_of
from multitok.catalog.providers import Provider
from multitok.catalog.rows import names_of, plain, read_rows
from multitok.catalog.rule_checks import Row
from multitok.core.errors import CatalogError

VOCABULARIES, PROVIDERS, DEFAULTS = "vocabularies.toml", "providers.toml", "defaults.toml"
FRAMES, EVIDENCE = "frames.toml", "evidence.toml"
AROUND = ("chat", "turns", "control", "mistral_common")
"""What stands around messages, of which a model has one."""


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
    """The rows with the recorded bills that their requests were held against, by endpoint."""
    import tomllib

    found = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    for row in rows:
        elsewhere = row.get("endpoints", {}).items()
        tables = {row["id"]: row} | {f"{at}/{row['id']}": table for at, table in elsewhere}
        for name in tables.keys() & found.keys():
            tables[name]["evidence"] = found.pop(name)
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
        overhead = plain({key: value for key, value in frame.items() if key != "models"})
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
            row["overhead"] = {"control": plain(unstated["control"]), **over}
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
        words = (word for at, more in row.get("endpoints", {}).items() for word in (at, *more))
        for name in {row["id"], row.get("prices", row["id"]), *row.get("names", ()), *words}:
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

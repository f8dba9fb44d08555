"""A baseline as a file of JSON, which can lie in a repository: paths are seen from its own folder.

    {"schema": 1, "multitok", "packages",
     "asked": {"models", "tokenizer", "options", "modality", "read", "catalog"},
     "rules": {model: {modality: {"id", "tokenizer", "params", "fingerprint", "source",
                                   "checked"}}},
     "files": [{"path", "sha256", "counts": {model: {"modality", "tokens", "kind"}}}]}

A tokenizer that counts has its name in place of a model's.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypedDict, cast

from multitok.budgets.baseline import Asked, Baseline, Rule, Tally
from multitok.core.boundary import boundary
from multitok.core.errors import MediaError, SourceError
from multitok.core.schema import Within, misfit, parsed
from multitok.core.writing import write_text
from multitok.loaders.probed import ReadWords

SCHEMA = 1


class _File(TypedDict):
    path: str
    sha256: str
    counts: dict[str, Tally]


class _Asked(TypedDict):
    models: list[str]
    tokenizer: str | None
    options: Annotated[dict[str, Any], Within("a table")]
    modality: str | None
    read: Annotated[dict[str, Any], Within("a table")]
    catalog: list[str]


class _Document(TypedDict):
    multitok: str
    packages: dict[str, str]
    asked: _Asked
    rules: dict[str, dict[str, Rule]]
    files: list[_File]


def write_baseline(baseline: Baseline, path: str | os.PathLike[str]) -> None:
    """The file that `check_baseline` reads. MediaError where something of it failed, or nothing is
    in it.

    >>> from multitok import baseline_of
    >>> write_baseline(baseline_of("gone.txt", tokenizer="bytes"), "counts.json")
    Traceback (most recent call last):
    multitok.core.errors.MediaError: a baseline has each file that is named: gone.txt: no such file
    """
    if baseline.failed:
        raise MediaError(f"a baseline has each file that is named: {baseline.failed[0].message}")
    asked = baseline.asked
    if not baseline.files:
        raise MediaError(
            f"nothing that was named is counted by {', '.join(asked.names)}: name files"
        )
    below = os.path.dirname(os.path.abspath(path))
    fields = {
        "schema": SCHEMA,
        "multitok": baseline.multitok,
        "packages": baseline.packages,
        "asked": {**asdict(asked), "catalog": [_seen(below, one) for one in asked.catalog]},
        "rules": baseline.rules,
        "files": [
            {"path": _seen(below, name), "sha256": told, "counts": counts}
            for name, (told, counts) in baseline.files.items()
        ],
    }
    write_text(os.fspath(path), json.dumps(fields, indent=1) + "\n")


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """The baseline of a file; SourceError says what is wrong with it.

    >>> read_baseline("README.md").files  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    multitok.core.errors.SourceError: README.md: no baseline (Expecting value...
    """
    name = os.fspath(path)
    with boundary("reading", name, naming=True):
        try:
            given = parsed(Path(name).read_text("utf-8"))
        except ValueError as error:
            raise _none(name, str(error)) from None
        schema = given.get("schema") if isinstance(given, dict) else None
        why = misfit(given, _Document, "") if schema == SCHEMA else f"its schema is {schema!r}"
        if why:
            raise _none(name, why)
    below = os.path.dirname(name)
    asked = given["asked"]
    read = {key: tuple(v) if isinstance(v, list) else v for key, v in asked["read"].items()}
    catalog = tuple(_found(below, one) for one in asked["catalog"])
    return Baseline(
        Asked(
            tuple(asked["models"]), asked["tokenizer"], asked["options"], asked["modality"],
            cast("ReadWords", read), catalog,
        ),
        {_found(below, one["path"]): (one["sha256"], one["counts"]) for one in given["files"]},
        given["rules"], given["multitok"], given["packages"],
    )  # fmt: skip


def _none(name: str, why: str) -> SourceError:
    write = "multitok check FILES -m gpt-4o -o counts.json"
    return SourceError(f"{name}: no baseline ({why}). Write one: {write}", source=name)


def _seen(folder: str, path: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _found(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))

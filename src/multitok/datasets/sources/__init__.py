"""Readers: a module a form, each of which cuts its sources into units and reads the items of one.

What reads a file is told by its name, as a folder of a million files is not opened to ask.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from multitok.datasets.units import Form, Reader

_MODULES: dict[Form, str] = {
    "files": "multitok.datasets.sources.files",
    "lines": "multitok.datasets.sources.lines",
    "table": "multitok.datasets.sources.tables",
    "tar": "multitok.datasets.sources.tars",
}
_BY_SUFFIX: dict[str, Form] = {
    "jsonl": "lines", "ndjson": "lines",
    "parquet": "table", "arrow": "table", "feather": "table",
    "tar": "tar",
}  # fmt: skip


def form_of(path: str) -> Form:
    """What holds the items of a file, by its name: a loose file is an item itself."""
    return _BY_SUFFIX.get(path.rpartition(".")[2].lower(), "files")


def reader(form: Form) -> Reader:
    """The module that reads a form."""
    return cast(Reader, import_module(_MODULES[form]))

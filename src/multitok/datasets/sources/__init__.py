"""Readers: a module a form, each of which cuts its sources into units and reads the items of one.

What reads a file is told by its name, as a folder of a million files is not opened to ask.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from multitok.datasets.places import is_web
from multitok.datasets.units import Form, Reader

_MODULES: dict[Form, str] = {
    "files": "multitok.datasets.sources.files",
    "lines": "multitok.datasets.sources.lines",
    "table": "multitok.datasets.sources.tables",
    "tar": "multitok.datasets.sources.tars",
}
_BY_SUFFIX: dict[str, Form] = {
    "jsonl": "lines", "ndjson": "lines",
    "parquet": "table", "arrow": "table", "arrows": "table", "ipc": "table", "feather": "table",
    "tar": "tar", "tgz": "tar", "tbz2": "tar", "txz": "tar", "tzst": "tar",
}  # fmt: skip
_PACKED = ("gz", "bz2", "xz", "zst")
"""Behind `.tar`: an archive still, which its reader refuses with what to type."""


def form_of(path: str) -> Form:
    """What holds the items of a file, by its name: a loose file is an item itself.

    >>> form_of("a.parquet"), form_of("a.TAR.gz"), form_of("a.gz")
    ('table', 'tar', 'files')
    """
    if is_web(path):  # a signature is no suffix
        path = path.partition("?")[0]
    bare, _, suffix = path.lower().rpartition(".")
    if suffix in _PACKED and bare.endswith(".tar"):
        return "tar"
    return _BY_SUFFIX.get(suffix, "files")


def reader(form: Form) -> Reader:
    """The module that reads a form."""
    return cast(Reader, import_module(_MODULES[form]))

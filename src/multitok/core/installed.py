"""What is installed beside multitok: its optional packages, and plugins with what they cost."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from multitok.core import registry
from multitok.core.errors import MultitokError

OPTIONAL = (
    ("fast", "splintr", "the same BPE ids, faster; vocabularies of open models"),
    ("fast", "fastokens", "the same tokenizer.json ids, faster"),
    ("-", "ctok", "a closer estimate of Claude text; comes along from Python 3.12 on"),
    ("prices", "genai_prices", "today's prices"),
    ("pdf", "pypdfium2", "PDF"),
    ("heif", "pillow_heif", "HEIC pixels"),
    ("mistral", "mistral_common", "Mistral chat, exact"),
    ("parquet", "pyarrow", "Parquet, Arrow and LeRobot files"),
    ("daft", "daft", "scans on Daft"),
    ("ray", "ray", "scans of Daft on a cluster"),
    ("cloud", "obstore", "object stores by their URL"),
    ("hdf5", "h5py", "HDF5"),
    ("mcap", "mcap", "MCAP recordings"),
    ("mcap", "mcap_ros2", "their ROS 2 messages"),
    ("onnx", "onnxruntime", "codecs of your own, as ONNX"),
    ("templates", "jinja2", "open models' chat templates"),
    ("serve", "uvicorn", "the local service"),
    ("mcp", "mcp", "tools for agents"),
)
"""The extra, the module it installs, and what for."""

_TAKEN = "never used, for a built-in has its name: give it another than"


class Extra(NamedTuple):
    """An optional package; `version` is None where it is not installed."""

    extra: str
    package: str
    version: str | None
    gives: str


class Plugin(NamedTuple):
    """A tokenizer of another package, what importing it took, and why it cannot be used."""

    name: str
    origin: str
    import_ms: float
    error: str | None = None


def extras() -> list[Extra]:
    """Every optional package, installed or not."""
    from importlib.metadata import packages_distributions

    known = packages_distributions()  # all that is installed is read for it
    return [
        Extra(extra, package, _version(known.get(package, ())), gives)
        for extra, package, gives in OPTIONAL
    ]


def plugins() -> list[Plugin]:
    """Every plugin, imported and timed; those that a built-in's name hides at the end."""
    found = [
        _plugin(entry)
        for entry in registry.tokenizers()
        if entry.origin not in ("built in", "registered")
    ]
    hidden = [Plugin(e.name, e.origin, 0.0, f"{_TAKEN} {e.name!r}") for e in registry.shadowed()]
    return found + hidden


def _plugin(entry: registry.Entry) -> Plugin:
    """Import one plugin and time it: the number its author needs."""
    started = time.perf_counter()
    error = None
    try:
        found = registry.class_for(entry.name).name
        if found != entry.name:  # what it encodes could not be decoded: the config says `found`
            error = f"its class is named {found!r}: give the entry point the same name"
    except MultitokError as problem:
        error = str(problem)
    took = round((time.perf_counter() - started) * 1000, 1)
    return Plugin(entry.name, entry.origin, took, error)


def _version(distributions: Iterable[str]) -> str | None:
    """That of the first that is there."""
    from importlib.metadata import PackageNotFoundError, version

    for distribution in distributions:
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None

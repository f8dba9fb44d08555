"""multitok doctor: what is installed, and what each plugin costs to import."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

import multitok
from multitok.cli import options as opt
from multitok.core import registry
from multitok.core.errors import MultitokError
from multitok.report.text import SCHEMA, table

OPTIONAL = (
    ("fast", "splintr", "the same BPE ids, faster"),
    ("fast", "fastokens", "the same tokenizer.json ids, faster"),
    ("claude", "ctok", "a closer estimate of Claude text (Python 3.12 or later)"),
    ("prices", "genai_prices", "today's prices"),
    ("pdf", "pypdfium2", "PDF"),
    ("heif", "pillow_heif", "HEIC pixels"),
    ("mistral", "mistral_common", "Mistral chat, exact"),
    ("parquet", "pyarrow", "Parquet and LeRobot files"),
    ("templates", "jinja2", "open models' chat templates"),
)


_TAKEN = "never used, for a built-in has its name: give it another than"


@click.command(short_help="What is installed, and what each plugin costs.")
@opt.json_option
def doctor(as_json: bool) -> None:
    """What is installed, which back ends are used, and what each plugin costs to import.

    Exit 1 when a plugin does not load.
    """
    plugins = [_plugin(entry) for entry in registry.tokenizers() if _is_plugin(entry)]
    plugins += [
        {"name": e.name, "from": e.origin, "import_ms": 0.0, "error": f"{_TAKEN} {e.name!r}"}
        for e in registry.shadowed()
    ]
    extras = [
        {"extra": extra, "package": package, "version": _version(package), "gives": gives}
        for extra, package, gives in OPTIONAL
    ]
    document = {
        "schema": SCHEMA,
        "multitok": multitok.__version__,
        "python": sys.version.split()[0],
        "extras": extras,
        "plugins": plugins,
    }
    click.echo(opt.dump(document) if as_json else _page(document))
    if any(plugin["error"] for plugin in plugins):
        sys.exit(1)


def _is_plugin(entry: registry.Entry) -> bool:
    return entry.origin not in ("built in", "registered")


def _plugin(entry: registry.Entry) -> dict[str, Any]:
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
    return {"name": entry.name, "from": entry.origin, "import_ms": took, "error": error}


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, packages_distributions, version

    for distribution in packages_distributions().get(package, ()):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None


def _page(document: dict[str, Any]) -> str:
    color = opt.color_wanted()
    rows = [
        [e["extra"], e["package"], e["version"] or "not installed", e["gives"]]
        for e in document["extras"]
    ]
    parts = [
        f"multitok {document['multitok']} on Python {document['python']}",
        table(["extra", "package", "version", "gives"], rows, color=color),
    ]
    if document["plugins"]:
        lines = [
            [p["name"], p["from"], f"{p['import_ms']:.1f}", p["error"] or "ok"]
            for p in document["plugins"]
        ]
        headers = ["plugin", "from", "import ms", "state"]
        parts.append(table(headers, lines, right=(2,), color=color))
    else:
        parts.append("no plugins installed")
    return "\n\n".join(parts)

"""What is installed, which vocabularies are at hand, and what each plugin costs to import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from multitok import __version__
from multitok.core.extras import install
from multitok.core.installed import Extra, Plugin
from multitok.modalities.text.at_hand import Cached, Vocabulary
from multitok.report.columns import table
from multitok.report.documents import document

_MISSING = f"not at hand: {install('fast')}"


def installed_to_dict(
    extras: Sequence[Extra],
    plugins: Sequence[Plugin],
    vocabularies: Sequence[Vocabulary] = (),
    cached: Sequence[Cached] = (),
) -> dict[str, Any]:
    """The versions, the optional packages, the vocabularies and the plugins."""
    return document(
        {
            "multitok": __version__,
            "python": _python(),
            "extras": [extra._asdict() for extra in extras],
            "vocabularies": [vocabulary._asdict() for vocabulary in vocabularies],
            "cached_tokenizers": [file._asdict() for file in cached],
            "plugins": [
                {"name": p.name, "from": p.origin, "import_ms": p.import_ms, "error": p.error}
                for p in plugins
            ],
        }
    )


def render_installed(
    extras: Sequence[Extra],
    plugins: Sequence[Plugin],
    vocabularies: Sequence[Vocabulary] = (),
    cached: Sequence[Cached] = (),
    *,
    color: bool,
    width: int | None = None,
) -> str:
    """Tables: what an extra gives, whose vocabulary is at hand, the milliseconds a plugin takes."""
    rows = [[e.extra, e.package, e.version or "not installed", e.gives] for e in extras]
    headers = ["extra", "package", "version", "gives"]
    parts = [
        f"multitok {__version__} on Python {_python()}",
        table(headers, rows, color=color, width=width),
    ]
    if vocabularies:
        rows = [[v.name, v.models, v.kind or _MISSING] for v in vocabularies]
        headers = ["vocabulary", "text of", "by splintr-rs"]
        parts.append(table(headers, rows, color=color, width=width))
    if cached:
        rows = [[one.repo, one.file] for one in cached]
        headers = ["in the Hugging Face cache", "file"]
        parts.append(table(headers, rows, color=color, width=width))
    elif vocabularies:
        parts.append("no tokenizer file in the Hugging Face cache")
    if not plugins:
        return "\n\n".join([*parts, "no plugins installed"])
    rows = [[p.name, p.origin, f"{p.import_ms:.1f}", p.error or "ok"] for p in plugins]
    headers = ["plugin", "from", "import ms", "state"]
    return "\n\n".join([*parts, table(headers, rows, right=(2,), color=color, width=width)])


def _python() -> str:
    return sys.version.split()[0]

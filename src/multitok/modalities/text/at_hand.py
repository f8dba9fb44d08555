"""Which vocabularies of open models are at hand: in the engine of `fast`, in the user's cache."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from multitok.core.counts import Kind
from multitok.modalities.text import carried, hub


class Vocabulary(NamedTuple):
    """A vocabulary that can be named; `kind` is that of a count by it, None where the engine is not
    installed."""

    name: str
    models: str
    kind: Kind | None


class Cached(NamedTuple):
    """A repository of the Hugging Face cache with a tokenizer file, and the file."""

    repo: str
    file: str


def vocabularies() -> list[Vocabulary]:
    """Every published vocabulary, at hand or not."""
    return [
        Vocabulary(name, found.models, found.kind if found.at_hand else None)
        for name, found in carried.index().items()
    ]


def cached() -> list[Cached]:
    """What the cache holds, by name; nothing where there is no cache."""
    repos = (folder.name[len("models--") :] for folder in _folders(hub.cache_folder()))
    rows = []
    for repo in sorted(name.replace("--", "/") for name in repos):
        file = hub.cached(repo) if hub.is_repo(repo) else None
        if file is not None:
            rows.append(Cached(repo, file.name))
    return rows


def _folders(cache: Path) -> list[Path]:
    try:
        return [folder for folder in cache.glob("models--*") if folder.is_dir()]
    except OSError:
        return []

"""A tokenizer.json by repository name: from the Hugging Face cache, from the network if allowed.

The cache is read as huggingface_hub lays it out, without importing it:
models--ORG--NAME/refs/REVISION names a commit, snapshots/COMMIT/ holds its files.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path

from multitok.core.errors import SourceError

FILE = "tokenizer.json"
FILES = (FILE, "tekken.json", "tokenizer.model")
"""Files that say all there is to know, the first one first."""
_REPO = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")


def cache_folder() -> Path:
    """Where huggingface_hub keeps repositories: HF_HUB_CACHE, HF_HOME/hub, or the default."""
    asked = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if asked:
        return Path(asked).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def is_repo(name: str) -> bool:
    """Whether a name can be a repository's: 'org/name'.

    >>> is_repo("google/gemma-3-4b-it"), is_repo("../secrets")
    (True, False)
    """
    return bool(_REPO.fullmatch(name))


def cached(repo: str, revision: str = "main") -> Path | None:
    """The tokenizer file of a repository in the cache; None where it is not there."""
    if not is_repo(repo) or ".." in revision:
        raise SourceError(
            f"{repo!r} is no Hugging Face repository: write it as 'org/name'", source=repo
        )
    folder = cache_folder() / f"models--{repo.replace('/', '--')}"
    ref = folder / "refs" / revision
    commit = ref.read_text("utf-8").strip() if ref.is_file() else revision
    files = (folder / "snapshots" / commit / name for name in FILES)
    return next((file for file in files if file.is_file()), None)


def tokenizer_file(repo: str, revision: str, *, allow_network: bool) -> Path:
    """The tokenizer.json of a repository; SourceError says both ways to get one."""
    found = cached(repo, revision)
    if found is not None:
        return found
    if allow_network:
        return _download(repo, revision)
    at = "" if revision == "main" else f" at {revision!r}"
    raise SourceError(
        f"{repo}: no {FILE}{at} in the Hugging Face cache ({cache_folder()}). Allow the download"
        f" with allow_network=True (--online), or pass the file: path='.../{FILE}'",
        source=repo,
    )


def _download(repo: str, revision: str) -> Path:
    hub = import_module("huggingface_hub")  # comes with tokenizers
    try:
        return Path(hub.hf_hub_download(repo, FILE, revision=revision, cache_dir=cache_folder()))
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise SourceError(
            f"{repo}: {FILE} could not be downloaded ({reason}). Pass the file: path='.../{FILE}'",
            source=repo,
        ) from error

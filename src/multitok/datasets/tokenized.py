"""A folder of shards: how they were made, and their documents in the order of the data."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.datasets.scanned import Scan
from multitok.datasets.shards import FORMATS, Format, module
from multitok.datasets.shards.documents import Documents, read
from multitok.datasets.tokens import COUNTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHARD = re.compile(r"[0-9a-f]{20}(\..+)")


def is_shard(name: str) -> bool:
    """Whether a file is one of a shard, of any format."""
    found = _SHARD.fullmatch(name)
    return found is not None and any(found[1] in module(form).SUFFIXES for form in FORMATS)


def manifest_name(shard: tuple[int, int]) -> str:
    """The file of a manifest: that of one of several has its number."""
    number, of = shard
    return "manifest.json" if of == 1 else f"manifest-{number}-of-{of}.json"


class Tokenized:
    """What `tokenize` made, or `Tokenized("shards/")`: iterated, it gives the ids of each document
    in the order of the data, as they lie in the files."""

    def __init__(self, out: str | Path, *, shard: tuple[int, int] | None = None) -> None:
        """Of a folder: all of it, or one of several runs. SourceError where some are missing."""
        self.out = os.fspath(out)
        self._shard = shard
        name = manifest_name(shard or (0, 1))
        self.manifest_path = os.path.join(self.out, name)
        one = shard is not None or os.path.exists(self.manifest_path)
        self.manifests = [self._manifest(name)] if one else self._several()

    @property
    def format(self) -> Format:
        found: Format = self.manifests[0]["format"]
        return found

    @property
    def bos(self) -> int | None:
        """The id before each document."""
        found: int | None = self.manifests[0]["bos"]
        return found

    @property
    def eos(self) -> int | None:
        """The id behind each document."""
        found: int | None = self.manifests[0]["eos"]
        return found

    @property
    def tokens(self) -> int:
        """Ids of all documents, framing included."""
        return sum(manifest["tokens"] for manifest in self.manifests)

    @property
    def failed(self) -> int:
        """Items that have no document."""
        return sum(manifest["failed"] for manifest in self.manifests)

    @property
    def stems(self) -> list[str]:
        """The shards in the order of the data: the paths of their files, without what the format
        puts behind them. Megatron takes them as they are."""
        units = [unit for manifest in self.manifests for unit in manifest["shards"]]
        units.sort(key=lambda unit: unit["number"])
        return [os.path.join(self.out, unit["name"]) for unit in units]

    @cached_property
    def counts(self) -> Scan:
        """The rows: how long each document is, and what has none."""
        return Scan(os.path.join(self.out, COUNTS), shard=self._shard)

    def shards(self) -> Iterator[Documents]:
        """The documents of each shard."""
        for stem in self.stems:
            yield read(stem, self.format)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        for documents in self.shards():
            yield from documents

    def __len__(self) -> int:
        return sum(manifest["documents"] for manifest in self.manifests)

    def __repr__(self) -> str:
        """<Tokenized: 1,281 documents, 12,345 tokens, megatron in shards/>"""
        return (
            f"<Tokenized: {len(self):,} documents, {self.tokens:,} tokens,"
            f" {self.format} in {self.out}>"
        )

    def _several(self) -> list[dict[str, Any]]:
        """The manifests of all runs that share the folder."""
        try:
            names = [name for name in os.listdir(self.out) if name.startswith("manifest-")]
        except OSError:
            raise SourceError(f"{self.out}: no such folder", source=self.out) from None
        found = [self._manifest(name) for name in sorted(names)]
        of = max((manifest["shard"][1] for manifest in found), default=0)
        there = {manifest["shard"][0] for manifest in found}
        if not found or len(there) < of:
            missing = next(number for number in range(of + 1) if number not in there)
            what = f"--shard {missing}/{of} is not finished" if of else "it has no manifest"
            raise SourceError(f"{self.out}: {what}. Run it (again)", source=self.out)
        return found

    def _manifest(self, name: str) -> dict[str, Any]:
        path = os.path.join(self.out, name)
        try:
            with open(path, encoding="utf-8") as file:
                found: dict[str, Any] = json.load(file)
        except (OSError, ValueError) as error:
            raise SourceError(f"{path}: no manifest of shards ({error})", source=path) from None
        return found

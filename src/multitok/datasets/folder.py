"""The folder of a scan: its parts, a journal of those that are done, and the manifest of all.

    counts/<name of a unit>.parquet    the rows of a unit
    counts/_journal.jsonl              a line a part, as it is written
    counts/_manifest.json              the parts in the order of the data, when all are there

A scan that is one of several (`--shard 3/16`) has a journal and a manifest of its own, by its tag.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, NamedTuple

from multitok.core.errors import OutputError, SourceError
from multitok.core.writing import make_folder, named, unwritten, write_text
from multitok.datasets import parts
from multitok.datasets.parts import About
from multitok.datasets.planning import Shard
from multitok.datasets.work import Place

_PART = re.compile(r"[0-9a-f]{20}\.parquet")
_OURS = re.compile(
    r"(_manifest|_journal|_work|_lock)(-\d+-of-\d+)?(\.jsonl?)?|lengths\.npy|pack\.parquet"
)
"""What else a scan, and who works with it, writes into its folder."""
_MANIFEST = re.compile(r"_manifest(?:-(\d+)-of-(\d+))?\.json")


class Manifest(NamedTuple):
    """What one scan, or one of several, counted.

    multitok, catalog   the version and the catalogue that the numbers come from
    models, tokenizer   who counted; no models: those that the requests name
    shard               which of how many
    units               what each part says of itself, with its number in the data
    seconds             how long it took
    dropped             sources of the scan before, which this one has not: their parts are gone
    """

    multitok: str
    catalog: str
    models: tuple[str, ...]
    tokenizer: str | None
    shard: Shard
    units: tuple[tuple[int, About], ...]
    sources: tuple[str, ...] = ()
    seconds: float = 0.0
    dropped: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The manifest as its file has it, a unit as an object of its own."""
        units = [{"number": number, **about._asdict()} for number, about in self.units]
        fields = {**self._asdict(), "shard": list(self.shard), "units": units}
        return json.dumps(fields, indent=1) + "\n"

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Manifest:
        """That of JSON."""
        units = []
        for unit in fields["units"]:
            about = dict(unit)
            units.append((about.pop("number"), About(**about)))
        told = {
            **fields, "units": tuple(units), "shard": Shard(*fields["shard"]),
            "models": tuple(fields["models"]), "sources": tuple(fields["sources"]),
            "dropped": tuple(fields["dropped"]),
        }  # fmt: skip
        return cls(**told)


class Writing:
    """A folder that a scan writes into: nobody else with the same tag does, as long as it lasts."""

    def __init__(self, out: str, shard: Shard) -> None:
        self.out, self.tag = out, shard.tag
        self.place = Place(out, os.path.join(out, f"_work{self.tag}"))
        self._journal: IO[bytes] | None = None
        self._journal_path = os.path.join(out, f"_journal{self.tag}.jsonl")
        _check(out)
        make_folder(out)
        self._lock = _locked(os.path.join(out, f"_lock{self.tag}"), out)
        try:
            shutil.rmtree(self.place.work, ignore_errors=True)
            make_folder(self.place.work)
        except BaseException:  # whoever holds the folder must leave it
            self.close()
            raise

    def done(self) -> dict[str, About]:
        """The parts that are there, by their names. A part is whole, or it is not there: one that
        no journal has, for its scan was killed, is asked itself."""
        told: dict[str, About] = {}
        for name in os.listdir(self.out):
            if name.startswith("_journal"):
                told |= _journaled(os.path.join(self.out, name))
        found: dict[str, About] = {}
        for name in os.listdir(self.out):
            if _PART.fullmatch(name) is None:
                continue
            key = name.removesuffix(parts.SUFFIX)
            about = told.get(key) or parts.about(os.path.join(self.out, name))
            if about is not None and about.key == key:
                found[key] = about
        return found

    def add(self, about: About) -> None:
        """A line for a part that was written."""
        with named(self._journal_path):
            if self._journal is None:  # without a buffer, so that nothing is left for its end
                self._journal = open(self._journal_path, "ab", buffering=0)  # noqa: SIM115
            self._journal.write(json.dumps(about._asdict()).encode() + b"\n")

    def moved(self, about: About, first: int) -> About:
        """A part whose items stand elsewhere in their source than they did."""
        new = parts.move(self.place.part(about.key), first, self.place.work)
        self.add(new)
        return new

    def finish(self, manifest: Manifest, keys: Collection[str]) -> None:
        """Write the manifest, and take away the parts of this shard that are in no plan any more
        (`keys` are those that are) and the manifests of another cut into shards."""
        stale, other = [], []
        for name in os.listdir(self.out):
            key = name.removesuffix(parts.SUFFIX)
            if _PART.fullmatch(name) is not None and key not in keys and manifest.shard.has(key):
                stale.append(name)
            found = _MANIFEST.fullmatch(name)
            if found is not None and int(found[2] or 1) != manifest.shard.of:
                other.append(name)
        path = os.path.join(self.out, f"_manifest{self.tag}.json")
        if os.path.exists(path):
            before = _manifest(path).sources
            gone = tuple(one for one in before if one not in manifest.sources)
            manifest = manifest._replace(dropped=gone)
        write_text(path, manifest.to_json())
        for name in (*stale, *other):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(self.out, name))

    def close(self) -> None:
        """Leave the folder to others; nothing temporary stays."""
        if self._journal is not None:
            with suppress(OSError):
                self._journal.close()
        shutil.rmtree(self.place.work, ignore_errors=True)
        with suppress(OSError):
            os.unlink(self._lock.name)
        self._lock.close()

    def fresh(self) -> None:
        """Forget what was counted."""
        for name in os.listdir(self.out):
            if _PART.fullmatch(name) or name.startswith(("_journal", "_manifest")):
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self.out, name))


def _check(out: str) -> None:
    """OutputError for a folder with anything in it that no scan writes: parts of units that are
    gone are taken away, and nothing else shall be."""
    with named(out):
        try:
            there = os.listdir(out)
        except FileNotFoundError:
            return
        except NotADirectoryError:
            raise OutputError(f"{out}: not a folder. Name one for the counts", output=out) from None
    other = [n for n in there if _PART.fullmatch(n) is None and _OURS.fullmatch(n) is None]
    if other:
        raise OutputError(
            f"{out}: holds {sorted(other)[0]!r}, which no scan wrote. Name a folder of its own",
            output=out,
        )


def _locked(path: str, out: str) -> IO[str]:
    """The lock of a folder, held until it is closed or its process ends."""
    with named(path):
        file = open(path, "a", encoding="utf-8")  # noqa: SIM115
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if error.errno != errno.EWOULDBLOCK:  # a disk that knows no locks, or fails
            raise unwritten(path, error) from error
        raise OutputError(
            f"{out}: another scan writes into it. Wait for it, or name another folder", output=out
        ) from None
    if _is_there(path, file):
        return file
    file.close()  # whoever had it has just taken it away
    return _locked(path, out)


def _is_there(path: str, file: IO[str]) -> bool:
    """Whether this open file is still the one of its name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _journaled(path: str) -> dict[str, About]:
    """The parts of a journal; a line that a kill has cut is none."""
    found: dict[str, About] = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                about = About(**json.loads(line))
            except (ValueError, TypeError):
                continue
            found[about.key] = about
    return found


def manifests(out: str, shard: tuple[int, int] | None = None) -> list[Manifest]:
    """The manifests of a folder, or that of one shard. SourceError where one is missing."""
    try:
        names = sorted(name for name in os.listdir(out) if _MANIFEST.fullmatch(name))
    except (OSError, ValueError):
        raise SourceError(f"{out}: no such folder", source=out) from None
    found = [_manifest(os.path.join(out, name)) for name in names]
    if shard is not None:
        return [one for one in found if one.shard == shard]
    if not found:
        raise SourceError(
            f"{out}: holds no finished scan. One that was stopped goes on when it is run again",
            source=out,
        )
    of = max(one.shard.of for one in found)
    missing = set(range(of)) - {one.shard.number for one in found if one.shard.of == of}
    if missing:
        some = ", ".join(f"{number}/{of}" for number in sorted(missing)[:5])
        raise SourceError(
            f"{out}: {len(missing)} of {of} shards are not finished: --shard {some}", source=out
        )
    return [one for one in found if one.shard.of == of]


def _manifest(path: str) -> Manifest:
    try:
        with open(path, encoding="utf-8") as file:
            return Manifest.of(json.load(file))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SourceError(
            f"{path}: no manifest of this version ({error}). Scan again", source=path
        ) from None


def listed(found: Sequence[Manifest]) -> tuple[About, ...]:
    """The parts of a scan in the order of the data."""
    units = [unit for one in found for unit in one.units]
    return tuple(about for _, about in sorted(units, key=lambda unit: unit[0]))

"""`tokenize`: the items of data sets made into shards of ids, on the engine of a scan.

    shards/<name of a unit>.bin, .idx   the documents of a unit, in its order (or .ds, .npy, .arrow)
    shards/manifest.json                how they were made and framed, and the shards in the order
                                        of the data
    shards/_counts/                     a scan: how long each document is, and what has none

A shard is there before its part in `_counts`, so what is done is done in both.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import multitok
from multitok.core.errors import MediaError, OutputError, UnknownNameError
from multitok.core.integers import decimal
from multitok.core.parameters import listed
from multitok.core.tokenizer import Tokenizer
from multitok.core.writing import write_text
from multitok.counting.rules import files_of, resolve, several
from multitok.datasets import planning
from multitok.datasets.asked import Asked, Shards
from multitok.datasets.scanned import Scan
from multitok.datasets.scanning import Engine, Progress, run
from multitok.datasets.shards import FORMATS, Format, module
from multitok.datasets.shards.writing import Framing, width_of
from multitok.datasets.tokenized import Tokenized, is_shard, manifest_name
from multitok.datasets.tokens import COUNTS, rule_of
from multitok.datasets.units import Reading

_MANIFEST = re.compile(r"manifest(?:-(\d+)-of-(\d+))?\.json")


def tokenize(
    sources: Any,
    *,
    out: str | Path,
    tokenizer: str | None = None,
    model: str | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    format: Format = "npy",
    bos: int | str | None = None,
    eos: int | str | None = None,
    text: str | Sequence[str] = (),
    id: str | None = None,
    read_as: str | None = None,
    workers: int | None = None,
    timeout: float = 60.0,
    shard: tuple[int, int] = (0, 1),
    engine: Engine = "local",
    address: str | None = None,
    fresh: bool = False,
    retry: bool = False,
    progress: Callable[[Progress], object] | None = None,
) -> Tokenized:
    """Make shards of token ids of the items of data sets: text, series, movement or sound.

    tokenizer   whose ids: a name, with its parameters in `options`
    model       or the model whose text tokenizer it is, of the catalogue or of files of `catalog`
    out         the folder of the shards; run again, it makes only what is missing
    format      megatron (.bin, .idx), datatrove (.ds), npy, or arrow (Hugging Face datasets)
    bos, eos    ids, or special tokens by their names, before and behind each document; none if not
                named, and the manifest says so

    The other words are those of `scan`. An item that cannot be tokenized has no document, and is a
    row with its error in `out/_counts`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as out:
    ...     made = tokenize("samples/english.txt", tokenizer="o200k_base", out=out, workers=0)
    ...     [ids[:3].tolist() for ids in made]
    [[6064, 290, 79131]]
    """
    asked = _asked(tokenizer, model, options, format, files_of(catalog))
    made = cast("Tokenizer[Any, Any]", rule_of(asked).counter)
    framing = Framing(_id_of(made, bos, "bos"), _id_of(made, eos, "eos"))
    _check_framing(made, framing)
    _check_folder(os.fspath(out))
    asked = asked._replace(
        reading=Reading(several(text, "text", "body"), (), id, None, read_as),
        shards=Shards(format, *framing, _digest(asked.options)),
    )
    counts = os.path.join(os.fspath(out), COUNTS)
    run(
        sources, asked, counts, workers=workers, timeout=timeout, shard=shard, engine=engine,
        address=address, fresh=fresh, retry=retry, progress=progress,
    )  # fmt: skip
    _finish(os.fspath(out), Scan(counts, shard=shard), format, made, framing, shard)
    return Tokenized(out, shard=shard)


def _asked(
    tokenizer: str | None,
    model: str | None,
    options: Mapping[str, Any] | None,
    format: Format,
    files: tuple[str, ...],
) -> Asked:
    if (tokenizer is None) == (model is None):
        raise MediaError("name a tokenizer (-t o200k_base) or a model (-m gpt-4o), one of them")
    if format not in FORMATS:
        raise UnknownNameError.of("format", format, FORMATS, f"There are: {listed(FORMATS)}")
    if model is not None:
        rule = resolve("text", model=model, options=options, files=files).counter
        config = rule.config()
        tokenizer, options = config.pop("tokenizer"), config
        options = {key: value for key, value in options.items() if value is not None}
    return Asked(tokenizer=tokenizer, options=dict(options or {}))


def _id_of(tokenizer: Tokenizer[Any, Any], given: int | str | None, what: str) -> int | None:
    """An id that was given, or that of a special token by its name."""
    if given is None:
        return None
    if isinstance(given, str) and (number := decimal(given)) is not None:
        given = number
    if isinstance(given, str):
        found = tokenizer.special_id(given)
        if found is None:
            raise MediaError(
                f"{tokenizer.name} has no special token {given!r}: give {what} as an id"
            )
        return found
    if given < 0:
        raise MediaError(f"{what} must be an id from 0, got {given}")
    return given


def _check_framing(tokenizer: Tokenizer[Any, Any], framing: Framing) -> None:
    """No id is put where the tokenizer puts it itself."""
    if tokenizer.modality != "text":
        return
    from multitok.core.media import Text

    own = tokenizer.encode_ids(Text("")).tolist()
    for what, given in zip(("bos", "eos"), framing, strict=True):
        if given is not None and given in own:
            raise MediaError(
                f"the tokenizer's own template puts {given} around each text: leave out {what}, or"
                " the template (-s add_special_tokens=false)"
            )


def _check_folder(out: str) -> None:
    """OutputError for a folder with anything in it that no run writes."""
    if not os.path.isdir(out):
        return
    for name in sorted(os.listdir(out)):
        if name != COUNTS and not is_shard(name) and not _MANIFEST.fullmatch(name):
            raise OutputError(
                f"{out}: holds {name!r}, which is no shard. Name a folder of its own", output=out
            )


def _digest(options: Mapping[str, Any]) -> str:
    """What the files of the tokenizer hold: one that is replaced makes other ids."""
    told = blake2b(digest_size=10)
    for key, value in sorted(options.items()):
        if isinstance(value, str) and os.path.isfile(value):
            told.update(f"{key}\0".encode())
            told.update(Path(value).read_bytes())
    return told.hexdigest()


def _finish(
    out: str,
    scan: Scan,
    format: Format,
    tokenizer: Tokenizer[Any, Any],
    framing: Framing,
    shard: tuple[int, int],
) -> None:
    """Write the manifest, and take away what it does not list."""
    shards = _listed(scan)
    fields = {
        "multitok": multitok.__version__,
        "tokenizer": tokenizer.config(),
        "ids_below": tokenizer.ids_below,
        "format": format,
        "width": width_of(module(format), tokenizer.ids_below, framing),
        **framing._asdict(),
        "documents": sum(one["documents"] for one in shards),
        "tokens": sum(one["tokens"] for one in shards),
        "failed": scan.failed,
        "sources": list(scan.manifests[0].sources),
        "shard": list(shard),
        "shards": shards,
    }
    write_text(os.path.join(out, manifest_name(shard)), json.dumps(fields, indent=1) + "\n")
    names = {one["name"] + suffix for one in shards for suffix in module(format).SUFFIXES}
    _cleaned(out, names, planning.Shard(*shard))


def _listed(scan: Scan) -> list[dict[str, Any]]:
    """The shards in the order of the data; a unit without documents has none."""
    return [
        {
            "number": number, "name": about.key, "source": about.source, "first": about.first,
            "items": about.items, "documents": about.rows - about.errors, "tokens": about.tokens,
        }
        for number, about in sorted(scan.manifests[0].units)
        if about.rows > about.errors
    ]  # fmt: skip


def _cleaned(out: str, names: Collection[str], shard: planning.Shard) -> None:
    """Take away shards of this run that are not listed, and manifests of another cut."""
    for name in os.listdir(out):
        stale = name not in names and is_shard(name) and shard.has(name.partition(".")[0])
        manifest = _MANIFEST.fullmatch(name)
        if stale or (manifest is not None and int(manifest[2] or 1) != shard.of):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(out, name))

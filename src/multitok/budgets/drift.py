"""A baseline held against the counts of today: which rows moved, and why.

What explains a number is looked at only where the number moved.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import multitok
from multitok.budgets.baseline import (
    Baseline,
    Drift,
    Rule,
    Tally,
    attempt,
    files_of_paths,
    packages,
    sha256_of,
    tally,
)
from multitok.budgets.baseline_file import read_baseline
from multitok.budgets.limits import Limits, settings_of
from multitok.counting.counts import Count


def check_baseline(
    path: str | os.PathLike[str],
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    *,
    exclude: Iterable[str] = (),
    ignored: bool = False,
    config: str | os.PathLike[str] | None = None,
) -> Iterator[Drift]:
    """The files of a baseline counted again, each held against what it was.

    paths    hold these against it, and nothing else: what is new among them is a row too

    SourceError where the baseline cannot be read.

    >>> import tempfile
    >>> from multitok import baseline_of, write_baseline
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_baseline(baseline_of("README.md", models="gpt-4o"), f"{folder}/counts.json")
    ...     [one.status for one in check_baseline(f"{folder}/counts.json")]
    ['same']
    """
    kept = read_baseline(path)
    stored = settings_of(Path(config)).limits.exclude if config is not None else ()
    return _drifts(kept, paths, Limits(exclude=(*stored, *exclude)), ignored, config)


def _drifts(kept: Baseline, paths: Any, out: Limits, ignored: bool, config: Any) -> Iterator[Drift]:
    failed: list[Drift] = []
    known = {os.path.abspath(one): one for one in kept.files}
    files: Iterable[tuple[str, bool]] = ((one, True) for one in kept.files)
    if paths != ():
        files = files_of_paths(paths, kept.asked, out, ignored, config, failed)
    for one, named in files:
        was = kept.files.get(known.get(os.path.abspath(one), ""), ("", {}))
        names = was[1] if paths == () else kept.asked.names
        for name in names:
            there = was[1].get(name)
            counted = attempt(kept.asked, one, name, named or there is not None, failed)
            if counted is not None:
                yield _drift(kept, one, name, counted, was[0], there)
        yield from failed
        failed.clear()
    yield from failed


def _drift(
    kept: Baseline, path: str, name: str, counted: Count, held: str, was: Tally | None
) -> Drift:
    now = tally(counted)
    if was is None:
        return Drift(path, name, "new", now["tokens"], now["kind"])
    ends = now["tokens"], now["kind"], was["tokens"], was["kind"]
    if ends[:2] == ends[2:]:
        return Drift(path, name, "same", *ends)
    why = _why(kept, path, name, counted, held, was)
    return Drift(path, name, "moved", *ends, why)


def _why(
    kept: Baseline, path: str, name: str, counted: Count, held: str, was: Tally
) -> tuple[str, ...]:
    """What is not as it was, from the nearest to the farthest."""
    modality = counted.info.modality
    now, then = kept.asked.rule(name, counted), kept.rules.get(name, {}).get(was["modality"])
    near = ["the file changed"] if sha256_of(path) != held else []
    if modality != was["modality"]:
        near.append(f"it is read as {modality}, was {was['modality']}")
    elif then is not None:
        near += _of_rule(now, then)
    found = (*near, *counted.rejected, *_versions(kept))
    return found or ("nothing differs that a baseline keeps: the code of multitok, or of Python",)


def _of_rule(now: Rule, was: Rule) -> Iterator[str]:
    for key, word in (("id", "model"), ("tokenizer", "rule")):
        if now[key] != was[key]:  # type: ignore[literal-required]
            yield f"the {word} is {now[key]}, was {was[key]}"  # type: ignore[literal-required]
    params, before = now["params"], was["params"]
    if now["tokenizer"] == was["tokenizer"]:
        for key in dict.fromkeys((*params, *before)):
            if params.get(key) != before.get(key):
                yield f"{key} is {params.get(key)!r}, was {before.get(key)!r}"
    if now["fingerprint"] != was["fingerprint"]:
        yield "another vocabulary" if now["fingerprint"] else "its vocabulary is not at hand"
    if now["source"] != was["source"]:
        yield f"its source is {now['source']}, was {was['source']}"
    if now["checked"] != was["checked"]:
        yield f"its row was checked {now['checked']}, before {was['checked']}"


def _versions(kept: Baseline) -> Iterator[str]:
    if multitok.__version__ != kept.multitok:
        yield f"multitok is {multitok.__version__}, was {kept.multitok}"
    here = packages()
    for name in sorted({*here, *kept.packages}):
        if here.get(name) != kept.packages.get(name):
            was = kept.packages.get(name, "not installed")
            yield f"{name} is {here.get(name, 'not installed')}, was {was}"

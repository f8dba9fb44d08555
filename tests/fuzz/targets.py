"""The table of targets. A target is a function of bytes, with good inputs to begin with.

    @target(seeds=lambda: [b"..."], mutate=json_like(...))
    def request(data: bytes) -> None: ...

Its name is that of the function. What it raises and how long it takes, contract.py judges.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

Run = Callable[[bytes], object]
Mutate = Callable[[bytes, Random], bytes]

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"


class Target(NamedTuple):
    """What is run, what it begins with, how an input is changed, and how long one may be.

    mutate   knows the form of an input; None: libFuzzer changes bytes
    """

    run: Run
    seeds: Callable[[], Iterable[bytes]]
    mutate: Mutate | None
    longest: int


TARGETS: dict[str, Target] = {}


def target(
    *, seeds: Callable[[], Iterable[bytes]], mutate: Mutate | None = None, longest: int = 4096
) -> Callable[[Run], Run]:
    """Put a function into the table."""

    def put(run: Run) -> Run:
        TARGETS[run.__name__.replace("_", "-")] = Target(run, seeds, mutate, longest)
        return run

    return put


_number = count(1)


def written(name: str, data: bytes | str) -> Path:
    """A file of the scratch folder, newer than any before it: nothing of an older one is kept."""
    path = scratch() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    stamp = next(_number) * 1_000_000
    os.utime(path, ns=(stamp, stamp))
    return path


@cache
def scratch() -> Path:
    """A folder of this process."""
    return Path(tempfile.mkdtemp(prefix="multitok-fuzz-"))

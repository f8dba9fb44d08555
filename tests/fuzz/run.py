"""Fuzz targets, one after another: `make fuzz`, or `python tests/fuzz/run.py NAME... --seconds 60`.

Each target runs in a process of its own, forked when all is imported. What breaks the contract
(contract.py) is kept in build/fuzz/found, told with the command that runs it again, and makes the
exit code 1. What libFuzzer finds worth keeping is kept in build/fuzz/corpus for the next run, and
what it says in build/fuzz/logs.

    python tests/fuzz/run.py                            every target, ten seconds each
    python tests/fuzz/run.py request npy --seconds 600
    python tests/fuzz/run.py request build/fuzz/found/request-1a2b3c4d    an input, once
    python tests/fuzz/run.py --list
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import pkgutil
import random
import shutil
import sys
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

import atheris

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "fuzz"
FOUND, LOGS = BUILD / "found", BUILD / "logs"
MEMORY_MB = 3072
"""Where libFuzzer ends a process: far above what contract.py tells of."""
STUCK = 60
"""Seconds after which libFuzzer ends a process that Python cannot interrupt."""
SAID = 3000
"""Characters of a log that are shown of a process that died."""
SHOWN = 400
"""Bytes of an input that is printed, spelled: a longer one is in its file alone."""


def main() -> int:
    asked = _asked()
    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(["multitok"]):
        _import_all()
        targets = _targets()
    _warm()
    names = [name for name in asked.names if name in targets]
    inputs = [Path(name) for name in asked.names if name not in targets]
    if asked.list:
        print(*targets, sep="\n")
        return 0
    if lacking := [str(path) for path in inputs if not path.is_file()]:
        sys.exit(f"no target and no file: {', '.join(lacking)}. There are: {', '.join(targets)}")
    if inputs:
        return _again(targets[names[0]].run, inputs)
    chosen = {name: targets[name] for name in names or targets}
    broken = _run(chosen, asked.seconds, asked.jobs)
    print(f"{len(chosen)} targets, with findings: {', '.join(broken) or 'none'}")
    return 1 if broken else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="targets, or one target and files of input")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each target")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once")
    parser.add_argument("--list", action="store_true", help="the names of the targets")
    return parser.parse_args()


def _import_all() -> None:
    """All of multitok that can be imported here: libFuzzer knows no line that is imported later."""
    import multitok

    for module in pkgutil.walk_packages(multitok.__path__, "multitok."):
        with contextlib.suppress(ImportError):
            import_module(module.name)


def _warm() -> None:
    """Read the vocabulary that most targets count with, once for all processes."""
    import multitok

    multitok.count(b"hello", model="gpt-4o")


def _targets() -> dict[str, Any]:
    sys.path.append(str(ROOT / "tests" / "loaders"))  # what makes small files for the tests
    for module in sorted(HERE.glob("of_*.py")):
        import_module(module.stem)
    from targets import TARGETS

    return TARGETS


def _again(run: Any, inputs: list[Path]) -> int:
    """These inputs, with what comes of them as Python shows it."""
    for path in inputs:
        run(path.read_bytes())
        print(f"{path}: nothing is wrong with it")
    return 0


def _run(targets: dict[str, Any], seconds: float, jobs: int) -> list[str]:
    """Run the targets, so many at once, each in a process of its own, and tell of each as it ends.
    The names of those with findings."""
    for folder in (FOUND, LOGS):
        folder.mkdir(parents=True, exist_ok=True)
    waiting, running, broken = list(targets), dict[int, str](), []
    while waiting or running:
        while waiting and len(running) < jobs:
            name = waiting.pop(0)
            sys.stdout.flush()
            child = os.fork()
            if not child:
                _fuzz(name, targets[name], seconds)
            running[child] = name
        child, status = os.wait()
        name = running.pop(child)
        if not _told(name, os.waitstatus_to_exitcode(status)):
            broken.append(name)
    return broken


def _told(name: str, status: int) -> bool:
    """Tell of a target that has ended. Whether nothing was found."""
    if status:
        print(f"{name}: the process ended with {status}: its input is in {FOUND}, and it said")
        print((LOGS / name).read_text("utf-8", "replace")[-SAID:], flush=True)
        return False
    told = json.loads(_report(name).read_text("utf-8"))
    print(
        f"{name}: {told['executions']:,} executions, {told['read']:,} read, slowest"
        f" {told['slowest']:.2f} s, {told['peak'] >> 20} MB, {len(told['findings'])} findings",
        flush=True,
    )
    for finding in told["findings"]:
        _tell(name, *finding)
    return not told["findings"]


def _report(name: str) -> Path:
    """Where the process of a target writes what it found."""
    return LOGS / f"{name}.json"


def _tell(name: str, place: str, message: str, times: int, path: str, size: int) -> None:
    shown = Path(path).read_bytes()
    print(f"  {place}\n    {message}\n    {times} times, the smallest input has {size} bytes")
    if size <= SHOWN:
        print(f"    {shown!r}")
    print(f"    again: make fuzz TARGETS='{name} {os.path.relpath(path)}'", flush=True)


def _fuzz(name: str, target: Any, seconds: float) -> NoReturn:
    """libFuzzer in this process, until the time is over."""
    from contract import Watch, peak_bytes
    from targets import scratch

    with open(LOGS / name, "wb") as log:
        os.dup2(log.fileno(), 2)
    watch = Watch(name, target.run, FOUND)
    watch.begin()
    until = monotonic() + seconds

    def one(data: bytes) -> None:
        watch.one(data)
        if monotonic() > until:
            findings = list(watch.findings.values())
            _report(name).write_text(json.dumps({
                "executions": watch.executions, "read": watch.read, "slowest": watch.slowest,
                "peak": peak_bytes(), "findings": findings,
            }), "utf-8")  # fmt: skip
            shutil.rmtree(scratch(), ignore_errors=True)
            os._exit(0)

    def mutated(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if target.mutate is None or chance.random() < 0.3:
            return bytes(atheris.Mutate(data, longest))
        return bytes(target.mutate(data, chance)[:longest])

    corpus, seeds = BUILD / "corpus" / name, BUILD / "seeds" / name
    corpus.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(seeds, ignore_errors=True)
    seeds.mkdir(parents=True)
    for number, seed in enumerate(target.seeds()):
        (seeds / f"{number:03}").write_bytes(seed[: target.longest])
    atheris.Setup(
        [
            sys.argv[0], f"-max_len={target.longest}", f"-timeout={STUCK}",
            f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={FOUND}/{name}-", "-verbosity=0",
            str(corpus), str(seeds),
        ],
        one,
        custom_mutator=mutated,
    )  # fmt: skip
    atheris.Fuzz()
    os._exit(1)  # it never returns


if __name__ == "__main__":
    sys.exit(main())

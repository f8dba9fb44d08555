"""The fuzz targets themselves, without libFuzzer: each reads what it begins with, and what breaks
the contract is kept."""

import importlib
import logging
from pathlib import Path
from random import Random

import contract
import pytest
import targets

from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, SourceError, UnexpectedError

for module in sorted((Path(__file__).parent / "fuzz").glob("of_*.py")):
    importlib.import_module(module.stem)


@pytest.fixture(params=targets.TARGETS)
def target(request):
    return targets.TARGETS[request.param]


def outcome(target, data):
    """Whether an input is read to its end; it may be refused, and nothing else."""
    try:
        target.run(data)
    except UnexpectedError:
        raise
    except MultitokError:
        return False
    return True


def test_a_target_reads_what_it_begins_with(target):
    seeds = list(target.seeds())
    assert max(map(len, seeds)) <= target.longest
    assert True in [outcome(target, seed) for seed in seeds[:6]]


def test_a_target_takes_what_its_mutator_makes_of_it(target):
    (seed, *_) = target.seeds()
    for number in range(5 if target.mutate else 0):
        changed = target.mutate(seed, Random(number))
        assert isinstance(changed, bytes)
        outcome(target, changed)


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """watched(run) -> a Watch of that function, told of what is logged."""
    log = logging.getLogger("multitok")
    before = log.level

    def watching(run):
        watch = contract.Watch("x", run, tmp_path)
        monkeypatch.setattr(log, "handlers", [watch])
        log.setLevel(logging.DEBUG)
        return watch

    yield watching
    log.setLevel(before)


def test_a_refusal_is_no_finding(watched):
    def refuse(data):
        raise SourceError("no such file", source="x")

    watch = watched(refuse)
    watch.one(b"a")
    assert (watch.findings, watch.executions, watch.read) == ({}, 1, 0)


def test_the_smallest_input_of_a_place_is_kept(watched):
    def break_down(data):
        return {}[data]

    watch = watched(break_down)
    for data in (b"aaa", b"a", b"aa"):
        watch.one(data)
    (finding,) = watch.findings.values()
    assert (finding.times, finding.size, Path(finding.path).read_bytes()) == (3, 1, b"a")
    assert finding.message == "KeyError: b'a'"


def test_what_lies_behind_an_unexpected_error_is_told(watched):
    def break_down(data):
        with boundary("reading", "a.png"):
            raise ZeroDivisionError(str(len(data)))

    watch = watched(break_down)
    watch.one(b"aa")
    assert [finding.message for finding in watch.findings.values()] == ["ZeroDivisionError: 2"]


def test_a_fault_that_ends_in_an_answer_is_told(watched):
    """As of one part of a request, or one row of a scan: the rest goes on."""

    def answer(data):
        try:
            with boundary("reading", "a.png"):
                raise ZeroDivisionError
        except UnexpectedError as error:
            return str(error)

    watch = watched(answer)
    watch.one(b"aa")
    assert (watch.read, len(watch.findings)) == (1, 1)


def test_an_input_that_takes_long_is_told(watched, monkeypatch):
    import signal

    def go_on(data):
        while True:
            pass

    monkeypatch.setattr(contract, "SECONDS", 0.05)
    before = signal.signal(signal.SIGPROF, contract._too_long)
    try:
        watch = watched(go_on)
        watch.one(b"a")
    finally:
        signal.signal(signal.SIGPROF, before)
    (finding,) = watch.findings.values()
    assert finding.message == "TooLong: over 0.05 s of the processor"

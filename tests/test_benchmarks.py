"""The benchmark table: how a row is judged and printed. Nothing is timed against a clock."""

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def measure(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield __import__("measure")
    sys.modules.pop("measure", None)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield __import__("run")
    sys.modules.pop("run", None)


def test_a_target_is_met_by_the_ratio(measure):
    """20 times faster: 1 ms against 20 ms is, against 19 ms is not."""
    met = measure.row("x", ours=0.001, peer=0.020, against="peer", faster=20)
    missed = measure.row("x", ours=0.001, peer=0.019, against="peer", faster=20)
    assert (met["ok"], met["ratio"], met["target"]) == (True, "20 times faster", "20 times faster")
    assert (missed["ok"], missed["ratio"]) == (False, "19 times faster")


def test_a_row_may_be_slower_within_bounds(measure):
    slower = measure.row("x", ours=0.0026, peer=0.002, against="peer", within=1.3)
    assert (slower["ok"], slower["ratio"]) == (True, "1.30 times as long")
    assert measure.row("x", ours=0.0027, peer=0.002, against="peer", within=1.3)["ok"] is False


def test_each_side_is_timed_by_its_own_calls(measure):
    """A thousand additions take longer than none, whatever the machine."""
    ours, peer = measure.best(lambda: None, lambda: sum(range(1000)), seconds=0.02)
    assert 0 < ours < peer


def test_the_table_shows_met_missed_and_skipped(measure, run):
    rows = [
        measure.row("a", ours=1e-5, peer=3e-5, against="p", faster=1, note="why"),
        measure.skipped("b", "not slower", "p is not installed"),
    ]
    text = run.page({"probe": rows})
    assert text.split("## probe\n\n")[1] == (
        "| work | multitok | peer               | ratio          | target     | met     |\n"
        "| ---- | -------- | ----               | -----          | ------     | ---     |\n"
        "| a    | 10 µs    | p: 30 µs           | 3 times faster | not slower | yes     |\n"
        "| b    |          | p is not installed |                | not slower | skipped |\n"
        "\n"
        "a: why\n"
    )


def test_a_module_that_breaks_off_keeps_its_rows(monkeypatch, measure, run):
    def rows():
        yield measure.row("a", ours=1.0, peer=2.0, against="p")
        raise RuntimeError("no such file")

    monkeypatch.setitem(sys.modules, "broken", type("Module", (), {"rows": staticmethod(rows)}))
    made = run.measured("broken")
    assert [(row["work"], row["peer"]) for row in made] == [
        ("a", "p: 2 s"),
        ("broken", "no such file"),
    ]


def test_what_grows_as_its_square_is_not_linear(monkeypatch):
    """4 times as much takes 4 times as long, or 16 times."""
    monkeypatch.syspath_prepend(str(FOLDER))
    growth = __import__("growth")
    shown = ["1 s", "2 s", "4 s"]
    assert growth.grown("x", [1.0, 2.0, 4.0], shown)["ok"] is True
    found = growth.grown("x", [1.0, 4.0, 16.0], shown)
    assert (found["ok"], found["ratio"]) == (False, "4.00 and 4.00 times for twice")
    sys.modules.pop("growth", None)
    sys.modules.pop("measure", None)

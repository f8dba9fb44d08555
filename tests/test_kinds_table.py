"""The tables of docs/sure.md are those of the recorded bills."""

import importlib.util
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent / "tools"


@pytest.fixture
def maker(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("make_kinds_table", TOOLS / "make_kinds_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("bills_numbers", None)


def test_the_page_has_the_tables_of_the_bills(maker):
    page = maker.PAGE.read_text("utf-8")
    assert maker.written(page) == page, "run: python tools/make_kinds_table.py"


def test_a_row_counts_equal_close_and_covered_bills(maker):
    """100 billed: 100 is equal, 104 is close and covers, 90 is neither though 95 was its most."""
    rows = [
        {"tokens": 100, "billed": 100, "most": 100},
        {"tokens": 104, "billed": 100, "most": 104},
        {"tokens": 90, "billed": 100, "most": 95},
    ]
    assert maker.cells(rows) == ["3", "1", "2", "4.0%", "2"]

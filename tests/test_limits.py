"""docs/limits.md has the numbers of the code, and every limit of the code."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src" / "multitok"
NAMED = re.compile(r"(MAX|MOST|LARGEST|LONGEST|FASTEST)(_[A-Z]+)*")

SHOWING = {"drawing", "report", "train"}
"""Rooms that bound what they draw, say or learn, and no input."""

# What is named like a limit and bounds no input: each with the reason.
ASIDE = {
    "compute.spans.MOST": "no data set, model or price is beyond it",
    "core.boundary.LONGEST": "characters of a message",
    "datasets.sources.tables.MOST": "rows of a unit of work",
    "datasets.sources.tar_headers.LONGEST": "a longer header is none",
    "loaders.columns.hdf5.MOST": "names in a message",
    "loaders.columns.mcap.MOST": "names in a message",
    "modalities.actions.beast.LONGEST_KEPT": "a cache",
    "modalities.actions.dct.LONGEST_MATRIX": "from there on another way of the same sums",
    "modalities.actions.merges.LARGEST_TABLE": "from there on another way of the same merges",
    "modalities.coding.merges.LONGEST_TOKEN": "symbols of a token that is learned",
    "modalities.image.tiles.named_tiles.LARGEST": "the model's own, of the reference",
    "modalities.image.tiles.windows.MOST_WINDOWS": "windows that the rule itself refuses more of",
    "modalities.text.spans.LONGEST": "the same as that of bpe",
    "modalities.video.smolvlm.LONGEST": "the model's own, of the reference",
    "service.answers.LONGEST_LABEL": "characters of a header that is answered",
}


@pytest.fixture(scope="module")
def maker():
    path = ROOT / "tools" / "make_limits_table.py"
    spec = importlib.util.spec_from_file_location("make_limits_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def named():
    """room.module.NAME of each public constant that is named like a limit."""
    for path in SRC.rglob("*.py"):
        if path.relative_to(SRC).parts[0] in SHOWING:
            continue
        dotted = ".".join(path.relative_to(SRC).with_suffix("").parts)
        for node in ast.parse(path.read_text("utf-8")).body:
            for target in getattr(node, "targets", ()):
                if isinstance(target, ast.Name) and NAMED.fullmatch(target.id):
                    yield f"{dotted.removesuffix('.__init__')}.{target.id}"


def test_the_page_has_the_numbers_of_the_code(maker):
    page = maker.PAGE.read_text("utf-8")
    assert maker.written(page) == page, "run: make limits"


def test_a_constant_that_is_named_like_a_limit_is_on_the_page(maker):
    listed = {limit.where for limits in maker.LIMITS.values() for limit in limits}
    assert sorted(set(named()) - listed) == sorted(ASIDE)

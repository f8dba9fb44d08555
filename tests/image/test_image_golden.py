"""Every golden picture, through the rule that its family names: counts, special tokens, sizes."""

import doctest
import json
import re
import tomllib
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo

GOLDEN = Path(__file__).parent.parent / "golden"
FAMILIES = {
    name: family
    for name, family in tomllib.loads((GOLDEN / "families.toml").read_text("utf-8")).items()
    if family.get("modality") == "image"
}
ROWS: dict[str, list[dict]] = {}
for line in (GOLDEN / "image.jsonl").read_text("utf-8").splitlines():
    row = json.loads(line)
    ROWS.setdefault(row["family"], []).append(row)

NOT_GEOMETRY = {
    "image_tokens",
    "special_tokens",
    "literal_text",
    "total_structural_tokens",
    "count_fn",
    "count_fn_agrees",
    "error",
}


def rule(family):
    return registry.build(FAMILIES[family]["tokenizer"], FAMILIES[family]["params"])


def special_tokens(breakdown, names):
    """The breakdown without the placeholders, under the row's names: some are patterns."""
    found: Counter[str] = Counter()
    for name, times in breakdown.items():
        if name == "image":
            continue
        key = name if name in names else next((n for n in names if re.fullmatch(n, name)), name)
        found[key] += times
    return dict(found)


def problems(counter, row):
    """What differs from the row: an empty list when all agrees."""
    info = ImageInfo(row["width"], row["height"])
    expected = row["expected"]
    if "error" in expected:
        with pytest.raises(MediaError) as refused:
            counter.count(info)
        wording = (
            r"aspect ratio must be at most \d+|aspect ratio of \d+x\d+ is too extreme"
            if "aspect" in expected["error"]
            else "the reference cannot process"
        )
        return [] if re.search(wording, str(refused.value)) else [f"says {refused.value}"]
    breakdown = counter.breakdown(info)
    names = expected.get("special_tokens", {})
    total = expected.get("total_structural_tokens", expected["image_tokens"])
    geometry = counter.geometry(info)
    pairs = [
        ("image", breakdown["image"], expected["image_tokens"]),
        ("count", counter.count(info), total),
        ("special", special_tokens(breakdown, names), {k: n for k, n in names.items() if n}),
        ("literal", dict(counter.literal_text(info)), expected.get("literal_text", {})),
    ]
    pairs += [
        (key, geometry.get(key), value)
        for key, value in expected.items()
        if key not in NOT_GEOMETRY
    ]
    return [f"{info}: {what}: {got}, not {want}" for what, got, want in pairs if got != want]


@pytest.mark.parametrize("family", FAMILIES)
def test_family(family):
    counter = rule(family)
    assert ROWS[family]
    wrong = [problem for row in ROWS[family] for problem in problems(counter, row)]
    assert not wrong, f"{len(wrong)} differ: {wrong[:5]}"


@pytest.mark.parametrize("family", FAMILIES)
def test_words_and_layout_follow_the_count(family):
    """The explanation ends in the count; a grid that is drawn is inside its canvas."""
    counter = rule(family)
    for width, height in ((640, 480), (480, 853), (1999, 1499)):
        info = ImageInfo(width, height)
        steps = counter.explain(info)
        assert re.findall(r"[\d,]+(?= tokens?$)", steps[-1]) == [f"{counter.count(info):,}"], steps
        layout = counter.layout(info)
        if layout is not None:
            left, top, right, bottom = layout.picture
            assert 0 <= left < right <= layout.canvas[0]
            assert 0 <= top < bottom <= layout.canvas[1]
            for box in layout.tiles:
                assert min(box) >= 0
                assert (box[2] <= layout.canvas[0], box[3] <= layout.canvas[1]) == (True, True)
        assert all(isinstance(note, str) for note in counter.notes(info))


def test_every_family_has_its_rule():
    assert len(ROWS) == 73
    assert set(ROWS) == set(FAMILIES)


@pytest.mark.parametrize(
    "name", sorted(n for n, target in registry.BUILT_IN.items() if ".modalities.image." in target)
)
def test_the_examples_of_a_rule_hold(name):
    """The worked example in every rule's docstring prints what it says."""
    module = import_module(registry.class_for(name).__module__)
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("module", ["limits", "words", "tilings"])
def test_the_examples_of_shared_arithmetic_hold(module):
    found = doctest.testmod(import_module(f"multitok.modalities.image.{module}"))
    assert found.attempted > 0
    assert found.failed == 0

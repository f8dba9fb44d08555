"""Every open rule at any size an image can have: a plain count, or a refusal that says why."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from multitok.core import registry
from multitok.core.errors import MediaError
from multitok.core.info import LARGEST_SIDE, ImageInfo

FAMILIES = {
    name: registry.build(family["tokenizer"], family["params"])
    for name, family in tomllib.loads(
        (Path(__file__).parent.parent / "golden" / "families.toml").read_text("utf-8")
    ).items()
    if family["modality"] == "image"
}
sides = st.one_of(st.integers(1, 64), st.integers(1, 20_000), st.integers(1, LARGEST_SIDE))


@pytest.mark.parametrize("family", FAMILIES)
@given(width=sides, height=sides)
@settings(max_examples=25, deadline=None)
@example(width=1, height=1)
@example(width=LARGEST_SIDE, height=LARGEST_SIDE)
@example(width=LARGEST_SIDE, height=1)
@example(width=1, height=LARGEST_SIDE)
@example(width=2, height=LARGEST_SIDE - 1)
def test_a_count_or_a_refusal(family, width, height):
    counter, info = FAMILIES[family], ImageInfo(width, height)
    try:
        count = counter.count(info)
    except MediaError as refused:
        why = str(refused)
    else:
        why = ""
    if why:
        assert re.match(r"the reference cannot process \d+x\d+: |aspect ratio ", why)
        return
    assert type(count) is int
    assert 0 < count < 10**7
    parts = counter.breakdown(info)
    assert sum(parts.values()) == count
    assert min(parts.values()) > 0
    if hasattr(counter, "expansion"):
        assert sum(times for _, times in counter.expansion(info)) == count
    geometry = counter.geometry(info)
    assert json.loads(json.dumps(geometry)) == geometry
    layout = counter.layout(info)
    left, top, right, bottom = layout.picture
    assert 0 <= left < right <= layout.canvas[0]
    assert 0 <= top < bottom <= layout.canvas[1]
    assert counter.explain(info)[-1].endswith(f"{count:,} tokens")
    assert all(isinstance(note, str) for note in counter.notes(info))


def test_a_thin_picture_that_the_reference_leaves_too_long_is_refused():
    """1 x 641 within 640: the short side is 1 px before and after, so the reference resizes
    nothing, and its model refuses a picture of 641 px."""
    with pytest.raises(MediaError) as error:
        registry.build("windows", {"size": 640, "split": False}).count(ImageInfo(1, 641))
    assert str(error.value) == (
        "the reference cannot process 1x641: its long side stays at 641 px, over the square of"
        " 640 px"
    )

"""Rules for clips over shapes that no camera makes: a number, or a refusal that says why."""

import pytest
from hypothesis import given, strategies as st

from multitok import MediaError, MultitokError, VideoInfo
from multitok.core import registry

NEEDED = {
    "causal-codes": {"patch": 8, "depth": 8, "align": 16, "align_frames": 8},
    "pooled-frames": {"num_frames": 8, "size": 384, "patch": 14},
    "video-rate": {"per_frame": 66},
}
RULES = [name for name, home in registry.BUILT_IN.items() if home.split(".")[2] == "video"]
AMOUNTS = st.just(0.0) | st.floats(1e-6, 1e6)


@st.composite
def shapes(draw):
    """Frames, rates and seconds that need not agree; one of the last two may be left out."""
    frames = draw(st.integers(0, 200_000))
    fps, seconds = draw(AMOUNTS), draw(AMOUNTS)
    try:
        return VideoInfo(64, 48, frames, fps, seconds)
    except MediaError:
        return VideoInfo(64, 48, frames, 25.0)


@pytest.mark.parametrize("name", RULES)
@given(info=shapes())
def test_no_rule_divides_by_the_length_of_a_clip_that_has_none(name, info):
    rule = registry.build(name, NEEDED.get(name, {}))
    try:
        tokens = rule.count(info)
    except MultitokError:
        return
    assert tokens >= 0
    assert sum(rule.breakdown(info).values()) == tokens
    assert rule.explain(info)
    assert rule.geometry(info) is not None

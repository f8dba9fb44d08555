"""Motion by its frames: ids of learned codecs, and policies by name."""

import pytest

from multitok import ActionsInfo
from multitok.core.errors import UnknownRuleError
from multitok.counting.door import count
from multitok.modalities.actions.frames import MotionFramesCounter


@pytest.mark.parametrize(
    ("model", "ids"),
    [
        ("t2m-gpt", 196 // 4 + 1),  # and the end
        ("motiongpt", 196 // 4 + 2),  # a beginning and an end
        ("momask", 196 // 4 * 6),  # six layers
        ("openvla/openvla-7b", 196 * 263),  # an id a dim of each step
    ],
)
def test_ten_seconds_of_humanml3d(model, ids):
    """196 frames of 20 a second, 263 features."""
    assert count(ActionsInfo(196, 263, 20.0), model=model).tokens == ids


def test_a_step_of_an_arm_is_seven_ids_of_openvla():
    assert count(ActionsInfo(1, 7), model="openvla/openvla-7b").tokens == 7


def test_what_fills_no_frame_is_dropped_in_each_episode():
    counter = MotionFramesCounter(hop=4, around=1)
    both = ActionsInfo(14, 3, episodes=(7, 7))
    assert counter.breakdown(both) == {"episode 0": 2, "episode 1": 2}
    assert counter.breakdown(ActionsInfo(14, 3)) == {"actions": 3, "around": 1}


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("lerobot/pi0_base", "by flow matching: no tokens of actions"),
        ("lerobot/smolvla_base", "by flow matching: no tokens of actions"),
        ("lerobot/pi0fast-base", "a published vocabulary that is not bundled: -t fast"),
        ("lerobot/pi05_base", "reads its state as text: 256 bins a dim"),
    ],
)
def test_a_policy_without_tokens_says_so(model, why):
    with pytest.raises(UnknownRuleError, match=why):
        count(ActionsInfo(50, 7), model=model)

"""Models of time series: named like any other model, counted by shape."""

import pytest

from multitok.core.info import SeriesInfo
from multitok.counting.door import count


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("amazon/chronos-t5-small", 3 * (512 + 1)),  # the last 512 steps and the end id
        ("amazon/chronos-bolt-base", 3 * (38 + 1)),  # 600 / 16 = 37.5, and REG
        ("amazon/chronos-2", 3 * (38 + 1)),
        ("google/timesfm-2.0-500m-pytorch", 3 * 64),  # always padded to 2,048
        ("AutonLab/MOMENT-1-large", 3 * 64),  # 512 / 8
    ],
)
def test_600_steps_of_three_channels(model, tokens):
    assert count(SeriesInfo(600, 3), model=model).tokens == tokens

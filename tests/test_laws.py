"""The laws, over every registered tokenizer, every example of its parameters and every sample."""

import pytest

from multitok.core import registry
from multitok.core.errors import NeedsContentError
from multitok.testing import LAWS, check_same_in_another_process, refuses, samples

COUNTERS = [
    registry.build(name, params)
    for name in registry.BUILT_IN
    for params in registry.class_for(name).examples
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("counter", COUNTERS, ids=repr)
def test_law(law, counter):
    accepted = [sample for sample in samples(counter.modality) if not refuses(counter, sample)]
    assert accepted, f"{counter!r} refuses every sample"
    for sample in accepted:
        law(counter, sample)


def test_encode_is_the_same_in_another_process():
    assert COUNTERS
    check_same_in_another_process(COUNTERS)


@pytest.mark.parametrize("counter", COUNTERS, ids=repr)
def test_the_sum_is_explained_from_the_shape_or_asks_for_the_content(counter):
    sample = next(one for one in samples(counter.modality) if not refuses(counter, one))
    try:
        lines = counter.explain(sample.info)
    except NeedsContentError:
        lines = counter.explain(sample)
    assert all(isinstance(line, str) for line in lines)

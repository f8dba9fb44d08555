"""A tokenizer's parameters arrive as data: what does not fit the declared type is refused."""

import dataclasses
from dataclasses import fields

import pytest

from multitok import AudioInfo, ImageInfo, MediaError, NeedsContentError, VideoInfo
from multitok.core import registry
from multitok.core.making import tupled
from multitok.core.parameters import hints, matches, ranged
from multitok.core.registry import BUILT_IN, class_for

SHAPES = {
    "image": ImageInfo(640, 480),
    "video": VideoInfo(width=640, height=480, frames=90, fps=30.0, duration=3.0),
    "audio": AudioInfo(samples=48_000, sample_rate=16_000, channels=1),
}
GIVEN = {
    "onnx-codec": {"encoder": "a.onnx", "sample_rate": 24_000, "hop": 320, "layers": 1, "codes": 9},
    "onnx-image-codec": {"encoder": "a.onnx", "layers": 1, "codes": 9},
}
"""What rules need that have no examples, for they are of files of one's own."""


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"size": 1.5}, "size of tokenizer 'patch' must be a whole number, got 1.5"),
        ({"size": "big"}, "size of tokenizer 'patch' must be a whole number, got 'big'"),
        ({"size": True}, "size of tokenizer 'patch' must be a whole number, got True"),
        (
            {"resize": [3]},
            "resize of tokenizer 'patch' must be a list of 2 (a whole number each) or None,"
            " got [3]",
        ),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_the_parameter_takes(value, wanted):
    with pytest.raises(MediaError) as caught:
        registry.get_tokenizer("patch", **value)
    assert str(caught.value) == f"{wanted}. It takes: size=16, resize=None"


def test_one_value_where_a_list_is_taken_is_told_how_to_write_it():
    with pytest.raises(MediaError) as caught:
        registry.get_tokenizer("fsq", levels=8)
    assert str(caught.value).partition(". It takes")[0] == (
        "levels of tokenizer 'fsq' must be a list (a whole number each), got 8: write [8], at the"
        " shell 'levels=8,'"
    )


def test_a_whole_number_fits_where_a_fraction_is_taken_and_infinity_does_not():
    assert matches(2, float)
    assert not matches(float("nan"), float | None)
    assert not matches(float("inf"), float)


def test_the_types_of_every_built_in_tokenizer_can_be_read():
    for name in registry.BUILT_IN:
        cls = registry.class_for(name)
        assert set(hints(cls)) >= {f.name for f in fields(cls)}, name


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_a_parameter_at_zero_or_below_gives_a_count_or_a_clear_refusal(name):
    """Never a negative count, never a division by zero."""
    cls = registry.class_for(name)
    if cls.modality not in SHAPES:
        pytest.skip("counts content, not a picture's, a clip's or a sound's shape")
    shape = SHAPES[cls.modality]
    for example in cls.examples or (GIVEN.get(name, {}),):
        for f in fields(cls):
            for value in (0, -1, -5.0, -1000, 3000):
                if not matches(value, hints(cls)[f.name]) or (f.name, value) == ("max_tiles", 3000):
                    continue
                try:
                    counter = registry.build(name, {**example, f.name: value})
                    count = counter.count(shape)
                except (MediaError, NeedsContentError):
                    continue
                assert type(count) is int, (f.name, value)
                assert count >= 0, (f.name, value)
                assert sum(counter.breakdown(shape).values()) == count


RANGED = [
    (name, one.name, bound)
    for name in sorted(BUILT_IN)
    for one in ranged(class_for(name))
    for bound in one.bounds
]


@pytest.mark.parametrize(("name", "parameter", "bound"), RANGED)
def test_a_value_just_outside_its_range_is_refused_in_one_wording(name, parameter, bound):
    """The range that `multitok tokenizers NAME` prints is the range that is checked."""
    outside = {
        "AtLeast": lambda b: b.low - 1, "AtMost": lambda b: b.high + 1, "Above": lambda b: b.low
    }[type(bound).__name__](bound)  # fmt: skip
    cls = class_for(name)
    example = {k: tupled(v) for k, v in (cls.examples or (GIVEN[name],))[0].items()}
    with pytest.raises(MediaError) as error:
        cls(**{**example, parameter: outside})
    assert str(error.value) == f"{parameter} must be {bound}, got {outside!r}"


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_the_declared_types_of_a_rule_can_be_read(name):
    """A type that only a checker imports would leave the rule without its checks."""
    cls = class_for(name)
    assert {f.name for f in dataclasses.fields(cls)} <= hints(cls).keys()

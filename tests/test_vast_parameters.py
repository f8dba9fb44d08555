"""Parameters come from files: none asks for more than a gigabyte.

A walk over all tokenizers in a child process whose memory is limited: each whole number among the
parameters is a thousand million, then the most that its range allows.
"""

import subprocess
import sys

import numpy as np
import pytest

from multitok.core.errors import MediaError
from multitok.core.media import Image, Video
from multitok.core.registry import get_tokenizer

pytest.importorskip("resource", reason="no limit of memory on this system")

IMAGE = Image(np.zeros((4, 6, 3), np.uint8))
VIDEO = Video(np.zeros((2, 4, 6, 3), np.uint8), np.array([0.0, 1.0]), fps=1.0, duration=2.0)

WALK = """
import resource, sys
from dataclasses import fields, replace
from multitok.core import registry
from multitok.core.parameters import MOST_CODES, AtMost, ranged
from multitok.core.tokenizer import Tokenizer
from multitok.testing import samples

def tried(value, name, bounds):
    most = [int(b.high) for b in bounds.get(name, ()) if isinstance(b, AtMost)]
    for number in {10**9, MOST_CODES, *(m for m in most if m < 10**9)}:
        yield (number,) * len(value) if isinstance(value, tuple) else number

def whole(value):
    return type(value) is int or isinstance(value, tuple) and value and type(value[0]) is int

def used(rule):
    for sample in samples(rule.modality)[:2]:
        try:
            rule.decode(rule.encode(sample))
        except MemoryError:
            raise
        except Exception:
            continue  # refused, which costs nothing

used(registry.build("sax", {}))  # whatever is imported once
with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + (1 << 30),) * 2)
for name in registry.BUILT_IN:
    cls = registry.class_for(name)
    if not issubclass(cls, Tokenizer) or cls.modality not in sys.argv[1:]:
        continue
    bounds = {one.name: one.bounds for one in ranged(cls)}
    for params in cls.examples:
        rule = registry.build(name, params)
        for one in fields(rule):
            value = getattr(rule, one.name)
            for vast in tried(value, one.name, bounds) if whole(value) else ():
                try:
                    used(replace(rule, **{one.name: vast}))
                except MemoryError:
                    print(name, one.name, vast)
                except Exception:
                    continue
"""


SHAPES = """
import resource, sys
from dataclasses import fields, replace
from multitok.core import registry
from multitok.core.errors import MultitokError
from multitok.core.tokenizer import Tokenizer
from multitok.testing import samples

made = []
for name in registry.BUILT_IN:
    cls = registry.class_for(name)
    if not issubclass(cls, Tokenizer) or cls.modality not in sys.argv[1:]:
        continue
    for params in cls.examples[:2]:
        try:
            rule = registry.build(name, params)
            tokens = rule.encode(next(iter(samples(rule.modality))))
            rule.decode(tokens)  # whatever is imported once
            made.append((name, rule, tokens))
        except MultitokError:
            continue

with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + (1 << 30),) * 2)
for name, rule, tokens in made:
    for one in fields(tokens.info):
        if type(getattr(tokens.info, one.name)) is not int:
            continue
        try:
            rule.decode(replace(tokens, info=replace(tokens.info, **{one.name: 10**7})))
        except MemoryError:
            print(name, one.name)
        except Exception:
            continue  # refused, which costs nothing
assert made
"""


def walked(walk, modality):
    child = subprocess.run(
        [sys.executable, "-c", walk, modality], capture_output=True, text=True, check=False
    )
    return child.stderr, child.stdout


LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the memory in use is read from /proc")
MODALITIES = ["text", "image", "video", "audio", "series", "actions"]


@LINUX
@pytest.mark.parametrize("modality", MODALITIES)
def test_no_parameter_asks_for_a_gigabyte(modality):
    assert walked(WALK, modality) == ("", "")


@LINUX
@pytest.mark.parametrize("modality", MODALITIES)
def test_no_shape_that_the_tokens_do_not_have_asks_for_a_gigabyte(modality):
    """A shape comes from a token file too: ten million dims once had their bins made before anybody
    looked at how many tokens there are."""
    assert walked(SHAPES, modality) == ("", "")


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("action-bins", "bins"),
        ("beast", "bins"),
        ("chronos", "n_tokens"),
        ("gato", "bins"),
        ("mulaw", "codes"),
        ("quantile-bins", "bins"),
        ("sax", "alphabet"),
        ("series-mulaw", "q"),
        ("series-patch", "horizon"),
        ("series-patch", "vector"),
    ],
)
def test_a_table_of_a_thousand_million_is_refused(name, parameter):
    with pytest.raises(MediaError) as error:
        get_tokenizer(name, **{parameter: 10**9})
    assert str(error.value) == f"{parameter} must be at most 1,048,576, got 1000000000"


@pytest.mark.parametrize("parameter", ["rows", "columns", "directions", "speeds"])
def test_a_grid_of_movement_finer_than_a_picture_is_refused(parameter):
    with pytest.raises(MediaError) as error:
        get_tokenizer("motion", **{parameter: 10**9})
    assert str(error.value) == f"{parameter} must be at most 1,000, got 1000000000"


@pytest.mark.parametrize(
    ("name", "parameters", "medium", "made"),
    [
        ("patch", {"size": 10**9}, IMAGE, "1000000000 x 1000000000 px and 1 tokens of 6 x 4 px"),
        (
            "fixed-grid",
            {"size": 14, "patch": 14, "tokens": 10**9},
            IMAGE,
            "14 x 14 px and 1,000,000,000 tokens of 6 x 4 px",
        ),
        (
            "smolvlm-video",
            {"size": 10**9},
            VIDEO,
            "1000000000 x 1000000000 px and 168 tokens of 4 x 6 px",
        ),
    ],
)
def test_a_picture_out_of_all_proportion_is_counted_and_not_made(name, parameters, medium, made):
    tokenizer = get_tokenizer(name, **parameters)
    assert tokenizer.count(medium.info) > 0
    with pytest.raises(MediaError) as error:
        tokenizer.encode(medium)
    assert str(error.value) == (
        f"{name} would make {made}; 16,777,216 px and 16,777,216 tokens are made at most:"
        " lower the parameter that asks for them (a count takes it)"
    )


def test_a_large_picture_is_made_as_large_as_it_is():
    """40 megapixels are more than are made of a small one: 63 x 100 patches of 80 px."""
    tokens = get_tokenizer("patch", size=80).encode(Image(np.zeros((5040, 8000, 3), np.uint8)))
    assert len(tokens) == 6300


def test_a_pool_larger_than_a_frame_is_refused():
    with pytest.raises(MediaError) as error:
        get_tokenizer("molmo-video", pool=(3, 28))
    assert str(error.value) == "pool must be at most the 27 patches of a side, got (3, 28)"


def test_frames_are_not_repeated_without_end():
    """The clip has 2 frames; its rule takes as many as it is told, the same ones again."""
    with pytest.raises(MediaError) as error:
        get_tokenizer("qwen3-video", num_frames=10**6).encode(VIDEO)
    assert str(error.value) == (
        "qwen3-video would make 1,000,000 frames of 2; by repeating them at most 4,096 are made:"
        " lower num_frames or fps (a count takes it)"
    )

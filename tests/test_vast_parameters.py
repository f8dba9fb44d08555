"""Parameters come from files: none asks for more than a gigabyte.

A walk over all tokenizers in a child process whose memory is limited: each whole number among the
parameters is a thousand million, then the most that its range allows.
"""

import subprocess
import sys

import pytest

from multitok.core.errors import MediaError
from multitok.core.registry import get_tokenizer

pytest.importorskip("resource", reason="no limit of memory on this system")

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


@pytest.mark.skipif(sys.platform != "linux", reason="the memory in use is read from /proc")
@pytest.mark.parametrize("modality", ["text", "series", "actions", "audio"])
def test_no_parameter_asks_for_a_gigabyte(modality):
    child = subprocess.run(
        [sys.executable, "-c", WALK, modality], capture_output=True, text=True, check=False
    )
    assert (child.stderr, child.stdout) == ("", "")


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

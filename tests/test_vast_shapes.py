"""A shape comes from a header: none, and no rate, takes long, or all memory, to be counted.

A walk over all rules in a child process whose memory is limited: the largest shapes that a header
may tell, then a parameter that is no whole number at 1e308: a number or a refusal, in seconds.
"""

import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="no limit of memory on this system")

WALK = """
import resource, sys, time
from dataclasses import fields, replace
from multitok.core import registry
from multitok.core.errors import MultitokError
from multitok.core.info import (
    ActionsInfo, AudioInfo, ImageInfo, PdfInfo, SeriesInfo, TextInfo, VideoInfo
)

SIDE, MANY = 2**31 - 1, 10**9
SHAPES = {
    "image": [(ImageInfo, SIDE, SIDE), (ImageInfo, 1, SIDE), (ImageInfo, SIDE, 1)],
    "video": [(VideoInfo, 640, 480, MANY, 30.0), (VideoInfo, SIDE, SIDE, MANY, 1e6)],
    "audio": [(AudioInfo, 10**15, 48000), (AudioInfo, 10**15, 1)],
    "series": [(SeriesInfo, MANY, 1), (SeriesInfo, MANY, MANY)],
    "actions": [(ActionsInfo, MANY, 7), (ActionsInfo, MANY, MANY)],
    "text": [(TextInfo, 10**15)],
    "pdf": [],
}
SMALL = {
    "image": (ImageInfo, 640, 480), "video": (VideoInfo, 640, 480, 300, 30.0),
    "audio": (AudioInfo, 48000, 16000), "series": (SeriesInfo, 100, 2),
    "actions": (ActionsInfo, 100, 7), "text": (TextInfo, 100),
}

def tried(words, make, *given):
    began = time.process_time()
    try:
        make().count(given[0](*given[1:]))
    except MultitokError:
        pass
    except BaseException as error:
        print(words, type(error).__name__, error)
    if time.process_time() - began > 5:
        print(words, "takes long")

with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
import numpy
resource.setrlimit(resource.RLIMIT_AS, (now + (1 << 30),) * 2)
for name in registry.BUILT_IN:
    cls = registry.class_for(name)
    if cls.modality != sys.argv[1]:
        continue
    for params in cls.examples:
        rule = registry.build(name, params)
        for shape in SHAPES[cls.modality]:
            tried((name, params, shape), lambda: rule, *shape)
        for one in fields(rule):
            if "float" in str(one.type) or "Rate" in str(one.type):
                words = {**params, one.name: 1e308}
                tried((name, words), lambda: registry.build(name, words), *SMALL[cls.modality])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory in use is read from /proc")
@pytest.mark.parametrize("modality", ["text", "image", "video", "audio", "series", "actions"])
def test_no_shape_and_no_rate_is_beyond_a_count(modality):
    child = subprocess.run(
        [sys.executable, "-c", WALK, modality], capture_output=True, text=True, check=False
    )
    assert (child.stderr, child.stdout) == ("", "")

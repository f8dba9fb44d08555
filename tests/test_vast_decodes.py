"""Few tokens may say to stand for anything: none takes all memory to be decoded.

A walk over all decoders in a child process whose memory is limited: the tokens of a small medium
with the largest shapes that a file may tell: the medium, or a refusal, in seconds.
"""

import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="no limit of memory on this system")

WALK = """
import resource, sys, time, warnings
from dataclasses import replace
from multitok.core import registry
from multitok.core.errors import MultitokError, UnexpectedError
from multitok.core.info import ActionsInfo, AudioInfo, ImageInfo, SeriesInfo, TextInfo, VideoInfo
from multitok.core.tokenizer import Tokenizer
from multitok.counting.encoding import decode
from multitok.testing.rule import refuses
from multitok.testing.samples import samples

SIDE, MANY = 2**31 - 1, 10**9
SHAPES = {
    "image": [ImageInfo(SIDE, SIDE), ImageInfo(1, SIDE), ImageInfo(60_000, 60_000)],
    "video": [VideoInfo(640, 480, MANY, 30.0), VideoInfo(SIDE, SIDE, 2, 1.0)],
    "audio": [AudioInfo(10**12, 48000), AudioInfo(10**9, 16000)],
    "series": [SeriesInfo(MANY, 1), SeriesInfo(10**8, 1), SeriesInfo(2, MANY)],
    "actions": [ActionsInfo(MANY, 7), ActionsInfo(10**8, 1), ActionsInfo(2, MANY)],
    "text": [TextInfo(10**15)],
}

def tried(words, tokens, info):
    began = time.process_time()
    try:
        decode(replace(tokens, info=info))
    except UnexpectedError as error:
        print(words, error)
    except MultitokError as error:
        if "Unable to allocate" in str(error):
            print(words, info, error)
    except BaseException as error:
        print(words, type(error).__name__, error)
    if time.process_time() - began > 5:
        print(words, info, "takes long")

warnings.simplefilter("error")
walked = []
for name in registry.BUILT_IN:
    cls = registry.class_for(name)
    if cls.modality != sys.argv[1] or not issubclass(cls, Tokenizer):
        continue
    for params in cls.examples:
        rule = registry.build(name, params)
        sample = next((one for one in samples(cls.modality) if not refuses(rule, one)), None)
        if sample is None:
            continue
        walked.append((name, params, rule.encode(sample)))

with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + (1 << 30),) * 2)
for name, params, tokens in walked:
    for info in SHAPES[sys.argv[1]]:
        tried((name, params), tokens, info)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory in use is read from /proc")
@pytest.mark.parametrize("modality", ["text", "image", "video", "audio", "series", "actions"])
def test_no_tokens_take_all_memory_to_be_decoded(modality):
    child = subprocess.run(
        [sys.executable, "-c", WALK, modality], capture_output=True, text=True, check=False
    )
    assert (child.stderr, child.stdout) == ("", "")

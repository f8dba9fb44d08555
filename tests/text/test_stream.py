"""Where text may be cut: the tokens of the parts are the tokens of the whole."""

import random
import tracemalloc

import pytest
from hypothesis import given, settings, strategies as st
from nasty import NAMED, corpus

from multitok import Text, get_tokenizer
from multitok.modalities.text import backend, stream

# Characters of every class the patterns tell apart, the apostrophe and `/` among them, and those
# that Python and the patterns class differently (U+001F, U+180E, U+0345, U+2160).
ALPHABETS = (
    "aZ0 .,'/\n\r\t",
    "aAzséßǅ'’sStTrReEvVmMlLdDſ 1½.-",
    "a1 \n\r\t\x0b\x0c\x1c\x1f\x85\xa0\u2003\u2028\u3000\u180e\u200b.!",
    "日本の、。「」，！ ー々中あア한글 \n1a",
    "яЖёαΩήהםعم١२３Ⅷ²ʰ\u0301\u0300\u0345\u0489 a1.'",
    "\u0378\u1c89\ua7cb\U00010d40\U0001fffea A1.\n '",
    "😀👩\u200d👧🏽🇺🇳\ufe0f\u20e3#* 1a'\n",
)


def tries(number, seed):
    rng = random.Random(seed)
    for _ in range(number):
        alphabet = rng.choice(ALPHABETS)
        yield "".join(rng.choice(alphabet) for _ in range(rng.randint(2, 16)))


def cuts(pattern, text):
    return [match.end() for match in pattern.finditer(text)]


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base", "p50k_base", "r50k_base"])
def test_the_cuts_are_safe(name):
    """Each cut of each text on its own, with the ids themselves: not only how many there are."""
    encode = backend.encode_ordinary(name)
    tried = 0
    for text in tries(25_000, seed=len(name) + ord(name[0])):
        whole = encode(text)
        for pattern in (stream._BEFORE_SPACE, stream._BETWEEN):
            for at in cuts(pattern, text):
                tried += 1
                assert encode(text[:at]) + encode(text[at:]) == whole, (text, at)
    assert tried > 20_000


def test_the_test_can_fail():
    """Between a space and a letter is no safe cut, and the walk above would see it."""
    encode = backend.encode_ordinary("o200k_base")
    assert encode("a ") + encode("b") != encode("a b")


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base", "r50k_base"])
@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60))
def test_the_cuts_are_safe_on_any_text(name, text):
    text = Text(text).text
    encode = backend.encode_ordinary(name)
    at = stream.cut_between_classes(text)
    assert encode(text[:at]) + encode(text[at:]) == encode(text)


def test_white_space_is_what_the_patterns_call_so():
    r"""`\s+` takes a run of each whole: one token piece, where U+001F stays outside."""
    import re

    import tiktoken

    ranks = {bytes([i]): i for i in range(256)}
    seen = tiktoken.Encoding("s", pat_str=r"\s", mergeable_ranks=ranks, special_tokens={})
    ours = re.compile(f"[{stream.WHITE}]")
    for code in [*range(0x3100), 0xFEFF]:
        if 0xD800 <= code < 0xE000:
            continue
        theirs = bool(seen.encode(chr(code), disallowed_special=()))
        assert bool(ours.match(chr(code))) == theirs, hex(code)


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_windows_join_to_the_text(size):
    for text in corpus():
        text = Text(text).text
        found = list(stream.windows([text], stream.cut_between_classes, size=size))
        assert "".join(window for window, _ in found) == text
        assert all(window and safe for window, safe in found)


@pytest.mark.parametrize("name", ["o200k_base", "p50k_base"])
@pytest.mark.parametrize("special", [False, True])
def test_small_windows_change_no_id(name, special, monkeypatch):
    """Windows of 3 characters put a cut wherever one may be, special tokens included."""
    tokenizer = get_tokenizer("bpe", vocabulary=name, allow_special=special)
    texts = [Text(text) for text in corpus()]
    whole = [tokenizer.encode(text).ids.tolist() for text in texts]
    monkeypatch.setattr(stream.windows, "__kwdefaults__", {"size": 3, "cap": None})
    assert [tokenizer.encode(text).ids.tolist() for text in texts] == whole


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("bpe", {}),
        ("bpe", {"vocabulary": "o200k_harmony", "allow_special": True}),
        ("bytes", {}),
        ("characters", {}),
        ("characters", {"graphemes": True}),
        ("words", {}),
    ],
    ids=str,
)
def test_a_stream_counts_what_the_whole_counts(name, params, monkeypatch):
    """The corpus as one text, fed in chunks of 1 to 50 characters, in windows of 16."""
    monkeypatch.setattr(stream.windows, "__kwdefaults__", {"size": 16, "cap": None})
    tokenizer = get_tokenizer(name, **params)
    text = Text(" ".join(corpus())[:60_000]).text
    rng = random.Random(0)
    chunks, at = [], 0
    while at < len(text):
        step = rng.randint(1, 50)
        chunks.append(text[at : at + step])
        at += step
    counted = tokenizer.count_stream(iter(chunks))
    assert counted.exact
    assert counted.parts == tokenizer.breakdown(Text(text))
    assert counted.tokens == int(counted) == tokenizer.count(Text(text))


def test_no_text_is_no_tokens():
    assert get_tokenizer("bpe").count_stream([]) == stream.StreamCount({"text": 0}, True)


def test_without_a_safe_cut_a_window_grows_to_the_cap_and_the_count_is_an_estimate(monkeypatch):
    monkeypatch.setattr(stream, "CAP", 1 << 17)
    counted = get_tokenizer("bpe").count_stream("a" * 1000 for _ in range(300))
    assert not counted.exact
    whole = get_tokenizer("bpe").count(Text("a" * 300_000))
    assert abs(counted.tokens - whole) <= 3


def test_one_text_in_memory_is_exact_however_long_its_words():
    text = Text("a" * (stream.CAP // 8))
    tokenizer = get_tokenizer("bpe")
    assert tokenizer.count(text) == len(tokenizer.encode(text)) == stream.CAP // 64


def test_a_stream_holds_little():
    """20 MB of words in chunks of 1 MB: what Python holds stays under 12 MB."""
    chunk = (NAMED["russian"] + " " + NAMED["code"] + " and plain words, ") * 6000
    tokenizer = get_tokenizer("bpe", vocabulary="cl100k_base")
    tokenizer.count(Text("warm"))
    each = tokenizer.count(Text(chunk))
    tracemalloc.start()
    counted = tokenizer.count_stream(chunk for _ in range(4))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counted.exact
    assert abs(counted.tokens - 4 * each) <= 4
    assert peak < 12e6


RESIDENT = """
import random
from multitok import get_tokenizer

rng = random.Random(0)
letters = "abcdefghijklmnopqrstuvwxyz"
words = ["".join(rng.choices(letters, k=rng.randint(1, 12))) for _ in range(50_000)]

def chunks(number):
    for i in range(number):
        yield " ".join(rng.choices(words, k=100_000)) + str(i)

tokenizer = get_tokenizer("bpe")
found = []
for number in (4, 26):
    assert tokenizer.count_stream(chunks(number)).exact
    status = open("/proc/self/status").read()
    found.append(int(status.partition("VmHWM:")[2].split()[0]) >> 10)
print(*found)
"""


@pytest.mark.parametrize("name", ["tiktoken", "splintr"])
def test_memory_stays_flat_over_twenty_megabytes(name):
    """Six times the text, hardly more memory; both far under 300 MB."""
    import os
    import subprocess
    import sys

    if name == "splintr":
        pytest.importorskip("splintr", reason="the extra 'fast' is not installed")
    if sys.platform != "linux":
        pytest.skip("resident memory is measured as Linux counts it")
    env = os.environ | {backend.VARIABLE: name}
    done = subprocess.run(
        [sys.executable, "-c", RESIDENT], env=env, capture_output=True, text=True, check=True
    )
    first, last = map(int, done.stdout.split())
    assert last < 220, (first, last)
    assert last - first < 40

"""A process that has no memory left: what it was at is an error, and the others stand.

That a batch, a request and a guard hold is tried for every unforeseen fault in test_boundary.py.
"""

import json
import os
import subprocess
import sys
import textwrap
import wave
from pathlib import Path

import pytest

import multitok
from multitok.modalities.text.bytes import BytesTokenizer


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """Three texts, of which the second one takes all memory."""
    monkeypatch.chdir(tmp_path)
    Path("texts").mkdir()
    for number, text in enumerate(("one", "all of the memory", "three")):
        Path(f"texts/{number}.txt").write_text(text)

    def fails(call):
        def tried(self, x):
            if "memory" in getattr(x, "text", ""):
                raise MemoryError
            return call(self, x)

        return tried

    for name in ("count", "encode", "encode_ids"):
        monkeypatch.setattr(BytesTokenizer, name, fails(getattr(BytesTokenizer, name)))


SAID = "not enough memory while {} it (free some, or take less at once)"


def rows(scan):
    return [(row["tokens"], row["error"]) for row in scan.table().to_pylist()]


@pytest.mark.usefixtures("texts")
def test_an_item_of_a_scan_is_a_row():
    found = rows(multitok.scan("texts", tokenizer="bytes", workers=0))
    assert found == [
        (3, None), (None, f"UnexpectedError: texts/1.txt: {SAID.format('counting')}"), (5, None),
    ]  # fmt: skip


@pytest.mark.usefixtures("texts")
def test_an_item_that_is_tokenized_is_a_row_and_has_no_document():
    made = multitok.tokenize("texts", tokenizer="bytes", out="shards", workers=0)
    assert [ids.tolist() for ids in made] == [list(b"one"), list(b"three")]
    [(_, error)] = [one for one in rows(made.counts) if one[1]]
    assert error == f"UnexpectedError: texts/1.txt: {SAID.format('encoding')}"


def run(code, *words, **more):
    command = [sys.executable, "-c", textwrap.dedent(code), *words]
    child = subprocess.run(command, capture_output=True, text=True, timeout=300, **more)
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


LIMITED = """
    import json, resource, multitok
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, hard))
    made = multitok.tokenize("sounds", tokenizer="mulaw", out="shards", workers=WORKERS)
    rows = made.counts.table().to_pylist()
    print(json.dumps([(row["id"], row["tokens"], row["error"]) for row in rows]))
"""


def sound(path, seconds):
    """A WAV of this length, of which the disk holds nothing but the header."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(1600))
    size = 16_000 * seconds
    with open(path, "r+b") as file:
        for place, number in ((4, 36 + size), (40, size)):
            file.seek(place)
            file.write(number.to_bytes(4, "little"))
        file.truncate(44 + size)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_sound_that_does_not_fit_into_memory_leaves_the_others(workers, tmp_path):
    """For real: a process that may have 4 GB, and 8 GB of samples."""
    (tmp_path / "sounds").mkdir()
    for name, seconds in (("1", 1), ("2", 250_000), ("3", 2)):
        sound(tmp_path / "sounds" / f"{name}.wav", seconds)
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    found = run(LIMITED.replace("WORKERS", str(workers)), cwd=tmp_path, env=environment)
    assert [(name, tokens) for name, tokens, error in found if not error] == [
        ("sounds/1.wav", 8000), ("sounds/3.wav", 16_000),
    ]  # fmt: skip
    [error] = [error for _, _, error in found if error]
    assert error.startswith("UnexpectedError: sounds/2.wav: not enough memory while ")


EVERY = """
    import json, os, sys
    import _testcapi
    import multitok
    from multitok import ImageInfo, MultitokError

    files = sys.argv[1:]
    whole = [one.tokens for one in multitok.count_many(files, model="gpt-4o")]
    wrong, failed = [], 0
    for number in range(0, 4000, 7):
        _testcapi.set_nomemory(number, number + 1)
        try:
            found = list(multitok.count_many(files, model="gpt-4o"))
        except MemoryError:  # before the first item
            failed += 1
            continue
        finally:
            _testcapi.remove_mem_hooks()
        told = [getattr(one, "tokens", None) for one in found]
        failed += None in told
        right = [a in (None, b) for a, b in zip(told, whole, strict=True)]
        errors = [isinstance(one, MultitokError) for one in found if not hasattr(one, "tokens")]
        if not (all(right) and all(errors) and len(errors) < 2):
            wrong.append((number, repr(found)))
    print(json.dumps([wrong, failed]))
"""


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="CPython 3.12 itself ends where small pieces are refused"
)
def test_the_n_th_piece_of_memory_that_is_refused_changes_no_number():
    """Every seventh of 4,000 pieces that Python asks for is refused, in a process of its own."""
    pytest.importorskip("_testcapi", reason="a Python without its test modules")
    samples = Path(__file__).parent.parent.parent / "samples"
    names = [str(samples / name) for name in ("english.txt", "photo.jpg", "screenshot.png")]
    wrong, failed = run(EVERY, *names)
    assert wrong == []
    assert failed > 20  # it is tried, indeed

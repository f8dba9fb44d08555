"""multitok train: what it writes, prints and refuses."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tokenizers import Tokenizer

from multitok import Audio, save

ROOT = Path(__file__).parent.parent


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "multitok", "train", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "", "NO_COLOR": "1", "HOME": str(cwd)},
    )


def test_a_vocabulary_from_text_files(tmp_path):
    (tmp_path / "a.txt").write_text("the cat sat on the mat\n" * 9)
    (tmp_path / "b.txt").write_text("the dog sat\nthe dog ran\n")
    child = run("bpe", "a.txt", "b.txt", "-o", "t.json", "--vocab-size", "270", cwd=tmp_path)
    assert (child.stdout, child.stderr) == ("t.json: bpe of 270 ids from 11 lines\n", "")
    assert Tokenizer.from_file(str(tmp_path / "t.json")).encode("the cat").tokens == ["the", "Ġcat"]


def test_json(tmp_path):
    (tmp_path / "a.txt").write_text("the cat sat on the mat\n" * 9)
    child = run("wordpiece", "a.txt", "-o", "t.json", "--vocab-size", "25", "--json", cwd=tmp_path)
    assert json.loads(child.stdout) == {
        "schema": 1, "kind": "wordpiece", "path": "t.json", "vocab_size": 25, "items": 9,
    }  # fmt: skip


def test_an_option_of_another_kind(tmp_path):
    child = run("fast", "x.csv", "-o", "t.json", "--codes", "5", cwd=tmp_path)
    assert child.returncode == 2
    assert child.stderr.splitlines()[-1] == (
        "Error: fast has no --codes. It takes: --vocab-size, --horizon, --scale"
    )


def test_too_little_text_leaves_no_file(tmp_path):
    (tmp_path / "a.txt").write_text("a b c\n")
    child = run("bpe", "a.txt", "-o", "t.json", "--vocab-size", "5000", cwd=tmp_path)
    assert (child.returncode, child.stdout) == (2, "")
    assert child.stderr == (
        "multitok: 1 texts give a bpe vocabulary of 256, 5000 were asked for:"
        " pass more text, or a smaller vocab_size\n"
    )
    assert not (tmp_path / "t.json").exists()


def test_series_that_give_fewer_ids_than_asked_for_say_so(tmp_path):
    """0, 1, 0, 1, ...: five ids of 4 bins and a gap, and the merges 01, 0101 and 01010101."""
    (tmp_path / "a.csv").write_text("v\n" + "0\n1\n" * 8)
    child = run("series-bpe", "a.csv", "-o", "s.json", "--bins", "4", cwd=tmp_path)
    assert (child.stdout, child.stderr) == (
        "s.json: series-bpe of 8 ids from 1 series (1,024 were asked for: no more runs recur)\n",
        "",
    )


def test_the_pictures_of_a_folder(tmp_path):
    """By their names, in folders below as well; the other files are left alone."""
    folder = tmp_path / "photos" / "more"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for path in (folder / "a.png", folder.parent / "b.JPG"):
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
    (folder / "notes.txt").write_text("no picture")
    child = run("dct-bpe", "photos", "-o", "p.json", "--vocab-size", "200", cwd=tmp_path)
    assert (child.stdout, child.stderr) == ("p.json: dct-bpe of 200 ids from 2 pictures\n", "")


def test_a_vocabulary_of_the_sounds_of_a_folder(tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    wave = np.sin(np.arange(8000) / 9).astype(np.float32)
    for name in ("a.wav", "b.wav"):
        save(Audio(wave, 16_000), folder / name)
    (folder / "notes.txt").write_text("no sound")
    child = run("mdct-bpe", "sounds", "-o", "s.json", "--vocab-size", "200", cwd=tmp_path)
    assert child.stdout.startswith("s.json: mdct-bpe of ")
    assert child.stdout.endswith(" ids from 2 sounds\n")


def test_a_folder_without_a_picture(tmp_path):
    (tmp_path / "empty").mkdir()
    child = run("dct-bpe", "empty", "-o", "p.json", cwd=tmp_path)
    assert child.returncode == 2
    assert child.stderr.splitlines()[-1] == "Error: empty: no picture in this folder"

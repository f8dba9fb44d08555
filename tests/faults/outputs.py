"""Every option that names a file to write, with a command that uses it."""

import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from multitok import Text, get_tokenizer
from multitok.__main__ import main

BILL = (
    '{"request": {"model": "claude-opus-5", "messages": [{"role": "user", "content": "hello"}],'
    ' "max_tokens": 9}, "response": {"usage": {"input_tokens": 99, "output_tokens": 1}}}\n'
)


def text(path):
    path.write_text("the cat sat on the mat\n" * 9)


def picture(path):
    Pillow.linear_gradient("L").resize((96, 64)).convert("RGB").save(path, "PNG")


def series(path):
    with path.open("wb") as file:
        np.save(file, np.arange(64.0) % 7)


def bills(path):
    path.write_text(BILL * 16)  # as many as a calibration asks for


def counts(path):
    path.write_text(json.dumps({"total": 9, "counts": []}))


def talk(path):
    path.write_text('{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}')


def tokens(path):
    get_tokenizer("bytes").encode(Text("hello world")).save(path)


class Case(NamedTuple):
    """`make` writes the input; it is named so that the option would take that name, too."""

    words: str
    make: object
    input: str
    out: str
    kind: str
    code: int = 0

    def line(self, out):
        """The words of the command that writes there."""
        words = self.words.format(input=self.input, out=out, folder=os.path.dirname(out))
        return words.split()


OUTPUTS = {
    ("inspect", "--overlay"): Case(
        "inspect {input} -m gpt-4o --overlay {out}", picture, "in.png", "out.png", "PNG"
    ),
    ("inspect", "--plot"): Case(
        "inspect {input} --plot {out}", series, "in.png", "out.png", "PNG"
    ),
    ("inspect", "--save-prepared"): Case(
        "inspect {input} -t patch --save-prepared {out}", picture, "in.png", "out.png", "PNG"
    ),
    ("inspect", "--html"): Case(
        "inspect {input} --as text -m gpt-4o --html {out}", text, "in.html", "out.html", "HTML"
    ),
    ("fit", "--out"): Case(
        "fit {input} -m gpt-4o --max-tokens 300 -o {out}",
        picture, "in.png", "out.webp", "WebP",
    ),
    ("economics", "--png"): Case(
        "economics {input} --parameters 7B --png {out}", counts, "in.png", "out.png", "PNG"
    ),
    ("prices", "--png"): Case(
        "prices --content {input} --png {out}", picture, "in.png", "out.jpg", "JPEG"
    ),
    ("prices", "--html"): Case(
        "prices --content {input} --html {out}", text, "in.html", "out.html", "HTML"
    ),
    ("request", "--out"): Case(
        "request {input} --fit 100 -o {out}", talk, "in.json", "out.json", "JSON"
    ),
    ("reconcile", "--out"): Case(
        "reconcile {input} -o {out}", bills, "in.json", "out.json", "JSON", 1
    ),
    ("check", "--out"): Case(
        "check {input} -t bytes -o {out}", text, "in.txt", "out.json", "JSON"
    ),
    ("split", "--out"): Case(
        "split {input} -t bytes --max-tokens 500 -o {folder}",
        text, "there/0001.txt", "pieces/0001.txt", "text",
    ),
    ("encode", "--out"): Case(
        "encode {input} --as text -t bytes -o {out}", text, "in.npz", "out.npz", "NPZ"
    ),
    ("decode", "--out"): Case("decode {input} -o {out}", tokens, "in.txt", "out.txt", "text"),
    ("train", "--out"): Case(
        "train bpe {input} -o {out} --vocab-size 258", text, "in.json", "out.json", "JSON"
    ),
}  # fmt: skip


def prepared(case, folder, monkeypatch):
    """The case, with its input in this folder, where commands are run."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    Path(case.input).parent.mkdir(exist_ok=True)
    Path(case.out).parent.mkdir(exist_ok=True)
    case.make(Path(case.input))
    return case


def ran(words, monkeypatch, capsys):
    """`multitok` with these words, in this process: its exit code, and what it said on stderr."""
    monkeypatch.setattr(sys, "argv", ["multitok", *words])
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code or 0
    return code, capsys.readouterr().err


def files():
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}

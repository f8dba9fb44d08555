"""Nothing of the user's is lost: what an output may replace, and what a failed one leaves.

A walk over all commands fails when an option that names a file to write is missing in
faults/outputs.py.
"""

import ast
import errno
import json
import os
import re
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path
from zipfile import ZipFile

import click
import numpy as np
import pytest
from click.testing import CliRunner
from outputs import OUTPUTS, files, picture, prepared, ran, text, tokens

from multitok.cli import COMMANDS, multitok
from multitok.cli.outputs import Output, OutputFolder
from multitok.core.errors import OutputError
from multitok.core.writing import write_text, writing
from multitok.loaders.replacing import check_output
from multitok.loaders.saving import write_resized
from multitok.train import train_fast, train_kmeans

GIF = b"GIF89a" + bytes(30)
"""A file of another kind than any output below."""


def parameters():
    context = click.Context(multitok)
    for name in COMMANDS:
        for param in multitok.get_command(context, name).params:
            yield name, param


def test_every_option_that_names_a_file_to_write_is_in_the_table():
    found = {
        (name, next(opt for opt in param.opts if opt.startswith("--")))
        for name, param in parameters()
        if isinstance(param.type, Output | OutputFolder)
    }
    assert found == set(OUTPUTS)


def test_no_other_option_names_a_file_that_need_not_exist():
    """An option of click.Path without exists=True would be an output that nobody guards."""
    found = {
        (name, param.name)
        for name, param in parameters()
        if isinstance(param.type, click.File)
        or (isinstance(param.type, click.Path) and not param.type.exists)
    }
    assert found - {(name, param.name) for name, param in parameters() if guarded(param)} == {
        ("check", "config"),
        ("scan", "out"),  # a folder that holds anything but counts is refused
        ("tokenize", "out"),  # or anything but shards
        ("pack", "out"),  # two files of its own names, made anew whenever it is asked
    }


def guarded(param):
    return isinstance(param.type, Output | OutputFolder)


def test_every_command_that_writes_takes_force_in_the_same_words():
    helps = {
        name: param.help
        for name, param in parameters()
        if isinstance(param, click.Option) and "--force" in param.opts
    }
    assert set(helps) == {name for name, _ in OUTPUTS}
    assert len(set(helps.values())) == 1


SRC = Path(__file__).parent.parent / "src" / "multitok"


WRITERS = (".write_bytes", ".write_text", "os.replace", "os.rename", "cv2.imwrite")


def writes(tree):
    """Calls that write a file by themselves: their line and what they are."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = [*node.args, *(word.value for word in node.keywords)]
        words = [arg.value for arg in given if isinstance(arg, ast.Constant)]
        modes = [w for w in words if isinstance(w, str) and re.fullmatch("[wxa]b?[+]?|rb?[+]b?", w)]
        if called.endswith(WRITERS) or (called.split(".")[-1] == "open" and modes):
            yield node.lineno, called


def test_nothing_writes_a_file_but_the_writer():
    found = {
        (str(path.relative_to(SRC)), called)
        for path in SRC.rglob("*.py")
        for _, called in writes(ast.parse(path.read_text("utf-8")))
    }
    assert found == {
        ("core/writing.py", "open"), ("core/writing.py", "os.replace"),
        # into a file that the writer opened
        ("core/token_files.py", "archive.open"), ("loaders/saving.py", "wave.open"),
        # in the folder of a scan, which holds nothing else: a journal and a lock are added to, and
        # what is for the run alone
        ("datasets/folder.py", "open"),
        ("datasets/engines/local.py", "open"), ("datasets/engines/worker.py", "open"),
    }  # fmt: skip


def test_the_search_sees_a_file_that_is_written():
    code = 'open(p, "wb"); p.open("a"); p.write_text(t); open(p, mode="x"); open(p, "rb"); read(p)'
    assert [called for _, called in writes(ast.parse(code))] == [
        "open", "p.open", "p.write_text", "open",
    ]  # fmt: skip


@pytest.fixture(params=OUTPUTS.values(), ids=map(" ".join, OUTPUTS))
def case(request, tmp_path, monkeypatch):
    return prepared(request.param, tmp_path, monkeypatch)


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command of a case with another output or more words: (exit code, stderr)."""

    def run(case, out, *more):
        return ran([*case.line(out), *more], monkeypatch, capsys)

    return run


def test_an_output_that_is_the_input_is_refused(case, run):
    before = files()
    assert run(case, case.input, "--force") == (
        2,
        f"multitok: {case.input}: is the input itself: name another output\n",
    )
    assert files() == before


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_to_the_input_is_the_input(link, case, run):
    link(os.path.abspath(case.input), case.out)
    before = files()
    assert run(case, case.out, "--force") == (
        2,
        f"multitok: {case.out}: is the input {case.input} by another name: name another output\n",
    )
    assert files() == before


def other_names(path):
    """The same file, spelled otherwise: from here, from the root, through a linked folder."""
    Path("linked").symlink_to(".")
    return (f"./{path}", os.path.abspath(path), f"linked/{path}")


def test_the_input_by_any_spelling_is_the_input(case, run):
    spelled = other_names(case.input)
    before = files()
    for name in spelled:
        code, said = run(case, name, "--force")
        same = "is the input itself" if "linked" not in name and name[0] == "." else "is the input"
        assert (code, same in said) == (2, True), (name, said)
    assert files() == before


def test_a_file_of_another_kind_is_replaced_by_force_only(case, run):
    Path(case.out).write_bytes(GIF)
    before = files()
    assert run(case, case.out) == (
        2,
        f"multitok: {case.out}: holds GIF, and {case.kind} would replace it: name another output,"
        " or pass --force\n",
    )
    assert files() == before
    assert run(case, case.out, "--force")[0] == case.code
    assert files()[case.out] != GIF


def test_an_older_output_and_an_empty_file_are_replaced(case, run):
    Path(case.out).touch()
    assert run(case, case.out)[0] == case.code
    first = Path(case.out).read_bytes()
    assert first
    assert run(case, case.out)[0] == case.code
    assert Path(case.out).read_bytes() == first


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("older", [True, False])
def test_a_full_disk_leaves_what_was_there_and_names_the_file(step, older, case, run, monkeypatch):
    if older:
        run(case, case.out)
    before = files()
    monkeypatch.setattr(os, step, full)
    code, said = run(case, case.out)
    assert code == 2
    assert said.splitlines()[-1] == (
        f"multitok: {case.out}: cannot be written: no space is left on the disk. Free some, or name"
        " an output elsewhere"
    )
    assert files() == before


NOISE = "ignore:.*ZipFile.__del__:pytest.PytestUnraisableExceptionWarning"
"""Where a write fails, numpy before 2.2 leaves its zip file open."""


@pytest.mark.filterwarnings(NOISE)
def test_a_write_that_ends_half_way_leaves_what_was_there(case, run):
    """No file may grow beyond 8 bytes: the writers fail in the middle of their own code."""
    run(case, case.out)
    before = files()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
    try:
        code, said = run(case, case.out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 2
    assert said.splitlines()[-1] == (
        f"multitok: {case.out}: cannot be written: it is larger than a file may be here"
        " (ulimit -f). Name an output elsewhere"
    )
    assert files() == before


KILLED = """
import os, random, sys, time
import numpy as np
from pathlib import Path
from PIL import Image as Pillow
from multitok import Series, Text, get_tokenizer
from multitok.core.writing import write_text
from multitok.loaders.saving import save, save_picture, write_resized

rng = np.random.default_rng(0)
noise = Pillow.fromarray(rng.integers(0, 256, (150, 200, 3), np.uint8))
noise.save("noise.png")
tokens = get_tokenizer("bytes").encode(Text("some words " * 9000))
series = Series(rng.normal(size=(4000, 2)))

def in_place(path):
    with open(path, "wb") as file:
        for _ in range(20):
            file.write(bytes(5000))
            file.flush()
            time.sleep(0.001)

def timed(write, name):
    started = time.perf_counter()
    write(name)
    return time.perf_counter() - started

WRITERS = {
    "picture.png": lambda path: save_picture(noise, path),
    "resized.jpg": lambda path: write_resized("noise.png", (400, 300), Path(path)),
    "tokens.npz": tokens.save,
    "series.csv": lambda path: save(series, Path(path)),
    "page.html": lambda path: write_text(path, "<!doctype html>" + "<p>text</p>" * 200000),
    "in place": in_place,
}
OLD = b"an older file, whole"
moments = random.Random(0)
for name, write in WRITERS.items():
    write(name)  # imports are no part of the time
    took = min(timed(write, name) for _ in range(3))  # a pause of the machine is none either
    new, parts = open(name, "rb").read(), 0
    for _ in range(20):
        with open(name, "wb") as file:
            file.write(OLD)
        moment = moments.uniform(0, 1.1 * took)
        ready, tell = os.pipe()
        child = os.fork()
        if not child:
            os.write(tell, b"1")
            write(name)
            os._exit(0)
        os.read(ready, 1)
        time.sleep(moment)
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(ready), os.close(tell)
        with open(name, "rb") as file:
            parts += file.read() not in (OLD, new)
    print(name, parts, sep=": ")
"""


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path):
    """20 kills a writer, spread over the time it takes. A file written in place is lost to them:
    the last line, which shows that a part would be seen."""
    child = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=tmp_path,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    *ours, control = child.stdout.splitlines()
    assert ours == [
        "picture.png: 0", "resized.jpg: 0", "tokens.npz: 0", "series.csv: 0", "page.html: 0",
    ]  # fmt: skip
    assert int(control.removeprefix("in place: ")) > 5


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("here")
class TestTheWriter:
    def test_a_new_file_has_the_mode_of_any_new_file(self):
        Path("usual").touch()
        write_text("new.txt", "text")
        assert Path("new.txt").stat().st_mode == Path("usual").stat().st_mode

    def test_a_replaced_file_keeps_its_mode(self):
        Path("mine.txt").touch(0o640)
        os.chmod("mine.txt", 0o640)
        write_text("mine.txt", "text")
        assert stat.S_IMODE(Path("mine.txt").stat().st_mode) == 0o640

    def test_a_symbolic_link_stays_and_what_it_points_at_is_written(self):
        Path("far").mkdir()
        Path("far/file.txt").write_text("old")
        Path("link.txt").symlink_to("far/file.txt")
        write_text("link.txt", "new")
        assert Path("link.txt").is_symlink()
        assert files() == {"far/file.txt": b"new", "link.txt": b"new"}

    def test_a_link_to_nothing_is_written_through(self):
        Path("link.txt").symlink_to("target.txt")
        write_text("link.txt", "new")
        assert Path("link.txt").is_symlink()
        assert Path("target.txt").read_text() == "new"

    def test_a_pipe_gets_the_content_and_stays_a_pipe(self):
        os.mkfifo("pipe")
        got = []
        reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
        reader.start()
        write_text("pipe", "text")
        reader.join()
        assert got == [b"text"]
        assert stat.S_ISFIFO(os.stat("pipe").st_mode)

    def test_a_dash_is_stdout(self, capfdbinary):
        write_text("-", "naïve\n")
        write_text("/dev/stdout", "café\n")
        assert capfdbinary.readouterr().out == "naïve\ncafé\n".encode()

    def test_line_ends_are_not_changed(self):
        write_text("lines.txt", "a\r\nb\n")
        assert Path("lines.txt").read_bytes() == b"a\r\nb\n"

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
    def test_an_error_of_the_block_passes_and_leaves_no_file(self, error):
        def write():
            with writing("file.bin") as file:
                file.write(b"a part")
                raise error

        with pytest.raises(error):
            write()
        assert list(Path().iterdir()) == []

    def test_a_file_that_may_not_be_written_is_not_replaced(self, monkeypatch):
        """A rename needs leave for the folder only; the file's own mode is asked, too."""
        Path("mine.txt").write_text("old")
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(OutputError) as raised:
            write_text("mine.txt", "new")
        assert str(raised.value) == (
            "mine.txt: cannot be written: permission denied. Name an output elsewhere"
        )
        assert files() == {"mine.txt": b"old"}

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("gone/a.txt", "there is no folder 'gone'. Make it first"),
            ("folder", "it is a folder. Name a file in it"),
            ("file/a.txt", "'file' is no folder. Name an output elsewhere"),
            ("loop", "it is a symbolic link that leads back to itself. Name another output"),
            ("n" * 300, "the name is too long for a file. Name a shorter one"),
            ("/dev/full", "no space is left on the disk. Free some, or name an output elsewhere"),
        ],
    )
    def test_a_place_that_cannot_be_written_is_named(self, name, message):
        Path("folder").mkdir()
        Path("file").touch()
        Path("loop").symlink_to("loop")
        with pytest.raises(OutputError) as raised:
            write_text(name, "text")
        assert str(raised.value) == f"{name}: cannot be written: {message}"


@pytest.mark.usefixtures("here")
class TestWhatIsRead:
    def test_a_resized_picture_never_replaces_its_source(self):
        picture(Path("a.png"))
        before = files()
        with pytest.raises(OutputError) as raised:
            write_resized("a.png", (8, 8), Path("./a.png"))
        assert str(raised.value) == "a.png: is the input itself: name another output"
        assert files() == before

    def test_a_file_of_an_input_folder_is_input(self):
        Path("frames").mkdir()
        picture(Path("frames/1.png"))
        with pytest.raises(OutputError) as raised:
            check_output("frames/1.png", "PNG", inputs=["frames"], force=True)
        assert str(raised.value) == (
            "frames/1.png: is a part of the input frames: name another output"
        )
        check_output("frames/new.png", "PNG", inputs=["frames"])

    def test_the_file_behind_stdin_is_input(self):
        text(Path("a.txt"))
        words = "encode - -t bytes -o a.txt --force"
        with Path("a.txt").open("rb") as stdin:
            child = subprocess.run(
                [sys.executable, "-m", "multitok", *words.split()],
                stdin=stdin,
                capture_output=True,
                text=True,
            )
        assert child.stderr == "multitok: a.txt: is the input itself: name another output\n"
        assert Path("a.txt").read_text().startswith("the cat")

    def test_the_vocabulary_of_a_rule_is_input(self):
        train_kmeans([np.arange(12.0).reshape(6, 2)], "codes.npz", codes=2)
        Path("arm.csv").write_text("a,b\n1,2\n3,4\n")
        words = "encode arm.csv --as actions -t kmeans -s codebook=codes.npz -o codes.npz"
        before = files()
        done = CliRunner().invoke(multitok, words.split())
        assert str(done.exception) == "codes.npz: is the input itself: name another output"
        assert files() == before

    def test_a_picture_that_a_request_names_is_input(self):
        picture(Path("a.png"))
        part = {"type": "image_url", "image_url": {"url": f"file://{os.path.abspath('a.png')}"}}
        asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}
        Path("talk.json").write_text(json.dumps(asked))
        before = files()
        words = "request talk.json --allow-files --fit 600 -o a.png --force"
        done = CliRunner().invoke(multitok, words.split())
        assert str(done.exception) == (
            f"a.png: is the input {os.path.abspath('a.png')} by another name: name another output"
        )
        assert files() == before

    def test_a_plain_zip_is_no_token_file(self):
        with ZipFile("report.docx", "w") as file:
            file.writestr("document.xml", "<a/>")
        with pytest.raises(OutputError) as raised:
            check_output("report.docx", "NPZ")
        assert str(raised.value) == (
            "report.docx: holds another ZIP, and NPZ would replace it: name another output, or pass"
            " --force"
        )

    @pytest.mark.parametrize(
        ("held", "wanted", "content"),
        [
            ("text", "HTML", "a < b"),
            ("text", "JSON", "{not json"),
            ("JSON lines", "JSON", '{"a": 1}\n'),
            ("JSON", "HTML", '{"a": 1}'),
            ("CSV", "text", "a,b\n"),
        ],
    )
    def test_texts_of_several_kinds_are_told_apart(self, held, wanted, content):
        name = {"JSON lines": "a.jsonl", "CSV": "a.csv"}.get(held, "a.txt")
        Path(name).write_text(content)
        with pytest.raises(OutputError) as raised:
            check_output(name, wanted)
        assert str(raised.value) == (
            f"{name}: holds {held}, and {wanted} would replace it: name another output, or pass"
            " --force"
        )

    def test_two_outputs_need_two_names(self):
        picture(Path("a.png"))
        words = "inspect a.png -t patch --overlay b.png --save-prepared ./b.png"
        done = CliRunner().invoke(multitok, words.split())
        assert (done.exit_code, done.stderr.splitlines()[-1]) == (
            2,
            "Error: --overlay and --save-prepared both name './b.png': name two files",
        )

    def test_settings_beside_a_vocabulary_are_not_replaced_by_those_of_another(self):
        """FAST keeps its scale beside the file that is named, in a file that nobody names."""
        Path("processor_config.json").write_text('{"processor_class": "Other"}')
        arm = [np.sin(np.arange(400.0))[:, None]]
        with pytest.raises(OutputError) as raised:
            train_fast(arm, "tokenizer.json", vocab_size=24, scale=1)
        assert str(raised.value) == (
            "processor_config.json: holds the settings of another processor, and those of"
            " tokenizer.json would replace them: name another folder"
        )
        assert list(files()) == ["processor_config.json"]
        Path("processor_config.json").unlink()
        first = train_fast(arm, "tokenizer.json", vocab_size=24, scale=1)
        assert train_fast(arm, "tokenizer.json", vocab_size=24, scale=1) == first

    def test_a_log_without_ratios_leaves_the_calibration(self):
        Path("mine.json").write_text('{"models": {"measured": "long ago"}}')
        before = files()
        done = CliRunner().invoke(multitok, ["reconcile", "-", "-o", "mine.json"], input="{}\n")
        assert done.stderr == (
            "multitok: mine.json: not written: no estimate was billed in this log\n"
        )
        assert files() == before

    def test_text_is_not_written_as_a_picture(self):
        tokens(Path("t.npz"))
        done = CliRunner().invoke(multitok, ["decode", "t.npz", "-o", "t.png"])
        assert str(done.exception) == (
            "t.png: text is written as .txt, .md or another name of text"
        )

"""What nobody foresaw in one input never ends a batch, and never passes for a failed check."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import multitok
from multitok import __main__ as entry
from multitok.core import boundary
from multitok.core.errors import MediaError, MultitokError, SourceError, UnexpectedError

SRC = Path(__file__).parent.parent / "src"


class PanicException(BaseException):
    """As pyo3 has it: an extension's panic passes `except Exception`."""


FAULTS = [ZeroDivisionError, RecursionError, MemoryError, StopIteration, EOFError, PanicException]


@pytest.fixture
def run(monkeypatch, capsys):
    """The command line, in this process: (stdout, stderr, exit code)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["multitok", *arguments])
        with pytest.raises(SystemExit) as ended:
            entry.main()
        out, err = capsys.readouterr()
        return out, err, ended.value.code

    log = logging.getLogger("multitok")
    yield run
    log.handlers.clear()
    log.setLevel(logging.NOTSET)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A good and a bad file of each kind; what is bad about it, a test makes up."""
    monkeypatch.chdir(tmp_path)
    for name in ("good", "bad"):
        Path(f"{name}.txt").write_text(f"{name} words")
        Image.new("RGB", (64, 64)).save(f"{name}.png")
        Path(f"{name}.csv").write_text("a,b\n1,2\n3,4\n")
    multitok.get_tokenizer("o200k_base").encode(multitok.Text("bad words")).save("bad.npz")
    return tmp_path


def made_up(fault):
    raise fault("made up")


def said(fault, doing=""):
    """The words for a fault, behind the name of the input where there is one."""
    what, then = f"unexpected {fault.__name__}", "please report it; --debug shows where"
    if fault is MemoryError:
        what, then = "not enough memory", "free some, or take less at once"
    return f"{what}{f' while {doing} it' if doing else ''}: made up ({then})"


@pytest.fixture
def broken(monkeypatch):
    """Make a function fail for what is bad: a source of that name, or a text with the word."""

    def broken(target, fault):
        owner, _, name = target.rpartition(".")
        owner = _resolved(owner)
        real = vars(owner)[name]
        call = real.__func__ if isinstance(real, classmethod) else real

        def fails(*given, **words):
            if any(_is_bad(one) for one in given):
                made_up(fault)
            return call(*given, **words)

        monkeypatch.setattr(
            owner, name, classmethod(fails) if isinstance(real, classmethod) else fails
        )

    return broken


def _resolved(path):
    from importlib import import_module

    module, _, cls = path.partition(":")
    found = import_module(module)
    return getattr(found, cls) if cls else found


def _is_bad(given):
    said = (getattr(given, "name", ""), getattr(given, "text", ""), given)
    return any(isinstance(one, str | Path) and "bad" in str(one) for one in said)


READ = "multitok.loaders.text.examine"
LOAD = "multitok.loaders.text.load"
COUNT = "multitok.modalities.text.bpe:BpeTokenizer.breakdown"
ENCODE = "multitok.modalities.text.bpe:BpeTokenizer.encode"

BATCHES = [
    (READ, "reading", ("count", "bad.txt", "good.txt", "-m", "gpt-4o")),
    (READ, "reading", ("count", "-r", ".", "-m", "gpt-4o")),
    (COUNT, "counting", ("count", "bad.txt", "good.txt", "-m", "gpt-4o")),
    (COUNT, "counting", ("count", "bad.txt", "good.txt", "-m", "gpt-4o", "--json")),
    (COUNT, "counting", ("count", "bad.txt", "good.txt", "-m", "gpt-4o", "--jsonl")),
    ("multitok.budgets.files.read_as", "working on",
     ("count", "bad.txt", "good.txt", "-m", "gpt-4o", "--bound")),
    (READ, "reading", ("inspect", "bad.txt", "good.txt")),
    (LOAD, "reading", ("inspect", "bad.txt", "good.txt", "-t", "o200k_base")),
    (COUNT, "counting", ("inspect", "bad.txt", "good.txt", "-m", "gpt-4o", "-m", "gpt-4")),
    (ENCODE, "working on", ("inspect", "bad.txt", "good.txt", "-t", "o200k_base")),
    (READ, "reading", ("efficiency", "bad.txt", "good.txt", "-t", "o200k_base")),
    (COUNT, "counting", ("efficiency", "bad.txt", "good.txt", "-t", "o200k_base")),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize(("where", "doing", "command"), BATCHES, ids=lambda value: str(value)[:60])
def test_a_batch_goes_on(run, folder, broken, where, doing, command, fault):
    broken(where, fault)
    out, err, code = run(*command)
    assert f"multitok: bad.txt: {said(fault, doing)}" in err.replace("./", "").splitlines()
    assert "good.txt" in out
    assert code == 2


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_check_goes_on_and_fails_with_2_not_with_1(run, folder, broken, fault):
    broken(COUNT, fault)
    out, err, code = run("check", "bad.txt", "good.txt", "--max-tokens", "4", "-m", "gpt-4o")
    assert err == f"failed  bad.txt: {said(fault, 'counting')}\n"
    assert (out, code) == ("2 files checked, 1 failed\n", 2)


def test_a_check_of_a_folder_does_not_skip_what_was_not_foreseen(run, folder, broken):
    broken("multitok.budgets.files.read_as", ZeroDivisionError)
    _, err, code = run("check", ".", "--max-tokens", "9", "-m", "gpt-4o")
    assert "failed  ./bad.txt: unexpected ZeroDivisionError while checking it: made up" in err
    assert code == 2


SINGLES = [
    (READ, "bad.txt", "reading", ("compare", "bad.txt", "-m", "gpt-4o")),
    (COUNT, "bad.txt", "counting", ("compare", "bad.txt", "-m", "gpt-4o", "-m", "claude-opus-5")),
    ("multitok.loaders.image.examine", "bad.png", "reading",
     ("fit", "bad.png", "-m", "gpt-4o", "--max-tokens", "500")),
    (LOAD, "bad.txt", "reading", ("encode", "bad.txt", "-t", "o200k_base")),
    (ENCODE, "bad.txt", "encoding", ("encode", "bad.txt", "-t", "o200k_base")),
    ("multitok.core.token_files.read", "bad.npz", "reading", ("decode", "bad.npz")),
    (LOAD, "bad.txt", "reading",
     ("truncate", "bad.txt", "--max-tokens", "1", "-t", "o200k_base")),
    (ENCODE, "bad.txt", "cutting",
     ("truncate", "bad.txt", "--max-tokens", "1", "-t", "o200k_base")),
    (LOAD, "bad.txt", "reading", ("split", "bad.txt", "--max-tokens", "1", "-t", "o200k_base")),
    (LOAD, "bad.txt", "reading", ("train", "bpe", "good.txt", "bad.txt", "-o", "made.json")),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize(
    ("where", "name", "doing", "command"), SINGLES, ids=lambda value: str(value)[:60]
)
def test_one_input_is_one_line_and_exit_2(run, folder, broken, where, name, doing, command, fault):
    broken(where, fault)
    _, err, code = run(*command)
    assert err == f"multitok: {name}: {said(fault, doing)}\n"
    assert code == 2


def test_a_split_that_fails_on_the_way_is_one_line_and_exit_2(run, folder, broken):
    broken(ENCODE, ZeroDivisionError)
    _, err, code = run("split", "bad.txt", "--max-tokens", "1", "-t", "o200k_base")
    assert err.startswith("multitok: bad.txt: unexpected ZeroDivisionError while cutting it: ")
    assert code == 2


REQUEST = {
    "model": "gpt-4o",
    "messages": [
        {"role": "user", "content": "good words"},
        {"role": "user", "content": "bad ones"},
    ],
}


def of_part(fault):
    return f"messages[1].content: {said(fault, 'counting')}"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_part_of_a_request_is_unknown_and_the_others_are_counted(run, folder, broken, fault):
    """2 words and 4 for the frame of each of 2 messages and the answer, whose role is a token."""
    broken("multitok.modalities.text.bpe:BpeTokenizer.count", fault)
    Path("request.json").write_text(json.dumps(REQUEST))
    out, err, code = run("request", "request.json", "--json")
    parts = {part["path"]: part for part in json.loads(out)["parts"]}
    assert parts["messages[0].content"]["tokens"] == 2
    assert parts["messages[1].content"]["notes"] == [of_part(fault)]
    assert err == f"multitok: {of_part(fault)}\n"
    assert code == 2


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_request_that_cannot_be_parsed_is_an_error_of_ours(run, folder, monkeypatch, fault):
    monkeypatch.setattr("multitok.requests.whole.parse", lambda *given: made_up(fault))
    Path("request.json").write_text(json.dumps(REQUEST))
    _, err, code = run("request", "request.json")
    assert err == f"multitok: the request: {said(fault, 'reading')}\n"
    assert code == 2


def test_a_line_of_a_log_is_told_and_the_others_are_compared(run, folder, broken):
    broken("multitok.modalities.text.bpe:BpeTokenizer.count", ZeroDivisionError)
    good = {"model": "gpt-4o", "messages": REQUEST["messages"][:1]}
    lines = [json.dumps({"request": one, "usage": {"prompt_tokens": 9}}) for one in (REQUEST, good)]
    Path("log.jsonl").write_text("\n".join(lines))
    out, _, code = run("reconcile", "log.jsonl", "--json")
    first, second = json.loads(out)["requests"]
    assert first["why"] == f"messages[1].content is unknown: {of_part(ZeroDivisionError)}"
    assert second["counted"] == 9
    assert code == 2


class Client:
    """Of the shape of OpenAI's."""

    sent = 0

    @property
    def chat(self):
        return self

    completions = chat

    def create(self, **payload):
        self.sent += 1
        return {"usage": {"prompt_tokens": 9}}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_guard_raises_its_own_errors_only(broken, fault):
    broken("multitok.modalities.text.bpe:BpeTokenizer.count", fault)
    client = Client()
    with pytest.raises(multitok.BudgetExceeded) as refused:
        multitok.guard(client, max_cost=1).chat.completions.create(**REQUEST)
    assert of_part(fault) in str(refused.value)
    assert client.sent == 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_guard_whose_prices_fail_raises_an_error_of_ours(monkeypatch, fault):
    monkeypatch.setattr("multitok.requests.costs.price_for", lambda name: made_up(fault))
    with pytest.raises(MultitokError, match=re.escape(said(fault, "counting"))):
        multitok.guard(Client(), max_cost=1).chat.completions.create(**REQUEST)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_an_answer_that_was_paid_for_is_never_lost(monkeypatch, fault):
    monkeypatch.setattr("multitok.requests.guarding.usage_of", lambda answer: made_up(fault))
    client = multitok.guard(Client(), max_tokens=100)
    assert client.chat.completions.create(**REQUEST) == {"usage": {"prompt_tokens": 9}}
    assert [call.billed for call in client.guard.calls] == [None]


def test_an_error_of_the_client_itself_passes_as_it_is(monkeypatch):
    monkeypatch.setattr(Client, "create", lambda self, **payload: made_up(ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        multitok.guard(Client(), max_tokens=100).chat.completions.create(**REQUEST)


CONFIGS = [
    ("multitok.budgets.limits._settings",
     ("check", "good.txt", "--config", "bad.toml", "--max-tokens", "9", "-m", "gpt-4o")),
    ("multitok.catalog.rows.read_rows",
     ("count", "good.txt", "-m", "gpt-4o", "--catalog", "bad.toml")),
    ("multitok.catalog.from_hf.Folder", ("models", "--from-hf", "bad")),
    ("multitok.requests.calibration._read_calibration",
     ("request", "request.json", "--calibration", "bad.toml")),
    ("multitok.requests.template._open", ("request", "request.json", "--template", "bad")),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize(("where", "command"), CONFIGS, ids=lambda value: str(value)[:60])
def test_a_config_is_named(run, folder, monkeypatch, where, command, fault):
    Path("bad.toml").write_text("")
    Path("bad").mkdir()
    Path("request.json").write_text(json.dumps(REQUEST))
    monkeypatch.setattr(where, lambda *given: made_up(fault))
    _, err, code = run(*command)
    name = next(word for word in command if word.startswith("bad"))
    assert err == f"multitok: {name}: {said(fault, 'reading')}\n"
    assert code == 2


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_that_no_input_explains_is_one_line_and_exit_70(run, monkeypatch, fault):
    monkeypatch.setattr("multitok.catalog.load.Catalog.models", lambda known: made_up(fault))
    out, err, code = run("models")
    assert (out, err, code) == (
        "",
        f"multitok: {said(fault)}\n",
        70,
    )


def test_debug_shows_where(run, folder, broken):
    broken(READ, ZeroDivisionError)
    _, err, code = run("--debug", "count", "bad.txt", "good.txt", "-m", "gpt-4o")
    assert "in made_up" in err
    assert "ZeroDivisionError: made up" in err
    assert code == 2


def test_debug_by_the_environment_shows_where_a_fault_of_ours_is(run, monkeypatch):
    monkeypatch.setenv("MULTITOK_DEBUG", "1")
    monkeypatch.setattr("multitok.catalog.load.Catalog.models", lambda known: made_up(KeyError))
    _, err, code = run("models")
    assert "in made_up" in err
    assert code == 70


@pytest.fixture
def locked(folder, monkeypatch):
    """A folder that may not be read, between two files."""
    real = os.scandir

    def scandir(path):
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    Path("locked").mkdir()
    monkeypatch.setattr(os, "scandir", scandir)


def test_an_unreadable_folder_is_told_and_the_rest_is_counted(run, locked):
    out, err, code = run("count", "-r", ".", "-t", "bytes", "--as", "text", "--jsonl")
    lines = {line["input"]: line for line in map(json.loads, out.splitlines())}
    assert lines["./locked"] == {"input": "./locked", "error": "./locked: permission denied"}
    assert lines["./good.txt"]["tokens"] == len("good words")
    assert "multitok: ./locked: permission denied\n" in err
    assert code == 2


def test_an_unreadable_folder_is_told_and_the_rest_is_checked(run, locked):
    out, err, code = run("check", ".", "--max-tokens", "500", "-m", "gpt-4o")
    assert err == "failed  ./locked: permission denied\n"
    assert out.startswith("7 files checked, 1 failed, ")
    assert code == 2


def test_jsonl_has_a_line_for_each_failure(run, folder):
    out, err, code = run("count", "gone.txt", "good.png", "-t", "o200k_base", "--jsonl")
    lines = [json.loads(line) for line in out.splitlines()]
    message = "good.png: tokenizer 'bpe' counts text, not image. See: multitok tokenizers"
    assert lines == [
        {"input": "gone.txt", "error": "gone.txt: no such file"},
        {"input": "good.png", "error": message},
    ]
    assert err == f"multitok: gone.txt: no such file\nmultitok: {message}\n"
    assert code == 2


def test_a_failure_for_one_model_of_several_names_it(run, folder):
    command = ("count", "good.csv", "-m", "gpt-4o", "-m", "chronos", "--as", "series", "--json")
    document = json.loads(run(*command[:4], "-m", "gpt-4", *command[6:])[0])
    assert [(one["input"], one["model"]) for one in document["errors"]] == [
        ("good.csv", "gpt-4o"),
        ("good.csv", "gpt-4"),
    ]


def test_the_file_stands_in_front_of_an_error_about_its_content(run, folder):
    out, err, code = run("count", "good.csv", "-m", "gpt-4o", "--as", "series")
    assert err == (
        "multitok: good.csv: no rule for series with model 'gpt-4o':"
        " gpt-4o takes text and image and pdf. To count a file of text as text, pass --as text\n"
    )
    assert (out, code) == ("", 2)


def test_a_data_url_is_named_once_and_without_its_data(run, folder):
    _, err, code = run("count", "data:image/png;base64,iVBORw0KGgo=", "-m", "gpt-4o")
    assert (err, code) == (
        "multitok: data:image/png;base64: damaged PNG header: cut short\n", 2
    )  # fmt: skip


def test_ctrl_c_is_130(run, monkeypatch):
    monkeypatch.setattr(
        "multitok.catalog.load.Catalog.models", lambda known: made_up(KeyboardInterrupt)
    )
    assert run("models") == ("", "", 130)


def test_ctrl_c_while_the_command_line_is_imported_is_130(run, monkeypatch):
    monkeypatch.setattr(entry, "_run", lambda: made_up(KeyboardInterrupt))
    assert run("models") == ("", "", 130)


def test_while_a_library_learns_ctrl_c_ends_the_process(run, folder, monkeypatch):
    from multitok.cli import train

    def learn(items, out, **settings):
        handlers.append(signal.getsignal(signal.SIGINT))
        made_up(MediaError)

    handlers = []
    monkeypatch.setitem(train.TEXT, "bpe", (learn, ()))
    monkeypatch.setitem(train.KINDS, "bpe", (learn, ()))
    before = signal.getsignal(signal.SIGINT)
    run("train", "bpe", "good.txt", "-o", "made.json")
    assert handlers == [signal.SIG_DFL]
    assert signal.getsignal(signal.SIGINT) is before


STREAMS = [
    ("multitok count good.txt -m gpt-4o >&-", 0),
    ("multitok count good.txt -m gpt-4o >&- 2>&- <&-", 0),
    ("multitok count gone.txt -m gpt-4o 2>&-", 2),
    ("multitok count - -m gpt-4o <&-", 2),
    ("multitok truncate --max-tokens 5 -m gpt-4o <&-", 2),
    ("multitok inspect good.txt >&-", 0),
    ("multitok models >&-", 0),
    ("multitok --version >&-", 0),
    ("multitok cuont 2>&-", 2),
    ("multitok count good.txt good.png good.txt -m gpt-4o --jsonl | head -1 >/dev/null;"
     " exit ${PIPESTATUS[0]}", 0),
    ("multitok inspect good.txt | true; exit ${PIPESTATUS[0]}", 0),
]  # fmt: skip


@pytest.mark.parametrize(("command", "code"), STREAMS, ids=lambda value: str(value))
def test_a_closed_stream_is_no_fault(folder, command, code):
    script = f'multitok() {{ "{sys.executable}" -m multitok "$@"; }}\n{command}'
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment)
    assert "Traceback" not in ran.stderr
    assert "unexpected" not in ran.stderr
    assert ran.returncode == code


def test_what_is_opened_next_never_takes_the_place_of_a_closed_stream(folder):
    """An error written to stream 2 would land in a file that got its number."""
    code = (
        f"import os, sys; sys.path.insert(0, {str(SRC)!r}); os.close(2); sys.stderr = None;"
        "from multitok.__main__ import _open_standard_streams as fill; fill();"
        "print(os.open('good.txt', os.O_RDONLY) > 2, sys.stderr.isatty())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout == "True False\n"


def test_the_system_s_refusal_is_no_fault_of_ours():
    with pytest.raises(SourceError) as told, boundary.boundary("reading", "a.png"):
        raise PermissionError(13, "Permission denied", "a.png")
    assert str(told.value) == "a.png: permission denied"
    with pytest.raises(SourceError) as told, boundary.boundary("reading", "a.png"):
        raise PermissionError(13, "Permission denied", "vocabulary.json")
    assert str(told.value) == "a.png: vocabulary.json: permission denied"


@pytest.mark.parametrize("passing", [KeyboardInterrupt, SystemExit, GeneratorExit, BrokenPipeError])
def test_orders_to_stop_pass(passing):
    with pytest.raises(passing), boundary.boundary("reading", "a.png"):
        raise passing


def test_an_error_of_ours_passes_and_a_shape_s_gets_the_name_once():
    door = boundary.boundary("reading", "a.npy", naming=True)
    with pytest.raises(MediaError) as told, door, door:
        multitok.SeriesInfo(-3)
    assert str(told.value) == "a.npy: series steps must be at least 0, got -3"


def test_an_error_of_pages_is_told_in_a_line():
    with pytest.raises(UnexpectedError) as told, boundary.boundary("reading", "a.npy"):
        raise ValueError("line\n" * 1000)
    assert len(str(told.value)) < 250
    assert "\n" not in str(told.value)

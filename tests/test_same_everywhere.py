"""What `count` takes, the other commands and the library take too, and to the same number."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pytest
from click.testing import CliRunner
from clips import clip, tone
from heifs import box, ftyp, meta
from pictures import exif, frames, quadrants, saved

import multitok
from multitok.cli import COMMANDS, multitok as cli
from multitok.cli.reading import _READING, Reading, reading_options
from multitok.core.errors import MultitokError

SAMPLES = Path(__file__).parent.parent / "samples"
KINDS = {"photo.jpg", "clip.mp4", "melody.flac", "multilingual.txt", "arm.csv", "sunspots.csv"}


def numbers(save):
    file = io.BytesIO()
    save(file, np.sin(np.arange(60.0)).reshape(20, 3))
    return file.getvalue()


MADE = {
    "turned.png": saved("PNG", quadrants(300, 200), exif=exif(6)),
    "moving.gif": saved("GIF", frames()[0], save_all=True, append_images=frames()[1:], loop=0),
    "cut.webp": saved("WEBP")[:-9],
    "page.pdf": saved("PDF"),
    "boxed.heif": ftyp(b"avci", b"mif1") + meta(640, 480) + box(b"mdat", bytes(9)),
    "latin.txt": "café\n".encode("latin-1") * 20,
    "wide.csv": "a,b\n1,2\n3,4\n".encode("utf-16"),
    "odd.csv": b"a,b\nx,2\n",
    "rows.npy": numbers(np.save),
    "rows.npz": numbers(np.savez),
    "nothing.png": b"",
    "noise.bin": bytes(range(1, 255)) * 2,
}
CLIPS = {
    "heard.mkv": lambda path: clip(path, sound="aac"),
    "tone.wav": lambda path: tone(path, "pcm_s16le"),
    "tone.ogg": lambda path: tone(path, "libopus", rate=48_000),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for name, data in MADE.items():
        (folder / name).write_bytes(data)
    for name, make in CLIPS.items():
        make(folder / name)
    for name in KINDS:
        (folder / name).write_bytes((SAMPLES / name).read_bytes())
    return folder


ASKED = [
    {}, {"modality": "text"}, {"modality": "image"}, {"modality": "video"}, {"modality": "audio"},
    {"modality": "series"}, {"modality": "actions"}, {"encoding": "latin-1"}, {"columns": ("0",)},
    {"start": 0.2}, {"end": 0.5}, {"hz": 20.0}, {"strict": True},
]  # fmt: skip
WHO = [
    {"model": "gpt-4o"}, {"model": "gemini-2.5-flash"}, {"model": "Qwen/Qwen2.5-Omni-7B"},
    {"tokenizer": "patch"}, {"tokenizer": "bytes"}, {"tokenizer": "chronos-bolt"},
    {"tokenizer": "action-bins"}, {"tokenizer": "log-mel"},
]  # fmt: skip


def words(asked):
    """The options of the command line for keywords of the library."""
    found = []
    for name, value in asked.items():
        found.append({"modality": "--as"}.get(name, f"--{name}"))
        if value is not True:
            found.append(",".join(value) if isinstance(value, tuple) else str(value))
    return found


def said(command, path, who, asked, *more):
    """What a command says of one file, as JSON; None where it refuses it by an error."""
    done = CliRunner().invoke(
        cli, [command, str(path), *words(who), *words(asked), *more, "--json"]
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        assert isinstance(done.exception, MultitokError), done.exception
        return None
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def counted(path, who, asked):
    """Tokens, and why the API would reject them, by `count`; (None, ...) where it refuses."""
    found = said("count", path, who, asked)
    [one] = found["counts"] if found and found["counts"] else [{}]
    return one.get("tokens"), one.get("rejected", [])


def compared(path, who, asked):
    found = said("compare", path, who, asked)
    return found["rows"][0].get("tokens") if found else None


def inspected(path, who, asked):
    found = said("inspect", path, who, asked)
    return found["inputs"][0]["rows"][0].get("tokens") if found and found["inputs"] else None


def checked(path, who, asked):
    """With a limit of 0 nothing is proven by its size: all that is taken is counted."""
    found = said("check", path, who, asked, "--max-tokens", "0")
    return found["files"][0].get("tokens") if found else None


def of_library(path, who, asked):
    try:
        return multitok.count(path, **who, **asked).tokens
    except MultitokError:
        return None


@pytest.mark.parametrize("who", WHO, ids=lambda who: next(iter(who.values())))
@pytest.mark.parametrize("name", sorted([*MADE, *CLIPS, *KINDS]))
def test_every_command_counts_what_count_counts(name, who, files):
    path = files / name
    for asked in ASKED:
        tokens, rejected = counted(path, who, asked)
        others = {"library": of_library, "inspect": inspected}
        if "model" in who:
            others["compare"] = compared
        if not rejected:  # a check fails for what the API rejects
            others["check"] = checked
        found = {by: ask(path, who, asked) for by, ask in others.items()}
        assert found == dict.fromkeys(found, tokens), asked


@pytest.mark.parametrize(
    ("name", "tokenizer"),
    [
        ("turned.png", "patch"), ("photo.jpg", "patch"), ("cut.webp", "patch"),
        ("latin.txt", "bytes"), ("multilingual.txt", "bytes"), ("arm.csv", "bytes"),
        ("arm.csv", "action-bins"), ("tone.wav", "log-mel"), ("melody.flac", "log-mel"),
        ("heard.mkv", "log-mel"), ("rows.npy", "sax"),
    ],
)  # fmt: skip
def test_encode_makes_what_count_counts(name, tokenizer, files):
    """Of what both take; what is cut short is told by its header, and not decoded."""
    made = 0
    for asked in ASKED:
        tokens = of_library(files / name, {"tokenizer": tokenizer}, asked)
        try:
            encoded = multitok.encode(files / name, tokenizer=tokenizer, **asked)
        except MultitokError:
            assert tokens is None or name == "cut.webp", asked
            continue
        assert len(encoded) == tokens, asked
        made += 1
    assert made or name == "cut.webp"


READERS = {"count", "check", "compare", "inspect", "encode", "fit", "efficiency"}
OTHERS = {
    "decode": set(), "reconcile": set(), "request": set(), "prices": set(), "models": set(),
    "economics": set(), "serve": set(), "mcp": set(), "scan": {"--as", "--id", "--strict"},
    "tokenize": {"--as", "--id", "--strict"}, "pack": {"--strict"},
    "tokenizers": set(), "doctor": set(), "truncate": {"--encoding"}, "split": {"--encoding"},
    "completion": set(), "train": {"--columns", "--episode", "--time", "--id", "--rows-are-series"},
}  # fmt: skip


def test_commands_that_read_sources_share_one_set_of_options():
    known = {name for name, _ in _READING}
    context = click.Context(cli)
    for name in COMMANDS:
        params = cli.get_command(context, name).params
        taken = {
            opt for param in params if not getattr(param, "hidden", False) for opt in param.opts
        } & known
        assert (name, taken) == (name, known if name in READERS else OTHERS[name])


def test_fps_is_of_the_frames_in_a_folder_and_else_of_the_request():
    read: dict[str, SimpleNamespace] = {}

    @click.command()
    @reading_options
    def command(reading: Reading) -> None:
        read["asked"] = reading

    CliRunner().invoke(command, ["--fps", "2", "--start", "1"])
    asked = read["asked"]
    assert asked.words(folders=True) == {"start": 1.0, "fps": 2.0}
    assert asked.words(folders=False) == {"start": 1.0}
    assert (asked.asked((), folders=True), asked.asked((), folders=False)) == ({}, {"fps": 2.0})


def test_a_check_takes_a_folder_of_frames_as_a_count_does(tmp_path):
    for number, frame in enumerate(frames(4)):
        frame.save(tmp_path / f"{number}.png")
    model = "Qwen/Qwen2.5-VL-7B-Instruct"
    tokens = counted(tmp_path, {"model": model}, {"fps": 2})[0]
    assert tokens > 0
    assert checked(tmp_path, {"model": model}, {"fps": 2}) == tokens
    [one] = multitok.check(tmp_path, max_tokens=0, model=model, fps=2)
    assert (one.status, one.tokens) == ("over", tokens)

"""multitok train: a tokenizer from your own data."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from multitok import train as training
from multitok.cli import options as opt, printing
from multitok.cli.outputs import Output, on_stdout
from multitok.cli.reading import table_options
from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError
from multitok.core.info import Modality
from multitok.loaders.door import load
from multitok.loaders.folders import files_in
from multitok.loaders.probed import ReadWords
from multitok.loaders.sniff import by_suffix
from multitok.loaders.source import source_of
from multitok.report.catalogue import render_trained, trained_to_dict
from multitok.report.safe import shown

TEXT: dict[str, tuple[Callable[..., training.Trained], tuple[str, ...]]] = {
    "bpe": (training.train_bpe, ("vocab_size", "special")),
    "unigram": (training.train_unigram, ("vocab_size", "special")),
    "wordpiece": (training.train_wordpiece, ("vocab_size",)),
}
MOTION: dict[str, tuple[Callable[..., training.Trained], tuple[str, ...]]] = {
    "fast": (training.train_fast, ("vocab_size", "horizon", "scale")),
    "kmeans": (training.train_kmeans, ("codes", "horizon")),
    "rvq": (training.train_rvq, ("codes", "layers", "horizon")),
}
SERIES: dict[str, tuple[Callable[..., training.Trained], tuple[str, ...]]] = {
    "series-bpe": (training.train_series_bpe, ("vocab_size", "bins")),
}
PICTURES: dict[str, tuple[Callable[..., training.Trained], tuple[str, ...]]] = {
    "dct-bpe": (training.train_dct_bpe, ("vocab_size",)),
    "patch-kmeans": (training.train_patch_kmeans, ("codes", "patch")),
    "patch-rvq": (training.train_patch_rvq, ("codes", "layers", "patch")),
}
SOUNDS: dict[str, tuple[Callable[..., training.Trained], tuple[str, ...]]] = {
    "mdct-bpe": (training.train_mdct_bpe, ("vocab_size",)),
}
KINDS = {**TEXT, **MOTION, **SERIES, **PICTURES, **SOUNDS}
LEARNS: dict[Modality, tuple[Iterable[str], str]] = {
    "text": (TEXT, "lines"),
    "actions": (MOTION, "trajectories"),
    "series": (SERIES, "series"),
    "image": (PICTURES, "pictures"),
    "audio": (SOUNDS, "sounds"),
}
"""The kinds that learn from each modality, and what it is counted in."""


def _format(words: dict[str, Any]) -> str:
    """What a kind is kept as: codebooks are arrays, all else is a tokenizer.json."""
    return "NPZ" if words["kind"].endswith(("kmeans", "rvq")) else "JSON"


@click.command(short_help="A tokenizer trained on your own data.")
@click.argument("kind", type=click.Choice(list(KINDS)))
@opt.sources_argument
@opt.out_option(Output(_format), "The file of the tokenizer.", required=True)
@opt.force_option
@click.option(
    "--vocab-size",
    type=click.IntRange(min=2),
    help="Ids: 8000 for text, 16384 for pictures and sound, else 1024.",
)
@click.option("--special", multiple=True, help="A special token of a text vocabulary.")
@click.option("--horizon", type=click.IntRange(min=1), help="Steps in a chunk of movement.")
@click.option("--scale", type=click.FloatRange(min=0, min_open=True), help="How fine FAST is.")
@click.option("--codes", type=click.IntRange(min=2), help="Codes in a codebook: 256.")
@click.option("--layers", type=click.IntRange(min=1), help="Codebooks of rvq: 2.")
@click.option("--patch", type=click.IntRange(1, 256), help="Pixels of the side of a patch: 8.")
@click.option("--bins", type=click.IntRange(min=2), help="Bins of series-bpe: 64.")
@table_options
@opt.json_option
def train(
    kind: str,
    sources: tuple[str, ...],
    out: str,
    read: ReadWords,
    as_json: bool,
    **settings: Any,
) -> None:
    """Learn a tokenizer from files: the same input gives the same file.

    \b
    multitok train bpe notes/*.txt -o tokenizer.json --vocab-size 4000
    multitok train fast episodes/*.csv -o tokenizer.json --horizon 50
    multitok train fast DATASET -o tokenizer.json            all episodes of a LeRobot folder
    multitok train rvq episodes/*.csv -o codes.npz --codes 256 --layers 4
    multitok train dct-bpe FOLDER -o pictures.json           all pictures of a folder
    multitok train mdct-bpe FOLDER -o sounds.json            all sounds of a folder
    multitok train patch-rvq FOLDER -o codes.npz --layers 4
    """
    function, takes = KINDS[kind]
    given = {name: value for name, value in settings.items() if value not in (None, ())}
    for name in given:
        if name not in takes:
            allowed = ", ".join("--" + word.replace("_", "-") for word in takes)
            raise click.UsageError(f"{kind} has no --{name.replace('_', '-')}. It takes: {allowed}")
    sources = opt.given(sources)
    if not sources:
        raise click.UsageError("nothing to learn from: name a file, or - for stdin")
    if on_stdout(out) and kind not in TEXT:
        raise click.UsageError(f"{kind} is read back when it is made: name a file, not stdout")
    modality, what = next((one, word) for one, (kinds, word) in LEARNS.items() if kind in kinds)
    if read and modality in ("text", "image", "audio"):
        word = next(iter(read)).replace("_", "-")
        learns = "text" if modality == "text" else what
        raise click.UsageError(f"{kind} has no --{word}: it learns from {learns}")
    if modality == "actions":
        read.setdefault("episode", "all")
    if modality in ("image", "audio"):
        sources = tuple(_files(sources, modality, what.removesuffix("s")))
    with _progress(len(sources)) as step, _stoppable(), boundary("training on", _named(sources)):
        items = _items(sources, modality, read, step)
        at_once = modality in ("actions", "series")
        made = function(list(items) if at_once else items, out, **given)
    if as_json:
        printing.echo_json(trained_to_dict(made))
    else:
        printing.echo(render_trained(made, what), err=on_stdout(out))


def _items(
    sources: Sequence[str], modality: Modality, read: ReadWords, step: Callable[[str], None]
) -> Iterator[Any]:
    """The lines of texts, or one medium a file, as they are asked for."""
    for source in sources:
        step(source)
        media: Any = load(source_of(source), modality=modality, **read)
        if modality == "text":
            yield from media.text.splitlines(keepends=True)
        else:
            yield media


def _files(sources: Sequence[str], modality: Modality, what: str) -> Iterator[str]:
    """The files that are named, and of folders those of this modality by their names."""
    for source in sources:
        if not os.path.isdir(source):
            yield source
            continue
        found = [
            path
            for path in files_in(source, _unread)
            if (by_suffix(path) or ("", ""))[0] == modality
        ]
        if not found:
            raise click.UsageError(f"{source}: no {what} in this folder")
        yield from found


def _unread(path: str, error: MultitokError) -> None:
    raise error


def _named(sources: Sequence[str]) -> str:
    return sources[0] if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} more"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C ends the process at once: while a library learns, for minutes, Python's own handler
    would not be asked."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, nothing where stderr goes elsewhere."""
    if not sys.stderr.isatty():
        yield lambda source: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total + 1)
        bar.console.show_cursor()  # a bar that is killed could not bring it back

        def step(source: str) -> None:
            bar.update(task, advance=1, description=escape(shown(source)))

        yield step

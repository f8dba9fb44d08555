"""multitok count: tokens of files, stdin, a text or a size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from typing import Any, NamedTuple

import click

from multitok.cli import options as opt, printing
from multitok.cli.reading import Reading, reading_options
from multitok.cli.tally import Input, Tally
from multitok.counting.counts import Count
from multitok.counting.door import count_subject
from multitok.counting.rules import modalities_of, own_options
from multitok.counting.subject import Subject
from multitok.report.counts import count_to_dict, counts_to_dict, render_counts, render_notes


@click.command(short_help="Tokens of files, stdin, a text or a size.")
@opt.sources_argument
@click.option("--text", "texts", multiple=True, help="Count this text itself.")
@click.option("-r", "--recursive", is_flag=True, help="The files of folders; .gitignore holds.")
@opt.size_option
@opt.model_option
@opt.tokenizer_option
@opt.settings_option
@reading_options
@opt.catalog_option
@opt.cost_option
@click.option("--top", type=click.IntRange(min=1), help="Show the so many largest, as a tree.")
@click.option(
    "--min-tokens", "least", type=click.IntRange(min=1), help="Show what has as many, as a tree."
)
@click.option("--bound", is_flag=True, help="What it cannot exceed, by its size: no vocabulary.")
@opt.without_out
@opt.quiet_option
@opt.json_option
@opt.jsonl_option
def count(
    sources: tuple[str, ...],
    texts: tuple[str, ...],
    recursive: bool,
    sizes: tuple[Any, ...],
    models: tuple[str, ...],
    tokenizer: str | None,
    settings: opt.Settings,
    reading: Reading,
    catalog: tuple[str, ...],
    cost: bool,
    top: int | None,
    least: int | None,
    bound: bool,
    quiet: bool,
    as_json: bool,
    as_lines: bool,
) -> None:
    """Tokens of files, stdin, a text or a size, for a model or a tokenizer.

    \b
    multitok count report.md -m gpt-4o
    multitok count *.png -m claude-opus-5 -s detail=high
    multitok count -r docs -m gpt-5 --top 10          a tree, with a total a folder
    multitok count photo.jpg -m gpt-5.4 -m gpt-4o --cost
    multitok count --size 1920x1080 -m gpt-5.4 -q
    multitok count --text "hello world" -t o200k_base
    """
    sources = opt.given(sources, texts, sizes)
    if not (sources or texts or sizes):
        raise click.UsageError("nothing to count: name a file, - for stdin, --text or --size")
    models = opt.named(models, tokenizer)
    if not models and tokenizer is None:
        raise click.UsageError(
            "name a model (-m gpt-4o) or a tokenizer (-t o200k_base). See: multitok models"
        )
    showing = Showing(cost, recursive or bool(top or least), top, least or 0)
    showing.check(models, tokenizer, quiet=quiet, as_lines=as_lines)
    takes = modalities_of(models, tokenizer, catalog, (*sizes, *sources))
    tally = Tally(as_lines=as_lines)
    inputs = _inputs(_expanded(sources, takes, tally) if recursive else sources, texts, sizes)
    if not inputs and not tally.errors:
        raise click.UsageError("nothing to count: no file is in these folders")
    words: Any = {"models": models or (None,), "tokenizer": tokenizer, "files": catalog}
    if bound:
        found = _bounds(inputs, tally, encoding=reading.encoding, **words)
    else:
        counts: Callable[..., Count] = count_subject
        if recursive or len(inputs) > 1:
            counts = _count_one_of_many
        found = _counts(inputs, tally, reading, settings, takes, counts, **words)
    counted = []
    for name, result in found:
        counted.append((name, result))
        if as_lines:
            printing.echo_line(count_to_dict(result, name, cost=cost))
    if not as_lines:
        paths = {given.name for given in inputs if isinstance(given.source, str)}
        showing.show(counted, paths, tally.errors, quiet=quiet, as_json=as_json)
    tally.exit()


class Showing(NamedTuple):
    """How counts are shown: with what they cost, in a list or a tree, and how much of that."""

    cost: bool
    tree: bool
    top: int | None
    least: int

    def check(self, models: Sized, tokenizer: str | None, *, quiet: bool, as_lines: bool) -> None:
        """UsageError where it does not go with the other options."""
        if quiet and len(models) > 1:
            raise click.UsageError("-q prints one number: name one model")
        if self.cost and tokenizer is not None:
            raise click.UsageError("a cost is a model's: name one (-m gpt-4o) in place of -t")
        if self.cost and quiet:
            raise click.UsageError("-q prints one number, the tokens: --cost goes without it")
        if (self.top or self.least) and (quiet or as_lines):
            raise click.UsageError("--top and --min-tokens choose what a tree shows, or --json")

    def show(
        self,
        counted: list[tuple[str, Count]],
        paths: set[str],
        errors: list[dict[str, Any]],
        *,
        quiet: bool,
        as_json: bool,
    ) -> None:
        """Counts on stdout, and their notes on stderr."""
        part: Any = {"top": self.top, "least": self.least}
        if quiet:
            if counted:
                printing.echo(str(sum(result.tokens for _, result in counted)))
        elif as_json and self.tree:
            from multitok.report.tree import tree_to_dict

            printing.echo_json(tree_to_dict(counted, paths, errors, cost=self.cost, **part))
        elif as_json:
            printing.echo_json(counts_to_dict(counted, errors, cost=self.cost))
        elif counted:
            words: Any = {"cost": self.cost, **printing.form()}
            if self.tree:
                from multitok.report.tree import render_tree

                printing.echo(render_tree(counted, paths, **part, **words))
            else:
                printing.echo(render_counts(counted, **words))
            notes = render_notes(counted, cost=self.cost, width=printing.columns_wanted())
            printing.echo(notes, err=True, nl=bool(notes))


def _expanded(sources: tuple[str, ...], takes: set[str], tally: Tally) -> tuple[str, ...]:
    """Folders replaced by their files; a data set of movement is one source."""
    import os

    from multitok.loaders.folders import files_in
    from multitok.loaders.source import is_data_set

    found: list[str] = []
    for source in sources:
        one = not os.path.isdir(source) or ("actions" in takes and is_data_set(source))
        found += [source] if one else files_in(source, tally.unread)
    return tuple(found)


def _counts(
    inputs: list[Input],
    tally: Tally,
    reading: Reading,
    settings: opt.Settings,
    takes: set[str],
    count: Callable[..., Count],
    *,
    models: tuple[str | None, ...],
    **words: Any,
) -> Iterator[tuple[str, Count]]:
    """Each input for each model, one after the other, by `count`."""
    for given in inputs:
        subject = tally.attempt(given, reading.subject, given.source, takes)
        if subject is None:
            continue
        options = reading.request(settings, subject)
        for model in models:
            asked = {"model": model, "options": options, **words}
            result = tally.attempt(given, count, subject, **asked)
            if result is not None:
                yield given.name, result


def _count_one_of_many(
    subject: Subject, *, model: str | None, options: Mapping[str, Any], **words: Any
) -> Count:
    """A count by the options that are its modality's."""
    own = own_options(options, subject.modality, model, words["files"])
    return count_subject(subject, model=model, options=own, **words)


def _bounds(
    inputs: list[Input], tally: Tally, *, models: tuple[str | None, ...], **words: Any
) -> Iterator[tuple[str, Count]]:
    """What each text cannot exceed, by its size."""
    from multitok.budgets.files import bound

    for given in inputs:
        for model in models:
            result = tally.attempt(given, bound, given.source, model=model, **words)
            if result is not None:
                yield given.name, result


def _inputs(
    sources: tuple[str, ...], texts: tuple[str, ...], sizes: tuple[Any, ...]
) -> list[Input]:
    """What to count in the order files, texts, sizes."""
    found = [Input.of(name) for name in sources]
    if texts:
        from multitok.core.media import Text

        found += [Input(_shortened(text), Text(text)) for text in texts]
    return found + [Input(f"{size.width}x{size.height}", size) for size in sizes]


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")

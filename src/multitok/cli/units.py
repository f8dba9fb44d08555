"""What commands share that work on a data set unit by unit: which data, by whom, and how far."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import click

from multitok.cli import options as opt, printing
from multitok.cli.progress import Bar
from multitok.core.errors import MultitokError
from multitok.datasets.planning import Shard
from multitok.datasets.scanned import Scan
from multitok.datasets.scanning import ENGINES, Engine, Progress
from multitok.loaders.source import source_of
from multitok.report.scans import progress_to_dict

F = TypeVar("F", bound=Callable[..., Any])


class ShardType(click.ParamType):  # type: ignore[type-arg]
    """3/16: the fourth of sixteen parts."""

    name = "K/N"

    def convert(self, value: Any, param: Any, ctx: Any) -> Shard:
        if isinstance(value, Shard):
            return value
        try:
            return Shard.of_text(value)
        except MultitokError as error:
            self.fail(str(error), param, ctx)


class Running(NamedTuple):
    """Who works on the units, and on which of them."""

    jobs: int | None
    timeout: float
    shard: Shard | None
    engine: Engine
    address: str | None
    fresh: bool
    retry: bool
    told: str

    def words(self) -> dict[str, Any]:
        """As `scan` and `tokenize` take them."""
        return {
            "workers": self.jobs, "timeout": self.timeout, "shard": self.shard or Shard(),
            "engine": self.engine, "address": self.address, "fresh": self.fresh,
            "retry": self.retry,
        }  # fmt: skip

    @contextmanager
    def progress(self, doing: str, out: str | None) -> Iterator[Lines | Bar]:
        """What tells how far it is, and, where it is stopped, that it can go on."""
        shown = Bar(doing) if self.told == "bar" else Lines(shown=self.told == "json")
        try:
            with shown:
                yield shown
        except KeyboardInterrupt:
            if out is not None:
                printing.say(f"stopped: what is done is in {out}, and the same command goes on")
            raise


running_options = opt.bundled(
    "running", Running,
    click.option(
        "-j", "--jobs", type=click.IntRange(min=0), help="Processes that do it; 0: this one."
    ),
    click.option(
        "--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True,
        help="Seconds that an item may take.",
    ),
    click.option("--shard", type=ShardType(), help="This part of the data: 3/16, from 0/16 on."),
    click.option(
        "--engine", type=click.Choice(ENGINES), default="local", help="Who runs the units."
    ),
    click.option("--address", metavar="URL", help="With --engine ray: its cluster."),
    click.option("--fresh", is_flag=True, help="All of it anew."),
    click.option("--retry", is_flag=True, help="Anew what has errors."),
    click.option(
        "--progress", "told", type=click.Choice(("bar", "json", "none")), default="bar",
        help="On stderr: a bar on a terminal, a line of JSON a unit, or nothing.",
    ),
)  # fmt: skip
"""The options that say who works on which units, handed on as one `running`."""


def files_from_option(function: F) -> F:
    return click.option(
        "--files-from", type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        metavar="FILE", help="Sources that are listed in a file, a line each; - is stdin.",
    )(function)  # fmt: skip


def text_column_option(function: F) -> F:
    return click.option(
        "--column", "text", multiple=True, metavar="NAME", help="The column that is text."
    )(function)


def id_option(function: F) -> F:
    return click.option("--id", "name", metavar="COLUMN", help="The column that names each item.")(
        function
    )


def strict_option(function: F) -> F:
    return click.option("--strict", is_flag=True, help="Exit 1 when an item could not be counted.")(
        function
    )


def exit_code(found: Scan, *, strict: bool, left_out: bool = False) -> int:
    """2 where what is named is not there, or is all that failed; 1, if that is asked for, for an
    item without a count, or without a place."""
    if found.unread or found.failed == found.rows > 0:
        return 2
    return int(strict and (left_out or found.failed > 0))


def listed(name: str | None) -> list[str]:
    """The lines of a file; its names are bytes, as those of all files are."""
    if name is None:
        return []
    return [os.fsdecode(line) for line in source_of(name).read().splitlines() if line]


class Lines:
    """Progress as lines of JSON on stderr, or not at all."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def told(self, progress: Progress) -> None:
        if self._shown:
            printing.echo_line(progress_to_dict(progress), err=True)

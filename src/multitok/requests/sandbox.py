"""The process that renders chat templates: `python -m multitok.requests.sandbox`.

A template is a program from somewhere else. It runs in jinja2's immutable sandbox, and that in a
process that can open nothing and that the kernel ends: no list of what is forbidden foresees each
expression that takes all memory, and no check of an interpreter's runs within one operation that
takes an hour.

A line of JSON has a template and how far it may go, the next what it renders, and a line answers.
What needs more memory than it may is an answer too; what takes longer ends the process, which tells
enough.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict

from multitok.core.boundary import LONGEST

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


class Asked(TypedDict):
    """A template, and the seconds of work, bytes of memory and characters that it may take."""

    template: str
    seconds: float
    memory: int
    characters: int


class Answer(TypedDict):
    """The text, or else why there is none; and whether the process is of no more use."""

    text: str | None
    why: str
    spent: bool


class _Beyond(Exception):
    """A template over a limit that is looked after here."""


def main() -> None:
    """Answer each two lines of stdin, until it is closed."""
    _load_all()
    base = _address_space()
    _close_doors()
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line), base)), flush=True)


def _answer(asked: Asked, base: int) -> Answer:
    values = json.loads(sys.stdin.readline())
    _limit(asked["seconds"], base + asked["memory"])
    try:
        text = rendered(asked["template"], values, asked["characters"])
        return {"text": text, "why": "", "spent": False}
    except MemoryError:
        return _refused(f"needs more than {asked['memory'] >> 20:,} MiB of memory", spent=True)
    except _Beyond as error:
        return _refused(str(error), spent=True)
    except Exception as error:  # a template is a program: it raises whatever it likes
        return _refused(f"failed: {str(error)[:LONGEST]}", spent=False)
    finally:
        _limit(0, None)


def _refused(why: str, *, spent: bool) -> Answer:
    return {"text": None, "why": why, "spent": spent}


def rendered(template: str, values: dict[str, Any], most: int) -> str:
    """The text, of `most` characters, as transformers makes it."""
    pieces: list[str] = []
    size = 0
    for piece in _compiled(template).generate(values):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise _Beyond(f"makes more than {most:,} characters")
    return "".join(pieces)


@lru_cache(maxsize=4)
def _compiled(template: str) -> Any:
    return environment().from_string(template)


@lru_cache(maxsize=1)
def environment() -> Any:
    """As transformers makes it, but for words by chance: no count of them would hold."""
    from jinja2 import nodes
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):  # type: ignore[misc]
        """`{% generation %}` marks what a model wrote, for training: here it says nothing."""

        tags = frozenset({"generation"})

        def parse(self, parser: Any) -> nodes.Node:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return nodes.Scope(body, lineno=line)

    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, Generation]
    )
    del made.globals["lipsum"], made.filters["random"]
    made.filters["tojson"] = _to_json
    made.globals["raise_exception"] = _raise
    made.globals["strftime_now"] = _now
    return made


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def _raise(message: str) -> None:
    raise ValueError(message)


def _now(form: str) -> str:
    return datetime.now().strftime(form)


def _load_all() -> None:
    """What jinja2 and Python read from disk when they first need it."""
    import html  # noqa: F401
    import pprint  # noqa: F401
    import textwrap  # noqa: F401

    datetime.now().astimezone()  # the time zone
    with suppress(ValueError):
        rendered("{{ 'a' ~ 1 | tojson }}{{ raise_exception('') }}", {}, 99)


def _close_doors() -> None:
    """From here on no file, no pipe and no connection can be opened, and no file grows."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks
    if resource is not None:
        for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
            resource.setrlimit(kind, (0, 0))


def _address_space() -> int:
    """Bytes that this process has taken without a template, where the system tells."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGESIZE")
    return 1 << 30


def _limit(seconds: float, space: int | None) -> None:
    """The kernel ends the process after `seconds` of work, 0 for never, and gives it no memory
    beyond `space`."""
    if resource is None:
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError, ValueError):  # macOS keeps no such limit
        resource.setrlimit(resource.RLIMIT_AS, (hard if space is None else space, hard))


if __name__ == "__main__":
    main()

"""Chat templates, rendered in a process of its own that ends where it goes beyond its limits.

A process is kept for the next template, so that only the first waits for one to start. Threads that
render at once have one each.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

import multitok
from multitok.requests.sandbox import Answer, Asked

SECONDS = 2.0
"""Work that a template may take; with a conversation of 10,000 messages it takes 0.2 s."""

MEMORY = 256 << 20
"""Bytes that it may hold, beyond those of its process."""

CHARACTERS = 1 << 20
"""Characters that it may make."""

LONG = 64 << 10
"""Bytes of a conversation that allow it as many characters again, and as much more to hold."""

PATIENCE = 10
"""Seconds of the clock for each of work: a machine may be busy, or know no limit of work."""

KEPT = 4
"""Processes that wait for the next template."""


class RenderError(Exception):
    """A template that failed, or went beyond its limits: what it did, in words."""


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """The text that a template makes of the values."""
    renderer = _taken()
    spent = True
    try:
        answer = renderer.ask(template, values)
        spent = answer["spent"]
    finally:
        if spent or len(_idle) >= KEPT:
            renderer.end()
        else:
            _idle.append(renderer)
    if (text := answer["text"]) is None:
        raise RenderError(answer["why"])
    return text


class Renderer:
    """A process that renders one template after another."""

    def __init__(self) -> None:
        home = str(Path(multitok.__file__).parent.parent)
        self._owner = os.getpid()
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "multitok.requests.sandbox"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([home, *filter(None, sys.path)])},
        )

    @property
    def is_ready(self) -> bool:
        """Alive, and of this process: what it was before a fork is another's."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, template: str, values: Mapping[str, Any]) -> Answer:
        """What it answers; RenderError where it ends instead."""
        given = json.dumps(values).encode()
        asked = _asked(template, len(given))
        told = b"%b\n%b\n" % (json.dumps(asked).encode(), given)
        line = self._exchanged(told, asked["seconds"] * PATIENCE)
        if not line.endswith(b"\n"):
            raise RenderError(self._ended(asked))
        answer: Answer = json.loads(line)
        return answer

    def _exchanged(self, told: bytes, patience: float) -> bytes:
        """A line of the process for two of ours, or what came until its end."""
        given, answers = (cast("IO[bytes]", p) for p in (self._process.stdin, self._process.stdout))
        clock = Timer(patience, self._give_up)
        clock.start()
        try:
            with suppress(OSError):  # it has ended, which its answer tells
                given.write(told)
                given.flush()
            return answers.readline()
        finally:
            clock.cancel()

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def _ended(self, asked: Asked) -> str:
        """What a process that is gone died of."""
        code = self._process.wait()
        if self._late or -code == getattr(signal, "SIGPROF", None):
            return f"takes more than {asked['seconds']:,g} s"
        return f"ended its process ({f'signal {-code}' if code < 0 else f'exit {code}'})"

    def end(self) -> None:
        """Kill it, if it lives and is ours, and let go of it."""
        if self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
        else:
            self._process.returncode = 0  # nothing to wait for here
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not written yet finds no reader
                    pipe.close()


def _asked(template: str, size: int) -> Asked:
    """A template, and how far it may go with a conversation of so many bytes."""
    more = CHARACTERS * (size // LONG)
    return {
        "template": template,
        "seconds": SECONDS + (size >> 20),
        "memory": MEMORY + more,
        "characters": CHARACTERS + more,
    }


_idle: deque[Renderer] = deque()


def _taken() -> Renderer:
    """A process that waits, or a new one."""
    with suppress(IndexError):  # none does
        while not (renderer := _idle.pop()).is_ready:
            renderer.end()
        return renderer
    return Renderer()


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()

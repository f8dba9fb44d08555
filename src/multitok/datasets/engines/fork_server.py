"""Workers that are forked from a process that has imported what they need.

Half of what a worker costs before its first item is its imports, and most of its memory: forked
from one process that has them, all but the first have both for nothing. That process does nothing
else and has one thread, so a fork is whole; the process that scans may be a notebook, and is never
forked. Linux alone has what this needs (descriptors of processes); elsewhere, and where it fails,
each worker is a process that imports for itself.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import weakref
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO

import multitok
from multitok.datasets.engines import worker

MESSAGE = 64
"""Bytes that hold one: a number and what is asked."""
_MEMORY = "JE_ARROW_MALLOC_CONF"
PATIENCE = 60.0
"""Seconds for an answer: the first waits for the imports."""


def command(name: str) -> list[str]:
    """That which runs a module of this room."""
    return [sys.executable, "-P", "-m", f"multitok.datasets.engines.{name}"]


def environment() -> dict[str, str]:
    """That of a process that counts: it finds this very package, and has one thread."""
    home = str(Path(multitok.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    # what pyarrow brings would start a thread of its own, and a fork has but one
    memory = ",".join(filter(None, (os.environ.get(_MEMORY), "background_thread:false")))
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", _MEMORY: memory}


class ForkServer:
    """The process that forks, seen from the one that scans."""

    def __init__(self) -> None:
        """OSError where no more processes can be started."""
        self._lock = Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(PATIENCE)
        try:
            with theirs:
                self._process = subprocess.Popen(
                    command("fork_server"),
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=environment(),
                )
        except OSError:
            self._socket.close()
            raise

    @classmethod
    def started(cls) -> ForkServer | None:
        """One, where this machine and this Python allow it."""
        able = hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal")
        if sys.platform != "linux" or not able:
            return None
        with suppress(OSError):
            os.close(os.pidfd_open(os.getpid()))  # an old kernel, or a sandbox, has none
            return cls()
        return None

    def fork(self) -> Forked | None:
        """A worker; None where the server cannot, or is gone."""
        with suppress(OSError), _Pipe() as stdin, _Pipe() as stdout:
            pid = self._ask({"fork": True}, [stdin.read, stdout.write])
            if pid:
                process = os.pidfd_open(pid)
                return Forked(self, pid, process, stdin.kept("w"), stdout.kept("r"))
        return None

    def code(self, pid: int) -> int | None:
        """How one that has ended did, as `subprocess` tells it; None where nobody knows."""
        return self._ask({"wait": pid}, [])

    def _ask(self, what: dict[str, int], files: list[int]) -> int | None:
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps(what).encode()], files)
                answer = self._socket.recv(MESSAGE)
            except OSError:  # a late answer would be taken for that of the next question
                self.kill()
                return None
        with suppress(ValueError):
            return int(answer)
        return None

    def kill(self) -> None:
        """Whoever waits for an answer has none."""
        self._process.kill()

    def end(self) -> None:
        """It has nothing to finish."""
        self.kill()
        self._process.wait()
        self._socket.close()


class Forked:
    """A worker that was forked: what is used of `subprocess.Popen`.

    process   the descriptor of its process: the number may be another's when it has ended
    """

    def __init__(
        self, server: ForkServer, pid: int, process: int, stdin: IO[str], stdout: IO[str]
    ) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._server, self._lock = server, Lock()
        self._code: int | None = None
        self._ended = False
        self._process = process
        weakref.finalize(self, os.close, process)

    def kill(self) -> None:
        """End it, if it lives."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def wait(self) -> int | None:
        """How it ended, when it has: see `ForkServer.code`."""
        ending = select.poll()
        ending.register(self._process, select.POLLIN)
        ending.poll()
        with self._lock:
            if not self._ended:
                self._ended, self._code = True, self._server.code(self.pid)
            return self._code


class _Pipe:
    """Two descriptors, closed unless one is kept."""

    def __enter__(self) -> _Pipe:
        self.read, self.write = os.pipe()
        self._left = [self.read, self.write]
        return self

    def __exit__(self, *error: object) -> None:
        for one in self._left:
            os.close(one)

    def kept(self, mode: str) -> IO[str]:
        """The end that is written, or read, as a file."""
        end = self.write if mode == "w" else self.read
        self._left.remove(end)
        return os.fdopen(end, mode, encoding="utf-8")


def main() -> None:
    """Fork workers, and tell how they ended, until whoever scans is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever scans decides
    asked = socket.socket(fileno=0)
    worker.prepare()
    able = len(os.listdir("/proc/self/task")) == 1  # what runs as Python starts may have more
    while True:
        message, files, _, _ = socket.recv_fds(asked, MESSAGE, 2)
        if not message:
            return
        what = json.loads(message)
        answer = None
        with suppress(OSError):  # no more processes, or none to wait for
            if "wait" in what:
                answer = os.waitstatus_to_exitcode(os.waitpid(what["wait"], 0)[1])
            elif able:
                answer = _forked(asked, *files)
        for one in files:
            os.close(one)
        asked.sendall(str(answer).encode())


def _forked(asked: socket.socket, stdin: int, stdout: int) -> int:
    """The number of a new worker with these pipes."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.dup2(stdin, asked.detach())  # 0
        os.dup2(stdout, 1)
        os.close(stdin)
        os.close(stdout)
        code = worker.run(os.fdopen(0, encoding="utf-8"))
    finally:
        os._exit(code)


if __name__ == "__main__":
    try:
        main()
    except Exception:  # a worker that imports for itself says it
        sys.exit(1)

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


def command(name: str) -> list[str]:
    """That which runs a module of this room."""
    return [sys.executable, "-P", "-m", f"multitok.datasets.engines.{name}"]


def environment() -> dict[str, str]:
    """That of a process that counts: it finds this very package, and has one thread."""
    home = str(Path(multitok.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    alone = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    return {**os.environ, "PYTHONPATH": path, **alone}


class ForkServer:
    """The process that forks, seen from the one that scans."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                command("fork_server"),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=environment(),
            )

    @classmethod
    def started(cls) -> ForkServer | None:
        """One, where this machine allows it."""
        if sys.platform != "linux":
            return None
        with suppress(OSError):
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
        with self._lock, suppress(OSError, ValueError):
            socket.send_fds(self._socket, [json.dumps(what).encode()], files)
            return int(self._socket.recv(MESSAGE))
        return None

    def end(self) -> None:
        """It has nothing to finish."""
        self._process.kill()
        self._process.wait()
        self._socket.close()


class Forked:
    """A worker that was forked: what is used of `subprocess.Popen`."""

    def __init__(
        self, server: ForkServer, pid: int, process: int, stdin: IO[str], stdout: IO[str]
    ) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._server, self._lock = server, Lock()
        self._code: int | None = None
        self._ended = False
        self._process = process  # a descriptor: the number may be another's when it has ended
        weakref.finalize(self, os.close, process)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def wait(self) -> int | None:
        """How it ended: see `ForkServer.code`."""
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
    able = len(os.listdir("/proc/self/task")) == 1  # a plugin may have started more
    while True:
        message, files, _, _ = socket.recv_fds(asked, MESSAGE, 2)
        if not message:
            return
        what = json.loads(message)
        if "wait" in what:
            answer = os.waitstatus_to_exitcode(os.waitpid(what["wait"], 0)[1])
        else:
            answer = _forked(asked, *files) if able else 0
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

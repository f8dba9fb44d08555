"""A sign of life on a terminal's stderr, after a while, and nowhere else."""

import io
import time

from multitok.cli import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_work_that_takes_long_is_named(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with progress.busy("clip.mp4", after=0.01):
        time.sleep(0.5)
    assert "clip.mp4" in screen.getvalue()


def test_quick_work_says_nothing(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with progress.busy("clip.mp4", after=5):
        pass
    assert screen.getvalue() == ""


def test_a_pipe_is_told_nothing(monkeypatch):
    pipe = io.StringIO()
    monkeypatch.setattr("sys.stderr", pipe)
    with progress.busy("clip.mp4", after=0):
        time.sleep(0.05)
    assert pipe.getvalue() == ""

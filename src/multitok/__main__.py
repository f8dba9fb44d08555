"""`multitok` and `python -m multitok`: run the command line and turn errors into exit codes."""

from __future__ import annotations

import gc
import os
import sys

ERROR, FAULT, INTERRUPTED = 2, 70, 130
"""Bad usage or a bad input; a fault of ours that no input explains (EX_SOFTWARE); Ctrl-C."""


def main() -> None:
    """Exit 0 when all went well, 1 when a check failed, else one of the above."""
    # One BLAS thread is enough for a command, and saves a third of numpy's import time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    _open_standard_streams()
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        gc.freeze()  # the process ends: Python need not look for cycles in all that it imported


def _run() -> None:
    from multitok.core.boundary import is_unforeseen, unforeseen
    from multitok.core.errors import MultitokError, UnexpectedError

    try:
        from multitok.cli import multitok

        multitok.main(prog_name="multitok")
    except UnexpectedError as error:
        _end(error, ERROR if error.input else FAULT)
    except MultitokError as error:
        _end(error, ERROR)
    except BaseException as error:
        if not is_unforeseen(error):
            raise
        _end(unforeseen(error), ERROR if isinstance(error, OSError) else FAULT)


def _end(error: Exception, code: int) -> None:
    from multitok.cli.printing import say

    say(error)
    sys.exit(code)


def _open_standard_streams() -> None:
    """Put the null device where a stream was closed (`>&-`): the next file that is opened would
    take its number, and get what is meant for the stream."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            if mode == "w":
                setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115


if __name__ == "__main__":
    main()

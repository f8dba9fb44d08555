"""`multitok` and `python -m multitok`: run the command line and turn errors into exit codes."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Exit 0 when all went well, 1 when a check failed, 2 on an error or bad usage."""
    # One BLAS thread is enough for a command, and saves a third of numpy's import time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    from multitok.cli import multitok
    from multitok.core.errors import MultitokError

    try:
        multitok.main(prog_name="multitok")
    except MultitokError as error:
        print(f"multitok: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if isinstance(
            error, BrokenPipeError
        ):  # `multitok models | head`: the reader has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        where = f"{error.filename}: " if error.filename else ""
        print(f"multitok: {where}{(error.strerror or str(error)).lower()}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

"""Variables of the environment, heard anew each time: the user may set one between two counts."""

from __future__ import annotations

import os
from functools import cache


def variable(name: str) -> str | None:
    """`os.environ.get`, in a tenth of its time where the variable is not set, as it mostly is: the
    dict behind `os.environ` has the keys as the system writes them, and is asked first."""
    held = getattr(os.environ, "_data", None)
    if held is not None and _written(name) not in held:
        return None
    return os.environ.get(name)


@cache
def _written(name: str) -> object:
    """The key as `os.environ` holds it: bytes, on Windows an upper-case str."""
    return os.environ.encodekey(name)


__all__ = ["variable"]

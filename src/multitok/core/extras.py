"""Optional packages: import on first use, or say what to install."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from multitok.core.errors import MissingDependencyError

ON_AN_INDEX = False
"""Whether pip finds multitok by its name. Until it does, what is to be typed is typed in a clone;
tests/test_packaging.py holds the pages to it."""


def install(extra: str, *, anew: bool = False) -> str:
    """What to type for an extra; `anew` where an older version of it is there.

    >>> install("heif")
    "pip install '.[heif]'"
    """
    where = "multitok" if ON_AN_INDEX else "."
    return f"pip install {'-U ' if anew else ''}'{where}[{extra}]'"


def require(module: str, *, extra: str, purpose: str, package: str | None = None) -> ModuleType:
    """Import `module`, or raise MissingDependencyError: "reading PDF needs pypdfium2: pip ..."."""
    try:
        return import_module(module)
    except ImportError as error:
        name = package or module
        raise MissingDependencyError(
            f"{purpose} needs {name}: {install(extra)}",
            package=name,
            extra=extra,
            purpose=purpose,
        ) from error


@cache  # a failed import searches the whole path again, each time it is asked for
def optional(module: str) -> ModuleType | None:
    """The module when it is installed, else None."""
    try:
        return import_module(module)
    except ImportError:
        return None


@cache
def installed(module: str) -> bool:
    """Whether the module is there, without importing it."""
    return find_spec(module) is not None

"""Optional packages: import on first use, or say what to install."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from multitok.core.errors import MissingDependencyError


def require(module: str, *, extra: str, purpose: str, package: str | None = None) -> ModuleType:
    """Import `module`, or raise MissingDependencyError: "reading PDF needs pypdfium2: pip ..."."""
    try:
        return import_module(module)
    except ImportError as error:
        name = package or module
        raise MissingDependencyError(
            f"{purpose} needs {name}: pip install 'multitok[{extra}]'",
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

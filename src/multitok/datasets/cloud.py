"""Object stores by their URL: s3://, gs://, az://, http(s)://, through obstore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from multitok.core.extras import require

if TYPE_CHECKING:
    from multitok.datasets.places import Entry, Tell


def entries(named: str, tell: Tell) -> Iterator[Entry]:
    require("obstore", extra="cloud", purpose="reading object stores")
    raise NotImplementedError


def stamp_of(path: str) -> str:
    raise NotImplementedError


def opened(path: str) -> BinaryIO:
    raise NotImplementedError


def ranged(path: str) -> Any:
    raise NotImplementedError

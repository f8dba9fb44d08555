"""A property that is worked out once and kept: functools' takes a lock for it before Python 3.12,
and that costs as much as making the text whose length is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

ValueT = TypeVar("ValueT")


class kept(Generic[ValueT]):  # noqa: N801 - used as a decorator, as `property` is
    """`cached_property` without the lock: two threads that ask at once both work it out.

    >>> class Two:
    ...     @kept
    ...     def half(self):
    ...         return 1
    >>> Two().half
    1
    """

    def __init__(self, make: Callable[[Any], ValueT]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, one: None, owner: type) -> kept[ValueT]: ...
    @overload
    def __get__(self, one: object, owner: type) -> ValueT: ...
    def __get__(self, one: object | None, owner: type) -> kept[ValueT] | ValueT:
        if one is None:
            return self
        value = one.__dict__[self._name] = self._make(one)
        return value

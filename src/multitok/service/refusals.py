"""Why a request is not answered: the status of HTTP, and what to do, in the words of multitok."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from multitok.core.boundary import boundary, system_fault
from multitok.core.errors import (
    MissingDependencyError,
    MultitokError,
    UnexpectedError,
    UnknownNameError,
)


class Refused(MultitokError):
    """A request that is answered with an error.

    status   of HTTP
    message  the offending value, what is allowed, what to send
    param    where in the request, as OpenAI names it
    """

    status: int
    param: str | None

    def __init__(self, status: int, message: str, param: str | None = None) -> None:
        super().__init__(message, status=status, param=param)

    @property
    def message(self) -> str:
        return str(self)


def refusal(error: MultitokError) -> Refused:
    """An error of multitok as a status: who is unknown, what is wrong, what is ours."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, UnknownNameError) and error.name is not None:
        return Refused(404, _of_a_name(error), "model")
    if isinstance(error, UnexpectedError) or system_fault(error) is not None:
        return Refused(500, str(error))
    if isinstance(error, MissingDependencyError):
        return Refused(501, str(error))
    return Refused(400, str(error))


def _of_a_name(error: UnknownNameError) -> str:
    """Gateways send names of their own: whoever runs the service can say what they stand for."""
    message = str(error)
    if message.startswith("unknown model "):
        message += ". To count it as another: multitok serve --alias NAME=MODEL"
    return message


@contextmanager
def refusing(doing: str, what: object) -> Iterator[None]:
    """Whatever goes wrong inside is a Refused, and nothing else leaves."""
    try:
        with boundary(doing, what):
            yield
    except MultitokError as error:
        raise refusal(error) from None

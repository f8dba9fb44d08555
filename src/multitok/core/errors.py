"""Every error that multitok raises.

    MultitokError
    |-- UnknownNameError      (LookupError)          a name nobody knows
    |-- UnknownRuleError      (LookupError)          a rule that is not published
    |-- DuplicateNameError    (ValueError)           two owners of one tokenizer name
    |-- PluginError           (ImportError)          a plugin that does not load
    |-- MissingDependencyError(ImportError)          an optional package that is not installed
    |-- MediaError            (ValueError)           content or a shape that no rule accepts
    |   `-- RejectedError                            what the API would answer with an error
    |-- SourceError           (OSError)              a source that cannot be read
    |   `-- OutputError                              an output that cannot or must not be written
    |-- NeedsContentError     (TypeError)            a count that the shape alone cannot give
    |-- NotInvertibleError    (NotImplementedError)  tokens that cannot be decoded
    |-- OnlyCountsError       (AttributeError)       a rule asked for tokens that nobody publishes
    |-- DecodeError           (ValueError)           tokens that are not the tokenizer's, or not all
    |-- PayloadError          (ValueError)           a request of the wrong shape
    |-- CatalogError          (ValueError)           a catalogue row that makes no sense
    |-- BudgetExceeded        (ValueError)           a request over its token or cost budget
    `-- UnexpectedError       (RuntimeError)         a fault that nobody foresaw, in one input

A message names the offending value, then what is allowed, then what to type. The parts of the
message stay on the error as attributes, and every error survives pickling.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class MultitokError(Exception):
    """The root: `except multitok.MultitokError` catches all that this library raises."""

    def __init__(self, message: str, /, **parts: Any) -> None:
        super().__init__(message)
        self.__dict__.update(parts)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __getattr__(self, name: str) -> Any:
        # Parts are set per instance; this line only tells the type checker that they exist.
        raise AttributeError(f"{type(self).__name__} has no part {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), str(self), dict(self.__dict__))


def _rebuild(cls: type[MultitokError], message: str, parts: dict[str, Any]) -> MultitokError:
    error = cls.__new__(cls, message)
    error.args = (message,)
    error.__dict__.update(parts)
    return error


class UnknownNameError(MultitokError, LookupError):
    """A name nobody knows; carries `name`, `choices` and the closest `suggestion` (or None).

    >>> print(UnknownNameError.of("tokenizer", "pathc", ["patch"], "See: multitok tokenizers"))
    unknown tokenizer 'pathc'. Did you mean 'patch'? See: multitok tokenizers
    """

    @classmethod
    def of(cls, kind: str, name: str, choices: Iterable[str], then: str) -> UnknownNameError:
        return cls.because(f"unknown {kind} {name!r}", name, choices, then)

    @classmethod
    def because(cls, what: str, name: str, choices: Iterable[str], then: str) -> UnknownNameError:
        """The same sentence with another beginning: `tokenizer 'patch' has no parameter 'sise'`."""
        known = tuple(choices)
        suggestion = closest(name, known)
        hint = f" Did you mean {suggestion!r}?" if suggestion else ""
        message = f"{what}.{hint} {then}".rstrip()
        return cls(message, name=name, choices=known, suggestion=suggestion)


class UnknownRuleError(MultitokError, LookupError):
    """A model known by name whose rule for one modality is unpublished; has `model`, `modality`."""


class DuplicateNameError(MultitokError, ValueError):
    """Two owners of one tokenizer name; has `name` and `owners`."""


class PluginError(MultitokError, ImportError):
    """A plugin that failed to load; has `name`, `target`, `distribution`."""


class MissingDependencyError(MultitokError, ImportError):
    """An optional package that is not installed; has `package`, `extra`, `purpose`."""


class MediaError(MultitokError, ValueError):
    """Content, or the shape of it, that a rule cannot accept."""


class RejectedError(MediaError):
    """What the API would answer with an error, and its rule gives no number for."""


class SourceError(MultitokError, OSError):
    """A source that cannot be opened or read; has `source`."""


class OutputError(SourceError):
    """An output that cannot be written, or would lose a file; has `output`."""


class NeedsContentError(MultitokError, TypeError):
    """The count depends on the content, and only its shape was given."""


class NotInvertibleError(MultitokError, NotImplementedError):
    """Tokens that cannot be turned back into media."""


class OnlyCountsError(MultitokError, AttributeError):
    """Tokens asked of a rule that only counts; `hasattr(rule, "encode")` is False."""


class DecodeError(MultitokError, ValueError):
    """Tokens outside the vocabulary, or fewer than the tokenizer made."""


class PayloadError(MultitokError, ValueError):
    """A request that is not shaped as its provider documents; has `path`."""


class CatalogError(MultitokError, ValueError):
    """A catalogue row that makes no sense; has `file` and `model`."""


class BudgetExceeded(MultitokError, ValueError):
    """A request over its budget, raised before anything is sent."""


class UnexpectedError(MultitokError, RuntimeError):
    """A fault of multitok, or of a library it calls, that one input brought to light.

    `input` is the input's name, None where there is none; the fault itself is the `__cause__`.
    """


def closest(name: str, choices: Iterable[str]) -> str | None:
    """The known name nearest to a misspelt one, or None when nothing is near."""
    if not isinstance(name, str):  # a name that came as data, or by mistake
        return None
    from difflib import get_close_matches  # only on the way to an error

    folded = {choice.lower(): choice for choice in choices}
    match = get_close_matches(name.lower(), list(folded), n=1, cutoff=0.6)
    return folded[match[0]] if match else None

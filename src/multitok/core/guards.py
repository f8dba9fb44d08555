"""What stands before the verbs of every rule: a look at what it is given.

`encode` and `decode` refuse what is not theirs wherever they are written: the base classes put
these guards around them when a subclass is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import Medium, info_of

if TYPE_CHECKING:
    from multitok.core.sequence import TokenSequence
    from multitok.core.tokenizer import TokenCounter, Tokenizer

MOST_NUMBERS = 1 << 24
"""Numbers that any tokens of a series may become; it takes three times their memory."""
MOST_EACH = 1024
"""Beyond that, numbers of a token."""

Method = TypeVar("Method", bound=Callable[..., Any])


def guard(cls: type, *guards: tuple[str, Callable[[Any], Any]]) -> None:
    """Puts what a class defines of these verbs behind a look at what it is given."""
    for verb, guarded in guards:
        method = cls.__dict__.get(verb)
        if method is not None and not getattr(method, "__isabstractmethod__", False):
            setattr(cls, verb, guarded(method))


def counts_its_own(count: Method) -> Method:
    """A shape of another modality may have the fields that are asked for: motion has steps, too."""

    @wraps(count)
    def checked(self: TokenCounter[Any, Any], x: Any, /) -> Any:
        if getattr(x, "modality", None) != self.modality:
            info_of(x)  # a message of its own for what is no medium at all
            wanted, given = self.modality.capitalize(), type(x).__name__
            raise MediaError(
                f"{self.name} counts {self.modality}: pass multitok.{wanted} or"
                f" multitok.{wanted}Info, got {given}"
            )
        return count(self, x)

    return cast("Method", checked)


@cache
def sequences() -> type[TokenSequence]:
    """The class of tokens, looked up once: an import in every call costs as much as seven ids."""
    from multitok.core.sequence import TokenSequence

    return TokenSequence


def takes_its_medium(encode: Method) -> Method:
    @wraps(encode)
    def checked(self: Tokenizer[Any, Any], media: Any, /) -> Any:
        return encode(self, _own(self, media))

    return cast("Method", checked)


def takes_its_media(encode: Method) -> Method:
    @wraps(encode)
    def checked(self: Tokenizer[Any, Any], items: Iterable[Any], /) -> Any:
        return encode(self, (_own(self, media) for media in items))

    return cast("Method", checked)


def _own(self: Tokenizer[Any, Any], media: Any) -> Any:
    """A medium of the tokenizer's modality."""
    if not isinstance(media, Medium) or media.modality != self.modality:
        wanted, given = self.modality.capitalize(), type(media).__name__
        raise MediaError(
            f"{self.name} encodes {self.modality}: pass a multitok.{wanted}, got {given}."
            f" multitok.load(source, modality={self.modality!r}) reads a file"
        )
    return media


def takes_its_tokens(decode: Method) -> Method:
    @wraps(decode)
    def checked(self: Tokenizer[Any, Any], tokens: Any, /) -> Any:
        if not isinstance(tokens, sequences()):
            raise DecodeError(
                f"{self.name} decodes a TokenSequence, got {type(tokens).__name__}:"
                " encode makes one, multitok.TokenSequence.load reads one"
            )
        if tokens.tokenizer != (config := self.config()):
            _refuse_others(self, tokens.tokenizer, config)
        _refuse_growth(self, tokens)
        return decode(self, tokens)

    return cast("Method", checked)


def _refuse_growth(counter: Tokenizer[Any, Any], tokens: TokenSequence) -> None:
    """DecodeError where a few tokens say to stand for a series without measure: each segment of
    one may be as long as its file says."""
    numbers = tokens.info.amounts().get("value", 0)
    if numbers > MOST_NUMBERS and numbers > MOST_EACH * len(tokens):
        raise DecodeError(
            f"{len(tokens):,} {counter.name} tokens say to be {numbers:,.0f} numbers, which a file"
            f" may say of any: beyond {MOST_NUMBERS:,}, up to {MOST_EACH:,} of each token are"
            " decoded. Encode it in parts, or in more tokens"
        )


def _refuse_others(
    counter: Tokenizer[Any, Any], given: Mapping[str, Any], own: Mapping[str, Any]
) -> None:
    """DecodeError where the two configs differ in more than a decoder may."""
    lenient = counter.lenient
    made, mine = _without(given, lenient), _without(own, lenient)
    if made != mine and {**_defaults(counter, lenient), **made} != mine:
        raise DecodeError(
            f"these tokens are of {_apart(made, mine)}, not of {_apart(mine, made)}:"
            " multitok.decode(tokens) asks the tokenizer that made them"
        )


def _defaults(counter: TokenCounter[Any, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """What a config that was saved before a parameter was there means by leaving it out."""
    given = (f for f in fields(cast("Any", counter)) if f.default is not MISSING)
    return _without({f.name: jsonable(f.default) for f in given}, names)


def _without(config: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in names}


def _apart(config: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """A tokenizer by its name, and by those of its parameters that another has not."""
    name = str(config.get("tokenizer"))
    if name != other.get("tokenizer"):
        return name
    apart = [f"{key}={value!r}" for key, value in config.items() if other.get(key, ...) != value]
    return f"{name}({', '.join(apart)})"


def jsonable(value: Any) -> Any:
    if isinstance(value, tuple):
        return [jsonable(item) for item in value]
    return value

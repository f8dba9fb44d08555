"""The two interfaces, and the number they give.

Two roles, because the world has two: a closed API tells how many tokens an input costs, never
which (TokenCounter); an open model or a published tokenizer gives both (Tokenizer). A rule is a
frozen dataclass of its parameters, so repr, equality, hashing, pickling and config come free.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar, cast

from multitok.core.errors import NotInvertibleError
from multitok.core.info import Info

if TYPE_CHECKING:
    from datetime import date

    from multitok.core.layout import Layout
    from multitok.core.sequence import TokenSequence

MediaT = TypeVar("MediaT")
InfoT = TypeVar("InfoT")

Kind = Literal["exact", "documented", "upper-bound", "estimate"]
KINDS: tuple[Kind, ...] = ("exact", "documented", "upper-bound", "estimate")
"""From strongest to weakest; a sum is as weak as its weakest part. "unknown" is weaker still."""


def weakest(kinds: Iterable[str]) -> str:
    """The kind of a sum.

    >>> weakest(["exact", "estimate", "documented"])
    'estimate'
    """
    order = (*KINDS, "unknown")
    return order[max((order.index(kind) for kind in kinds), default=0)]


@dataclass(frozen=True, slots=True)
class Count:
    """How many tokens, and how we know.

    parts adds up to tokens; `geometry` is what the rule works out on the way (sizes as (height,
    width), grids as (rows, columns)); `error` is the stated relative error of an estimate, as
    (low, high) factors around `tokens`.
    """

    tokens: int
    kind: Kind
    parts: Mapping[str, int]
    info: Info
    model: str | None
    tokenizer: str
    source: str
    checked: date | None = None
    notes: tuple[str, ...] = ()
    geometry: Mapping[str, Any] = field(default_factory=dict)
    error: tuple[float, float] | None = None
    context_window: int | None = None

    def __int__(self) -> int:
        return self.tokens


class TokenCounter(ABC, Generic[MediaT, InfoT]):
    """A rule that tells how many tokens an input becomes."""

    name: ClassVar[str]
    modality: ClassVar[str]
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    """Parameter sets that the conformance kit runs."""

    @abstractmethod
    def count(self, x: MediaT | InfoT, /) -> int:
        """Tokens of a medium or of its shape. NeedsContentError where only the content decides."""

    def breakdown(self, x: MediaT | InfoT, /) -> dict[str, int]:
        """The parts of the count, which sum to it.

        Keys: the modality for the placeholders, each special token under its published name; a
        hosted rule names its own parts."""
        return {self.modality: self.count(x)}

    def literal_text(self, x: MediaT | InfoT, /) -> Mapping[str, int]:
        """Plain text in the expansion and how often; never in `count`, it costs text tokens."""
        return {}

    def geometry(self, x: MediaT | InfoT, /) -> Mapping[str, Any]:
        """What the rule works out on the way: JSON-able, sizes as (height, width), grids as (rows,
        columns), under the names the reference uses."""
        return {}

    def layout(self, x: MediaT | InfoT, /) -> Layout | None:
        """Where patches and tiles lie on the picture; None for rules without a place."""
        return None

    def explain(self, x: MediaT | InfoT, /) -> list[str]:
        """The sum worked in words, a line a step: what `multitok inspect` prints."""
        return [f"{self.count(x)} tokens"]

    def notes(self, x: MediaT | InfoT, /) -> list[str]:
        """What the reader should know of this input under this rule: shrunk, padded, cropped."""
        return []

    def config(self) -> dict[str, Any]:
        """JSON-able: the registry name and the parameters; `registry.from_config` inverts it."""
        params = {f.name: _jsonable(getattr(self, f.name)) for f in fields(cast("Any", self))}
        return {"tokenizer": self.name, **params}


class Tokenizer(TokenCounter[MediaT, InfoT]):
    """A rule that also gives the tokens themselves."""

    idempotent: ClassVar[bool] = True
    """prepare(prepare(x)) == prepare(x); where False, the class docstring says why."""

    @abstractmethod
    def encode(self, media: MediaT, /) -> TokenSequence:
        """The tokens of a medium. `len(encode(x)) == count(x) == count(x.info)`."""

    def decode(self, tokens: TokenSequence, /) -> MediaT:
        """The medium the tokens stand for, within `error_bound` of `prepare(media)`."""
        raise NotInvertibleError(f"{self.name} tokens cannot be turned back into {self.modality}")

    def prepare(self, media: MediaT, /) -> MediaT:
        """The declared lossy step before tokenizing: resize, pad, resample, normalize."""
        return media

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """The largest absolute error of `decode` against `prepare(media)`; 0.0 means lossless."""
        return 0.0

    def views(self, media: MediaT, /) -> Sequence[MediaT]:
        """The pictures the encoder is fed, crops made: one, unless the rule cuts tiles."""
        return [self.prepare(media)]

    def encode_batch(self, items: Iterable[MediaT], /) -> list[TokenSequence]:
        """`[encode(x) for x in items]`, faster where the rule can be."""
        return [self.encode(item) for item in items]


def _jsonable(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_jsonable(item) for item in value]
    return value

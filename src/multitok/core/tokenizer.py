"""The two interfaces, and what only some rules have.

Two roles, because the world has two: a closed API tells how many tokens an input costs, never
which (TokenCounter); an open model or a published tokenizer gives both (Tokenizer). A rule is a
frozen dataclass of its parameters, so repr, equality, hashing, pickling and config come free.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Protocol,
    TypeVar,
    cast,
    runtime_checkable,
)

from multitok.core.counts import Kind, StreamCount
from multitok.core.errors import MediaError, NotInvertibleError, OnlyCountsError
from multitok.core.guards import (
    counts_its_own,
    guard,
    jsonable,
    takes_its_media,
    takes_its_medium,
    takes_its_tokens,
)
from multitok.core.info import VideoInfo
from multitok.core.parameters import check_parameters
from multitok.core.stamps import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.layout import Layout
    from multitok.core.sequence import TokenSequence

MediaT = TypeVar("MediaT")
InfoT = TypeVar("InfoT")


class _NotPublished:
    """A method of tokenizers that a rule which only counts has not; `hasattr` says so too."""

    def __get__(self, rule: Any, owner: type) -> Any:
        modality = getattr(owner, "modality", "unnamed")
        raise OnlyCountsError(
            f"{getattr(owner, 'name', owner.__name__)} only counts: the tokens of this {modality}"
            " rule are not published"
        )


class TokenCounter(ABC, Generic[MediaT, InfoT]):
    """A rule that tells how many tokens an input becomes."""

    name: ClassVar[str]
    modality: ClassVar[str]
    kind: ClassVar[Kind] = "exact"
    """What the rule's number is at best: a catalogue row may say less of it, never more."""
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    """Parameter sets that the conformance kit runs."""

    def __post_init__(self) -> None:
        """Each parameter is what its type declares: `size: Positive = 16`. A class with relations
        between its parameters adds them, after `super().__post_init__()`."""
        check_parameters(self)

    def kind_at_hand(self) -> Kind:
        """What the rule's number is here and now: weaker than `kind` where what it needs to be that
        good is not installed."""
        return self.kind

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        guard(cls, ("count", counts_its_own), ("breakdown", counts_its_own))

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

    def size_seen(self, x: MediaT | InfoT, /) -> tuple[int, int] | None:
        """Width and height of the picture, or of a frame, as the model sees it, its padding and
        crops left out; None where nobody tells."""
        return None

    def frames_seen(self, x: MediaT | InfoT, /) -> int | None:
        """How many frames of a clip the model is shown; None where nobody tells."""
        return None

    def layout(self, x: MediaT | InfoT, /) -> Layout | None:
        """Where patches and tiles lie on the picture; None for rules without a place."""
        return None

    def explain(self, x: MediaT | InfoT, /) -> list[str]:
        """The sum worked in words, a line a step: what `multitok inspect` prints."""
        return [f"{self.count(x):,} tokens"]

    def notes(self, x: MediaT | InfoT, /) -> list[str]:
        """What the reader should know of this input under this rule: shrunk, padded, cropped."""
        return []

    def left_out(self, x: MediaT | InfoT, /) -> str | None:
        """What of this input the model never gets, in words: one of the notes, which a comparison
        shows as well; None where it gets all of it."""
        return None

    def needs_content(self) -> bool:
        """Whether a count of the shape alone would leave a part out, though it could be made."""
        return False

    def error(self) -> tuple[float, float] | None:
        """The factors around an estimate between which the truth was measured to lie."""
        return None

    def error_of(self, x: MediaT | InfoT, /) -> tuple[float, float] | None:
        """The same for the count of this input, where the range hangs on what it holds."""
        return self.error()

    def upper_bound(self, x: MediaT | InfoT, /) -> int | None:
        """Tokens that no input of this shape exceeds; None where nothing is proven."""
        return None

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount | None:
        """The count of a text that is never held whole; None where the rule cannot tell."""
        return None

    def config(self) -> dict[str, Any]:
        """JSON-able: the registry name and the parameters; `registry.from_config` inverts it."""
        kept, tuples = self._written
        config = kept.copy()
        for name in tuples:
            config[name] = jsonable(kept[name])
        return config

    def fingerprint(self) -> str | None:
        """What counts beside the parameters: the digest of the files that they name, or of a
        vocabulary, or the version of a package. The same content may count otherwise with another
        one. None where the parameters tell all."""
        named = (value for value in self._written[0].values() if isinstance(value, str))
        return digest(path for path in named if os.path.isfile(path))

    @cached_property
    def _written(self) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The config with its tuples as they are, and where those stand: each encode and decode
        asks for it, and a frozen rule has one."""
        kept: dict[str, Any] = {"tokenizer": self.name}
        kept |= {one.name: getattr(self, one.name) for one in fields(cast("Any", self))}
        return kept, tuple(name for name, value in kept.items() if isinstance(value, tuple))

    def __getstate__(self) -> Any:
        """A pickle holds the parameters, and nothing that is kept beside them."""
        state = super().__getstate__()
        if not isinstance(state, dict):
            return state
        return {one.name: state[one.name] for one in fields(cast("Any", self))} or None

    if not TYPE_CHECKING:  # a type checker flags the missing method itself
        encode = decode = prepare = views = encode_batch = _NotPublished()
        encode_ids = encode_ids_batch = _NotPublished()


class Tokenizer(TokenCounter[MediaT, InfoT]):
    """A rule that also gives the tokens themselves.

    `encode` and `decode` of every subclass refuse what is not theirs: a medium of another modality,
    and tokens that another tokenizer, or this one with other parameters, made.
    """

    lenient: ClassVar[tuple[str, ...]] = ()
    """Parameters in which a decoder may differ from the encoder: where a vocabulary lies whose
    digest the tokens carry, which point of a bin stands for it."""
    idempotent: ClassVar[bool] = True
    """prepare(prepare(x)) == prepare(x); where False, the class docstring says why."""

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        guard(cls, ("encode", takes_its_medium), ("encode_ids", takes_its_medium))
        guard(cls, ("encode_ids_batch", takes_its_media), ("decode", takes_its_tokens))

    @property
    def codes(self) -> int | None:
        """How many ids a token may be, where that is one number: it then carries log2 of it."""
        return None

    @property
    def ids_below(self) -> int | None:
        """What every id lies below: the size of the vocabulary. None where that is not told."""
        return None

    def special_id(self, token: str, /) -> int | None:
        """The id of a special token by its name ("<|endoftext|>"); None where there is none."""
        return None

    @property
    def shared_ids(self) -> bool:
        """Whether an id means the same in every input, so that a model can learn it; False where
        each input numbers its own words."""
        return True

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

    def clipped(self, tokens: TokenSequence, /) -> float:
        """The share of an input that lay outside the range of this tokenizer, and was moved to its
        edge."""
        many = tokens.info.amounts().get("value", len(tokens))
        return min(1.0, int(tokens.state.get("clipped", 0)) / max(many, 1))

    def views(self, media: MediaT, /) -> Sequence[MediaT]:
        """The pictures the encoder is fed, crops made: one, unless the rule cuts tiles."""
        return [self.prepare(media)]

    def encode_batch(self, items: Iterable[MediaT], /) -> list[TokenSequence]:
        """`[encode(x) for x in items]`, faster where the rule can be."""
        return [self.encode(item) for item in items]

    def encode_ids(self, media: MediaT, /) -> NDArray[np.int64]:
        """`encode(media).ids`, cheaper where the rule can leave the rest away."""
        ids = self.encode(media).ids
        if ids is None:
            raise MediaError(
                f"{self.name} makes vectors, not ids: encode(...) holds them in values or inputs"
            )
        return ids

    def encode_ids_batch(self, items: Iterable[MediaT], /) -> list[NDArray[np.int64]]:
        """`[encode_ids(x) for x in items]`, faster where the rule can be."""
        return [self.encode_ids(item) for item in items]


@runtime_checkable
class Sampled(Protocol):
    """A rule for clips that names the frames it is shown, and encodes them one by one."""

    def frame_indices(self, x: Any, /) -> tuple[int, ...]:
        """The numbers of the frames of a clip, or of its shape, in display order."""

    def as_seen(self, pixels: NDArray[np.uint8], info: VideoInfo) -> NDArray[np.uint8]:
        """A frame as the encoder is fed it: uint8 (height, width, 3), cropped or padded."""

    def encode_frames(
        self, info: VideoInfo, frames: Iterable[tuple[float, NDArray[np.uint8]]]
    ) -> TokenSequence:
        """The tokens of (seconds, pixels) of the frames of `frame_indices(info)`, in order."""


@runtime_checkable
class Trainable(Protocol):
    """A rule with ranges that can be learned from data."""

    def trained(self, items: Sequence[Any], /) -> TokenCounter[Any, Any]:
        """The same rule with the ranges of these media."""


FEW = 0.01
"""The share of values outside a range up to which it is one for them, and nothing is said: the 1st
and the 99th percentile leave out as many on either side."""


@runtime_checkable
class Ranged(Trainable, Protocol):
    """A tokenizer of movement that numbers what lies in a range, -1 to 1 where none is named."""

    ranges: ClassVar[tuple[str, ...]]
    """The parameters that name it."""

    def outside(self, media: Any, /) -> float:
        """The share of what is numbered (values, control points) that lies outside the range."""

    def holds(self, media: Any, /) -> bool:
        """Whether the range is one for these values."""


@runtime_checkable
class Plain(Protocol):
    """A rule of text that counts a str as it is, for loops over very many."""

    def plain(self) -> Callable[[str], int]:
        """What gives `count(Text(text))` for a str, and looks up once what it needs."""


@runtime_checkable
class Drawn(Protocol):
    """A rule of columns that tells where its tokens lie, for charts."""

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """(first step, step after the last, label) of each token, or chunk of them, of a column."""

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float] | None:
        """The values, in the unit of the column, between which its symbols change; None where
        those that come back are all there is to draw."""

"""The number that every rule gives: how many tokens, how that is known, and what it adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Unpack

from multitok.core.counts import Kind, weakest
from multitok.core.frozen import made_at_once
from multitok.core.info import Info, info_to_dict
from multitok.core.notebook import Displayed

if TYPE_CHECKING:
    from datetime import date

    from multitok.counting.costs import CostWords
    from multitok.prices.rates import Cost, Mode


class Fixed(dict[str, Any]):
    """A dict that several hold, so that nobody writes into it. A copy is a plain dict.

    >>> dict(Fixed(image=765)) | {"text": 2}
    {'image': 765, 'text': 2}
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("parts and geometry of a count stay as they are: change a copy, dict(...)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)


@made_at_once
@dataclass(frozen=True, slots=True, repr=False)
class Count(Displayed):
    """How many tokens, and how we know.

    parts adds up to tokens; `size_seen` is the (width, height) of the picture as the model sees
    it, `frames_seen` how many frames of a clip it is shown; `geometry` is what the rule works out
    on the way, in its reference's words (sizes as (height, width), grids as (rows, columns));
    `error` is the stated relative error of an estimate, as (low, high) factors around `tokens`;
    `rejected` says why the API would answer with an error, and what to do: `tokens` is then what
    the rule would charge, and nothing is; `left_out` is the note on what of the input the model
    never gets; `named` is the model as it was asked for: a dated name may have its own price.

    Counts add up: `a + b` and `sum(counts)` are a Total.
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
    size_seen: tuple[int, int] | None = None
    rejected: tuple[str, ...] = ()
    left_out: str | None = None
    frames_seen: int | None = None
    named: str | None = None

    def cost(self, **words: Unpack[CostWords]) -> Cost:
        """What these tokens cost as the input of the model: in dollars, or None with the reason in
        `why`, where no price is known. The words (output, cached, written, mode, requests,
        provider, on) are those of `multitok.cost`.

        >>> import multitok
        >>> multitok.count(multitok.ImageInfo(1024, 1024), model="gpt-4o").cost().high
        Decimal('0.0019125')
        """
        from multitok.counting.costs import cost_of_count

        return cost_of_count(self, **words)

    @property
    def range(self) -> tuple[int, int] | None:
        """Tokens between which an estimate was measured to lie; None for any other kind."""
        if self.error is None:
            return None
        low, high = self.error
        return round(self.tokens * low), round(self.tokens * high)

    def to_dict(self) -> dict[str, Any]:
        """The count as JSON has it: every field, the date as ISO text."""
        fields = {
            "tokens": self.tokens,
            "kind": self.kind,
            "model": self.model,
            "tokenizer": self.tokenizer,
            "parts": dict(self.parts),
            "info": info_to_dict(self.info),
            "geometry": dict(self.geometry),
            "source": self.source,
            "checked": self.checked.isoformat() if self.checked else None,
            "notes": list(self.notes),
            "rejected": list(self.rejected),
        }
        return fields if self.range is None else {**fields, "range": list(self.range)}

    def __repr__(self) -> str:
        """<Count: 765 tokens, documented, by 'gpt-4o' of ImageInfo(width=1024, height=1024)>"""
        return f"<Count: {_words(self)}, by {self.model or self.tokenizer!r} of {self.info!r}>"

    def __int__(self) -> int:
        return self.tokens

    def __add__(self, other: Count | Total | Literal[0]) -> Total:
        return Total((self,)) + other

    def __radd__(self, other: Literal[0]) -> Total:  # sum() begins at 0
        return Total((self,)) + other


@dataclass(frozen=True, slots=True, repr=False)
class Total(Displayed):
    """Counts added up: as weak as the weakest, the parts of the same name together.

    >>> one = Count(3, "exact", {"text": 3}, None, None, "bytes", "")
    >>> sum([one, one]).parts, int(one + one)
    ({'text': 6}, 6)
    """

    counts: tuple[Count, ...]

    @property
    def tokens(self) -> int:
        return sum(count.tokens for count in self.counts)

    @property
    def kind(self) -> Kind:
        return weakest(count.kind for count in self.counts)

    @property
    def parts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for count in self.counts:
            for name, tokens in count.parts.items():
                found[name] = found.get(name, 0) + tokens
        return found

    def cost(
        self, *, mode: Mode = "standard", provider: str | None = None, on: date | None = None
    ) -> Cost:
        """What they cost together, each sent by itself; None where one of them has no price."""
        from multitok.counting.costs import sum_of

        return sum_of(count.cost(mode=mode, provider=provider, on=on) for count in self.counts)

    @property
    def range(self) -> tuple[int, int] | None:
        """The sums of the ends, where one of the counts has any."""
        ends = [count.range or (count.tokens, count.tokens) for count in self.counts]
        if all(count.range is None for count in self.counts):
            return None
        return sum(low for low, _ in ends), sum(high for _, high in ends)

    @property
    def notes(self) -> tuple[str, ...]:
        """Each note once."""
        return tuple(dict.fromkeys(note for count in self.counts for note in count.notes))

    @property
    def rejected(self) -> tuple[str, ...]:
        """Why the API would answer with an error: each reason once."""
        return tuple(dict.fromkeys(why for count in self.counts for why in count.rejected))

    def to_dict(self) -> dict[str, Any]:
        """The sum as JSON has it, and each count that is in it."""
        fields = {"tokens": self.tokens, "kind": self.kind, "parts": self.parts}
        ends = {} if self.range is None else {"range": list(self.range)}
        return {**fields, **ends, "counts": [count.to_dict() for count in self.counts]}

    def __repr__(self) -> str:
        """<Total: 1,530 tokens, documented, of 2 counts>"""
        return f"<Total: {_words(self)}, of {len(self.counts):,} counts>"

    def __int__(self) -> int:
        return self.tokens

    def __add__(self, other: Count | Total | Literal[0]) -> Total:
        if isinstance(other, Count):
            return Total((*self.counts, other))
        if isinstance(other, Total):
            return Total((*self.counts, *other.counts))
        return self if other == 0 else NotImplemented

    def __radd__(self, other: Literal[0]) -> Total:
        return self + other


def _words(counted: Count | Total) -> str:
    """`1,234 tokens (1,111 to 1,357), estimate`; a number of which nothing is charged says so."""
    ends = counted.range
    between = f" ({ends[0]:,} to {ends[1]:,})" if ends is not None else ""
    kind = "rejected" if counted.rejected else counted.kind
    return f"{counted.tokens:,} tokens{between}, {kind}"

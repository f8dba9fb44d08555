"""A whole request within a budget: the mildest changes, and what each of them saved."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from multitok.catalog.load import catalog as models_of
from multitok.core.boundary import boundary
from multitok.core.errors import BudgetExceeded, UnknownNameError
from multitok.core.info import ImageInfo, plural
from multitok.counting.rules import files_of
from multitok.prices.rates import Mode
from multitok.requests.calibration import Calibration
from multitok.requests.fitting.budget import Budget
from multitok.requests.fitting.edits import Edit
from multitok.requests.fitting.order import KINDS, Kind, stages_of
from multitok.requests.fitting.plain import plain
from multitok.requests.fitting.search import Edited, Levels, edited, mildest
from multitok.requests.fitting.turns import Conversation
from multitok.requests.limits import uncounted
from multitok.requests.payloads import parse
from multitok.requests.whole import RequestCount, count_request


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of a request that was made smaller, and the tokens that this saved.

    path      where it stands in the request that was given
    what      image, video, pdf, document, tool result, media, turns
    was, now  in words: `4000 x 3000`, `768 x 576`
    """

    path: str
    what: str
    was: str
    now: str
    saved: int


@dataclass(frozen=True, slots=True)
class RequestFit:
    """A request within its budget: the payload as plain JSON, and what was changed to get there.

    `before` and `after` count the request as it was given and as it is now; what the changes saved
    adds up to the difference of their tokens.
    """

    payload: Any = field(repr=False)
    changes: tuple[Change, ...]
    before: RequestCount
    after: RequestCount
    budget: Budget

    @property
    def saved(self) -> int:
        """Tokens that the changes saved."""
        return self.before.tokens - self.after.tokens

    def to_json(self) -> str:
        """The payload as text: escapes only where UTF-8 has no bytes for a character."""
        text = json.dumps(self.payload, ensure_ascii=False, indent=2)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:  # half of a surrogate pair
            return json.dumps(self.payload, indent=2)
        return text


def fit_request(
    payload: Any,
    model: str | None = None,
    provider: str | None = None,
    *,
    max_tokens: int | None = None,
    max_cost: Decimal | str | float | None = None,
    keep: Kind | Sequence[Kind] = (),
    output_tokens: int | None = None,
    mode: Mode | None = None,
    allow_unknown: bool = False,
    allow_files: bool | str | Path = False,
    assume_image: ImageInfo | None = None,
    catalog: str | Sequence[str] = (),
    calibration: Calibration | str | Path | None = None,
    template: str | Path | None = None,
) -> RequestFit:
    """A request made smaller until it is within a budget, and as little as that takes.

    Smaller pictures, fewer frames, shorter documents and results of tools, fewer old turns, in an
    order that loses least first: of older turns the media, then the documents, then the oldest
    turns themselves; of the last turn the media, then the documents. The system text, the tools and
    what is said in the last turn stay. The payload that is given is not changed; what comes back is
    plain JSON, and equal to it but for the changes.

    max_tokens     input tokens it may have; an estimate counts by the upper end of its error
    max_cost       dollars it may cost: that input, and the most output it asks for
    keep           what is not touched: images, clips, documents, turns
    output_tokens  tokens of the answer that are paid for, whatever the request asks for
    mode           standard, batch, flex, priority or fast; as the request says, if none is given
    allow_unknown  fit what can be counted of a request that cannot be counted whole

    The other arguments are those of `count_request`. BudgetExceeded where no change is enough, with
    the least there is; and for a request with unknown parts, or without a price.

    >>> talk = [{"role": "user", "content": "hi " * 90}, {"role": "assistant", "content": "hello"},
    ...         {"role": "user", "content": "And now?"}]
    >>> fitted = fit_request(talk, model="gpt-4o", max_tokens=20)
    >>> fitted.payload, fitted.after.tokens
    ([{'role': 'user', 'content': 'And now?'}], 10)
    >>> [(change.was, change.now) for change in fitted.changes]
    [('1 turn, 2 messages', 'dropped')]
    """
    keep = (keep,) if isinstance(keep, str) else tuple(keep)
    for kind in keep:
        if kind not in KINDS:
            raise UnknownNameError.of("kind", kind, KINDS, f"There are: {', '.join(KINDS)}")
    with boundary("reading", "the request"):
        given = plain(payload)
    budget = Budget.of(max_tokens, max_cost, output_tokens, mode)

    def count(made: Any) -> RequestCount:
        return count_request(
            made, model, provider,
            allow_files=allow_files, assume_image=assume_image, catalog=catalog,
            calibration=calibration, template=template,
        )  # fmt: skip

    before = count(given)
    if not allow_unknown:
        _refuse_unknown(before)
    if budget.holds(before):
        return RequestFit(given, (), before, before, budget)
    files = files_of(catalog)
    with boundary("fitting", "the request"):
        found = _edited(given, provider, before, keep, files)
        levels = mildest(found.stages, cache(lambda at: budget.holds(count(found.at(at)))))
        if levels is None:
            severest = tuple(stage.levels for stage in found.stages)
            raise budget.missed(count(found.at(severest)), keep)
        made, changes = _written(found, levels, before, count)
    return RequestFit(made, changes, before, count(made), budget)


def _refuse_unknown(count: RequestCount) -> None:
    """BudgetExceeded for a request with parts that nobody here can count."""
    if count.complete:
        return
    raise BudgetExceeded(
        f"{uncounted(count)} To fit what is known of it: allow_unknown=True (--allow-unknown)",
        count=count,
    )


def _edited(
    payload: Any, provider: str | None, count: RequestCount, keep: Sequence[Kind],
    files: tuple[str, ...],
) -> Edited:  # fmt: skip
    """The payload with the stages that may change it."""
    conversation = Conversation.of(payload)
    request = parse(payload, provider)
    counted = list(zip(request.parts, count.parts, strict=False))  # the frames come behind
    model = models_of(*files).model(count.model)
    stages = stages_of(payload, conversation, counted, model, count.provider, keep, files)
    return Edited(payload, conversation, stages)


def _written(
    found: Edited, levels: Levels, before: RequestCount, count: Callable[[Any], RequestCount]
) -> tuple[Any, tuple[Change, ...]]:
    """The payload as it is sent, and what each change saved: stage by stage, the turns last."""
    made, last, changes = found.payload, before, list[Change]()
    for edits in found.edits(levels):
        if not edits:
            continue
        final = [edit.final() for edit in edits]
        made = edited(made, final)
        now = count(made)
        changes += _saved(final, last, now)
        last = now
    cut = found.cut(levels)
    if cut:
        made = found.conversation.without(made, cut)
        changes.append(_dropped(found.conversation, cut, last.tokens - count(made).tokens))
    return made, tuple(changes)


def _saved(edits: Sequence[Edit], last: RequestCount, now: RequestCount) -> Iterator[Change]:
    """What the edits of one stage saved: each at its own path, and the first what is at no path of
    an edit."""
    was, there = _by_path(last), _by_path(now)
    saved = [was.get(edit.path, 0) - there.get(edit.path, 0) for edit in edits]
    saved[0] += last.tokens - now.tokens - sum(saved)
    for edit, tokens in zip(edits, saved, strict=True):
        yield Change(edit.path, edit.what, edit.was, edit.now, tokens)


def _by_path(count: RequestCount) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in count.parts:
        found[part.path] += part.tokens or 0
    return found


def _dropped(conversation: Conversation, cut: int, saved: int) -> Change:
    gone = conversation.dropped(cut)
    turns = sum(start < cut for start in conversation.starts)
    name = ".".join(map(str, conversation.place))
    ends = [f"{name}[{i}]" for i in dict.fromkeys((gone[0], gone[-1]))]
    was = f"{plural(turns, 'turn')}, {plural(len(gone), 'message')}"
    return Change(" to ".join(ends), "turns", was, "dropped", saved)

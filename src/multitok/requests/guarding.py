"""A client that refuses a request over its budget before anything is sent.

    client = multitok.guard(openai.OpenAI(), max_tokens=8000, max_cost="0.05")
    client.chat.completions.create(model="gpt-4o", messages=[...])    # or BudgetExceeded

Clients of openai, anthropic, google-genai and mistralai are wrapped, sync and async, without
importing any of them: calls that send a prompt are counted first, calls known to cost no token pass
through (`calls` lists both), and every other call is refused, a new one of an SDK too. After the
answer, or while it streams, the difference between counted and billed is kept in
`client.guard.calls`.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

from multitok.catalog.names import answered_at
from multitok.core.boundary import boundary
from multitok.core.errors import BudgetExceeded, MediaError, MultitokError
from multitok.prices.rates import Cost
from multitok.requests.calls import AROUND, Calls, Format, calls_of, endpoint_at
from multitok.requests.counted import RequestPart
from multitok.requests.limits import checked_dollars, checked_tokens, uncounted
from multitok.requests.streams import reading, watched
from multitok.requests.usage import Usage, usage_of
from multitok.requests.whole import RequestCount, count_request

COPIES = ("with_options", "copy", "with_middleware")
"""Calls that give the client anew."""

PLAIN = (str, bytes, int, float, Mapping, list, tuple, set, frozenset, Enum, type(None))
"""What a client may show of its settings."""

BESIDE = (
    "extra_headers", "extra_query", "timeout", "retries", "server_url", "timeout_ms",
    "http_headers",
)  # fmt: skip
"""Keywords for the SDK itself, which are in no request."""

Client = TypeVar("Client")
KEPT = 1000
"""Calls whose counts are kept."""


@dataclass(slots=True)
class Call:
    """One request that was sent: what was counted before, and billed after.

    billed  None until the answer has told it: a stream tells it as it is read, OpenAI's chat
            only with `stream_options={"include_usage": True}`; None for good where none is told
    """

    counted: RequestCount
    billed: Usage | None = None

    @property
    def difference(self) -> int | None:
        """Billed less counted input tokens; None where the answer told no usage."""
        return self.billed.input - self.counted.tokens if self.billed is not None else None

    @property
    def cost(self) -> Cost | None:
        """What was billed, at the price list of today; None where the answer told no usage."""
        if self.billed is None:
            return None
        mode = self.billed.tier or self.counted.terms.tier
        return self.billed.cost(self.counted.asked, mode=mode)


class Guard:
    """The budget, and what was sent under it."""

    def __init__(
        self,
        max_tokens: int | None,
        max_cost: Decimal | None,
        model: str | None,
        allow: bool,
        endpoint: str | None = None,
    ) -> None:
        self.max_tokens = max_tokens
        self.max_cost = max_cost
        self.model = model
        self.allow_unknown = allow
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self._endpoint = endpoint

    def check(self, payload: Mapping[str, Any], form: Format) -> RequestCount:
        """The count, or BudgetExceeded. Text is first proven to fit by its size alone."""
        with boundary("counting", "the request"):
            return self._check(payload, form)

    def _check(self, payload: Mapping[str, Any], form: Format) -> RequestCount:
        if self.max_cost is None and self.max_tokens is not None:
            bound = self.count(payload, form, bound=True)
            if bound.complete and bound.most <= self.max_tokens:
                return bound
        counted = self.count(payload, form)
        self.refuse_unknown(counted)
        if self.max_tokens is not None and counted.most > self.max_tokens:
            raise BudgetExceeded(
                _over_tokens(counted, self.max_tokens), count=counted, max_tokens=self.max_tokens
            )
        if self.max_cost is not None:
            self.check_cost(counted, self.max_cost)
        return counted

    def count(
        self, payload: Mapping[str, Any], form: Format, *, bound: bool = False
    ) -> RequestCount:
        """The count, for the model that the guard names, or the request, where the client sends."""
        model, asked = self.model, self.model or payload.get("model")
        if self._endpoint and isinstance(asked, str):
            model = answered_at(self._endpoint, asked)
        return count_request(payload, model, form, bound=bound, answered=True)

    def refuse_unknown(self, counted: RequestCount) -> None:
        if counted.complete or self.allow_unknown:
            return
        raise BudgetExceeded(
            f"{uncounted(counted)} Nothing was sent. To send it anyway:"
            " guard(client, allow_unknown=True)",
            count=counted,
        )

    def check_cost(self, counted: RequestCount, limit: Decimal) -> None:
        cost = counted.cost(counted.max_output or 0, most=True)
        if cost.high is None:
            if self.allow_unknown:
                return
            raise BudgetExceeded(
                f"the cost of the request is unknown: {cost.why}. Nothing was sent. To send it"
                " anyway: guard(client, allow_unknown=True)",
                count=counted,
                cost=cost,
            )
        if cost.high > limit:
            message = _over_cost(counted, cost, limit)
            raise BudgetExceeded(message, count=counted, cost=cost, max_cost=limit)

    def keep(self, payload: Mapping[str, Any], form: Format, answer: Any, was: RequestCount) -> Any:
        """Notes what was billed, now or as the answer streams, and counts exactly then what was
        only proven to fit. Gives the answer.

        The answer is paid for: whatever goes wrong here must not take it away.
        """
        call = Call(was)
        self.calls.append(call)

        def note(billed: Usage) -> None:
            call.billed = billed
            if call.counted.bound:
                call.counted = self.count(payload, form)

        try:
            with boundary("reading", "the answer"):
                raw = getattr(answer, "http_response", None)
                whole = raw.json() if raw is not None and raw.is_stream_consumed else answer
                if (billed := usage_of(whole)) is None:
                    return watched(answer, reading(note))
                note(billed)
        except MultitokError:
            pass  # the call is kept with what is known of it
        return answer


def guard(
    client: Client,
    *,
    max_tokens: int | None = None,
    max_cost: Decimal | str | float | None = None,
    model: str | None = None,
    allow_unknown: bool = False,
) -> Client:
    """`client`, with a budget for every request: BudgetExceeded before anything is sent.

    What comes back has the client's methods, and `guard_of` gives the calls that were sent.

    max_tokens     input tokens a request may have; an estimate counts by the upper end of its error
    max_cost       dollars it may cost: its input, and the most output it asks for
    model          counts for this model of the catalogue instead of the one in the request
    allow_unknown  send what cannot be counted or priced, and call what the guard does not know,
                   instead of refusing it

    MediaError where no budget is given.

    >>> class Client:
    ...     class messages:
    ...         create = staticmethod(lambda **request: {"usage": {"input_tokens": 9}})
    >>> client = guard(Client(), max_tokens=100)
    >>> hello = [{"role": "user", "content": "hello"}]
    >>> client.messages.create(model="claude-opus-5", messages=hello)
    {'usage': {'input_tokens': 9}}
    """
    if max_tokens is None and max_cost is None:
        raise MediaError("guard needs a budget: pass max_tokens=8000 or max_cost='0.05'")
    tokens = checked_tokens("max_tokens", max_tokens)
    dollars = checked_dollars(max_cost)
    budget = Guard(tokens, dollars, model, allow_unknown, endpoint_at(client))
    return cast("Client", Guarded(client, "", budget, calls_of(client)))


def guard_of(client: object) -> Guard:
    """The budget of a client that `guard` gave, and in `calls` what was sent under it.

    MediaError for a client that is not guarded.

    >>> guard_of(guard(object(), max_tokens=100)).max_tokens
    100
    """
    if not isinstance(client, Guarded):
        raise MediaError(f"{client!r} is not guarded: multitok.guard(client, max_tokens=8000)")
    return client.guard


class Guarded:
    """A part of a client below its guard; `guard` is the budget and the calls.

    Names that begin with an underscore are the SDK's own, and given as they are.
    """

    def __init__(self, inner: Any, path: str, guard: Guard, known: Calls) -> None:
        self._inner = inner
        self._path = path
        self._known = known
        self.guard = guard

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)
        known = self._known
        path = self._path if name in AROUND else f"{self._path}.{name}".lstrip(".")
        if name.startswith("_") or path in known.harmless or _is_plain(inner):
            return inner
        if path in known.rooms or name in AROUND:
            return self.below(inner, path)
        if form := known.forms.get(path):
            return _counted(inner, form, self.guard)
        if path in COPIES:
            return lambda *given, **words: self.below(inner(*given, **words), "")
        if not callable(inner):
            return self.below(inner, path)
        return inner if self.guard.allow_unknown else _refused(path, known.advice(path))

    def below(self, inner: Any, path: str) -> Guarded:
        return Guarded(inner, path, self.guard, self._known)

    def __dir__(self) -> Iterable[str]:
        return ["guard", *dir(self._inner)]

    def __enter__(self) -> Guarded:
        self._inner.__enter__()
        return self

    def __exit__(self, *exception: Any) -> Any:
        return self._inner.__exit__(*exception)

    async def __aenter__(self) -> Guarded:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> Any:
        return await self._inner.__aexit__(*exception)

    def __repr__(self) -> str:
        return f"guard({self._inner!r})"


def _counted(method: Callable[..., Any], form: Format, budget: Guard) -> Callable[..., Any]:
    """The method, counting its keywords first; what it awaits or gives is passed on."""

    def call(*given: Any, **payload: Any) -> Any:
        if given:
            raise BudgetExceeded(
                "a guarded call takes its request by keywords (model=..., messages=...), so that it"
                " can be counted. Nothing was sent"
            )
        request = {
            key: value
            for key, value in payload.items()
            if key not in BESIDE and not _is_unset(value)
        }
        if isinstance(extra := request.pop("extra_body", None), Mapping):
            request |= extra  # as the SDKs merge it into what they send
        was = budget.check(request, form)
        answer = method(**payload)
        if inspect.isawaitable(answer):
            return _awaited(answer, request, form, budget, was)
        return budget.keep(request, form, answer, was)

    return call


def _refused(path: str, advice: str | None) -> Callable[..., Any]:
    """A call that may send a prompt past the guard."""

    def call(*given: Any, **payload: Any) -> Any:
        if advice:
            what, instead = "sends prompts that the guard cannot count", f" Call {advice}."
        else:
            what, instead = "is a call that the guard does not know", ""
        raise BudgetExceeded(
            f"{path} {what}. Nothing was sent.{instead} To send it anyway:"
            " guard(client, allow_unknown=True)"
        )

    return call


async def _awaited(
    answer: Awaitable[Any], request: Mapping[str, Any], form: Format, budget: Guard,
    was: RequestCount,
) -> Any:  # fmt: skip
    return budget.keep(request, form, await answer, was)


def _is_plain(value: Any) -> bool:
    """Whether nothing can be sent by it: a setting, or an address or limit of the HTTP library."""
    return isinstance(value, PLAIN) or type(value).__name__ in ("URL", "Timeout")


def _is_unset(value: Any) -> bool:
    """The SDKs' own marks for a keyword that is not given."""
    return type(value).__name__ in ("NotGiven", "Omit", "Unset")


def _dearest(counted: RequestCount) -> RequestPart:
    return max(counted.parts, key=lambda part: part.tokens or 0)


def _over_tokens(counted: RequestCount, limit: int) -> str:
    part = _dearest(counted)
    about = "" if counted.most == counted.tokens else f", at most {counted.most:,}"
    return (
        f"the request has {counted.tokens:,} tokens{about} ({counted.kind}), over its budget of"
        f" {limit:,}. The largest part is {part.path} ({part.what}) with {part.tokens or 0:,}."
        " Nothing was sent"
    )


def _over_cost(counted: RequestCount, cost: Cost, limit: Decimal) -> str:
    output = f" and up to {counted.max_output:,} of output" if counted.max_output else ""
    return (
        f"the request costs up to {cost} for {counted.tokens:,} input tokens{output}, over its"
        f" budget of ${limit}. Nothing was sent"
    )

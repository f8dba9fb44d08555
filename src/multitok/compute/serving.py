"""What a served token takes: the roofline of compute and memory, for one request or a batch.

A prompt is read in one pass, so its weights are read once for all of its tokens: compute is what
lasts. An answer is written token by token, and each step reads the weights and the cached keys and
values of every request: for one request memory is what lasts, for a large batch compute.

    pass       max(work / (peak x utilization), bytes / (bandwidth x utilization))
    work       2 x active x tokens + 4 x layers x width x (context of each token)
    bytes      weights + KV cache, 2 x layers x KV width x 2 bytes a token of context

Seconds are of one accelerator: n of them that share a model perfectly take 1/n of the time at n
times the price, and what sharing loses is in the utilization. Source: arXiv:2211.05102; the
roofline is Williams et al. 2009, doi:10.1145/1498765.1498785.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal, NamedTuple

from multitok.compute.accelerators import BYTES, Accelerator
from multitok.compute.model import ModelSize
from multitok.compute.spans import Span
from multitok.compute.utilization import Reported

KV_BYTES = 2
"""Of a cached value: BF16, however the weights are stored."""

Bound = Literal["compute", "memory"]


class Requests(NamedTuple):
    """So many tokens read and written by each, and how many are answered at once."""

    prompt: int
    answer: int
    batch: int

    @property
    def tokens(self) -> int:
        return self.prompt + self.answer

    @property
    def context(self) -> float:
        """Tokens before the middle token of the answer."""
        return self.prompt + self.answer / 2


@dataclass(frozen=True, slots=True)
class Pass:
    """Seconds of one accelerator for a token, and what lasts: `bound`."""

    compute: Span
    memory: Span

    @property
    def seconds(self) -> Span:
        return self.compute.or_more(self.memory)

    @property
    def bound(self) -> Bound:
        return "compute" if self.compute.value >= self.memory.value else "memory"


def work_of_token(model: ModelSize, tokens: int) -> Span:
    """FLOPs of a token of a request, in the mean of all its tokens.

    2 x active + 2 x layers x width x tokens: the token at place n attends to n before it, at 4 x
    layers x width each, and the mean place is half of the request (arXiv:2001.08361, section 2.1).
    """
    return model.stacked * (2.0 * tokens) + 2 * model.active


@dataclass(frozen=True, slots=True)
class Roofline:
    """A model on an accelerator, with the shares of both peaks that are reached."""

    model: ModelSize
    on: Accelerator
    weights: str
    compute: Reported
    bandwidth: Reported

    def reading(self, asked: Requests) -> Pass:
        """A token of the prompts of a batch."""
        work = self.model.stacked * (2.0 * asked.prompt) + 2 * self.model.active
        tokens = asked.batch * asked.prompt
        return self._pass(work, Span.of(self._weights(tokens) / tokens))

    def writing(self, asked: Requests) -> Pass:
        """A token of an answer: one step of the batch, by its requests."""
        work = self.model.stacked * (4.0 * asked.context) + 2 * self.model.active
        weights = self._weights(asked.batch) / asked.batch
        return self._pass(work, self._cache(asked.context) + weights)

    def seconds(self, asked: Requests) -> Span:
        """Of one accelerator, for a token of a request in the mean."""
        prompts = self.reading(asked).seconds * float(asked.prompt)
        answers = self.writing(asked).seconds * float(asked.answer)
        return (prompts + answers) / float(asked.tokens)

    def held(self, asked: Requests) -> Span:
        """Bytes of the whole model, and of the cache of a batch at its longest."""
        cache = self._cache(float(asked.tokens)) * float(asked.batch)
        return cache + self.model.parameters * BYTES[self.weights]

    def least(self, asked: Requests) -> Span:
        """Accelerators whose memory holds that."""
        held = self.held(asked)
        return Span(*(float(ceil(b / self.on.memory)) for b in (held.low, held.value, held.high)))

    def _cache(self, context: float) -> Span:
        return self.model.kept * (2.0 * KV_BYTES * context)

    def _weights(self, tokens: int) -> float:
        return self.model.read(tokens, BYTES[self.weights])

    def _pass(self, work: Span, read: Span) -> Pass:
        peak = self.on.peak(self.weights)
        return Pass(
            work / (self.compute.share * peak),
            read / (self.bandwidth.share * self.on.bandwidth),
        )

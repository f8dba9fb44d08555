"""Usage that no provider bills: of tests whose numbers were made up, or whose text was taken out.

Such a bill tells nothing of a count, so it is held against none.
"""

from __future__ import annotations

from multitok.requests.usage import Usage
from multitok.requests.whole import RequestCount

LEAST_CACHE = 64
"""Tokens of the smallest cache that a recorded bill has: GLM's. OpenAI's have 1,024."""
HIDDEN = 1_000
"""Tokens that a provider may write around texts alone: 82 are the most in recorded bills."""


def mocked(billed: Usage, counted: RequestCount | None) -> str | None:
    """Why this is no bill; None where it may be one.

    >>> mocked(Usage(107, cached=2, written={"": 5}), None)
    'no bill: a cache of 7 tokens, where the smallest has 64'
    """
    cached = billed.cached + sum(billed.written.values())
    if 0 < cached < LEAST_CACHE:
        return f"no bill: a cache of {cached} tokens, where the smallest has {LEAST_CACHE}"
    if counted is None or not counted.complete:
        return None
    if any(part.modality != "text" for part in counted.parts):
        return None
    size = sum(part.bytes or 0 for part in counted.parts)  # a token is a byte at least
    if billed.input > size + HIDDEN:
        return f"no bill: {billed.input:,} tokens for {size:,} bytes of text"
    return None

"""Which share of a peak is reached: what papers report, with the range between them."""

from __future__ import annotations

from typing import NamedTuple

from multitok.compute.spans import Ranged, Span, share


class Reported(NamedTuple):
    """A share of a peak, and who reports it."""

    share: Span
    source: str


TRAINING = Reported(
    Span(0.21, 0.40, 0.46),
    "arXiv:2407.21783 (Llama 3 405B: 0.38 to 0.43), arXiv:2204.02311 table 3 (GPT-3: 0.21, PaLM:"
    " 0.46)",
)
"""Of the peak FLOP/s, in training (PaLM's model FLOPs utilization)."""

PROMPT = Reported(
    Span(0.43, 0.60, 0.76),
    "arXiv:2211.05102 table 2 (PaLM 540B: 0.43 for one request, 0.76 for many); the middle of both",
)
"""Of the peak FLOP/s, in serving."""

BANDWIDTH = Reported(
    Span(0.27, 0.56, 0.73),
    "https://github.com/pytorch-labs/gpt-fast (Llama 2 on A100: 0.27 with 8 cards at 4 bits to 0.73"
    " with 2 at 16; 0.56 with 8 at 16)",
)
"""Of the peak bandwidth of memory, when an answer is written."""


def reached(given: Ranged | None, name: str, reported: Reported) -> Reported:
    """What the user gives, or else what is reported."""
    if given is None:
        return reported
    return Reported(share(given, name, f"{reported.share.value:g}"), "given")

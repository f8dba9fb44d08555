"""What tokenizers lose, as a table."""

from __future__ import annotations

from collections.abc import Iterable

from multitok.counting.distortion import Distortion
from multitok.report.columns import table


def render(rows: Iterable[Distortion], *, width: int | None = None) -> str:
    """Tokens, tokens a second (or a step), bits a step, RMSE and the largest error, a row each."""
    listed = list(rows)
    timed = all(row.seconds for row in listed)
    body = [
        [
            row.label,
            f"{row.tokens:,}",
            _few(row.tokens_per_second if timed else row.tokens_per_step),
            _few(row.bits_per_step),
            f"{row.rmse:.4g}",
            f"{row.worst:.4g}",
        ]
        for row in listed
    ]
    rate = "a second" if timed else "a step"
    headers = ["tokenizer", "tokens", rate, "bits a step", "RMSE", "worst"]
    return table(headers, body, right=(1, 2, 3, 4, 5), width=width)


def _few(value: float | None) -> str:
    """One decimal, or the first digit that is not 0."""
    if value is None:
        return ""
    return f"{value:.1g}" if 0 < value < 0.05 else f"{value:.1f}"

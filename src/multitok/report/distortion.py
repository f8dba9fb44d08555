"""What tokenizers lose, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from multitok.report.columns import table
from multitok.report.safe import shown
from multitok.report.text import percent

if TYPE_CHECKING:
    from multitok.counting.distortion import Distortion
    from multitok.counting.picture_distortion import PictureDistortion
    from multitok.counting.sound_distortion import SoundDistortion


def render(rows: Iterable[Distortion], *, width: int | None = None) -> str:
    """Tokens, tokens a second (or a step), bits a step, RMSE and the largest error, a row each; the
    channel that comes back worst for how much it moves, and the share of values that were clipped,
    where there are such."""
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
    more = {"NRMSE": [_nrmse(row) for row in listed], "clipped": [_share(row) for row in listed]}
    for header, cells in more.items():
        if any(cells):
            headers.append(header)
            body = [[*row, cell] for row, cell in zip(body, cells, strict=True)]
    return table(headers, body, right=tuple(range(1, len(headers))), width=width)


def render_pictures(rows: Iterable[PictureDistortion], *, width: int | None = None) -> str:
    """Tokens, tokens a megapixel, bits a pixel, PSNR, the largest error and what was promised."""
    body = [
        [
            row.label,
            f"{row.tokens:,}",
            f"{row.tokens_per_megapixel:,.0f}",
            "" if row.bits_per_pixel is None else f"{row.bits_per_pixel:.3f}",
            "lossless" if row.psnr is None else f"{row.psnr:.2f} dB",
            f"{row.worst}",
            "" if row.bound is None else f"{row.bound:.4g}",
        ]
        for row in rows
    ]
    headers = ["written as", "tokens", "a megapixel", "bits a pixel", "PSNR", "worst", "bound"]
    return table(headers, body, right=tuple(range(1, len(headers))), width=width)


def render_sounds(rows: Iterable[SoundDistortion], *, width: int | None = None) -> str:
    """Tokens, tokens and kilobits a second, SNR, the largest error and what was promised."""
    body = [
        [
            row.label,
            f"{row.tokens:,}",
            f"{row.tokens_per_second:,.0f}",
            _few(row.kilobits_per_second),
            "lossless" if row.snr is None else f"{row.snr:.2f} dB",
            f"{row.worst:.4g}",
            f"{row.bound:.4g}",
        ]
        for row in rows
    ]
    headers = ["written as", "tokens", "a second", "kbit/s", "SNR", "worst", "bound"]
    return table(headers, body, right=tuple(range(1, len(headers))), width=width)


def _nrmse(row: Distortion) -> str:
    """The worst channel's, and its name where there are several."""
    if row.worst_channel is None:
        return ""
    name, error = row.worst_channel
    return f"{error:.3g}" if len(row.nrmse) == 1 else f"{error:.3g} {shown(name)}"


def _share(row: Distortion) -> str:
    return percent(row.clipped) if row.clipped else ""


def _few(value: float | None) -> str:
    """One decimal, or the first digit that is not 0."""
    if value is None:
        return ""
    return f"{value:.1g}" if 0 < value < 0.05 else f"{value:.1f}"

"""LLMTime: a series as digits in text, counted and encoded by any text tokenizer."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log10
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from multitok.core.errors import DecodeError, MediaError, NeedsContentError
from multitok.core.info import SeriesInfo
from multitok.core.parameters import AtLeast, AtMost
from multitok.core.registry import build
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import check_choice, refuse_infinite, restored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence

SPACED = ("r50k_base", "p50k_base")
"""Vocabularies that merge digits as they please: only a space before each keeps them apart."""


class Style(NamedTuple):
    """How numbers are written, and the scaler that goes with it."""

    digit: str
    step: str
    minus: str
    alpha: float
    basic: bool


STYLES: Mapping[str, Style] = {
    "spaced": Style(" ", " ,", " -", 0.95, False),
    "plain": Style("", ", ", "-", 0.3, True),
}
MISSING = " Nan"


_LEAST = sys.float_info.min
"""A scale below the smallest normal number is none: what it divides has no digits, or overflows."""


@dataclass(frozen=True, kw_only=True)
class LlmTimeTokenizer(Tokenizer["Series", SeriesInfo]):
    """Scale each channel, write `precision` digits after the point without the point, as text.

    text        the text tokenizer by name: its ids are the tokens
    style       "spaced" (` 5 0 0 ,`) for vocabularies that merge digits, "plain" (`500, `) where a
                digit or a run of three is a token; None: as the vocabulary needs
    alpha, beta, basic   the scaler: basic divides by the alpha quantile of |x| (at least 0.01);
                otherwise the minimum less beta ranges moves to 0 and the alpha quantile becomes 1.
                None: as the style has it
    decimal_point   written between the digits, or nothing
    reference   as published: digits are truncated, float error and all (-0.25 writes -249), half a
                unit is added on decoding, and a missing value decodes to that half

    By default numbers are rounded, and Nan decodes to NaN. Channels stand in lines of their own.
    Source: Gruver et al. 2023, ngruver/llmtime data/serialize.py.

    >>> from multitok import Series
    >>> LlmTimeTokenizer(text="bytes", scale=False).written(Series([0.5, -1.25, float("nan")]))
    '500, -1250,  Nan, '
    """

    text: str = "o200k_base"
    style: Literal["spaced", "plain"] | None = None
    precision: Annotated[int, AtLeast(0), AtMost(300)] = 3  # where the digits of a double end
    alpha: float | None = None
    beta: float = 0.3
    basic: bool | None = None
    scale: bool = True
    decimal_point: str = ""
    half_bin: bool = True
    max_value: float = 1e7
    reference: bool = False

    name: ClassVar[str] = "llmtime"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"text": "bytes"},
        {"text": "bytes", "style": "spaced", "precision": 1},
        {"text": "bytes", "precision": 2, "decimal_point": ".", "alpha": 0.99, "basic": False},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.style is not None:
            check_choice("style", self.style, tuple(STYLES))
        if self.alpha is not None and not 0 <= self.alpha <= 1:
            raise MediaError(f"alpha must be 0 to 1, got {self.alpha!r}")
        if any(char.isdigit() or char in "-,\n" for char in self.decimal_point):
            raise MediaError(f"decimal_point must be no digit or sign, got {self.decimal_point!r}")

    @property
    def written_as(self) -> Style:
        """The style, with this tokenizer's alpha and basic where they are given."""
        style = STYLES[self.style or ("spaced" if self.text in SPACED else "plain")]
        return style._replace(
            alpha=style.alpha if self.alpha is None else self.alpha,
            basic=style.basic if self.basic is None else self.basic,
        )

    def count(self, x: Series | SeriesInfo, /) -> int:
        if isinstance(x, SeriesInfo):
            raise NeedsContentError(
                f"llmtime token counts depend on the digits: pass Series(...), not {x!r}"
            )
        return len(self.encode(x))

    def shift_scale(self, column: NDArray[np.float64]) -> tuple[float, float]:
        """What is subtracted, and what divides, for one channel."""
        import numpy as np

        seen = column[~np.isnan(column)]
        style = self.written_as
        if not self.scale or not len(seen):
            return 0.0, 1.0
        if style.basic:
            return 0.0, max(float(np.quantile(np.abs(seen), style.alpha)), 0.01)
        low, high = float(seen.min()), float(seen.max())
        shift = low - self.beta * (high - low)
        scale = float(np.quantile(seen - shift, style.alpha))
        return shift, scale if scale >= _LEAST else 1.0

    def written(self, media: Series) -> str:
        """The text, a line a channel, without scaling it again: what the language model reads."""
        columns = media.values.T
        return "\n".join(self._line(column, *self.shift_scale(column)) for column in columns)

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        from multitok.core.media import Text
        from multitok.core.sequence import TokenSequence

        refuse_infinite(media, self.name)
        found = self._tokenizer().encode(Text(self.written(media)))
        scales = [self.shift_scale(column) for column in media.values.T]
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(found), dtype=np.bool_),
            ids=found.ids,
            state={
                "shift": np.array([shift for shift, _ in scales]),
                "scale": np.array([scale for _, scale in scales]),
                "bytes": found.info.bytes,
                "names": list(media.names),
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The numbers the text says, scaled back. DecodeError where it says too few or none."""
        import numpy as np

        from multitok.core.info import TextInfo
        from multitok.core.sequence import TokenSequence

        info = tokens.info_as(SeriesInfo)
        inner = self._tokenizer()
        text = inner.decode(
            TokenSequence(
                tokenizer=inner.config(),
                info=TextInfo(int(tokens.state["bytes"])),
                special=tokens.special,
                ids=tokens.ids,
            )
        ).text
        if (size := len(text.encode())) < tokens.state["bytes"]:  # half a number is a number too
            raise DecodeError(
                f"{self.name} wrote {tokens.state['bytes']} bytes, the ids say {size}: pass the"
                " whole sequence"
            )
        lines = text.split("\n")
        if len(lines) != info.channels:
            raise DecodeError(
                f"{self.name}: the text has {len(lines)} lines, the series {info.channels} channels"
            )
        values = np.empty((info.steps, info.channels))
        for c, line in enumerate(lines):
            column = self.parsed(line)
            if len(column) != info.steps:
                raise DecodeError(
                    f"{self.name}: the text of channel {c} holds {len(column)} numbers, the series"
                    f" has {info.steps} steps"
                )
            values[:, c] = column * tokens.state["scale"][c] + tokens.state["shift"][c]
        return restored(tokens, values)

    def parsed(self, line: str) -> NDArray[np.float64]:
        """The scaled numbers of one channel's text: also of a forecast that a model wrote."""
        import numpy as np

        style = self.written_as
        out = []
        for word in line.split(style.step):
            if not word:
                continue
            if word.strip() == MISSING.strip():
                out.append(0.0 if self.reference else float("nan"))
                if self.reference and self._half():
                    out[-1] = self._half()
                continue
            minus = style.minus.strip()
            body = word.strip()
            sign = -1.0 if body.startswith(minus) else 1.0
            digits = body.removeprefix(minus).replace(" ", "")
            if self.decimal_point:
                digits = digits.replace(self.decimal_point, "", 1)
            if not digits.isascii() or not digits.isdigit():
                raise DecodeError(f"{self.name}: {word!r} is no number in this style")
            out.append(sign * (int(digits) / 10**self.precision + self._half()))
        return np.array(out, dtype=np.float64)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Half a unit of the last digit, times the largest scale; one and a half as published."""
        import numpy as np

        scale = float(np.max(tokens.state["scale"], initial=0.0))
        shift = float(np.max(np.abs(tokens.state["shift"]), initial=0.0))
        units = 1.5 if self.reference else 0.5
        return (units * 10.0**-self.precision + 1e-9) * scale + shift * 1e-12

    def _half(self) -> float:
        return 0.5 * 10.0**-self.precision if self.reference and self.half_bin else 0.0

    def _tokenizer(self) -> Any:
        found: Any = build(self.text, {})
        if found.modality != "text" or not isinstance(found, Tokenizer):
            raise MediaError(f"text must name a text tokenizer, got {self.text!r}")
        return found

    def _line(self, column: NDArray[np.float64], shift: float, scale: float) -> str:
        import numpy as np

        style = self.written_as
        scaled = (column - shift) / scale
        if self.reference and (np.abs(scaled) > self.max_value).any():
            far = float(np.nanmax(np.abs(scaled)))
            raise MediaError(f"llmtime as published writes up to {self.max_value:g}, got {far:g}")
        words = []
        for value in scaled.tolist():
            if value != value:
                words.append(MISSING)
                continue
            number = (
                self._truncated(abs(value)) if self.reference else _rounded(value, self.precision)
            )
            negative = value < 0 and (self.reference or number != 0)
            body = self._digits(number)
            words.append((style.minus if negative else "") + body)
        return style.step.join(words) + style.step if words else ""

    def _digits(self, number: int) -> str:
        """The digits apart as the style wants them, with the point if there is one."""
        style, p = self.written_as, self.precision
        digits = str(number)
        if self.decimal_point:
            before, after = (digits[:-p], digits[-p:]) if p else (digits, "")
            if not self.reference:
                after = after.rjust(p, "0")
            return "".join(style.digit + char for char in (*before, self.decimal_point, *after))
        return "".join(style.digit + char for char in digits)

    def _truncated(self, value: float) -> int:
        """Digits by repeated division in floats, as published: the error of it is kept."""
        places = ceil(log10(self.max_value) - 1e-12)
        number = 0
        for power in range(places - 1, -self.precision - 1, -1):
            unit = 10.0**power
            digit = int(value / unit)
            value -= digit * unit
            number = number * 10 + digit
        return number


def _rounded(value: float, precision: int) -> int:
    """|value| in units of the last digit, to the nearest, ties to even."""
    from decimal import Decimal

    return int(abs(Decimal(value).scaleb(precision)).to_integral_value())

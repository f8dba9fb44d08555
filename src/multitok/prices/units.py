"""What a price list charges by, and which of its rates an amount is paid at.

A list has a rate for all input, and may have others for a part of it: for sound, for what is read
from a cache, for sound that is read from a cache. Tokens are paid at the most particular rate that
the list has for them, so sound of a model without a rate for sound is paid like all its input. That
is how genai-prices computes, whose names of rates these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from multitok.core.errors import MediaError

MTOK = 1_000_000
MODALITIES = ("text", "audio", "image", "video")
"""What a list may have rates of its own for; everything else is charged as text."""
CHARGED_AS = {"pdf": "image"}
"""Gemini bills a page as a picture, and no other list tells them apart."""

LIFETIMES: Mapping[str, str] = {"": "", "5m": " (5 minutes)", "1h": " (1 hour)"}
"""How long a cache keeps what is written into it; "" where nobody says."""
ASIDE = ("reasoning", "citation")
"""Output that is no answer."""


class Tokens(NamedTuple):
    """Tokens that are charged alike.

    way      input or output
    does     of input: "read" from a cache, or "write", "write_5m", "write_1h" into one; of output:
             "reasoning" or "citation"; "" for plain tokens
    """

    way: Literal["input", "output"]
    modality: str = "text"
    does: str = ""

    @property
    def rates(self) -> tuple[str, ...]:
        """The rates that hold for it, the most particular first.

        >>> Tokens("input", "audio", "read").rates
        ('cache_audio_read_mtok', 'cache_read_mtok', 'input_audio_mtok', 'input_mtok')
        """
        names: list[str] = []
        word, modality = self.does, CHARGED_AS.get(self.modality, self.modality)
        while word:  # "write_1h" is a "write" too
            before = "cache" if self.way == "input" else "output"
            names += [f"{before}_{modality}_{word}", f"{before}_{word}"]
            word = word.rpartition("_")[0]
        names += [f"{self.way}_{modality}", self.way]
        return tuple(f"{name}_mtok" for name in names)

    @property
    def plain(self) -> str:
        """The rate of its modality, whatever a cache does with it."""
        return self._replace(does="").rates[0]

    def __str__(self) -> str:
        """For people: `text`, `cached audio`, `written (1 hour)`, `output audio`."""
        of = "" if self.modality == "text" else f" {self.modality}"
        if self.way == "output":
            return f"output{of}{' ' if self.does else ''}{self.does}"
        if self.does == "read":
            return f"cached{of}"
        if self.does:
            return f"written{of}{LIFETIMES[self.does.removeprefix('write').lstrip('_')]}"
        return self.modality


class Fee(NamedTuple):
    """What is charged beside tokens: its rates, the most particular first, for so many of it."""

    rates: tuple[str, ...]
    per: int


FEES: Mapping[str, Fee] = {
    "requests": Fee(("requests_kcount",), 1000),
    "web_searches": Fee(("web_searches_kcount",), 1000),
    "storage_searches": Fee(("storage_searches_kcount",), 1000),
    "audio_seconds": Fee(("audio_hours",), 3600),
    "input_audio_seconds": Fee(("input_audio_hours", "audio_hours"), 3600),
    "input_document_pages": Fee(("input_document_kpages",), 1000),
    "input_annotated_document_pages": Fee(
        ("input_annotated_document_kpages", "input_document_kpages"), 1000
    ),
    "input_characters": Fee(("input_mchars",), MTOK),
    "input_text_messages": Fee(("input_text_messages_kcount",), 1000),
}
"""By what is counted; `requests` is charged for each request without asking."""


def input_amounts(
    tokens: int | Mapping[str, int],
    cached: int | Mapping[str, int] = 0,
    written: int | Mapping[str, int] = 0,
) -> dict[Tokens, int]:
    """Input tokens, each once: read from a cache, written into one, or neither. Of those whose
    modality is not said, text is taken first. MediaError for more than there are.

    >>> {str(key): n for key, n in input_amounts({"audio": 9, "text": 5}, cached=6).items()}
    {'cached': 5, 'cached audio': 1, 'audio': 8}
    """
    left = dict(tokens) if isinstance(tokens, Mapping) else {"text": tokens}
    for name, number in left.items():
        whole(f"{name} tokens", number)
    order = sorted(left, key=lambda name: name in MODALITIES[1:])
    found: dict[Tokens, int] = {}

    def take(what: str, does: str, number: int, names: list[str]) -> None:
        there = sum(left.get(name, 0) for name in names)
        if type(number) is not int or not 0 <= number <= there:
            raise MediaError(f"{what} tokens must be from 0 to {there}, got {number!r}")
        for name in names:
            taken = min(number, left.get(name, 0))
            if taken:
                found[Tokens("input", name, does)] = taken
                left[name] -= taken
                number -= taken

    if isinstance(cached, Mapping):
        for name, number in cached.items():
            take(f"cached {name}", "read", number, [name])
    else:
        take("cached", "read", cached, order)
    for lifetime, number in (written if isinstance(written, Mapping) else {"": written}).items():
        if lifetime not in LIFETIMES:
            raise MediaError(f"tokens are written for '5m' or '1h', got {lifetime!r}")
        take("written", f"write_{lifetime}" if lifetime else "write", number, order)
    return found | {Tokens("input", name): left[name] for name in order if left[name]}


def output_amounts(output: Any) -> tuple[dict[Tokens, int], dict[Tokens, int]]:
    """The least and the most of output tokens: of a number, a range, or numbers by modality."""
    if isinstance(output, Mapping):
        for name, number in output.items():
            if name not in (*MODALITIES, *ASIDE):
                known = ", ".join((*MODALITIES, *ASIDE))
                raise MediaError(f"output tokens are of {known}, got {name!r}")
            whole(f"output {name} tokens", number)
        found = {
            Tokens("output", "text", name) if name in ASIDE else Tokens("output", name): number
            for name, number in output.items()
        }
        return found, found
    low, high = output if isinstance(output, tuple) and len(output) == 2 else (output, output)
    for number in (low, high):
        whole("output tokens", number)
    if low > high:
        raise MediaError(f"output must be a number or (least, most), got {output!r}")
    return {Tokens("output"): low}, {Tokens("output"): high}


def fee_amounts(fees: Mapping[str, Any]) -> dict[str, Decimal]:
    """How much there is of what is charged beside tokens, and the request itself."""
    if not isinstance(fees, Mapping):
        raise MediaError(f"fees must be by what is counted, as {{'web_searches': 3}}, got {fees!r}")
    found = {"requests": Decimal(1)}
    for name, number in fees.items():
        if name not in FEES:
            raise MediaError(f"no fee is charged by {name!r}. There are: {', '.join(FEES)}")
        amount = Decimal(str(number)) if type(number) in (int, float, Decimal) else Decimal(-1)
        if not amount.is_finite() or amount < 0:
            raise MediaError(f"{name} must be a number from 0 on, got {number!r}")
        found[name] = amount
    return found


def whole(what: str, number: Any) -> None:
    """MediaError for what is no whole number from 0 on."""
    if type(number) is not int or number < 0:
        raise MediaError(f"{what} must be a whole number from 0 on, got {number!r}")

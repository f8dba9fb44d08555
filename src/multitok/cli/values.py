"""What the words of a command line are parsed to: sizes, settings, ranges of tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from multitok.cli.names import items, settings_of
from multitok.core.errors import MultitokError
from multitok.core.info import ImageInfo, image_size

if TYPE_CHECKING:
    from decimal import Decimal

NUMBER = r"\d{1,18}"
"""Python refuses to read a number of more than 4,300 digits; none of these has so many."""


_REAL = rf"[-+]?(?:{NUMBER}(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{{1,3}})?"


class SizeType(click.ParamType):  # type: ignore[type-arg]
    """1920x1080: width x height in pixels."""

    name = "WxH"

    def convert(self, value: Any, param: Any, ctx: Any) -> ImageInfo:
        if isinstance(value, ImageInfo):
            return value
        try:
            return image_size(value)
        except MultitokError as error:
            self.fail(str(error), param, ctx)


class SettingType(click.ParamType):  # type: ignore[type-arg]
    """detail=high: a request option, or a tokenizer's parameter; numbers become numbers."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, Any]:
        if isinstance(value, tuple):
            return value
        key, equals, text = value.partition("=")
        if not equals or not key:
            self.fail(f"{value!r} is not KEY=VALUE: write detail=high", param, ctx)
        return key, _value(text)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> Any:
        return items(settings_of(ctx), incomplete)


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    if re.fullmatch(rf"{_REAL}(,{_REAL})*,?", text):  # one number and a comma is a list of one
        return tuple(_value(part) for part in text.rstrip(",").split(","))
    return text


class EpisodeType(click.ParamType):  # type: ignore[type-arg]
    """7, or all of them."""

    name = "N|all"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | str:
        if value == "all":
            return "all"
        if isinstance(value, int):
            return value
        if not re.fullmatch(NUMBER, value):
            self.fail(f"{value!r} is no episode: write its number, or all", param, ctx)
        return int(value)


class FormatType(click.Choice):  # type: ignore[type-arg]
    """text or github; what was json is an option of its own."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if value == "json":
            raise click.UsageError("--format json is --json now")
        return super().convert(value, param, ctx)


class TokenRange(click.ParamType):  # type: ignore[type-arg]
    """500, or 200-800: output tokens, or a range of them."""

    name = "N|LOW-HIGH"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        from multitok.requests.costs import token_range

        try:
            return token_range(value)
        except MultitokError as error:
            self.fail(str(error), param, ctx)


class BudgetType(click.ParamType):  # type: ignore[type-arg]
    """8000 tokens, or $0.05."""

    name = "N|$D"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | Decimal:
        from decimal import Decimal

        if isinstance(value, int | Decimal):
            return value
        number = value.replace(",", "")
        if re.fullmatch(NUMBER, number):
            return int(number)
        if not re.fullmatch(rf"\$({NUMBER})?(\.{NUMBER})?", number) or number == "$":
            self.fail(f"{value!r} is no budget: write 8000 for tokens or '$0.05'", param, ctx)
        return Decimal(number[1:])


class AmountType(click.ParamType):  # type: ignore[type-arg]
    """50000, 2M, 200MB: a number from 1 on, with k, M or G for thousands."""

    name = "N|2M|200MB"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        from decimal import Decimal

        if isinstance(value, int):
            return value
        found = re.fullmatch(
            rf"({NUMBER}(?:\.\d{{1,9}})?)\s*([kmgKMG]?)[bB]?", value.replace(",", "")
        )
        amount = Decimal(found[1]) * 1000 ** " kmg".index(found[2].lower() or " ") if found else 0
        if amount < 1:
            self.fail(f"{value!r} is no amount: write 50000, 2M or 200MB", param, ctx)
        return int(amount)

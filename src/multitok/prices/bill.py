"""One request under a price: which rate each of its tokens is paid at, and what of it has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from multitok.prices.units import FEES, MTOK, Tokens

if TYPE_CHECKING:
    from multitok.prices.rates import Mode, Price, Rate


class Bill(NamedTuple):
    """The rates that hold for one request of `total` input tokens."""

    price: Price
    rates: Mapping[str, Rate]
    mode: Mode
    total: int

    def rate(self, what: Tokens) -> str | None:
        return next((name for name in what.rates if name in self.rates), None)

    def dollars(self, what: Tokens, number: int) -> Decimal:
        name = self.rate(what)
        return number * self.rates[name].at(self.total) / MTOK if name else Decimal(0)

    def parts(self, amounts: Mapping[Tokens, int]) -> dict[str, Decimal]:
        """Dollars by what is paid for; sound that is charged by its length is a fee."""
        return {
            str(what): self.dollars(what, number)
            for what, number in amounts.items()
            if number and not self.by_the_hour(what)
        }

    def by_the_hour(self, what: Tokens) -> bool:
        sound = what.way == "input" and what.modality == "audio"
        return sound and self.price.sound_by_length

    def fees(self, beside: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Dollars by what is charged beside tokens."""
        found: dict[str, Decimal] = {}
        for name, number in beside.items():
            rate = next((r for r in FEES[name].rates if r in self.rates), None)
            if rate is not None and number:
                found[name] = number * self.rates[rate].at(self.total) / FEES[name].per
        return found

    def missing(self, amounts: Mapping[Tokens, int], beside: Mapping[str, Decimal]) -> str | None:
        """Why it has no price: of what there is, the list has no rate."""
        model = self.price.model
        for what, number in amounts.items():
            if not number:
                continue
            if self.by_the_hour(what):
                if not beside.keys() & {"input_audio_seconds", "audio_seconds"}:
                    length = "its length: fees={'input_audio_seconds': 12.5}"
                    return f"{model} charges sound by {length}"
            elif what.plain in self.price.apart and what.plain not in self.rates:
                tokens = f"{what.way} tokens of {what.modality}"
                known = f"See: multitok prices {model}"
                return f"{model} has no price for {tokens}, which are charged apart. {known}"
            elif self.rate(what) is None:
                units = ", ".join(sorted(self.rates)) or "nothing"
                paid = f" (it is paid for by {units})" if what.way == "input" else ""
                return f"{model} has no price for {what.way} tokens{paid}"
        for name, much in beside.items():
            if much and name != "requests" and not set(FEES[name].rates) & self.rates.keys():
                return f"{model} has no price for {name}"
        return None

    def notes(self, amounts: Mapping[Tokens, int]) -> Iterator[str]:
        """What is paid at a rate that is not quite its own."""
        for what in amounts:
            name = self.rate(what) if amounts[what] else None
            if name is None:
                continue
            said = {"read": "cached input", "": str(what)}.get(what.does, f"input {what}")
            if what.does == "read" and "_read" not in name:
                yield f"no rate is published for {said}: it is charged in full"
            elif what.does.startswith("write") and "_write" not in name:
                yield f"no rate is published for {said}: it is charged as input"
            elif what.does == "write_1h" and "_1h" not in name:
                yield f"no rate is published for {said}: that of any cache write is used"
            if self.mode != "standard" and name not in self.price.modes[self.mode]:
                yield f"no {self.mode} rate is published for {said}: the standard rate is used"

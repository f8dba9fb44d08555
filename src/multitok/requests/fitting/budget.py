"""What a request may have, in tokens or dollars, held against the most that it may turn out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from multitok.core.errors import BudgetExceeded, MediaError
from multitok.prices.rates import Cost, money
from multitok.requests.limits import checked_dollars, checked_tokens
from multitok.requests.whole import RequestCount

_TOOLS = ("tool", "tool definition", "tool framing", "tool system prompt")


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens, dollars, or both. `output` is what the answer may have beside them, where it is said;
    `mode` how it is to be processed, where that is not what the request says itself."""

    max_tokens: int | None = None
    max_cost: Decimal | None = None
    output: int | None = None
    mode: str | None = None

    @classmethod
    def of(
        cls, max_tokens: int | None, max_cost: Decimal | str | float | None, output: int | None,
        mode: str | None,
    ) -> Budget:  # fmt: skip
        """A budget as it is given; MediaError for none, and for what is no number."""
        if max_tokens is None and max_cost is None:
            raise MediaError(
                "a request is fitted to a budget: pass max_tokens=8000 or max_cost='0.05'"
            )
        tokens = checked_tokens("max_tokens", max_tokens)
        reserved = checked_tokens("output_tokens", output)
        return cls(tokens, checked_dollars(max_cost), reserved, mode)

    def holds(self, count: RequestCount) -> bool:
        """Whether a request is within it, even if every estimate turns out at its upper end."""
        if self.max_tokens is not None and count.most > self.max_tokens:
            return False
        return self.max_cost is None or self.dollars(count) <= self.max_cost

    def dollars(self, count: RequestCount) -> Decimal:
        """The most that a request may cost; BudgetExceeded where its price is not known."""
        cost = self.cost(count)
        if cost.high is None:
            raise BudgetExceeded(
                f"the cost of the request is unknown: {cost.why}. Give a budget in tokens:"
                " max_tokens=8000 (--fit 8000)",
                count=count,
                cost=cost,
            )
        return cost.high

    def cost(self, count: RequestCount) -> Cost:
        """The upper end of the input, and the output that is reserved or asked for."""
        return count.cost(self.reserved(count), mode=self.mode, most=True)

    def reserved(self, count: RequestCount) -> int:
        """Output tokens that are paid for beside the input."""
        return (self.output if self.output is not None else count.max_output) or 0

    def words(self) -> str:
        """`8,000 tokens`, `$0.05`."""
        tokens = f"{self.max_tokens:,} tokens" if self.max_tokens is not None else ""
        dollars = f"${self.max_cost}" if self.max_cost is not None else ""
        return " and ".join(filter(None, (tokens, dollars)))

    def missed(self, least: RequestCount, kept: tuple[str, ...]) -> BudgetExceeded:
        """No change brings a request within it: the least there is, and what holds it there."""
        over = self.max_tokens is not None and least.most > self.max_tokens
        if over:
            reached, more = (
                f"{least.most:,} tokens",
                f"max_tokens={least.most} (--fit {least.most})",
            )
        else:
            dollars = self.dollars(least)
            reached, more = money(dollars), f"max_cost='{dollars}' (--fit '${dollars}')"
        parts = held_by(least)
        if not over and self.reserved(least):
            parts["output"] = self.reserved(least)
        held = ", ".join(f"{name} {tokens:,}" for name, tokens in parts.items())
        let = f", or without keep={kept!r}" if kept else ""
        return BudgetExceeded(
            f"the request cannot be made to fit {self.words()}: the least is {reached} ({held})."
            f" Raise the budget: {more}{let}",
            count=least,
            max_tokens=self.max_tokens,
            max_cost=self.max_cost,
        )


def held_by(count: RequestCount) -> dict[str, int]:
    """What a request has of system text, of tools, of turns and of frames around them, at most."""
    found = {"system": 0, "tools": 0, "turns": 0, "framing": 0}
    for part in count.parts:
        name = "turns"
        if part.what == "system":
            name = part.what
        elif part.what in _TOOLS:
            name = "tools"
        elif part.what.startswith("framing"):
            name = "framing"
        found[name] += sum(part.by_modality(most=True).values())
    return {name: tokens for name, tokens in found.items() if tokens}

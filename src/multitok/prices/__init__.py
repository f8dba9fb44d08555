"""What a token costs: dated prices, by model and provider.

multitok.prices.price_for("gpt-4o").input           # Decimal dollars a million input tokens
multitok.prices.cost_of(price, 1000, output=200)    # a Cost; multitok.cost counts first
multitok.prices.history()                           # dated prices since 2021
"""

from typing import TYPE_CHECKING

from multitok.prices.listing import update
from multitok.prices.rates import Cost, Price, Rate, cost_of, dated_prices, price_for

if TYPE_CHECKING:
    from multitok.prices.dated import DatedPrice, best_models, cheapest, history, of_model

__all__ = [
    "Cost", "DatedPrice", "Price", "Rate", "best_models", "cheapest", "cost_of", "dated_prices",
    "history", "of_model", "price_for", "update",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'multitok.prices' has no attribute {name!r}")
    from multitok.prices import dated  # the table of dates: not on the way to a cost

    return getattr(dated, name)

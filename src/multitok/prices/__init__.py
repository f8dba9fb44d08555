"""What a token costs: dated prices, by model and provider."""

from multitok.prices.rates import Price, cost_of, price_for

__all__ = ["Price", "cost_of", "price_for"]

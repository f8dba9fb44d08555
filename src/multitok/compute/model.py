"""A model by its size: parameters, those that a token passes, and the shape that attention has."""

from __future__ import annotations

from dataclasses import dataclass

from multitok.compute.spans import Given, Span, amount, whole
from multitok.core.errors import MediaError

DEEP = Span(100.0, 128.0, 205.0)
"""Width by layers where no shape is given: 128 in GPT-3 175B (12,288 by 96, arXiv:2005.14165) and
Llama 3 8B, 102 in Chinchilla 70B (arXiv:2203.15556), 205 in Gopher 280B (arXiv:2112.11446)."""

HEADS = Span(1 / 16, 1 / 8, 1.0)
"""Width of keys by width of the model: 1/16 in Llama 3 405B, 1/8 in 70B (arXiv:2407.21783 table 3),
1 where each head has its own (GPT-3)."""

SHAPE = (
    "12 x layers x width^2 = parameters (arXiv:2001.08361), width = 128 x layers (arXiv:2005.14165)"
)


@dataclass(frozen=True, slots=True)
class ModelSize:
    """`stacked` is layers x width, `kept` layers x width of the keys: what attention is made of.

    active    parameters that one token passes: all of them, or those of a mixture's experts
    estimated whether the shape comes from published relations, not from the model
    """

    parameters: float
    active: float
    stacked: Span
    kept: Span
    estimated: bool

    def read(self, tokens: float, of: float) -> float:
        """Bytes of weights that a pass of so many tokens reads, at `of` bytes a parameter.

        One token reads its active parameters. Each further token picks experts of its own, so that
        all are read in the end: total x (1 - (1 - active/total)^tokens).
        """
        if self.active == self.parameters:
            return self.parameters * of
        touched: float = 1 - (1 - self.active / self.parameters) ** tokens
        return self.parameters * touched * of


def model_size(
    parameters: Given,
    *,
    active: Given | None = None,
    layers: Given | None = None,
    width: Given | None = None,
    kv_width: Given | None = None,
) -> ModelSize:
    """A model of this size; its shape estimated where it is not given."""
    total = amount(parameters, "parameters", "70B")
    passed = total if active is None else amount(active, "active", "37B")
    if passed > total:
        raise MediaError(
            f"active must be at most parameters, got {active!r} of {parameters!r}: parameters are"
            " all that the model has, active those that one token passes"
        )
    if (layers is None) != (width is None):
        raise MediaError("layers and width belong together: give both, or neither")
    if layers is None or width is None:
        # 12 x layers x width^2 = N and width = r x layers: layers x width = (N/12)^(2/3) / r^(1/3)
        scale = (passed / 12) ** (2 / 3)
        low, value, high = (scale / r ** (1 / 3) for r in (DEEP.high, DEEP.value, DEEP.low))
        stacked = Span(low, value, high)
    else:
        stacked = Span.of(float(whole(layers, "layers", "80") * whole(width, "width", "8192")))
    if kv_width is None:
        kept = stacked * HEADS
    elif layers is None:
        raise MediaError("kv_width needs layers and width: give all three, or none")
    else:
        kept = Span.of(float(whole(layers, "layers", "80") * whole(kv_width, "kv_width", "1024")))
    return ModelSize(total, passed, stacked, kept, layers is None)

"""What stands at each step of a curve, in words: its token, its value, and what came back of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.info import ActionsInfo
from multitok.core.registry import AnyCounter
from multitok.core.sequence import TokenSequence
from multitok.core.tokenizer import Drawn
from multitok.drawing.charts.axes import Axis, Track
from multitok.drawing.charts.steps import edge, moments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STOPS = 3000
"""Stops of a chart: of more steps than these, several are told together, so that a page of a long
series is hardly larger than that of a short one."""
FINEST = 640
"""Stops of one plot: closer, no pointer tells them apart."""
IDS = 6
"""Ids that are told of a stop."""


class Runs(NamedTuple):
    """The runs of steps that the tokens of a channel stand for, in order: that from `starts[i]` to
    before `ends[i]` has the tokens `numbers[offsets[i]:offsets[i + 1]]`, counted from 0."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    offsets: NDArray[np.int64]
    numbers: NDArray[np.int64]


def runs_of(
    tokens: TokenSequence, tokenizer: AnyCounter, c: int, first: int, steps: int
) -> Runs | None:
    """Where the tokens of a channel stand, by their positions and by what a rule that is drawn says
    of its spans; None where a token stands for no run of steps.

    first   the step of the input from which on `steps` of them are kept
    """
    import numpy as np

    spans = tokenizer.spans(tokens, c) if isinstance(tokenizer, Drawn) else []
    lows, highs = (np.array([span[end] for span in spans], np.int64) for end in (0, 1))
    if tokens.positions is None:  # they stand in the order of the chunks that they were made of
        lengths = tokens.state.get("chunks", ())
        if not spans or len(lengths) != len(spans) or sum(lengths) != len(tokens):
            return None
        return Runs(lows, highs, np.cumsum([0, *lengths]), np.arange(len(tokens)))
    places = np.asarray(tokens.positions, np.int64)
    numbers = np.flatnonzero(_of_column(tokens, places, c))
    numbers = numbers[np.argsort(places[numbers, 0], kind="stable")]
    found, offsets = np.unique(places[numbers, 0], return_index=True)
    offsets = np.append(offsets, len(numbers))
    if tokens.axes[0] == "step":
        starts = found - first
        return Runs(starts, np.append(starts[1:], steps), offsets, numbers)
    if len(found) != len(spans):
        return None
    return Runs(lows, highs, offsets, numbers)


def _of_column(tokens: TokenSequence, places: NDArray[np.int64], c: int) -> NDArray[np.bool_]:
    """The tokens that have a place in a column, or in the group of dims that it belongs to."""
    here = places[:, 0] >= 0
    for axis, found in zip(tokens.axes, places.T, strict=True):
        if axis in ("channel", "dim"):
            here &= found == c
        if axis == "group":
            groups = int(found.max(initial=0)) + 1
            here &= found == c * groups // tokens.info_as(ActionsInfo).dims
    return here


class Told(NamedTuple):
    """The tokens of a chart and the x of its steps.

    first   the step of the input that is drawn first
    hz      steps a second, where that is all that is known of time
    most    plots that share the stops of the chart
    """

    tokens: TokenSequence
    tokenizer: AnyCounter
    x: Sequence[float]
    axis: Axis
    first: int
    hz: float | None
    most: int

    def track(self, c: int, name: str, values: NDArray[Any], back: NDArray[Any]) -> Track:
        """What is told along one channel."""
        many = len(values)
        most = min(FINEST, max(1, STOPS // self.most))
        cuts = [*range(0, many, -(-many // most)), many]
        columns = [*self._tokens(c, cuts, many), self._when(cuts)]
        columns += [_ranges("input", values, cuts), _ranges("decoded", back, cuts)]
        columns.append(_errors(back - values, cuts))
        return Track(
            edges=[self.axis.place(edge(self.x, cut)) for cut in cuts],
            stops=list(zip(*columns, strict=True)),
            whole=f"{name}: {_plural(many, 'step')}, {_worst(back - values, self.first)}",
        )

    def _tokens(self, c: int, cuts: Sequence[int], many: int) -> list[list[str]]:
        """The tokens over each stop, and their ids where they have such."""
        import numpy as np

        runs = runs_of(self.tokens, self.tokenizer, c, self.first, many)
        if runs is None:
            return []
        numbers, ids = [], []
        for start, end in pairwise(cuts):
            a = int(np.searchsorted(runs.ends, start, "right"))
            b = int(np.searchsorted(runs.starts, end, "left"))
            here = runs.numbers[runs.offsets[a] : runs.offsets[max(a, b)]].tolist()
            words = _numbers(here, len(self.tokens))
            if b - a == 1 and (wide := runs.ends[a] - runs.starts[a]) > 1 and wide > end - start:
                words += f", steps {_span(runs.starts[a] + self.first, runs.ends[a] + self.first)}"
            numbers.append(words)
            ids.append(_ids(self.tokens.ids, here, b - a))
        return [numbers, ids] if self.tokens.ids is not None else [numbers]

    def _when(self, cuts: Sequence[int]) -> list[str]:
        """The steps of each stop by number and, where it is known, by the clock."""
        lows = moments([self.x[cut] for cut in cuts[:-1]], self.axis, self.hz)
        highs = moments([self.x[cut - 1] for cut in cuts[1:]], self.axis, self.hz)
        said = []
        for (start, end), low, high in zip(pairwise(cuts), lows, highs, strict=True):
            steps = _span(start + self.first, end + self.first)
            time = low if end - start == 1 else f"{low} to {high}"
            said.append(f"step{'s' * (end - start > 1)} {steps}" + (f", {time}" if low else ""))
        return said


def _plural(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _span(start: int, end: int) -> str:
    return f"{start:,}" if end - start == 1 else f"{start:,} to {end - 1:,}"


def _numbers(here: Sequence[int], total: int) -> str:
    """Tokens by their place in the sequence, from 1."""
    if not here:
        return "no token"
    first, last = min(here) + 1, max(here) + 1
    if len(here) == 1:
        return f"token {first:,} of {total:,}"
    if last - first + 1 == len(here):
        return f"tokens {first:,} to {last:,} of {total:,}"
    more = "" if len(here) == 2 else f" {here[1] + 1:,}, ..."  # those between are of other columns
    return f"tokens {first:,},{more} {last:,} of {total:,}"


def _ids(ids: NDArray[np.int64] | None, here: Sequence[int], runs: int) -> str:
    """The first ids of a run; of many runs, a value each, from the lowest to the highest."""
    if ids is None or not here:
        return "no id"
    found = ids[here].tolist()
    if runs > 1 and len(found) > IDS:
        return f"ids from {min(found)} to {max(found)}"
    said = ", ".join(map(str, found[:IDS]))
    return f"id{'s' * (len(found) > 1)} {said}{', ...' * (len(found) > IDS)}"


def _ranges(what: str, values: NDArray[Any], cuts: Sequence[int]) -> list[str]:
    """The value at each stop, or from the lowest of its steps to the highest."""
    import numpy as np

    said = []
    for start, end in pairwise(cuts):
        there = values[start:end][np.isfinite(values[start:end])]
        ends = {f"{value:,.6g}": None for value in (there.min(), there.max())} if len(there) else {}
        said.append(f"{what} {' to '.join(ends) or 'missing'}")
    return said


def _errors(gap: NDArray[Any], cuts: Sequence[int]) -> list[str]:
    """Decoded minus input of a step, or the largest of several."""
    import numpy as np

    said = []
    for start, end in pairwise(cuts):
        there = gap[start:end][np.isfinite(gap[start:end])]
        largest = there[np.abs(there).argmax()] if len(there) else None
        words = "error" if end - start == 1 else "largest error"
        told = "unknown" if largest is None else f"{largest:+.3g}" if largest else "0"
        said.append(f"{words} {told}")
    return said


def _worst(gap: NDArray[Any], first: int) -> str:
    import numpy as np

    off = np.where(np.isfinite(gap), np.abs(gap), -1.0)
    step = int(off.argmax())
    if off[step] <= 0:
        return "nothing is lost" if off[step] == 0 else "nothing comes back"
    return f"largest error {off[step]:.3g} at step {step + first:,}"

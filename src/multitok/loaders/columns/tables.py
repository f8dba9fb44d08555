"""A table of numbers with named columns, whatever file it came from; and what goes wrong in one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, log10
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError, UnknownNameError
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MISSING = frozenset(
    {"", "nan", "-nan", "na", "n/a", "n.a.", "null", "nil", "none", "nat", "<na>", "#n/a", "#na",
     "missing", "?", "-", "--", "---", ".", ".."}
)  # fmt: skip
WATCHED = 20_000
"""Rows that are looked at where only the shape of a table is asked for: its clock, its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a reader found: numbers by column, and the clock when there is one.

    values      float64 (rows, columns), NaN where a cell is missing; None when only the header was
                read
    rows        how many there are
    names       of the columns of `values`
    time        the name of the column that is the clock
    timestamps  seconds since 1970 for dates, the numbers themselves otherwise
    dated       the clock shows dates
    span        what to tell of the clock: its unit, from when to when, its step
    episodes    the rows of each episode, where there are several
    quantiles   the 1st and 99th percentile of each column, where a data set states them
    """

    names: tuple[str, ...]
    rows: int
    values: NDArray[np.float64] | None = None
    time: str | None = None
    timestamps: NDArray[np.float64] | None = None
    dated: bool = False
    span: Mapping[str, str] = field(default_factory=dict)
    hz: float | None = None
    episodes: tuple[int, ...] = ()
    quantiles: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def wrong(source: str, what: str) -> SourceError:
    """`weather.csv: column 'city' is not numeric: ...`."""
    return SourceError(f"{source}: {what}", source=source)


def check_apart(source: str, names: Sequence[str], what: str = "columns") -> None:
    """SourceError where two have one name, by which a reader asks for them."""
    if len(set(names)) < len(names):
        twice = next(name for name, times in Counter(names).items() if times > 1)
        raise wrong(source, f"two {what} are named {twice!r}")


def decoded(source: Source, encoding: str, errors: str = "strict") -> str:
    """The text of a source; SourceError where it is none in this encoding, or there is none."""
    try:
        return source.read().decode(encoding, errors)
    except (ValueError, LookupError) as error:
        name = encoding.removesuffix("-sig").upper()
        raise wrong(
            source.name, f"not {name} text ({error}): pass encoding=NAME, as in 'latin-1'"
        ) from None


def chosen(source: str, names: Sequence[str], asked: Sequence[str]) -> list[int]:
    """The places of the columns asked for, by name or by number from 0; all when none is.

    `pose` names pose[0], pose[1], ... as well, and `case3` case3.x, case3.y."""
    if not asked:
        return list(range(len(names)))
    at = {name: place for place, name in reversed(list(enumerate(names)))}
    places = []
    for one in asked:
        text = str(one)
        if text in at:
            places.append(at[text])
        elif group := _group(names, text):
            places += group
        elif text.isdecimal() and len(text) < 10 and int(text) < len(names):
            places.append(int(text))
        else:
            raise UnknownNameError.because(
                f"{source}: no column {text!r}", text, names, f"There are: {', '.join(names)}"
            )
    return places


def _group(names: Sequence[str], text: str) -> list[int]:
    return [i for i, name in enumerate(names) if name.startswith((f"{text}[", f"{text}."))]


def number(cell: str) -> float:
    """A cell as a number; NaN for the words that mean missing; ValueError for anything else.

    >>> number("1,234.5"), number("True"), number("missing")
    (1234.5, 1.0, nan)
    """
    text = cell.strip().replace(_MINUS, "-")
    try:
        if "_" not in text:  # Python reads 1_000
            return float(text)
    except ValueError:
        pass
    low = text.lower()
    if low in MISSING:
        return float("nan")
    if low in _BOOLEANS:
        return _BOOLEANS[low]
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    raise ValueError(f"could not convert string to float: {text!r}")


_MINUS = "\N{MINUS SIGN}"
"""As spreadsheets and statistics write it, for the hyphen of programs."""
_BOOLEANS = {"true": 1.0, "false": 0.0}
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
"""1,234,567.8 in one cell."""


def is_number(cell: str) -> bool:
    try:
        number(cell)
    except ValueError:
        return False
    return True


def by_one(cells: Sequence[str]) -> bool:
    """Whole numbers that go up by one, from wherever they start."""
    if len(cells) < 2 or not cells[0].isdecimal() or len(cells[0]) > 9:
        return False
    return all(cell == str(int(cells[0]) + i) for i, cell in enumerate(cells))


def checked_clock(
    name: str,
    times: NDArray[np.float64],
    at: Callable[[int], tuple[int, str]],
    spell: Callable[[float], str] | None = None,
) -> tuple[str, ...]:
    """What is odd in a clock, as notes: a stamp that stands twice, disorder, gaps. `at` gives the
    line of a row and its stamp as it is written, `spell` says how long a step is."""
    import numpy as np

    notes = []
    times = known(times)
    there = np.flatnonzero(~np.isnan(times))
    if lost := len(times) - len(there):
        notes.append(f"{lost:,} rows of {len(times):,} have no time stamp in {name!r}")
    steps = np.diff(times[there])
    back = np.flatnonzero(steps < 0)
    if len(back):
        first_back = at(int(there[back[0] + 1]))
        there = there[np.argsort(times[there], kind="stable")]
    gaps = np.diff(times[there]) if len(back) else steps
    twice = np.flatnonzero(gaps == 0)
    if len(twice):
        a, b = (at(row) for row in sorted(there[twice[0] : twice[0] + 2].tolist()))
        more = f", and {len(twice) - 1:,} more do" if len(twice) > 1 else ""
        notes.append(
            f"time stamp {b[1]!r} of column {name!r} stands twice, in lines {a[0]} and"
            f" {b[0]}{more}: rows are kept as they stand"
        )
    if len(back):
        notes.append(f"time goes backwards at line {first_back[0]}: rows are kept as they stand")
    elif len(gaps) > 2 and gaps.max() > 1.5 * np.median(gaps):
        usual = float(np.median(gaps))
        notes.append(
            f"uneven steps: {int((gaps > 1.5 * usual).sum())} gaps longer than 1.5 times the usual"
            f" {(spell or spelled)(usual)}"
        )
    return tuple(notes)


_FAR = 1e300
"""Seconds of a stamp, either way: two of them still have a distance."""


def known(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The stamps, NaN where one tells no time: an infinite one is none either."""
    import numpy as np

    return np.where(np.abs(times) < _FAR, times, np.nan)


def usual_step(times: NDArray[np.float64] | None) -> float | None:
    """The usual distance of the stamps, in their unit; None without a clock."""
    import numpy as np

    if times is None:
        return None
    steps = np.abs(np.diff(known(times)))
    steps = steps[~np.isnan(steps)]
    return float(np.median(steps)) if len(steps) else None


def rate(times: NDArray[np.float64] | None) -> float | None:
    """Steps per second by the usual distance of the stamps, in as many digits as they tell: 50, and
    not 50.0000477, which 20 ms are between two of today's seconds since 1970. None without a clock.
    """
    import numpy as np

    step = usual_step(times)
    if times is None or not step or not isfinite(1 / step):
        return None
    blur = float(np.spacing(np.nanmax(np.abs(known(times))))) / step
    digits = min(9, max(1, int(-log10(blur)))) if blur < 1 else 1
    rounded = float(f"{1 / step:.{digits}g}")
    return rounded if isfinite(rounded) else None


def spelled(duration: float) -> str:
    """A number of seconds in the largest unit that suits it.

    >>> spelled(86400), spelled(0.02), spelled(2678400)
    ('1 day', '0.02 s', '31 days')
    """
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if duration >= size:
            n = duration / size
            return f"{n:.4g} {unit}" + ("" if n == 1 else "s")
    return f"{duration:.4g} s"

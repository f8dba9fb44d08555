"""What a token buys: a table a modality, and languages beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from multitok.counting.efficiency import Bought
from multitok.counting.premiums import Premiums
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.safe import shown

Languages = Mapping[tuple[str, str], tuple[float, float]]
"""Tokens per character by (language, tokenizer), and how many times the least of them."""


def efficiency_to_dict(
    rows: Sequence[Bought], languages: Languages, errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Every row, then the languages."""
    return document(
        {
            "rows": [asdict(row) for row in rows],
            "languages": [
                {"language": language, "by": by, "per_character": value, "times_least": times}
                for (language, by), (value, times) in languages.items()
            ],
            "errors": list(errors),
        }
    )


def render_efficiency(
    rows: Sequence[Bought], languages: Languages, *, color: bool, width: int | None = None
) -> str:
    """A table a modality, then the languages where there are several."""
    tables = []
    for modality in dict.fromkeys(row.modality for row in rows):
        of = [row for row in rows if row.modality == modality]
        units = list(of[0].per)
        body = [
            [
                row.by,
                f"{row.tokens:,}",
                row.kind,
                *(_amount(row.per.get(unit)) for unit in units),
                row.input,
            ]
            for row in of
        ]
        headers = ["by", "tokens", "kind", *(f"per {unit}" for unit in units), "input"]
        right = (1, *range(3, 3 + len(units)))
        tables.append(table(headers, body, right=right, color=color, width=width))
    if len({language for language, _ in languages}) > 1:
        body = [
            [language, by, f"{value:.3f}", f"{times:.2f}"]
            for (language, by), (value, times) in languages.items()
        ]
        headers = ["language", "by", "per character", "times the least"]
        tables.append(table(headers, body, right=(2, 3), color=color, width=width))
    return "\n\n".join(tables)


def _amount(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def premiums_to_dict(found: Premiums) -> dict[str, Any]:
    """Every language, and where the numbers are from."""
    return document(
        {
            "premiums": [asdict(row) for row in found.rows],
            "medians": found.medians,
            "vocabularies": dict(found.columns),
            "kinds": dict(found.kinds),
            "text": found.text,
            "source": found.source,
            "checked": found.checked,
        }
    )


def render_premiums(found: Premiums, *, color: bool, width: int | None = None) -> str:
    """A row a language, the dearest first, then the median, how sure each column is, and where the
    numbers are from."""
    rows = [
        [row.language, *(f"{value:.2f}" for value in row.premium.values()), row.code]
        for row in found.rows
    ]
    rows.append([f"median of {len(rows)}", *(f"{one:.2f}" for one in found.medians.values()), ""])
    rows.append(["kind", *found.kinds.values(), ""])
    right = tuple(range(1, 1 + len(found.columns)))
    named = found.columns.items()
    names = [name if name == column else f"{name} ({column})" for name, column in named]
    headers = ["times English", *names, "code"]
    equal, of = found.held
    about = (
        f"{found.text}. Counted {found.checked}; {equal:,} of {of:,} published counts of it are"
        f" equal ({found.source})"
    )
    shares = table(headers, rows, right=right, color=color, width=width)
    return f"{shares}\n\n{wrapped(shown(about), width)}"

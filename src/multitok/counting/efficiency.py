"""What a token buys: words, characters and bytes of text, megapixels, seconds, values of a series.

Text is measured in every vocabulary that is at hand, media by models' own rules. A word is what
stands between white space, so languages that write without spaces have few: characters and bytes
compare them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from multitok.core.errors import MultitokError, UnexpectedError, UnknownNameError
from multitok.core.info import Modality
from multitok.core.registry import VOCABULARIES
from multitok.counting.door import count_subject
from multitok.counting.rules import default_models, files_of, models_for
from multitok.counting.subject import Subject, subject_of
from multitok.loaders.probed import ReadWords

LANGUAGE = re.compile(r"\.(?P<code>[a-z]{2,3}(?:-[A-Za-z]{2,4})?)\.[A-Za-z0-9]+$")
"""A language in a file's name: report.fr.md, guide.zh-Hans.txt."""


@dataclass(frozen=True, slots=True)
class Bought:
    """One input under one tokenizer or model; `per` is tokens for one unit of each."""

    input: str
    modality: str
    by: str
    tokens: int
    kind: str
    per: Mapping[str, float]
    language: str | None = None


def efficiency(
    source: Any,
    *,
    models: str | Sequence[str] = (),
    tokenizers: str | Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    modality: Modality | None = None,
    **read: Unpack[ReadWords],
) -> list[Bought]:
    """What a token buys of a source under each model or tokenizer: `per` is tokens for one word,
    character and byte of text, one megapixel, one second, one step and value.

    Every vocabulary that ships, or the usual models, where none is named; a model that has no rule
    for the source makes no row.

    >>> [row] = efficiency("one two", tokenizers="o200k_base", modality="text")
    >>> row.tokens, row.per["word"]
    (2, 1.0)
    """
    return bought(
        source if isinstance(source, str) and modality != "text" else "",
        subject_of(source, modality, **read),
        models=(models,) if isinstance(models, str) else models,
        tokenizers=(tokenizers,) if isinstance(tokenizers, str) else tokenizers,
        options=options,
        files=files_of(catalog),
    )


def bought(
    name: str,
    subject: Subject,
    *,
    models: Iterable[str] = (),
    tokenizers: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> list[Bought]:
    """Rows for one input; a model that has no rule for it makes no row, as long as another has one.

    `options` go to what is named in `models` and `tokenizers`; `files` are catalogues of your own.
    A name that nothing has is an error, as in a count.
    """
    units = _units(subject)
    language = language_of(name) if subject.modality == "text" else None
    asked: list[tuple[str | None, str | None]] = [(model, None) for model in models]
    asked += [(None, tokenizer) for tokenizer in tokenizers]
    if not asked:
        asked, options = _defaults(subject.modality), None
    rows = []
    refused: MultitokError | None = None
    for model, tokenizer in asked:
        try:
            count = count_subject(
                subject, model=model, tokenizer=tokenizer, options=options, files=files
            )
        except (UnexpectedError, UnknownNameError):
            raise
        except MultitokError as error:
            refused = refused or error
            continue
        per = {unit: count.tokens / amount for unit, amount in units.items() if amount}
        by = model or tokenizer or count.tokenizer
        rows.append(Bought(name, subject.modality, by, count.tokens, count.kind, per, language))
    if refused is not None and not rows:
        raise refused
    return rows


def _defaults(modality: str) -> list[tuple[str | None, str | None]]:
    if modality == "text":
        return [(None, vocabulary) for vocabulary in VOCABULARIES]
    chosen = default_models(modality) or models_for(modality)[:8]
    if chosen:
        return [(model, None) for model in chosen]
    from multitok.core.registry import tokenizers

    return [(None, entry.name) for entry in tokenizers() if entry.modality == modality]


def _units(subject: Subject) -> dict[str, float]:
    """How much of each unit the input holds."""
    amounts = subject.info.amounts()
    if subject.modality != "text":
        return amounts
    text = subject.content().text
    return {"word": len(text.split()), "character": len(text), **amounts}


def language_of(name: str) -> str | None:
    """The language that a file's name states.

    >>> language_of("report.fr.md"), language_of("report.md")
    ('fr', None)
    """
    found = LANGUAGE.search(name)
    return found["code"] if found else None


def by_language(rows: Iterable[Bought]) -> dict[tuple[str, str], tuple[float, float]]:
    """Tokens per character by (language, tokenizer), and how many times the least of them."""
    sums: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row.language is None or "character" not in row.per:
            continue
        pair = sums.setdefault((row.language, row.by), [0.0, 0.0])
        pair[0] += row.tokens
        pair[1] += row.tokens / row.per["character"] if row.per["character"] else 0.0
    per = {key: tokens / size for key, (tokens, size) in sums.items() if size}
    least = {by: min(v for (_, b), v in per.items() if b == by) for _, by in per}
    return {key: (value, value / least[key[1]]) for key, value in sorted(per.items())}

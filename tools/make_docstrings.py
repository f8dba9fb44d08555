"""Docstrings as the site shows them: an extension of griffe, named in mkdocs.yml.

Here a docstring is prose, with doctests, and with its arguments in two columns:

    source      a path, bytes, an array, ...
    model       a name of the catalogue

On the site the doctests are code and the columns a list; all else stays as it is.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

COLUMNS = re.compile(r"(?P<names>\S+(?:,? \S+)*?) {2,}(?P<said>\S.*)")


def as_markdown(text: str) -> str:
    """A docstring in Markdown.

    >>> print(as_markdown("How many.\\n\\nmodel   its name\\n        or none\\n\\n>>> 1\\n1"))
    How many.
    <BLANKLINE>
    - `model`: its name or none
    <BLANKLINE>
    ```pycon
    >>> 1
    1
    ```
    """
    return "\n\n".join(map(_paragraph, text.strip().split("\n\n")))


def _paragraph(text: str) -> str:
    if text.startswith(">>>"):
        return f"```pycon\n{text}\n```"
    lines = text.splitlines()
    if not COLUMNS.fullmatch(lines[0]):
        return text
    items: list[str] = []
    for line in lines:
        row = COLUMNS.fullmatch(line)
        if row and not line.startswith(" "):
            items.append(f"- `{row['names']}`: {row['said']}")
        else:
            items[-1] += f" {line.strip()}"
    return "\n".join(items)


class Markdown(griffe.Extension):
    """Turn every docstring that griffe reads into Markdown."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)

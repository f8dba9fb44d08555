"""Values and words as HTML: everything that comes from outside is escaped here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from multitok.report.safe import shown

SIGN = {
    "exact": "=", "documented": "§", "observed": "¶", "upper-bound": "≤", "estimate": "≈",
    "rejected": "×", "unknown": "?",
}  # fmt: skip
"""A kind is told by its word and its sign; color only helps."""

_ADDRESS = re.compile(r"https?://[^\s<>\"'()]+")
_NUMBER = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?)")


def clean(text: Any) -> str:
    r"""Text that can stand anywhere in the page: escaped, what would act or hide spelled; and a
    page that is printed into the log of a workflow holds no command of it.

    >>> print(clean('<b>"\x00'))
    &lt;b&gt;&quot;\x00
    """
    return escape(shown(text)).replace("::", "&#58;:").replace("##[", "&#35;#[")


def spaced(piece: str) -> str:
    """A token's text: its line ends shown and kept, its tabs kept, all else as by `clean`."""
    lines = ["\t".join(map(clean, line.split("\t"))) for line in piece.split("\n")]
    return "<u>⏎</u>\n".join(lines)


def number(n: float, shown: str | None = None) -> str:
    """A number as people read it, with the exact one beside it for machines."""
    text = shown if shown is not None else (f"{n:,}" if type(n) is int else f"{n:.6g}")
    return f'<data value="{n}">{clean(text)}</data>'


def tokens(count: int, tag: str = "span") -> str:
    """1 token, 1,120 tokens."""
    return f"<{tag}>{number(count)}</{tag}> token{'s' if count != 1 else ''}"


def spelled(text: str) -> str:
    """Words with their numbers marked.

    >>> spelled("2,690 bytes")
    '<data value="2690">2,690</data> bytes'
    """
    parts = _NUMBER.split(text)  # words and numbers by turns
    return "".join(
        f'<data value="{part.replace(",", "")}">{part}</data>' if i % 2 else clean(part)
        for i, part in enumerate(parts)
    )


def json_value(item: Any) -> str:
    """Any value of a JSON document; in a list, where commas part them, numbers have none.

    >>> print(json_value([1920, 1080]))
    <data value="1920">1920</data>, <data value="1080">1080</data>
    """
    if isinstance(item, bool) or item is None:
        return {True: "yes", False: "no", None: "none"}[item]
    if isinstance(item, int | float):
        return number(item)
    if isinstance(item, Mapping):
        return ", ".join(f"{label(key)} {json_value(inner)}" for key, inner in item.items())
    if isinstance(item, list | tuple):
        return ", ".join(
            number(one, str(one)) if type(one) is int else json_value(one) for one in item
        )
    return clean(item)


def label(key: str) -> str:
    """A field's name in words."""
    return clean(str(key).replace("_", " "))


def pairs(items: Iterable[tuple[str, Any]], css: str) -> str:
    """A list of terms and values; nothing when there are none."""
    shown = "".join(
        f"<div><dt>{label(key)}</dt><dd>{json_value(item)}</dd></div>" for key, item in items
    )
    return f'<dl class="{css}">{shown}</dl>' if shown else ""


def table(
    css: str,
    columns: Mapping[str, Sequence[str]],
    numbers: Collection[str] = (),
    *,
    inline: bool = False,
) -> str:
    """A table of markup: the first column heads its rows, the `numbers` stand right.

    Each cell knows the name of its column, for a small screen shows a row as a card; a middling one
    scrolls.

    inline   where no style sheet of ours is at hand, each cell says on which side it stands
    """
    names = list(columns)
    aligned = {name: f' class="{_slug(name)}{" n" if name in numbers else ""}"' for name in names}
    if inline:
        for name in names:
            side = "right" if name in numbers else "left"
            aligned[name] += f' style="text-align:{side}"'
    head = "".join(f'<th scope="col"{aligned[name]}>{clean(name)}</th>' for name in names)
    first_side = ' style="text-align:left"' if inline else ""
    rows = []
    for first, *cells in zip(*columns.values(), strict=True):
        named = zip(names[1:], cells, strict=True)
        body = "".join(
            f'<td{aligned[name]} data-label="{clean(name)}">{cell}</td>' for name, cell in named
        )
        rows.append(f'<tr><th scope="row"{first_side}>{first}</th>{body}</tr>\n')
    return (
        f'<div class="scroll"><table class="{css}"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _slug(name: str) -> str:
    return re.sub("[^a-z]+", "-", name.lower()).strip("-")


def notes(lines: Sequence[str]) -> str:
    """What the reader should know; nothing when there is nothing."""
    items = "".join(f"<li>{clean(line)}</li>" for line in lines)
    return f'<ul class="notes">{items}</ul>' if items else ""


def kind(name: str) -> str:
    """exact, documented, ...: with its sign."""
    return f'<span class="kind {clean(name)}"><b>{SIGN.get(name, "?")}</b> {clean(name)}</span>'


def broken(name: str) -> str:
    """A long name may break after a slash."""
    return clean(name).replace("/", "/<wbr>")


def path(name: str) -> str:
    """The name of a file or an address: what stands before its last part is told softly.

    >>> path("samples/photo.jpg")
    '<bdi><span class="folder">samples/<wbr></span>photo.jpg</bdi>'
    """
    at = max(name.rstrip("/").rfind("/"), name.rfind("\\")) + 1
    folder = f'<span class="folder">{broken(name[:at])}</span>' if at else ""
    return f"<bdi>{folder}{clean(name[at:])}</bdi>"


def linked(source: str) -> str:
    """A source in words, its http(s) addresses links."""
    parts, at = [], 0
    for match in _ADDRESS.finditer(source):
        parts += [clean(source[at : match.start()]), _link(match[0], match[0])]
        at = match.end()
    return "".join([*parts, clean(source[at:])])


def site(source: str) -> str:
    """A link to a source's first address, as the site alone; without one, its first words."""
    match = _ADDRESS.search(source)
    if match is None:
        return clean(re.split(r"[,(;]", source, maxsplit=1)[0].strip())
    return _link(match[0], match[0].split("/")[2].removeprefix("www."))


def _link(address: str, text: str) -> str:
    return f'<a href="{clean(address)}" rel="noreferrer">{clean(text)}</a>'

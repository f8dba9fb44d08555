"""Write the table of formats in docs/sources.md from the code's own: `make formats`.

tests/loaders/test_formats.py holds the page to it.
"""

from __future__ import annotations

import re
from pathlib import Path

from multitok.loaders.formats import TABLE, Format, Sign

PAGE = Path(__file__).parent.parent / "docs" / "sources.md"
HEADS = {
    "image": ("Pictures", "width and height as displayed, orientation, frames"),
    "video": ("Clips", "frames and their times, width and height as displayed, sound tracks"),
    "audio": ("Sounds", "samples, rate, channels"),
    "series": ("Tables", "steps, columns, the clock"),
    "actions": ("Motion", "steps, channels, rate"),
    "pdf": ("Documents", "pages, their sizes and texts"),
    "text": ("Texts", "length, encoding, lines"),
}
MOST_SIGNS = 3


def table() -> str:
    """A row a format, under what is read of its modality."""
    lines = []
    for modality, (title, read) in HEADS.items():
        rows = [row for row in TABLE if row.modality == modality]
        if not rows:
            continue
        lines += [f"**{title}**: {read}.", ""]
        lines += ["| format | names | known by | shape read by | content read by |"]
        lines += ["|---|---|---|---|---|", *map(_row, rows), ""]
    return "\n".join(lines)


def _row(row: Format) -> str:
    names = " ".join(f".{suffix}" for suffix in row.suffixes)
    cells = (row.name, names, _known_by(row), row.header or "no one", row.decoder or "no one")
    return f"| {' | '.join(cells)} |"


def _known_by(row: Format) -> str:
    signs = [_sign(sign) for sign in row.magic[:MOST_SIGNS]]
    signs += ["..."] if len(row.magic) > MOST_SIGNS else []
    signs += [f"its {row.inside}"] if row.inside else []
    return ", ".join(signs) or "its name"


def _sign(sign: Sign) -> str:
    """`GIF87a`, `ff d8 ff`, `RIFF` with `WAVE` at 8."""
    if isinstance(sign, bytes):
        return _bytes(sign)
    first, *others = (_bytes(part) + (f" at {at}" if at else "") for at, part in sign)
    return " with ".join([first, *others])


def _bytes(part: bytes) -> str:
    """As words with escapes where words are in it, else in hexadecimal."""
    words = sum(33 <= byte < 127 for byte in part) > len(part) // 2
    return f"`{repr(part)[2:-1] if words and b'`' not in part else part.hex(' ')}`"


def written(page: str) -> str:
    """The page with the table of today."""
    pattern = re.compile(r"(<!-- formats -->\n\n).*?(<!-- end -->)", re.DOTALL)
    return pattern.sub(lambda found: found[1] + table() + found[2], page)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")

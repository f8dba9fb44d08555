"""The shell of every page of HTML: one head, one security policy, one style sheet, light and dark.

A page is one file that loads and runs nothing: its style is inline, its pictures are data URLs or
SVG, and its content security policy forbids the rest, scripts included. Whatever comes from a file,
a catalogue or a request goes through `markup.clean`, and only http(s) addresses become links.
"""

from __future__ import annotations

import os
from functools import cache
from string import Template

from multitok import __version__
from multitok.report.markup import clean

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'none'"
)


def page(*, title: str, brand: str, head: str, main: str, foot: str = "") -> str:
    """A whole page; `head`, `main` and `foot` are markup, the rest is text.

    >>> page(title="a<b", brand="", head="", main="")[:15]
    '<!doctype html>'
    """
    return _PAGE.substitute(
        policy=POLICY, title=clean(title), style=_style(), brand=clean(brand), head=head,
        main=main, foot=foot, version=clean(__version__),
    )  # fmt: skip


@cache
def _style() -> str:
    path = os.path.join(os.path.dirname(__file__), "page.css")
    with open(path, encoding="utf-8") as file:
        return file.read()


_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>
$style</style></head>
<body>
<header><p class="brand">multitok<span> $brand</span></p>$head</header>
<main>
$main
</main>
<footer>$foot<p>Counted offline by multitok $version.</p></footer>
</body></html>
""")

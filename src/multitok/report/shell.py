"""The shell of every page of HTML: one head, one security policy, one style sheet, light and dark.

A page is one file that loads nothing: its style is inline, its pictures are data URLs or SVG. One
small script of ours may stand at its end, joined of the files that the page needs; the content
security policy allows it by its hash and forbids every other. It only adds comfort: the page is
whole without it. Whatever comes from a file, a catalogue or a request goes through `markup.clean`,
only http(s) addresses become links, and a script writes text, never markup.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from string import Template

from multitok import __version__
from multitok.report.markup import clean

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'none'"
)
"""Of a page without a script."""
INSPECTION = ("tip.js", "frame.js", "page.js", "chart.js")
"""The scripts of a page of inspections."""


def page(
    *, title: str, brand: str, head: str, main: str, foot: str = "", scripts: Sequence[str] = ()
) -> str:
    """A whole page; `head`, `main` and `foot` are markup, the rest is text.

    scripts   what it runs, in order: files of this folder; `tip.js` stands before those that tell

    >>> page(title="a<b", brand="", head="", main="")[:15]
    '<!doctype html>'
    """
    code = joined(scripts)
    return _PAGE.substitute(
        policy=policy(code), title=clean(title), style=beside("page.css"), brand=clean(brand),
        head=head, main=main, foot=foot, version=clean(__version__),
        script=f"<script>{code}</script>\n" if code else "",
    )  # fmt: skip


def policy(code: str) -> str:
    """The policy of a page that runs this script and no other.

    >>> policy("")[-35:]
    "base-uri 'none'; form-action 'none'"
    """
    if not code:
        return POLICY
    return f"{POLICY}; script-src {hashed(code)}"


def hashed(code: str) -> str:
    """A script as a policy names it.

    >>> hashed("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(sha256(code.encode('utf-8')).digest()).decode('ascii')}'"


def joined(scripts: Sequence[str]) -> str:
    """The one script of a page that runs these."""
    return "\n".join(map(beside, scripts))


@cache
def beside(name: str) -> str:
    """A file of this folder: the style sheet, a script."""
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
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
$script</body></html>
""")

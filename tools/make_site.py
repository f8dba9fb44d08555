"""What `make docs` adds to the pages of docs/: a hook of mkdocs, named in mkdocs.yml.

The README is the first page, and what stands in the root of the repository (the changelog, ...) has
pages too; links between them are turned to where the pages lie. What --help says is written as a
page. A site that would load anything from elsewhere is an error.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

TOOLS = Path(__file__).parent
sys.path.insert(0, str(TOOLS))
import make_help  # noqa: E402

ROOT = TOOLS.parent
ELSEWHERE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "samples/README.md": "samples.md",
}
"""Pages that do not stand in docs/, and what they are called on the site."""

LOADED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?https?:[^>]*>")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that do not stand in docs/."""
    for source, name in ELSEWHERE.items():
        files.append(
            File.generated(config, name, content=moved((ROOT / source).read_text("utf-8")))
        )
    files.append(File.generated(config, "help.md", content=make_help.page()))
    return files


def moved(text: str) -> str:
    """The links of a page of the root, as they are on the site: `docs/` is the site's root.

    >>> moved("[a](docs/image.md#rules) [b](samples/README.md)")
    '[a](image.md#rules) [b](samples.md)'
    """
    for source, name in ELSEWHERE.items():
        text = text.replace(f"]({source}", f"]({name}")
    return text.replace("](docs/", "](")


def on_post_build(config: MkDocsConfig) -> None:
    """Nothing on the site is loaded from elsewhere: no font, no script, no picture."""
    for path in sorted(Path(config.site_dir).rglob("*.html")):
        if found := LOADED.search(path.read_text("utf-8")):
            raise PluginError(f"{path.name} loads something from elsewhere: {found[0]}")

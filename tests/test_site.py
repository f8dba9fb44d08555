"""The pages link to what is there, and the site shows all of them; `make docs` builds it."""

import re
from pathlib import Path

import pytest

import multitok
from multitok import prices, testing, train

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
IN_ROOT = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "samples/README.md"]
PAGES = [*(ROOT / name for name in IN_ROOT), *sorted(DOCS.rglob("*.md"))]
NAVIGATION = (
    (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2].partition("\ntheme:")[0]
)
LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


def anchors(page):
    """What a heading is called in a link, as GitHub and mkdocs do it."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-") for name in headings}


def astray(page):
    """The relative links of a page that lead nowhere."""
    for link in LINK.finditer(CODE.sub("", page.read_text("utf-8"))):
        target = (page.parent / link["path"]).resolve() if link["path"] else page
        named = link["anchor"]
        if not target.exists() or (named and named not in anchors(target.read_text("utf-8"))):
            yield link[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_to_a_page_and_to_a_heading_of_it(page):
    assert list(astray(page)) == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A b\n[1](#a-b) [2](#c) [3](gone.md) [4](page.md#a-b) `[5](code.md)`")
    assert list(astray(page)) == ["](#c)", "](gone.md)"]


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_a_page_of_docs_has_its_place_in_the_navigation(page):
    assert f": {page.relative_to(DOCS)}\n" in NAVIGATION


@pytest.mark.parametrize("room", [multitok, prices, testing, train], ids=lambda room: room.__name__)
def test_the_reference_of_python_has_every_public_name_once(room):
    """A page of a room shows the whole module; that of multitok names what it shows, by topic."""
    page = (DOCS / "api" / f"{room.__name__.rpartition('.')[2]}.md").read_text("utf-8")
    if room is not multitok:
        assert f"::: {room.__name__}\n" in page
        return
    shown = sorted(re.findall(r"^::: multitok\.(?:\w+\.)*(\w+)$", page, re.MULTILINE))
    rooms = {"adapters", "prices", "testing", "train"}
    assert shown == sorted(set(multitok.__all__) - {"__version__"} - rooms)


def test_what_a_page_has_written_into_a_clone_is_ignored_by_git():
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    option = r"(?:-o|--out|--html|--plot|--overlay|--png|--save-prepared|>) (\w+\.\w+)"
    for page in PAGES:
        blocks = re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
        lines = [line.strip() for block in blocks for line in block.splitlines()]
        typed = [line for line in lines if line.startswith(("$ ", "| "))]
        written = [name for line in typed for name in re.findall(option, line)]
        assert [name for name in written if f"/{name}" not in ignored] == []


def test_the_first_page_says_how_its_commands_are_found():
    before, _, _ = (ROOT / "README.md").read_text("utf-8").partition("```console")
    assert "make demo" in before
    assert ". .venv/bin/activate" in before


def test_every_variable_that_the_code_knows_has_its_words():
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    known = set(re.findall(r"\b_?MULTITOK_[A-Z_]*[A-Z]\b", sources))
    told = set(re.findall(r"`(_?MULTITOK_[A-Z_]+)`", (DOCS / "environment.md").read_text("utf-8")))
    assert known == told


def test_each_schema_is_linked():
    linked = re.findall(r"\]\(schemas/(\w+)\.json\)", (DOCS / "documents.md").read_text("utf-8"))
    assert sorted(linked) == sorted(path.stem for path in (DOCS / "schemas").glob("*.json"))

"""The live page: what is served, under which policy, and to whom."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from multitok.service import live
from multitok.service.settings import Limits

FOLDER = Path(live.FOLDER)


def directives(header):
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.parametrize("path", live.PATHS)
def test_each_file_comes_with_the_policy_and_its_type(service, path):
    answer = service.get(path)
    kind = {"": "text/html", "css": "text/css", "js": "text/javascript"}[path.rpartition(".")[2]
        if "." in path else ""]  # fmt: skip
    assert answer.status == 200
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.headers["content-security-policy"] == live.policy()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_policy_allows_its_own_files_and_forbids_the_rest():
    told = directives(live.policy())
    assert told["default-src"] == "'none'"
    assert told["connect-src"] == "'self'"
    assert told["script-src"].split()[0] == "'self'"
    assert "unsafe-inline" not in told["script-src"]
    assert "unsafe-eval" not in live.policy()
    for name in ("base-uri", "form-action", "frame-ancestors"):
        assert told[name] == "'none'"


def test_the_one_inline_script_that_may_run_is_that_of_the_report(service):
    """A frame inherits the policy of the page, so the script of the report stands in both."""
    report = service.post("/page", {"text": "hello", "model": "gpt-4o"}).body.decode()
    (script,) = re.findall(r"<script>(.*?)</script>", report, re.S)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert directives(live.policy())["script-src"] == f"'self' 'sha256-{digest}'"
    assert f"sha256-{digest}" in report


def test_all_files_of_the_folder_are_served_and_no_other(service):
    served = {path.removeprefix("/live/") for path in live.PATHS} - {"/", "report.css"}
    assert served | {"index.html"} == {file.name for file in FOLDER.iterdir()}
    for path in ("/live/", "/live/index.html", "/live/../settings.py", "/live/%2e%2e/app.py"):
        assert service.get(path).status == 404


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_page_has_no_script_and_no_style_of_its_own(service):
    """What stands in it comes from files, so that nothing that gets into it could run."""
    tags = Page(service.get("/").body.decode()).tags
    assert [attrs["src"] for tag, attrs in tags if tag == "script"] == ["/live/main.js"]
    assert "style" not in {tag for tag, _ in tags}
    assert not [name for _, attrs in tags for name in attrs if name.startswith(("on", "style"))]


def test_nothing_is_named_that_is_elsewhere():
    for file in FOLDER.iterdir():
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|src=.//", text), file.name


def test_modules_import_what_is_served():
    for name in live.SCRIPTS:
        text = (FOLDER / name).read_text("utf-8")
        assert set(re.findall(r'from "\./([^"]+)"', text)) <= set(live.SCRIPTS)


def test_scripts_write_no_markup():
    for name in live.SCRIPTS:
        text = (FOLDER / name).read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text)


def test_the_frame_of_the_report_has_no_origin():
    text = (FOLDER / "report.js").read_text("utf-8")
    assert 'sandbox: "allow-scripts"' in text
    assert not [name for name in live.SCRIPTS if "same-origin" in (FOLDER / name).read_text()]


def test_the_page_knows_how_much_the_service_takes(serve):
    small = serve(limits=Limits(body=4 << 20))
    assert f'data-limit="{4 << 20}"' in small.get("/").body.decode()


def test_without_a_page_nothing_of_it_is_served(serve):
    bare = serve(page=False)
    assert {bare.get(path).status for path in live.PATHS} == {404}
    assert bare.get("/v1/models").status == 200


def test_the_page_is_told_without_a_token_and_counts_with_one(serve):
    closed = serve(token="secret")
    assert {closed.get(path).status for path in live.PATHS} == {200}
    assert closed.get("/v1/models").status == 401
    assert closed.get("/v1/models", authorization="Bearer secret").status == 200


def test_a_page_of_another_name_is_not_told(service):
    assert service.get("/", host="evil.example").status == 421

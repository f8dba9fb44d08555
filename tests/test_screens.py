"""`make screens` looks at pages in a browser; what it needs and cannot find is no pass."""

import json
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOL = runpy.run_path(str(ROOT / "tools" / "screens.py"))


def test_a_browser_that_is_not_there_is_an_error():
    with pytest.raises(SystemExit) as told:
        TOOL["found"]("no-such-browser", None, "nor-this-one")
    said = "screens: no-such-browser is not installed: apt-get install no-such-browser"
    assert str(told.value) == said


def test_packages_of_node_are_pinned_and_no_host_is_named():
    text = (ROOT / "tools" / "screens" / "package.json").read_text("utf-8")
    versions = json.loads(text)["dependencies"].values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    assert "//" not in text
    assert not [*ROOT.glob("tools/**/package-lock.json")]


def test_all_modalities_that_a_page_can_show_are_looked_at():
    suffixes = {Path(name).suffix for name in TOOL["NINE"]}
    assert {".jpg", ".png", ".txt", ".py", ".mp4", ".flac", ".csv"} <= suffixes

"""Screens of every page and chart, and what is wrong with them: build/screens.

Usage: python tools/screens.py [FOLDER]. Writes the pages (one, four and nine inputs of all
modalities, the prices, results in a notebook) and the charts, and has headless Chromium look at the
pages at 1280 and 390 px, light and dark (`tools/screens/look.mjs`): a screen of each, axe on each,
and the behavior of the script by pointer and keys. Then the live page of `multitok serve`, in the
same way (`tools/screens/live.mjs`). The exit code is 1 where anything is wrong. It
needs Chromium and Node with npm; $CHROMIUM names a Chromium that is elsewhere.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import multitok
from multitok.report import notebook

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
SCRIPTS = ROOT / "tools" / "screens"
PACKAGES = ROOT / "build" / "screens-packages"
FOUR = ("photo.jpg", "multilingual.txt", "clip.mp4", "arm.csv")
NINE = (*FOUR, "screenshot.png", "english.txt", "fibonacci.py", "melody.flac", "sunspots.csv")
PAGES = {
    "inspect-1": ("inspect", "samples/screenshot.png", "--html"),
    "inspect-4": ("inspect", *(f"samples/{name}" for name in FOUR), "--html"),
    "inspect-9": ("inspect", *(f"samples/{name}" for name in NINE), "--html"),
    "prices": ("prices", "--html"),
}
CHARTS = {
    "overlay-photo": ("inspect", "samples/photo.jpg", "-m", "claude-opus-5", "--overlay"),
    "overlay-clip": ("inspect", "samples/clip.mp4", "-m", "gemini-2.5-flash", "--overlay"),
    "overlay-series": ("inspect", "samples/sunspots.csv", "-t", "chronos", "--overlay"),
    "overlay-motion": ("inspect", "samples/arm.csv", "--as", "actions", "-t", "fast", "--overlay"),
    "overlay-sound": ("inspect", "samples/melody.flac", "-m", "gpt-realtime", "--overlay"),
    "rate-series": ("inspect", "samples/sunspots.csv", "--plot"),
    "prices-chart": ("prices", "--png"),
    "economics": ("economics", "1.4T", "--parameters", "70B", "--png"),
}
TOKEN = "a token of the screens"
NOTEBOOK = """
body { font: 14px/1.5 sans-serif; margin: 16px; background: #fff; color: #222; }
img { max-width: 100%; height: auto; } td, th { padding: 4px 8px; }
@media (prefers-color-scheme: dark) {
  body { background: #111; color: #ddd; } a { color: #8ab4f8; }
}
@media (max-width: 600px) { table { font-size: 11px; } td, th { padding: 3px; } }
"""
"""About as notebooks style what they show."""


def main(folder: Path) -> int:
    chromium = found("chromium", os.environ.get("CHROMIUM"), "chromium-browser", "google-chrome")
    node, npm = found("node"), found("npm")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pages = [(command, folder / f"{name}.html") for name, command in PAGES.items()]
    charts = [(command, folder / f"{name}.png") for name, command in CHARTS.items()]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(written, *zip(*pages, *charts, strict=True)))
    for name in ("inspect-4", "inspect-9"):
        (folder / f"{name}.json").write_text(report(name), "utf-8")
    (folder / "notebook.html").write_text(notebook_page(), "utf-8")
    install(npm)
    look = [node, PACKAGES / "look.mjs", chromium, folder, *PAGES, "notebook"]
    still = subprocess.run(look).returncode
    with served() as address, served("--token", TOKEN) as locked:
        live = [node, PACKAGES / "live.mjs", chromium, folder, SAMPLES, address, locked, TOKEN]
        return still or subprocess.run(live).returncode


@contextmanager
def served(*words: str) -> Iterator[str]:
    """The address of a service that answers on a free port as long as it is looked at."""
    command = [sys.executable, "-m", "multitok", "serve", "--port", "0", *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert service.stderr is not None
            found = re.search(r"http://\S+", service.stderr.readline())
            if found is None:
                raise SystemExit(f"screens: {' '.join(command)} says no address")
            yield found[0]
        finally:
            service.terminate()


def found(program: str, *others: str | None) -> str:
    """The path of a program; without it nothing was looked at, and that is no pass."""
    for name in filter(None, (*reversed(others), program)):
        if path := shutil.which(name):
            return path
    raise SystemExit(f"screens: {program} is not installed: apt-get install {program}")


def written(command: tuple[str, ...], path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "multitok", *command, path], cwd=ROOT, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def report(name: str) -> str:
    """The numbers of a page as JSON: what the page tells is held against them."""
    command = [sys.executable, "-m", "multitok", *PAGES[name][:-1], "--json"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def install(npm: str) -> None:
    """The two packages, by the exact versions of package.json, where no repository sees them."""
    shutil.copytree(SCRIPTS, PACKAGES, dirs_exist_ok=True)
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--package-lock=false"]
    subprocess.run([npm, "install", *quiet], cwd=PACKAGES, check=True)


def notebook_page() -> str:
    """Results as a notebook shows them, below each other in a page that has no style of ours."""
    photo, text = SAMPLES / "photo.jpg", SAMPLES / "multilingual.txt"
    tokens = multitok.get_tokenizer("o200k_base").encode(multitok.load(text))
    results = {
        "A count": multitok.count(photo, model="gpt-4o"),
        "A comparison": multitok.compare(photo),
        "Tokens": tokens,
        "An inspection": multitok.inspect(photo, models="claude-opus-5"),
    }
    shown = "".join(f"<h2>{name}</h2>{notebook.html_of(it)}" for name, it in results.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A notebook</title>'
        f'<meta name="viewport" content="width=device-width"><style>{NOTEBOOK}</style></head><body>'
        f"<main><h1>Results in a notebook</h1>{shown}</main></body></html>"
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else ROOT / "build" / "screens").resolve()))

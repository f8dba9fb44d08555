"""The Node SDKs of Anthropic, OpenAI and Google against `multitok serve`: `make sdks`.

Each gets the number of `count_request`, or its own class of error with our message; the exit code
is 1 where one does not. It needs Node with npm.
"""

import base64
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import multitok
from multitok.service import serving
from multitok.service.settings import Settings

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "tools" / "sdks"
PACKAGES = ROOT / "build" / "sdks"
PHOTO = base64.b64encode((ROOT / "samples" / "photo.jpg").read_bytes()).decode()
HELLO = [{"role": "user", "content": "hello"}]
WEATHER = {
    "name": "weather",
    "description": "The weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def requests() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """What is asked in which way, and what it must be answered with."""
    source = {"type": "base64", "media_type": "image/jpeg", "data": PHOTO}
    seen = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    asked: dict[str, Any] = {"model": "claude-opus-5", "messages": seen, "tools": [WEATHER]}
    counted = multitok.count_request(asked, provider="anthropic")
    yield "anthropic", asked, counted.tokens
    yield "anthropic-beta", asked, counted.tokens
    yield "anthropic-labels", asked, str(counted.most)
    yield "anthropic-models", {}, len(multitok.models())
    yield "anthropic", {"model": "claude-opus-99", "messages": HELLO}, ("NotFoundError", 404)

    picture = {
        "type": "input_image", "detail": "high", "image_url": f"data:image/jpeg;base64,{PHOTO}",
    }  # fmt: skip
    asked = {"model": "gpt-5.4", "input": [{"role": "user", "content": [picture]}]}
    yield "openai", asked, multitok.count_request(asked).tokens
    yield "openai-models", {}, len(multitok.models())
    yield "openai", {"model": "gpt-99", "input": "hello"}, ("NotFoundError", 404)

    inline = {"inlineData": {"mimeType": "image/jpeg", "data": PHOTO}}
    asked = {"model": "gemini-2.5-flash", "contents": [{"role": "user", "parts": [inline]}]}
    yield "gemini", asked, multitok.count_request(asked).tokens
    yield "gemini", {"model": "gemini-99", "contents": "hello"}, ("ApiError", 404)


@contextmanager
def serving_here() -> Iterator[str]:
    """The address of a service."""
    listening = serving.listening("127.0.0.1", 0)
    server = serving.server_of(Settings(), workers=1)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def installed() -> None:
    """The three packages, by the exact versions of package.json."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise SystemExit("sdks: node and npm are not installed: apt-get install nodejs npm")
    shutil.copytree(SCRIPTS, PACKAGES, dirs_exist_ok=True)
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--package-lock=false"]
    subprocess.run([npm, "install", *quiet], cwd=PACKAGES, check=True)


def of_the_page(url: str) -> bool:
    """Whether the block of docs/service.md prints what it says."""
    page = (ROOT / "docs" / "service.md").read_text("utf-8")
    block = page.partition("```js\n")[2].partition("```")[0]
    expected = block.rpartition("// ")[2].strip()
    (PACKAGES / "page.mjs").write_text(block.replace("http://127.0.0.1:8484", url), "utf-8")
    child = subprocess.run(["node", PACKAGES / "page.mjs"], capture_output=True, text=True)
    same = child.stdout.strip() == expected
    print(f"{'ok   ' if same else 'WRONG'} docs/service.md: {child.stdout or child.stderr}")
    return same


def main() -> int:
    installed()
    wanted = list(requests())
    sent = json.dumps([{"way": way, "asked": asked} for way, asked, _ in wanted])
    with serving_here() as url:
        child = subprocess.run(
            ["node", PACKAGES / "count.mjs", url], input=sent, capture_output=True, text=True
        )
        wrong = int(not of_the_page(url))
    if child.returncode:
        print(child.stderr, file=sys.stderr)
        return 1
    for (way, _, expected), answer in zip(wanted, json.loads(child.stdout), strict=True):
        found = answer.get("found", (answer.get("error"), answer.get("status")))
        same = found == expected
        wrong += not same
        print(f"{'ok   ' if same else 'WRONG'} {way}: {found}", "" if same else f"not {expected}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

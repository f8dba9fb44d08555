"""Nothing is opened and nothing is fetched because a request says so, watched by an audit hook."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

WATCHED = """
import asyncio, json, sys, threading
from multitok.service.app import application
from multitok.service.ready import warm
from multitok.service.settings import Settings

settings = Settings()
warm(settings)
app = application(settings)


async def ask(method, path, body, kind):
    told, sent = [], []
    async def receive():
        if sent:
            await asyncio.sleep(3600)
        sent.append(True)
        return {"type": "http.request", "body": body, "more_body": False}
    async def send(message):
        told.append(message)
    path, _, query = path.partition("?")
    headers = [(b"host", b"localhost"), (b"content-type", kind.encode())]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": headers, "http_version": "1.1",
        "scheme": "http", "server": ("localhost", 1), "client": ("localhost", 2),
        "root_path": "", "asgi": {"version": "3.0"}, "state": {},
    }
    await app(scope, receive, send)
    return told[0]["status"]


asked = json.load(sys.stdin)
loop = asyncio.new_event_loop()
run = lambda one: loop.run_until_complete(
    ask(one["method"], one["path"], bytes.fromhex(one["body"]), one["kind"])
)
for one in asked:  # what is imported or read once is read now
    run(one)
seen = []
def hook(event, args):
    if event in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system",
                 "os.listdir", "os.scandir", "glob.glob"):
        seen.append((event, str(args[0])))
sys.addaudithook(hook)
statuses = [run(one) for one in asked]
threading.excepthook = None
print(json.dumps({"statuses": statuses, "seen": seen}))
"""
TRAP = "/etc/hostname"
ROOT = Path(__file__).parent.parent.parent


def asked(path, payload, kind="application/json"):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return {"method": "POST", "path": path, "body": body.hex(), "kind": kind}


def messages(block, model="gpt-4o"):
    return {"model": model, "messages": [{"role": "user", "content": [block]}]}


def watched(requests):
    """The statuses of the second time they are asked, and what was opened for them meanwhile."""
    child = subprocess.run(
        [sys.executable, "-c", WATCHED], input=json.dumps(requests), capture_output=True, text=True
    )
    assert child.returncode == 0, child.stderr
    return json.loads(child.stdout)


def test_nothing_that_a_request_names_is_opened_or_fetched():
    from multitok.core.registry import names

    photo = (ROOT / "samples" / "photo.jpg").read_bytes()
    url = {"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/x.png"}}
    local = {"type": "image_url", "image_url": {"url": TRAP}}
    source = {"type": "url", "url": f"file://{TRAP}"}
    requests = [
        asked("/request", messages(url)),
        asked("/request", messages(local)),
        asked("/v1/messages/count_tokens", messages({"type": "image", "source": source}, TRAP)),
        asked("/v1beta/models/..%2f..%2fetc%2fhostname:countTokens", {"contents": "hi"}),
        asked("/count", {"model": TRAP, "text": "x"}),
        asked("/count", {"model": ["gpt-4o", "./samples"], "text": TRAP}),
        asked("/count", {"tokenizer": TRAP, "text": "x"}),
        asked("/count", {"model": "gpt-4o", "text": "x", "name": TRAP}),
        asked("/count", {"model": "gpt-4o", "data": "aGVsbG8=", "name": TRAP}),
        asked(f"/count?name={TRAP}&model=gpt-4o", photo, "application/octet-stream"),
        asked("/compare", {"size": "600x400", "read": {"encoding": TRAP}}),
        asked("/inspect", {"text": "hello", "model": "gpt-4o", "options": {"path": TRAP}}),
        asked("/page", {"text": "hello", "model": "gpt-4o", "name": TRAP}),
        *(
            asked("/count", {"tokenizer": name, "text": "x", "options": {key: TRAP}})
            for name in names()
            for key in (
                "path",
                "file",
                "vocabulary",
                "name",
                "backend",
                "pattern",
                "codebook",
                "codebooks",
                "encoder",
                "decoder",
            )
        ),
    ]
    found = watched(requests)
    assert [what for what in found["seen"] if TRAP in what[1] or what[0] != "open"] == []
    assert [what for what in found["seen"] if not inside(what[1])] == []
    assert max(found["statuses"]) < 500


def inside(path: str) -> bool:
    """Whether it belongs to Python, or to a package."""
    roots = (sys.prefix, sys.base_prefix, str(ROOT / "src"), "/proc/", "/sys/", "/usr/lib", "/lib")
    return path.isdigit() or path.startswith(roots)


def test_the_watch_sees_what_is_opened():
    """A control: the same watch, with a file that is opened."""
    planted = WATCHED.replace("statuses = [", f"open({TRAP!r}).close(); statuses = [")
    child = subprocess.run(
        [sys.executable, "-c", planted], input="[]", capture_output=True, text=True, check=True
    )
    assert json.loads(child.stdout)["seen"] == [["open", TRAP]]


@pytest.mark.parametrize("name", ["photo.jpg", "clip.mp4", "melody.flac", "sunspots.csv"])
def test_a_file_that_was_sent_is_read_from_memory(name):
    data = (ROOT / "samples" / name).read_bytes()
    found = watched([asked(f"/inspect?name={name}", data, "application/octet-stream")])
    assert found["statuses"] == [200]
    assert [what for what in found["seen"] if not inside(what[1])] == []

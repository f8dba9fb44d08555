"""The count endpoint of `multitok serve` beside that of LiteLLM's proxy: the same requests over the
same connections, each server in one process of its own, in turn, and the best turn of each.

    600 B    a chat of one message
    188 kB   an agent's request with 20 tools and long results
    7.5 MB   a chat with a picture of 5.6 MB
"""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from measure import Row, row, skipped

CLIENTS = 4
TURNS = 5
ROUTE = "/utils/token_counter"
MODEL, CLAUDE = "gpt-4o", "claude-opus-4-5"
PROXY = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
}
CONFIG = "model_list:\n" + "".join(
    f"  - model_name: {name}\n    litellm_params: {{model: {maker}/{name}, api_key: none}}\n"
    for maker, name in (("openai", MODEL), ("anthropic", CLAUDE))
)
WITH = " with ctok" if importlib.util.find_spec("ctok") else ""
WORK = (
    ("a request of 600 bytes", "small", MODEL, 10, 7.5),
    ("an agent's request of 188 kB with 20 tools", "agent", MODEL, None, 7.5),
    ("a request of 7.5 MB with a picture", "picture", MODEL, 5, 10.0),
    (f"a request of 600 bytes, Claude{WITH}", "small", CLAUDE, None, 7.5),
    (f"an agent's request of 188 kB, Claude{WITH}", "agent", CLAUDE, None, 7.5),
)


def payload(kind: str, model: str) -> bytes:
    """The body of a request."""
    words = "the quick brown fox jumps over the lazy dog. "
    request: dict[str, Any] = {"model": model}
    if kind == "small":
        request["messages"] = [{"role": "user", "content": words * 11}]
    elif kind == "agent":
        request["messages"] = [
            {"role": "user" if n % 2 == 0 else "assistant", "content": f"Step {n}: " + words * 98}
            for n in range(40)
        ]
        request["tools"] = [tool(n) for n in range(20)]
    else:
        request["messages"] = [{"role": "user", "content": [picture()]}]
    return json.dumps(request).encode()


def tool(number: int) -> dict[str, Any]:
    properties = {
        f"field_{n}": {"type": "string", "description": "What it is, in a few words."}
        for n in range(4)
    }
    return {
        "type": "function",
        "function": {
            "name": f"tool_{number}",
            "description": "Does one thing, and says what came of it.",
            "parameters": {"type": "object", "properties": properties},
        },
    }


def picture() -> dict[str, Any]:
    """Noise, which no PNG packs: 5.6 MB."""
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (1366, 1366, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url, "detail": "high"}}


def rows() -> Iterator[Row]:
    proxy = shutil.which("litellm", path=os.path.dirname(sys.executable))
    if proxy is None:
        for work, _, _, faster, _ in WORK:
            target = f"{faster} times faster" if faster else ""
            yield skipped(work, target, "litellm[proxy] is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(CONFIG, "utf-8")
        ours_port, peer_port = free(), free()
        ours = [sys.executable, "-m", "multitok", "serve", "--port", str(ours_port)]
        peer = [proxy, "--config", str(config), "--port", str(peer_port), "--host", "127.0.0.1"]
        with running(ours, ours_port), running(peer, peer_port):
            for work, kind, model, faster, seconds in WORK:
                body = payload(kind, model)
                a, b = in_turn(ours_port, peer_port, body, seconds)
                note = (
                    f"{a.rate:,.0f} a second against {b.rate:,.0f}, {CLIENTS} clients; the middle"
                    f" one took {a.middle * 1000:.2g} ms against {b.middle * 1000:.2g} ms, 99 of"
                    f" 100 at most {a.late * 1000:.2g} against {b.late * 1000:.2g} ms;"
                    f" {a.tokens:,} tokens, the peer {b.tokens:,}"
                )
                yield row(
                    work, ours=1 / a.rate, peer=1 / b.rate, against="LiteLLM's proxy",
                    faster=faster, note=note,
                )  # fmt: skip


def in_turn(ours: int, peer: int, body: bytes, seconds: float) -> tuple[Load, Load]:
    """The best of each of several turns: another one waits, and what else the machine does meets
    both."""
    mine, theirs = [], []
    for _ in range(TURNS):
        mine.append(loaded(ours, body, seconds / TURNS))
        theirs.append(loaded(peer, body, seconds / TURNS))
    return max(mine, key=lambda load: load.rate), max(theirs, key=lambda load: load.rate)


def free() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """A server, until it answers and no longer than it is needed."""
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(command, env={**os.environ, **PROXY}, stdout=log, stderr=log)
        try:
            for _ in range(600):
                try:
                    if ask(port, payload("small", MODEL))[0] == 200:
                        break
                except OSError:
                    pass
                if child.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(log.read()[-500:].decode("utf-8", "replace"))
                sleep(0.2)
            yield
        finally:
            child.terminate()
            child.wait(timeout=30)


class Load:
    """What many requests took."""

    def __init__(self, times: list[float], seconds: float, tokens: int) -> None:
        ordered = sorted(times)
        self.rate = len(times) / seconds
        self.middle = ordered[len(ordered) // 2]
        self.late = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
        self.tokens = tokens


def loaded(port: int, body: bytes, seconds: float) -> Load:
    """The same request again and again over a few open connections, for so many seconds."""
    status, answer = ask(port, body)
    if status != 200:
        raise RuntimeError(answer[:300].decode("utf-8", "replace"))
    times: list[float] = []
    sent = message(body)
    end = perf_counter() + seconds

    def client() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (start := perf_counter()) < end:
                exchange(connection, sent)
                times.append(perf_counter() - start)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    start = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(times, perf_counter() - start, json.loads(answer)["total_tokens"])


def ask(port: int, body: bytes) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        return exchange(connection, message(body))


def message(body: bytes) -> bytes:
    head = (
        f"POST {ROUTE} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def exchange(connection: socket.socket, sent: bytes) -> tuple[int, bytes]:
    """One request and its answer, whose length is told."""
    connection.sendall(sent)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the connection was closed")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
    while len(body) < length:
        body += connection.recv(65536)
    return int(lines[0].split()[1]), body

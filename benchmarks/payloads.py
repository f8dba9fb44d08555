"""A request, an import and a price look-up against litellm, tokencost and genai-prices.

The answers are compared, too: where the peer's count of a request is wrong, the note says so.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from measure import Row, best, row, skipped

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would fetch a map when it is imported
SRC = Path(__file__).parent.parent / "src"
REQUEST = "count an OpenAI request: 20 messages, 5 pictures of 1 MB in base64"
PRICE = "first price look-up of a process"


def payload() -> dict[str, Any]:
    """Twenty messages of English, five of them with a picture of about a megabyte."""
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    messages = []
    for number in range(20):
        text = f"Message {number}: " + "the quick brown fox jumps over the lazy dog. " * 8
        content: Any = text
        if number % 4 == 0:
            picture = {"type": "image_url", "image_url": {"url": url, "detail": "high"}}
            content = [{"type": "text", "text": text}, picture]
        role = "user" if number % 2 == 0 else "assistant"
        messages.append({"role": role, "content": content})
    return {"model": "gpt-4o", "messages": messages}


def rows() -> Iterator[Row]:
    yield count_row()
    for peer, target in (("litellm", 50), ("tokencost", 50)):
        yield import_row(peer, target)
    yield price_row()


def count_row() -> Row:
    if importlib.util.find_spec("litellm") is None:
        return skipped(REQUEST, "5 times faster", "litellm is not installed")
    from litellm import token_counter

    from multitok.requests.whole import count_request

    request = payload()
    mine = count_request(request).tokens
    theirs = token_counter(model=request["model"], messages=request["messages"])
    ours, peer = best(
        lambda: count_request(request),
        lambda: token_counter(model=request["model"], messages=request["messages"]),
        seconds=2.0,
    )
    note = f"multitok counts {mine:,} tokens; the peer {theirs:,}"
    return row(REQUEST, ours=ours, peer=peer, against="litellm.token_counter", faster=5, note=note)


def import_row(peer: str, target: float) -> Row:
    work = f"import multitok / import {peer}"
    if importlib.util.find_spec(peer) is None:
        return skipped(work, f"{target} times faster", f"{peer} is not installed")
    idle = _process("pass")
    ours = max(_process("import multitok") - idle, 1e-4)
    return row(work, ours=ours, peer=_process(f"import {peer}") - idle, against=peer, faster=target)


def price_row() -> Row:
    if importlib.util.find_spec("genai_prices") is None:
        return skipped(PRICE, "10 times faster", "genai-prices is not installed")
    mine = (
        "from multitok.prices.rates import cost_of, price_for; cost_of(price_for('gpt-4o'), 1000)"
    )
    theirs = (
        "from genai_prices import Usage, calc_price;"
        " calc_price(Usage(input_tokens=1000), 'gpt-4o', provider_id='openai')"
    )
    idle = _process("pass")
    return row(
        PRICE, ours=_process(mine) - idle, peer=_process(theirs) - idle, against="genai_prices",
        faster=10,
    )  # fmt: skip


def _process(code: str, times: int = 7) -> float:
    """The shortest of some runs of a fresh interpreter; peers that take seconds run twice."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SRC), *sys.path[1:]])}
    shortest = float("inf")
    for _ in range(times):
        began = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        took = perf_counter() - began
        shortest = min(shortest, took)
        if took > 1.5 and shortest < float("inf") and _ >= 1:
            break
    return shortest

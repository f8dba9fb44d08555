"""Requests of every provider, batches of them, and what was billed."""

from __future__ import annotations

import json
from typing import Any

from material import REQUESTS, VALUES
from mutators import dumped, json_like, json_lines, parsed
from targets import TARGETS, Target, target

import multitok
from multitok.report.batches import batch_to_dict, render_batch
from multitok.report.bills import bills_to_dict, render_bills
from multitok.report.requests import render_request, request_to_dict
from multitok.requests.usage import usage_of

ODD = [
    *VALUES, "data:image/png;base64,", "data:image/png;base64,!!", "data:image/png;base64,%80AAA",
    "http://x", "file:///etc/passwd", "/etc/passwd", "-", "\ud800", "\0", "1s", "-5s", "nan",
    "auto", "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=", 10**40,
    {"type": []}, {"type": "text", "text": 5}, {"url": None}, {"$ref": "#"}, {"enum": 5},
    {"type": "object", "properties": []}, {"items": []}, {"anyOf": 5}, {"properties": {"a": None}},
    {"type": ["string", "null"]}, {"text": "x", "type": "output_text"},
]  # fmt: skip
"""What may stand in a request."""
BILLED = [
    {"prompt_tokens": 5, "prompt_tokens_details": {"image_tokens": 3}, "completion_tokens": 1},
    {"input_tokens": 5, "cache_read_input_tokens": 2,
     "cache_creation": {"ephemeral_5m_input_tokens": 1}},
    {"promptTokenCount": 5, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}]},
    {"inputTokens": 5, "outputTokens": 1, "totalTokens": 6},
    {"prompt_eval_count": 5, "eval_count": 3},
]  # fmt: skip
BATCH = [
    {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": REQUESTS["openai"]},
    {"custom_id": "b", "params": REQUESTS["anthropic"]},
    {"key": "c", "request": REQUESTS["gemini"]},
    {"recordId": "d", "modelInput": REQUESTS["bedrock"]},
]
OUTPUT = (1, 9)
FORMATS = {"responses": "openai", "embeddings": "openai", "titan": "bedrock"}
"""Who reads a request of this name, where that is another."""


def _count(provider: str) -> Any:
    """A request read as this provider's, or as whatever it looks like: counted and told."""

    def run(data: bytes) -> None:
        payload = parsed(data)
        named = provider if len(data) % 3 else None
        model = None if len(data) % 2 else "gpt-4o"
        _tell(multitok.count_request(payload, model, named, bound=len(data) % 5 == 0))

    return run


def _tell(count: multitok.RequestCount) -> None:
    """All that a report says of it."""
    cost = count.cost(output=OUTPUT)
    render_request(count, color=False, cost=cost)
    json.dumps(request_to_dict(count, cost))


for name, document in REQUESTS.items():
    TARGETS[f"request-{name}"] = Target(
        _count(FORMATS.get(name, name)),
        seeds=lambda document=document: dumped([document]),
        mutate=json_like(ODD, [*REQUESTS.values()]),
        longest=9000,
    )


@target(
    seeds=lambda: [b"\n".join(dumped(BATCH)), *dumped([{"requests": BATCH}])],
    mutate=json_lines(ODD, BATCH),
    longest=16_000,
)
def batch(data: bytes) -> None:
    """A batch file, line by line."""
    counted = multitok.count_batch(
        data.decode("utf-8", "replace"), "gpt-4o" if len(data) % 2 else None
    )
    cost = counted.cost(output=OUTPUT)
    render_batch(counted, cost, color=False)
    json.dumps(batch_to_dict(counted, cost))


LOGGED = [
    {"request": request, "usage": usage}
    for request, usage in zip([*REQUESTS.values()] * 2, BILLED * 3, strict=False)
]


@target(
    seeds=lambda: [b"\n".join(dumped(LOGGED[:3])), *dumped(LOGGED)],
    mutate=json_lines([*ODD, *BILLED], LOGGED),
    longest=16_000,
)
def bills(data: bytes) -> None:
    """A log of requests and what they were billed at."""
    found = list(multitok.reconcile(data.decode("utf-8", "replace").splitlines()))
    multitok.calibration_of(found, "x").to_dict()
    render_bills(found, 0.02, color=False)
    json.dumps(bills_to_dict(found, 0.02))


@target(seeds=lambda: dumped(BILLED), mutate=json_like(ODD, BILLED))
def usage(data: bytes) -> None:
    """The usage object of an answer, and what it costs."""
    billed = usage_of(parsed(data))
    if billed is not None:
        billed.cost("gpt-4o")


@target(
    seeds=lambda: dumped([*REQUESTS.values()]),
    mutate=json_like(ODD, [*REQUESTS.values()]),
    longest=9000,
)
def fitted(data: bytes) -> None:
    """A request made smaller: it counts what it says, and no more than was asked for."""
    budget = 40 + len(data) % 400
    found = multitok.fit_request(parsed(data), max_tokens=budget, allow_unknown=True)
    assert found.after.most <= budget, f"{found.after.most} of {budget}"

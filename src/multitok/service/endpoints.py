"""The providers' endpoints: a request in, one number out, in as few steps as there are.

They answer thousands a second where a client asks before each of its calls, so they are plain ASGI:
routing and middleware would take as long as the count. What is small and holds no file is counted
at once; anything else in a thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import msgspec

from multitok.catalog.names import VERTEX_AI, answered_at
from multitok.core.boundary import unforeseen
from multitok.service.answers import (
    Answer,
    Bytes,
    answer_of,
    counted,
    payload_of,
    text_answer,
)
from multitok.service.dialects import ANTHROPIC, GEMINI, OPENAI, Dialect
from multitok.service.gate import App, Receive, Scope, Send
from multitok.service.refusals import Refused, refusing
from multitok.service.settings import Settings
from multitok.service.work import Gone, Work

JSON = "application/json"
_WRITTEN = msgspec.json.Encoder().encode


class Address:
    """What is asked beside the payload: the model of the path, and words of the address."""

    __slots__ = ("incomplete", "model", "settings")

    def __init__(self, scope: Scope, settings: Settings) -> None:
        self.settings = settings
        path = scope.get("path_params", {})
        self.model: str | None = path.get("model")
        if self.model and "project" in path:  # Vertex AI's address
            self.model = answered_at(VERTEX_AI, self.model)
        self.incomplete: Any = settings.incomplete
        if query := scope["query_string"]:
            named = parse_qs(query.decode("latin-1")).get("incomplete", [])
            self.incomplete = named[0] if named else settings.incomplete
            if self.incomplete not in ("refuse", "sum"):
                given = self.incomplete[:40]
                raise Refused(400, f"incomplete must be refuse or sum, got {given!r}", "incomplete")


Count: TypeAlias = Callable[[Any, Address], Answer]


class Endpoint:
    """One of them, as an ASGI application. `count` is how, where a request is not all it takes."""

    def __init__(
        self, settings: Settings, work: Work, dialect: Dialect, count: Count | None = None
    ) -> None:
        self._settings = settings
        self._work = work
        self._dialect = dialect
        self._count = count or self.whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            address = Address(scope, self._settings)
            async with self._work.body(scope, receive, JSON) as data:
                found = await self._work.count(data, lambda: self.answer(data, address))
            told = self._dialect.answer(found), found.labels()
        except Refused as error:
            await refused(scope, error)(scope, receive, send)
        except Gone:
            return
        except Exception as error:
            await refused(scope, unexpected(scope, error))(scope, receive, send)
        else:
            await reply(send, 200, *told)

    def answer(self, data: Bytes, address: Address) -> Answer:
        with refusing("counting", "the request"):
            return self._count(payload_of(data), address)

    def whole(self, payload: Any, address: Address) -> Answer:
        """A whole request: for the model of the path, or of the request itself."""
        provider = self._dialect.provider
        count = counted(payload, address.settings, provider=provider, model=address.model)
        return answer_of(count, address.settings, address.incomplete)


def litellm(payload: Any, address: Address) -> Answer:
    """LiteLLM's `prompt` is a bare text, its `messages` and `contents` are requests."""
    prompt = payload.get("prompt") if isinstance(payload, dict) else None
    if prompt is None:
        return answer_of(counted(payload, address.settings), address.settings, address.incomplete)
    model = payload.get("model")
    if not isinstance(prompt, str) or not isinstance(model, str):
        raise Refused(400, "prompt and model must be texts", "prompt")
    return text_answer(prompt, model, address.settings)


async def reply(
    send: Send, status: int, body: Mapping[str, Any], headers: Iterable[tuple[bytes, bytes]]
) -> None:
    """JSON, with these headers."""
    try:
        data = _WRITTEN(body)
    except UnicodeEncodeError:  # half of a pair, out of a name that was sent
        data = json.dumps(body).encode()
    told = [
        *headers,
        (b"content-length", str(len(data)).encode()),
        (b"content-type", b"application/json"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": data})


def refused(scope: Scope, error: Refused) -> App:
    """A refusal in the words of the SDK that reads this path."""
    headers = [(b"retry-after", b"1")] if error.status == 503 else []
    if error.status in (408, 413):
        headers.append((b"connection", b"close"))  # what was not read yet is no next request
    body = dialect_of(scope["path"]).error(error)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await reply(send, error.status, body, headers)

    return answer


def unexpected(scope: Scope, error: Exception) -> Refused:
    """What nobody foresaw, around a count: 500, and where it arose in the log."""
    return Refused(500, str(unforeseen(error, "answering", scope["path"])))


def dialect_of(path: str) -> Dialect:
    """Whose SDK reads the answers of a path."""
    if path.endswith(":countTokens") or path.startswith("/v1beta"):
        return GEMINI
    return ANTHROPIC if "/messages" in path or path.endswith(":rawPredict") else OPENAI

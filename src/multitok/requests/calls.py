"""What a guarded client may call, by SDK: what is counted first, and what costs no token.

Each call is named from the client on, without `beta`, `aio` and raw responses, which stand around
the same calls. A call in neither table is refused: a new one of an SDK costs nothing until
somebody has looked at it and written it down here. What manages an organization (keys, users,
limits) is left to the client itself: a guard is there for prompts.
Checked against openai 3.57, anthropic 2.14, google-genai 3.6 and mistralai 3.7 (`tests/guarding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from multitok.catalog.names import VERTEX_AI

Format = Literal["openai", "anthropic", "gemini", "mistral"]

AROUND = ("beta", "aio", "with_raw_response", "with_streaming_response")
"""What stands around calls and changes none."""


@dataclass(frozen=True)
class Calls:
    """The calls of one SDK.

    counted  a room and its calls -> the format of their request
    free     a room and its calls, which send no prompt and cost no tokens; "" is the client
    instead  a call, or a room, that is refused -> what to call
    """

    counted: Mapping[tuple[str, str], Format]
    free: Mapping[str, str]
    instead: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def forms(self) -> Mapping[str, Format]:
        """The format of each counted call."""
        return {
            f"{room}.{call}": form
            for (room, calls), form in self.counted.items()
            for call in calls.split()
        }

    @cached_property
    def harmless(self) -> frozenset[str]:
        return frozenset(
            f"{room}.{call}".lstrip(".") for room, calls in self.free.items()
            for call in calls.split()
        )  # fmt: skip

    @cached_property
    def rooms(self) -> frozenset[str]:
        """What such calls stand in."""
        found = [call.split(".") for call in (*self.forms, *self.harmless)]
        return frozenset(".".join(parts[:n]) for parts in found for n in range(1, len(parts)))

    def advice(self, path: str) -> str | None:
        """What to call instead of it, or of what it is below."""
        while path and path not in self.instead:
            path = path.rpartition(".")[0]
        return self.instead.get(path)


_EACH = "multitok.count_request on each of them first"
_RAW = "the method of its own"

OPENAI = Calls(
    counted={
        ("chat.completions", "create parse stream"): "openai",
        ("responses", "create parse stream"): "openai",
        ("completions", "create"): "openai",
        ("embeddings", "create"): "openai",
    },
    free={
        "": "close is_closed",
        "models": "list retrieve delete",
        "files": "create list retrieve delete content retrieve_content wait_for_processing",
        "uploads": "create cancel complete upload_file_chunked",
        "uploads.parts": "create",
        "batches": "list retrieve cancel",
        "chat.completions": "list retrieve update delete",
        "chat.completions.messages": "list",
        "responses": "retrieve cancel delete",
        "responses.input_items": "list",
        "responses.input_tokens": "count",
        "conversations": "create retrieve update delete",
        "conversations.items": "create list retrieve delete",
        "vector_stores": "list retrieve update delete",
        "vector_stores.files": "list retrieve delete content",
        "containers": "list retrieve delete",
        "containers.files": "list retrieve delete",
        "videos": "list retrieve delete download_content poll",
        "evals": "list retrieve delete",
        "evals.runs": "list retrieve cancel",
        "fine_tuning.jobs": "list retrieve cancel pause list_events",
        "fine_tuning.jobs.checkpoints": "list",
        "assistants": "create list retrieve update delete",
        "threads": "create retrieve update delete",
        "threads.messages": "create list retrieve update delete",
        "threads.runs": "list retrieve cancel poll",
        "threads.runs.steps": "list retrieve",
    },
    instead={
        "batches": _EACH,
        "evals": _EACH,
        "realtime": "responses.create",
        "live": "responses.create",
        "threads": "responses.create",
        "agents": "responses.create",
        "responses.compact": "responses.create, with the whole history as input",
        "responses.connect": "responses.create",
        **dict.fromkeys(("post", "get", "put", "patch", "delete", "request"), _RAW),
    },
)

ANTHROPIC = Calls(
    counted={("messages", "create parse stream"): "anthropic"},
    free={
        "": "close is_closed",
        "models": "list retrieve",
        "messages": "count_tokens",
        "messages.batches": "list retrieve cancel delete results",
        "files": "upload list retrieve_metadata download delete",
        "skills": "create list retrieve delete",
        "skills.versions": "create list retrieve download delete",
        "sessions": "list retrieve archive delete",
        "sessions.events": "list stream",
        "agents": "list retrieve archive",
    },
    instead={
        "messages.batches": _EACH,
        "messages.tool_runner": "messages.create, in a loop of your own",
        "messages.thread": "messages.create, with the whole history as messages",
        "sessions": "messages.create, with the whole history as messages",
        "deployments": "messages.create",
        **dict.fromkeys(("post", "get", "put", "patch", "delete", "request"), _RAW),
    },
)

GEMINI = Calls(
    counted={("models", "generate_content generate_content_stream embed_content"): "gemini"},
    free={
        "": "close aclose",
        "models": "list get count_tokens compute_tokens update delete",
        "files": "upload list get download register_files delete",
        "caches": "list get delete",
        "batches": "list get cancel delete",
        "operations": "get",
        "tunings": "list get cancel",
        "file_search_stores": "list get delete",
        "file_search_stores.documents": "list get delete",
        "interactions": "get cancel delete",
    },
    instead={
        "chats": "models.generate_content, with the whole history as contents",
        "live": "models.generate_content",
        "interactions": "models.generate_content",
        "caches": "models.generate_content, with the cached contents in front",
        "batches": _EACH,
    },
)

_BOTH = "{0} {0}_async"


def _twins(calls: str) -> str:
    """Each call and its asynchronous twin, as mistralai names them."""
    return " ".join(_BOTH.format(call) for call in calls.split())


MISTRAL = Calls(
    counted={
        ("chat", _twins("complete stream parse parse_stream")): "mistral",
        ("embeddings", _twins("create")): "mistral",
        ("fim", _twins("complete stream")): "mistral",
        ("responses", _twins("create")): "openai",
    },
    free={
        room: _twins(calls)
        for room, calls in {
            "models": "list retrieve update archive unarchive delete",
            "files": "upload list retrieve download get_signed_url delete",
            "batch.jobs": "list get cancel delete",
            "responses": "count_input_tokens",
            "conversations": "list get get_history get_messages delete",
            "agents": "create list get update delete",
        }.items()
    },
    instead={
        "agents": "chat.complete, with the agent's instructions as a system message",
        "conversations": "chat.complete, with the whole history as messages",
        "batch": _EACH,
        "do_request": _RAW,
        "do_request_async": _RAW,
    },
)

SDKS: Mapping[str, Calls] = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "google": GEMINI,
    "mistralai": MISTRAL,
}
"""By the package that a client's class is from."""

_LAST_WINS = tuple(SDKS.values())[::-1]
ANY = Calls(
    {key: form for sdk in _LAST_WINS for key, form in sdk.counted.items()},
    {
        room: " ".join(sdk.free.get(room, "") for sdk in _LAST_WINS)
        for sdk in _LAST_WINS
        for room in sdk.free
    },
    {path: call for sdk in _LAST_WINS for path, call in sdk.instead.items()},
)
"""Those of a client of no SDK that is known: most hosts take OpenAI's shapes."""


def calls_of(client: Any) -> Calls:
    """The calls of a client by its class, or one that this is made from."""
    for kind in type(client).__mro__:
        if known := SDKS.get(kind.__module__.partition(".")[0]):
            return known
    return ANY


def endpoint_at(client: Any) -> str | None:
    """Where a client of google-genai sends, if not to the Gemini API; its `aio` says it inside."""
    asked = client, getattr(client, "_api_client", None)
    return VERTEX_AI if any(getattr(one, "vertexai", None) is True for one in asked) else None

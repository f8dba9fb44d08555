"""The tools as an MCP server: over stdin and stdout for the agent that starts it, or at /mcp of the
service."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import CallToolResult, TextContent, ToolAnnotations

from multitok import __version__
from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError
from multitok.report.documents import line
from multitok.report.safe import shown
from multitok.service.tools import Tools

if TYPE_CHECKING:
    from multitok.service.gate import Message, Receive, Scope, Send
    from multitok.service.settings import Settings
    from multitok.service.work import Work

NAMES = ("count", "compare", "request", "fit", "truncate", "folder")
INSTRUCTIONS = (
    "Counts tokens and cost offline, before a call is made or a file is read. Give paths, not"
    " contents. kind tells how a number is known."
)
ONLY_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
PATH = "/mcp"


def server_of(settings: Settings) -> MCPServer[Any]:
    """The server with its tools."""
    tools = Tools(settings)
    return MCPServer(
        "multitok",
        version=__version__,
        instructions=INSTRUCTIONS,
        tools=[_tool(name, getattr(tools, name)) for name in NAMES],
        log_level="ERROR",
    )


def run(server: MCPServer[Any]) -> None:
    """Answers over stdin and stdout until stdin ends."""
    server.run("stdio")


class AtPath:
    """The same at a path of the service: each POST is a question and its answer, so that it does
    not matter which process is asked. Who may ask is told by the service's own gate."""

    def __init__(self, settings: Settings, work: Work) -> None:
        self._work = work
        self._server = server_of(settings)
        self._app = self._server.streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=settings.limits.body,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """Must be entered before it is asked."""
        return self._server.session_manager.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A question, read within the limits of the service."""
        async with self._work.body(scope, receive, "application/json") as data:
            given = [{"type": "http.request", "body": bytes(data), "more_body": False}]

            async def again() -> Message:
                return given.pop() if given else await receive()

            await self._app(scope, again, send)


def _tool(name: str, function: Callable[..., Any]) -> Tool:
    description = " ".join((function.__doc__ or "").split())
    tool = Tool.from_function(
        _told(function), name=name, description=description, annotations=ONLY_READS
    )
    tool.parameters = _short(tool.parameters)
    return tool


def _told(function: Callable[..., Any]) -> Callable[..., CallToolResult]:
    """The same as MCP has it: the answer as text and as data, an error as its message."""

    @wraps(function)
    def call(**words: Any) -> CallToolResult:
        try:
            with boundary("working on", words.get("path")):
                text = line(asdict(function(**words)))
        except MultitokError as error:
            raise ToolError(shown(error)) from None
        content = TextContent(type="text", text=text)
        return CallToolResult(content=[content], structured_content=json.loads(text))

    signature = inspect.signature(function, eval_str=True)
    told = Annotated[CallToolResult, signature.return_annotation]
    vars(call)["__signature__"] = signature.replace(return_annotation=told)
    return call


def _short(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of arguments without what only repeats their names and that they may be left out: an
    agent pays for each word of it, in every turn."""
    properties = {}
    for name, given in schema["properties"].items():
        chosen = next((one for one in given.get("anyOf", ()) if one["type"] != "null"), given)
        kept = {key: value for key, value in chosen.items() if key not in ("title", "default")}
        properties[name] = kept
    return {"type": "object", "properties": properties, "required": schema["required"]}

"""The body of a request to our own routes: JSON, a form with files, or the bytes of one file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from multitok.service.answers import Bytes
from multitok.service.given import FILES, Given, given_fields, given_json
from multitok.service.refusals import Refused
from multitok.service.settings import Settings
from multitok.service.work import Work, content_type

JSON, FORM, BYTES = "application/json", "multipart/form-data", "application/octet-stream"
FIELDS = 200
"""Fields of a form beside its files."""


@asynccontextmanager
async def given_of(
    request: Request, work: Work, settings: Settings
) -> AsyncIterator[tuple[int, Callable[[], Given]]]:
    """How large it is, and what reads it in a thread: its headers are not looked at before."""
    kind = content_type(request.scope)
    fields = [(key, text) for key, text in request.query_params.multi_items()]
    async with work.body(request.scope, request.receive, JSON, FORM, BYTES) as data:
        if kind == JSON:
            yield len(data), lambda: given_json(data, settings.catalog)
        elif kind == BYTES:
            name = request.query_params.get("name", "file")
            named = [(key, text) for key, text in fields if key != "name"]
            yield len(data), lambda: given_fields(named, [(name, bytes(data))], settings.catalog)
        else:
            more, files = await _form(request, data)
            yield len(data), lambda: given_fields([*fields, *more], files, settings.catalog)


async def _form(
    request: Request, data: Bytes
) -> tuple[list[tuple[str, str]], list[tuple[str, bytes]]]:
    """Its fields, and its files by their names; all of it stays in memory."""
    _, words = parse_options_header(request.headers["content-type"])
    end = words.get(b"boundary", b"")
    last, whole = b"--" + end + b"--", data.rstrip()
    if not end or not (whole == last or whole.endswith(b"\r\n" + last)):
        raise Refused(400, "the form is cut off, or its content-type tells no boundary")

    async def stream() -> AsyncGenerator[bytes, None]:
        yield bytes(data)

    parser = MultiPartParser(
        request.headers, stream(), max_files=FILES, max_fields=FIELDS, max_part_size=len(data)
    )
    parser.spool_max_size = len(data) + 1  # no part goes to a file
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Refused(400, f"the form cannot be read: {error}") from None
    fields, files = [], []
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.append((value.filename or key, await value.read()))
        else:
            fields.append((key, value))
    await form.close()
    return fields, files

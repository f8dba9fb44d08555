"""The service below any ASGI server: what ours, or its parser, would not let through."""

import asyncio

import pytest

from multitok.service.app import application
from multitok.service.settings import Settings


def status_of(*headers):
    """The status that a POST of {} with these headers is answered by."""
    sent = []
    named = {"host": "localhost", "content-type": "application/json", **dict(headers)}
    scope = {
        "type": "http", "method": "POST", "path": "/v1/messages/count_tokens", "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"{}"}

    async def send(message):
        sent.append(message)

    asyncio.run(application(Settings())(scope, receive, send))
    return sent[0]["status"]


@pytest.mark.parametrize(
    ("length", "status"), [("9" * 5000, 413), ("99999999999", 413), ("\xb2", 400), ("2", 400)]
)
def test_a_length_of_any_digits_is_looked_at(length, status):
    """Python reads no text of 4,300 digits; what tells no length is looked at as it comes."""
    assert status_of(("content-length", length)) == status

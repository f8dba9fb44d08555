"""No call of an SDK sends anything past a guard: every method that a client has is tried."""

import asyncio
import inspect
import warnings

import pytest
from provider_server import anthropic_client, gemini_client, mistral_client, openai_client

import multitok
from multitok.core.errors import BudgetExceeded
from multitok.requests.calls import AROUND, calls_of
from multitok.requests.guarding import COPIES, Guarded

pytestmark = pytest.mark.filterwarnings("ignore:.*experimental:UserWarning")


def azure_client(url, kind="AzureOpenAI"):
    import openai

    return getattr(openai, kind)(base_url=url, api_key="x", api_version="1", max_retries=0)


def bedrock_client(url, kind="AnthropicBedrock"):
    import anthropic

    return getattr(anthropic, kind)(
        base_url=url, aws_access_key="x", aws_secret_key="x", aws_region="us-east-1", max_retries=0
    )


def vertex_client(url):
    import anthropic

    return anthropic.AnthropicVertex(
        base_url=url, region="x", project_id="x", access_token="x", max_retries=0
    )


CLIENTS = {
    "OpenAI": openai_client,
    "AsyncOpenAI": lambda url: openai_client(url, "AsyncOpenAI"),
    "AzureOpenAI": azure_client,
    "AsyncAzureOpenAI": lambda url: azure_client(url, "AsyncAzureOpenAI"),
    "Anthropic": anthropic_client,
    "AsyncAnthropic": lambda url: anthropic_client(url, "AsyncAnthropic"),
    "AnthropicBedrock": bedrock_client,
    "AnthropicVertex": vertex_client,
    "genai.Client": gemini_client,
    "Mistral": mistral_client,
}


def public(client):
    """(path, what) of everything with a public name below a guarded client: rooms of its tables by
    their path, whatever else holds calls once a class (mistralai's rooms lead back to the client).
    """
    rooms = [("", client)]
    seen = set()
    while rooms:
        path, room = rooms.pop()
        for name in sorted(set(dir(room))):
            if name.startswith("_") or name == "guard":
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # names that the SDK itself calls old
                try:
                    what = getattr(room, name)
                except (AttributeError, RuntimeError, ValueError, ImportError):
                    continue  # of another kind of account, or an extra that is not installed
            where = f"{path}.{name}".lstrip(".")
            yield where, what
            if not isinstance(what, Guarded):
                continue
            key = (type(what._inner), what._path if what._path in what._known.rooms else None)
            if key not in seen:
                seen.add(key)
                rooms.append((where, what))


def plainly(path):
    """A call as the tables name it."""
    return ".".join(part for part in path.split(".") if part not in AROUND)


def run(call, **words):
    found = call(**words)
    return asyncio.run(wait(found)) if inspect.isawaitable(found) else found


async def wait(found):
    return await found


@pytest.mark.parametrize("name", CLIENTS)
def test_a_call_in_no_table_is_refused_and_nothing_is_sent(name, server):
    inner = CLIENTS[name](server.url)
    known = calls_of(inner)
    refused = []
    for path, call in public(multitok.guard(inner, max_tokens=10)):
        plain = plainly(path)
        if not callable(call) or plain in (*known.harmless, *known.forms, *COPIES):
            continue
        with pytest.raises(BudgetExceeded, match="Nothing was sent"):
            run(call)
        refused.append(plain)
    assert len(refused) > 10
    assert server.arrived == []


@pytest.mark.parametrize("name", CLIENTS)
def test_a_counted_call_over_its_budget_sends_nothing(name, server):
    inner = CLIENTS[name](server.url)
    known = calls_of(inner)
    model, long = "gpt-4o", "word " * 500
    words = {
        "openai": {"model": model, "messages": [{"role": "user", "content": long}]},
        "gemini": {"model": "gemini-2.5-flash", "contents": long},
    }
    tried = set()
    for path, call in public(multitok.guard(inner, max_tokens=10)):
        if (form := known.forms.get(plainly(path))) is None:
            continue
        with pytest.raises(BudgetExceeded, match="over its budget of 10"):
            run(call, **words.get(form, words["openai"]))
        tried.add(plainly(path))
    assert tried
    assert server.arrived == []


@pytest.mark.parametrize("name", ["OpenAI", "Anthropic", "genai.Client", "Mistral"])
def test_every_call_of_the_tables_is_one_of_the_sdk(name):
    """A row for a call that no longer is would pass whatever takes its name later."""
    inner = CLIENTS[name]("http://127.0.0.1:9")
    known = calls_of(inner)
    found = {plainly(path) for path, _ in public(multitok.guard(inner, max_tokens=10))}
    assert {*known.harmless, *known.forms} - found == set()
    assert {call.partition(".")[0] for call in known.instead} - found == set()

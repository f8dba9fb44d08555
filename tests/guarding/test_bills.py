"""What was counted stands against what was billed, whole or streamed, for every model: the real
SDKs, and a server that bills BILLED tokens."""

import asyncio

import pytest
from provider_server import (
    BILLED,
    anthropic_client,
    gemini_client,
    mistral_client,
    openai_client,
)

import multitok
from multitok.core.errors import BudgetExceeded
from multitok.requests.streams import reading
from multitok.requests.whole import count_request

HI = [{"role": "user", "content": "How many tokens is this, and who says so?"}]
TOLD = {"stream": True, "stream_options": {"include_usage": True}}


def chat(client, model, **words):
    return client.chat.completions.create(model=model, messages=HI, **words)


def messages(client, model, **words):
    return client.messages.create(model=model, messages=HI, max_tokens=9, **words)


def generate(client, model):
    return client.models.generate_content(model=model, contents=HI[0]["content"])


PROVIDERS = {
    "openai": (openai_client, chat, {"messages": HI}),
    "anthropic": (anthropic_client, messages, {"messages": HI, "max_tokens": 9}),
    "gemini": (gemini_client, generate, {"contents": HI[0]["content"]}),
    "mistral": (
        mistral_client,
        lambda client, model: client.chat.complete(model=model, messages=HI),
        {"messages": HI},
    ),
}
MODELS = {
    "openai": "gpt-4o gpt-4.1-mini gpt-4-turbo gpt-5-mini gpt-5.4 gpt-6-astra o3 o4-mini",
    "anthropic": "claude-3-5-haiku claude-haiku-4-5 claude-sonnet-4-6 claude-opus-4-6 claude-opus-5"
    " claude-sonnet-5-5",
    "gemini": "gemini-1.5-pro gemini-2.0-flash gemini-2.5-flash gemini-2.5-pro"
    " gemini-3-flash-preview gemini-3.6-flash",
    "mistral": "mistral-large-latest mistral-medium-latest mistral-small-latest ministral-8b-latest"
    " magistral-medium-latest codestral-latest open-mistral-nemo",
}
EACH = [(name, model) for name, models in MODELS.items() for model in models.split()]


def difference(payload, provider):
    return BILLED - count_request(payload, provider=provider).tokens


@pytest.mark.parametrize(("provider", "model"), EACH)
def test_what_fits_is_sent_and_the_difference_kept(provider, model, server):
    make, ask, payload = PROVIDERS[provider]
    payload = {"model": model, **payload}
    most = count_request(payload, provider=provider).most
    client = multitok.guard(make(server.url), max_tokens=most)
    ask(client, model)
    (call,) = multitok.guard_of(client).calls
    assert call.billed.input == BILLED
    assert call.difference == difference(payload, provider)
    assert len(server.arrived) == 1


@pytest.mark.parametrize(("provider", "model"), EACH)
def test_one_token_more_than_the_budget_is_not_sent(provider, model, server):
    make, ask, payload = PROVIDERS[provider]
    most = count_request({"model": model, **payload}, provider=provider).most
    client = multitok.guard(make(server.url), max_tokens=most - 1)
    with pytest.raises(BudgetExceeded, match="over its budget"):
        ask(client, model)
    assert server.arrived == []


def openai_chat(client):
    for _ in chat(client, "gpt-5.4", **TOLD):
        pass


def openai_with(client):
    with chat(client, "gpt-5.4", **TOLD) as stream:
        assert [chunk.choices[0].delta.content for chunk in stream if chunk.choices] == ["hi", ""]


def openai_helper(client):
    with client.chat.completions.stream(
        model="gpt-5.4", messages=HI, stream_options={"include_usage": True}
    ) as stream:
        assert stream.get_final_completion().choices[0].message.content == "hi"


def openai_responses(client):
    events = list(client.responses.create(model="gpt-5.4", input=HI, stream=True))
    assert [event.type for event in events] == ["response.created", "response.completed"]


def openai_responses_helper(client):
    with client.responses.stream(model="gpt-5.4", input=HI) as stream:
        stream.until_done()


def anthropic_create(client):
    assert len(list(messages(client, "claude-opus-5", stream=True))) == 6


def anthropic_events(client):
    with client.messages.stream(model="claude-opus-5", messages=HI, max_tokens=9) as stream:
        assert [event.type for event in stream].count("message_start") == 1


def anthropic_text(client):
    with client.messages.stream(model="claude-opus-5", messages=HI, max_tokens=9) as stream:
        assert list(stream.text_stream) == ["hi"]


def anthropic_final(client):
    with client.beta.messages.stream(model="claude-opus-5", messages=HI, max_tokens=9) as stream:
        assert stream.get_final_text() == "hi"


def gemini_stream(client):
    words = {"model": "gemini-2.5-flash", "contents": HI[0]["content"]}
    assert [chunk.text for chunk in client.models.generate_content_stream(**words)] == ["hi", "hi"]


def mistral_stream(client):
    with client.chat.stream(model="mistral-large-latest", messages=HI) as stream:
        assert [event.data.choices[0].delta.content for event in stream] == ["hi", ""]


STREAMS = [
    (openai_client, openai_chat, {"model": "gpt-5.4", "messages": HI}),
    (openai_client, openai_with, {"model": "gpt-5.4", "messages": HI}),
    (openai_client, openai_helper, {"model": "gpt-5.4", "messages": HI}),
    (openai_client, openai_responses, {"model": "gpt-5.4", "input": HI}),
    (openai_client, openai_responses_helper, {"model": "gpt-5.4", "input": HI}),
    (anthropic_client, anthropic_create, {"model": "claude-opus-5", "messages": HI}),
    (anthropic_client, anthropic_events, {"model": "claude-opus-5", "messages": HI}),
    (anthropic_client, anthropic_text, {"model": "claude-opus-5", "messages": HI}),
    (anthropic_client, anthropic_final, {"model": "claude-opus-5", "messages": HI}),
    (gemini_client, gemini_stream, {"model": "gemini-2.5-flash", "contents": HI[0]["content"]}),
    (mistral_client, mistral_stream, {"model": "mistral-large-latest", "messages": HI}),
]


@pytest.mark.parametrize(
    ("make", "use", "payload"), STREAMS, ids=lambda x: getattr(x, "__name__", "")
)
def test_a_stream_tells_its_bill_as_it_is_read(make, use, payload, server):
    client = multitok.guard(make(server.url), max_tokens=1000)
    use(client)
    (call,) = client.guard.calls
    assert (call.billed.input, call.billed.output) == (BILLED, 1)
    assert call.difference == difference(payload, None)


def test_a_stream_that_tells_no_usage_has_no_bill(server):
    """OpenAI's chat tells it only where it is asked to, and the guard asks for nothing more."""
    client = multitok.guard(openai_client(server.url), max_tokens=1000)
    assert len(list(chat(client, "gpt-5.4", stream=True))) == 2
    assert (client.guard.calls[0].billed, client.guard.calls[0].difference) == (None, None)
    assert "stream_options" not in server.arrived[0][1]


def test_a_stream_tells_its_tier_where_that_stands_beside_the_usage():
    """As the last event of Responses has it."""
    noted = []
    tell = reading(noted.append)
    tell({"type": "response.created", "response": {"service_tier": "auto", "usage": None}})
    usage = {"input_tokens": 9, "output_tokens": 1}
    tell({"type": "response.completed", "response": {"service_tier": "flex", "usage": usage}})
    assert [(billed.input, billed.tier) for billed in noted] == [(9, "flex")]


def test_a_stream_stays_what_the_sdk_made_it(server):
    import openai

    client = multitok.guard(openai_client(server.url), max_tokens=1000)
    with chat(client, "gpt-5.4", stream=True) as stream:
        assert isinstance(stream, openai.Stream)
    assert stream.response.is_closed


def test_a_stream_that_is_left_early_is_closed_and_has_the_bill_it_told(server):
    """Anthropic tells the input at the start, and the output at the end."""
    client = multitok.guard(anthropic_client(server.url), max_tokens=1000)
    with messages(client, "claude-opus-5", stream=True) as stream:
        assert next(stream).type == "message_start"
    assert stream.response.is_closed
    (call,) = client.guard.calls
    assert (call.billed.input, call.billed.output) == (BILLED, 0)


def test_an_answer_in_a_shape_of_its_own_is_counted_with_its_schema(server):
    """`parse` sends the schema of the class that it is given."""
    from pydantic import BaseModel

    class Tokens(BaseModel):
        how_many_are_there_in_this_very_text: int

    client = multitok.guard(openai_client(server.url), max_tokens=25)
    with pytest.raises(BudgetExceeded, match="The largest part is response_format"):
        client.chat.completions.parse(model="gpt-4o", messages=HI, response_format=Tokens)
    assert server.arrived == []


async def openai_chat_async(url):
    async with multitok.guard(openai_client(url, "AsyncOpenAI"), max_tokens=1000) as client:
        async for _ in await chat(client, "gpt-5.4", **TOLD):
            pass
    return client


async def openai_helper_async(url):
    client = multitok.guard(openai_client(url, "AsyncOpenAI"), max_tokens=1000)
    async with client, client.responses.stream(model="gpt-5.4", input=HI) as stream:
        await stream.get_final_response()
    return client


async def anthropic_async(url):
    async with multitok.guard(anthropic_client(url, "AsyncAnthropic"), max_tokens=1000) as client:
        words = {"model": "claude-opus-5", "messages": HI, "max_tokens": 9}
        async with client.messages.stream(**words) as stream:
            assert [text async for text in stream.text_stream] == ["hi"]
    return client


async def gemini_async(url):
    client = multitok.guard(gemini_client(url), max_tokens=1000)
    words = {"model": "gemini-2.5-flash", "contents": HI[0]["content"]}
    async for _ in await client.aio.models.generate_content_stream(**words):
        pass
    await client.aio.aclose()
    return client


async def mistral_async(url):
    async with multitok.guard(mistral_client(url), max_tokens=1000) as client:
        await client.chat.complete_async(model="mistral-large-latest", messages=HI)
        async for _ in await client.chat.stream_async(model="mistral-large-latest", messages=HI):
            pass
    return client


@pytest.mark.parametrize(
    "use", [openai_chat_async, openai_helper_async, anthropic_async, gemini_async, mistral_async]
)
def test_an_asynchronous_stream_tells_its_bill_too(use, server):
    client = asyncio.run(use(server.url))
    assert len(server.arrived) == len(client.guard.calls) > 0
    assert {call.billed.input for call in client.guard.calls} == {BILLED}


@pytest.mark.parametrize(("make", "ask", "model"), [
    (openai_client, chat, "gpt-4o"), (anthropic_client, messages, "claude-opus-5"),
])  # fmt: skip
def test_raw_responses_and_copies_of_a_client_have_their_bill(make, ask, model, server):
    client = multitok.guard(make(server.url), max_tokens=1000)
    ask(client.with_options(timeout=9), model)
    ask(client.with_raw_response, model)
    room = client.chat.completions if model == "gpt-4o" else client.messages
    room.with_raw_response.create(model=model, messages=HI, max_tokens=9)
    assert [call.billed.input for call in client.guard.calls] == [BILLED] * 3


def test_a_body_that_is_streamed_raw_is_sent_and_tells_no_bill(server):
    """The caller reads the bytes: nobody else may."""
    client = multitok.guard(openai_client(server.url), max_tokens=1000)
    opened = client.chat.completions.with_streaming_response.create(model="gpt-4o", messages=HI)
    with opened as response:
        assert b"usage" in response.read()
    assert client.guard.calls[0].billed is None


@pytest.mark.parametrize(("make", "words"), [
    (openai_client, {"model": "text-embedding-3-small", "input": "hello there"}),
    (mistral_client, {"model": "mistral-embed", "inputs": ["hello there"]}),
])  # fmt: skip
def test_embeddings_are_counted(make, words, server):
    client = multitok.guard(make(server.url), max_tokens=20)
    client.embeddings.create(**words)
    assert client.guard.calls[0].difference == difference(words, None)
    with pytest.raises(BudgetExceeded):
        client.embeddings.create(**{key: f"{value} " * 50 for key, value in words.items()} | {
            "model": words["model"]})  # fmt: skip
    assert len(server.arrived) == 1


def test_code_to_fill_in_is_counted(server):
    """<s>[SUFFIX]return a[PREFIX]def f( are 3 + 2 + 3 tokens."""
    client = multitok.guard(mistral_client(server.url), max_tokens=20)
    words = {"model": "codestral-latest", "prompt": "def f(", "suffix": "return a"}
    client.fim.complete(**words)
    assert client.guard.calls[0].counted.tokens == 8
    with client.fim.stream(**words) as stream:
        list(stream)
    assert [call.billed is None for call in client.guard.calls] == [False, False]
    with pytest.raises(BudgetExceeded):
        client.fim.complete(**words | {"suffix": "return a " * 50})
    assert len(server.arrived) == 2


def test_embeddings_of_gemini_are_counted(server):
    """Its answers tell no usage."""
    client = multitok.guard(gemini_client(server.url), max_tokens=20)
    client.models.embed_content(model="gemini-embedding-2", contents="hello there")
    with pytest.raises(BudgetExceeded):
        client.models.embed_content(model="gemini-embedding-2", contents="hello there " * 50)
    assert [call.billed for call in client.guard.calls] == [None]
    assert len(server.arrived) == 1

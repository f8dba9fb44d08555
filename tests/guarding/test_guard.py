"""A guarded client sends what fits and nothing else: real SDKs, and a server that records."""

import asyncio
import base64
import io

import pytest
from PIL import Image
from provider_server import BILLED, anthropic_client, gemini_client, messages, openai_client

import multitok
from multitok.core.errors import BudgetExceeded, MediaError
from multitok.requests.whole import count_request

HI = [{"role": "user", "content": "hi"}]
LONG = [{"role": "user", "content": "word " * 500}]


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.4", "o3", "gpt-6-astra", "claude-opus-4-6",
                                   "gemini-2.5-flash", "mistral-large-latest"])  # fmt: skip
def test_the_difference_is_billed_less_counted_for_every_model(model):
    """What was only proven to fit is counted once the bill is there."""

    class Client:
        class chat:  # noqa: N801
            class completions:  # noqa: N801
                @staticmethod
                def create(**request):
                    return {"usage": {"prompt_tokens": 200, "completion_tokens": 1}}

    payload = {"model": model, "messages": [{"role": "user", "content": "word " * 100}]}
    client = multitok.guard(Client(), max_tokens=2000)
    client.chat.completions.create(**payload)
    (call,) = multitok.guard_of(client).calls
    assert call.difference == 200 - count_request(payload, provider="openai").tokens


def test_openai_chat_is_sent_when_it_fits_and_the_difference_is_kept(server):
    """ "hi" is 8 tokens by the framing of gpt-4o; the server bills 77."""
    with openai_client(server.url) as inner:
        client = multitok.guard(inner, max_tokens=100)
        answer = client.chat.completions.create(model="gpt-4o", messages=HI)
    assert answer.choices[0].message.content == "hi"
    assert len(server.arrived) == 1
    (call,) = client.guard.calls
    assert (call.counted.tokens, call.billed.input, call.difference) == (8, 77, 69)


def test_openai_chat_over_its_budget_is_not_sent(server):
    with openai_client(server.url) as inner:
        client = multitok.guard(inner, max_tokens=100)
        with pytest.raises(BudgetExceeded) as error:
            client.chat.completions.create(model="gpt-4o", messages=LONG)
    assert str(error.value) == (
        "the request has 508 tokens (documented), over its budget of 100. The largest part is"
        " messages[0].content (text) with 501. Nothing was sent"
    )
    assert error.value.count.tokens == 508
    assert server.arrived == []


def test_openai_responses_and_copies_of_the_client_are_guarded(server):
    with openai_client(server.url) as inner:
        client = multitok.guard(inner, max_tokens=100).with_options(timeout=9)
        client.responses.create(model="gpt-4o", input="hi")
        with pytest.raises(BudgetExceeded):
            client.responses.create(model="gpt-4o", input="word " * 500)
        with pytest.raises(BudgetExceeded):
            client.chat.completions.with_raw_response.create(model="gpt-4o", messages=LONG)
    assert [path for path, _ in server.arrived] == ["/v1/responses"]


def test_async_openai_is_guarded(server):
    async def run():
        async with openai_client(server.url, "AsyncOpenAI") as inner:
            client = multitok.guard(inner, max_tokens=100)
            await client.chat.completions.create(model="gpt-4o", messages=HI)
            with pytest.raises(BudgetExceeded):
                await client.chat.completions.create(model="gpt-4o", messages=LONG)
            return client.guard.calls[0].difference

    assert asyncio.run(run()) == 69
    assert len(server.arrived) == 1


def test_anthropic_is_guarded(server):
    with anthropic_client(server.url) as inner:
        client = multitok.guard(inner, max_tokens=300)
        client.messages.create(model="claude-opus-5", max_tokens=9, messages=HI)
        with pytest.raises(BudgetExceeded) as error:
            client.messages.create(model="claude-opus-5", max_tokens=9, messages=LONG)
    assert "at most" in str(error.value)  # an estimate counts by the upper end of its error
    assert len(server.arrived) == 1
    assert client.guard.calls[0].billed.input == BILLED


def test_async_anthropic_is_guarded(server):
    async def run():
        async with anthropic_client(server.url, "AsyncAnthropic") as inner:
            client = multitok.guard(inner, max_tokens=300)
            await client.messages.create(model="claude-opus-5", max_tokens=9, messages=HI)
            with pytest.raises(BudgetExceeded):
                await client.messages.create(model="claude-opus-5", max_tokens=9, messages=LONG)

    asyncio.run(run())
    assert len(server.arrived) == 1


def test_a_client_on_vertex_is_counted_as_vertex_bills(monkeypatch):
    """Nothing stands around messages there: one token less for each."""
    from google import genai

    client = genai.Client(vertexai=True, api_key="x")
    monkeypatch.setattr(client.models, "generate_content", lambda **request: {})
    guarded = multitok.guard(client, max_tokens=100, max_cost=1)  # its price is known
    for front in ("", "models/", "google/", "publishers/google/models/"):
        guarded.models.generate_content(model=f"{front}gemini-2.5-flash", contents="hello")
    calls = multitok.guard_of(guarded).calls
    told = [(call.counted.model, call.counted.tokens) for call in calls]
    assert told == [("vertex_ai/gemini-2.5-flash", 1)] * 4


def test_the_asynchronous_half_of_a_client_on_vertex_is_known_alike():
    from google import genai

    from multitok.requests.calls import endpoint_at

    for vertex in (True, False):
        client = genai.Client(vertexai=vertex, api_key="x")
        assert endpoint_at(client) == endpoint_at(client.aio) == ("vertex_ai" if vertex else None)


def test_gemini_is_guarded(server):
    client = multitok.guard(gemini_client(server.url), max_tokens=300)
    client.models.generate_content(model="gemini-2.5-flash", contents="hi")
    with pytest.raises(BudgetExceeded):
        client.models.generate_content(model="gemini-2.5-flash", contents="word " * 500)
    assert len(server.arrived) == 1
    assert client.guard.calls[0].billed.input == BILLED


def test_async_gemini_is_guarded(server):
    async def run():
        client = multitok.guard(gemini_client(server.url), max_tokens=300)
        await client.aio.models.generate_content(model="gemini-2.5-flash", contents="hi")
        with pytest.raises(BudgetExceeded):
            await client.aio.models.generate_content(
                model="gemini-2.5-flash", contents="word " * 500
            )
        await client.aio.aclose()

    asyncio.run(run())
    assert len(server.arrived) == 1


class Stub:
    """A client shaped like OpenAI's, without the SDK."""

    def __init__(self):
        self.sent = []
        self.chat = self.completions = self

    def create(self, **payload):
        self.sent.append(payload)


def test_a_cost_over_its_budget_is_not_sent():
    """8 tokens of input and up to 1,000 of output at $10 a million are $0.01002."""
    stub = Stub()
    client = multitok.guard(stub, max_cost="0.01")
    with pytest.raises(BudgetExceeded) as error:
        client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=1000)
    assert str(error.value) == (
        "the request costs up to $0.01002 for 8 input tokens and up to 1,000 of output, over its"
        " budget of $0.01. Nothing was sent"
    )
    client.chat.completions.create(model="gpt-4o", messages=HI, max_tokens=10)
    assert len(stub.sent) == 1


@pytest.mark.parametrize(
    "words",
    [
        {"max_tokens": 100, "n": 20},
        {"max_tokens": 1, "extra_body": {"messages": [{"role": "user", "content": "a " * 9000}]}},
    ],
)
def test_a_cost_counts_every_answer_and_what_is_sent_beside(words):
    """20 answers of 100 tokens at $10 a million, or 9,000 words at $2.5: $0.02 and more."""
    stub = Stub()
    with pytest.raises(BudgetExceeded):
        multitok.guard(stub, max_cost="0.015").chat.completions.create(
            model="gpt-4o", messages=HI, **words
        )
    assert stub.sent == []


def test_a_service_tier_has_its_own_price():
    """9,000 words of gpt-5.4 are $0.0225 at $2.5 a million, $0.045 at the $5 of priority."""
    stub = Stub()
    client = multitok.guard(stub, max_cost="0.03")
    request = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "a " * 9000}]}
    client.chat.completions.create(**request)
    with pytest.raises(BudgetExceeded):
        client.chat.completions.create(**request, service_tier="priority")
    assert len(stub.sent) == 1


def test_what_cannot_be_counted_is_refused_unless_allowed():
    remote = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    messages = [{"role": "user", "content": [remote]}]
    stub = Stub()
    with pytest.raises(BudgetExceeded) as error:
        multitok.guard(stub, max_tokens=99).chat.completions.create(
            model="gpt-4o", messages=messages
        )
    assert str(error.value).startswith(
        "the request cannot be shown to fit: messages[0].content[0]: not fetched:"
    )
    multitok.guard(stub, max_tokens=99, allow_unknown=True).chat.completions.create(
        model="gpt-4o", messages=messages
    )
    assert len(stub.sent) == 1


def test_what_a_client_says_of_itself_passes_through():
    stub = Stub()
    stub.files = "other"
    assert multitok.guard(stub, max_tokens=1).files == "other"


def test_embeddings_and_the_older_completions_are_guarded():
    stub = Stub()
    stub.embeddings = stub
    client = multitok.guard(stub, max_tokens=100)
    with pytest.raises(BudgetExceeded):
        client.embeddings.create(model="text-embedding-3-small", input=["word " * 500])
    with pytest.raises(BudgetExceeded):
        client.completions.create(model="gpt-3.5-turbo-instruct", prompt="word " * 500)
    client.embeddings.create(model="text-embedding-3-small", input="hi")
    assert len(stub.sent) == 1


def test_a_call_that_the_guard_does_not_know_is_refused_unless_allowed():
    stub = Stub()
    stub.images = stub
    with pytest.raises(BudgetExceeded) as error:
        multitok.guard(stub, max_tokens=1).images.create(prompt="hi")
    assert str(error.value) == (
        "images.create is a call that the guard does not know. Nothing was sent. To send it anyway:"
        " guard(client, allow_unknown=True)"
    )
    multitok.guard(stub, max_tokens=1, allow_unknown=True).images.create(prompt="hi")
    assert stub.sent == [{"prompt": "hi"}]


def test_calls_that_send_prompts_out_of_sight_are_refused_unless_allowed():
    stub = Stub()
    stub.chats = stub
    with pytest.raises(BudgetExceeded) as error:
        multitok.guard(stub, max_tokens=1).chats.create(model="gemini-2.5-flash")
    assert str(error.value) == (
        "chats.create sends prompts that the guard cannot count. Nothing was sent. Call"
        " models.generate_content, with the whole history as contents. To send it anyway:"
        " guard(client, allow_unknown=True)"
    )
    assert stub.sent == []
    multitok.guard(stub, max_tokens=1, allow_unknown=True).chats.create(model="gemini-2.5-flash")
    assert len(stub.sent) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "guard needs a budget: pass max_tokens=8000 or max_cost='0.05'"),
        ({"max_cost": "five"}, "max_cost must be dollars such as '0.05', got 'five'"),
        ({"max_cost": "nan"}, "max_cost must be dollars such as '0.05', got 'nan'"),
        ({"max_cost": -1}, "max_cost must be dollars such as '0.05', got -1"),
        ({"max_tokens": "x"}, "max_tokens must be a whole number such as 8000, got 'x'"),
    ],
)
def test_a_guard_without_a_budget_is_an_error(words, message):
    with pytest.raises(MediaError) as error:
        multitok.guard(Stub(), **words)
    assert str(error.value) == message


# --- payloads as the official SDKs build them


def png(width, height):
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def test_an_answer_of_the_openai_sdk_is_taken_back_into_the_conversation():
    pytest.importorskip("openai", reason="tests/requirements-sdks.txt installs it")
    from openai.types.chat import ChatCompletionMessage

    answer = ChatCompletionMessage.model_validate(
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
    )  # fmt: skip
    counted = count_request({"model": "gpt-4o", "messages": [*HI, answer]})
    assert [part.path for part in counted.parts] == [
        "messages[0].content",
        "messages[1].tool_calls[0]",
        "messages",
    ]
    assert counted.complete


def test_an_answer_of_the_anthropic_sdk_is_taken_back_into_the_conversation():
    pytest.importorskip("anthropic", reason="tests/requirements-sdks.txt installs it")
    from anthropic.types import Message

    answer = Message.model_validate(messages(None, {}))
    counted = count_request(
        {
            "model": "claude-opus-5",
            "messages": [*HI, {"role": "assistant", "content": answer.content}],
        }
    )
    assert [part.path for part in counted.parts] == [
        "messages[0].content",
        "messages[1].content[0]",
        "messages",
    ]


def test_types_of_google_genai_count_as_they_are():
    pytest.importorskip("google.genai", reason="tests/requirements-sdks.txt installs it")
    from google.genai import types

    def weather(city: str) -> str:
        """The weather."""
        return city

    contents = [
        types.Content(role="user", parts=[
            types.Part.from_text(text="what is it?"),
            types.Part.from_bytes(data=png(960, 540), mime_type="image/png"),
        ]),
        Image.new("1", (200, 200)),
    ]  # fmt: skip
    config = types.GenerateContentConfig(
        system_instruction="be kind", max_output_tokens=7, tools=[weather]
    )
    counted = count_request({"model": "gemini-2.5-flash", "contents": contents, "config": config})
    found = {part.path: part.tokens for part in counted.parts}
    assert found["contents[0].parts[1]"] == 258
    assert found["contents[1]"] == 258
    assert counted.max_output == 7
    assert [part.path for part in counted.unknown] == ["tools[0]"]


def test_base64_of_the_openai_sdk_examples_counts():
    url = "data:image/png;base64," + base64.b64encode(png(1024, 1024)).decode()
    block = {"type": "input_image", "image_url": url, "detail": "high"}
    counted = count_request({"model": "gpt-4o", "input": [{"role": "user", "content": [block]}]})
    assert counted.parts[0].tokens == 765

"""The providers' own SDKs, unchanged but for the base URL, get the numbers of `count_request`."""

import asyncio
import base64
from pathlib import Path

import anthropic
import openai
import pytest
from google import genai
from google.genai import errors, types

import multitok

SAMPLES = Path(__file__).parent.parent.parent / "samples"
PHOTO = (SAMPLES / "photo.jpg").read_bytes()
PHOTO64 = base64.b64encode(PHOTO).decode()
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
SEEN = [
    {
        "role": "user",
        "content": [
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/jpeg", "data": PHOTO64},
            },
            {"type": "text", "text": "What is it?"},
        ],
    }
]


@pytest.fixture
def claude(service):
    with anthropic.Anthropic(base_url=service.url, api_key="k", max_retries=0) as client:
        yield client


@pytest.fixture
def gpt(service):
    with openai.OpenAI(base_url=f"{service.url}/v1", api_key="k", max_retries=0) as client:
        yield client


@pytest.fixture
def gemini(service):
    options = types.HttpOptions(base_url=service.url)
    with genai.Client(api_key="k", http_options=options) as client:
        yield client


def test_anthropic_counts_a_picture_tools_and_a_system_text(claude):
    asked = {
        "model": "claude-opus-5", "system": "Be brief.", "messages": SEEN, "tools": [WEATHER],
    }  # fmt: skip
    found = claude.messages.count_tokens(**asked)
    assert found.input_tokens == multitok.count_request(asked, provider="anthropic").tokens


def test_anthropic_counts_by_its_beta_too(claude):
    hello = [{"role": "user", "content": "hello"}]
    found = claude.beta.messages.count_tokens(model="claude-opus-5", messages=hello)
    asked = {"model": "claude-opus-5", "messages": hello}
    assert found.input_tokens == multitok.count_request(asked, provider="anthropic").tokens


def test_anthropic_counts_many_at_once(service):
    async def ask():
        async with anthropic.AsyncAnthropic(base_url=service.url, api_key="k") as client:
            texts = ["word " * n for n in range(1, 21)]
            calls = [
                client.messages.count_tokens(
                    model="claude-opus-5", messages=[{"role": "user", "content": text}]
                )
                for text in texts
            ]
            return [found.input_tokens for found in await asyncio.gather(*calls)]

    found = asyncio.run(ask())
    assert len(found) == 20
    assert sorted(found) == found
    assert found[0] < found[-1]


def test_what_is_known_of_a_number_is_in_the_headers(claude):
    hello = [{"role": "user", "content": "hello"}]
    raw = claude.messages.with_raw_response.count_tokens(model="claude-opus-5", messages=hello)
    counted = multitok.count_request({"model": "claude-opus-5", "messages": hello})
    assert raw.headers["x-multitok-model"] == "claude-opus-5"
    assert raw.headers["x-multitok-kind"] == counted.kind
    assert int(raw.headers["x-multitok-most"]) == counted.most
    assert raw.headers["x-multitok-complete"] == "true"


def test_an_unknown_model_is_anthropic_s_own_error(claude):
    with pytest.raises(anthropic.NotFoundError, match="unknown model 'claude-opus-99'"):
        claude.messages.count_tokens(
            model="claude-opus-99", messages=[{"role": "user", "content": "hello"}]
        )


def test_what_cannot_be_counted_names_its_path(claude):
    picture = {"type": "image", "source": {"type": "url", "url": "https://example.org/x.png"}}
    with pytest.raises(anthropic.UnprocessableEntityError, match=r"messages\[0\].content\[0\]"):
        claude.messages.count_tokens(
            model="claude-opus-5", messages=[{"role": "user", "content": [picture]}]
        )


def test_the_sum_of_the_rest_is_told_where_it_is_asked_for(claude):
    picture = {"type": "image", "source": {"type": "url", "url": "https://example.org/x.png"}}
    raw = claude.messages.with_raw_response.count_tokens(
        model="claude-opus-5",
        messages=[{"role": "user", "content": [picture]}],
        extra_query={"incomplete": "sum"},
    )
    assert raw.headers["x-multitok-complete"] == "false"
    assert raw.headers["x-multitok-unknown"] == "messages[0].content[0]"


def test_openai_counts_a_picture(gpt):
    seen = [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What is it?"},
                {
                    "type": "input_image", "detail": "high",
                    "image_url": f"data:image/jpeg;base64,{PHOTO64}",
                },
            ],
        }
    ]  # fmt: skip
    asked = {"model": "gpt-5.4", "input": seen, "instructions": "Be brief."}
    found = gpt.responses.input_tokens.count(**asked)
    assert found.input_tokens == multitok.count_request(asked).tokens


def test_an_unknown_model_is_openai_s_own_error(gpt):
    with pytest.raises(openai.NotFoundError) as caught:
        gpt.responses.input_tokens.count(model="gpt-99", input="hello")
    assert caught.value.code == "model_not_found"


def test_openai_lists_the_models_with_their_windows(gpt):
    found = {model.id: model.context_window for model in gpt.models.list()}
    assert found == {model.id: model.context_window for model in multitok.models()}


def test_anthropic_lists_the_models(claude):
    assert "claude-opus-5" in {model.id for model in claude.models.list()}


def test_gemini_counts_a_picture(gemini):
    part = types.Part.from_bytes(data=PHOTO, mime_type="image/jpeg")
    found = gemini.models.count_tokens(model="gemini-2.5-flash", contents=["What is it?", part])
    asked = {
        "model": "gemini-2.5-flash",
        "contents": [
            {
                "role": "user",
                "parts": [
                    {"text": "What is it?"},
                    {"inline_data": {"mime_type": "image/jpeg", "data": PHOTO64}},
                ],
            }
        ],
    }
    assert found.total_tokens == multitok.count_request(asked).tokens


def test_an_unknown_model_is_google_s_own_error(gemini):
    with pytest.raises(errors.ClientError, match="unknown model 'gemini-99'") as caught:
        gemini.models.count_tokens(model="gemini-99", contents="hello")
    assert caught.value.code == 404


def test_gemini_lists_google_s_models_with_their_windows(gemini):
    found = {model.name: model.input_token_limit for model in gemini.models.list()}
    google = [model for model in multitok.models() if model.provider == "google"]
    assert found == {f"models/{model.id}": model.context_window for model in google}


def test_vertex_counts_where_its_sdk_sends_it(service):
    path = "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:countTokens"
    asked = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
    counted = multitok.count_request(asked, "vertex_ai/gemini-2.5-flash", "gemini")
    assert service.post(path, asked).json["totalTokens"] == counted.tokens


def test_anthropic_on_vertex_counts_where_its_sdk_sends_it(service):
    from anthropic import AnthropicVertex

    client = AnthropicVertex(
        base_url=f"{service.url}/v1", region="l", project_id="p", access_token="k", max_retries=0
    )
    hello = [{"role": "user", "content": "hello"}]
    with client:
        found = client.messages.count_tokens(model="claude-opus-5", messages=hello)
    asked = {"model": "claude-opus-5", "messages": hello}
    assert found.input_tokens == multitok.count_request(asked).tokens

"""Bedrock's Converse, Cohere's, Ollama's and embedding requests become neutral parts."""

import pytest

from multitok.core.errors import PayloadError
from multitok.requests.payloads import detect, parse
from multitok.requests.payloads.terms import Mark
from multitok.requests.whole import count_request

BASE64 = "iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}}
SPEC = {"name": "weather", "description": "of a place", "inputSchema": {"json": SCHEMA}}
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"


def found(payload):
    return [(part.path, part.modality, part.what) for part in parse(payload).parts]


def user(*blocks):
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def result(*blocks):
    return {"toolResult": {"toolUseId": "1", "content": list(blocks)}}


def test_every_kind_of_converse_block():
    picture = {"format": "png", "source": {"bytes": BASE64}}
    payload = user(
        {"text": "hi"},
        {"image": picture},
        {"document": {"format": "pdf", "name": "a", "source": {"bytes": "JVBERg=="}}},
        {"video": {"format": "mp4", "source": {"s3Location": {"uri": "s3://b/clip.mp4"}}}},
        {"toolUse": {"toolUseId": "1", "name": "weather", "input": {"place": "Bern"}}},
        result({"text": "18 degrees"}, {"json": {"sun": True}}, {"image": picture}),
        {"reasoningContent": {"reasoningText": {"text": "so", "signature": "x"}}},
        {"reasoningContent": {"redactedContent": "x"}},
        {"guardContent": {"text": {"text": "watch"}}},
        {"citationsContent": {"content": [{"text": "said"}], "citations": []}},
        {"cachePoint": {"type": "default"}},
        {"hologram": {}},
    )
    at = "messages[0].content"
    assert found(payload) == [
        (f"{at}[0]", "text", "text"),
        (f"{at}[1]", "image", "image"),
        (f"{at}[2].document.name", "text", "document"),
        (f"{at}[2]", "pdf", "pdf"),
        (f"{at}[3]", "video", "video"),
        (f"{at}[4]", "text", "tool call"),
        (f"{at}[5].toolResult.content[0]", "text", "tool result"),
        (f"{at}[5].toolResult.content[1]", "text", "tool result"),
        (f"{at}[5].toolResult.content[2]", "image", "image"),
        (f"{at}[6]", "text", "thinking"),
        (f"{at}[7]", "unknown", "thinking"),
        (f"{at}[8]", "text", "text"),
        (f"{at}[9].citationsContent.content[0]", "text", "text"),
        (f"{at}[11]", "unknown", "block"),
    ]


def test_a_document_may_be_text_or_blocks_of_text():
    blocks = {"format": "txt", "source": {"content": [{"text": "a"}]}}
    text = {"format": "txt", "source": {"text": "b"}}
    parts = parse(user({"text": "hi"}, {"document": blocks}, {"document": text})).parts
    assert [part.text for part in parts] == ["hi", "a", "b"]


def test_a_cache_point_is_no_part_and_ends_what_is_cached():
    payload = {**user({"text": "hi"}), "system": [{"text": "x"}, {"cachePoint": {}}]}
    request = parse(payload)
    assert [part.text for part in request.parts] == ["x", "hi"]
    assert request.left_out == []
    assert request.terms.marks == (Mark("system[1]", "5m"),)


def test_converse_names_its_tools_the_choice_and_the_limit():
    choice = {"tool": {"name": "weather"}}
    request = parse({
        **user({"text": "hi"}),
        "toolConfig": {"tools": [{"toolSpec": SPEC}], "toolChoice": choice},
        "inferenceConfig": {"maxTokens": 50},
    })  # fmt: skip
    said = {"name": "weather", "description": "of a place", "parameters": SCHEMA}
    assert request.parts[-1].tool == said
    assert (request.tool_choice, request.tool_name, request.max_output) == ("tool", "weather", 50)


def test_a_tool_that_amazon_runs_leaves_the_request_open():
    payload = {**user({"text": "hi"}), "toolConfig": {"tools": [{"systemTool": {"name": "x"}}]}}
    why = "toolConfig.tools[0]: what the tool 'systemTool' adds to the prompt"
    assert parse(payload).left_out == [why]


def test_an_additional_field_with_words_leaves_the_request_open():
    fields = {"thinking": {"type": "enabled", "budget_tokens": 2000}, "preface": "words"}
    request = parse({**user({"text": "hi"}), "additionalModelRequestFields": fields})
    assert request.thinking == "enabled"
    assert request.left_out == [
        "thinking tokens: billed as output",
        "additionalModelRequestFields.preface: multitok does not know what it adds to the prompt",
    ]


def test_the_schema_of_an_answer_is_a_text_of_json():
    structure = {"jsonSchema": {"name": "place", "schema": '{"type": "object"}'}}
    payload = {**user({"text": "hi"}), "outputConfig": {"textFormat": {"structure": structure}}}
    assert parse(payload).parts[-1].text == '{"type":"object"}'


CONVERSE = {
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "Weather in Bern?"}]},
        {
            "role": "assistant",
            "content": [
                {"toolUse": {"toolUseId": "1", "name": "weather", "input": {"place": "B"}}}
            ],
        },
        {"role": "user", "content": [result({"text": "18 degrees"})]},
    ],
    "toolConfig": {"tools": [{"toolSpec": SPEC}]},
}
OWN = {
    "system": "Be brief.",
    "max_tokens": 50,
    "messages": [
        {"role": "user", "content": "Weather in Bern?"},
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "1", "name": "weather", "input": {"place": "B"}}
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "1", "content": "18 degrees"}],
        },
    ],
    "tools": [{"name": "weather", "description": "of a place", "input_schema": SCHEMA}],
}


def test_claude_counts_the_same_by_converse_and_by_anthropics_own_request():
    bodies = {"anthropic_version": "bedrock-2023-05-31", **OWN}
    own = count_request(OWN, "claude-sonnet-4-5").tokens
    assert count_request(CONVERSE, f"us.{SONNET}").tokens == own
    assert count_request(bodies, SONNET).tokens == own


@pytest.mark.parametrize(
    ("payload", "format"),
    [
        (CONVERSE, "bedrock"),
        ({"schemaVersion": "messages-v1", **user({"text": "hi"})}, "bedrock"),
        ({"inputText": "hi"}, "bedrock"),
        ({"texts": ["hi"]}, "cohere"),
        ({"messages": [{"role": "user", "content": "hi"}], "model": "command-a"}, "cohere"),
        ({"messages": [{"role": "user", "content": "hi", "images": []}]}, "ollama"),
        ({"prompt": "hi", "options": {}}, "ollama"),
        ({"content": {"parts": [{"text": "hi"}]}}, "gemini"),
        ({"requests": [{"content": {"parts": [{"text": "hi"}]}}]}, "gemini"),
        ({"prompt": "hi", "max_gen_len": 5}, "openai"),
    ],
)
def test_the_format_shows_in_the_shape(payload, format):
    assert detect(payload) == format


def test_titan_is_given_a_text():
    request = parse({"inputText": "hi", "textGenerationConfig": {"maxTokenCount": 9}})
    assert ([part.text for part in request.parts], request.max_output) == (["hi"], 9)


def test_each_text_to_embed_is_a_part():
    contents = [{"model": "m", "content": {"parts": [{"text": text}]}} for text in ("a", "b")]
    for payload in ({"texts": ["a", "b"]}, {"requests": contents}):
        assert [part.text for part in parse(payload).parts] == ["a", "b"]


def test_documents_of_cohere_are_text():
    messages = [
        {"role": "assistant", "tool_plan": "I ask.", "tool_calls": []},
        {
            "role": "tool",
            "tool_call_id": "1",
            "content": [{"type": "document", "document": {"data": "18 degrees"}}],
        },
    ]
    request = parse(
        {"messages": messages, "documents": [{"data": {"title": "x"}}, "plain"]}, "cohere"
    )
    assert [(part.what, part.text) for part in request.parts] == [
        ("thinking", "I ask."),
        ("tool result", "18 degrees"),
        ("document", '{"title":"x"}'),
        ("document", "plain"),
    ]
    assert request.left_out == []


def test_pictures_of_ollama_are_bare_base64():
    message = {"role": "user", "content": "hi", "images": [BASE64]}
    chat = parse({"messages": [message], "options": {"num_predict": 7}, "format": SCHEMA})
    generate = parse({"prompt": "hi", "system": "x", "images": [BASE64], "keep_alive": "5m"})
    assert [part.path for part in chat.parts] == ["messages[0].content", "messages[0].images[0]"]
    assert [part.path for part in generate.parts] == ["system", "prompt", "images[0]"]
    assert (chat.max_output, chat.left_out, generate.left_out) == (7, [], [])


def test_a_converse_block_shaped_wrong_is_an_error_with_its_path():
    with pytest.raises(PayloadError) as error:
        parse(user({"text": "hi"}, {"image": {"format": "png", "source": "x"}}))
    message = "messages[0].content[1].image.source: expected an object, got str 'x'"
    assert str(error.value) == message

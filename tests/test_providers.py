"""Requests become neutral parts: every kind of block, its path, and nothing decoded."""

import json
from dataclasses import dataclass

import pytest

from multitok.core.errors import PayloadError, UnknownNameError
from multitok.requests.payloads import detect, parse
from multitok.requests.payloads.terms import Mark
from multitok.requests.whole import count_request

PNG = "data:image/png;base64,iVBORw0KGgo="


def found(payload, provider=None):
    return [(part.path, part.modality, part.what) for part in parse(payload, provider).parts]


def user(*blocks):
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": list(blocks)}]}


def test_every_kind_of_openai_chat_block():
    payload = user(
        {"type": "text", "text": "hi"},
        {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERg=="}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "video_url", "video_url": {"url": "https://x/clip.mp4"}},
        {"type": "hologram"},
    )
    assert found(payload) == [
        ("messages[0].content[0]", "text", "text"),
        ("messages[0].content[1]", "image", "image"),
        ("messages[0].content[2]", "audio", "audio"),
        ("messages[0].content[3]", "pdf", "pdf"),
        ("messages[0].content[4]", "file", "file"),
        ("messages[0].content[5]", "video", "video"),
        ("messages[0].content[6]", "unknown", "hologram"),
    ]
    assert parse(payload).parts[1].options == {"detail": "low"}


def test_base64_stays_where_it_is():
    """The part points into the payload's own string: no copy, no decoding."""
    url = "data:image/png;base64," + "A" * 1000
    data = parse(user({"type": "image_url", "image_url": {"url": url}})).parts[0].data
    assert data.text is url
    assert data.start == 22


def test_tools_calls_results_and_formats_of_openai():
    payload = {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "1", "content": "42"},
        ],
        "tools": [
            {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}},
            {"type": "web_search"},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
        "max_completion_tokens": 77,
    }  # fmt: skip
    request = parse(payload)
    assert found(payload) == [
        ("messages[0].content", "text", "system"),
        ("messages[1].tool_calls[0]", "text", "tool call"),
        ("messages[2].content", "text", "tool result"),
        ("tools[0]", "tool", "tool definition"),
        ("tools[1]", "unknown", "tool"),
        ("response_format", "text", "response format"),
    ]
    assert request.left_out == ["tools[1]: what the tool 'web_search' adds to the prompt"]
    assert request.max_output == 77
    assert [message.role for message in request.messages] == ["system", "assistant", "tool"]


def test_every_kind_of_openai_responses_item():
    payload = {
        "model": "gpt-5",
        "instructions": "be kind",
        "input": [
            {"role": "user", "content": [
                {"type": "input_text", "text": "hi"},
                {"type": "input_image", "image_url": PNG, "detail": "high"},
                {"type": "input_image", "file_id": "file-1"},
                {"type": "input_file", "file_data": "JVBERg==", "filename": "a.pdf"},
            ]},
            {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "1"},
            {"type": "function_call_output", "call_id": "1", "output": "42"},
            {"type": "computer_call_output", "output": {
                "type": "computer_screenshot", "image_url": PNG}},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "so"}],
             "encrypted_content": "gAAA"},
            {"type": "item_reference", "id": "x"},
        ],
        "tools": [{"type": "function", "name": "f", "parameters": {}}],
        "previous_response_id": "resp_1",
    }  # fmt: skip
    assert found(payload) == [
        ("instructions", "text", "system"),
        ("input[0].content[0]", "text", "text"),
        ("input[0].content[1]", "image", "image"),
        ("input[0].content[2]", "image", "image"),
        ("input[0].content[3]", "file", "file"),
        ("input[1]", "text", "tool call"),
        ("input[2].output", "text", "tool result"),
        ("input[3].output[0]", "image", "image"),
        ("input[4].encrypted_content", "unknown", "thinking"),
        ("input[5]", "unknown", "item_reference"),
        ("tools[0]", "tool", "tool definition"),
        ("previous_response_id", "unknown", "conversation"),
    ]


def test_every_kind_of_anthropic_block():
    image = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}
    payload = {
        "model": "claude-opus-5",
        "system": [{"type": "text", "text": "be kind", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [
                {"type": "image", "source": image},
                {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}},
                {"type": "image", "source": {"type": "file", "file_id": "f1"}},
                {"type": "document", "title": "T", "source": pdf},
                {"type": "document", "source": {"type": "text", "data": "words"}},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "redacted_thinking", "data": "x"},
                {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}},
                {"type": "server_tool_use", "id": "2", "name": "web_search", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "1", "content": [
                    {"type": "text", "text": "42"}, {"type": "image", "source": image}]},
            ]},
        ],
        "tools": [
            {"name": "f", "description": "d", "input_schema": {"type": "object"}},
            {"type": "computer_20250124", "name": "computer"},
        ],
        "tool_choice": {"type": "any"},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    }  # fmt: skip
    assert found(payload) == [
        ("system[0]", "text", "system"),
        ("messages[0].content[0]", "image", "image"),
        ("messages[0].content[1]", "image", "image"),
        ("messages[0].content[2]", "image", "image"),
        ("messages[0].content[3].title", "text", "document"),
        ("messages[0].content[3]", "pdf", "pdf"),
        ("messages[0].content[4]", "text", "document"),
        ("messages[1].content[0]", "text", "thinking"),
        ("messages[1].content[1]", "unknown", "thinking"),
        ("messages[1].content[2]", "text", "tool call"),
        ("messages[1].content[3]", "text", "replayed"),
        ("messages[2].content[0].content[0]", "text", "tool result"),
        ("messages[2].content[0].content[1]", "image", "image"),
        ("tools[0]", "tool", "tool definition"),
        ("tools[1]", "unknown", "tool"),
    ]
    request = parse(payload)
    assert request.tool_choice == "any"
    assert request.left_out == [
        "tools[1]: what the server tool 'computer_20250124' adds to the prompt",
        "thinking tokens: billed as output",
    ]
    assert request.terms.marks == (Mark("system[0]", "5m"),)


@pytest.mark.parametrize("spelling", ["rest", "sdk"])
def test_every_kind_of_gemini_part_in_both_spellings(spelling):
    rest = {
        "systemInstruction": {"parts": [{"text": "be kind"}]},
        "contents": [{"role": "user", "parts": [
            {"text": "hi"},
            {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="},
             "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
            {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"},
             "videoMetadata": {"fps": 5, "startOffset": "1s", "endOffset": "3.5s"}},
            {"fileData": {"fileUri": "https://files/1", "mimeType": "application/pdf"}},
            {"functionCall": {"name": "f", "args": {"a": 1}}},
            {"functionResponse": {"name": "f", "response": {"b": 2}}},
            {"telepathy": {}},
        ]}],
        "tools": [{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {}}],
        "generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_HIGH", "maxOutputTokens": 9},
    }  # fmt: skip
    sdk = {
        "model": "gemini-2.5-flash",
        "contents": [{"role": "user", "parts": [
            {"text": "hi"},
            {"inline_data": {"mime_type": "image/png", "data": b"\x89PNG"},
             "media_resolution": {"level": "MEDIA_RESOLUTION_LOW"}},
            {"inline_data": {"mime_type": "video/mp4", "data": b"0"},
             "video_metadata": {"fps": 5, "start_offset": "1s", "end_offset": "3.5s"}},
            {"file_data": {"file_uri": "https://files/1", "mime_type": "application/pdf"}},
            {"function_call": {"name": "f", "args": {"a": 1}}},
            {"function_response": {"name": "f", "response": {"b": 2}}},
            {"telepathy": {}},
        ]}],
        "config": {
            "system_instruction": "be kind",
            "tools": [{"function_declarations": [{"name": "f"}]}, {"google_search": {}}],
            "media_resolution": "MEDIA_RESOLUTION_HIGH",
            "max_output_tokens": 9,
        },
    }  # fmt: skip
    payload = rest if spelling == "rest" else sdk
    assert [(part.modality, part.what) for part in parse(payload).parts] == [
        ("text", "system"),
        ("text", "text"),
        ("image", "image"),
        ("video", "video"),
        ("pdf", "pdf"),
        ("text", "tool call"),
        ("text", "tool result"),
        ("unknown", "part"),
        ("tool", "tool definition"),
        ("unknown", "tool"),
    ]
    request = parse(payload)
    assert request.options == {"media_resolution": "high"}
    assert request.parts[2].options == {"media_resolution": "low"}
    assert request.parts[3].options == {"fps": 5, "start": 1.0, "end": 3.5}
    assert request.max_output == 9
    assert len(request.left_out) == 1


def test_mistral_writes_urls_without_an_object_around_them():
    payload = {
        "model": "pixtral-12b",
        "messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": PNG},
            {"type": "document_url", "document_url": "https://x/a.pdf"},
            {"type": "input_audio", "input_audio": "UklGRg=="},
        ]}],
    }  # fmt: skip
    assert [modality for _, modality, _ in found(payload)] == ["image", "file", "audio"]


def test_mistrals_thinking_is_a_text_or_a_list_of_texts_and_its_files_have_ids():
    """The model's name decides: a thinking block alone looks like Anthropic's."""
    payload = {
        "model": "magistral-medium-latest",
        "messages": [
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                {"type": "thinking", "thinking": "hm"},
            ]},
            {"role": "user", "content": [{"type": "file", "file_id": "f"}]},
        ],
    }  # fmt: skip
    assert found(payload) == [
        ("messages[0].content[0].thinking[0]", "text", "thinking"),
        ("messages[0].content[1].thinking", "text", "thinking"),
        ("messages[1].content[0]", "file", "file"),
    ]


def test_the_pictures_in_a_functions_answer_and_a_thought_signature_are_not_dropped():
    picture = {"inlineData": {"mimeType": "image/png", "data": PNG.partition(",")[2]}}
    answer = {"functionResponse": {"name": "f", "response": {}, "parts": [picture]}}
    call = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2ln"}
    payload = {"contents": [{"role": "user", "parts": [call, answer]}]}
    assert found(payload) == [
        ("contents[0].parts[0]", "text", "tool call"),
        ("contents[0].parts[0].thoughtSignature", "text", "signature"),
        ("contents[0].parts[1]", "text", "tool result"),
        ("contents[0].parts[1].functionResponse.parts[0]", "image", "image"),
    ]
    signed = "contents[0].parts[0].thoughtSignature"
    guess = "the thinking that the provider reads in: a guess by the length of its signature"
    assert count_request(payload, "gemini-3-flash-preview").left_out == (f"{signed}: {guess}",)


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("prompt", "hi"),
        ("prompt", ["hi", "there"]),
        ("input", ["hi", "there"]),
    ],
)
def test_texts_without_messages_are_text(key, given):
    """Completions and Embeddings."""
    request = parse({"model": "gpt-4o", key: given})
    assert [part.text for part in request.parts] == ([given] if given == "hi" else given)
    assert request.messages == request.left_out == []


@pytest.mark.parametrize("key", ["input", "inputs", "prompt"])
def test_texts_that_are_none_are_refused(key):
    deep = ["a"]
    for _ in range(3000):
        deep = [deep]
    model = "gpt-3.5-turbo-instruct" if key == "prompt" else "text-embedding-3-small"
    provider = "mistral" if key == "inputs" else None
    with pytest.raises(PayloadError, match="nested deeper than"):
        parse({"model": model, key: deep}, provider)
    if key != "prompt":  # a prompt may be one that the provider keeps
        with pytest.raises(PayloadError, match="expected a list, got int -1"):
            parse({"model": model, key: -1}, provider)


def test_a_text_to_embed_is_no_message():
    """The same word, `input`, is a user's message in Responses."""
    assert parse({"model": "text-embedding-3-small", "input": "hi"}).messages == []
    assert len(parse({"model": "gpt-5", "input": "hi"}).messages) == 1


@pytest.mark.parametrize("given", [[1, 2, 3], [[1, 2, 3]]])
def test_token_ids_are_a_part_of_their_own(given):
    (part,) = parse({"model": "gpt-4o", "input": given}).parts
    assert (part.what, part.ids) == ("token ids", 3)
    counted = count_request({"model": "gpt-4o", "input": given})
    assert (counted.parts[0].tokens, counted.parts[0].kind) == (3, "exact")


@pytest.mark.parametrize(
    ("payload", "key", "value"),
    [
        ({"messages": [], "tools": [{"type": "custom", "custom": {
            "name": "f", "format": {"type": "grammar"}}}]}, "format", {"type": "grammar"}),
        ({"messages": [], "tools": [{
            "name": "f", "input_schema": {}, "input_examples": [{"q": 1}]}]},
         "input_examples", [{"q": 1}]),
        ({"contents": "hi", "tools": [{"functionDeclarations": [{
            "name": "f", "response": {"type": "STRING"}}]}]}, "response", {"type": "STRING"}),
    ],
)  # fmt: skip
def test_what_a_tool_says_beside_its_input_is_kept(payload, key, value):
    assert parse(payload).parts[-1].tool[key] == value


class Reply:
    """Made like a pydantic model."""

    @classmethod
    def model_json_schema(cls):
        return {"type": "object", "title": "Reply"}


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"messages": [], "response_format": Reply}, "response_format"),
        ({"input": [], "text_format": Reply}, "text_format"),
        ({"messages": [], "system": "", "output_format": Reply}, "output_format"),
        ({"contents": "hi", "config": {"response_schema": Reply}}, "responseSchema"),
    ],
)
def test_a_class_in_place_of_a_schema_is_its_schema(payload, path):
    part = parse(payload).parts[-1]
    assert (part.path, part.what) == (path, "response format")
    assert part.text == '{"type":"object","title":"Reply"}'


def test_a_class_that_only_the_sdk_can_read_is_unknown():
    (_, part) = parse({"contents": "hi", "config": {"response_schema": list[str]}}).parts
    assert part.modality == "unknown"
    assert part.notes == ("list: its schema is made by the SDK when it is sent",)


def test_a_plain_list_of_messages_has_paths_of_its_own():
    assert found([{"role": "user", "content": "hi"}]) == [("[0].content", "text", "text")]


@pytest.mark.parametrize(
    ("payload", "provider"),
    [
        ({"messages": [], "model": "gpt-4o"}, "openai"),
        ({"input": "hi", "model": "gpt-5"}, "openai"),
        ({"messages": [], "model": "claude-opus-5"}, "anthropic"),
        ({"messages": [], "system": "x"}, "anthropic"),
        ({"messages": [], "tools": [{"name": "f", "input_schema": {}}]}, "anthropic"),
        ({"messages": [{"content": [{"type": "image", "source": {}}]}]}, "anthropic"),
        ({"contents": []}, "gemini"),
        ({"messages": [], "model": "mistral-large"}, "mistral"),
        ([], "plain"),
    ],
)
def test_the_provider_shows_in_the_shape(payload, provider):
    assert detect(payload) == provider


def test_a_line_of_a_batch_file_is_the_request_in_it():
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": body}
    assert found(line) == found(body)


@pytest.mark.parametrize("line", [{"key": "1", "request": None}, {"generateContentRequest": None}])
def test_a_line_of_geminis_batch_and_count_tokens_hold_a_request(line):
    body = {"contents": [{"parts": [{"text": "hi"}]}]}
    assert found({key: value or body for key, value in line.items()}) == found(body)


def test_sdk_objects_are_taken_as_they_are():
    """model_dump, to_dict and dataclasses, at any depth."""

    class Dumped:
        def __init__(self, **fields):
            self.fields = fields

        def model_dump(self):
            return self.fields

    @dataclass
    class Message:
        role: str
        content: list

    block = Dumped(type="image_url", image_url=Dumped(url=PNG))
    payload = Dumped(model="gpt-4o", messages=[Message("user", [block])])
    assert found(payload) == [("messages[0].content[0]", "image", "image")]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (
            user({}, {"type": "image_url", "image_url": "https://x/y.png"}),
            "messages[0].content[1].image_url: expected an object, got str 'http…'",
        ),
        (user({"type": "text"}), "messages[0].content[0].text: expected a string, got nothing"),
        ({"messages": 3}, "messages: expected a list, got int 3"),
        ({"messages": [{"content": "x"}]}, "messages[0].role: expected a string, got nothing"),
        (
            {"messages": [{"role": "user", "content": 7}]},
            "messages[0].content: expected a list, got int 7",
        ),
        (7, "expected a request (an object or a list of messages), got int"),
        (
            {"massages": []},
            "not a request multitok knows: expected messages (OpenAI, Anthropic, Mistral), input"
            " (OpenAI Responses), contents (Gemini) or a list of tools (MCP), got massages",
        ),
        (
            user({"type": "image_url", "image_url": {"url": "data:image/png,xxx"}}),
            "messages[0].content[0]: expected data:MEDIA/TYPE;base64,... got 'data:image/png,xxx'",
        ),
        (
            {"contents": [{"parts": [{"inlineData": {"data": "x"}}]}]},
            "contents[0].parts[0].inlineData.mimeType: expected a string, got nothing",
        ),
    ],
)
def test_what_is_shaped_wrong_is_an_error_with_its_path(payload, message):
    with pytest.raises(PayloadError) as error:
        parse(payload)
    assert str(error.value) == message


def test_an_unknown_format_lists_the_known():
    with pytest.raises(UnknownNameError) as error:
        parse([], "opnai")
    assert str(error.value) == (
        "unknown request format 'opnai'. Did you mean 'openai'?"
        " There are: openai, anthropic, gemini, mistral, bedrock, cohere, ollama, plain, tools"
    )


def test_a_list_that_holds_itself_ends_in_an_error_with_its_path():
    content = [{"type": "tool_result"}]
    content[0]["content"] = content
    with pytest.raises(PayloadError, match=r"nested deeper than 64 levels"):
        parse({"system": "x", "messages": [{"role": "user", "content": content}]})


def test_a_schema_that_holds_itself_is_an_unknown_part_that_says_where():
    schema = {"type": "object"}
    schema["properties"] = {"child": schema}
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    (part,) = parse({"messages": [], "tools": [tool]}).parts
    assert (part.path, part.modality) == ("tools[0]", "unknown")
    assert part.notes[0].startswith("tools[0].parameters.properties.child")


def test_a_recursive_reference_in_a_schema_is_text_and_is_not_followed():
    schema = json.loads('{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}')
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    assert found({"messages": [], "tools": [tool]}) == [("tools[0]", "tool", "tool definition")]

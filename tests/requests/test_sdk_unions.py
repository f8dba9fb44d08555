"""Every kind of block, item and tool that the installed SDKs have is known: counted, left open with
its reason, or free. What an SDK brings next fails here by its name."""

import re
import typing

import anthropic.types as claude
import anthropic.types.beta as claude_beta
import openai.types.chat as chat
import openai.types.responses as responses
import pytest
from google.genai import types as gemini
from sdk_types import example, fields, kinds, members, words

from multitok.requests.payloads import parse

mistral = pytest.importorskip("mistralai.client.models", reason="tests/requirements-sdks.txt")


def hint(kind, name):
    return typing.get_type_hints(kind)[name]


HELLO = {"role": "user", "content": "hello"}


def in_openai_item(given):
    return {"model": "gpt-5", "input": [HELLO, given]}


def in_openai_block(given):
    return {"model": "gpt-5", "input": [{"role": "user", "content": [given]}]}


def in_openai_tools(given):
    return {"model": "gpt-5", "input": "hello", "tools": [given]}


def in_chat(given):
    return {"model": "gpt-5", "messages": [given]}


def in_chat_block(given):
    return in_chat({"role": "user", "content": [given]})


def in_chat_tools(given):
    return in_chat(HELLO) | {"tools": [given]}


def in_claude(given):
    return {"model": "claude-opus-5", "system": "s", "messages": [
        {"role": "user", "content": [given]}]}  # fmt: skip


def in_claude_result(given):
    return in_claude({"type": "tool_result", "tool_use_id": "1", "content": [given]})


def in_claude_tools(given):
    return in_claude({"type": "text", "text": "hello"}) | {"tools": [given]}


def in_mistral(given):
    return {"model": "mistral-large-latest", "messages": [{"role": "user", "content": [given]}]}


def in_mistral_tools(given):
    return {"model": "mistral-large-latest", "messages": [HELLO], "tools": [given]}


UNIONS = {
    "openai item": (responses.ResponseInputItemParam, in_openai_item),
    "openai answer": (responses.ResponseOutputItem, in_openai_item),
    "openai block": (responses.ResponseInputContentParam, in_openai_block),
    "openai tool": (responses.ToolParam, in_openai_tools),
    "chat message": (chat.ChatCompletionMessageParam, in_chat),
    "chat block": (chat.ChatCompletionContentPartParam, in_chat_block),
    "chat tool": (chat.ChatCompletionToolUnionParam, in_chat_tools),
    "claude block": (claude.ContentBlockParam, in_claude),
    "claude answer": (claude.ContentBlock, in_claude),
    "claude result": (hint(claude.ToolResultBlockParam, "content"), in_claude_result),
    "claude tool": (claude.ToolUnionParam, in_claude_tools),
    "beta block": (claude_beta.BetaContentBlockParam, in_claude),
    "beta result": (hint(claude_beta.BetaToolResultBlockParam, "content"), in_claude_result),
    "beta tool": (claude_beta.BetaToolUnionParam, in_claude_tools),
    "mistral block": (mistral.ContentChunk, in_mistral),
    "mistral tool": (mistral.ChatCompletionRequestTool, in_mistral_tools),
}
LATER = {"UNKNOWN"}
"""Left open as nobody knows it: mistralai's own word for what it cannot read."""

CASES = [
    pytest.param(member, kind, around, id=f"{name}: {kind}")
    for name, (union, around) in UNIONS.items()
    for member in members(union)
    for kind in kinds(member)
    if kind not in LATER
]

NO_PROMPT = """
    id call_id file_id container_id approval_request_id tool_call_id tool_use_id created_by caller
    status phase signature fingerprint encrypted_content cache_control prompt_cache_breakpoint
    annotations citations logprobs filename
    size quality background action svg_usage pending_safety_checks acknowledged_safety_checks
    namespace toolset_name mcp_server_name trigger partialArgs spreadsheetMetadata displayName
"""
FREE = frozenset(NO_PROMPT.split())
"""Fields whose words are no part of the prompt: ids, states, seals, what a text is said to quote,
what a picture was asked to be, and where a tool is from."""


def seen(request):
    """All that the parts of a request hold, and whether it is open."""
    held = [(part.text, part.name, part.tool) for part in request.parts]
    named = [message.name for message in request.messages]
    is_open = any(p.modality == "unknown" or p.url or p.file_id for p in request.parts)
    return str((held, named)), is_open


@pytest.mark.parametrize(("member", "kind", "around"), CASES)
def test_a_kind_of_the_sdk_is_known(member, kind, around):
    given = example(member) | ({"type": kind} if "type" in fields(member) else {})
    request = parse(around(given))
    notes = [note for part in request.parts for note in part.notes]
    assert [note for note in notes if "does not know" in note] == []
    assert request.parts or kind in ("fallback",)


def free(word):
    """Whether a field on its path is free."""
    path = re.sub(r"\[\d+\]", "", word.removeprefix("word-"))
    return not FREE.isdisjoint(path.split("."))


@pytest.mark.parametrize(("member", "kind", "around"), CASES)
def test_no_text_of_a_kind_is_dropped_in_silence(member, kind, around):
    given = example(member) | ({"type": kind} if "type" in fields(member) else {})
    held, is_open = seen(parse(around(given)))
    lost = [word for word in words(given) if word not in held and not free(word)]
    assert is_open or lost == []


def in_gemini(**config):
    return {"model": "gemini-2.5-flash", "contents": "hello", "config": config}


def in_gemini_part(**given):
    contents = [{"role": "user", "parts": [{"text": "hello", **given}]}]
    return {"model": "gemini-2.5-flash", "contents": contents}


def opened(kind, around, note="multitok does not know"):
    """The fields of one of Google's types that leave a request open with such a note."""
    made = {name: example(field.annotation, name) for name, field in kind.model_fields.items()}
    return {
        name
        for name, value in made.items()
        if value is not None
        for part in parse(around(**{name: value})).parts
        if any(note in said for said in part.notes)
    }


def test_a_field_of_geminis_parts_is_known():
    """What a transcription does in a prompt is told nowhere."""
    assert opened(gemini.Part, in_gemini_part) == {"audio_transcription"}


def test_a_field_of_geminis_settings_is_known():
    """A vocabulary to hear by, and a state that the provider keeps; a system text has parts."""
    found = opened(gemini.GenerateContentConfig, in_gemini) - {"system_instruction"}
    assert found == {"audio_transcription_config", "continuation_token"}


def test_a_tool_of_geminis_is_counted_or_leaves_the_request_open():
    found = opened(gemini.Tool, lambda **tool: in_gemini(tools=[tool]), "adds to the prompt")
    assert found == set(gemini.Tool.model_fields) - {"function_declarations"}


@pytest.mark.parametrize("name", [
    "text", "inline_data", "file_data", "function_call", "function_response", "executable_code",
    "code_execution_result", "tool_call", "tool_response",
])  # fmt: skip
def test_a_part_of_geminis_is_read_by_what_it_holds(name):
    value = example(gemini.Part.model_fields[name].annotation, name)
    request = parse({"contents": [{"role": "user", "parts": [{name: value}]}]}, "gemini")
    held, is_open = seen(request)
    lost = [word for word in words(value) if word not in held and not free(word)]
    assert is_open or lost == []

"""What the provider's own tools did in earlier turns: words are counted, pictures too, and what is
not in the request leaves it open."""

import pytest
from sdk_types import PNG

from multitok.requests.whole import count_request

WORDS = "one two three four five"  # five tokens of o200k_base
HELLO = {"role": "user", "content": "hello"}


def items(*given):
    return count_request({"model": "gpt-4o", "input": [HELLO, *given]})


def blocks(*given, role="user"):
    messages = [HELLO, {"role": role, "content": list(given)}]
    return count_request({"model": "claude-opus-5", "messages": messages}, provider="anthropic")


def of(counted, path):
    """Of a counted request the parts below a path: their tokens, None where unknown."""
    return {
        part.path.removeprefix(path): part.tokens
        for part in counted.parts
        if part.path.startswith(path)
    }


@pytest.mark.parametrize(("item", "found"), [
    ({"type": "shell_call_output", "call_id": "1", "output": WORDS}, {".output": 5}),
    ({"type": "apply_patch_call_output", "call_id": "1", "output": WORDS}, {".output": 5}),
    ({"type": "local_shell_call_output", "id": "1", "output": WORDS}, {".output": 5}),
    ({"type": "code_interpreter_call", "id": "1", "container_id": "c", "code": WORDS,
      "outputs": [{"type": "logs", "logs": WORDS}]}, {".code": 5, ".outputs[0]": 5}),
    ({"type": "mcp_call", "id": "1", "server_label": "five", "name": "five", "arguments": WORDS,
      "output": WORDS}, {".server_label": 1, ".name": 1, ".arguments": 5, ".output": 5}),
    ({"type": "image_generation_call", "id": "1", "result": PNG}, {".result": 255}),
    ({"type": "image_generation_call", "id": "1", "result": None}, {".result": None}),
    ({"type": "web_search_call", "id": "1", "action": None}, {"": None}),
    ({"type": "file_search_call", "id": "1", "queries": []}, {".queries": 1, "": None}),
    ({"type": "compaction", "encrypted_content": "x"}, {"": None}),
    ({"type": "item_reference", "id": "1"}, {"": None}),
])  # fmt: skip
def test_an_item_of_openais_tools_is_counted_by_its_words(item, found):
    assert of(items(item), "input[1]") == found


def test_a_replayed_text_is_an_estimate_with_room_for_what_is_around_it():
    """At most 17 tokens stand around a call and its result in all bills; 20 are left."""
    counted = items({"type": "shell_call_output", "call_id": "1", "output": WORDS})
    part = next(part for part in counted.parts if part.what == "replayed")
    assert (part.tokens, part.most, part.kind) == (5, 25, "estimate")


def test_the_tools_that_a_server_listed_are_tools():
    listed = {"name": "f", "description": "d", "input_schema": {"type": "object"}}
    item = {"type": "mcp_list_tools", "id": "1", "server_label": "s", "tools": [listed]}
    part = next(part for part in items(item).parts if part.path == "input[1].tools[0]")
    assert (part.what, part.modality) == ("tool definition", "tool")


@pytest.mark.parametrize("item", [{"type": "program", "code": 5}, {"type": "nothing_known"}])
def test_an_item_of_another_shape_is_no_reason_to_refuse_the_request(item):
    assert items({"id": "1", **item}).parts[0].tokens == 1  # "hello"


def test_a_screenshot_in_a_result_is_a_picture():
    """1 x 1 px is a tile of gpt-4o at its least: 85 + 170."""
    shot = {"type": "computer_screenshot", "image_url": f"data:image/png;base64,{PNG}"}
    counted = items({"type": "computer_call_output", "call_id": "1", "output": shot})
    assert of(counted, "input[1]") == {".output[0]": 255}


MCP = {"type": "image", "data": PNG, "mimeType": "image/png"}
LANGCHAIN = {"type": "image", "base64": PNG, "mime_type": "image/png"}
VERCEL = {"type": "image", "image": PNG, "mediaType": "image/png"}
VERCEL_FILE = {"type": "file", "data": PNG, "mediaType": "image/png"}
BLOB = {"type": "resource", "resource": {"uri": "a", "blob": PNG, "mimeType": "image/png"}}


@pytest.mark.parametrize("block", [MCP, LANGCHAIN, VERCEL, VERCEL_FILE, BLOB])
@pytest.mark.parametrize("model", ["gpt-4o", "claude-opus-5"])
def test_a_picture_in_the_words_of_mcp_and_of_libraries_is_a_picture(block, model):
    messages = [{"role": "user", "content": [block]}]
    counted = count_request({"model": model, "messages": messages})
    part = next(part for part in counted.parts if part.path == "messages[0].content[0]")
    assert (part.modality, part.tokens) == ("image", 255 if model == "gpt-4o" else 1)


def test_a_picture_in_a_result_of_mcp_is_a_picture():
    counted = blocks({"type": "tool_result", "tool_use_id": "1", "content": [MCP]})
    assert of(counted, "messages[1].content[0]") == {".content[0]": 1}


def test_a_picture_behind_an_address_is_not_fetched():
    url = {"type": "image", "url": "https://example.org/a.png"}
    assert [part.tokens for part in blocks(url).unknown] == [None]


@pytest.mark.parametrize(("block", "where"), [
    ({"type": "server_tool_use", "id": "1", "name": "bash", "input": {"command": "ls"}}, [""]),
    ({"type": "mcp_tool_use", "id": "1", "server_name": "s", "name": "n", "input": {}}, [""]),
    ({"type": "mcp_tool_result", "tool_use_id": "1", "content": WORDS}, [".content"]),
    ({"type": "bash_code_execution_tool_result", "tool_use_id": "1", "content": {
        "type": "bash_code_execution_result", "stdout": WORDS, "stderr": "", "return_code": 0,
        "content": [{"type": "bash_code_execution_output", "file_id": "f"}]}}, [".content.stdout"]),
    ({"type": "web_fetch_tool_result", "tool_use_id": "1", "content": {
        "type": "web_fetch_result", "url": "https://example.org", "content": {
            "type": "document", "source": {"type": "text", "data": WORDS,
                                           "media_type": "text/plain"}}}},
     [".content.url", ".content.content[0]"]),
    ({"type": "compaction", "content": WORDS}, [".content"]),
])  # fmt: skip
def test_a_block_of_anthropics_tools_is_counted_by_its_words(block, where):
    counted = blocks(block, role="assistant")
    found = of(counted, "messages[1].content[0]")
    assert [path for path, tokens in found.items() if tokens] == where
    assert counted.complete


def test_a_search_that_only_the_provider_can_read_leaves_the_request_open():
    found = {"type": "web_search_result", "url": "https://example.org", "title": "Example",
             "encrypted_content": "x"}  # fmt: skip
    counted = blocks({"type": "web_search_tool_result", "tool_use_id": "1", "content": [found]})
    (part,) = counted.unknown
    assert part.path == "messages[1].content[0].content[0].encrypted_content"
    assert part.notes == ("what only the provider can read",)


def test_what_a_tool_returns_is_left_open_too():
    """Nobody has seen what an output schema adds."""
    tool = {"type": "function", "name": "f", "parameters": {}, "output_schema": {"type": "string"}}
    counted = count_request({"model": "gpt-4o", "input": "hello", "tools": [tool]})
    assert [part.path for part in counted.unknown] == ["tools[0].output_schema"]

"""What Claude's prompts hold beside the words, with texts of our own: numbers of recorded bills
(anthropic.toml)."""

import base64

import pytest

from multitok import count_request

MODEL = "claude-sonnet-4-5"
HI = {"role": "user", "content": "hi"}
HO = {"role": "assistant", "content": "ho"}
THOUGHT = {"type": "thinking", "thinking": "what to say", "signature": "x"}
THINKS = {"role": "assistant", "content": [THOUGHT, {"type": "text", "text": "ho"}]}
TOOL = {"name": "find", "description": "Finds.", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "1", "name": "search", "input": {}}
NOTHING_OF_IT = "thinking of earlier turns is no part of the prompt"


def request(*messages, model=MODEL, **more):
    return count_request({"model": model, "messages": list(messages), "max_tokens": 99, **more})


def framing(counted):
    return sum(part.tokens for part in counted.parts if part.what == "framing")


def said(counted, what):
    return [part.tokens for part in counted.parts if part.what == what]


def found(*names):
    content = [{"type": "tool_reference", "tool_name": name} for name in names]
    return {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "1", "content": content}],
    }


def test_thinking_of_an_earlier_turn_is_no_part_of_the_prompt():
    counted = request(HI, THINKS, HI)
    assert counted.tokens == request(HI, HO, HI).tokens
    assert [part.notes for part in counted.parts if part.what == "thinking"] == [(NOTHING_OF_IT,)]


def test_thinking_within_a_loop_of_tools_is_read():
    calls = {"role": "assistant", "content": [THOUGHT, CALL]}
    result = {"type": "tool_result", "tool_use_id": "1", "content": "it"}
    counted = request(HI, calls, {"role": "user", "content": [result]})
    assert said(counted, "thinking")[0] > 0


def test_opus_4_5_and_what_follows_it_keep_earlier_thinking():
    assert said(request(HI, THINKS, HI, model="claude-opus-4-5"), "thinking")[0] > 0


def test_an_assistant_that_speaks_first_costs_12_more():
    assert framing(request(HO, HI)) == framing(request(HI, HO)) + 12


def test_adaptive_thinking_is_asked_for_by_17_tokens_but_not_beside_tools_nor_at_bedrock():
    adaptive, model = {"type": "adaptive"}, "claude-sonnet-4-6"
    assert framing(request(HI, model=model, thinking=adaptive)) == 7 + 17
    assert framing(request(HI, model=model, thinking=adaptive, tools=[TOOL])) == 7
    converse = {
        "messages": [{"role": "user", "content": [{"text": "hi"}]}],
        "additionalModelRequestFields": {"thinking": adaptive},
    }
    assert framing(count_request(converse, model)) == 7


@pytest.mark.parametrize(
    ("reasoning", "more"),
    [
        ({"enabled": True}, 29), ({"effort": "low"}, 29), ({"effort": "none"}, 0),
        ({"enabled": False}, 0), ({}, 0),
    ],
)  # fmt: skip
def test_a_host_s_reasoning_asks_claude_to_think(reasoning, more):
    assert framing(request(HI, reasoning=reasoning)) == 7 + more


def test_the_budget_of_a_task_is_told_in_35_tokens():
    budget = {"task_budget": {"type": "tokens", "total": 20_000}}
    told = request(HI, model="claude-opus-4-6", output_config=budget)
    assert framing(told) == 7 + 35


def test_a_deferred_tool_is_no_part_of_the_prompt_before_a_search_finds_it():
    deferred = {**TOOL, "defer_loading": True}
    assert said(request(HI, tools=[deferred]), "tool definition") == [0]
    written = said(request(HI, tools=[TOOL]), "tool definition")[0]
    calls = {"role": "assistant", "content": [CALL]}
    counted = request(HI, calls, found("find", "find"), tools=[deferred])
    assert said(counted, "tool reference") == [25 + written, 25]
    assert counted.complete


def test_a_document_of_text_has_36_tokens_around_it_in_any_of_its_shapes():
    source = {"type": "text", "media_type": "text/plain", "data": "a note"}
    message = {"role": "user", "content": [{"type": "document", "source": source}]}
    assert said(request(message), "framing of documents") == [36]
    data = base64.b64encode(b"a note").decode()
    block = {"document": {"name": "n", "format": "txt", "source": {"bytes": data}}}
    converse = {"messages": [{"role": "user", "content": [block]}], "inferenceConfig": {}}
    assert said(count_request(converse, MODEL), "framing of documents") == [36]

"""How each provider writes tools, calls and frames into the prompt, with texts of our own.

The numbers are what recorded bills show (openai.toml, anthropic.toml, google.toml, mistral.toml).
"""

import pytest

from multitok import PayloadError, Text, get_tokenizer
from multitok.requests.forms import anthropic, control, openai
from multitok.requests.whole import count_request

O200K = get_tokenizer("o200k_base")
PLACE = {
    "type": "object",
    "properties": {
        "place": {"type": "string", "description": "Where"},
        "days": {"type": "integer"},
    },
    "required": ["place"],
}
TOOL = {"name": "weather", "description": "The weather of a place.", "parameters": PLACE}
HI = {"role": "user", "content": "hi"}


def n(text):
    return O200K.count(Text(text))


def openai_tool(**more):
    return {"type": "function", "function": {**TOOL, **more}}


def tokens(model, **request):
    return count_request({"model": model, **request}).tokens


NAMESPACE = """# Tools

## functions

namespace functions {

// The weather of a place.
type weather = (_: {
// Where
place: string,
days?: number,
}) => any;

} // namespace functions"""


def test_openai_writes_tools_as_a_namespace_in_a_system_text_of_its_own():
    """One token less than the text and its frame of four."""
    plain = tokens("gpt-4o", messages=[HI])
    assert tokens("gpt-4o", messages=[HI], tools=[openai_tool()]) == plain + 4 + n(NAMESPACE) - 1


def test_openai_writes_tools_behind_the_system_text_that_there_is():
    system = {"role": "system", "content": "Be kind."}
    plain = tokens("gpt-4o", messages=[system, HI]) - n("Be kind.")
    whole = n("Be kind.\n\n" + NAMESPACE)
    assert tokens("gpt-4o", messages=[system, HI], tools=[openai_tool()]) == plain + whole - 1


def test_a_first_property_without_a_comment_costs_a_token_less():
    bare = {"type": "object", "properties": {"place": {"type": "string"}}}
    text = (
        NAMESPACE.replace("// Where\n", "")
        .replace("place:", "place?:")
        .replace("days?: number,\n", "")
    )
    plain = tokens("gpt-4o", messages=[HI])
    asked = tokens("gpt-4o", messages=[HI], tools=[openai_tool(parameters=bare)])
    assert asked == plain + 4 + n(text) - 2


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "string", "enum": ["a", "b"]}, '"a" | "b"'),
        ({"type": ["string", "null"]}, "string | null"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number | null"),
        ({"type": "array", "items": {"type": "boolean"}}, "boolean[]"),
        ({"type": "array"}, "any[]"),
        ({"type": "object"}, "object"),
        ({"const": 3}, "3"),
        ({"$ref": "#/$defs/Day"}, '"today"'),
        ({"$ref": "#/$defs/Self"}, "any"),
        ({}, "any"),
        ({"type": "object", "properties": {"x": {"type": "number"}}}, "{\nx?: number,\n}"),
        ({"allOf": [{"type": "number"}]}, "number"),
    ],
)
def test_a_property_is_written_as_a_type(schema, written):
    defs = {"Day": {"enum": ["today"]}, "Self": {"$ref": "#/$defs/Self"}}
    tool = {
        "name": "f",
        "description": "",
        "parameters": {"properties": {"p": schema}, "$defs": defs},
    }
    assert openai.declared(tool) == f"type f = (_: {{\np?: {written},\n}}) => any;"


def test_a_default_stands_behind_its_property():
    tool = {
        "name": "f",
        "description": "",
        "parameters": {"properties": {"p": {"type": "integer", "default": 3}}},
    }
    assert "p?: number, // default: 3\n" in openai.declared(tool)


def test_a_tool_that_must_be_called_is_named():
    choice = {"type": "function", "function": {"name": "weather"}}
    free = tokens("gpt-4o", messages=[HI], tools=[openai_tool()])
    forced = tokens("gpt-4o", messages=[HI], tools=[openai_tool()], tool_choice=choice)
    assert forced == free + n(" to=functions.weather") + 4


def test_gpt_5_frames_its_answer_by_a_token_less_and_earlier_answers_by_two_more():
    assert tokens("gpt-5", messages=[HI]) == tokens("gpt-4o", messages=[HI]) - 1
    chat = [HI, {"role": "assistant", "content": "hello"}, HI]
    assert tokens("gpt-5", messages=chat) == tokens("gpt-4o", messages=chat) - 1 + 2


def schema_of(answer, **more):
    inner = {"name": "Place", "schema": answer, **more}
    return {"type": "json_schema", "json_schema": inner}


ANSWER = {
    "type": "object",
    "properties": {"required": {"type": "string"}},
    "required": ["required"],
    "additionalProperties": False,
}
FORMATS = """# Response Formats

## Place

{"type":"object","properties":{"required":{"type":"string"}}}"""
"""Without what only the checking needs; a property may be named so, and stays."""


def test_the_schema_of_an_answer_is_written_under_its_name_beside_the_system_text():
    """Eight tokens more in a message of its own, four in the system text that there is."""
    form, system = schema_of(ANSWER), {"role": "system", "content": "Be kind."}
    plain = tokens("gpt-4o", messages=[HI])
    assert tokens("gpt-4o", messages=[HI], response_format=form) == plain + n(FORMATS) + 8
    plain = tokens("gpt-4o", messages=[system, HI])
    assert tokens("gpt-4o", messages=[system, HI], response_format=form) == plain + n(FORMATS) + 4


@pytest.mark.parametrize(
    "form",
    [
        schema_of(ANSWER, description="A place on earth."),
        schema_of({**ANSWER, "description": "A place on earth."}),
    ],
)
def test_the_description_of_an_answer_is_a_comment_wherever_it_stands(form):
    plain = tokens("gpt-4o", messages=[HI])
    text = FORMATS.replace("## Place\n\n", "## Place\n\n// A place on earth.\n")
    assert tokens("gpt-4o", messages=[HI], response_format=form) == plain + n(text) + 8


def test_responses_writes_the_same_schema_with_a_token_beside_it():
    form = {"format": {"type": "json_schema", "name": "Place", "schema": ANSWER}}
    plain = tokens("gpt-4o", input="hi")
    assert tokens("gpt-4o", input="hi", text=form) == plain + n(FORMATS) + 1


def test_gpt_oss_does_not_read_what_it_thought_before():
    said = {"role": "assistant", "content": "ho"}
    thought = {**said, "reasoning": "what to say " * 20}
    counts = [tokens("gpt-oss-20b", messages=[HI, one, HI]) for one in (said, thought)]
    assert counts[0] == counts[1]


def test_which_of_several_models_answers_is_not_known():
    counted = count_request({"model": "gpt-4o", "models": ["x-ai/grok-4"], "messages": [HI]})
    assert [part.path for part in counted.unknown] == ["models"]


def test_a_call_and_its_result_are_messages_of_their_own():
    call = {"id": "1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    chat = [
        HI,
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "rain"},
    ]
    said = 4 + n(" to=functions.weather") + n("{}") + 3 + n("functions.weather") + n("rain") + 2
    assert tokens("gpt-4o", messages=chat) == tokens("gpt-4o", messages=[HI]) + said


def test_adjacent_texts_of_a_message_are_one():
    parts = [{"type": "text", "text": "Hello, wor"}, {"type": "text", "text": "ld"}]
    one = tokens("gpt-4o", messages=[{"role": "user", "content": "Hello, world"}])
    assert tokens("gpt-4o", messages=[{"role": "user", "content": parts}]) == one


def test_an_empty_instruction_is_no_message():
    assert tokens("gpt-4o", input="hi", instructions="") == tokens("gpt-4o", input="hi")


def test_earlier_reasoning_and_predictions_are_no_prompt():
    reasoning = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "long " * 50}]}
    user = {"role": "user", "content": "hi"}
    assert tokens("gpt-5", input=[user, reasoning]) == tokens("gpt-5", input=[user])
    predicted = {"type": "content", "content": "a file " * 50}
    assert tokens("gpt-4o", messages=[HI], prediction=predicted) == tokens("gpt-4o", messages=[HI])


def test_texts_without_messages_have_no_frame():
    assert tokens("text-embedding-3-small", input="hello world") == 2


# Anthropic: without ctok its words are an estimate, so that only the frames are compared here.


def framing(request, *what):
    return [part.tokens for part in count_request(request).parts if part.what in what]


@pytest.mark.parametrize(
    ("model", "turns", "frame"),
    [
        ("claude-sonnet-4-5", 1, 7), ("claude-sonnet-4-5", 3, 13), ("claude-opus-4-8", 1, 6),
        ("claude-opus-4-8", 3, 10), ("claude-opus-4-7", 1, 11),
    ],
)  # fmt: skip
def test_claude_frames_a_conversation_by_its_turns(model, turns, frame):
    said = [{"role": role, "content": "hi"} for role in ("user", "assistant", "user")[:turns]]
    assert framing({"model": model, "messages": said}, "framing") == [frame]


def test_claude_frames_thinking():
    request = {"model": "claude-sonnet-4-5", "messages": [HI], "thinking": {"type": "enabled"}}
    assert framing(request, "framing") == [7 + 29]


def test_claude_is_given_tools_as_lines_of_json():
    assert anthropic.declared(
        {"name": "f", "description": "Does.", "parameters": {"b": 1, "a": 2}}
    ) == (
        '<function>{"description": "Does.", "name": "f", "parameters": {"a": 2, "b": 1}}'
        "</function>\n"
    )


def test_claude_is_told_its_tools_by_a_prompt_of_the_documented_length():
    request = {
        "model": "claude-sonnet-4-5",
        "messages": [HI],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    }
    assert framing(request, "tool framing", "tool system prompt") == [1, 496]
    request["system"] = "Be kind."
    assert framing(request, "tool framing", "tool system prompt") == [2, 496]


def test_a_picture_for_claude_has_three_tokens_beside_it(tmp_path):
    import base64
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (64, 64)).save(file, "PNG")
    data = base64.b64encode(file.getvalue()).decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    message = {"role": "user", "content": [{"type": "image", "source": source}]}
    request = {"model": "claude-sonnet-4-5", "messages": [message]}
    assert framing(request, "image", "framing of media") == [9, 3]  # 3 x 3 cells of 28 px


# Gemini and Mistral: their vocabularies come with the `fast` extra, which the tests install.


def gemini(model="gemini-2.5-flash", **more):
    return count_request({"contents": [{"role": "user", "parts": [{"text": "hi"}]}], **more}, model)


def test_gemini_frames_each_content_and_a_system_text_by_a_token():
    assert gemini().tokens == 1 + 1
    system = {"parts": [{"text": "hi"}]}
    assert gemini(systemInstruction=system).tokens == 2 * (1 + 1)
    assert gemini("gemini-2.0-flash").tokens == 1


def test_gemini_does_not_bill_the_schema_of_an_answer():
    schema = {"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}}
    request = gemini(generationConfig={"responseSchema": schema})
    assert request.tokens == gemini().tokens
    assert request.parts[1].notes == (
        "not billed: a schema of the answer is no part of the prompt",
    )


def test_gemini_2_0_bills_the_words_of_a_schema_in_google_s_own_types_alone():
    """OBJECT, a, STRING: three texts of a token each. The same as JSON Schema costs nothing."""
    schema = {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}
    gemma = get_tokenizer("published", vocabulary="gemma-3")
    words = sum(gemma.count(Text(word)) for word in ("OBJECT", "a", "STRING"))
    plain = gemini("gemini-2.0-flash").tokens
    typed = gemini("gemini-2.0-flash", generationConfig={"responseSchema": schema})
    assert (typed.tokens, typed.parts[1].kind) == (plain + words, "estimate")
    as_json = gemini("gemini-2.0-flash", generationConfig={"responseJsonSchema": schema})
    assert (as_json.tokens, as_json.parts[1].path) == (plain, "responseJsonSchema")


def test_one_object_stands_for_a_list_of_one_in_a_gemini_request():
    tools = {"functionDeclarations": {"name": "f", "description": "Does.", "parameters": {}}}
    listed = gemini(tools=[{"functionDeclarations": [tools["functionDeclarations"]]}])
    assert gemini(tools=tools).tokens == listed.tokens
    bare = count_request({"contents": {"parts": {"text": "hi"}}}, "gemini-2.5-flash")
    assert bare.tokens == gemini().tokens


def test_mistral_lists_its_tools_between_two_control_tokens():
    tekken = get_tokenizer("published", vocabulary="tekken")
    listed = control._listed({"name": "weather", "description": "", "parameters": {}})
    plain = count_request({"model": "mistral-large-latest", "messages": [HI]})
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    asked = count_request({"model": "mistral-large-latest", "messages": [HI], "tools": [tool]})
    assert plain.tokens == 1 + 1 + 2  # <s>, hi, [INST] and [/INST]
    assert asked.tokens == plain.tokens + tekken.count(Text(f"[{listed}]")) + 2


def test_a_call_of_mistral_s_has_no_ids_in_it():
    """[TOOL_CALLS] name [ARGS] arguments </s> [TOOL_RESULTS] content [/TOOL_RESULTS]."""
    tekken = get_tokenizer("published", vocabulary="tekken")
    call = {"id": "abc123xyz", "function": {"name": "weather", "arguments": "{}"}}
    chat = [
        HI,
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "abc123xyz", "content": "rain"},
    ]
    words = sum(tekken.count(Text(text)) for text in ("weather", "{}", "rain"))
    counted = count_request({"model": "mistral-large-latest", "messages": chat})
    assert counted.tokens == 4 + words + 5
    assert counted.complete


@pytest.mark.parametrize(
    ("model", "frame"),
    [
        ("pixtral-12b", 4 + 1 + 23 + 20),  # [{"name": ..., "id": ...}], {"content", "call_id"}
        ("pixtral-large", 4 + 1 + 16 + 9),  # the same call, and the id before the result
    ],
)
def test_a_call_of_pixtral_s_is_json_with_its_id(model, frame):
    tekken = get_tokenizer("published", vocabulary="tekken")
    call = {"id": "FI5qQGzDE", "function": {"name": "weather", "arguments": "{}"}}
    chat = [
        HI,
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "FI5qQGzDE", "content": "rain"},
    ]
    words = sum(tekken.count(Text(text)) for text in ("weather", "{}", "rain"))
    assert count_request({"model": model, "messages": chat}).tokens == words + frame


def test_code_to_fill_in_stands_between_three_control_tokens_of_mistral_s():
    """<s>[SUFFIX]return a[PREFIX]def f(, as mistral-common writes it, with a suffix or without."""
    asked = {"model": "codestral-latest", "prompt": "def f(", "suffix": "return a"}
    counted = count_request(asked)
    assert (counted.tokens, counted.complete) == (3 + 3 + 2, True)
    assert (counted.parts[-1].kind, counted.parts[-1].notes) == ("documented", ())
    assert count_request({"model": "codestral-latest", "prompt": "def f("}).tokens == 3 + 3


def test_a_search_for_tools_brings_definitions_and_leaves_the_request_open():
    """What was found is counted as a tool; what stands around it nobody knows."""
    tool = {"type": "function", "name": "f", "description": "Does.", "parameters": {}}
    items = [
        {"role": "user", "content": "hi"},
        {"type": "tool_search_call", "call_id": "c", "arguments": {"query": "does"}},
        {"type": "tool_search_output", "call_id": "c", "tools": [tool]},
    ]
    counted = count_request({"model": "gpt-5.4", "input": items})
    paths = [part.path for part in counted.parts if part.tokens]
    assert paths[:3] == ["input[0].content", "input[1].arguments", "input[2].tools[0]"]
    assert counted.left_out == ("input[2]: what stands around tools that join a conversation",)


def test_only_gpt_oss_is_told_that_any_json_is_wanted():
    """31 tokens more in a bill of Groq's; in 36 bills of OpenAI's own models none."""
    asked = {"messages": [HI], "response_format": {"type": "json_object"}}
    counts = [count_request(asked, model).tokens for model in ("gpt-oss-120b", "gpt-4o")]
    plain = [count_request([HI], model).tokens for model in ("gpt-oss-120b", "gpt-4o")]
    assert [a - b for a, b in zip(counts, plain, strict=True)] == [31, 0]


def test_gpt_4o_may_have_a_hidden_text_by_responses_alone():
    """Bills of March 2025 have 18 tokens more, none since: they are in the upper end alone."""
    by_responses = count_request({"model": "gpt-4o", "input": "hi"})
    assert (by_responses.tokens, by_responses.most) == (8, 8 + 18)
    by_chat = count_request({"model": "gpt-4o", "messages": [HI]})
    assert (by_chat.tokens, by_chat.most) == (8, 8)


def test_a_part_says_how_many_bills_confirm_its_form():
    counted = count_request({"model": "gpt-4o", "messages": [HI], "tools": [openai_tool()]})
    assert counted.parts[-1].notes == ("confirmed by 184 of 229 bills",)
    assert counted.kind == "observed"


# What nobody outside can count leaves the request open.


@pytest.mark.parametrize(
    ("model", "more", "path"),
    [
        ("gpt-4o", {"tools": [{"type": "web_search"}]}, "tools[0]"),
        ("gpt-4o", {"web_search_options": {"search_context_size": "low"}}, "web_search_options"),
        ("gpt-4o", {"suffix": "the end"}, "suffix"),
        ("gpt-4o", {"documents": [{"text": "a page"}]}, "documents"),
        ("claude-opus-4-6", {"mcp_servers": [{"type": "url", "url": "https://x"}]}, "mcp_servers"),
        ("claude-opus-4-6", {"tools": [{"type": "web_search_20250305"}]}, "tools[0]"),
        ("claude-opus-4-6", {"container": {"skills": [{"skill_id": "pdf"}]}}, "container"),
        (
            "claude-opus-4-6",
            {"context_management": {"edits": [{"type": "x"}]}},
            "context_management",
        ),
    ],
)
def test_what_the_request_does_not_show_leaves_it_open(model, more, path):
    counted = count_request({"model": model, "messages": [HI], **more})
    assert not counted.complete
    assert [part.path for part in counted.unknown] == [path]
    assert any(line.startswith(f"{path}: ") for line in counted.left_out)
    assert counted.tokens >= tokens(model, messages=[HI])  # what is known is counted


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0.2, "stop": ["END"], "user": "me", "metadata": {"id": "7"}},
        {"reasoning_effort": "low", "service_tier": "flex", "prompt_cache_key": "k"},
        {"some_number_of_tomorrow": 3, "some_switch": True, "nothing": None, "empty": ""},
    ],
)
def test_settings_cost_nothing(more):
    counted = count_request({"model": "gpt-4o", "messages": [HI], **more})
    assert counted.complete
    assert counted.tokens == tokens("gpt-4o", messages=[HI])


def test_a_key_of_a_message_that_nobody_knows_leaves_the_request_open():
    message = {**HI, "reasoning_details": [{"type": "reasoning.text", "text": "long thoughts"}]}
    counted = count_request({"model": "gpt-4o", "messages": [message]})
    assert [part.path for part in counted.unknown] == ["messages[0].reasoning_details"]


def test_gemini_s_search_and_signatures_and_caches_leave_the_request_open():
    assert not gemini(tools=[{"googleSearch": {}}]).complete
    assert not gemini(cachedContent="cachedContents/1").complete
    parts = [{"text": "hi", "thoughtSignature": "c2lnbmVk"}]
    signed = count_request(
        {"contents": [{"role": "model", "parts": parts}]}, "gemini-3-pro-preview"
    )
    assert [part.path for part in signed.unknown] == ["contents[0].parts[0].thoughtSignature"]


def test_the_functions_of_a_namespace_are_counted():
    inner = {"type": "function", "name": "f", "description": "word " * 500, "parameters": {}}
    space = {"type": "namespace", "name": "n", "description": "d", "tools": [inner]}
    counted = count_request({"model": "gpt-5", "input": "hi", "tools": [space]})
    assert counted.tokens > 500


def test_a_guarded_client_sends_no_open_request():
    import multitok

    class Client:
        class chat:  # noqa: N801
            class completions:  # noqa: N801
                @staticmethod
                def create(**request):
                    raise AssertionError("it was sent")

    client = multitok.guard(Client(), max_tokens=1000)
    with pytest.raises(multitok.BudgetExceeded, match="cannot be shown to fit: tools"):
        client.chat.completions.create(
            model="gpt-4o", messages=[HI], tools=[{"type": "web_search"}]
        )


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "gpt-4o", "claude-opus-5", "gpt-5"])
def test_what_is_said_in_a_call_and_its_result_is_counted_in_openai_s_shape_too(model):
    """A thousand words more in the arguments, or in the result, are at least as many tokens."""

    def said(arguments, result):
        function = {"name": "find", "arguments": arguments}
        call = {"id": "c", "type": "function", "function": function}
        return tokens(
            model,
            messages=[
                HI,
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c", "content": result},
            ],
        )

    words = "word " * 1000
    little = said('{"text": "word"}', "word")
    assert said(f'{{"text": "{words}"}}', "word") >= little + 990
    assert said('{"text": "word"}', words) >= little + 990
    assert said(words, "word") >= little + 980


# Thinking that Gemini keeps in a signature: by bills, read in while its question is answered.

CALL = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "A" * 1000}
RESULT = {"functionResponse": {"name": "f", "response": {"a": 1}}}
QUESTION, ANSWER_OF_IT = {"role": "user", "parts": [{"text": "hi"}]}, {"text": "ho"}


def signed(model, *contents):
    """The part of the signature, and whether the request is whole."""
    counted = count_request({"contents": list(contents)}, model)
    [part] = [part for part in counted.parts if part.what == "signature"]
    return part, counted.complete


@pytest.mark.parametrize(
    ("model", "tokens", "most", "whole"),
    [("gemini-3-flash-preview", 200, 400, False), ("gemini-2.5-flash", 0, 45, True)],
)
def test_a_signature_of_the_turn_that_is_answered_is_guessed_by_its_length(
    model, tokens, most, whole
):
    model_turn = {"role": "model", "parts": [CALL]}
    part, complete = signed(model, QUESTION, model_turn, {"role": "user", "parts": [RESULT]})
    assert (part.tokens, part.most, complete) == (tokens, most, whole)


@pytest.mark.parametrize("model", ["gemini-3-flash-preview", "gemini-2.5-flash"])
def test_a_signature_of_an_earlier_turn_is_not_billed(model):
    turns = {"role": "model", "parts": [CALL]}, {"role": "user", "parts": [RESULT]}
    said = {"role": "model", "parts": [ANSWER_OF_IT]}
    part, complete = signed(model, QUESTION, *turns, said, QUESTION)
    assert (part.tokens, complete) == (0, True)
    assert part.notes == ("thinking of an earlier turn is not billed",)


def test_gemini_3_6_keeps_the_thinking_of_earlier_turns():
    """Two bills of such requests are 69 and 71 above their words, for 376 letters of signature."""
    turns = {"role": "model", "parts": [CALL]}, {"role": "user", "parts": [RESULT]}
    part, complete = signed("gemini-3.6-flash", QUESTION, *turns, QUESTION)
    assert (part.tokens, part.most, complete) == (200, 400, False)


def test_a_signature_is_as_long_in_bytes_as_in_base64():
    short = {**CALL, "thoughtSignature": bytes(750)}
    part, _ = signed("gemini-3-flash-preview", QUESTION, {"role": "model", "parts": [short]})
    assert part.tokens == 200


def test_a_signature_that_is_no_text_is_refused():
    short = {**CALL, "thoughtSignature": {"a": 1}}
    with pytest.raises(PayloadError) as caught:
        signed("gemini-3-flash-preview", QUESTION, {"role": "model", "parts": [short]})
    path = "contents[1].parts[0].thoughtSignature"
    assert str(caught.value) == f"{path}: expected a string, got dict"


def test_a_signature_for_a_model_without_its_numbers_is_unknown():
    part, complete = signed("gpt-4o", QUESTION, {"role": "model", "parts": [CALL]})
    assert (part.tokens, complete) == (None, False)

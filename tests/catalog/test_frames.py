"""The frames of open weights: what their chat templates write around turns (frames.toml)."""

import pytest

from multitok.catalog.compiled import framed
from multitok.catalog.load import catalog
from multitok.core.errors import CatalogError
from multitok.requests.whole import count_request

HI = {"role": "user", "content": "hi"}
KIND = {"role": "system", "content": "Be kind."}
TOOL = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {}}}


def frame(model, *messages, **more):
    """Tokens around the messages and the tools."""
    parts = count_request({"messages": list(messages), "model": model, **more}).parts
    return sum(part.tokens for part in parts if part.what == "framing")


@pytest.mark.parametrize(
    ("model", "alone", "with_system"),
    [
        ("meta-llama/Llama-3.3-70B-Instruct", 35, 35),  # the system text with the date is there
        ("meta-llama/Meta-Llama-3-8B-Instruct", 10, 15),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", 10, 15),
        ("Qwen/Qwen3-32B", 8, 13),
        ("Qwen/Qwen2.5-7B-Instruct", 29, 13),  # a system text of its own where none is said
        ("deepseek-ai/DeepSeek-R1", 3, 3),
        ("deepseek-chat", 3, 3),
        ("glm-4.7", 5, 6),
        ("google/gemma-3-27b-it", 9, 9),
        ("gpt-oss-120b", 67, 71),
        ("amazon.nova-micro-v1:0", 0, 0),
    ],
)
def test_a_chat_template_writes_so_many_tokens_around_a_turn(model, alone, with_system):
    assert (frame(model, HI), frame(model, KIND, HI)) == (alone, with_system)


def test_every_further_turn_costs_its_own_control_tokens():
    answer = {"role": "assistant", "content": "ho"}
    assert frame("Qwen/Qwen3-32B", HI, answer, HI) == frame("Qwen/Qwen3-32B", HI) + 10


@pytest.mark.parametrize(
    "answer",
    [
        {"role": "assistant", "content": "<think>\nlong\n</think>\n\nho"},
        {"role": "assistant", "content": "ho", "reasoning_content": "long"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "so "},
                {"type": "text", "text": "<think>long</think>ho"},
            ],
        },
    ],
)
def test_earlier_thinking_is_left_out_of_the_prompt(answer):
    plain = {"role": "assistant", "content": "ho"}
    counts = [count_request([HI, one, HI], "Qwen/Qwen3-32B").tokens for one in (answer, plain)]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "off",
    [
        {"reasoning_effort": "none"}, {"enable_thinking": False},
        {"chat_template_kwargs": {"enable_thinking": False}}, {"reasoning": {"enabled": False}},
    ],
)  # fmt: skip
def test_an_empty_thought_of_4_tokens_tells_qwen3_not_to_think(off):
    assert frame("Qwen/Qwen3-32B", HI, **off) == frame("Qwen/Qwen3-32B", HI) + 4


@pytest.mark.parametrize(
    ("model", "beginning"),
    [("meta-llama/Llama-3.1-8B-Instruct", 1), ("Qwen/Qwen3-32B", 0)],
)
def test_a_text_to_complete_has_the_token_that_begins_it(model, beginning):
    counted = count_request({"prompt": "hi"}, model)
    assert [part.tokens for part in counted.parts] == [1, beginning]


def test_a_chat_template_that_is_not_known_here_is_the_middle_of_those_that_are():
    counted = count_request([HI], "microsoft/phi-4")
    framing = counted.parts[-1]
    assert (framing.tokens, framing.most, framing.kind) == (9, 36, "estimate")
    assert counted.kind == "estimate"
    assert framing.notes == (
        "the chat template of this model is not known here: --template FOLDER counts by it",
    )


def test_what_embeds_has_no_chat_template():
    over = catalog().model("voyage-3.5").overhead
    assert (over.control, over.turns, over.chat) == (None, None, None)


def test_voyage_bills_a_token_less_a_text_than_qwen2_s_vocabulary_has():
    """Hello , world ! are four: three are billed, in the six texts of four bills."""
    counted = count_request({"model": "voyage-4", "input": ["Hello, world!"] * 2})
    assert (counted.tokens, counted.most, counted.complete) == (2 * 3, 2 * 4, True)
    assert counted.parts[-1].notes == ("confirmed by 4 of 4 bills",)


def test_glm_5_2_has_nine_tokens_before_all_that_glm_4_7_has_not():
    assert frame("glm-5.2", HI) == frame("glm-4.7", HI) + 9


def test_nova_is_told_what_a_guardrail_is_shown():
    """Two such texts were billed 30 tokens more than their words."""
    model = "amazon.nova-lite-v1:0"
    plain, guarded = {"text": "hi"}, {"guardContent": {"text": {"text": "hi"}}}
    counts = [
        count_request({"messages": [{"role": "user", "content": [one, one]}]}, model, "bedrock")
        for one in (plain, guarded)
    ]
    assert counts[1].tokens - counts[0].tokens == 2 * 15


def test_mixtral_is_told_by_words_where_the_user_speaks():
    """<s> [INST] hi [/INST]: of the template's words eight stand around the user's."""
    assert frame("mistralai/Mixtral-8x7B-Instruct-v0.1", HI) == 1 + 8
    assert count_request([HI], "mistralai/Mixtral-8x7B-Instruct-v0.1").parts[-1].most == 12


def test_tools_that_must_not_be_called_are_not_in_the_prompt():
    model = "meta-llama/Llama-4-Scout-17B-16E-Instruct"
    asked = {"messages": [HI], "tools": [TOOL], "tool_choice": "none"}
    assert count_request(asked, model).tokens == count_request([HI], model).tokens


def test_a_schema_of_the_answer_is_not_in_the_prompt():
    schema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
    asked = {"messages": [HI], "response_format": schema}
    model = "zai-org/GLM-4.5"
    assert count_request(asked, model).tokens == count_request([HI], model).tokens


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("llama-3.3-70b-versatile", "meta-llama/Llama-3.3-70B-Instruct"),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "meta-llama/Llama-3.3-70B-Instruct"),
        ("llama3-8b-8192", "meta-llama/Meta-Llama-3-8B-Instruct"),
        ("deepseek-r1-distill-llama-70b", "deepseek-ai/DeepSeek-R1-Distill-Llama-70B"),
        ("openai.gpt-oss-120b-1:0", "gpt-oss-120b"),
        ("us.deepseek.r1-v1:0", "deepseek-ai/DeepSeek-R1"),
        ("us.mistral.pixtral-large-2502-v1:0", "pixtral-large-2411"),
        ("mistral.devstral-2-123b", "devstral-2512"),
    ],
)
def test_hosts_names_count_as_the_model_that_they_serve(name, row):
    assert count_request([HI], name).tokens == count_request([HI], row).tokens


def test_a_frame_of_no_model_is_an_error(tmp_path):
    file = tmp_path / "frames.toml"
    file.write_text("[[frame]]\nmodels = ['nobody']\n[frame.turns]\nfirst = 1\nfurther = 1\n")
    with pytest.raises(CatalogError) as error:
        framed([], file)
    assert str(error.value) == "frames.toml: no model is 'nobody'"

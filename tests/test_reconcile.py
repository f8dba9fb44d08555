"""Counted against billed: drift by part, exit codes, and the table of how groups stand."""

import json
import re

import pytest
from click.testing import CliRunner

from multitok.cli import multitok as cli
from multitok.requests.bills import reconcile
from multitok.requests.usage import Usage, usage_of

HI = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}


def line(request, billed, **more):
    return json.dumps({"request": request, "usage": {"prompt_tokens": billed, **more}})


@pytest.mark.parametrize(
    ("given", "usage"),
    [
        ({"usage": {"prompt_tokens": 5, "completion_tokens": 2,
                    "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 1}}},
         Usage(5, 2, 3, {"audio": 1, "text": 4})),
        ({"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 10,
          "cache_creation_input_tokens": 1}, Usage(16, 2, 10, written={"": 1})),
        ({"usageMetadata": {"promptTokenCount": 7, "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 4}, {"modality": "IMAGE", "tokenCount": 3}]}},
         Usage(7, None, 0, {"text": 4, "image": 3})),
        # Gemini: thoughts are output, what a tool brought in is input; Vertex numbers modalities
        ({"promptTokenCount": 7, "toolUsePromptTokenCount": 5, "candidatesTokenCount": 2,
          "thoughtsTokenCount": 9, "promptTokensDetails": [{"modality": 5, "tokenCount": 7}]},
         Usage(12, 11, 0, {"pdf": 7}, output_by={"reasoning": 9})),
        # countTokens, and embeddings of Voyage
        ({"totalTokens": 6}, Usage(6)),
        ({"usage": {"total_tokens": 6}}, Usage(6)),
        # Bedrock: the cache stands beside
        ({"usage": {"inputTokens": 5, "outputTokens": 2, "totalTokens": 18,
                    "cacheReadInputTokens": 10, "cacheWriteInputTokens": 1}},
         Usage(16, 2, 10, written={"": 1})),
        # InvokeModel of Nova
        ({"inputTokens": 5, "cacheReadInputTokenCount": 3}, Usage(8, None, 3)),
        # Vercel AI SDK, versions 5 and 6: the cache is in it
        ({"usage": {"inputTokens": 16, "outputTokens": 2, "cachedInputTokens": 10}},
         Usage(16, 2, 10)),
        ({"inputTokens": {"total": 16, "cacheRead": 10}, "outputTokens": {"total": 2}},
         Usage(16, 2, 10)),
        # Cohere: what is billed is not all that was read
        ({"usage": {"billed_units": {"input_tokens": 5.0, "output_tokens": 2.0},
                    "tokens": {"input_tokens": 71.0, "output_tokens": 2.0}}}, Usage(5, 2)),
        ({"meta": {"billed_units": {"input_tokens": 5}}}, Usage(5)),
        # LiteLLM: prompt_tokens have the cache in them
        ({"prompt_tokens": 16, "completion_tokens": 2, "cache_read_input_tokens": 10,
          "cache_creation_input_tokens": 1}, Usage(16, 2, 10, written={"": 1})),
        # Anthropic with a compaction
        ({"input_tokens": 20, "output_tokens": 2, "iterations": [
            {"type": "compaction", "input_tokens": 500, "output_tokens": 30},
            {"type": "message", "input_tokens": 20, "output_tokens": 2,
             "cache_read_input_tokens": 4}]}, Usage(524, 32, 4)),
        # Voxtral: the sound stands beside the text
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details":
          {"audio_tokens": 375}}, Usage(384, 2, 0, {"audio": 375, "text": 9})),
    ],
)  # fmt: skip
def test_every_providers_usage_has_one_shape(given, usage):
    assert usage_of(given) == usage


@pytest.mark.parametrize("given", [None, 3, {}, {"usage": {}}, "usage"])
def test_what_is_no_usage_is_none(given):
    assert usage_of(given) is None


def test_the_drift_is_the_share_of_the_bill_that_was_not_counted():
    """8 counted, 10 billed: 20 % of the bill."""
    (one,) = reconcile([line(HI, 10)])
    assert one.drift == pytest.approx(0.2)
    assert one.by_modality() == {"all": (8, 10)}


def test_details_of_the_bill_are_compared_by_modality():
    (one,) = reconcile([line(HI, 10, prompt_tokens_details={"text_tokens": 10})])
    assert one.by_modality() == {"text": (8, 10)}


def run(text, *arguments):
    return CliRunner().invoke(cli, ["reconcile", *arguments], input=text)


def test_the_exit_code_says_whether_all_is_within_the_tolerance():
    assert run(line(HI, 8)).exit_code == 0
    assert run(line(HI, 10)).exit_code == 1
    assert run(line(HI, 10), "--tolerance", "0.2").exit_code == 0
    assert run("{}").exit_code == 2
    assert run("{").exit_code == 2


def test_the_table_has_a_row_a_part():
    result = run(line(HI, 10))
    assert result.output.splitlines()[1].split() == ["1", "gpt-4o", "all", "8", "10", "+20.0", "%"]


@pytest.mark.parametrize(
    "usage",
    [{"prompt_tokens": "x"}, {"prompt_tokens": -4}, {"promptTokenCount": [1]},
     {"promptTokenCount": 3, "promptTokensDetails": "x"}],
)  # fmt: skip
def test_a_usage_that_is_none_is_told_and_does_not_end_the_log(usage):
    lines = [json.dumps({"request": HI, "usage": usage})]
    (found,) = reconcile(lines)
    assert found.why == (
        "no usage: a line needs 'response' or 'usage', with its numbers, beside 'request'"
    )


def test_a_line_may_name_the_model_and_the_provider_beside_the_request():
    """Gemini's requests name no model; several providers take the format of OpenAI."""
    named = {
        "request": {"contents": "hi"},
        "model": "gemini-2.5-flash",
        "usage": {"totalTokens": 2},
    }
    (found,) = reconcile([json.dumps(named)])
    assert (found.counted.model, found.provider) == ("gemini-2.5-flash", "Google")
    (found,) = reconcile([json.dumps({"request": HI, "provider": "Somebody", "usage": {}})])
    assert (found.provider, found.holds) == ("Somebody", "text")


def test_a_log_ends_in_how_its_groups_stand():
    """8 counted for 8 and 10 billed; an unknown model is refused, a stored file leaves it open."""
    stored = {"model": "gpt-4o", "input": "hi", "previous_response_id": "r"}
    lines = [line(HI, 8), line(HI, 10), line({**HI, "model": "none"}, 9), line(stored, 99)]
    shown = run("\n".join(lines)).output.split("\n\n")[1]
    assert [re.split("  +", row) for row in shown.splitlines()] == [
        ["requests", "bills", "whole", "open", "refused", "equal", "close", "median off",
         "over most"],
        ["OpenAI Responses, text", "1", "0", "1", "0", "0", "0", "0"],
        ["OpenAI chat, text", "3", "2", "0", "1", "1", "2", "10.0 %", "1"],
        ["all", "4", "2", "1", "1", "1", "2", "10.0 %", "1"],
    ]  # fmt: skip
    document = json.loads(run("\n".join(lines), "--json").stdout)
    assert document["groups"][1] == {
        "group": "OpenAI chat, text", "bills": 3, "whole": 2, "open": 0, "refused": 1, "equal": 1,
        "close": 2, "median_off": pytest.approx(0.1), "over_most": 1,
    }  # fmt: skip
    assert [one["holds"] for one in document["requests"]] == ["text"] * 4


def test_one_bill_is_no_table():
    assert len(run(line(HI, 10)).output.splitlines()) == 2


def test_a_long_log_shows_the_lines_to_look_at():
    """50 are right, one is not, and one is no JSON: of 40 that are shown those two are some."""
    lines = [*[line(HI, 8)] * 50, line(HI, 10), "{"]
    table = run("\n".join(lines)).output.split("\n\n")[0].splitlines()
    assert len(table) == 1 + 40 + 1
    assert [row.split()[0] for row in table[-3:]] == ["51", "52", "12"]
    assert table[-1] == "12 more; --json has them all"


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_log_without_a_bill_is_no_pass(text):
    result = run(text, "-")
    assert result.exit_code == 2
    assert result.stderr == (
        "multitok: nothing was reconciled: no line holds a request and its bill\n"
    )

"""Counted against billed: drift by part, exit codes, and a calibration that later counts name."""

import json

import pytest
from click.testing import CliRunner

from multitok.cli import multitok as cli
from multitok.core.errors import SourceError
from multitok.requests.bills import reconcile
from multitok.requests.calibration import read_calibration
from multitok.requests.usage import Usage, usage_of
from multitok.requests.whole import count_request

HI = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
OPUS = {"model": "claude-opus-5", "messages": [{"role": "user", "content": "word " * 200}]}


def line(request, billed, **more):
    return json.dumps({"request": request, "usage": {"prompt_tokens": billed, **more}})


@pytest.mark.parametrize(
    ("given", "usage"),
    [
        ({"usage": {"prompt_tokens": 5, "completion_tokens": 2,
                    "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 1}}},
         Usage(5, 2, 3, {"audio": 1, "text": 4})),
        ({"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 10,
          "cache_creation_input_tokens": 1}, Usage(16, 2, 10)),
        ({"usageMetadata": {"promptTokenCount": 7, "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 4}, {"modality": "IMAGE", "tokenCount": 3}]}},
         Usage(7, None, 0, {"text": 4, "image": 3})),
        # Gemini: thoughts are output, what a tool brought in is input; Vertex numbers modalities
        ({"promptTokenCount": 7, "toolUsePromptTokenCount": 5, "candidatesTokenCount": 2,
          "thoughtsTokenCount": 9, "promptTokensDetails": [{"modality": 5, "tokenCount": 7}]},
         Usage(12, 11, 0, {"pdf": 7})),
        # countTokens, and embeddings of Voyage
        ({"totalTokens": 6}, Usage(6)),
        ({"usage": {"total_tokens": 6}}, Usage(6)),
        # Bedrock: the cache stands beside
        ({"usage": {"inputTokens": 5, "outputTokens": 2, "totalTokens": 18,
                    "cacheReadInputTokens": 10, "cacheWriteInputTokens": 1}}, Usage(16, 2, 10)),
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
          "cache_creation_input_tokens": 1}, Usage(16, 2, 10)),
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


def test_a_calibration_is_written_and_later_counts_use_and_name_it(tmp_path, monkeypatch):
    before, frame = (part.tokens for part in count_request(OPUS).parts)
    path = tmp_path / "mine.json"
    result = run(line(OPUS, before * 2 + frame), "-o", str(path))
    assert result.exit_code == 1
    found = read_calibration(path)
    assert found.ratio("claude-opus-5", "text").ratio == pytest.approx(2.0)
    monkeypatch.setenv("MULTITOK_CALIBRATION", str(path))
    part = count_request(OPUS).parts[0]
    assert part.tokens == before * 2
    assert part.kind == "estimate"
    assert part.notes[-1].startswith("calibrated by mine.json: 1 request billed 2.000 times")


def calibration(path, model, modality="text", ratio=2):
    one = {"ratio": ratio, "low": ratio, "high": ratio, "requests": 5}
    path.write_text(
        json.dumps({"schema": 1, "measured": "2026-11-23", "models": {model: {modality: one}}})
    )
    return str(path)


def request(payload, *arguments):
    return CliRunner().invoke(cli, ["request", *arguments], input=json.dumps(payload))


def test_the_flag_corrects_estimates_and_the_output_names_the_file(tmp_path):
    path = calibration(tmp_path / "mine.json", "claude-opus-5")
    before, frame = (part.tokens for part in count_request(OPUS).parts)
    shown = request(OPUS, "--calibration", path)
    assert shown.exit_code == 0, shown.output
    assert (
        "measured text calibrated by mine.json: 5 requests billed 2.000 times the count, measured"
        " 2026-11-23" in shown.output
    )
    assert int(request(OPUS, "--calibration", path, "-q").stdout) == 2 * before + frame
    document = json.loads(request(OPUS, "--calibration", path, "--json").stdout)
    assert document["tokens"] == 2 * before + frame
    assert document["calibration"]["name"] == "mine.json"
    assert list(document["calibration"]["corrected"]) == ["text"]
    assert count_request(OPUS, calibration=path).tokens == 2 * before + frame


def test_a_calibration_that_corrects_nothing_says_so(tmp_path):
    other = calibration(tmp_path / "mine.json", "claude-opus-5")
    shown = request(HI, "--calibration", other).output
    assert "measured nothing: mine.json has no ratio of gpt-4o\n" in shown
    exact = calibration(tmp_path / "mine.json", "gpt-4o")
    shown = request(HI, "--calibration", exact).output
    assert (
        "measured nothing: mine.json has ratios for text of gpt-4o, and no estimate here is of"
        " that" in shown
    )


def test_what_is_exact_is_not_corrected(tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"schema": 1, "measured": "2026-11-23", "models": {
        "gpt-4o": {"text": {"ratio": 3, "low": 3, "high": 3, "requests": 1}}}}))  # fmt: skip
    monkeypatch.setenv("MULTITOK_CALIBRATION", str(path))
    assert count_request(HI).tokens == 8


def test_a_file_that_is_no_calibration_is_an_error(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text("{}")
    with pytest.raises(SourceError) as error:
        read_calibration(path)
    assert str(error.value) == (
        f"{path}: not a calibration file ('measured'). multitok reconcile writes one"
    )


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


@pytest.mark.parametrize("ratio", [float("nan"), -3, 0])
def test_a_ratio_that_is_none_is_refused(tmp_path, ratio):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"schema": 1, "measured": "2026-11-23", "models": {
        "gpt-4o": {"text": {"ratio": ratio, "low": 1, "high": 1, "requests": 1}}}}))  # fmt: skip
    with pytest.raises(SourceError, match="a ratio must be above 0"):
        read_calibration(path)

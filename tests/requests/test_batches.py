"""Batch files: a request a line, each counted for itself; and a list of tools alone."""

import json

import pytest
from click.testing import CliRunner

from multitok import count_batch, count_request
from multitok.cli.request import request as command
from multitok.core.errors import PayloadError
from multitok.requests.payloads.tools import servers_in

HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
TOOL = {"type": "object", "properties": {"city": {"type": "string"}}}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}

BATCHES = {
    "openai": ({"custom_id": "a", "method": "POST", "url": "/v1/any", "body": HELLO}, HELLO),
    "anthropic": ({"custom_id": "a", "params": HELLO}, HELLO),
    "gemini": ({"key": "a", "request": GEMINI}, GEMINI),
    "gemini inline": ({"request": GEMINI, "metadata": {"key": "a"}}, GEMINI),
    "mistral": ({"custom_id": "a", "body": {"messages": HELLO["messages"]}}, HELLO),
    "bedrock": ({"recordId": "a", "modelInput": HELLO}, HELLO),
}  # fmt: skip


@pytest.mark.parametrize("maker", BATCHES)
def test_a_line_counts_as_its_request(maker):
    line, request = BATCHES[maker]
    [counted] = count_batch([line], "gpt-4o").lines
    assert (counted.id, counted.counted.tokens) == ("a", count_request(request, "gpt-4o").tokens)


@pytest.mark.parametrize(
    "given",
    [
        {"requests": [BATCHES["anthropic"][0]] * 2},
        {"batch": {"input_config": {"requests": {"requests": [BATCHES["gemini inline"][0]] * 2}}}},
        [json.dumps(BATCHES["openai"][0])] * 2,
        "\n\n".join([json.dumps(BATCHES["openai"][0])] * 2) + "\n",
    ],
    ids=["anthropic's object", "gemini's object", "lines", "a file's text"],
)
def test_whatever_lists_the_requests_is_a_batch(given):
    assert [line.counted.tokens for line in count_batch(given, "gpt-4o").lines] == [8, 8]


def test_lines_without_an_id_have_their_number():
    assert [line.id for line in count_batch([HELLO, HELLO]).lines] == ["1", "2"]


def test_a_bad_line_is_an_error_in_its_place():
    batch = count_batch([json.dumps(HELLO), "nonsense", json.dumps(HELLO | {"model": "gpt-9"})])
    assert [str(line.error or line.counted.tokens)[:40] for line in batch.lines] == [
        "8", "not JSON: a line of a batch is one objec", "unknown model 'gpt-9'. Did you mean 'gpt",
    ]  # fmt: skip
    assert (batch.tokens, batch.kind, batch.complete) == (8, "unknown", False)


def test_a_batch_sums_up_and_is_as_weak_as_its_weakest():
    batch = count_batch([HELLO, HELLO | {"model": "claude-3-opus"}])
    assert batch.tokens == sum(one.tokens for one in batch.counted)
    assert batch.most == sum(one.most for one in batch.counted)
    assert (batch.kind, batch.complete) == ("estimate", True)


def test_a_batch_costs_what_its_requests_cost_at_the_rates_of_a_batch():
    line = BATCHES["openai"][0]
    one = count_request(line).cost(10)
    both = count_batch([line, line]).cost(10)
    assert (both.low, both.high) == (2 * one.low, 2 * one.high)
    assert both.notes == one.notes == ("at the rates of batch",)


def test_what_lists_no_requests_is_no_batch():
    with pytest.raises(PayloadError) as error:
        count_batch(HELLO)
    assert str(error.value) == (
        "not a batch: expected lines with custom_id and body (OpenAI, Mistral) or params"
        " (Anthropic), key and request (Gemini), or recordId and modelInput (Bedrock)"
    )


TOOLS = {
    "MCP": {"name": "weather", "description": "The weather.", "inputSchema": TOOL},
    "Anthropic": {"name": "weather", "description": "The weather.", "input_schema": TOOL},
    "OpenAI chat": {
        "type": "function",
        "function": {"name": "weather", "description": "The weather.", "parameters": TOOL},
    },
    "OpenAI Responses": {
        "type": "function", "name": "weather", "description": "The weather.", "parameters": TOOL,
    },
}  # fmt: skip


@pytest.mark.parametrize("model", ["gpt-4o", "claude-opus-4-6", "gemini-2.5-flash", "qwen3-max"])
@pytest.mark.parametrize("shape", TOOLS)
def test_a_list_of_tools_costs_what_they_add_to_a_request(shape, model):
    hello = {"model": model, "messages": HELLO["messages"]}
    more = count_request({**hello, "tools": [TOOLS["OpenAI chat"]]}, provider="openai").tokens
    less = count_request(hello, provider="openai").tokens
    assert count_request({"tools": [TOOLS[shape]]}, model).tokens == more - less


@pytest.mark.parametrize(
    "given",
    [
        {"tools": [TOOLS["MCP"]]},
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [TOOLS["MCP"]], "nextCursor": None}},
        [TOOLS["MCP"]],
    ],
    ids=["tools/list", "its answer", "the list itself"],
)
def test_an_mcp_server_may_answer_in_any_of_these(given):
    [tool, *_] = count_request(given, "gpt-4o").parts
    assert (tool.path, tool.what) == ("tools[0]", "tool definition")


def test_what_a_host_does_not_send_of_a_tool_costs_nothing():
    more = {"title": "Weather", "annotations": {"readOnlyHint": True}, "outputSchema": TOOL}
    plain, told = TOOLS["MCP"], {**TOOLS["MCP"], **more}
    assert count_request([told], "gpt-4o").tokens == count_request([plain], "gpt-4o").tokens


CLOCK = {"name": "now", "description": "The time.", "inputSchema": {"type": "object"}}
SERVERS = {
    "weather": {"tools": [TOOLS["MCP"]]},
    "request": {"jsonrpc": "2.0", "id": 1, "result": {"tools": [CLOCK, CLOCK]}},
    "idle": {"tools": []},
}


@pytest.mark.parametrize("model", ["gpt-5.4", "claude-opus-4-6", "gemini-2.5-flash"])
def test_the_lists_of_several_servers_are_one_request(model):
    together = count_request({"tools": [TOOLS["MCP"], CLOCK, CLOCK]}, model)
    found = count_request(SERVERS, model)
    assert found.tokens == together.tokens
    assert [part.tokens for part in found.parts] == [part.tokens for part in together.parts]


def test_each_server_has_its_tools():
    found = count_request(SERVERS, "gpt-5.4").servers()
    paths = {name: [part.path for part in parts] for name, parts in found.items()}
    assert paths == {
        "weather": ["weather.tools[0]"], "request": ["request.tools[0]", "request.tools[1]"],
    }  # fmt: skip
    assert count_request([CLOCK], "gpt-5.4").servers() == {}


@pytest.mark.parametrize(
    "request_of_its_own",
    [
        {"body": {"model": "gpt-4o", **HELLO, "tools": [TOOLS["OpenAI chat"]]}},
        {"generateContentRequest": {"contents": "hi", "tools": [TOOLS["MCP"]]}},
        {"tools": [TOOLS["MCP"]]},
        {"a": {"tools": [1]}},
    ],
)
def test_a_request_is_no_list_of_servers(request_of_its_own):
    assert servers_in(request_of_its_own) == {}


def test_the_command_shows_a_row_a_server_and_the_total(tmp_path):
    path = tmp_path / "servers.json"
    path.write_text(json.dumps(SERVERS))
    shown = CliRunner().invoke(command, [str(path), "-m", "gpt-5.4"]).stdout.splitlines()
    found = json.loads(CliRunner().invoke(command, [str(path), "-m", "gpt-5.4", "--json"]).stdout)
    named = [(one["name"], one["tools"]) for one in found["servers"]]
    assert named == [("weather", 1), ("request", 2)]
    frame = found["parts"][-1]["tokens"]
    assert sum(one["tokens"] for one in found["servers"]) + frame == found["tokens"]
    rows = [line.split() for line in shown[1:4]]
    assert [(row[0], row[2]) for row in rows] == [
        *((str(one["tokens"]), one["name"]) for one in found["servers"]), (str(frame), "tools"),
    ]  # fmt: skip


def test_the_command_shows_a_row_a_request(tmp_path):
    path = tmp_path / "batch.jsonl"
    path.write_text("\n".join(json.dumps(BATCHES["openai"][0] | {"custom_id": i}) for i in "ab"))
    result = CliRunner().invoke(command, [str(path)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:5] == [
        "tokens  kind        request  model   what",
        "     8  documented  a        gpt-4o  1 part",
        "     8  documented  b        gpt-4o  1 part",
        "",
        "total    16 tokens in 2 requests, documented",
    ]


def test_the_command_goes_on_after_a_bad_line_and_exits_2(tmp_path):
    path = tmp_path / "batch.jsonl"
    path.write_text(json.dumps(HELLO) + "\nnonsense\n")
    result = CliRunner().invoke(command, ["-q", str(path)])
    assert (result.stdout, result.exit_code) == ("8\n", 2)
    assert result.stderr == "multitok: not counted: 2: not JSON: a line of a batch is one object\n"


def test_json_has_every_request_under_its_id(tmp_path):
    path = tmp_path / "batch.jsonl"
    path.write_text(json.dumps(BATCHES["openai"][0]) + "\nnonsense\n")
    found = json.loads(CliRunner().invoke(command, ["--json", str(path)]).stdout)
    assert (found["schema"], found["tokens"], found["complete"]) == (1, 8, False)
    assert [one["id"] for one in found["requests"]] == ["a", "2"]
    assert found["requests"][0]["parts"][0]["tokens"] == 1
    assert found["requests"][1]["error"] == "not JSON: a line of a batch is one object"


def test_one_request_is_made_smaller_and_not_a_batch(tmp_path):
    path = tmp_path / "batch.jsonl"
    path.write_text(json.dumps(HELLO) + "\n" + json.dumps(HELLO))
    result = CliRunner().invoke(command, ["--fit", "5", str(path)])
    assert result.exit_code == 2
    assert "--fit makes one request smaller: give it one line of the batch" in result.stderr

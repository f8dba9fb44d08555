"""Tools for agents, asked by the SDK's own client: over a pipe, over HTTP, and in one process."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

import multitok
from multitok.cli import multitok as cli
from multitok.core.errors import SourceError
from multitok.service.agents import NAMES, server_of
from multitok.service.settings import Settings

SAMPLES = Path(__file__).parent.parent.parent / "samples"
PHOTO = {"path": "photo.jpg", "model": "gpt-4o"}


def pipe(*words):
    """`multitok mcp`, as an agent starts it."""
    command = ["-m", "multitok", "mcp", "--root", str(SAMPLES), *words]
    return stdio_client(StdioServerParameters(command=sys.executable, args=command))


def here(*roots, **words):
    return server_of(Settings(roots=tuple(map(str, roots or (SAMPLES,))), **words))


def ask(target, *calls):
    """The result of each call, (tool, arguments), one after the other."""

    async def asked():
        async with Client(target) as client:
            return [await client.call_tool(tool, words) for tool, words in calls]

    return asyncio.run(asked())


def told(target, tool, **words):
    """The data of one answer."""
    [result] = ask(target, (tool, words))
    assert not result.is_error, result.content[0].text
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def refused(target, tool, **words):
    """The words of one refusal."""
    [result] = ask(target, (tool, words))
    assert result.is_error
    return result.content[0].text


def listed(target):
    async def asked():
        async with Client(target) as client:
            return (await client.list_tools()).model_dump(by_alias=True, exclude_none=True)

    return asyncio.run(asked())["tools"]


# --- what an agent is told ------------------------------------------------------------------------


def test_over_a_pipe_every_tool_only_reads():
    tools = listed(pipe())
    assert [tool["name"] for tool in tools] == list(NAMES)
    only_reads = {
        "readOnlyHint": True, "destructiveHint": False, "idempotentHint": True,
        "openWorldHint": False,
    }  # fmt: skip
    assert [tool["annotations"] for tool in tools] == [only_reads] * len(tools)


def test_the_tools_cost_an_agent_at_most_500_tokens():
    assert multitok.count_request({"tools": listed(here())}, "gpt-5.4").tokens <= 500


def test_a_schema_says_what_must_be_given_and_repeats_no_name():
    schema = next(tool["inputSchema"] for tool in listed(here()) if tool["name"] == "truncate")
    assert schema == {
        "type": "object",
        "properties": {
            "path": {"type": "string"}, "model": {"type": "string"},
            "max_tokens": {"type": "integer"}, "start": {"type": "integer"},
        },
        "required": ["path", "model", "max_tokens"],
    }  # fmt: skip


# --- each tool gives the library's number ---------------------------------------------------------


@pytest.mark.parametrize("name", sorted(p.name for p in SAMPLES.iterdir() if p.suffix != ".json"))
def test_count_of_a_file(name):
    found = told(here(), "count", path=name, model="gemini-2.5-flash")
    count = multitok.count(SAMPLES / name, model="gemini-2.5-flash")
    assert (found["tokens"], found["kind"]) == (count.tokens, count.kind)
    assert found["cost_usd"] == f"{count.cost().high:f}"


def test_count_of_a_text_and_of_a_size():
    assert told(here(), "count", text="photo.jpg", model="gpt-4o")["tokens"] == 2
    assert told(here(), "count", width=1024, height=1024, model="gpt-4o")["tokens"] == 765


def test_count_tells_the_most_that_an_estimate_may_be():
    found = told(here(), "count", text="hello " * 50, model="claude-opus-4-6")
    count = multitok.count("hello " * 50, model="claude-opus-4-6", modality="text")
    assert (found["kind"], found["tokens"]) == ("estimate", count.tokens)
    assert found["most"] in (count.range[1], count.range[1] + 1) > (found["tokens"],)


def test_compare_counts_for_the_models_named_or_the_usual_ones():
    models = ["gpt-4o", "claude-opus-5"]
    rows = told(here(), "compare", path="photo.jpg", models=models)["rows"]
    counts = [multitok.count(SAMPLES / "photo.jpg", model=model) for model in models]
    assert [row["tokens"] for row in rows] == [count.tokens for count in counts]
    usual = [row["model"] for row in told(here(), "compare", path="photo.jpg")["rows"]]
    assert usual == [row.model for row in multitok.compare(SAMPLES / "photo.jpg")]


def test_compare_says_why_a_model_has_no_number():
    [row] = told(here(), "compare", path="melody.flac", models=["claude-opus-5"])["rows"]
    assert row["tokens"] is None
    assert row["why"]


def test_request_counts_a_request_with_its_dearest_part():
    found = told(here(), "request", path="request.json")
    count = multitok.count_request(json.loads((SAMPLES / "request.json").read_bytes()))
    assert (found["tokens"], found["most"], found["complete"]) == (count.tokens, count.most, True)
    assert found["dearest"][0]["tokens"] == max(part.tokens for part in count.parts)


def test_request_counts_a_batch():
    found = told(here(), "request", path="batch.jsonl")
    assert found["tokens"] == multitok.count_batch((SAMPLES / "batch.jsonl").read_text()).tokens
    assert {row["path"] for row in found["dearest"]} == {"greeting", "tides"}


def test_request_counts_what_mcp_servers_cost(tmp_path):
    tools = json.loads((SAMPLES / "tools.json").read_bytes())
    (tmp_path / "servers.json").write_text(json.dumps({"a": tools, "b": tools}))
    found = told(here(tmp_path), "request", path="servers.json", model="gpt-5.4")
    assert found["tokens"] == multitok.count_request({"a": tools, "b": tools}, "gpt-5.4").tokens
    assert [row["path"] for row in found["dearest"]] == ["a", "b"]


def test_what_of_a_request_nobody_can_count_is_named(tmp_path):
    content = [{"type": "image_url", "image_url": {"url": str(SAMPLES / "photo.jpg")}}]
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    (tmp_path / "request.json").write_text(json.dumps(request))
    found = told(here(tmp_path, SAMPLES), "request", path="request.json")
    assert not found["complete"]
    assert [why.partition(":")[0] for why in found["unknown"]] == ["messages[0].content[0]"]


def test_fit_finds_the_size_of_a_picture():
    words = {"path": "screenshot.png", "model": "gpt-5.4", "max_tokens": 700}
    [choice] = told(here(), "fit", **words)["choices"]
    best = multitok.fit(SAMPLES / "screenshot.png", model="gpt-5.4", max_tokens=700).best
    assert (choice["width"], choice["height"]) == (best.width, best.height)


@pytest.mark.parametrize(("name", "turned"), [("clip.mp4", "rate"), ("melody.flac", "length")])
def test_fit_turns_what_a_clip_or_a_sound_has(name, turned):
    words = {"model": "gemini-2.5-flash", "max_tokens": 300}
    found = told(here(), "fit", path=name, **words)
    expected = getattr(multitok.fit(SAMPLES / name, **words), turned)
    tokens = [one["tokens"] for one in found["choices"] if one["turn"] == turned]
    assert tokens == ([expected.tokens] if expected else [])


def test_truncate_gives_the_beginning_of_a_text():
    found = told(here(), "truncate", path="english.txt", model="gpt-4o", max_tokens=12)
    text = (SAMPLES / "english.txt").read_text("utf-8")
    assert found["text"] == multitok.truncate(text, 12, model="gpt-4o").text
    assert (found["tokens"], found["next_start"]) == (12, len(found["text"]))


@pytest.mark.parametrize("tokens", [40, 20_000])
def test_the_pieces_of_truncate_are_the_whole_text(tokens):
    server, pieces, start = here(), [], 0
    while start is not None:
        words = {"path": "multilingual.txt", "model": "gpt-4o", "max_tokens": tokens}
        found = told(server, "truncate", **words, start=start)
        assert found["tokens"] <= tokens
        pieces.append(found["text"])
        start = found["next_start"]
    assert "".join(pieces) == (SAMPLES / "multilingual.txt").read_bytes().decode("utf-8")


def test_truncate_looks_no_further_than_it_must(tmp_path):
    (tmp_path / "long.txt").write_text("word " * 1_000_000)
    found = told(here(tmp_path), "truncate", path="long.txt", model="gpt-4o", max_tokens=3)
    assert (found["text"], found["next_start"]) == ("word word word", 14)


@pytest.mark.parametrize("words", [{"max_tokens": 20_001}, {"max_tokens": 0}, {"start": -1}])
def test_truncate_has_limits(words):
    asked = {"path": "english.txt", "model": "gpt-4o", "max_tokens": 9, **words}
    assert "max_tokens must be from 1 to 20000" in refused(here(), "truncate", **asked)


def test_folder_is_what_count_r_adds_up(tmp_path):
    (tmp_path / "docs" / "old").mkdir(parents=True)
    for name, words in (("a.md", 3), ("docs/b.md", 50), ("docs/old/c.md", 9), ("x.log", 99)):
        (tmp_path / name).write_text("word " * words)
    (tmp_path / ".gitignore").write_text("*.log\n")
    found = told(here(tmp_path), "folder", path=".", model="gpt-4o")
    command = ["count", "-r", str(tmp_path), "-m", "gpt-4o", "--top", "10", "--cost", "--json"]
    shown = json.loads(CliRunner().invoke(cli, command).stdout)
    assert (found["tokens"], found["cost_usd"]) == (shown["total"], shown["total_usd"])
    assert [one["tokens"] for one in found["folders"]] == [
        one["tokens"] for one in shown["folders"]
    ]
    assert {one["path"] for one in found["folders"]} == {".", "docs", "docs/old"}
    assert found["largest"][0] == {"path": "docs/b.md", "tokens": shown["counts"][0]["tokens"]}
    assert found["files"] == 4


# --- what is wrong is said in the words of multitok -----------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"model": "gpt-99", "text": "x"}, "unknown model 'gpt-99'. Did you mean"),
        ({"model": "x" * 201, "text": "x"}, "a model's name has at most 200 characters"),
        ({"model": "gpt-4o"}, "give one of path, text, or width and height"),
        ({"model": "gpt-4o", "text": "x", "path": "a"}, "give one of path, text, or width"),
        ({"model": "gpt-4o", "width": 3}, "a picture's size is width and height"),
        ({"model": "gpt-4o", "width": 3, "height": -1}, "-1"),
        ({"model": "gpt-4o", "path": "none.png"}, "none.png: no such file"),
        ({"model": "gpt-4o", "path": "."}, "a folder: the tool `folder` counts what is in it"),
        ({"model": "gpt-4o", "path": "a\0b"}, r"a\x00b: no path"),
    ],
)
def test_an_error_reaches_the_agent(words, why):
    assert why in refused(here(), "count", **words)


def test_a_fault_that_nobody_foresaw_reaches_the_agent(monkeypatch):
    import multitok.counting.door as door

    monkeypatch.setattr(door, "count", lambda *_, **__: 1 / 0)
    assert "unexpected ZeroDivisionError" in refused(here(), "count", **PHOTO)


def test_an_error_reaches_the_agent_over_a_pipe():
    assert "Did you mean" in refused(pipe(), "count", model="gpt-99", text="x")


def test_a_name_that_is_no_unicode_is_spelled(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("hello")
    found = told(here(tmp_path), "folder", path=".", model="gpt-4o")
    assert found["largest"] == [{"path": r"caf\xe9.txt", "tokens": 1}]


# --- only what is below the roots -----------------------------------------------------------------


@pytest.fixture
def fenced(tmp_path):
    """A root, and beside it a secret that several ways lead to."""
    root, beside = tmp_path / "root", tmp_path / "root-beside"
    root.mkdir()
    beside.mkdir()
    (beside / "secret.txt").write_text("secret")
    (root / "own.txt").write_text("own")
    (root / "link.txt").symlink_to(beside / "secret.txt")
    (root / "links").symlink_to(beside)
    (root / "own-link.txt").symlink_to(root / "own.txt")
    (root / "loop").symlink_to(root / "loop")
    return root


WAYS = (
    "../root-beside/secret.txt", "link.txt", "links/secret.txt", "links/../secret.txt",
    "{beside}/secret.txt", "{root}/../root-beside/secret.txt", "/etc/hostname", "..", "/", "links",
    "/dev/stdin", "/proc/self/environ",
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tool", NAMES)
def test_no_way_leads_out_of_the_root(tool, way, fenced):
    path = way.format(root=fenced, beside=fenced.parent / "root-beside")
    words = {"path": path, "model": "gpt-4o"}
    if tool == "compare":
        words = {"path": path, "models": ["gpt-4o"]}
    if tool in ("fit", "truncate"):
        words["max_tokens"] = 9
    assert "outside of what may be read here" in refused(here(fenced), tool, **words)


@pytest.mark.parametrize(
    "way", ["-", "~/x", "data:,hello", "http://127.0.0.1:9/x", "loop", "$HOME"]
)
def test_what_only_looks_like_a_source_is_a_name_below_the_root(way, fenced):
    why = refused(here(fenced), "count", path=way, model="gpt-4o")
    assert f"{fenced}/" in why


def test_a_link_that_stays_below_the_root_is_followed(fenced):
    assert told(here(fenced), "count", path="own-link.txt", model="gpt-4o")["tokens"] == 1


def test_links_and_what_they_lead_to_are_in_no_folder(fenced):
    found = told(here(fenced), "folder", path=".", model="gpt-4o")
    assert (found["files"], found["tokens"]) == (1, 1)


def test_a_pipe_is_refused_and_nothing_hangs(fenced):
    os.mkfifo(fenced / "fifo")
    assert "a named pipe" in refused(here(fenced), "count", path="fifo", model="gpt-4o")


def test_several_roots_are_looked_through(fenced):
    server = here(fenced, SAMPLES)
    assert told(server, "count", **PHOTO)["tokens"] == 425
    assert told(server, "count", path=str(fenced / "own.txt"), model="gpt-4o")["tokens"] == 1


def test_what_stands_above_the_root_excludes_nothing_in_it(tmp_path):
    """Nothing above a root is read, a .gitignore neither."""
    root = tmp_path / "src"
    root.mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.txt")
    (root / "a.txt").write_text("hello")
    assert told(here(root), "folder", path=".", model="gpt-4o")["files"] == 1
    assert told(here(tmp_path), "folder", path="src", model="gpt-4o")["files"] == 0


def test_a_root_that_is_no_folder_ends_the_start():
    with pytest.raises(SourceError, match="not a folder: --root FOLDER"):
        here(SAMPLES / "photo.jpg")


WATCHED = """
import asyncio, json, sys
from mcp import Client
from multitok.service.agents import server_of
from multitok.service.settings import Settings

root, calls = json.load(sys.stdin)
server = server_of(Settings(roots=(root,)))

async def run():
    async with Client(server) as client:
        return [(await client.call_tool(tool, words)).is_error for tool, words in calls]

asyncio.run(run())  # what is imported or read once is read now
seen = []
def hook(event, args):
    if event in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system",
                 "os.listdir", "os.scandir"):
        seen.append((event, str(args[0])))
sys.addaudithook(hook)
print(json.dumps([asyncio.run(run()), seen]))
"""


def test_nothing_is_opened_outside_of_the_root_and_nothing_is_asked_for(fenced):
    """Every sample, every way out, and models that are named like files, under an audit hook."""
    for sample in SAMPLES.iterdir():
        (fenced / sample.name).write_bytes(sample.read_bytes())
    (fenced / ".gitignore").symlink_to(fenced.parent / "root-beside" / "secret.txt")
    trap = str(fenced.parent / "root-beside" / "secret.txt")
    models = ("gpt-4o", "gemini-2.5-flash", "Qwen/Qwen2.5-VL-7B-Instruct", trap, str(fenced.parent))
    calls = [
        *(
            ("count", {"path": name, "model": model})
            for name in [*os.listdir(fenced), *WAYS, trap]
            for model in models
        ),
        ("request", {"path": "request.json"}),
        ("request", {"path": "request.json", "model": trap}),
        ("fit", {"path": "clip.mp4", "model": "gemini-2.5-flash", "max_tokens": 300}),
        ("truncate", {"path": "english.txt", "model": "gpt-4o", "max_tokens": 30}),
        ("folder", {"path": ".", "model": "gpt-4o"}),
        ("folder", {"path": "links", "model": "gpt-4o"}),
    ]
    child = subprocess.run(
        [sys.executable, "-c", WATCHED],
        input=json.dumps([str(fenced), calls]), capture_output=True, text=True,
    )  # fmt: skip
    assert child.returncode == 0, child.stderr
    failed, seen = json.loads(child.stdout)
    assert not all(failed)
    assert [one for one in seen if not one[0].startswith(("open", "os."))] == []
    assert [path for _, path in seen if path.startswith(f"{fenced}/")]
    assert [path for _, path in seen if not below(path, fenced)] == []


def below(path, root):
    """Whether it lies in the root, or belongs to Python or a package."""
    source = str(SAMPLES.parent / "src")
    packages = (sys.prefix, sys.base_prefix, source, "/proc/", "/sys/", "/usr/lib", "/lib")
    return path.isdigit() or path == str(root) or path.startswith((f"{root}/", *packages))


# --- how it runs ----------------------------------------------------------------------------------


def test_a_slow_file_keeps_nobody_waiting(monkeypatch):
    import multitok.counting.door as door

    count, go_on = door.count, threading.Event()

    def slow(source, **words):
        if source == "slow":
            assert go_on.wait(20)
        return count(source, **words)

    monkeypatch.setattr(door, "count", slow)

    async def asked():
        async with Client(here()) as client:
            first = asyncio.create_task(
                client.call_tool("count", {"text": "slow", "model": "gpt-4o"})
            )
            second = await client.call_tool("count", {"text": "quick", "model": "gpt-4o"})
            waiting = not first.done()
            go_on.set()
            return waiting, second.is_error, (await first).is_error

    assert asyncio.run(asked()) == (True, False, False)


HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}  # fmt: skip


def started():
    command = [sys.executable, "-m", "multitok", "mcp", "--root", str(SAMPLES)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    child = subprocess.Popen(command, text=True, **pipes)
    child.stdin.write(json.dumps(HELLO) + "\n")
    child.stdin.flush()
    assert json.loads(child.stdout.readline())["result"]["serverInfo"]["name"] == "multitok"
    return child


def test_stdout_belongs_to_the_protocol_and_the_end_of_stdin_ends_it():
    child = started()
    call = {"name": "count", "arguments": {"model": "gpt-99", "text": "x"}}
    asked = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call}
    child.stdin.write(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}) + "\n")
    child.stdin.write(json.dumps(asked) + "\n")
    child.stdin.flush()
    assert json.loads(child.stdout.readline())["id"] == 2
    rest, errors = child.communicate(timeout=20)
    assert (rest, errors, child.returncode) == ("", "", 0)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(sent):
    child = started()
    child.send_signal(sent)
    rest, errors = child.communicate(timeout=20)
    assert rest == ""
    assert "Traceback" not in errors


def test_a_wrong_root_is_said_and_exits_2(tmp_path):
    result = CliRunner().invoke(cli, ["mcp", "--root", str(tmp_path / "none")])
    assert isinstance(result.exception, SourceError)


# --- at /mcp of the service -----------------------------------------------------------------------


def test_over_http_the_same_tools_answer(serve):
    url = f"{serve(roots=(str(SAMPLES),)).url}/mcp"
    assert [tool["name"] for tool in listed(url)] == list(NAMES)
    assert told(url, "count", **PHOTO)["tokens"] == 425
    assert "outside of what may be read" in refused(url, "count", path="/etc/hostname", model="x")


def test_what_the_service_was_started_with_holds_for_the_tools(serve):
    url = f"{serve(roots=(str(SAMPLES),), aliases=(('house-*', 'gpt-4o'),)).url}/mcp"
    assert told(url, "count", path="photo.jpg", model="house-large")["model"] == "gpt-4o"
    assert told(url, "request", path="request.json", model="house-large")["model"] == "gpt-4o"


def test_without_roots_there_are_no_tools(service):
    assert service.post("/mcp", HELLO).status == 404


ACCEPT = {"accept": "application/json, text/event-stream"}


def test_the_gate_of_the_service_holds_for_the_tools(serve):
    service = serve(roots=(str(SAMPLES),), token="s3cret", hosts=("box.lan",))
    key = {"authorization": "Bearer s3cret", **ACCEPT}
    assert service.post("/mcp", HELLO, **ACCEPT).status == 401
    assert service.post("/mcp", HELLO, **key).status == 200
    assert service.post("/mcp", HELLO, **key, host="box.lan").status == 200
    assert service.post("/mcp", HELLO, **key, host="evil.example").status == 421
    assert service.post("/mcp", HELLO, **key, origin="http://evil.example").status == 403


def test_a_site_that_was_named_may_ask_the_tools(serve):
    service = serve(roots=(str(SAMPLES),), origins=("https://app.example",))
    answer = service.post("/mcp", HELLO, **ACCEPT, origin="https://app.example")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_connection_is_kept_open(method, serve):
    assert serve(roots=(str(SAMPLES),)).ask(method, "/mcp", **ACCEPT).status == 405


def test_a_form_cannot_ask_the_tools(serve):
    service = serve(roots=(str(SAMPLES),))
    assert service.ask("POST", "/mcp", b"{}", content_type="text/plain").status == 415


def test_the_command_serves_no_roots_without_the_tools():
    result = CliRunner().invoke(cli, ["serve", "--root", "."])
    assert (result.exit_code, "--mcp serves them" in result.stderr) == (2, True)

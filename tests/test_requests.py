"""A request counts part by part, adds up, labels every number and hides nothing."""

import base64
import io
import json
import socket
import time
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

import multitok
from multitok.cli import multitok as cli
from multitok.core.errors import PayloadError, UnknownNameError
from multitok.core.info import ImageInfo
from multitok.prices.rates import price_for
from multitok.requests.advice import advice
from multitok.requests.whole import count_request

SAMPLES = Path(__file__).parent.parent / "samples"

OWN = """
provider = "own"

[rules.text]
tokenizer = "bpe"
params = { vocabulary = "o200k_base" }
kind = "exact"
source = "tiktoken"

[rules.tiles]
tokenizer = "openai-tile"
kind = "documented"
source = "own"
params = { base = 85, tile = 170, box = 2048, short = 768, size = 512 }
options.detail.default = "auto"
options.detail.auto = {}
options.detail.low = { tokenizer = "image-flat", params = { tokens = 85, part = "base" } }

[[model]]
id = "seer"
context_window = 10000
text = "text"
image = "tiles"

[model.overhead]
chat = { per_message = 3, per_name = 1, reply = 3, kind = "documented", source = "own" }
tools = { form = "namespace", alone = -1, system = -1, responses_alone = -7, responses_system = -4, choice = 4, result = 2, several = 9, source = "own" }

[[model]]
id = "reader"
text = "text"
overhead = { tools_auto = 286, tools_any = 406, source = "own" }
"""  # noqa: E501


@pytest.fixture
def own(tmp_path, monkeypatch):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    monkeypatch.setenv("MULTITOK_CATALOG", str(path))
    return path


def png(width, height):
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, "PNG")
    return file.getvalue()


def data_url(data, media_type="image/png"):
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def picture(width, height, **more):
    return {"type": "image_url", "image_url": {"url": data_url(png(width, height)), **more}}


def ask(*blocks, model="seer", **more):
    return {"model": model, "messages": [{"role": "user", "content": list(blocks)}], **more}


def test_the_parts_add_up_to_the_total(own):
    """ "hi" is 1 token, 1024 x 1024 is 85 + 4 x 170 = 765, the frame is 3 + 3 + "user" 1."""
    counted = count_request(ask({"type": "text", "text": "hi"}, picture(1024, 1024)))
    assert [(part.path, part.tokens, part.kind) for part in counted.parts] == [
        ("messages[0].content[0]", 1, "exact"),
        ("messages[0].content[1]", 765, "documented"),
        ("messages", 7, "documented"),
    ]
    assert (counted.tokens, counted.kind, counted.complete) == (773, "documented", True)
    assert counted.by_modality() == {"text": 8, "image": 765}


def test_base64_is_never_counted_as_text(own):
    """The same picture, noise or flat, 100 times the bytes: the same tokens."""
    noise = io.BytesIO()
    Image.effect_noise((512, 512), 99).save(noise, "PNG")
    block = {"type": "image_url", "image_url": {"url": data_url(noise.getvalue())}}
    assert count_request(ask(block)).parts[0].tokens == 255
    assert count_request(ask(picture(512, 512))).parts[0].tokens == 255


def test_a_part_keeps_its_own_detail(own):
    counted = count_request(ask(picture(1024, 1024, detail="low")))
    assert counted.parts[0].tokens == 85
    assert counted.parts[0].options == {"detail": "low"}


def test_a_detail_the_model_does_not_take_is_unknown_and_says_why(own):
    part = count_request(ask(picture(64, 64, detail="original"))).parts[0]
    assert part.tokens is None
    assert part.notes[-1] == (
        "option detail='original' of model 'seer' is unknown. It takes: auto, low"
    )


def test_what_cannot_be_counted_is_an_unknown_part_with_its_path(own):
    counted = count_request(
        ask(
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
            {"type": "hologram"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,!!!!"}},
            {"type": "image_url", "image_url": {"url": data_url(b"not a picture\0\1")}},
        )
    )
    unknown = {part.path: part.notes[-1] for part in counted.unknown}
    assert list(unknown) == [f"messages[0].content[{i}]" for i in range(4)]
    assert unknown["messages[0].content[0]"] == (
        "not fetched: https://example.org/a.png; --assume-image 1024x1024 counts a size"
    )
    assert unknown["messages[0].content[1]"] == "multitok does not know blocks of type 'hologram'"
    assert unknown["messages[0].content[3]"].startswith(
        "messages[0].content[3]: not a file multitok can read"
    )
    assert (counted.kind, counted.complete, counted.tokens) == ("unknown", False, 7)


@pytest.mark.parametrize(
    ("encoded", "inside"), [("", "nothing"), ("aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91", "text")]
)
def test_a_picture_that_is_empty_or_text_is_unknown_and_not_counted_as_text(own, encoded, inside):
    block = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded}"}}
    counted = count_request({"model": "gpt-4o", "messages": [{"role": "user", "content": [block]}]})
    assert counted.parts[0].tokens is None
    assert counted.parts[0].notes == (f"said to be image, and {inside} is in it",)


def test_the_definitions_a_schema_refers_to_are_counted(own):
    """$defs is where pydantic puts nested models."""
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}
    tokens = []
    for more in ({}, {"$defs": {"A": {"type": "object", "description": "word " * 100}}}):
        function = {"name": "f", "description": "d", "parameters": {**schema, **more}}
        counted = count_request({
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"type": "function", "function": function}],
        })  # fmt: skip
        tokens.append(next(p.tokens for p in counted.parts if p.path == "tools[0]"))
    assert tokens[1] > tokens[0] + 100


def test_a_remote_picture_may_be_assumed_to_have_a_size(own):
    block = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    part = count_request(ask(block), assume_image=ImageInfo(1024, 1024)).parts[0]
    assert part.tokens == 765
    assert part.notes[0] == (
        "assumed to be 1024 x 1024 px: https://example.org/a.png is not fetched"
    )


def test_a_local_file_is_opened_only_when_allowed(own, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png(1024, 1024))
    block = {"type": "image_url", "image_url": {"url": str(path)}}
    refused = count_request(ask(block)).parts[0]
    assert refused.tokens is None
    assert "names the local file" in refused.notes[0]
    assert count_request(ask(block), allow_files=True).parts[0].tokens == 765


def test_neither_the_network_nor_a_file_is_touched_because_a_payload_names_it(own, monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    names = ["https://x/a.png", "file:///etc/passwd", "/etc/passwd", "gs://b/c.png", "../a.png"]
    blocks = [{"type": "image_url", "image_url": {"url": name}} for name in names]
    blocks += [{"type": "file", "file": {"file_data": "/etc/passwd"}}]
    counted = count_request(ask(*blocks))
    assert [part.tokens for part in counted.parts[:-1]][:5] == [None] * 5


def test_tools_are_parts_of_their_own(own):
    """Each is a block of the namespace, which stands around them."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "description": "x."}}}
    tool = {"type": "function", "function": {"name": "f", "description": "d", "parameters": schema}}
    counted = count_request(ask(tools=[tool, tool]))
    tools = {part.path: part.tokens for part in counted.parts if part.path.startswith("tools")}
    assert list(tools) == ["tools[0]", "tools[1]", "tools"]
    assert tools["tools[0]"] == tools["tools[1]"] > 10


@pytest.mark.parametrize(("choice", "tokens"), [(None, 286), ("auto", 286), ("any", 406)])
def test_tools_bring_the_system_prompt_of_their_model(own, choice, tokens):
    payload = {
        "model": "reader",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}],
    }
    if choice:
        payload["tool_choice"] = {"type": choice}
    part = count_request(payload).parts[-1]
    assert (part.path, part.what, part.tokens) == ("tools", "tool system prompt", tokens)


def test_what_the_provider_adds_unseen_is_listed(own):
    payload = ask("hi", model="reader", tools=[{"type": "web_search"}], reasoning_effort="high")
    assert count_request(payload).left_out == (
        "tools[0]: what the tool 'web_search' adds to the prompt",
        "reasoning tokens: billed as output",
        "message framing: own publishes none for reader",
    )


def test_a_model_without_a_rule_for_pictures_says_so(own):
    part = count_request(ask(picture(64, 64), model="reader")).parts[0]
    assert part.tokens is None
    assert part.notes == ("no rule for image with model 'reader': reader takes text",)


def test_a_request_without_a_model_asks_for_one(own):
    with pytest.raises(UnknownNameError) as error:
        count_request([{"role": "user", "content": "hi"}])
    assert str(error.value) == (
        "the request names no model: pass model='gpt-4o' (-m gpt-4o). See: multitok models"
    )


def test_the_door_gives_the_same(own):
    assert multitok.count_request(ask("hi")) == count_request(ask("hi"))


# --- hostile


def test_a_hundred_megabytes_of_base64_are_not_decoded(own):
    """A PNG header with 100 MB behind it: counted from the header, in no time and no memory."""
    head = base64.b64encode(png(1024, 1024)[:42]).decode()
    url = "data:image/png;base64," + head + "A" * 100_000_000
    block = {"type": "image_url", "image_url": {"url": url}}
    tracemalloc.start()
    began = time.perf_counter()
    counted = count_request(ask(block))
    took, peak = time.perf_counter() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counted.parts[0].tokens == 765
    assert took < 5
    assert peak < 20_000_000


def test_a_document_beyond_the_limit_is_unknown_and_not_read(own):
    data = "JVBERi0x" + "A" * 100_000_000
    block = {"type": "file", "file": {"file_data": data}}
    part = count_request(ask(block)).parts[0]
    assert part.tokens is None
    assert part.notes == ("messages[0].content[0]: 71 MB; documents are read up to 64 MB",)


def test_a_hundred_thousand_nested_blocks_end_in_an_error_with_their_path(own):
    block = {"type": "text", "text": "x"}
    for _ in range(100_000):
        block = {"type": "tool_result", "content": [block]}
    payload = {"system": "x", "model": "seer", "messages": [{"role": "user", "content": [block]}]}
    with pytest.raises(PayloadError) as error:
        count_request(payload)
    assert str(error.value).startswith("messages[0].content[0].content[0].content[0]")
    assert str(error.value).endswith("nested deeper than 64 levels")
    while block.get("content"):  # taken apart here: freeing it whole would recurse
        block = block.pop("content")[0]


def test_a_bomb_of_a_header_is_only_a_size(own):
    """60,000 x 60,000 pixels are counted, not made."""
    whole = bytearray(png(8, 8))
    whole[16:24] = (60_000).to_bytes(4, "big") * 2
    block = {"type": "image_url", "image_url": {"url": data_url(bytes(whole))}}
    assert count_request(ask(block)).parts[0].tokens == 765


# --- the command


def run(payload, *arguments):
    return CliRunner().invoke(cli, ["request", *arguments], input=json.dumps(payload))


def test_advice_is_asked_of_a_count_and_needs_no_report(own):
    """1,105 of 1,113 tokens are the picture's: a half and an eighth of it are worth a look."""
    counted = count_request(ask({"type": "text", "text": "hi"}, picture(2560, 1600)))
    (one,) = advice(counted)
    assert one.part.path == "messages[0].content[1]"
    assert one.sizes == ((820, 512, 425),)


def test_advice_knows_the_models_of_a_catalogue_that_was_named(own, monkeypatch):
    monkeypatch.delenv("MULTITOK_CATALOG")
    result = run(ask(picture(2560, 1600)), "--catalog", str(own))
    assert "820 x 512 would cost 425" in result.output


def test_the_command_names_the_dear_picture_and_a_smaller_size(own):
    result = run(ask({"type": "text", "text": "hi"}, picture(2560, 1600)))
    assert result.exit_code == 0
    assert "total    1,113 tokens for seer, documented, 11.1 % of the context window" in (
        result.output
    )
    assert "costs 1,105 tokens; 820 x 512 would cost 425" in result.output
    assert "cost     unknown: no price is known for this model" in result.output


def test_quiet_prints_the_sum_of_the_known_and_names_the_gaps(own):
    result = run(ask({"type": "text", "text": "hi"}, {"type": "hologram"}), "-q")
    assert (result.stdout, result.exit_code) == ("8\n", 2)
    assert result.stderr == (
        "multitok: not counted: messages[0].content[1]: multitok does not know blocks of type"
        " 'hologram'\n"
    )
    assert run(ask({"type": "text", "text": "hi"}), "-q").exit_code == 0


def test_json_parts_add_up(own):
    result = run(ask({"type": "text", "text": "hi"}, picture(600, 600)), "--json")
    document = json.loads(result.stdout)
    assert sum(part["tokens"] for part in document["parts"]) == document["tokens"]
    assert document["parts"][1]["info"] == {"modality": "image", "width": 600, "height": 600}
    assert document["cost"]["high_usd"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "<stdin>: not JSON: Expecting property name enclosed in double quotes"),
        ("[" * 200_000, "<stdin>: nested deeper than any request can be"),
    ],
)
def test_what_is_no_json_is_an_error(own, text, message):
    result = CliRunner().invoke(cli, ["request"], input=text)
    assert result.exit_code != 0
    assert str(result.exception or result.output).startswith(message)


def test_a_dated_name_and_a_prefix_are_priced_by_themselves():
    """$5 and $15 a million on 2024-05-13, half of it for the name without a date."""
    hi = [{"role": "user", "content": "hi"}]
    dated = count_request({"model": "gpt-4o-2024-05-13", "messages": hi})
    assert (dated.model, dated.asked) == ("gpt-4o", "gpt-4o-2024-05-13")
    assert (price_for(dated.asked).input, price_for(dated.model).input) == (5, Decimal("2.5"))
    assert price_for("gpt-4o", provider="nosuch") is None
    assert price_for("somebody/gpt-4o") is None


CLAUDE_ELSEWHERE = {
    "model": "anthropic/claude-opus-5",
    "messages": [
        {"role": "system", "content": "You are helpful."},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "a", "type": "function",
             "function": {"name": "f", "arguments": '{"city":"Paris"}'}}]},
        {"role": "tool", "tool_call_id": "a", "content": "22 C"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
}  # fmt: skip


def test_openais_shapes_are_read_as_such_for_any_model():
    counted = count_request(CLAUDE_ELSEWHERE)
    assert counted.provider == "openai"
    assert [part.path for part in counted.parts][:4] == [
        "messages[0].content", "messages[1].tool_calls[0]", "messages[2].content", "tools[0]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given", [{"prompt": {"id": "pmpt_1"}}, {"input": "hi", "previous_response_id": "resp_1"}]
)
def test_what_the_provider_keeps_is_unknown_and_not_nothing(given):
    counted = count_request({"model": "gpt-5", **given})
    assert not counted.complete
    assert counted.unknown[0].notes == ("only the provider knows what it keeps under it",)


def test_an_empty_input_is_an_error():
    with pytest.raises(PayloadError) as error:
        count_request({"model": "gpt-5.4", "input": None})
    assert str(error.value) == "input: expected a text or a list, got nothing"


@pytest.mark.parametrize("offset", ["-5s", "nan"])
def test_a_clip_cannot_start_before_it_begins(offset):
    clip = base64.b64encode((SAMPLES / "clip.mp4").read_bytes()).decode()
    part = {"inlineData": {"mimeType": "video/mp4", "data": clip},
            "videoMetadata": {"startOffset": offset}}  # fmt: skip
    with pytest.raises(PayloadError, match=r"parts\[0\].*must start at 0 s or later"):
        count_request({"model": "gemini-2.5-flash", "contents": [{"parts": [part]}]})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ('{"type": "object"}', "tools[0].parameters: expected an object, got str '{\"ty…'"),
        ({"properties": [1]}, "tools[0].parameters.properties: expected an object, got list"),
        ({"properties": {"city": "a name"}},
         "tools[0].parameters.properties.city: expected an object, got str 'a na…'"),
    ],
)  # fmt: skip
def test_a_tool_with_a_bad_schema_is_one_unknown_part(schema, said):
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    hello = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
    counted = count_request({**hello, "tools": [tool]})
    (part,) = counted.unknown
    assert (part.path, part.notes) == ("tools[0]", (said,))
    assert counted.tokens == count_request(hello).tokens


@pytest.mark.parametrize("limit", ["4000", -1, 1e9, True])
def test_an_output_limit_is_a_whole_number(limit):
    with pytest.raises(PayloadError, match="expected a whole number from 0 on"):
        count_request({"model": "gpt-4o", "messages": [], "max_tokens": limit})


def test_the_most_output_is_that_of_all_answers():
    payload = {"model": "gpt-4o", "messages": [], "max_tokens": 4000, "n": 20}
    assert count_request(payload).max_output == 80_000


@pytest.mark.parametrize(
    ("content", "helps"),
    [
        ("hello", "--tokenizer o200k_base"),
        ([{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}], "--from-hf"),
    ],
)
def test_an_unknown_model_is_answered_for_what_the_request_holds(content, helps):
    with pytest.raises(UnknownNameError, match=helps):
        count_request({"model": "nosuch", "messages": [{"role": "user", "content": content}]})


def test_a_part_below_zero_that_has_no_words_has_no_note(tmp_path):
    """The frame around Gemini's functions is one token less than their own."""
    tool = {"name": "look", "parameters": {"type": "OBJECT", "properties": {"at": {}}}}
    path = tmp_path / "request.json"
    path.write_text(json.dumps({
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "tools": [{"functionDeclarations": [tool]}],
    }))  # fmt: skip
    told = run("request", str(path), "-m", "gemini-3-flash-preview").output
    assert "-1  estimate  tools" in told
    assert "note" not in told

"""What a model costs where else it answers: Vertex AI, by the word in front of its name.

The numbers are those of recorded bills: see [endpoints.vertex_ai] of google.toml.
"""

import pytest

import multitok
from multitok import AudioInfo, CatalogError, VideoInfo, count, count_request
from multitok.catalog.load import catalog
from multitok.catalog.names import endpoint_of
from multitok.catalog.rows import read_rows
from multitok.requests.bills import reconcile

WORDS = (
    "vertex_ai/{}", "vertex/{}", "vertexai/{}", "google_vertexai:{}", "google-vertex:{}",
    "gateway/google-vertex:{}", "vertex_ai/google/{}", "vertex_ai/models/{}",
    "publishers/google/models/{}", "projects/p/locations/global/publishers/google/models/{}",
)  # fmt: skip
TOOL = {
    "name": "get_file", "description": "",
    "parametersJsonSchema": {"type": "object", "properties": {}, "additionalProperties": False},
}  # fmt: skip


def asked(*parts, **more):
    return {"contents": [{"role": "user", "parts": list(parts)}], **more}


@pytest.mark.parametrize("word", WORDS)
def test_each_word_says_where_a_model_answers(word):
    name = word.format("gemini-3-flash-preview")
    assert endpoint_of(name) == "vertex_ai"
    assert catalog().model(name).id == "vertex_ai/gemini-3-flash-preview"


@pytest.mark.parametrize("name", ["gemini-2.5-flash", "gemini/gemini-2.5-flash", "models/gemini-x"])
def test_a_maker_s_own_api_is_no_other_endpoint(name):
    assert endpoint_of(name) is None


def test_a_model_that_costs_the_same_everywhere_is_itself():
    assert catalog().model("vertex_ai/claude-opus-4-6").id == "claude-opus-4-6"


def framing(model, request):
    return sum(p.tokens for p in count_request(request, model).parts if p.what == "framing")


def test_nothing_stands_around_messages_on_vertex():
    request = asked({"text": "hi"}, systemInstruction={"parts": [{"text": "be brief"}]})
    assert framing("gemini-2.5-flash", request) == 2
    assert framing("vertex_ai/gemini-2.5-flash", request) == 0


def test_a_function_is_its_words_on_vertex():
    """A function without parameters was billed as its name, in 49 of 49 bills."""
    request = asked({"text": "hi"}, tools=[{"functionDeclarations": [TOOL]}])
    parts = count_request(request, "vertex_ai/gemini-3-flash-preview").parts
    [tool] = [part for part in parts if part.what == "tool definition"]
    name = count("get_file", model="gemini-3-flash-preview", modality="text").tokens
    assert tool.tokens == name


def test_types_that_are_numbers_are_words():
    named, numbered = (
        asked({"text": "hi"}, tools=[{"functionDeclarations": [{
            "name": "look", "description": "Looks.",
            "parameters": {"type": whole, "properties": {"at": {"type": text}}},
        }]}])
        for whole, text in (("OBJECT", "STRING"), (6, 1))
    )  # fmt: skip
    model = "vertex_ai/gemini-2.5-pro"
    assert count_request(named, model).tokens == count_request(numbered, model).tokens


def test_replayed_thinking_is_not_billed_on_vertex_so_that_the_request_is_whole():
    call = {"functionCall": {"name": "get_file", "args": {}}, "thoughtSignature": "A" * 4000}
    request = {"contents": [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [call]},
        {"role": "user", "parts": [{"functionResponse": {"name": "get_file", "response": {}}}]},
    ]}  # fmt: skip
    own, vertex = (
        count_request(request, model)
        for model in ("gemini-3-flash-preview", "vertex_ai/gemini-3-flash-preview")
    )
    assert (own.complete, vertex.complete) == (False, True)
    assert vertex.tokens < own.tokens


@pytest.mark.parametrize(
    ("info", "model", "own", "vertex"),
    [
        (VideoInfo(640, 360, 250, 25.0), "gemini-3-flash-preview", 660, 640),
        (VideoInfo(640, 360, 260, 25.0), "gemini-2.5-flash", 3226, 2580),
        (AudioInfo(59_200, 16_000), "gemini-2.5-flash", 119, 100),
    ],
)
def test_clips_and_sound_have_their_own_rates_on_vertex(info, model, own, vertex):
    assert count(info, model=model).tokens == own
    assert count(info, model=f"vertex_ai/{model}").tokens == vertex


def test_a_price_is_found_under_every_word():
    price = multitok.cost("hello", model="gemini-2.5-flash", modality="text")
    for word in WORDS:
        name = word.format("gemini-2.5-flash")
        assert multitok.cost("hello", model=name, modality="text") == price


def test_a_line_that_was_sent_to_vertex_is_counted_so():
    line = (
        '{"request": {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]},'
        ' "model": "gemini-2.5-flash", "usage": {"promptTokenCount": 1}, "endpoint": "%s"}'
    )
    paths = (
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent",
    )
    found = list(reconcile([line % path for path in paths]))
    assert [one.counted.tokens for one in found] == [2, 1]


ROWS = """provider = "acme"
[rules.own]
tokenizer = "image-flat"
kind = "estimate"
source = "own"
params = {{ tokens = 100 }}
[rules.there]
use = "own"
params = {{ tokens = 40 }}
{endpoints}
[[model]]
id = "acme-eye"
image = "own"
"""


def rows(tmp_path, endpoints):
    path = tmp_path / "acme.toml"
    path.write_text(ROWS.format(endpoints=endpoints))
    return path


def test_a_row_of_one_s_own_may_cost_something_else_elsewhere(tmp_path):
    path = str(rows(tmp_path, '[endpoints.vertex_ai.rules]\nown = "there"'))
    size = multitok.ImageInfo(64, 64)
    found = [count(size, model=m, catalog=path).tokens for m in ("acme-eye", "vertex_ai/acme-eye")]
    assert found == [100, 40]


def test_a_rule_of_one_s_own_may_be_unknown_elsewhere(tmp_path):
    path = rows(
        tmp_path, '[rules.none]\nunknown = "nobody"\n[endpoints.vertex_ai.rules]\nown = "none"'
    )
    size = multitok.ImageInfo(64, 64)
    assert count(size, model="acme-eye", catalog=str(path)).tokens == 100
    with pytest.raises(multitok.UnknownRuleError, match="'vertex_ai/acme-eye': nobody"):
        count(size, model="vertex_ai/acme-eye", catalog=str(path))


@pytest.mark.parametrize(
    ("endpoints", "message"),
    [
        ('[endpoints.vertx.rules]\nown = "there"', "no endpoint is 'vertx'. There are: vertex_ai"),
        ('[endpoints.vertex_ai.rules]\nown = "their"', "image.use: no rule 'their'"),
        ("[endpoints.vertex_ai]\nrule = 1", "endpoints.vertex_ai"),
        ("[endpoints.vertex_ai.overhead]\nchat = 3", "endpoints.vertex_ai: overhead.chat"),
        ("endpoints = 3", "endpoints must be a table, got 3"),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused_with_its_line(tmp_path, endpoints, message):
    given = endpoints if endpoints.startswith("[") else ""
    path = rows(tmp_path, given)
    if not given:
        path.write_text(endpoints + "\n" + path.read_text())
    with pytest.raises(CatalogError) as raised:
        read_rows(path)
    assert message in str(raised.value)

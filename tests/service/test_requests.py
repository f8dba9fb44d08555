"""What comes in is read as it is meant, or refused in words; never a 5xx, or a smaller number."""

import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from served import HELLO

import multitok
from multitok.service.answers import payload_of

KEYS = ["model", "messages", "role", "content", "type", "text", "tools"]
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
ANYTHING = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)
COUNT = "/v1/messages/count_tokens"
CLAUDE = {"model": "claude-opus-5", "messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b'"x"', b"[]", b"[1, 2]", b"[" * 100_000 + b"]" * 100_000,
        b'{"model": "claude-opus-5", "max_tokens": ' + b"9" * 5000 + b', "messages": []}',
        b'{"model": "claude-opus-5", "max_tokens": NaN, "messages": []}',
        b'{"model": "claude-opus-5", "messages": [{"role": "user", "content": "\xff"}]}',
        gzip.compress(json.dumps(CLAUDE).encode()),
    ],
    ids=(
        "empty", "cut", "null", "text", "list", "numbers", "deep", "digits", "nan", "bytes", "gzip",
    ),
)  # fmt: skip
def test_what_is_no_request_is_refused_in_words(service, body):
    answer = service.post(COUNT, body)
    assert (answer.status, answer.json["type"]) == (400, "error")
    assert answer.json["error"]["message"]


def test_a_packed_body_is_not_read(service):
    packed = gzip.compress(json.dumps(CLAUDE).encode())
    assert service.post(COUNT, packed, content_encoding="gzip").status == 415


def test_blocks_in_blocks_two_hundred_deep_are_refused(service):
    content: object = "x"
    for _ in range(200):
        content = [{"type": "tool_result", "content": content}]
    asked = {**CLAUDE, "messages": [{"role": "user", "content": content}]}
    assert service.post(COUNT, asked).status in (400, 422)


@pytest.mark.parametrize(
    "name", ["a" * 1_000_000, "claude-" + "a" * 194, "/etc/passwd", "../x", ""]
)
def test_a_name_that_is_none_is_unknown(service, name):
    answer = service.post(COUNT, {**CLAUDE, "model": name})
    assert answer.status in (400, 404)
    assert len(answer.body) < 2000


def test_a_model_of_the_address_is_a_name_and_no_path(service):
    hello = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    answer = service.post("/v1beta/models/..%2f..%2fetc%2fpasswd:countTokens", hello)
    assert (answer.status, answer.json["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("where", ["/etc/passwd", "file:///etc/passwd"])
def test_a_file_that_a_request_names_is_not_opened(service, where):
    picture = {"type": "image_url", "image_url": {"url": where}}
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": [picture]}]}
    answer = service.post("/request", asked)
    assert answer.json["complete"] is False


def test_half_of_a_pair_is_counted(service):
    asked = {**CLAUDE, "messages": [{"role": "user", "content": "\ud800"}]}
    assert service.post(COUNT, asked).status == 200


def test_what_the_fast_reader_refuses_is_read_as_json_is():
    """Half of a pair, and a number beyond 64 bits: the standard library reads both."""
    for data in (b'"\\ud800"', b"1" * 30, b"[1.5, -0.0, 1e400]", b'{"a": 1, "a": 2}'):
        assert payload_of(data) == json.loads(data)


@given(ANYTHING | st.floats(allow_nan=False, allow_infinity=False))
def test_both_readers_of_json_read_the_same(value):
    data = json.dumps(value).encode()
    assert payload_of(data) == json.loads(data)


def test_the_last_of_two_equal_keys_holds_as_in_any_json(service):
    body = b'{"model": "nobody", "model": "claude-opus-5", "messages": []}'
    assert service.post(COUNT, body).status != 404


def test_more_than_32_mb_is_refused_before_it_is_read(service):
    answer = service.ask("POST", COUNT, None, content_type="application/json",
                         content_length=str(33 << 20))  # fmt: skip
    assert (answer.status, answer.json["error"]["type"]) == (413, "request_too_large")


def test_a_body_whose_length_is_not_told_ends_at_32_mb(service):
    """It hangs up: whoever still sends is told by that alone."""
    pieces = (b" " * (1 << 20) for _ in range(40))
    try:
        assert service.ask("POST", COUNT, pieces, content_type="application/json").status == 413
    except ConnectionError:
        assert service.get("/healthz").status == 200


def test_a_text_of_8_mb_is_answered_by_what_it_cannot_exceed(service):
    text = "word " * 1_700_000
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}
    answer = service.post("/v1/responses/input_tokens", asked)
    assert answer.headers["x-multitok-kind"] == "upper-bound"
    assert answer.json["input_tokens"] >= len(text)


@pytest.mark.parametrize("size", [4 << 20, 16 << 20])
@pytest.mark.parametrize("letter", ["a", " ", "🙂"])
def test_long_runs_of_one_letter_end(service, letter, size):
    text = letter * (size // len(letter.encode()))
    asked = {**HELLO, "messages": [{"role": "user", "content": text}]}
    body = json.dumps(asked, ensure_ascii=False).encode()
    assert service.post("/v1/responses/input_tokens", body).status == 200


def test_ten_thousand_messages_are_counted(service):
    asked = {**CLAUDE, "messages": [{"role": "user", "content": "hi"}] * 10_000}
    answer = service.post(COUNT, asked)
    assert answer.json["input_tokens"] == multitok.count_request(asked).tokens


def test_thirty_thousand_empty_blocks_are_counted(service):
    blocks = [{"type": "text", "text": ""}] * 30_000
    asked = {**CLAUDE, "messages": [{"role": "user", "content": blocks}]}
    assert service.post(COUNT, asked).status in (200, 400)


def test_the_wrong_method_and_the_wrong_path_say_where_to_look(service):
    found = service.get(COUNT), service.post("/v1/messages", CLAUDE)
    assert [answer.status for answer in found] == [405, 404]
    assert all("/openapi.json" in answer.json["error"]["message"] for answer in found)


def test_what_the_api_rejects_is_refused_with_its_reason(service):
    from base64 import b64encode
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("1", (9000, 8)).save(file, "PNG")
    data = b64encode(file.getvalue()).decode()
    picture = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": data},
    }
    asked = {**CLAUDE, "messages": [{"role": "user", "content": [picture]}]}
    answer = service.post(COUNT, asked)
    why = multitok.count_request(asked).rejected[0].rejected[0]
    assert answer.status == 400
    assert answer.json["error"]["message"] == f"messages[0].content[0]: {why}"


def test_a_service_answers_by_the_upper_end_where_it_is_to(serve):
    answer = serve(answer="most").post(COUNT, CLAUDE)
    assert answer.json["input_tokens"] == multitok.count_request(CLAUDE).most


def test_a_service_sums_what_is_known_where_it_is_to(serve):
    search = {"type": "web_search_20250305", "name": "web_search"}
    found = serve(incomplete="sum")
    answer = found.post(COUNT, {**CLAUDE, "tools": [search]})
    assert (answer.status, answer.headers["x-multitok-complete"]) == (200, "false")


def test_a_server_tool_has_no_number_unless_it_is_asked_for(service):
    search = {"type": "web_search_20250305", "name": "web_search"}
    answer = service.post(COUNT, {**CLAUDE, "tools": [search]})
    assert (answer.status, answer.json["error"]["message"].startswith("tools[0]")) == (422, True)


def test_an_alias_counts_as_the_model_that_was_named(serve):
    found = serve(aliases=(("claude-*", "gpt-5.4"),))
    answer = found.post("/v1/responses/input_tokens", {"model": "claude-x", "input": "hello"})
    assert answer.headers["x-multitok-model"] == "gpt-5.4"


def test_an_unknown_model_is_told_with_what_makes_it_known(service):
    told = service.post(COUNT, {**CLAUDE, "model": "our-claude"}).json["error"]["message"]
    assert told.startswith("unknown model 'our-claude'. ")
    assert told.endswith("multitok serve --alias NAME=MODEL")


def test_no_word_of_a_request_changes_what_the_service_was_started_with(service):
    words = {"template": "/etc", "catalog": ["/etc/passwd"], "calibration": "/x", "alias": "a=b"}
    answer = service.post("/request", {**HELLO, **words})
    plain = service.post("/request", HELLO)
    assert answer.json["tokens"] >= plain.json["tokens"]
    assert answer.json["model"] == plain.json["model"]


QUIET = {
    "deadline": None,
    "max_examples": 60,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


@settings(**QUIET)
@given(ANYTHING)
def test_no_json_is_a_fault_of_the_service(service, payload):
    for path in (COUNT, "/v1/responses/input_tokens", "/utils/token_counter", "/request", "/count"):
        assert service.post(path, payload).status < 500

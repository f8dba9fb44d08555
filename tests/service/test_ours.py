"""Our own routes give the documents of the command line, of a text, a size or files."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner
from served import HELLO

from multitok import count_request
from multitok.cli import multitok

SAMPLES = Path(__file__).parent.parent.parent / "samples"
PHOTO = (SAMPLES / "photo.jpg").read_bytes()


def told(*words):
    """What the command line says, as JSON."""
    result = CliRunner().invoke(multitok, [*words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def form(fields, files):
    """A form as browsers send it, and its content type."""
    parts = [
        f'--x\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields
    ]
    parts += [
        f'--x\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + data + b"\r\n"
        for name, data in files
    ]  # fmt: skip
    return b"".join([*parts, b"--x--\r\n"]), "multipart/form-data; boundary=x"


def test_a_size_is_counted_with_its_cost(service):
    answer = service.post("/count", {"model": "gpt-5.4", "size": "1920x1080"}).json
    assert answer == told("count", "--size", "1920x1080", "-m", "gpt-5.4", "--cost")


def test_a_text_is_counted_for_several_models(service):
    answer = service.post("/count", {"model": ["gpt-4o", "gpt-5.4"], "text": "hello world"}).json
    assert [(one["model"], one["tokens"]) for one in answer["counts"]] == [
        ("gpt-4o", 2), ("gpt-5.4", 2),
    ]  # fmt: skip


def test_a_tokenizer_counts_instead_of_a_model(service):
    asked = {"tokenizer": "patch", "size": "64x32", "options": {"size": 16}}
    assert service.post("/count", asked).json["total"] == 8


def test_a_file_comes_as_bytes_as_base64_or_in_a_form(service):
    ways = [
        service.post("/count?model=gpt-4o&name=photo.jpg", PHOTO,
                     content_type="application/octet-stream"),
        service.post("/count", {
            "model": "gpt-4o", "name": "photo.jpg", "data": b64encode(PHOTO).decode(),
        }),
    ]  # fmt: skip
    body, kind = form([("model", "gpt-4o")], [("photo.jpg", PHOTO)])
    ways.append(service.post("/count", body, content_type=kind))
    wanted = told("count", str(SAMPLES / "photo.jpg"), "-m", "gpt-4o", "--cost")
    wanted["counts"][0]["input"] = "photo.jpg"
    assert [way.json for way in ways] == [wanted] * 3


def test_several_files_are_counted_and_a_bad_one_is_told(service):
    body, kind = form([("model", "gpt-4o")], [("photo.jpg", PHOTO), ("talk.flac", FLAC)])
    answer = service.post("/count", body, content_type=kind)
    assert [one["input"] for one in answer.json["counts"]] == ["photo.jpg"]
    assert [one["input"] for one in answer.json["errors"]] == ["talk.flac"]


FLAC = (SAMPLES / "melody.flac").read_bytes()


def test_models_are_compared(service):
    answer = service.post("/compare", {"size": "600x400", "model": ["gpt-4o", "claude-opus-5"]})
    words = ("compare", "--size", "600x400", "-m", "gpt-4o", "-m", "claude-opus-5")
    assert answer.json == told(*words)


def test_a_table_has_no_usual_models_and_no_empty_comparison(service):
    table = (SAMPLES / "sunspots.csv").read_bytes()
    words = {"content_type": "application/octet-stream"}
    answer = service.post("/compare?name=sunspots.csv", table, **words)
    assert (answer.status, answer.json["error"]["message"]) == (
        400, "no model is compared by default for series: name one, or several",
    )  # fmt: skip


def test_a_picture_is_fitted(service):
    asked = {"size": "4000x3000", "model": "gpt-4o", "max_tokens": 500}
    words = ("fit", "--size", "4000x3000", "-m", "gpt-4o", "--max-tokens", "500")
    assert service.post("/fit", asked).json == told(*words)


def test_a_clip_is_inspected(service):
    data = (SAMPLES / "clip.mp4").read_bytes()
    path = "/inspect?model=gemini-2.5-flash&name=clip.mp4"
    answer = service.post(path, data, content_type="application/octet-stream").json
    wanted = told("inspect", str(SAMPLES / "clip.mp4"), "-m", "gemini-2.5-flash")
    wanted["inputs"][0]["input"] = "clip.mp4"
    assert answer == wanted


def test_a_page_is_drawn(service):
    answer = service.post("/page", {"text": "hello world", "model": "gpt-4o"})
    assert answer.headers["content-type"].startswith("text/html")
    assert b"hello" in answer.body


def test_a_request_is_told_part_by_part(service):
    asked = json.loads((SAMPLES / "request.json").read_text("utf-8"))
    answer = service.post("/request?output_tokens=200-800&requests=10", asked).json
    words = ("--output-tokens", "200-800", "--requests", "10")
    assert answer == told("request", str(SAMPLES / "request.json"), *words)


def test_a_batch_is_not_one_request(service):
    line = {"custom_id": "a", "body": HELLO}
    answer = service.post("/request", [line, line])
    assert (answer.status, "batch" in answer.json["error"]["message"]) == (400, True)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"modle": "gpt-4o", "text": "x"}, "Did you mean 'model'?"),
        ({"model": 7, "text": "x"}, "model must be"),
        ({"model": "gpt-4o"}, "give one of text, size, info, data or a file"),
        ({"model": "gpt-4o", "text": "x", "size": "1x1"}, "got text, size"),
        ({"model": "gpt-4o", "size": "huge"}, "is not WIDTHxHEIGHT"),
        ({"model": "gpt-4o", "size": "0x5"}, "at least 1x1 pixels"),
        ({"model": "gpt-4o", "data": "%%%"}, "data is not base64"),
        ({"text": "x"}, "name a model or a tokenizer"),
        ({"model": "gpt-4o", "tokenizer": "words", "text": "x"}, "not both"),
        ({"model": ["gpt-4o"] * 65, "text": "x"}, "at most 64 models"),
        ({"model": "gpt-4o", "text": "x", "read": {"strat": 1}}, "Did you mean 'start'?"),
        ({"model": "gpt-4o", "text": "x", "read": {"modality": "text"}}, "word of its own, beside"),
        ({"model": "gpt-4o", "text": "x", "read": {"source": "x"}}, "unknown read option 'source'"),
        ({"model": "gpt-4o", "text": "x", "read": {"takes": []}}, "unknown read option 'takes'"),
        ({"model": "gpt-4o", "info": {"modality": "image"}}, "image lacks 'width'"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_send(service, asked, why):
    answer = service.post("/count", asked)
    assert answer.status in (400, 404)
    assert why in answer.json["error"]["message"]


@pytest.mark.parametrize("path", ["/fit", "/compare"])
def test_one_input_is_fitted_or_compared_at_a_time(service, path):
    body, kind = form([("model", "gpt-4o"), ("max_tokens", "500")], [("a.jpg", PHOTO)] * 2)
    answer = service.post(path, body, content_type=kind)
    assert (answer.status, "one input, got 2" in answer.json["error"]["message"]) == (400, True)


def test_a_form_that_is_cut_off_is_refused(service):
    body, kind = form([("model", "gpt-4o")], [("a.jpg", PHOTO)])
    assert service.post("/count", body[:200], content_type=kind).status == 400
    assert service.post("/count", body, content_type="multipart/form-data").status == 400


def test_a_form_whose_last_line_is_part_of_a_file_is_cut_off(service):
    """Counted without that file it was, which stayed open."""
    body, kind = form([("model", "gpt-4o")], [("a.txt", b"hello")])
    answer = service.post("/count", body.replace(b"\r\n--x--", b"--x--"), content_type=kind)
    assert (answer.status, "cut off" in answer.json["error"]["message"]) == (400, True)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("mode=quick", "mode must be"),
        ("requests=-1", "requests"),
        ("cached=%C2%B2", "cached"),
        ("output_tokens=x", "200-800"),
        ("output_tokens=9-1", "backwards"),
    ],
)
def test_a_word_of_the_address_that_is_wrong_is_named(service, query, why):
    answer = service.post(f"/request?{query}", HELLO)
    assert (answer.status, why in answer.json["error"]["message"]) == (400, True)


def test_litellm_s_prompt_is_a_bare_text_and_its_messages_are_a_chat(service):
    path = "/utils/token_counter"
    bare = service.post(path, {"model": "gpt-4o", "prompt": "hello world"}).json
    chat = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello world"}]}
    assert (bare["total_tokens"], bare["model_used"]) == (2, "gpt-4o")
    assert service.post(path, chat).json["total_tokens"] == 9


def test_a_model_is_told_with_its_window(service):
    found = service.get("/v1/models/gpt-4o").json
    assert (found["id"], found["context_window"], found["task"]) == ("gpt-4o", 128_000, "chat")
    assert service.get("/v1/models/gpt-9000").status == 404


def test_a_whole_request_is_told_with_the_most_that_it_may_cost(service):
    told = service.post("/request", HELLO).json
    assert told["most"] == count_request(HELLO).most >= told["tokens"]

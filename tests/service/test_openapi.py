"""The service describes itself: every route, and what is true of its answers."""

import re

import jsonschema
import pytest

from multitok.service.app import Service
from multitok.service.dialects import ANTHROPIC
from multitok.service.openapi import ERRORS, LABELS, document
from multitok.service.settings import Settings

CONTENT = "application/json"


def routes():
    """Path and method of each route that answers, with plain names in its path."""
    for route in Service(Settings(page=False)).routes():
        path = re.sub(r"\{(\w+):path\}", r"{\1}", route.path)
        for method in route.methods - {"HEAD"}:
            yield path, method.lower()


def test_every_route_is_described_and_nothing_else():
    told = {(path, method) for path, ways in document()["paths"].items() for method in ways}
    assert told == set(routes())


def test_every_answer_of_the_document_has_words_and_each_reference_leads_to_a_schema():
    told = document()
    ways = [way for path in told["paths"].values() for way in path.values()]
    answers = [answer for way in ways for answer in way["responses"].values()]
    assert all(answer["description"] and answer["content"] for answer in answers)
    named = set(re.findall(r"'#/components/schemas/(\w+)'", str(told)))
    assert named == set(told["components"]["schemas"])


def test_it_is_served(service):
    assert service.get("/openapi.json").json == document()


def test_each_name_of_a_path_is_a_parameter():
    for path, ways in document()["paths"].items():
        for way in ways.values():
            listed = [one["name"] for one in way.get("parameters", []) if one["in"] == "path"]
            assert listed == re.findall(r"\{(\w+)\}", path)


def test_a_number_is_as_the_document_says(service):
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
    answers = document()["paths"]["/v1/messages/count_tokens"]["post"]["responses"]["200"]
    answer = service.post("/v1/messages/count_tokens", {**asked, "model": "claude-opus-5"})
    jsonschema.validate(answer.json, answers["content"][CONTENT]["schema"])
    told = {name for name in answer.headers if name.startswith("x-multitok-")}
    assert told <= {f"x-multitok-{name}" for name in LABELS}
    assert {"x-multitok-kind", "x-multitok-most"} <= told


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 415, 421, 422, 503, 504])
def test_every_status_of_a_refusal_has_its_words_and_its_type(status):
    from multitok.service.refusals import Refused

    assert str(status) in ERRORS
    assert ANTHROPIC.error(Refused(status, "why"))["error"]["type"].endswith(
        ("_error", "_too_large")
    )

"""The service in OpenAPI 3.1: every route, what it takes, and what it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitok import __version__
from multitok.service.given import Body

LABELS = {
    "model": "the model that it was counted for",
    "kind": "exact, documented, observed, upper-bound, estimate, rejected or unknown",
    "complete": "whether every part is known",
    "most": "the most input tokens that the bill may have",
    "evidence": "recorded bills that requests to this model were held against",
    "unknown": "paths of the parts that nobody here can count",
    "left-out": "what the provider adds that nobody outside can count",
}
"""What is told of a number, as headers."""

ERRORS = {
    "400": "wrong in shape, or what the API would answer with an error",
    "401": "a token is needed, or another",
    "403": "a page of another site",
    "404": "a model that nobody knows",
    "408": "headers or body were not there in time",
    "413": "larger than 32 MB",
    "415": "another content type",
    "421": "another host name",
    "422": "a part that nobody here can count, with its path: ?incomplete=sum answers without it",
    "503": "too much at once",
    "504": "not counted in time",
}
_TEXT = {"type": "string"}
_WHOLE = {"type": "integer"}
_OBJECT = {"type": "object"}
_KEYS: Mapping[str, Mapping[str, Any]] = {
    "model": {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    "info": _OBJECT, "options": _OBJECT, "read": _OBJECT, "max_tokens": _WHOLE,
}  # fmt: skip


def document() -> dict[str, Any]:
    """The whole document.

    >>> document()["openapi"]
    '3.1.0'
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "multitok",
            "version": __version__,
            "description": "Tokens and cost before a call, offline: the providers' own count"
            " endpoints, and multitok's reports.",
        },
        "paths": {**_counts(), **_reports(), **_told()},
        "components": {"schemas": {"Given": _given()}},
    }


def _given() -> dict[str, Any]:
    """What our own routes take, by the keys that are read."""
    properties = {key: dict(_KEYS.get(key, _TEXT)) for key in Body.__annotations__}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _counts() -> dict[str, Any]:
    """The providers' endpoints: a request in, one number out."""
    number = {
        "type": "object",
        "required": ["input_tokens"],
        "properties": {"input_tokens": _WHOLE},
    }
    gemini = {"type": "object", "required": ["totalTokens"], "properties": {"totalTokens": _WHOLE}}
    litellm = {
        "type": "object", "required": ["total_tokens"], "properties": {"total_tokens": _WHOLE},
    }  # fmt: skip
    vertex = "/{version}/projects/{project}/locations/{location}/publishers"
    return {
        path: {"post": _count(summary, answer, path)}
        for path, summary, answer in (
            ("/v1/messages/count_tokens", "Anthropic: count a Messages request", number),
            ("/v1/responses/input_tokens", "OpenAI: count a Responses request", number),
            ("/responses/input_tokens", "The same for a base URL without /v1", number),
            ("/{version}/models/{model}:countTokens", "Gemini: count contents", gemini),
            (f"{vertex}/google/models/{{model}}:countTokens", "Vertex: count contents", gemini),
            (
                f"{vertex}/anthropic/models/count-tokens:rawPredict",
                "Vertex: count a Messages request", number,
            ),
            ("/utils/token_counter", "LiteLLM: a prompt, messages or contents", litellm),
        )
    }  # fmt: skip


def _count(summary: str, answer: Mapping[str, Any], path: str) -> dict[str, Any]:
    headers = {
        f"x-multitok-{name}": {"description": what, "schema": _TEXT}
        for name, what in LABELS.items()
    }
    incomplete = {
        "name": "incomplete", "in": "query", "required": False,
        "schema": {"enum": ["refuse", "sum"]},
    }  # fmt: skip
    told = {"description": "The number", "headers": headers, **_json(answer)}
    return {
        "summary": summary,
        "parameters": [*_in_path(path), incomplete],
        "requestBody": {"required": True, **_json(_OBJECT)},
        "responses": {"200": told, **_errors()},
    }


def _reports() -> dict[str, Any]:
    """Our own: the documents of the command line, of a text, a size or files."""
    given = {"$ref": "#/components/schemas/Given"}
    takes = {
        "application/json": {"schema": given},
        "multipart/form-data": {"schema": _OBJECT},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
    paths: dict[str, Any] = {}
    for path, summary in (
        ("/count", "Tokens and cost of each input for each model"),
        ("/compare", "One input through many models' own rules"),
        ("/fit", "The largest size, rate or length within max_tokens"),
        ("/inspect", "What each input is, and what models make of it"),
        ("/page", "The same as a page of HTML"),
    ):
        answer = {"text/html": {"schema": _TEXT}} if path == "/page" else _json(_OBJECT)["content"]
        paths[path] = {
            "post": {
                "summary": summary,
                "requestBody": {"required": True, "content": takes},
                "responses": {"200": {"description": summary, "content": answer}, **_errors()},
            }
        }
    query = [
        {"name": name, "in": "query", "required": False, "schema": kind}
        for name, kind in (
            ("model", _TEXT), ("provider", _TEXT), ("output_tokens", _TEXT), ("mode", _TEXT),
            ("requests", _WHOLE), ("cached", _WHOLE),
        )
    ]  # fmt: skip
    summary = "A whole request part by part, with its cost and what would be cheaper"
    paths["/request"] = {
        "post": {
            "summary": summary,
            "parameters": query,
            "requestBody": {"required": True, **_json(_OBJECT)},
            "responses": {"200": {"description": summary, **_json(_OBJECT)}, **_errors()},
        }
    }
    return paths


def _told() -> dict[str, Any]:
    """What there is."""
    return {
        path: {
            "get": {
                "summary": summary,
                "parameters": _in_path(path),
                "responses": {"200": {"description": summary, **_json(_OBJECT)}, **_errors()},
            }
        }
        for path, summary in (
            ("/{version}/models", "The models, with their context windows"),
            ("/{version}/models/{model}", "One of them"),
            ("/healthz", "Whether it answers"),
            ("/openapi.json", "This document"),
        )
    }


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _errors() -> dict[str, Any]:
    return {status: {"description": what, **_json(_OBJECT)} for status, what in ERRORS.items()}


def _in_path(path: str) -> list[dict[str, Any]]:
    names = [part.partition("}")[0] for part in path.split("{")[1:]]
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]

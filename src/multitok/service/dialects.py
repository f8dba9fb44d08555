"""How each provider's endpoint answers, and how it says that something is wrong: the shapes that
the SDKs read."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from multitok.service.answers import Answer
from multitok.service.refusals import Refused


class Dialect(NamedTuple):
    """A provider's way of saying it.

    provider  the format that requests are read in; None where their shape tells
    answer    the body of a number
    error     the body of a refusal
    """

    provider: str | None
    answer: Callable[[Answer], dict[str, Any]]
    error: Callable[[Refused], dict[str, Any]]


# --- Anthropic: https://docs.anthropic.com/en/api/errors

_ANTHROPIC = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "not_found_error", 408: "timeout_error", 413: "request_too_large",
    422: "invalid_request_error", 503: "overloaded_error", 504: "timeout_error",
}  # fmt: skip


def _anthropic_error(refused: Refused) -> dict[str, Any]:
    kind = _ANTHROPIC.get(refused.status, "api_error" if refused.status >= 500 else _ANTHROPIC[400])
    return {
        "type": "error",
        "error": {"type": kind, "message": refused.message},
        "request_id": f"req_{secrets.token_hex(12)}",
    }


# --- OpenAI: https://platform.openai.com/docs/guides/error-codes

_CODES = {
    401: "invalid_api_key", 404: "model_not_found", 413: "request_too_large",
    422: "incomplete_count", 503: "overloaded", 504: "timeout",
}  # fmt: skip


def _openai_error(refused: Refused) -> dict[str, Any]:
    kind = "server_error" if refused.status >= 500 else "invalid_request_error"
    code = _CODES.get(refused.status)
    error = {"message": refused.message, "type": kind, "param": refused.param, "code": code}
    return {"error": error}


# --- Gemini: https://ai.google.dev/api/tokens, https://cloud.google.com/apis/design/errors

_STATUSES = {
    401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 408: "DEADLINE_EXCEEDED",
    500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip


def _gemini_error(refused: Refused) -> dict[str, Any]:
    status = _STATUSES.get(refused.status, "INVALID_ARGUMENT")
    return {"error": {"code": refused.status, "message": refused.message, "status": status}}


def _gemini_answer(answer: Answer) -> dict[str, Any]:
    details = [
        {"modality": "DOCUMENT" if name == "pdf" else name.upper(), "tokenCount": tokens}
        for name, tokens in answer.modalities.items()
        if tokens
    ]
    return {"totalTokens": answer.tokens, "promptTokensDetails": details}


# --- LiteLLM's proxy: https://docs.litellm.ai/docs/count_tokens


def _litellm_answer(answer: Answer) -> dict[str, Any]:
    return {
        "total_tokens": answer.tokens,
        "request_model": answer.asked,
        "model_used": answer.model,
        "tokenizer_type": f"multitok ({answer.kind})",
        "original_response": None,
        "error": False,
        "error_message": None,
        "status_code": None,
    }


ANTHROPIC = Dialect("anthropic", lambda a: {"input_tokens": a.tokens}, _anthropic_error)
OPENAI = Dialect(
    "openai",
    lambda a: {"object": "response.input_tokens", "input_tokens": a.tokens},
    _openai_error,
)
GEMINI = Dialect("gemini", _gemini_answer, _gemini_error)
LITELLM = Dialect(None, _litellm_answer, _openai_error)

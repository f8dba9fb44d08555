"""Whatever stands in a place of a request, its count is one, or an error that names the place."""

import pytest
from conversations import MODELS, Turn, request

from multitok.core.errors import MultitokError, UnexpectedError
from multitok.requests.whole import count_request


def nested(levels, inner, around):
    for _ in range(levels):
        inner = around(inner)
    return inner


STRANGE = [
    -1, True, 1e308, "x", [], {}, [[]], [None], [{}], {"type": "x"}, None,
    nested(3000, "a", lambda inner: [inner]), nested(3000, "a", lambda inner: {"a": inner}),
]  # fmt: skip
TURNS = [Turn("what is this?", ((40, 30),), result="a tide"), Turn("and this?", ((50, 60),))]
REQUESTS = {name: (request(name, TURNS), MODELS[name]) for name in MODELS} | {
    "embeddings": ({"input": ["a", ["b"], [1, 2]]}, "text-embedding-3-small"),
    "completions": ({"prompt": ["a", "b"]}, "gpt-3.5-turbo-instruct"),
    "inputs": ({"inputs": ["a"]}, "gpt-4o"),
    "cohere embed": ({"texts": ["a"], "images": ["data:image/png;base64,AAAA"]}, "embed-v4.0"),
    "cohere rerank": ({"query": "q", "documents": ["a", {"text": "b"}]}, "rerank-v3.5"),
    "gemini embed": ({"requests": [{"content": {"parts": [{"text": "a"}]}}]}, "gemini-embedding-2"),
    "fim": ({"prompt": "a", "suffix": "b"}, "codestral-latest"),
    "titan": ({"inputText": "hi", "textGenerationConfig": {}}, "amazon.titan-text-express-v1"),
}


def places(value, path=()):
    yield path
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    for key, one in inside:
        yield from places(one, (*path, key))


def replaced(value, path, by):
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], by)
    return copy


@pytest.mark.parametrize("name", REQUESTS)
def test_nothing_in_any_place_of_a_request_is_unexpected(name):
    payload, model = REQUESTS[name]
    unexpected = []
    for path in places(payload):
        for strange in STRANGE:
            try:
                count_request(replaced(payload, path, strange), model)
            except UnexpectedError as error:
                unexpected.append((path, str(error)))
            except MultitokError:
                continue
    assert unexpected == []

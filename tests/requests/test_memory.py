"""What a request held is given back when it is counted, not when Python looks for cycles: a service
that counts pictures would hold hundreds of them."""

import gc

import pytest
from conversations import MODELS, Turn, request

from multitok.requests.whole import count_request

TURNS = [Turn("what is this?", ((40, 30),), result="a tide"), Turn("and this?", ((50, 60),))]


def cycles(payload, provider=None):
    """How many objects only a search for cycles gives back, once the payload was counted."""
    model = MODELS[provider] if provider else None
    form = "openai" if provider == "responses" else provider
    count_request(payload, model, form)  # what is loaded once is loaded now
    gc.collect()
    gc.freeze()  # what is there is no part of the search
    gc.disable()
    try:
        count_request(payload, model, form)
        return gc.collect()
    finally:
        gc.enable()


@pytest.mark.parametrize("provider", MODELS)
def test_a_counted_request_leaves_no_cycle(provider):
    assert cycles(request(provider, TURNS), provider) == 0


@pytest.mark.parametrize("url", ["data:image/png;base64,iVBORw0KGgo=", "https://a.b/c.png", "x"])
def test_nor_does_one_with_a_picture_that_cannot_be_read(url):
    content = [{"type": "image_url", "image_url": {"url": url}}]
    assert cycles({"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}) == 0

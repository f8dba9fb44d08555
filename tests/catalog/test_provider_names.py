"""One identity a provider: what is counted under one of its names is priced under all of them."""

import pytest

from multitok import count_request
from multitok.catalog.compiled import read_providers
from multitok.catalog.load import catalog
from multitok.catalog.names import folded
from multitok.catalog.providers import Provider, provider, providers, sellers
from multitok.core.errors import CatalogError, UnknownNameError
from multitok.prices import price_for

NAMED = [(p, p.all_names) for p in providers()]
CHECKPOINTS = {folded(m.id) for m in catalog().models() if m.provider == "open"}
"""Qwen/Qwen3-VL-32B-Instruct is that checkpoint, and never what its maker sells by this name."""
DATED = [model for model in catalog().models() if model.dated]


def found(name):
    try:
        return catalog().model(name).id
    except UnknownNameError:
        return None


@pytest.mark.parametrize(("row", "names"), NAMED, ids=[p.id for p, _ in NAMED])
def test_a_model_is_counted_and_priced_under_every_name_of_its_provider(row, names):
    for model in [model for model in catalog().models() if model.provider == row.id]:
        for spelled in (model.id, *model.aliases):
            if any(folded(f"{name}/{spelled}") in CHECKPOINTS for name in names):
                continue
            seen = {found(f"{name}/{spelled}") for name in names}
            assert seen == {model.id, *(f"{word}/{model.id}" for word in model.endpoints)}
            first, *others = (price_for(f"{name}/{spelled}") for name in names)
            assert all(price == first for price in others), (spelled, names)
            assert all(price_for(spelled, provider=name) == first for name in names)


@pytest.mark.parametrize("model", DATED, ids=[model.id for model in DATED])
@pytest.mark.parametrize(
    "stamp", ["-2031-01-02", "-20310102", "-3101", "-001", "-01-2031", "@310102"]
)
def test_a_snapshot_that_is_counted_is_priced_like_its_model(model, stamp):
    """Of a day to come, so that no list has a price of its own for it."""
    assert found(f"{model.id}{stamp}") == model.id
    assert price_for(f"{model.id}{stamp}") == price_for(model.id)


def test_a_dated_name_never_has_the_price_of_another_s_list():
    """Bedrock's list has gpt-6-astra as a beginning, $11; OpenAI's has the name alone, $10."""
    assert price_for("gpt-6-astra-20261015").input == 10
    assert price_for("bedrock/gpt-6-astra-20261015").input == 11


@pytest.mark.parametrize("router", ["models", "litellm", "litellm/models"])
def test_a_prefix_that_sells_nothing_changes_no_price(router):
    for name in ("gpt-4o", "openai/gpt-4o", "z-ai/glm-4.6", "gemini-2.5-flash"):
        assert found(f"{router}/{name}") == found(name)
        assert price_for(f"{router}/{name}") == price_for(name) is not None
        assert price_for(name, provider=router.partition("/")[0]) == price_for(name)


@pytest.mark.parametrize(("row", "names"), NAMED, ids=[p.id for p, _ in NAMED])
def test_a_router_s_price_is_found_under_every_name_of_the_maker(row, names):
    """OpenRouter's list has z-ai/glm-4.6 and no zai/glm-4.6."""
    for model in [model.id for model in catalog().models() if model.provider == row.id]:
        first, *others = (price_for(f"openrouter/{name}/{model}") for name in names)
        assert all(price == first for price in others), (model, names)
        assert all(price_for(f"{n}/{model}", provider="openrouter") == first for n in names)
    assert price_for("openrouter/zai/glm-4.6").provider == "openrouter"


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("openai:ft:gpt-4o:org::id", "ft:gpt-4o:org::id"),
        ("openai/ft:gpt-4o:org::id", "ft:gpt-4o:org::id"),
        ("gateway/openai:ft:gpt-4o:org::id", "ft:gpt-4o:org::id"),
        ("openai-chat:ft:gpt-4.1-mini-2025-04-14:o::i", "ft:gpt-4.1-mini-2025-04-14:o::i"),
        ("gateway/azure:gpt-4o", "azure/gpt-4o"),
        ("gateway/bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0",
         "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("openai:openai/gpt-4o", "gpt-4o"),
        ("google_genai:models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("vertex_ai/models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("vertex_ai/google/gemini-2.5-flash", "gemini-2.5-flash"),
    ],
)  # fmt: skip
def test_words_that_say_the_seller_twice_change_no_price(name, same):
    assert price_for(name) == price_for(same)


def test_the_names_that_disagreed():
    assert price_for("z-ai/glm-4.6") == price_for("zai/glm-4.6")
    assert price_for("z-ai/glm-4.6") is not None
    assert price_for("mistralai/mistral-large-2512") == price_for("mistral/mistral-large-2512")
    assert price_for("mistralai/mistral-large-2512") is not None


def test_a_request_is_read_in_the_format_of_any_name_of_its_provider():
    for name in ("google", "gemini"):
        payload = {"contents": [{"parts": [{"text": "hi"}]}]}
        request = count_request(payload, model="gemini-2.5-flash", provider=name)
        assert request.parts[0].path == "contents[0].parts[0]"


def test_every_provider_of_the_catalogue_has_its_row():
    known = {p.id for p in providers()}
    assert {model.provider for model in catalog().models()} - known == {"open"}


def test_a_stranger_is_its_own():
    assert provider("somebody") == Provider("somebody", "somebody", prices="somebody")


def test_those_that_sell_are_asked_in_order():
    assert sellers()[:3] == ("openai", "anthropic", "google")


def test_a_name_of_two_providers_is_refused(tmp_path):
    rows = '[[provider]]\nid = "a"\n[[provider]]\nid = "b"\nnames = ["a"]\n'
    (tmp_path / "providers.toml").write_text(rows)
    with pytest.raises(CatalogError) as error:
        read_providers(tmp_path)
    assert str(error.value) == "providers.toml: provider 'b': 'a' is also a name of 'a'"

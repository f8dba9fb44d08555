"""One identity a provider: what is counted under one of its names is priced under all of them."""

import pytest

from multitok import count_request
from multitok.catalog.load import catalog
from multitok.catalog.providers import provider, providers, sellers
from multitok.catalog.rows import read_providers
from multitok.core.errors import CatalogError, UnknownNameError
from multitok.prices import price_for

NAMED = [(p, (p.id, p.prices, *p.names)) for p in providers()]


def found(name):
    try:
        return catalog().model(name).id
    except UnknownNameError:
        return None


@pytest.mark.parametrize(("row", "names"), NAMED, ids=[p.id for p, _ in NAMED])
def test_a_model_is_counted_and_priced_under_every_name_of_its_provider(row, names):
    models = [model.id for model in catalog().models() if model.provider == row.id][:8]
    for model in models:
        assert {found(f"{name}/{model}") for name in names} == {model}
        first, *others = (price_for(f"{name}/{model}") for name in names)
        assert all(price == first for price in others), (model, names)
        assert all(price_for(model, provider=name) == first for name in names)


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
    assert provider("somebody") == ("somebody", "somebody", (), "somebody", False, None, None, "")


def test_those_that_sell_are_asked_in_order():
    assert sellers()[:3] == ("openai", "anthropic", "google")


def test_a_name_of_two_providers_is_refused(tmp_path):
    rows = '[routers]\nnames = []\n[[provider]]\nid = "a"\n[[provider]]\nid = "b"\nnames = ["a"]\n'
    (tmp_path / "providers.toml").write_text(rows)
    with pytest.raises(CatalogError) as error:
        read_providers(tmp_path)
    assert str(error.value) == "providers.toml: provider 'b': 'a' is also a name of 'a'"

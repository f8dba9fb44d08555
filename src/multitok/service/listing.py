"""The models that can be counted for, as the providers' SDKs list them, with their windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MultitokError
from multitok.service.answers import checked_name
from multitok.service.refusals import refusal

if TYPE_CHECKING:
    from multitok.catalog.load import Model
    from multitok.service.settings import Settings

NO_DAY = "1970-01-01T00:00:00Z"
"""The SDKs want a day that a model was made on; the catalogue keeps none, so none is claimed."""


def models(settings: Settings) -> list[Model]:
    from multitok.counting.rules import models as known

    return known(*settings.catalog)


def one(name: str, settings: Settings) -> Model:
    """The model of a name; Refused (404) where nobody knows it."""
    from multitok.catalog.load import catalog

    try:
        return catalog(*settings.catalog).model(settings.model(checked_name(name)))
    except MultitokError as error:
        raise refusal(error) from None


def as_item(model: Model) -> dict[str, Any]:
    """A model as the three SDKs read it, each their own keys: they ask at one address."""
    limits = {"inputTokenLimit": model.context_window, "outputTokenLimit": model.max_output}
    return {
        "id": model.id,
        "object": "model",
        "created": 0,
        "owned_by": model.provider,
        "type": "model",
        "display_name": model.id,
        "created_at": NO_DAY,
        "context_window": model.context_window,
        "max_output": model.max_output,
        "modalities": list(model.rules),
        "task": model.task,
        "retired": model.retired.isoformat() if model.retired else None,
        "name": f"models/{model.id}",
        "displayName": model.id,
        **{key: limit for key, limit in limits.items() if limit is not None},
        "supportedGenerationMethods": ["countTokens"],
    }


def as_list(found: Sequence[Model]) -> dict[str, Any]:
    """All of them on one page; Google's once more, where its SDK looks."""
    items = [as_item(model) for model in found]
    return {
        "object": "list",
        "data": items,
        "has_more": False,
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "models": [item for item in items if item["owned_by"] == "google"],
    }

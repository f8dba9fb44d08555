"""What a service needs is looked at before it answers: a setting that is wrong ends the start, and
the first request waits for no vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitok.core.errors import MultitokError

if TYPE_CHECKING:
    from multitok.service.settings import Settings


def check(settings: Settings) -> None:
    """Reads every file that was named, and looks up every model; what is wrong is raised as on the
    command line."""
    from multitok.catalog.load import catalog
    from multitok.requests.calibration import read_calibration
    from multitok.requests.template import open_template

    known = catalog(*settings.catalog)
    for _, model in settings.aliases:
        known.model(model)
    if settings.calibration is not None:
        read_calibration(settings.calibration)
    if settings.template is not None:
        open_template(settings.template)


def warm(settings: Settings) -> None:
    """A first text of the usual models: their vocabularies are then at hand."""
    from multitok.counting.rules import default_models
    from multitok.requests.whole import count_request

    for model in default_models("text", settings.catalog):
        try:
            message = [{"role": "user", "content": "hello"}]
            count_request(message, settings.model(model), catalog=settings.catalog)
        except MultitokError:
            continue  # whoever asks for it is told

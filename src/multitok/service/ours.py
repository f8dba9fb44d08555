"""Our own routes: the reports of the command line, of what a request gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MediaError, MultitokError
from multitok.service.answers import Bytes, counted, payload_of
from multitok.service.refusals import Refused, refusal, refusing

if TYPE_CHECKING:
    from multitok.counting.inspection import Inspection
    from multitok.service.given import Given
    from multitok.service.settings import Settings


def count(given: Given, settings: Settings) -> dict[str, Any]:
    """Each input for each model, with its cost, and what could not be counted: the document of
    `multitok count --cost --json`. Refused where nothing could."""
    from multitok.counting.door import count_subject
    from multitok.report.counts import counts_to_dict

    asked = _asked(given, settings)
    found, errors = [], []
    for name, subject in given.subjects:
        for model in asked:
            words: dict[str, Any] = {"model": model, "tokenizer": given.tokenizer}
            try:
                one = count_subject(subject, options=given.options, files=settings.catalog, **words)
            except MultitokError as error:
                told = {"input": name, "error": str(error)}
                errors.append((error, told | ({"model": model} if model else {})))
            else:
                found.append((name, one))
    if errors and not found:
        raise refusal(errors[0][0])
    return counts_to_dict(found, [told for _, told in errors], cost=True)


def _asked(given: Given, settings: Settings) -> tuple[str | None, ...]:
    """The models that were named, as they are counted; or the tokenizer instead."""
    if given.tokenizer is not None:
        return (None,)
    if not given.models:
        raise Refused(400, 'name a model or a tokenizer: "model": "gpt-4o"', "model")
    return tuple(map(settings.model, given.models))


def compare(given: Given, settings: Settings) -> dict[str, Any]:
    """One input through many models' own rules: the document of `multitok compare --json`."""
    from multitok.counting.comparison import priced, row_for, usual_models
    from multitok.report.comparison import rows_to_dict

    name, subject = _one(given, "compare")
    if given.tokenizer is not None:
        raise Refused(400, "compare takes models: name none for the usual ones", "tokenizer")
    models = tuple(map(settings.model, given.models))
    try:
        models = models or usual_models(subject.modality, settings.catalog)
    except MediaError as error:
        raise Refused(400, str(error), "model") from None
    with refusing("comparing", name):
        rows = [row_for(subject, model, given.options, settings.catalog) for model in models]
        return rows_to_dict([priced(row) for row in rows], name)


def fit(given: Given, settings: Settings) -> dict[str, Any]:
    """What stays within max_tokens: the document of `multitok fit --json`."""
    from multitok.budgets.fitting import fit_subject
    from multitok.report.fits import fit_to_dict

    name, subject = _one(given, "fit")
    asked = _asked(given, settings)
    if given.max_tokens is None or len(asked) != 1:
        raise Refused(400, 'fit takes one model and "max_tokens": 500', "max_tokens")
    with refusing("fitting", name):
        found = fit_subject(
            subject, given.max_tokens,
            model=asked[0], tokenizer=given.tokenizer, options=given.options,
            files=settings.catalog,
        )  # fmt: skip
        return fit_to_dict(found)


def inspect(given: Given, settings: Settings) -> dict[str, Any]:
    """What each input is, and what models make of it: the document of `multitok inspect --json`."""
    from multitok.report.inspection import inspection_to_dict, inspections_to_dict

    with refusing("inspecting", "the input"):
        found = [inspection_to_dict(one) for one in _inspected(given, settings)]
        return inspections_to_dict(found, [])


def page(given: Given, settings: Settings) -> str:
    """The page of `multitok inspect --html`."""
    from multitok.report.pages import page_of

    with refusing("drawing", "the input"):
        return page_of(_inspected(given, settings))


def _inspected(given: Given, settings: Settings) -> list[Inspection]:
    from multitok.counting.inspection import Inspection

    return [
        Inspection(
            subject=subject,
            models=tuple(map(settings.model, given.models)),
            tokenizer=given.tokenizer,
            options=given.options,
            files=settings.catalog,
        )
        for _, subject in given.subjects
    ]


def request(data: Bytes, words: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """A whole request part by part with its cost and advice: the document of `multitok request
    --json`."""
    from multitok.report.requests import request_to_dict
    from multitok.requests.advice import advice
    from multitok.requests.batches import is_batch

    payload = payload_of(data)
    named: dict[str, Any] = {"provider": words.get("provider"), "model": words.get("model")}
    output = words.get("output")
    paid: dict[str, Any] = {
        "output": output or 0, "cached": words.get("cached", 0),
        "mode": words.get("mode"), "requests": words.get("requests", 1),
    }  # fmt: skip
    reserved = output[1] if output else None
    with refusing("counting", "the request"):
        if is_batch(payload):
            raise Refused(400, "a batch of requests: send each by itself, or multitok request FILE")
        count = counted(payload, settings, **named)
        cheaper = advice(count, catalog=settings.catalog)
        return request_to_dict(count, count.cost(**paid), cheaper, reserved)


def _one(given: Given, verb: str) -> tuple[str, Any]:
    if len(given.subjects) != 1:
        raise Refused(400, f"{verb} takes one input, got {len(given.subjects)}")
    return given.subjects[0]

"""What a scan was asked: which models count, and how what they count is read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import multitok
from multitok.core.errors import MediaError, MultitokError, UnknownNameError
from multitok.core.parameters import listed
from multitok.core.stamps import stamp
from multitok.counting.rules import check_names, modalities_of, resolve
from multitok.datasets.shards import Format
from multitok.datasets.units import AS, Reading


class Shards(NamedTuple):
    """What tokens are written as, where they are made and not only counted: the format, the ids
    before and behind each document, and what the files of the tokenizer hold."""

    format: Format
    bos: int | None = None
    eos: int | None = None
    files: str = ""


class Asked(NamedTuple):
    """Everything that a number hangs on beside its item; JSON, so that other processes have it.

    models     names of the catalogue; without any, a request is counted for the model it names
    tokenizer  counts instead of a model
    options    the request's own words (detail, ...), or the parameters of the tokenizer
    files      catalogue files of the user's
    reading    how the data is read
    assumed    width and height of pictures that a request names and does not hold
    shards     what the tokens are written as; None: they are counted
    """

    models: tuple[str, ...] = ()
    tokenizer: str | None = None
    options: Mapping[str, Any] = {}
    files: tuple[str, ...] = ()
    reading: Reading = Reading()
    assumed: tuple[int, int] | None = None
    shards: Shards | None = None

    def check(self) -> None:
        """UnknownNameError or MediaError for what is wrong with all items at once."""
        reading = self.reading
        for model in self.models:
            check_names(model, None, self.files, ())
            self._check_options(model)
        if self.tokenizer is not None:
            if self.models:
                raise MediaError("name models or a tokenizer, not both")
            check_names(None, self.tokenizer, self.files, ())
        if reading.read_as is not None and reading.read_as not in AS:
            raise UnknownNameError.of(
                "way to read", reading.read_as, AS, f"There are: {listed(AS)}"
            )
        if not self.models and self.tokenizer is None and reading.read_as not in (None, "request"):
            raise MediaError(
                f"name a model to count {reading.read_as} for: models=['gpt-4o'] (-m gpt-4o)"
            )

    def _check_options(self, model: str) -> None:
        """UnknownNameError for options that no rule of a model takes: those of one modality are
        passed over by the others only where it is told which."""
        wrong: UnknownNameError | None = None
        for modality in modalities_of([model], None, self.files) if self.options else ():
            try:
                resolve(modality, model=model, options=self.options, files=self.files)
                return
            except UnknownNameError as error:
                wrong = error if wrong is None or error.suggestion else wrong
            except MultitokError:
                continue
        if wrong is not None:
            raise wrong

    @property
    def names(self) -> tuple[str | None, ...]:
        """Who counts each item: the models; None stands for the tokenizer, or the request's own."""
        return self.models or (None,)

    def told(self) -> str:
        """All of it as JSON, with the version and the catalogue that the numbers come from: what
        a unit's name is made of, beside what it holds."""
        return json.dumps([multitok.__version__, catalog_hash(self.files), *self], sort_keys=True)

    @classmethod
    def of(cls, told: Sequence[Any]) -> Asked:
        """That of JSON."""
        models, tokenizer, options, files, reading, assumed, shards = told
        text, image, *more = reading
        read = Reading(tuple(text), tuple(image), *more)
        made = None if shards is None else Shards(*shards)
        side = None if assumed is None else (assumed[0], assumed[1])
        return cls(tuple(models), tokenizer, options, tuple(files), read, side, made)


def catalog_hash(files: Sequence[str]) -> str:
    """What the catalogue is told apart by: what ships, the user's own rows, and a calibration."""
    from multitok.catalog import load

    told = blake2b(digest_size=10)
    own = [name for name, *_ in load.user_stamps()]
    calibration = os.environ.get("MULTITOK_CALIBRATION")
    shipped = os.path.join(os.path.dirname(load.__file__), "catalog.json")
    for path in (shipped, *own, *files, *([calibration] if calibration else ())):
        if stamp(path).size >= 0:
            with open(path, "rb") as file:
                told.update(file.read())
        told.update(b"\0")
    return told.hexdigest()

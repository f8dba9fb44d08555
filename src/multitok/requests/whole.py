"""A whole request counted before it is sent: each part, the framing, the tools, and what is left.

The provider's module finds the parts; each is counted by the model's own rule for its modality,
from its header, and whatever cannot be counted is a part of unknown size with its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from multitok.catalog.lifecycle import silence
from multitok.catalog.load import Evidence, Model, catalog
from multitok.catalog.providers import provider as provider_of
from multitok.core.boundary import boundary
from multitok.core.counts import Kind, weakest
from multitok.core.errors import MediaError, UnexpectedError, UnknownNameError
from multitok.core.info import ImageInfo, plural
from multitok.core.notebook import Displayed
from multitok.counting.rules import files_of
from multitok.requests.calibration import Calibration, read_calibration, stored_calibration
from multitok.requests.corrected import MEDIA, corrected
from multitok.requests.counted import RequestPart, Unanswered
from multitok.requests.part import PartCounter
from multitok.requests.payloads import parse
from multitok.requests.payloads.parts import Request
from multitok.requests.payloads.terms import Terms
from multitok.requests.payloads.told import heard_as
from multitok.requests.refused import refused
from multitok.requests.template import ChatTemplate, open_template, packaged_template

if TYPE_CHECKING:
    from multitok.prices.rates import Cost


@dataclass(frozen=True, slots=True, repr=False)
class RequestCount(Displayed):
    """A request's parts; their known tokens add up to `tokens`, their weakest kind is `kind`.

    A part that the API rejects has the number that its rule would give, and so has the sum; but the
    request is answered with an error then, and costs nothing: its kind is "rejected".

    complete    every part is known
    left_out    what the provider adds that nobody outside can count
    max_output  the most output tokens the request asks for, where it says
    apart       the context window is the input's alone: the output has no room in it
    calibration what estimates could be corrected by, where it was given
    notes       what is to be known of the model: that it is retired, or answers no prompt
    bound       texts are counted by what they cannot exceed, not by their tokens
    evidence    the recorded bills that requests to this model were held against
    asked       the model as it was named: a dated name has its own price, a prefix its own seller
    terms       what the request says of how it is paid for
    """

    parts: tuple[RequestPart, ...]
    model: str
    provider: str
    left_out: tuple[str, ...] = ()
    max_output: int | None = None
    context_window: int | None = None
    calibration: Calibration | None = None
    asked: str = ""
    bound: bool = False
    notes: tuple[str, ...] = ()
    evidence: Evidence | None = None
    apart: bool = False
    terms: Terms = field(default_factory=Terms)

    def __repr__(self) -> str:
        """<RequestCount: 1,281 tokens, estimate, by 'gpt-5.4' of 9 parts>"""
        least = "" if self.complete else "at least "
        return (
            f"<RequestCount: {least}{self.tokens:,} tokens, {self.kind}, by {self.model!r} of"
            f" {plural(len(self.parts), 'part')}>"
        )

    @property
    def tokens(self) -> int:
        return sum(part.tokens or 0 for part in self.parts)

    @property
    def most(self) -> int:
        """The upper end of what the known parts may be: estimates by their stated error."""
        return sum((part.tokens or 0) if part.most is None else part.most for part in self.parts)

    @property
    def complete(self) -> bool:
        return not self.unknown

    @property
    def kind(self) -> Kind | Unanswered:
        kinds = [part.kind for part in self.parts]
        known = [kind for kind in kinds if kind != "rejected" and kind != "unknown"]
        if len(known) == len(kinds):
            return weakest(known)
        return "rejected" if "rejected" in kinds else "unknown"

    @property
    def rejected(self) -> tuple[RequestPart, ...]:
        """The parts for which the API answers with an error."""
        return tuple(part for part in self.parts if part.kind == "rejected")

    @property
    def unknown(self) -> tuple[RequestPart, ...]:
        """The parts that nobody here can count; the number that some have is a guess."""
        return tuple(p for p in self.parts if p.tokens is None or p.kind == "unknown")

    @property
    def unexpected(self) -> tuple[UnexpectedError, ...]:
        """What went wrong in the parts that nobody foresaw."""
        return tuple(part.error for part in self.parts if part.error is not None)

    def servers(self) -> dict[str, tuple[RequestPart, ...]]:
        """The tools of each MCP server by its name, where their lists were counted; what frames
        all of them together is in none."""
        found: dict[str, tuple[RequestPart, ...]] = {}
        for part in self.parts if self.provider == "tools" else ():
            name, tools, _ = part.path.rpartition(".tools[")
            if tools:
                found[name] = (*found.get(name, ()), part)
        return found

    def overflow(self, output: int | None = None) -> int:
        """Tokens beyond the context window, at most: of the input, and of the `output` that is
        reserved (what the request asks for, if none is given); 0 where it fits or no window is
        known."""
        reserved = self.max_output if output is None else output
        whole = self.most + (0 if self.apart else reserved or 0)
        return max(whole - self.context_window, 0) if self.context_window else 0

    def by_modality(self, *more: str, most: bool = False) -> dict[str, int]:
        """Known tokens by modality (or the most that they may be), framing and tools as text: what
        a price list charges by, and `more` that a bill names."""
        totals: dict[str, int] = {}
        for part in self.parts:
            for modality, tokens in part.by_modality(most=most).items():
                name = modality if modality in ("image", "audio", "video", *more) else "text"
                totals[name] = totals.get(name, 0) + tokens
        return totals

    def written(self, cached: int = 0, *, most: bool = False) -> dict[str, int]:
        """Known tokens that the request asks to be cached, by how long ("5m", "1h"), beyond the
        first `cached`, which are in the cache already."""
        totals = {"1h": 0, "5m": 0}
        for part in self.parts:
            lifetime = self.terms.lifetime(part.path)
            if lifetime is not None:
                totals[lifetime] += sum(part.by_modality(most=most).values())
        for lifetime in totals:  # an hour's stand first
            read = min(cached, totals[lifetime])
            totals[lifetime] -= read
            cached -= read
        return {lifetime: tokens for lifetime, tokens in totals.items() if tokens}

    def cost(
        self,
        output: int | tuple[int, int] = 0,
        *,
        cached: int = 0,
        mode: str | None = None,
        requests: int = 1,
        most: bool = False,
    ) -> Cost:
        """What the request costs, in dollars, by what it says itself: its tier (`service_tier`,
        `speed`), the caches that it writes (`cache_control`), what it may be answered in.

        output    output tokens to price as well: a number, or (least, most)
        cached    input tokens that are read from the provider's cache
        mode      standard, batch, flex, priority or fast, instead of the tier that it asks for
        requests  this many times
        most      `high` has each part by the most that it may be

        `low` and `high` differ where the output does, where it may be text or sound, and where a
        provider writes its cache unasked. They are None, with the reason in `why`, where no price
        is known, and for what is rejected.

        >>> count_request([{"role": "user", "content": "hello"}], model="gpt-4o").cost(100).high
        Decimal('0.00102')
        """
        from multitok.requests.costs import cost_of_request

        return cost_of_request(
            self, output=output, cached=cached, mode=mode, requests=requests, most=most
        )

    def calibrated(self) -> dict[str, str]:
        """By modality, what corrected its estimates; empty where a calibration had nothing to."""
        return {
            part.modality if part.modality in MEDIA else "text": part.calibrated.note
            for part in self.parts
            if part.calibrated
        }

    def __int__(self) -> int:
        return self.tokens


class CountWords(TypedDict, total=False):
    """The keywords of `count_request`, which tells what each means."""

    allow_files: bool | str | Path
    assume_image: ImageInfo | None
    catalog: str | Sequence[str]
    bound: bool | int
    calibration: Calibration | str | Path | None
    template: str | Path | None
    answered: bool


def count_request(
    payload: Any,
    model: str | None = None,
    provider: str | None = None,
    *,
    allow_files: bool | str | Path = False,
    assume_image: ImageInfo | None = None,
    catalog: str | Sequence[str] = (),
    bound: bool | int = False,
    calibration: Calibration | str | Path | None = None,
    template: str | Path | None = None,
    answered: bool = False,
) -> RequestCount:
    """How many input tokens a request costs, part by part, before it is sent.

    payload       a request of OpenAI (Chat Completions, Responses), Anthropic, Gemini, Mistral, a
                  plain list of messages, or an SDK's object for one
    model         counts for this model instead of the one the request names
    provider      openai, anthropic, gemini, mistral, bedrock, cohere, ollama or plain,
                  where the shape does not tell
    allow_files   open the local files that the payload names; a folder: those that lie in it, links
                  followed
    assume_image  the size to assume for pictures behind a URL or an id
    bound         text by what it cannot exceed, where its size proves that: no vocabulary loads.
                  A number: texts of at least so many bytes
    calibration   what `reconcile` measured of estimates, or the file it wrote; without one, the
                  file that MULTITOK_CALIBRATION names
    template      a folder with tokenizer.json and tokenizer_config.json, or a tekken.json: text and
                  framing exactly as the model's own chat template makes them
    answered      it was answered, or must fit a budget if it is: no part is called rejected

    PayloadError names the path of what is shaped wrong; a block nobody knows is an unknown part,
    and what the API would answer with an error a rejected one.

    >>> count_request([{"role": "user", "content": "hello"}], model="gpt-4o").tokens
    8
    """
    with boundary("reading", "the request"):
        request = parse(payload, provider)
    name = _named(model or request.model)
    if assume_image is not None and not isinstance(assume_image, ImageInfo):
        raise MediaError(f"assume_image must be an ImageInfo(1024, 768), got {assume_image!r}")
    row = _model(name, files_of(catalog), request)
    found = _calibration(calibration)
    counter = PartCounter(
        request=request,
        model=row,
        files=files_of(catalog),
        allow_files=allow_files,
        assume_image=assume_image,
        bound=bound,
        template=_template(template, row),
    )
    with boundary("counting", "the request"):
        parts = corrected(counter.parts(), row.id, found)
        return RequestCount(
            parts=parts if answered else tuple(refused(parts, row)),
            model=counter.model.id,
            provider=request.provider,
            left_out=tuple(
                dict.fromkeys(
                    [
                        *request.left_out,
                        *_unread(parts),
                        *_unheard(request, row),
                        *counter.left_out(),
                    ]
                )
            ),
            max_output=request.max_output,
            context_window=counter.model.context_window,
            apart=provider_of(row.provider).apart,
            calibration=found,
            asked=name,
            bound=bound is True,
            notes=silence(row, "text"),
            evidence=row.evidence,
            terms=request.terms,
        )


def _named(name: object) -> str:
    if isinstance(name, list | tuple | set):
        raise MediaError(f"model must be the name of one, got {name!r}: count once for each")
    if isinstance(name, str) and name:
        return name
    raise UnknownNameError(
        "the request names no model: pass model='gpt-4o' (-m gpt-4o). See: multitok models",
        name=None,
        choices=(),
        suggestion=None,
    )


def _unread(parts: Sequence[RequestPart]) -> Iterator[str]:
    """Signatures of thinking that is read in, and that nobody here can read."""
    for part in parts:
        if part.what == "signature" and part.kind == "unknown":
            yield f"{part.path}: {'; '.join(part.notes)}"


def _unheard(request: Request, model: Model) -> Iterator[str]:
    """Words for the model's processor that no rule takes of what the request holds."""
    held = {part.modality for part in request.parts} & model.rules.keys()
    for modality, words in request.processor.items():
        named = {modality} if modality else held
        rules = [model.rules[one] for one in sorted(named) if one in model.rules]
        for name in words:
            if not any(heard_as(name, rule.options) in rule.options for rule in rules):
                yield f"mm_processor_kwargs.{name}: no option of {model.id} that is known here"


def _calibration(given: Calibration | str | Path | None) -> Calibration | None:
    """The one that was given, or the file of one, or the one that the environment names."""
    if given is None:
        return stored_calibration()
    return given if isinstance(given, Calibration) else read_calibration(given)


def _model(name: str, files: tuple[str, ...], request: Request) -> Model:
    """The model; of an unknown one, what helps with the first medium of the request."""
    held = [part.modality for part in request.parts]
    media = [modality for modality in held if modality in ("image", "video", "audio")]
    return catalog(*files).model(name, media[0] if media else "text")


def _template(given: str | Path | None, model: Model) -> ChatTemplate | None:
    """The one that was named; else a packaged one that the catalogue names for the model."""
    if given is not None:
        return open_template(given)
    name = model.overhead.mistral_common
    return packaged_template(name) if isinstance(name, str) else None

"""The kit finds what is wrong: each tokenizer here breaks one law, and the kit names it."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pytest

import multitok
from multitok import Image, ImageInfo, Series, SeriesInfo
from multitok.core import registry
from multitok.core.errors import NotInvertibleError
from multitok.modalities.image.grids.patch import PatchTokenizer
from multitok.modalities.text.bytes import BytesTokenizer
from multitok.testing import LawBroken, check


@dataclass(frozen=True, kw_only=True)
class OffByOne(PatchTokenizer):
    """Forgets the partial patch at the edge, when it counts."""

    name: ClassVar[str] = "broken"

    def count(self, x, /):
        info = getattr(x, "info", x)
        return (info.height // self.size) * (info.width // self.size)


@dataclass(frozen=True, kw_only=True)
class PartsMissing(PatchTokenizer):
    name: ClassVar[str] = "broken"

    def breakdown(self, x, /):
        return {"image": self.count(x) + 1}


@dataclass(frozen=True, kw_only=True)
class Lossy(PatchTokenizer):
    name: ClassVar[str] = "broken"

    def decode(self, tokens, /):
        return Image(super().decode(tokens).pixels // 2)


@dataclass(frozen=True, kw_only=True)
class Meddler(PatchTokenizer):
    name: ClassVar[str] = "broken"

    def encode(self, media, /):
        tokens = super().encode(media)
        media.pixels[0, 0] += 1
        return tokens


@dataclass(frozen=True, kw_only=True)
class Swapped(PatchTokenizer):
    """Positions as (column, row): a square picture would hide it."""

    name: ClassVar[str] = "broken"

    def encode(self, media, /):
        tokens = super().encode(media)
        return replace(tokens, positions=tokens.positions[:, ::-1].copy())


@dataclass(frozen=True, kw_only=True)
class Restless(PatchTokenizer):
    """Prepares again what is prepared."""

    name: ClassVar[str] = "broken"

    def prepare(self, media, /):
        return Image(np.roll(super().prepare(media).pixels, 1, axis=0))

    def error_bound(self, tokens, /):
        return 255.0


@dataclass(frozen=True, kw_only=True)
class Outside(PatchTokenizer):
    """Positions counted from 1, and no word of the grid."""

    size: int = 1

    name: ClassVar[str] = "broken"

    def encode(self, media, /):
        tokens = super().encode(media)
        return replace(tokens, positions=tokens.positions + 1, state={})

    def decode(self, tokens, /):
        raise NotInvertibleError("not here")


@dataclass(frozen=True, kw_only=True)
class Shapeless(PatchTokenizer):
    """Cannot count by the shape."""

    name: ClassVar[str] = "broken"

    def count(self, x, /):
        return super().count(Image(x.pixels))


@dataclass(frozen=True, kw_only=True)
class OtherIds(BytesTokenizer):
    """Its ids alone are counted from 1."""

    name: ClassVar[str] = "broken"

    def encode_ids(self, media, /):
        return super().encode(media).ids + 1


@dataclass(frozen=True, kw_only=True)
class SmallVocabulary(BytesTokenizer):
    name: ClassVar[str] = "broken"

    @property
    def ids_below(self):
        return 100


ONE = ImageInfo(width=1, height=1)


@pytest.mark.parametrize(
    ("broken", "law"),
    [
        (OffByOne, f"count(x) == len(encode(x)): {OffByOne()!r} on {ONE!r}: count says 0, encode"),
        (PartsMissing, "sum(breakdown(x)) == count(x)"),
        (Lossy, "decode(encode(x)) is within error_bound of prepare(x)"),
        (Meddler, "encode leaves its input alone"),
        (Swapped, "positions lie inside the grid"),
        (Restless, "prepare(prepare(x)) == prepare(x)"),
        (Outside, f"positions lie inside the grid: {Outside()!r} on {ONE!r}: row 1 of 1, counted"),
        (OtherIds, "encode_ids(x) == encode(x).ids"),
        (SmallVocabulary, "encode_ids(x) == encode(x).ids: SmallVocabulary()"),
        (Shapeless, "Law 2: the shape gives the same count as the content, or says it needs the"),
    ],
)  # fmt: skip
def test_the_kit_names_the_broken_law(broken, law):
    registry.register(broken)
    try:
        with pytest.raises(LawBroken) as caught:
            check(broken())
    finally:
        registry.unregister("broken")
    assert str(caught.value).startswith(law)


def test_a_tokenizer_that_keeps_the_laws_passes():
    check(PatchTokenizer(size=5))


def test_media_of_your_own_can_be_checked():
    check(PatchTokenizer(), [Image(np.zeros((2, 3, 3), np.uint8))])


def test_a_rule_that_refuses_everything_is_told_so():
    @dataclass(frozen=True)
    class Never(PatchTokenizer):
        def count(self, x, /):
            return ImageInfo(0, 0)

    with pytest.raises(LawBroken, match="refuses every sample: pass media it accepts"):
        check(Never())


# Mistakes of people who wrote their first tokenizer: each is named, with what to write.


@dataclass(frozen=True, kw_only=True)
class Steps(multitok.Tokenizer[Series, SeriesInfo]):
    """One token a step, and nothing wrong with it; the classes below each do one thing otherwise.
    It is not registered."""

    first: int = 0

    name: ClassVar[str] = "steps"
    modality: ClassVar[str] = "series"

    def count(self, x, /):
        return multitok.info_of(x).steps

    def encode(self, media, /):
        n = media.info.steps
        return multitok.TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(n, bool),
            ids=np.arange(n) + self.first,
        )


@dataclass(frozen=True, kw_only=True)
class FillsHoles(Steps):
    """Turns the caller's NaN to 0: done once, it changes nothing more."""

    def encode(self, media, /):
        np.nan_to_num(media.values, copy=False)
        return super().encode(media)


@dataclass(frozen=True, kw_only=True)
class FillsWhenCounted(Steps):
    def count(self, x, /):
        if isinstance(x, Series):
            np.nan_to_num(x.values, copy=False)
        return super().count(x)


@dataclass(frozen=True, kw_only=True)
class FillsWhenPrepared(Steps):
    def prepare(self, media, /):
        np.nan_to_num(media.values, copy=False)
        return media


@dataclass(frozen=True, kw_only=True)
class SortsTokens(Steps):
    def decode(self, tokens, /):
        tokens.ids[:] = 0
        return Series(np.zeros(tokens.info.steps))

    def error_bound(self, tokens, /):
        return float("inf")


@dataclass(frozen=True, kw_only=True)
class Stumbles(Steps):
    def count(self, x, /):
        if multitok.info_of(x).steps < 2:
            raise ValueError("too small")
        return super().count(x)


@dataclass(kw_only=True)
class Changes(multitok.Tokenizer[Series, SeriesInfo]):
    first: int = 0

    name: ClassVar[str] = "steps"
    modality: ClassVar[str] = "series"

    count = Steps.count
    encode = Steps.encode


class Plain(multitok.Tokenizer[Series, SeriesInfo]):
    name: ClassVar[str] = "steps"
    modality: ClassVar[str] = "series"

    count = Steps.count
    encode = Steps.encode


class Forgets(Steps):
    """A subclass without the decorator: `last` is no parameter of it."""

    last: int = 9


@dataclass(frozen=True, kw_only=True)
class Edges(Steps):
    edges: list = field(default_factory=lambda: [0, 1])


@dataclass(frozen=True, kw_only=True)
class OtherConfig(Steps):
    def encode(self, media, /):
        return replace(super().encode(media), tokenizer={"tokenizer": "steps", "first": 7})


@dataclass(frozen=True, kw_only=True)
class OtherShape(Steps):
    def encode(self, media, /):
        return replace(super().encode(media), info=SeriesInfo(steps=1, channels=9))


@dataclass(frozen=True, kw_only=True)
class Negative(Steps):
    first: int = -1


@dataclass(frozen=True, kw_only=True)
class Listed(Steps):
    def encode(self, media, /):
        return [0] * media.info.steps


@dataclass(frozen=True, kw_only=True)
class Picture(Steps):
    modality: ClassVar[str] = "picture"


@dataclass(frozen=True, kw_only=True)
class Counts(multitok.Tokenizer[Series, SeriesInfo]):
    name: ClassVar[str] = "steps"
    modality: ClassVar[str] = "series"

    count = Steps.count


@dataclass(frozen=True, kw_only=True)
class WrongExample(Steps):
    examples = ({"first": "one"},)


@dataclass(frozen=True, kw_only=True)
class Taken(Steps):
    name: ClassVar[str] = "sax"


FROZEN = "put @dataclass(frozen=True, kw_only=True) above it"
EMPTY = SeriesInfo(steps=0, channels=1)
HOLES = SeriesInfo(steps=97, channels=1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (FillsHoles(), f"encode leaves its input alone: {FillsHoles()!r} on {HOLES!r}: it changed"),
        (
            FillsWhenCounted(),
            f"nothing changes its input: {FillsWhenCounted()!r} on {HOLES!r}: count changed it",
        ),
        (
            FillsWhenPrepared(),
            f"encode leaves its input alone: {FillsWhenPrepared()!r} on {HOLES!r}: prepare changed"
            " it",
        ),
        (
            SortsTokens(first=5),
            f"encode leaves its input alone: {SortsTokens(first=5)!r} on"
            f" {SeriesInfo(steps=1, channels=1)!r}: decode changed the tokens it was given",
        ),
        (
            Stumbles(),
            f"Law 0: count counts, or refuses with a multitok.MediaError: {Stumbles()!r} on"
            f" {EMPTY!r}: it raised ValueError: too small",
        ),
        (Changes(), f"a rule is a frozen dataclass: Changes can change: {FROZEN}"),
        (Plain(), f"a rule is a frozen dataclass: Plain is no dataclass: {FROZEN}"),
        (Forgets(), f"a rule is a frozen dataclass: Forgets has no field 'last': {FROZEN}"),
        (
            Edges(),
            "a parameter has a hash: Edges: edges=[0, 1] is a list, which has none: a tuple holds"
            " the same",
        ),
        (
            OtherConfig(),
            "encode gives a TokenSequence of this tokenizer and input:"
            f" {OtherConfig()!r} on {EMPTY!r}: its tokenizer is"
            " {'tokenizer': 'steps', 'first': 7}, not {'tokenizer': 'steps', 'first': 0}: write"
            " tokenizer=self.config()",
        ),
        (
            OtherShape(),
            "encode gives a TokenSequence of this tokenizer and input:"
            f" {OtherShape()!r} on {EMPTY!r}: its info is SeriesInfo(steps=1, channels=9): write"
            " info=media.info",
        ),
        (
            Negative(),
            f"ids are whole numbers from 0: {Negative()!r} on"
            f" {SeriesInfo(steps=1, channels=1)!r}: the smallest is -1",
        ),
        (
            Listed(),
            "encode gives a TokenSequence of this tokenizer and input:"
            f" {Listed()!r} on {EMPTY!r}: got list",
        ),
        (
            Picture(),
            "Picture: its modality 'picture' is none of text, image, video, audio, series, actions,"
            " pdf",
        ),
        (Counts, "Counts: it lacks encode"),
        (
            "rows",
            "check takes a tokenizer or its class, got the name 'rows': write"
            " check(multitok.tokenizer_class('rows'))",
        ),
        (dict, "dict: it is not a TokenCounter class"),
        (
            WrongExample,
            "each of `examples` makes a rule: WrongExample of {'first': 'one'}: it raised"
            " MediaError: first of tokenizer 'steps' must be a whole number, got 'one'. It takes:"
            " first=0",
        ),
        (
            Taken(),
            f"from_config(config()) == t: {Taken()!r} on {EMPTY!r}: the name 'sax' is that of"
            " multitok.modalities.series.sax:SaxTokenizer",
        ),
    ],
    ids=lambda value: (
        None if isinstance(value, str) else getattr(value, "__name__", type(value).__name__)
    ),
)
def test_a_first_mistake_is_named_with_what_to_write(given, told):
    with pytest.raises(LawBroken) as caught:
        check(given)
    assert str(caught.value) == told


@pytest.mark.parametrize("given", [Steps, Steps(first=3)], ids=["class", "instance"])
def test_a_class_that_is_not_registered_is_checked(given):
    check(given)


def test_media_of_your_own_are_left_as_they_were():
    mine = Series(np.array([np.nan, 1.0]))
    with pytest.raises(LawBroken, match="encode leaves its input alone"):
        check(FillsHoles(), [mine])
    assert np.isnan(mine.values[0, 0])

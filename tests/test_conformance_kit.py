"""The kit finds what is wrong: each tokenizer here breaks one law, and the kit names it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from multitok import Image, ImageInfo
from multitok.core import registry
from multitok.core.errors import NotInvertibleError
from multitok.modalities.image.grids.patch import PatchTokenizer
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
        from dataclasses import replace

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
        from dataclasses import replace

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

"""Read by type checkers and never run: what is right passes, and a line that ends in `# E: code`
is flagged by mypy with that code (and by pyright with any)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import multitok
from multitok import (
    Actions,
    Audio,
    Count,
    Fit,
    Image,
    ImageInfo,
    MultitokError,
    Series,
    SeriesInfo,
    SoundFit,
    Text,
    TextInfo,
    Tokenizer,
    TokenSequence,
    VideoFit,
    VideoInfo,
)

# a built-in name gives its own class, with its own parameters

patch = multitok.get_tokenizer("patch", size=16)
assert_type(patch.size, int)
assert_type(patch.decode(patch.encode(multitok.load("a.png", modality="image"))), Image)
bpe = multitok.get_tokenizer("o200k_base", allow_special=True)
assert_type(bpe.decode(bpe.encode(Text("words"))), Text)
assert_type(multitok.get_tokenizer("gpt-like"), Tokenizer[Any, Any])
assert_type(multitok.get_tokenizer("image-flat", tokens=85).count(ImageInfo(8, 8)), int)
levels = multitok.get_tokenizer("fsq", levels=[8, 8, 8])
state = multitok.tokenizer_class("action-bins").preset("pi05-state")
assert_type(state.bins, int)

multitok.get_tokenizer("image-flat", tokens=85).encode(Text("words"))  # E: attr-defined
multitok.get_tokenizer("patch", sise=8).count(ImageInfo(8, 8))  # E: attr-defined
multitok.get_tokenizer("patch", size="8").count(ImageInfo(8, 8))  # E: attr-defined
multitok.tokenizer_class("patch")(sise=8)  # E: call-arg
patch.encode(Text("words"))  # E: arg-type
patch.count(TextInfo(3))  # E: arg-type

# a model's tokenizer, by modality

seen = multitok.tokenizer_for_model("Qwen/Qwen2.5-VL-7B-Instruct", "image")
assert_type(seen, Tokenizer[Image, ImageInfo])
assert_type(multitok.tokenizer_for_model("gpt-4o"), Tokenizer[Text, TextInfo])
multitok.tokenizer_for_model("gpt-4o", "txt")  # E: call-overload

# what a source holds

assert_type(multitok.load("a.png", modality="image").pixels, NDArray[np.uint8])
assert_type(multitok.load("a.flac", modality="audio", start=1.5), Audio)
assert_type(multitok.load("a.csv", modality="series", columns=["a"]), Series)
assert_type(multitok.load("a.csv", modality="actions", hz=50), Actions)
print(multitok.load("a.png").pixels)  # E: union-attr
multitok.load("a.txt", modality="txt")  # E: call-overload
multitok.load("a.png", max_pixel=5)  # E: call-overload
multitok.probe("a.txt", modality="txt")  # E: arg-type
multitok.count("a.png", model="gpt-4o", detail="low")  # E: call-arg
multitok.count("a.png", model=["gpt-4o", "gpt-5"])  # E: arg-type
assert_type(multitok.count("a.png", model="gpt-4o", options={"detail": "low"}), Count)

# one call, one type

assert_type(multitok.fit(ImageInfo(9, 9), model="gpt-4o", max_tokens=5), Fit)
assert_type(multitok.fit(VideoInfo(9, 9, 9, 9), model="nova-lite", max_tokens=5), VideoFit)
assert_type(multitok.fit("a.mp4", model="nova-lite", max_tokens=5), Fit | VideoFit | SoundFit)
assert_type(multitok.cost("a.png", model="gpt-4o").high, Decimal | None)
assert_type(multitok.count_many(["a.png"], model="gpt-4o"), Iterator[Count | MultitokError])
assert_type(multitok.encode("a.png", tokenizer="patch"), TokenSequence)
assert_type(multitok.truncate("words", 1, model="gpt-4o").text, str)
multitok.fit("a.png", model="gpt-4o")  # E: call-overload
multitok.truncate("words", 1, model="gpt-4o", keep="start")  # E: arg-type

# tokens know the shape they were made of

tokens = patch.encode(multitok.load("a.png", modality="image"))
assert_type(tokens.info_as(SeriesInfo).steps, int)
print(tokens.info.steps)  # E: union-attr


# a guarded client is still the client


class Client:
    def send(self, model: str) -> int:
        return 0


client = multitok.guard(Client(), max_tokens=8000)
assert_type(client, Client)
assert_type(client.send("gpt-4o"), int)
assert_type(multitok.guard_of(client).calls[0].difference, int | None)
client.sent("gpt-4o")  # E: attr-defined
client.send(3)  # E: arg-type

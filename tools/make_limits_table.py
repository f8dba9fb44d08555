"""Write the table of docs/limits.md from the code's own numbers: `make limits`.

tests/test_limits.py holds the page to it, and the list to what the code calls a limit.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parent.parent / "docs" / "limits.md"
BEGIN, END = "<!-- limits: make limits -->\n\n", "<!-- end of limits -->"


class Limit(NamedTuple):
    """A number of the code: where it stands, what it bounds, and what happens beyond it."""

    where: str
    bounds: str
    beyond: str
    unit: str = ""


LIMITS = {
    "Sizes": (
        Limit("core.info.LARGEST_SIDE", "a side of a picture or frame", "an error", "px"),
        Limit(
            "datasets.shards.megatron.LONGEST",
            "ids of a document in a Megatron shard",
            "an error",
        ),
        Limit(
            "loaders.probed.MAX_PIXELS",
            "pixels of a picture that is loaded",
            "counted from its header, not decoded; `max_pixels=` raises it",
        ),
        Limit(
            "loaders.pictures.reduced.MOST",
            "pixels that an overlay or a page draws a picture file from",
            "a half, a quarter, ... of its sides is decoded, and laid out as the whole; all of them"
            " for a tokenizer that makes ids of pixels",
        ),
        Limit(
            "modalities.image.pixels.LARGEST_CANVAS",
            "pixels that a rule resizes a picture to",
            "counted, not made: crop it first",
        ),
        Limit("budgets.pictures.LONGEST_EDGE", "the longest side that `fit` tries", "", "px"),
    ),
    "Files": (
        Limit(
            "loaders.clips.video.MAX_BYTES",
            "decoded frames that `load` holds",
            "an error: `frames` streams a clip of any length",
            "B",
        ),
        Limit(
            "loaders.containers.MOST_PIXELS",
            "pixels of a frame of a clip that says to be smaller",
            "left out; of a larger clip four times its own",
        ),
        Limit("loaders.clips.video.FASTEST", "frames a second that a header may say", "an error"),
        Limit(
            "loaders.clips.mp4_tables.MOST_SAMPLES",
            "frames of an mp4 whose tables are read here",
            "FFmpeg reads them",
        ),
        Limit("loaders.pictures.header.MOST_FRAMES", "frames or pages that are counted", '"many"'),
        Limit("loaders.pictures.header.MOST_XMP", "XMP of a picture", "no more of it is read", "B"),
        Limit("loaders.pdf.MAX_BYTES", "a PDF that is not a file on disk", "an error", "B"),
        Limit("loaders.base64_file.MAX_WRAPPED", "base64 with line breaks", "an error", "B"),
        Limit("loaders.columns.bounds.MOST", "numbers of a table that is loaded", "an error"),
        Limit(
            "core.guards.MOST_NUMBERS",
            "numbers that any tokens of a series or movement decode to",
            "an error, but for `MOST_EACH` a token",
        ),
        Limit("core.guards.MOST_EACH", "numbers of each token of more than those", "an error"),
        Limit(
            "core.archives.FREE",
            "what any packed table, or file of tokens, may expand to",
            "no more than 200 times its packed bytes",
            "B",
        ),
        Limit(
            "modalities.video.sampling.MOST",
            "frames that a rule without a limit of its own takes of a clip",
            "an error: `num_frames=`, `fps=`",
        ),
        Limit(
            "modalities.audio.coded.frames.MOST_SAMPLES",
            "samples that `mdct-bpe` makes tokens of",
            "an error: pass it in parts",
        ),
        Limit(
            "modalities.audio.coded.frames.MOST_HOP",
            "samples from one frame of `mdct-bpe` to the next",
            "an error: `sample_rate=`, `hop_ms=`",
        ),
        Limit(
            "modalities.coding.stored.MOST_NUMBERS",
            "numbers of a codebook, or that a network makes",
            "an error",
        ),
        Limit("modalities.coding.networks.LARGEST_NETWORK", "an ONNX file", "an error", "B"),
        Limit(
            "modalities.coding.stored.LONGEST_HEADER",
            "the header of a codebook in safetensors",
            "an error",
            "B",
        ),
        Limit("loaders.columns.sides.MOST", "channels of a table", "an error: turn it"),
        Limit("loaders.columns.mcap.LONGEST", "numbers of a list in an MCAP message", "left out"),
        Limit(
            "modalities.series.layout.LARGEST", "the magnitude of a value of a series", "an error"
        ),
    ),
    "Texts": (
        Limit(
            "modalities.text.stream.CAP",
            "characters of a stream without a place to cut",
            "an estimate, and says so",
        ),
        Limit(
            "modalities.text.hf.WHOLE",
            "characters that a tokenizer file which allows no cut takes whole",
            "an estimate, and says so",
        ),
        Limit(
            "modalities.text.bpe.LONGEST", "bytes of a text whose tokens are made", "an error", "B"
        ),
    ),
    "Requests": (
        Limit("requests.batches.MAX_PAYLOAD", "a request that is read", "an error", "B"),
        Limit(
            "requests.part.MAX_WHOLE",
            "a document inside a request that is read whole",
            "a part of unknown size",
            "B",
        ),
        Limit("requests.payloads.parts.MAX_DEPTH", "levels of JSON inside a request", "an error"),
        Limit(
            "requests.payloads.parts.MAX_VALUES", "values of a schema or a tool's input", "an error"
        ),
        Limit(
            "requests.rendering.SECONDS",
            "work of a chat template, and one more for each MiB of the conversation",
            "an error",
            "s",
        ),
        Limit(
            "requests.rendering.MEMORY",
            "memory of a chat template, and 16 times the conversation (Linux)",
            "an error",
            "B",
        ),
        Limit(
            "requests.rendering.CHARACTERS",
            "characters that a chat template makes, and 16 times the conversation",
            "an error",
        ),
    ),
    "The service": (
        Limit("service.settings.Limits.body", "a request", "413", "B"),
        Limit("service.serving.LARGEST_HEAD", "the headers of a request", "431", "B"),
        Limit("service.settings.Limits.held", "all bodies that are held at once", "503", "B"),
        Limit(
            "service.settings.Limits.text",
            "a text that is counted by its tokens",
            "counted by what it cannot exceed",
            "B",
        ),
        Limit("service.settings.Limits.head_seconds", "until the headers are there", "408", "s"),
        Limit("service.settings.Limits.body_seconds", "until the body is there", "408", "s"),
        Limit("service.settings.Limits.work_seconds", "until it is counted", "504", "s"),
        Limit(
            "service.settings.Limits.connections",
            "open connections",
            "those that say nothing are closed, the oldest first",
        ),
        Limit("service.work.WAITING", "requests that wait for a thread", "503"),
        Limit("service.answers.LONGEST_NAME", "characters of a model's name", "404"),
        Limit("service.given.MODELS", "models that an input is counted for", "400"),
        Limit("service.given.FILES", "files of a form", "400"),
        Limit("service.tools.CUT", "tokens that an agent is given of a text at once", "an error"),
        Limit("service.tools.FILES", "files of a folder that an agent has counted", "an error"),
    ),
    "Parameters of tokenizers": (
        Limit("core.parameters.LARGEST", "a whole number", "an error"),
        Limit("core.parameters.FASTEST", "a rate, a second", "an error"),
        Limit("core.parameters.MOST_TILES", "tiles of a picture", "an error"),
        Limit("core.parameters.MOST_CODES", "ids of a table", "an error"),
        Limit(
            "core.parameters.MOST_PIXELS",
            "pixels that are made of a smaller picture",
            "counted, not made",
        ),
        Limit(
            "core.parameters.MOST_TOKENS", "tokens that are made of a smaller picture", "the same"
        ),
        Limit(
            "modalities.audio.log_mel.MOST_PADDED",
            "samples that a sound is filled up to",
            "an error",
        ),
        Limit("modalities.series.patch_rules.MOST_STEPS", "steps of a context", "an error"),
        Limit(
            "modalities.video.encoded.MOST_REPEATED",
            "frames that a shorter clip is filled up to",
            "an error",
        ),
    ),
}


def table() -> str:
    """A table a topic: the number as it stands in the code."""
    lines = []
    for topic, limits in LIMITS.items():
        lines += [f"**{topic}**", "", "| limit | of | beyond it | name |", "|--:|---|---|---|"]
        lines += [
            f"| {shown(limit)} | {limit.bounds} | {limit.beyond} | `{limit.where}` |"
            for limit in limits
        ]
        lines.append("")
    return "\n".join(lines)


def value(where: str) -> float:
    """The number that a dotted name stands for."""
    module, _, name = where.rpartition(".")
    if module.endswith(".Limits"):  # the default of a field
        module = module.removesuffix(".Limits")
        return float(getattr(import_module(f"multitok.{module}").Limits, name))
    number: float = getattr(import_module(f"multitok.{module}"), name)
    return number


def shown(limit: Limit) -> str:
    """The number for people: bytes by powers of 1,024.

    >>> shown(Limit("loaders.pdf.MAX_BYTES", "", "", "B"))
    '512 MiB'
    """
    number = value(limit.where)
    number = int(number) if number == int(number) else number
    if limit.unit != "B":
        plain = f"{number:,}" if isinstance(number, int) else f"{number:,g}"
        return f"{plain} {limit.unit}".rstrip()
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20)):
        if number >= size:
            return f"{number / size:.0f} {unit}"
    return f"{number:,} B"


def written(page: str) -> str:
    """The page with the table of today."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")

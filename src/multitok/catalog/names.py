"""How people write the name of a model, and what stays of it.

A host writes letters small, a router puts its own name in front, a packager puts the kind of number
behind, a price list writes 4-5 for 4.5: none of it is another model. `readings` gives what a name
can mean, the least taken away first; which of them is a model is for the catalogue to say. The
words that may be taken away are data: providers.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from multitok.catalog.providers import (
    endings,
    endpoints,
    has_modes,
    is_provider,
    modes,
    packagers,
    passing,
    prefixes,
    provider,
    routers,
    runtimes,
    spellings,
    weights_hosts,
)
from multitok.catalog.snapshots import RELEASE

_SAME = str.maketrans("._:@ ", "-----")
_LONG_CONTEXT = r"\[\d+m\]$|(?<=:\d):\d+k$"  # compiled when a name is no row's own
_BEDROCK = rf"(?:[a-z-]+\.)?(?P<vendor>[a-z]+)\.(?P<id>.+?)(?:{RELEASE})?"
_ARN = r"arn:aws[a-z-]*:bedrock:.*"
_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d|us|eu|apac|global|global-standard"


VERTEX_AI = "vertex_ai"
"""An endpoint that some ask without a word: an address, a client, a resource's name say it."""
_RESOURCE = r"(?:projects/[^/]+/locations/[^/]+/)?publishers/[a-z0-9-]+/models/(?P<id>.+)"
_TAG = r"(?i:[^/:]+:(?:latest|e?\d+(?:\.\d+)?[bm](?:-[a-z0-9._-]+)?))"
"""A model as Ollama lists it: qwen3-vl:8b, gemma3n:e4b, qwen2.5vl:7b-q4_K_M, llava:latest."""


class Reading(NamedTuple):
    """One way to read a name: the folded rest, whose name stood in front, what was taken away.

    maker       the provider's id, or a stranger's own word; None where nobody was named
    packaging   an ending that says how open weights are packed: it changes no token
    mode        an ending of a host: a tier or a way of thinking of the same model
    free        an ending that any host writes: a tier, a default
    tuned       an ending of a finetune, which keeps what its base was given to see
    host        a host that stood in front and serves published weights alone
    """

    name: str
    maker: str | None = None
    packaging: str = ""
    mode: str = ""
    free: str = ""
    tuned: str = ""
    host: str = ""


def routed(name: str) -> str:
    """A name as a router writes it, its words before a slash: `openai:gpt-4o` of a framework, and
    what Vertex AI calls a resource. A tag of Ollama's (`mistral:7b`) is left.

    >>> routed("google_vertexai:gemini-2.5-flash"), routed("mistral:7b")
    ('google_vertexai/gemini-2.5-flash', 'mistral:7b')
    >>> routed("projects/p/locations/global/publishers/google/models/gemini-2.5-pro")
    'vertex_ai/gemini-2.5-pro'
    """
    if "/" in name and (found := re.fullmatch(_RESOURCE, name)):
        return f"{VERTEX_AI}/{found['id']}"
    front, colon, rest = name.partition(":")
    words = front.lower().split("/")
    known = all(is_provider(word) or word in routers() for word in words)
    if colon and rest and known and not re.fullmatch(_TAG, f"{words[-1]}:{rest}"):
        return f"{front}/{rest}"
    return name


def folded(name: str) -> str:
    """A name as all its spellings are compared: letters small, one sign between the words.

    >>> folded("Qwen/Qwen3_5-9B"), folded("claude-opus-4.6"), folded("qwen3-vl:8b")
    ('qwen/qwen3-5-9b', 'claude-opus-4-6', 'qwen3-vl-8b')
    """
    same = name.lower().translate(_SAME)
    while "--" in same:
        same = same.replace("--", "-")
    return same


def runtimes_of(name: str) -> Sequence[str]:
    """What runs a model of this name, by how it is written, the likeliest first; empty where the
    name does not say.

    >>> runtimes_of("qwen3-vl:8b")[0], runtimes_of("vllm/Qwen/Qwen3-VL-8B"), runtimes_of("gpt-4o")
    ('ollama', ['vllm'], ())
    """
    *words, tail = routed(name).lower().split("/")
    for word in words:
        if word in runtimes():
            return runtimes()[word]
    if re.fullmatch(_TAG, tail):
        return runtimes()["ollama"]
    return runtimes()["gguf"] if "gguf" in folded(tail).split("-") else ()


def endpoint_of(name: str) -> str | None:
    """Where a model of this name answers, if not at its maker's own API.

    >>> endpoint_of("google_vertexai:gemini-2.5-flash"), endpoint_of("gemini/gemini-2.5-flash")
    ('vertex_ai', None)
    """
    words = routed(name).lower().split("/")[:-1]
    return next((endpoints()[word] for word in words if word in endpoints()), None)


def answered_at(endpoint: str, name: str) -> str:
    """The name with the word for where the model answers, where it has none.

    >>> answered_at("vertex_ai", "models/gemini-2.5-pro"), answered_at("vertex_ai", "vertex/gemini")
    ('vertex_ai/gemini-2.5-pro', 'vertex/gemini')
    """
    return name if endpoint_of(name) else f"{endpoint}/{name.rpartition('/')[2]}"


def unanswered(name: str) -> str:
    """The name without the word that says where the model answers.

    >>> unanswered("vertex_ai/gemini-2.5-flash"), unanswered("gpt-4o")
    ('gemini-2.5-flash', 'gpt-4o')
    """
    return routed(name).rpartition("/")[2] if endpoint_of(name) else name


def readings(name: str) -> Iterator[Reading]:
    """What a name can mean, the least taken away first."""
    seen = set()
    for written in dict.fromkeys((routed(name), name)):
        asked = re.sub(_LONG_CONTEXT, "", written)
        if re.fullmatch(_TAG, asked.rpartition("/")[2]):
            asked = asked.removesuffix(":latest")  # the tag that Ollama takes where none is named
        for bare in _unprefixed(Reading(asked)):
            for reading in _unended(bare._replace(name=folded(bare.name))):
                if reading.name and reading not in seen:
                    seen.add(reading)
                    yield reading


def resold(name: str, maker: str) -> bool:
    """Whether the name says that another than its maker serves the model, on days of its own.

    >>> resold("azure/gpt-4", "openai"), resold("litellm/openai/gpt-4", "openai")
    (True, False)
    """
    *before, last = routed(name).lower().split("/")
    bedrock = re.fullmatch(_BEDROCK, last)
    if bedrock and is_provider(bedrock["vendor"]):
        before.append("bedrock")
    sold = routers() - passing()
    return any(word in sold and provider(word).id != maker for word in before)


def _unprefixed(reading: Reading) -> Iterator[Reading]:
    """The name, and the name without what stands in front, as often as something does."""
    yield reading
    name, maker = reading.name, reading.maker
    prefix, slash, rest = name.partition("/")
    if slash:
        word = prefix.lower()
        if not (word in routers() or re.fullmatch(_ARN, word) or re.fullmatch(_REGION, word)):
            known = is_provider(maker or "") and maker not in packagers()
            if known and provider(word).id != maker:
                return  # two makers of one model
            maker = provider(word).id
        host = word if word in weights_hosts() else reading.host
        yield from _unprefixed(reading._replace(name=rest, maker=maker, host=host))
        return
    if name.startswith("ft:") and maker in (None, "openai"):
        yield from _unprefixed(Reading(name.split(":")[1], "openai"))
        return
    bedrock = re.fullmatch(_BEDROCK, name.lower())
    if bedrock and is_provider(bedrock["vendor"]):
        yield from _unprefixed(Reading(bedrock["id"], provider(bedrock["vendor"]).id))
        return
    same = folded(name)
    for word in prefixes():
        if same.startswith(f"{word}-"):
            owner = provider(word).id if is_provider(word) else maker
            if maker is None or owner == maker or maker in packagers():
                yield Reading(same[len(word) + 1 :], owner)


def _unended(reading: Reading) -> Iterator[Reading]:
    """The folded name, and the name without the endings that make no other model."""
    yield reading
    name = reading.name
    spelled = name
    for part, meant in spellings().items():
        spelled = re.sub(part, meant, spelled)
    if spelled != name:
        yield from _unended(reading._replace(name=spelled))
        return
    for kind, pattern in _endings().items():
        found = pattern.fullmatch(name)
        if found:
            shorter = reading._replace(name=found["rest"], **{kind: found["ending"]})
            yield from _unended(shorter)
    for owner, pattern in _modes().items():
        found = pattern.fullmatch(name)
        if found and reading.maker in (None, owner) and has_modes(owner, found["rest"]):
            yield from _unended(
                reading._replace(name=found["rest"], maker=owner, mode=found["ending"])
            )


@cache
def _endings() -> Mapping[str, re.Pattern[str]]:
    return {kind: _behind(words) for kind, words in endings().items()}


@cache
def _modes() -> Mapping[str, re.Pattern[str]]:
    return {owner: _behind(words) for owner, words in modes().items()}


def _behind(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?P<rest>.+)-(?P<ending>{'|'.join(words)})")

"""What a request tells beside the prompt: words for the processors of open weights, and whether the
model is to think."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from multitok.requests.payloads.parts import get, is_object, mapping, unfolded

PROCESSORS = {"images_kwargs": "image", "videos_kwargs": "video", "audio_kwargs": "audio"}
"""Words for one modality, as processors of transformers nest them."""
SAID_OTHERWISE = {
    "use_audio_in_video": "audio_in_video",
    "load_audio_from_video": "audio_in_video",
}


PIXELS = {"longest_edge": "max_pixels", "shortest_edge": "min_pixels"}
"""What the words of a size mean to processors that count pixels (transformers, Qwen2-VL's size)."""


def heard_as(word: str, options: Collection[str]) -> str:
    """The option that a processor's word is, where it is one under another name."""
    other = PIXELS.get(word, word)
    return other if word not in options and other in options else word


def processor_words(payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`mm_processor_kwargs` as vLLM and SGLang take them, by modality ("" for all), and vLLM's
    `media_io_kwargs`. A size ({"size": {"longest_edge": 1024}}) is named by its own words.
    PayloadError for another shape."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in _words(payload, "mm_processor_kwargs").items():
        modality = PROCESSORS.get(name, "")
        words = value if modality and is_object(value) else {name: value}
        found.setdefault(modality, {}).update(_flat(words))
    for modality, words in _words(payload, "media_io_kwargs").items():
        loaded = _flat(mapping(words, f"media_io_kwargs.{modality}"))
        asked = {name: value for name, value in loaded.items() if value != -1}  # -1: no limit
        found[modality] = {**asked, **found.get(modality, {})}
    return found


def _words(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = get(payload, name)
    return mapping(given, name) if given is not None else {}


def _flat(words: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in words.items():
        nested = name == "size" and is_object(value)
        found.update(value if nested else {SAID_OTHERWISE.get(name, name): value})
    return {name: value for name, value in found.items() if value is not None}


def reasoning_of(payload: Mapping[str, Any]) -> str:
    """How a model is asked to think: by `reasoning`, OpenRouter's word, which hosts of Claude take,
    too; not at all by the words of hosts of open weights."""
    template = unfolded(get(payload, "chat_template_kwargs"))
    words = {**payload, **(template if is_object(template) else {})}
    if words.get("enable_thinking") is False or words.get("reasoning_effort") == "none":
        return "disabled"
    asked = unfolded(get(payload, "reasoning"))
    if not is_object(asked) or not asked:
        return ""
    off = asked.get("enabled") is False or asked.get("effort") == "none"
    return "disabled" if off else "enabled"

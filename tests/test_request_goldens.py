"""Whole requests against what providers print, and against the answers other tools get wrong."""

import base64
import csv
import io
import struct
import wave
from pathlib import Path

import pytest
from PIL import Image

from multitok import count
from multitok.core.info import ImageInfo
from multitok.requests.whole import count_request

ROOT = Path(__file__).parent.parent
API = Path(__file__).parent / "golden" / "api.csv"
ROWS = list(csv.DictReader(API.read_text("utf-8").splitlines()))

# openai-cookbook, How_to_count_tokens_with_tiktoken.ipynb: the example conversation and tool whose
# counts the notebook prints.
CONVERSATION = [
    {
        "role": "system",
        "content": "You are a helpful, pattern-following assistant that translates corporate jargon"
        " into plain English.",
    },
    {
        "role": "system",
        "name": "example_user",
        "content": "New synergies will help drive top-line growth.",
    },
    {
        "role": "system",
        "name": "example_assistant",
        "content": "Things working well together will increase revenue.",
    },
    {
        "role": "system",
        "name": "example_user",
        "content": "Let's circle back when we have more bandwidth to touch base on opportunities"
        " for increased leverage.",
    },
    {
        "role": "system",
        "name": "example_assistant",
        "content": "Let's talk later when we're less busy about how to do better.",
    },
    {
        "role": "user",
        "content": "This late pivot means we don't have time to boil the ocean for the client"
        " deliverable.",
    },
]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                },
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    },
}
ASKED = [
    {
        "role": "system",
        "content": "You are a helpful assistant that can answer to questions about the weather.",
    },
    {"role": "user", "content": "What's the weather like in San Francisco?"},
]


def rows(modality):
    found = [row for row in ROWS if row["modality"] == modality]
    return pytest.mark.parametrize("row", found, ids=lambda row: f"{row['model']}-{row['input']}")


@rows("chat_messages")
def test_the_example_conversation_counts_as_printed(row):
    counted = count_request({"model": row["model"], "messages": CONVERSATION})
    assert counted.tokens == int(row["expected_tokens"])
    assert counted.kind == "documented"


@rows("chat_tools")
def test_the_example_tool_counts_as_printed(row):
    """By the namespace that bills show, and equal to the sum that the cookbook prints."""
    counted = count_request({"model": row["model"], "messages": ASKED, "tools": [WEATHER]})
    assert counted.tokens == int(row["expected_tokens"])
    assert counted.kind == "observed"


@rows("tool_system_prompt")
def test_tools_bring_the_printed_system_prompt(row):
    choice = "any" if "any/tool" in row["input"] else "auto"
    counted = count_request(
        {
            "model": row["model"],
            "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"name": "f", "input_schema": {"type": "object"}}],
            "tool_choice": {"type": choice},
        }
    )
    part = counted.parts[-1]
    assert (part.what, part.tokens) == ("tool system prompt", int(row["expected_tokens"]))


def picture(width, height, **more):
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url, **more}}


OTHERS_ARE_WRONG = [
    ("gpt-4o", (1024, 1024, {"detail": "auto"}), 765),
    ("gpt-4o", (1024, 1024, {}), 765),
    ("gpt-4o", (800, 400, {"detail": "high"}), 425),
    ("gpt-4o", (300, 1200, {"detail": "high"}), 595),
    ("gpt-4o", (2048, 4096, {"detail": "high"}), 1105),
    ("gpt-4o", (1024, 2048, {"detail": "high"}), 1105),
    ("gpt-4o-mini", (1024, 1024, {"detail": "high"}), 25501),
    ("gpt-5", (1024, 1024, {"detail": "high"}), 630),
    ("gpt-5-mini", (1024, 1024, {"detail": "high"}), 1229),
    ("gpt-5.4", (1024, 1024, {"detail": "high"}), 1229),
    ("gpt-6-astra", (1024, 1024, {"detail": "high"}), 1229),
    ("gpt-5.4", (1024, 1024, {"detail": "original"}), 1229),
    ("claude-opus-4-7", (1024, 1024, {}), 1369),
    ("claude-sonnet-4-5", (1024, 1024, {}), 1369),
    ("gemini-2.5-flash", (1024, 1024, {}), 258),
    ("gemini-3-flash-preview", (1024, 1024, {}), 1089),
    ("pixtral-12b", (1024, 1024, {}), 4160),
]
"""Inputs that other counters answer with a flat 85, an enlarged tile grid or an error."""


@pytest.mark.parametrize(("model", "asked", "tokens"), OTHERS_ARE_WRONG)
def test_pictures_count_where_other_tools_are_wrong(model, asked, tokens):
    width, height, more = asked
    block = picture(width, height, **more)
    counted = count_request({"model": model, "messages": [{"role": "user", "content": [block]}]},
                            provider="openai")  # fmt: skip
    assert counted.parts[0].tokens == tokens


def sound(seconds, rate=16000):
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(struct.pack("<h", 0) * round(seconds * rate))
    return base64.b64encode(file.getvalue()).decode()


def test_sound_counts_by_its_seconds_and_is_no_error():
    """10 s for a model that takes 10 tokens a second."""
    block = {"type": "input_audio", "input_audio": {"data": sound(10), "format": "wav"}}
    counted = count_request(
        {"model": "gpt-audio", "messages": [{"role": "user", "content": [block]}]}
    )
    assert counted.parts[0].tokens == 100


def test_a_clip_is_counted_by_its_models_rule_and_is_no_error():
    """The video_url block of OpenAI-compatible hosts holds what `count` says of the file."""
    clip = ROOT / "samples" / "clip.mp4"
    url = "data:video/mp4;base64," + base64.b64encode(clip.read_bytes()).decode()
    block = {"type": "video_url", "video_url": {"url": url}}
    for model in ("gemini-2.5-flash", "Qwen/Qwen2.5-VL-7B-Instruct"):
        counted = count_request(
            {"model": model, "messages": [{"role": "user", "content": [block]}]}
        )
        part = counted.parts[0]
        assert part.modality == "video"
        assert part.tokens == count(clip, model=model).tokens > 0


def test_text_of_a_model_that_no_mapping_knows_is_an_estimate_and_not_a_guess_by_cl100k():
    counted = count_request([{"role": "user", "content": "你好，世界"}], model="gpt-6-astra")
    assert counted.parts[0].kind == "estimate"
    assert "o200k_base" in counted.parts[0].notes[0]


def test_a_question_about_a_picture_counts_as_printed():
    """gemini-1.5-flash prints 263: 5 tokens of text and 258 of the picture."""
    (row,) = [row for row in ROWS if row["modality"] == "text+image"]
    picture = {"fileData": {"fileUri": "https://files/1", "mimeType": "image/png"}}
    counted = count_request(
        {"model": row["model"], "contents": [{"parts": [
            {"text": "Tell me about this image"}, picture]}]},
        assume_image=ImageInfo(640, 480),
    )  # fmt: skip
    assert counted.tokens == int(row["expected_tokens"])


def test_the_text_of_the_local_tokenizers_example_counts_as_printed():
    (row,) = [row for row in ROWS if row["modality"] == "text"]
    """The text alone: the API bills a token more, for the content around it."""
    counted = count_request({"model": row["model"], "contents": row["input"]})
    assert counted.parts[0].tokens == int(row["expected_tokens"])
    assert counted.tokens == int(row["expected_tokens"]) + 1

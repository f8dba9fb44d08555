"""Conversations for tests, and how each provider's API writes them."""

import base64
import io
import json
from dataclasses import dataclass

from hypothesis import strategies as st
from PIL import Image

WORDS = ["the", "tide", "comes", "in", "twice", "a", "day", "and", "goes", "out", "by", "night"]
MODELS = {
    "openai": "gpt-4o",
    "responses": "gpt-5",
    "anthropic": "claude-opus-5",
    "gemini": "gemini-2.5-flash",
    "mistral": "mistral-medium-latest",
    "bedrock": "amazon.nova-pro-v1:0",
    "cohere": "command-a-vision-07-2025",
    "ollama": "qwen2.5vl:7b",
    "plain": "gpt-4o",
}
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}


@dataclass(frozen=True)
class Turn:
    """What the user says and shows, what a tool answers, if one is called, what the model says."""

    says: str
    pictures: tuple[tuple[int, int], ...] = ()
    result: str | None = None
    answer: str = "I see."


def prose(words):
    """So many words, a paragraph each twenty."""
    said = [WORDS[i % len(WORDS)] for i in range(words)]
    return "\n\n".join(" ".join(said[i : i + 20]) for i in range(0, len(said), 20))


sizes = st.tuples(st.integers(40, 1600), st.integers(40, 1600))
turns = st.builds(
    Turn,
    says=st.integers(1, 60).map(prose),
    pictures=st.lists(sizes, max_size=2).map(tuple),
    result=st.none() | st.integers(1, 1500).map(prose),
    answer=st.integers(1, 60).map(prose),
)
conversations = st.lists(turns, min_size=1, max_size=5)


def png(size):
    file = io.BytesIO()
    Image.new("L", size, 200).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def messages_of(turns, user, call, answer):
    """The messages of turns; what the last one asks is not answered yet."""
    for i, turn in enumerate(turns):
        yield from user(turn)
        if turn.result is not None:
            yield from call(f"call_{i}", turn.result)
        if turn is not turns[-1]:
            yield from answer(turn.answer)


def request(provider, turns):
    """A whole request of a provider: system text, a tool, and the conversation."""
    return _WRITERS[provider](turns)


def _chat(turns, picture, *, bare=False):
    def user(turn):
        blocks = [{"type": "text", "text": turn.says}, *map(picture, turn.pictures)]
        yield {"role": "user", "content": blocks}

    def call(name, result):
        function = {"name": "look", "arguments": json.dumps({"name": name})}
        calls = [{"id": name, "type": "function", "function": function}]
        yield {"role": "assistant", "content": None, "tool_calls": calls}
        yield {"role": "tool", "tool_call_id": name, "content": result}

    def answer(text):
        yield {"role": "assistant", "content": text}

    system = {"role": "system", "content": "Be kind."}
    return [system, *messages_of(turns, user, call, answer)]


_TOOLS = [{"type": "function", "function": {"name": "look", "parameters": SCHEMA}}]


def _url(size):
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png(size)}"}}


def _bare_url(size):
    return {"type": "image_url", "image_url": f"data:image/png;base64,{png(size)}"}


def openai(turns):
    return {"model": MODELS["openai"], "messages": _chat(turns, _url), "tools": _TOOLS}


def mistral(turns):
    return {"model": MODELS["mistral"], "messages": _chat(turns, _bare_url), "tools": _TOOLS}


def cohere(turns):
    return {"model": MODELS["cohere"], "messages": _chat(turns, _url), "tools": _TOOLS}


def plain(turns):
    return _chat(turns, _url)


def responses(turns):
    def user(turn):
        blocks = [
            {
                "type": "input_image",
                "image_url": f"data:image/png;base64,{png(size)}",
                "detail": "auto",
            }
            for size in turn.pictures
        ]
        content = [{"type": "input_text", "text": turn.says}, *blocks]
        yield {"role": "user", "content": content}

    def call(name, result):
        yield {"type": "function_call", "call_id": name, "name": "look", "arguments": "{}"}
        yield {"type": "function_call_output", "call_id": name, "output": result}

    def answer(text):
        yield {"role": "assistant", "content": text}

    return {
        "model": MODELS["responses"],
        "instructions": "Be kind.",
        "input": list(messages_of(turns, user, call, answer)),
        "tools": [{"type": "function", "name": "look", "parameters": SCHEMA}],
    }


def anthropic(turns):
    def picture(size):
        source = {"type": "base64", "media_type": "image/png", "data": png(size)}
        return {"type": "image", "source": source}

    def user(turn):
        yield {"role": "user", "content": [*map(picture, turn.pictures), _text(turn.says)]}

    def call(name, result):
        use = {"type": "tool_use", "id": name, "name": "look", "input": {"name": name}}
        yield {"role": "assistant", "content": [use]}
        answer = {"type": "tool_result", "tool_use_id": name, "content": [_text(result)]}
        yield {"role": "user", "content": [answer]}

    def answer(text):
        yield {"role": "assistant", "content": text}

    return {
        "model": MODELS["anthropic"],
        "max_tokens": 100,
        "system": "Be kind.",
        "messages": list(messages_of(turns, user, call, answer)),
        "tools": [{"name": "look", "input_schema": SCHEMA}],
    }


def _text(text):
    return {"type": "text", "text": text}


def gemini(turns):
    def user(turn):
        shown = [{"inlineData": {"mimeType": "image/png", "data": png(s)}} for s in turn.pictures]
        yield {"role": "user", "parts": [*shown, {"text": turn.says}]}

    def call(name, result):
        yield {"role": "model", "parts": [{"functionCall": {"name": "look", "args": {}}}]}
        response = {"name": "look", "response": {"result": result}}
        yield {"role": "user", "parts": [{"functionResponse": response}]}

    def answer(text):
        yield {"role": "model", "parts": [{"text": text}]}

    return {
        "model": MODELS["gemini"],
        "systemInstruction": {"parts": [{"text": "Be kind."}]},
        "contents": list(messages_of(turns, user, call, answer)),
        "tools": [{"functionDeclarations": [{"name": "look", "parameters": SCHEMA}]}],
    }


def bedrock(turns):
    def user(turn):
        shown = [
            {"image": {"format": "png", "source": {"bytes": png(size)}}} for size in turn.pictures
        ]
        yield {"role": "user", "content": [*shown, {"text": turn.says}]}

    def call(name, result):
        use = {"toolUseId": name, "name": "look", "input": {"name": name}}
        yield {"role": "assistant", "content": [{"toolUse": use}]}
        answer = {"toolUseId": name, "content": [{"text": result}]}
        yield {"role": "user", "content": [{"toolResult": answer}]}

    def answer(text):
        yield {"role": "assistant", "content": [{"text": text}]}

    spec = {"name": "look", "description": "", "inputSchema": {"json": SCHEMA}}
    return {
        "modelId": MODELS["bedrock"],
        "system": [{"text": "Be kind."}],
        "messages": list(messages_of(turns, user, call, answer)),
        "toolConfig": {"tools": [{"toolSpec": spec}]},
    }


def ollama(turns):
    def user(turn):
        yield {"role": "user", "content": turn.says, "images": [png(s) for s in turn.pictures]}

    def call(name, result):
        function = {"name": "look", "arguments": {"name": name}}
        yield {"role": "assistant", "content": "", "tool_calls": [{"function": function}]}
        yield {"role": "tool", "content": result}

    def answer(text):
        yield {"role": "assistant", "content": text}

    return {
        "model": MODELS["ollama"],
        "messages": [
            {"role": "system", "content": "Be kind."}, *messages_of(turns, user, call, answer)
        ],
        "tools": _TOOLS,
        "keep_alive": "5m",
    }  # fmt: skip


_WRITERS = {
    "openai": openai, "responses": responses, "anthropic": anthropic, "gemini": gemini,
    "mistral": mistral, "bedrock": bedrock, "cohere": cohere, "ollama": ollama, "plain": plain,
}  # fmt: skip

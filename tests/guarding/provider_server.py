"""A server on this machine that answers as each provider does, whole or streamed, and records what
arrives. Every answer bills BILLED tokens of input and 1 of output."""

import functools
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BILLED = 77
OPENAI_USAGE = {"prompt_tokens": BILLED, "completion_tokens": 1, "total_tokens": BILLED + 1}
RESPONSES_USAGE = {
    "input_tokens": BILLED, "output_tokens": 1, "total_tokens": BILLED + 1,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}  # fmt: skip
GEMINI_USAGE = {
    "promptTokenCount": BILLED, "candidatesTokenCount": 1, "totalTokenCount": BILLED + 1,
}  # fmt: skip
CHAT = {"id": "1", "created": 1, "model": "m"}
MESSAGE = {
    "id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": None,
    "stop_sequence": None,
}  # fmt: skip
RESPONSE = {
    "id": "1", "object": "response", "created_at": 1, "model": "m", "output": [],
    "parallel_tool_calls": False, "tool_choice": "auto", "tools": [],
}  # fmt: skip


def chat(_, body):
    message = {"role": "assistant", "content": "hi"}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return CHAT | {"object": "chat.completion", "choices": [choice], "usage": OPENAI_USAGE}


def chat_stream(agent, body):
    """OpenAI tells the usage where it is asked to, Mistral always."""
    delta = {"index": 0, "finish_reason": None, "delta": {"role": "assistant", "content": "hi"}}
    end = {"index": 0, "finish_reason": "stop", "delta": {"content": ""}}
    chunk = CHAT | {"object": "chat.completion.chunk"}
    yield chunk | {"choices": [delta]}
    if agent.startswith("mistral"):
        yield chunk | {"choices": [end], "usage": OPENAI_USAGE}
        return
    yield chunk | {"choices": [end]}
    if (body.get("stream_options") or {}).get("include_usage"):
        yield chunk | {"choices": [], "usage": OPENAI_USAGE}


def responses(_, body):
    return RESPONSE | {"status": "completed", "usage": RESPONSES_USAGE}


def responses_stream(_, body):
    started = RESPONSE | {"status": "in_progress"}
    yield {"type": "response.created", "sequence_number": 0, "response": started}
    done = responses(_, body)
    yield {"type": "response.completed", "sequence_number": 1, "response": done}


def messages(_, body):
    usage = {"input_tokens": BILLED, "output_tokens": 1}
    content = [{"type": "text", "text": "hi"}]
    return MESSAGE | {"content": content, "stop_reason": "end_turn", "usage": usage}


def messages_stream(_, body):
    usage = {"input_tokens": BILLED, "output_tokens": 0}
    yield {"type": "message_start", "message": MESSAGE | {"content": [], "usage": usage}}
    yield {
        "type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""},
    }  # fmt: skip
    yield {
        "type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"},
    }  # fmt: skip
    yield {"type": "content_block_stop", "index": 0}
    delta = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 1}}
    yield {"type": "message_stop"}


def gemini(_, body):
    candidate = {"content": {"role": "model", "parts": [{"text": "hi"}]}}
    return {"candidates": [candidate], "usageMetadata": GEMINI_USAGE}


def gemini_stream(_, body):
    yield gemini(_, body)
    yield gemini(_, body)


def embedding(_, body):
    vector = {"object": "embedding", "index": 0, "embedding": [0.5]}
    return {"id": "1", "object": "list", "model": "m", "data": [vector], "usage": OPENAI_USAGE}


def embedding_gemini(_, body):
    return {"embeddings": [{"values": [0.5]}]}


ANSWERS = {
    "/chat/completions": (chat, chat_stream),
    "/fim/completions": (chat, chat_stream),
    "/responses": (responses, responses_stream),
    "/messages": (messages, messages_stream),
    ":generateContent": (gemini, None),
    ":streamGenerateContent": (None, gemini_stream),
    "/embeddings": (embedding, None),
    "EmbedContents": (embedding_gemini, None),
    ":embedContent": (embedding_gemini, None),
}


def event_text(event):
    name = f"event: {event['type']}\n" if "type" in event else ""
    return f"{name}data: {json.dumps(event)}\n\n"


def answer(path, agent, body):
    """The media type and the bytes that answer a request."""
    known = [both for end, both in ANSWERS.items() if path.partition("?")[0].endswith(end)]
    whole, stream = known[0] if known else (lambda *_: {}, None)
    if stream is not None and (body.get("stream") or whole is None):
        events = list(stream(agent, body))
        sent = "".join(map(event_text, events))
        done = "data: [DONE]\n\n" if "choices" in events[0] else ""
        return "text/event-stream", (sent + done).encode()
    return "application/json", json.dumps(whole(agent, body)).encode()


@contextmanager
def running():
    """The server; `arrived` has the path and the body of each request."""
    arrived = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            found = json.loads(body or b"{}")
            arrived.append((self.path, found))
            agent = self.headers["User-Agent"] or ""
            media_type, sent = answer(self.path, agent, found)
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def other(self):
            arrived.append((self.path, {}))
            self.send_error(404)

        do_GET = do_PUT = do_PATCH = do_DELETE = other  # noqa: N815 - named by http.server

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serve = functools.partial(server.serve_forever, poll_interval=0.02)  # how long its end takes
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    server.arrived = arrived
    server.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def openai_client(url, kind="OpenAI"):
    import openai

    return getattr(openai, kind)(base_url=f"{url}/v1", api_key="x", max_retries=0)


def anthropic_client(url, kind="Anthropic"):
    import anthropic

    return getattr(anthropic, kind)(base_url=url, api_key="x", max_retries=0)


def gemini_client(url):
    from google import genai

    return genai.Client(api_key="x", http_options={"base_url": url})


def mistral_client(url):
    from mistralai.client import Mistral

    return Mistral(api_key="x", server_url=url)

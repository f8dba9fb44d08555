"""The service as a process: who says nothing, who sends slowly, how it starts and how it ends."""

import base64
import gc
import io
import re
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from random import Random

import pytest
from PIL import Image
from served import COUNT, HEAD, HELLO, STALLED, asking, ending, silent, started

from multitok.service.ready import warm
from multitok.service.settings import Limits, Settings


def png(data):
    """A picture of one pixel, with these bytes behind it."""
    file = io.BytesIO()
    Image.new("L", (1, 1)).save(file, "PNG")
    return file.getvalue() + data


def test_eighty_half_open_connections_keep_nobody_out(service):
    with silent(service, 80, HEAD):
        assert service.post(COUNT, HELLO).status == 200


def test_seventy_stalled_bodies_keep_nobody_out(service):
    with silent(service, 70, STALLED):
        assert service.post(COUNT, HELLO).status == 200


def test_headers_that_do_not_come_end_the_connection(serve):
    found = serve(limits=Limits(head_seconds=0.3))
    with silent(found, 2, HEAD) as (one, other):
        assert ending(one).startswith(b"HTTP/1.1 408")
        assert ending(other).startswith(b"HTTP/1.1 408")


def test_headers_without_end_are_refused(service):
    with silent(service, 1, HEAD) as (one,):
        try:
            for _ in range(100):
                one.sendall(b"x: " + b"y" * 1000 + b"\r\n")
                time.sleep(0.002)
        except ConnectionError:
            return  # it hung up while more was sent
        assert ending(one).startswith(b"HTTP/1.1 431")


def test_a_body_that_is_refused_unread_is_not_taken_for_headers(service):
    """The answer comes once, whatever of the body follows it."""
    body = b'{"x": "' + b"y" * 300_000 + b'"}'
    head = b"POST /request HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    with silent(service, 1, head) as (one,):
        one.settimeout(5)
        told = one.recv(4096)
        one.sendall(body)
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        told += ending(one)
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"415", b"200"]


def test_a_connection_that_says_nothing_at_all_ends(serve):
    found = serve(limits=Limits(head_seconds=0.3))
    with silent(found, 1, b"") as (one,):
        assert ending(one).startswith(b"HTTP/1.1 408")


def test_a_body_that_does_not_come_is_told_and_ended(serve):
    found = serve(limits=Limits(body_seconds=0.3))
    with silent(found, 1, STALLED) as (one,):
        told = ending(one)
    assert told.startswith(b"HTTP/1.1 408")
    assert b"the body was not there" in told


def test_headers_of_a_second_request_have_their_time_too(serve):
    """The first came whole, and no clock ran for it."""
    found = serve(limits=Limits(head_seconds=0.3))
    with silent(found, 1, asking(HELLO) + HEAD) as (one,):
        assert re.findall(rb"HTTP/1\.1 (\d+)", ending(one)) == [b"200", b"408"]


def test_an_answer_comes_in_one_piece(service):
    with silent(service, 1, asking(HELLO)) as (one,):
        told = one.recv(4096)
    assert (told[:12], told[-1:]) == (b"HTTP/1.1 200", b"}")


def test_who_asks_whether_to_send_a_body_is_told_to(service):
    head, end, body = asking(HELLO).partition(b"\r\n\r\n")
    with silent(service, 1, head + b"\r\nExpect: 100-continue" + end) as (one,):
        one.settimeout(5)
        assert one.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(body)
        assert one.recv(4096).startswith(b"HTTP/1.1 200")


def test_requests_that_follow_at_once_each_have_their_own_body(service):
    """Sent before the first is answered: each is of another size, and one comes in pieces."""
    words = [1, 300_000, 2, 5]
    asked = [{**HELLO, "messages": [{"role": "user", "content": "a " * n}]} for n in words]
    with silent(service, 1, b"".join(map(asking, asked))) as (one,):
        one.settimeout(30)
        told, numbers = b"", []
        while len(numbers) < len(asked):
            told += one.recv(65536)
            numbers = [int(n) for n in re.findall(rb'"input_tokens": ?(\d+)}', told)]
    assert numbers == [service.post(COUNT, one).json["input_tokens"] for one in asked]


def test_an_answer_to_head_is_a_head(service):
    answer = service.ask("HEAD", "/healthz")
    assert (answer.status, answer.body) == (200, b"")


def test_a_large_body_is_counted_whole_and_given_back(service):
    """Without the search for cycles, ten pictures leave less in memory than one of them."""
    raw = Random(1).randbytes(1_000_000)
    url = "data:image/png;base64," + base64.b64encode(png(raw)).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}]
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    warm(Settings())  # what is loaded once is loaded now
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        found = service.post("/request", asked).json["parts"][0]["bytes"]
        first = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            service.post("/request", asked)
        until = time.monotonic() + 10  # an answer is there before who gave it lets go of the body
        while (more := tracemalloc.get_traced_memory()[0] - first) >= len(raw):
            if time.monotonic() > until:
                break
            time.sleep(0.05)
    finally:
        tracemalloc.stop()
        gc.enable()
    assert (found, more < len(raw)) == (len(png(raw)), True)


def test_what_is_announced_and_not_sent_takes_no_memory(service):
    said = STALLED.replace(b"Length: 1000", b"Length: 30000000") + b" " * 300_000
    warm(Settings())
    service.post(COUNT, HELLO)
    tracemalloc.start()
    try:
        with silent(service, 5, said):
            time.sleep(0.5)
            held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 5_000_000


def test_beyond_the_number_of_connections_who_says_nothing_goes(serve):
    """Three of eight are closed without a word, the others when their time is over."""
    found = serve(limits=Limits(connections=5, head_seconds=1))
    with silent(found, 8, HEAD) as sockets:
        told = sorted(ending(one)[:12] for one in sockets)
    assert told == [b""] * 3 + [b"HTTP/1.1 408"] * 5


def test_what_is_held_at_once_is_bounded(serve):
    found = serve(limits=Limits(held=1000))
    answer = found.post(COUNT, {**HELLO, "messages": [{"role": "user", "content": "x" * 2000}]})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert found.post(COUNT, HELLO).status == 200


def test_what_is_not_counted_in_time_is_told(serve, monkeypatch):
    from multitok.service import endpoints

    monkeypatch.setattr(endpoints, "payload_of", lambda data: time.sleep(1))
    answer = serve(limits=Limits(work_seconds=0.2)).post(COUNT, {**HELLO, "user": "x" * 9000})
    assert answer.status == 504


def test_a_small_request_is_answered_while_a_large_one_is_counted(service):
    words = Random(1).choices(range(10**6, 10**7), k=950_000)
    large = {**HELLO, "messages": [{"role": "user", "content": " ".join(map(str, words))}]}
    service.post(COUNT, HELLO)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(service.post(COUNT, large).status))
    thread.start()
    answered = 0
    while not ended:
        answered += service.post(COUNT, HELLO).status == 200
    thread.join()
    assert ended == [200]
    assert answered > 1  # the last may have come after it


def test_it_says_where_it_is_and_ends_when_it_is_told_to():
    with started() as (child, service):
        assert service.get("/healthz").json["ok"] is True
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=20) in (0, -signal.SIGTERM)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_request_that_is_counted_is_answered_before_the_end(workers):
    """Seven megabytes, more than lie on the way: when all are sent, it is at them."""
    with started("--workers", workers) as (child, service):
        service.post(COUNT, HELLO)
        text = "a word " * 1_000_000
        asked = asking({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]})
        with silent(service, 2, asked) as sockets:
            child.send_signal(signal.SIGTERM)
            assert [ending(one)[:12] for one in sockets] == [b"HTTP/1.1 200"] * 2
        assert child.wait(timeout=30) in (0, -signal.SIGTERM)


def test_several_processes_answer_at_one_address():
    with started("--workers", "2") as (_, service):
        assert [service.post(COUNT, HELLO).status for _ in range(20)] == [200] * 20


def test_the_access_log_tells_the_way_and_no_body():
    with started("--access-log") as (child, service):
        service.post("/request?model=gpt-4o&secret=1", HELLO)
        line = child.stderr.readline()
    assert re.fullmatch(r"POST /request 200 \d+\.\d ms\n", line)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--host", "0.0.0.0"), "--token"),
        (("--host", "192.0.2.1", "--token", "s"), "nothing can be served at"),
        (("--alias", "claude"), "PATTERN=MODEL"),
        (("--alias", "a*=nobody-9"), "unknown model 'nobody-9'"),
        (("--catalog", "none.toml"), "none.toml"),
        (("--calibration", __file__), "test_serving.py"),
    ],
)
def test_what_is_wrong_ends_the_start_in_words(words, why):
    command = [sys.executable, "-m", "multitok", "serve", "--port", "0", *words]
    child = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (child.returncode, why in child.stderr, "Traceback" in child.stderr) == (2, True, False)


def test_a_port_that_is_taken_is_told(service):
    command = [sys.executable, "-m", "multitok", "serve", "--port", str(service.port)]
    child = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (child.returncode, "--port 0" in child.stderr) == (2, True)

"""What fails in a service fails for one request: a count without memory, a client that hangs up, a
process that is killed."""

import errno
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from served import COUNT, HELLO, asking, silent, started

from multitok.service import answers, endpoints, ours, work
from multitok.service.serving import listening, server_of
from multitok.service.settings import Limits, Settings

SDKS = {
    COUNT: ("type", "server_error"),
    "/v1/messages/count_tokens": ("type", "api_error"),
    "/v1beta/models/gemini-2.5-flash:countTokens": ("status", "INTERNAL"),
    "/utils/token_counter": ("type", "server_error"),
    "/request": ("type", "server_error"),
}
"""Where the SDKs of each endpoint look for what went wrong, and what they find."""
FAULTS = [
    MemoryError("made up"), ZeroDivisionError("made up"), OSError(errno.EIO, "made up"),
]  # fmt: skip
GEMINI = {"contents": [{"parts": [{"text": "hello"}]}]}


def failing(fault):
    def call(*_, **__):
        raise fault

    return call


def refused(service, path):
    """The fault that an endpoint tells."""
    answer = service.post(path, GEMINI if "gemini" in path else HELLO)
    where, _ = SDKS[path]
    return answer.status, answer.json["error"][where], "made up" in answer.json["error"]["message"]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
@pytest.mark.parametrize("path", SDKS)
def test_what_nobody_foresaw_in_a_count_is_500_in_the_words_of_the_sdk(
    path, fault, service, monkeypatch
):
    """And the next request is answered."""
    with monkeypatch.context() as patch:
        for module in (endpoints, ours):
            patch.setattr(module, "payload_of", failing(fault))
        assert refused(service, path) == (500, SDKS[path][1], True)
    assert service.post(COUNT, HELLO).status == 200


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
@pytest.mark.parametrize("path", [path for path in SDKS if path != "/request"])
def test_and_around_a_count_too(path, fault, service, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(answers.Answer, "labels", failing(fault))
        assert refused(service, path) == (500, SDKS[path][1], True)
    assert service.post(COUNT, HELLO).status == 200


@pytest.mark.parametrize("size", [10, 9_000, 90_000])
def test_requests_that_fail_hold_nothing(size, serve, monkeypatch):
    """Bodies of ten times what may be held at once, and more than may wait, one after the other."""
    found = serve(limits=Limits(held=2 * size + 2_000))
    monkeypatch.setattr(work, "WAITING", 3)
    asked = {**HELLO, "user": "x" * size}
    with monkeypatch.context() as patch:
        patch.setattr(endpoints, "payload_of", failing(MemoryError()))
        assert [found.post(COUNT, asked).status for _ in range(20)] == [500] * 20
    assert found.post(COUNT, asked).status == 200


def wait_for(told, seconds=30):
    until = time.monotonic() + seconds
    while not (found := told()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def open_files():
    return len(os.listdir("/proc/self/fd"))


def test_clients_that_hang_up_in_the_middle_of_a_body_leave_nothing(serve):
    """Twenty bodies, each half of what may be held at once."""
    found = serve(limits=Limits(held=100_000))
    asked = {**HELLO, "user": "x" * 60_000}
    assert found.post(COUNT, asked).status == 200
    before = open_files()
    for _ in range(20):
        with silent(found, 1, asking(asked)[:50_000]):
            pass
    assert wait_for(lambda: found.post(COUNT, asked).status == 200)
    wait_for(lambda: open_files() <= before)


def test_clients_that_do_not_wait_for_their_answer_leave_nothing(serve, monkeypatch):
    """Each hangs up while it is counted, with a reset; as many as may wait, and twice more."""
    found = serve(limits=Limits(held=400_000))
    monkeypatch.setattr(work, "WAITING", 8)
    asked = {**HELLO, "user": "x" * 90_000}
    assert found.post(COUNT, asked).status == 200
    before, read = open_files(), endpoints.payload_of
    with monkeypatch.context() as patch:
        patch.setattr(endpoints, "payload_of", lambda data: (time.sleep(0.1), read(data))[1])
        for _ in range(24):
            one = socket.create_connection(("127.0.0.1", found.port))
            one.sendall(asking(asked))
            time.sleep(0.02)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
            one.close()
        assert wait_for(lambda: found.post(COUNT, asked).status == 200)
    wait_for(lambda: open_files() <= before)


def workers(pid):
    """The processes that answer, of a service."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, path.read_text().split())
    return [one for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def gone(pid):
    """Whether a process ended; nobody may have asked it how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def is_up(service):
    try:
        return service.post(COUNT, HELLO).status == 200
    except OSError:
        return False


class TestSeveralProcesses:
    def test_one_that_is_killed_is_replaced_and_requests_go_on(self):
        """Each new connection is taken by whoever lives."""
        with started("--workers", "2") as (child, service):
            wait_for(lambda: is_up(service))
            first = wait_for(lambda: found if len(found := workers(child.pid)) == 2 else None)
            os.kill(first[0], signal.SIGKILL)
            wait_for(lambda: gone(first[0]))
            assert [service.post(COUNT, HELLO).status for _ in range(20)] == [200] * 20
            wait_for(lambda: len(set(workers(child.pid)) - {first[0]}) == 2)
            assert [service.post(COUNT, HELLO).status for _ in range(20)] == [200] * 20

    def test_they_end_with_who_started_them(self):
        """Killed, it tells nobody to stop; the port must not stay taken."""
        with started("--workers", "2") as (child, service):
            wait_for(lambda: is_up(service))
            found = wait_for(lambda: some if len(some := workers(child.pid)) == 2 else None)
            child.kill()
            wait_for(lambda: all(map(gone, found)))
            listening("127.0.0.1", service.port).close()

    def test_one_that_counts_as_long_as_it_may_is_not_taken_for_dead(self):
        config = server_of(Settings(), workers=2).config
        assert config.timeout_worker_healthcheck >= Settings().limits.work_seconds

"""A service that answers on a free port of this machine, in a thread of the test."""

import threading
from contextlib import contextmanager

import pytest
from served import Served

import multitok.service.serving as serving
from multitok.service.settings import Settings


@contextmanager
def running(**words):
    listening = serving.listening("127.0.0.1", 0)
    server = serving.server_of(Settings(**words), workers=1)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield Served(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture
def serve():
    """serve(answer="most") -> a service with these settings."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda **words: stack.enter_context(running(**words))


@pytest.fixture(scope="module")
def service():
    """A service as it is started without a word."""
    with running() as found:
        yield found

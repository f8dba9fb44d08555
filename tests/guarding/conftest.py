import pytest
from provider_server import running


@pytest.fixture
def server():
    """Answers like each provider, and records what arrives."""
    with running() as found:
        yield found

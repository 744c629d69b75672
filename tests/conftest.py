"""What tests of every part share."""

from collections.abc import Iterator

import pytest

from tests.jack import JackServer


@pytest.fixture
def jack(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A JACK server of the test's own, found by this process and those that it starts."""
    with JackServer() as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        yield server

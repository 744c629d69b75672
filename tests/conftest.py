"""What tests of every part share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.harness.jack import JackServer

# Machines that test are shared and noisy: how long something took says nothing there.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def jack(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A JACK server of the test's own, found by this process and those that it starts."""
    with JackServer() as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        yield server

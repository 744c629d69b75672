"""Work apart from the music: where no thread can be had, it is an error that callers know."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from improvd.service.apart import apart
from improvd.system.portable import scarcity


@pytest.fixture
def no_threads() -> Iterator[None]:
    """No thread can be started: there is no such room for its stack on any machine."""
    before = threading.stack_size(1 << 46)
    yield
    threading.stack_size(before)


def test_what_is_done_apart_comes_back():
    assert asyncio.run(apart(pow, 2, 10)) == 1024


@pytest.mark.usefixtures("no_threads")
def test_without_a_thread_the_system_has_too_little():
    with pytest.raises(OSError, match="thread") as caught:
        asyncio.run(apart(pow, 2, 10))
    assert "ulimit -u" in (scarcity(caught.value) or "")

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from improvd.service.notify import (
    READY,
    STOPPING,
    WATCHDOG,
    notify,
    reloading,
    status,
    watchdog_interval,
    watched,
)

Manager = Callable[[str], socket.socket]


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """Makes a socket like systemd's at an address, and has NOTIFY_SOCKET name it."""
    ends = []

    def listen(address: str) -> socket.socket:
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        end.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        end.settimeout(5)
        ends.append(end)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        return end

    yield listen
    for end in ends:
        end.close()


def test_states_arrive_together_in_one_datagram(manager: Manager, tmp_path: Path) -> None:
    end = manager(str(tmp_path / "notify"))
    assert watched()
    assert notify(READY, status("follow,  120 BPM\nyours"))
    assert end.recv(4096) == b"READY=1\nSTATUS=follow, 120 BPM yours"


def test_an_abstract_socket_is_reached(manager: Manager) -> None:
    end = manager(f"@improvd-test-{os.getpid()}")
    assert notify(WATCHDOG)
    assert notify(STOPPING)
    assert [end.recv(4096), end.recv(4096)] == [b"WATCHDOG=1", b"STOPPING=1"]


def test_reloading_carries_the_monotonic_moment(manager: Manager, tmp_path: Path) -> None:
    end = manager(str(tmp_path / "notify"))
    before = time.monotonic_ns() // 1000
    notify(reloading())
    first, moment = end.recv(4096).decode().splitlines()
    assert first == "RELOADING=1"
    name, _, microseconds = moment.partition("=")
    assert name == "MONOTONIC_USEC"
    assert before <= int(microseconds) <= time.monotonic_ns() // 1000


def test_nobody_asked_so_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not watched()
    assert not notify(READY)


def test_a_manager_that_is_gone_or_does_not_read_holds_nothing_up(
    manager: Manager, tmp_path: Path
) -> None:
    end = manager(str(tmp_path / "notify"))
    taken = sum(notify(WATCHDOG) for _ in range(10_000))
    assert 0 < taken < 10_000
    end.close()
    assert not notify(WATCHDOG)


@pytest.mark.parametrize(
    ("microseconds", "pid", "seconds"),
    [
        ("5000000", None, 5.0),
        ("5000000", "ours", 5.0),
        ("5000000", "1", None),
        ("0", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_the_watchdog_waits_as_long_as_systemd_says(
    monkeypatch: pytest.MonkeyPatch,
    microseconds: str | None,
    pid: str | None,
    seconds: float | None,
) -> None:
    pid = str(os.getpid()) if pid == "ours" else pid
    for name, value in (("WATCHDOG_USEC", microseconds), ("WATCHDOG_PID", pid)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert watchdog_interval() == seconds

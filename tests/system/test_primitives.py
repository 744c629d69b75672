"""What every system's room offers, on this one; and the portable ways, which run here too."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from improvd import system
from improvd.system import portable
from improvd.system.handover import socket_pair

if sys.platform == "linux":
    from improvd.system.linux import real_time
if sys.platform != "win32":
    from improvd.system.posix import PipeWake

MS = 1_000_000
now = time.monotonic_ns
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Linux's own")
WAYS = pytest.mark.parametrize("way", [system, portable], ids=["this system's", "portable"])


WAKES = [system.Wake] if sys.platform == "win32" else [system.Wake, PipeWake]


@WAYS
def test_a_sleep_ends_at_its_moment_and_a_past_one_at_once(way):
    for step in (0, 100_000, MS, 5 * MS):
        moment = now() + step
        way.sleep_until(moment)
        assert now() >= moment
    before = now()
    way.sleep_until(before - 1000 * MS)
    assert now() - before < 1000 * MS


@WAYS
@pytest.mark.parametrize("kind", WAKES)
@pytest.mark.parametrize("place", [0, 1])
def test_either_of_two_descriptors_ends_the_waiting(way, kind, place):
    one, other = kind(), kind()
    watched = (one.descriptor, other.descriptor)
    moment = now() + 3 * MS
    assert not way.readable(watched, moment)
    assert now() >= moment - MS
    assert not way.readable(watched, now() - MS)
    ringing = (one, other)[place]
    timer = threading.Timer(0.01, ringing.set)
    timer.start()
    assert way.readable(watched, now() + 60_000 * MS)
    timer.join()
    ringing.clear()
    assert not way.readable(watched, now())


@pytest.mark.parametrize("kind", WAKES)
def test_a_wake_is_set_any_number_of_times_and_cleared_once(kind):
    wake = kind()
    wake.clear()
    for _ in range(3000):
        wake.set()
    wake.clear()
    assert not portable.readable((wake.descriptor, wake.descriptor), now())


@WAYS
def test_memory_is_as_long_as_was_asked_for_and_empty(way):
    descriptor = way.memory(1 << 16)
    assert os.fstat(descriptor).st_size == 1 << 16
    assert os.pread(descriptor, 1 << 16, 0) == bytes(1 << 16)
    os.close(descriptor)


@WAYS
def test_a_file_is_made_as_long_as_was_asked_for(way, tmp_path):
    with (tmp_path / "file").open("w+b") as file:
        way.reserve(file.fileno(), 12_345)
        assert os.fstat(file.fileno()).st_blocks * 512 >= 12_345  # no hole in it
        assert os.fstat(file.fileno()).st_size == 12_345


# -- locks -------------------------------------------------------------------------------------


def test_a_lock_is_had_by_one_and_ends_with_the_file(tmp_path):
    path = tmp_path / "lock"
    with path.open("w") as mine:
        system.lock(mine.fileno())
        for shared in (False, True):
            with path.open() as theirs, pytest.raises(BlockingIOError):
                system.lock(theirs.fileno(), shared=shared)
    with path.open("w") as mine:
        system.lock(mine.fileno())


def test_a_lock_ends_with_a_process_that_is_killed(tmp_path):
    path = tmp_path / "lock"
    script = """
import sys, time
from improvd import system
file = open(sys.argv[1], "w")
system.lock(file.fileno())
print("locked", flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"locked\n"
        with path.open("w") as mine, pytest.raises(BlockingIOError):
            system.lock(mine.fileno())
        other.kill()
    with path.open("w") as mine:
        system.lock(mine.fileno())


@linux_only
def test_those_who_only_look_do_not_lock_each_other_out(tmp_path):
    path = tmp_path / "lock"
    path.touch()
    with path.open() as one, path.open() as other:
        system.lock(one.fileno(), shared=True)
        system.lock(other.fileno(), shared=True)


# -- processes ---------------------------------------------------------------------------------


def test_a_process_is_handed_a_socket_and_a_memory():
    memory = system.memory(4096)
    ours, theirs = socket_pair()
    script = """
import mmap, socket, sys
from improvd import system
link = socket.socket(fileno=int(sys.argv[1]))
memory = mmap.mmap(system.taken_over(int(sys.argv[2])), 4096)
memory[:4] = link.recv(4)
link.send(b"done")
"""
    numbers, handing_over = system.hand_over(theirs, memory)
    command = [sys.executable, "-c", script, *map(str, numbers)]
    with ours, subprocess.Popen(command, **handing_over) as process:
        theirs.close()
        ours.send(b"here")
        assert ours.recv(4) == b"done"
        assert ours.recv(4) == b""  # its end is the end
        assert process.wait() == 0
        assert process.returncode == 0
    assert os.pread(memory, 4, 0) == b"here"
    os.close(memory)


@linux_only
def test_a_process_has_a_session_of_its_own():
    memory = system.memory(4096)
    ours, theirs = socket_pair()
    _, handing_over = system.hand_over(theirs, memory)
    script = "import os; assert os.getsid(0) == os.getpid()"
    with ours, theirs:
        subprocess.run([sys.executable, "-c", script], check=True, **handing_over)
    os.close(memory)


def test_a_signal_is_told_to_the_loop():
    async def wait():
        came = asyncio.Event()
        loop = asyncio.get_running_loop()
        system.on_signal(loop, signal.SIGTERM, came.set)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(10):
            await came.wait()

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(wait())


@linux_only
@pytest.mark.parametrize(
    ("limit", "expected"), [(-1, True), (8 << 20, True), (60 << 20, False), (1 << 30, True)]
)
def test_memory_is_not_locked_where_a_limit_is_near(limit, expected):
    assert real_time.safe(limit, 50 << 20) is expected


def test_a_manager_that_is_not_there_is_an_error():
    with pytest.raises(OSError, match=r".+"):
        system.send_datagram("/no/such/socket", b"READY=1")


def test_what_is_ours_is_told_from_what_is_not(tmp_path):
    assert system.is_ours(tmp_path.stat())
    with suppress(AttributeError):  # Windows
        assert system.is_root() == (os.geteuid() == 0)


@pytest.mark.parametrize(
    "cause",
    [MemoryError(), OSError(errno.EMFILE, "Too many open files"), OSError(errno.ENOMEM, "none")],
    ids=repr,
)
def test_an_import_that_fails_for_want_of_something_lacks_what_its_cause_did(cause):
    error = ImportError("it cannot be loaded")
    assert portable.scarcity(error) is None
    error.__cause__ = cause
    assert portable.scarcity(error) == portable.scarcity(cause) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="it says so in another way")
def test_room_that_is_there_is_given_back_and_more_than_there_is_is_an_error():
    before = os.open(os.devnull, os.O_RDONLY)
    os.close(before)
    portable.ask_for_room(4, 1 << 20)
    after = os.open(os.devnull, os.O_RDONLY)
    os.close(after)
    assert after == before
    with pytest.raises(OSError, match="memory") as caught:
        portable.ask_for_room(4, 1 << 50)
    assert "ulimit -v" in (portable.scarcity(caught.value) or "")

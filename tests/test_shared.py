"""Laws of the memory that outlives the player, between real processes where it matters."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd.messages import Gap, Heard, Notice, Resume
from improvd.shared import Shared, left
from improvd.system.handover import MEMORY, make

HEARD = st.builds(Heard, st.integers(0, 2**62), st.binary(max_size=60))


@pytest.fixture
def both() -> Iterator[tuple[Shared, Shared]]:
    """The player's side and the service's, of one memory."""
    descriptor = make()
    player, service = Shared(descriptor), Shared(descriptor)
    os.close(descriptor)
    yield player, service
    player.close()
    service.close()


def test_what_is_put_is_drained_once_and_in_order(both):
    player, service = both
    events = [Heard(n, bytes(n % 50)) for n in range(5000)]
    for event in events[:3000]:
        player.put(event)
    assert service.drain() == events[:3000]
    for event in events[3000:]:
        player.put(event)
    assert service.drain() == events[3000:]
    assert service.drain() == []


@given(st.lists(st.lists(HEARD, max_size=400), max_size=12))
@settings(max_examples=20, deadline=None)
def test_round_and_round_the_ring_nothing_is_lost(batches):
    descriptor = make()
    player, service = Shared(descriptor), Shared(descriptor)
    long = Notice("x" * 50_000)
    for batch in batches:
        for _ in range(20):  # goes round the four megabytes
            player.put(long)
        for event in batch:
            player.put(event)
        assert service.drain() == [long] * 20 + batch
    player.close()
    service.close()
    os.close(descriptor)


def test_a_full_ring_counts_what_it_drops_and_leaves_a_gap(both):
    player, service = both
    long = Notice("x" * 100_000)
    fitting = MEMORY // 100_000 - 5
    for _ in range(fitting + 20):
        player.put(long)
    drained = service.drain()
    assert drained == [long] * len(drained)
    lost = fitting + 20 - len(drained)
    assert lost > 0
    player.put(Heard(1, b"\x90"))
    assert service.drain() == [Gap(lost), Heard(1, b"\x90")]


def test_what_sounds_is_known_by_pitch_and_channel(both):
    player, service = both
    assert service.sounding == ()
    for pitch in (0, 63, 64, 127):
        player.mark(bytes((0x93, pitch, 80)))
    player.mark(bytes((0x9F, 63, 80)))
    assert service.sounding == ((3, 0), (3, 63), (3, 64), (3, 127), (15, 63))
    player.mark(bytes((0x83, 63, 64)))
    player.mark(bytes((0x83, 127, 64)))
    player.mark(b"\xf8")
    assert service.sounding == ((3, 0), (3, 64), (15, 63))


def test_the_latest_whole_snapshot_is_the_one(both):
    player, service = both
    assert service.snapshot is None
    for number in range(5):
        player.save(bytes([number]) * (1000 - number))
        assert service.snapshot == bytes([number]) * (1000 - number)
    player.save(b"x" * MEMORY)  # too long to be one
    assert service.snapshot == bytes([4]) * 996
    player.connect((("out", "synth:in"), ("in", "keys:out")))
    assert service.peers == (("out", "synth:in"), ("in", "keys:out"))
    assert service.snapshot == bytes([4]) * 996


def test_a_snapshot_half_written_leaves_the_one_before(both):
    player, service = both
    player.save(b"first" * 100)
    player.save(b"second" * 100)
    # The slot that is written next is the older one: its half is damaged, its count not yet set.
    at = player._memory.find(b"first" * 100)
    player._memory[at : at + 50] = b"third" * 10
    assert service.snapshot == b"second" * 100
    at = player._memory.find(b"second" * 100)
    player._memory[at : at + 5] = b"other"
    assert service.snapshot is None


_WRITER = """
import sys
from improvd.messages import Heard
from improvd.shared import Shared
shared = Shared(int(sys.argv[1]))
number = 0
while True:
    shared.save(number.to_bytes(8, "little") * 2000)
    shared.put(Heard(number, number.to_bytes(8, "little")))
    number += 1
"""


@pytest.mark.parametrize("trial", range(5))
def test_a_writer_killed_at_any_moment_leaves_whole_events_and_a_whole_snapshot(trial):
    descriptor = make()
    service = Shared(descriptor)
    command = [sys.executable, "-c", _WRITER, str(descriptor)]
    with subprocess.Popen(command, pass_fds=[descriptor]) as writer:
        events = []
        while len(events) < 2000 * (trial + 1):
            events += service.drain()
        writer.send_signal(signal.SIGKILL)
    events += service.drain()
    numbers = [event.stamp_ns for event in events if isinstance(event, Heard)]
    assert numbers == sorted(set(numbers))
    assert all(event.message == event.stamp_ns.to_bytes(8, "little") for event in events
               if isinstance(event, Heard))  # fmt: skip
    snapshot = service.snapshot
    assert snapshot is not None
    assert snapshot == snapshot[:8] * 2000
    assert abs(int.from_bytes(snapshot[:8], "little") - numbers[-1]) <= 1
    service.close()
    os.close(descriptor)


def test_what_sounds_outlives_both_processes(tmp_path):
    path = tmp_path / "mine.memory"
    assert left(path) is None
    script = f"""
import os, signal
from pathlib import Path
from improvd.system.handover import make
from improvd.shared import Shared
shared = Shared(make(Path({str(path)!r})))
shared.connect((("improvd:out", "synth:in"),))
shared.save(b"before")
shared.mark(bytes([0x92, 60, 90]))
shared.mark(bytes([0x92, 100, 90]))
shared.mark(bytes([0x82, 60, 64]))
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert left(path) == Resume(b"before", peers=(("improvd:out", "synth:in"),), notes=((2, 100),))
    path.write_bytes(path.read_bytes()[:5000])
    assert left(path) is None


def test_a_new_memory_leaves_the_one_before_to_who_still_has_it(tmp_path):
    path = tmp_path / "mine.memory"
    before, after = make(path), make(path)
    shared = Shared(before)
    shared.save(b"before")
    assert shared.resume == Resume(b"before")
    assert left(path) is None
    shared.close()
    os.close(before)
    os.close(after)


def test_without_room_for_a_file_it_is_memory_all_the_same(tmp_path):
    descriptor = make(tmp_path / "no such folder" / "mine.memory")
    shared = Shared(descriptor)
    shared.mark(bytes([0x90, 60, 90]))
    assert shared.sounding == ((0, 60),)
    shared.close()
    os.close(descriptor)

"""A jam's snapshot as bytes, and how to go on from it after a loss, a restart or a reboot."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from improvd.core.jam import Jam, JamMemory
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.performer import MOST_BEATS_BEHIND
from improvd.core.sync.follower import PULSES_PER_CLOCK
from improvd.core.sync.transport import TransportMemory
from improvd.core.sync.transport_state import Standing

_VERSION = 1
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# A jam that goes on elsewhere in time does so after this, so that its first beat is not late.
_LEAD_NS = 60_000_000


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """What a jam was at a nanosecond of a machine's uptime, its values of this vocabulary (id)."""

    version: int
    boot: str
    now_ns: int
    vocabulary: str
    memory: JamMemory


class SnapshotError(ValueError):
    """Bytes that are no snapshot of this version; one sentence."""


def _boot() -> str:
    """Which uptime the monotonic clock counts, where the system tells."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _as_bytes(value: Any) -> bytes:
    data: bytes = value.tobytes()
    return data


def _as_array(kind: Any, data: bytes) -> Any:
    """The array of an annotation such as NDArray[np.float32], which names its numbers' type."""
    return np.frombuffer(data, dtype=kind.__args__[1].__args__[0])


_encoder = msgspec.msgpack.Encoder(enc_hook=_as_bytes)
_decoder = msgspec.msgpack.Decoder(Snapshot, dec_hook=_as_array)
_HERE = _boot()


def take(jam: Jam, now: int) -> bytes:
    """The jam as it is, some 10 kB; takes a tenth of a millisecond."""
    return _encoder.encode(Snapshot(_VERSION, _HERE, now, _vocabulary(jam), jam.memory()))


def read(data: bytes) -> Snapshot:
    """The snapshot in these bytes. Raises SnapshotError."""
    try:
        snapshot = _decoder.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SnapshotError(f"the snapshot cannot be read: {error}") from None
    if snapshot.version != _VERSION:
        raise SnapshotError(f"the snapshot is of version {snapshot.version}, not {_VERSION}")
    return snapshot


def go_on(jam: Jam, now: int, snapshot: Snapshot) -> None:
    """Let a jam go on from a snapshot, what sounded having been closed.

    In time, beat for beat, where it is the same uptime and the loss was short; else from the beat
    that was next. Raises ValueError for a snapshot of another model's shape or vocabulary.
    """
    if snapshot.vocabulary != _vocabulary(jam):
        raise ValueError("what was played last was of another vocabulary")
    memory = snapshot.memory
    if memory.transport.standing is Standing.ALONE:
        moved = _lateness(jam, now, snapshot)
        if moved is not None:
            memory = replace(memory, transport=memory.transport.moved(moved))
    elif snapshot.boot != _HERE:
        memory = replace(memory, transport=_stopped(memory.transport, now, snapshot.now_ns))
    jam.restore(memory)
    jam.resume(now)


def _stopped(transport: TransportMemory, now: int, then: int) -> TransportMemory:
    """Where it was, in a new uptime: nobody knows what the master has said since."""
    position = transport.position
    if transport.standing is Standing.ROLLING:
        position = transport.timeline.pulse_at(then) // PULSES_PER_CLOCK
    moved = transport.moved(now)
    return replace(moved, standing=Standing.STOPPED, told=None, position=position)


def _vocabulary(jam: Jam) -> str:
    return jam.setup.first.vocabulary.id


def _lateness(jam: Jam, now: int, snapshot: Snapshot) -> int | None:
    """How many nanoseconds later the music is to go on; None if it can go on in time."""
    memory = snapshot.memory
    timeline = memory.transport.timeline
    if jam.setup.dotted:
        timeline = timeline.dotted()
    late = now - timeline.when(memory.performer.beat * PULSES_PER_BEAT)
    in_time = late < MOST_BEATS_BEHIND * timeline.beat_ns and snapshot.now_ns <= now
    return None if in_time and snapshot.boot == _HERE else late + _LEAD_NS

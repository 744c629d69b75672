"""Laws of going on from a snapshot: in time after a short loss, from the same beat after a long."""

import msgspec
import pytest

from improvd import snapshot
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.sync.leader import Leader
from improvd.core.sync.transport_state import Following, Standing, Sync
from improvd.core.timeline import ns_per_beat
from tests.harness.live_script import VOCABULARY
from tests.harness.session import MS, START_NS, Session, jam

BEAT = ns_per_beat(120)


def left_at(beats: int) -> tuple[Session, bytes, int]:
    session = Session(jam(seed=3, temperature=1.0)).play(beats)
    moment = START_NS + beats * BEAT
    return session, snapshot.take(session.jam, moment), moment


def going_on(data: bytes, now: int) -> Session:
    session = Session(jam(seed=3, temperature=1.0))
    snapshot.go_on(session.jam, now, snapshot.read(data))
    return session


@pytest.mark.parametrize("gone_ms", [0, 300, 1700, 7000])
def test_after_a_short_loss_beats_fall_where_they_would_have(gone_ms):
    lost, data, moment = left_at(24)
    successor = going_on(data, moment + gone_ms * MS)
    successor.until(moment + gone_ms * MS + 8 * BEAT)
    assert all((beat.start_ns - START_NS) == beat.number * BEAT for beat in successor.beats)
    assert successor.beats[0].number == lost.beats[-1].number + 1


@pytest.mark.parametrize("gone_s", [60, 3600, 86400])
def test_after_a_long_one_it_goes_on_with_the_beat_that_was_next(gone_s):
    lost, data, moment = left_at(24)
    now = moment + gone_s * 1000 * MS
    successor = going_on(data, now)
    successor.until(now + 8 * BEAT)
    assert successor.beats[0].number == lost.beats[-1].number + 1
    assert now < successor.beats[0].start_ns < now + 100 * MS
    assert len(successor.beats) >= 8


def test_what_a_version_before_remembered_and_nobody_needs_any_more_is_passed_over():
    """Such as the running status, which drivers never let through."""
    _, data, moment = left_at(24)
    version, boot, now, vocabulary, memory = msgspec.msgpack.decode(data)
    older = {**memory, "running_status": 0x90}
    data = msgspec.msgpack.encode((version, boot, now, vocabulary, older))
    assert going_on(data, moment).play(28).beats[0].number == 25


def test_after_a_reboot_the_clock_of_the_machine_begins_anew(monkeypatch):
    lost, data, _ = left_at(24)
    monkeypatch.setattr(snapshot, "_HERE", "another boot")
    successor = going_on(data, 5 * MS)
    successor.until(5 * MS + 8 * BEAT)
    assert successor.beats[0].number == lost.beats[-1].number + 1
    assert 5 * MS < successor.beats[0].start_ns < 105 * MS


def test_after_a_reboot_a_follower_waits_for_its_master(monkeypatch):
    midi = Following(Sync.MIDI)
    session = Session(jam("solo", following=midi))
    session.jam.hear(START_NS, b"\xfa")
    for tick in range(100):
        now = START_NS + tick * BEAT // 24
        session.until(now)
        session.jam.hear(now, b"\xf8")
        session.wake_at(now)
    data = snapshot.take(session.jam, now)
    monkeypatch.setattr(snapshot, "_HERE", "another boot")
    successor = Session(jam("solo", following=midi))
    snapshot.go_on(successor.jam, 10**9, snapshot.read(data))
    assert successor.jam.state.standing is Standing.STOPPED
    successor.until(10**11)
    assert successor.beats == []


def test_another_version_is_refused():
    _, data, _ = left_at(4)
    with pytest.raises(snapshot.SnapshotError, match="of version 9, not 1"):
        snapshot.read(data[:1] + b"\x09" + data[2:])


def test_values_of_another_vocabulary_mean_nothing_here():
    _, data, moment = left_at(8)
    other = Vocabulary([*VOCABULARY.figures[:-1], [[0, 11, 0]]])
    successor = Session(jam(vocabulary=other))
    with pytest.raises(ValueError, match="of another vocabulary"):
        snapshot.go_on(successor.jam, moment, snapshot.read(data))
    assert successor.play(4).beats[0].number == 0


@pytest.mark.parametrize(
    ("before", "after", "standing"),
    [("midi", "internal", Standing.ALONE), ("internal", "midi", Standing.STOPPED)],
)
def test_with_another_sync_it_goes_by_that(before, after, standing):
    session = Session(jam("solo", following=Following(Sync(before))))
    session.jam.hear(START_NS, b"\xfa")
    for tick in range(400):
        now = START_NS + tick * BEAT // 24
        session.until(now)
        session.jam.hear(now, b"\xf8")
        session.wake_at(now)
    successor = Session(jam("solo", following=Following(Sync(after))))
    snapshot.go_on(successor.jam, now, snapshot.read(snapshot.take(session.jam, now)))
    assert successor.jam.state.standing is standing
    successor.until(now + 40 * BEAT)
    assert bool(successor.beats) == (after == "internal")
    if successor.beats:
        assert successor.beats[0].number == session.beats[-1].number + 1


def test_who_follows_us_is_told_to_play_on():
    def led() -> Session:
        session = Session(jam("solo", seed=3))
        session.jam._leader = Leader(START_NS, session.jam.state)
        return session

    lost = led().play(9)
    data = snapshot.take(lost.jam, START_NS + 9 * BEAT)
    lost.stop()
    successor = led()
    now = START_NS + 9 * BEAT + 300 * MS
    snapshot.go_on(successor.jam, now, snapshot.read(data))
    successor.until(now + 2 * BEAT)
    kinds = [message[0] for _, _, message in successor.sent if message[0] in (0xF2, 0xFB)]
    assert kinds == [0xF2, 0xFB]

"""Laws of the notes of what sounds."""

import os

import pytest

from improvd.player.sounding import SoundingNotes
from improvd.shared import Shared
from improvd.system.handover import make

MS = 1_000_000
ON, OFF, OTHER = b"\x90\x3c\x50", b"\x80\x3c\x40", b"\x90\x40\x50"


@pytest.fixture
def shared():
    descriptor = make()
    memory = Shared(descriptor)
    os.close(descriptor)
    yield memory
    memory.close()


def test_a_note_sounds_from_before_it_leaves_until_its_off_has_arrived(shared):
    notes = SoundingNotes(shared)
    notes.leaving(ON)
    assert shared.sounding == ((0, 60),)
    notes.left(0, ON)
    notes.leaving(OFF)
    notes.left(10 * MS, OFF)
    notes.settle(40 * MS)
    assert shared.sounding == ((0, 60),)
    notes.settle(40 * MS + 1)
    assert shared.sounding == ()


def test_a_note_struck_again_at_once_sounds_on(shared):
    notes = SoundingNotes(shared)
    for now, message in enumerate([ON, OFF, ON]):
        notes.leaving(message)
        notes.left(now * MS, message)
    notes.settle(1000 * MS)
    assert shared.sounding == ((0, 60),)


def test_in_order_everything_has_arrived(shared):
    notes = SoundingNotes(shared)
    for message in (ON, OTHER, OFF, b"\xf8"):
        notes.leaving(message)
        notes.left(0, message)
    notes.all_arrived()
    assert shared.sounding == ((0, 64),)


def test_the_same_pitch_of_two_voices_is_two_notes(shared):
    notes = SoundingNotes(shared)
    for message in (ON, b"\x92\x3c\x50", OFF):
        notes.leaving(message)
        notes.left(0, message)
    notes.settle(100 * MS)
    assert notes.owed() == [b"\x82\x3c\x40"]

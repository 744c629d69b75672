"""Laws of the marks of what sounds."""

import os

import pytest

from improvd.player.marks import Marks
from improvd.shared import Shared, make

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
    marks = Marks(shared)
    marks.leaving(ON)
    assert shared.sounding == (0, (60,))
    marks.left(0, ON)
    marks.leaving(OFF)
    marks.left(10 * MS, OFF)
    marks.settle(40 * MS)
    assert shared.sounding == (0, (60,))
    marks.settle(40 * MS + 1)
    assert shared.sounding == (0, ())


def test_a_note_struck_again_at_once_sounds_on(shared):
    marks = Marks(shared)
    for now, message in enumerate([ON, OFF, ON]):
        marks.leaving(message)
        marks.left(now * MS, message)
    marks.settle(1000 * MS)
    assert shared.sounding == (0, (60,))


def test_in_order_everything_has_arrived(shared):
    marks = Marks(shared)
    for message in (ON, OTHER, OFF, b"\xf8"):
        marks.leaving(message)
        marks.left(0, message)
    marks.all_arrived()
    assert shared.sounding == (0, (64,))

"""What was sent, note by note."""

from collections.abc import Sequence
from itertools import dropwhile

from improvd.core.voice.agenda import Agenda


def drain(agenda: Agenda) -> list[tuple[int, bytes]]:
    taken = []
    while agenda.next_pulse is not None:
        taken.append((agenda.next_pulse, agenda.take()[-1]))
    return taken


def check_one_voice(messages: Sequence[bytes]) -> None:
    """Ons and offs take turns, each off that of the on before it, and all is closed."""
    for index, (status, pitch, _) in enumerate(messages):
        if index % 2:
            assert (status & 0xF0, pitch) == (0x80, messages[index - 1][1])
        else:
            assert status & 0xF0 == 0x90
    assert len(messages) % 2 == 0


def still_sounding(messages: Sequence[bytes], *, killed: bool = False) -> set[tuple[int, int]]:
    """The notes struck and not closed, (channel, pitch), and a check that no off lacks its on.

    A listener that came in the middle of a note hears its off first: that one is passed over. Where
    a process was killed, its last off may be sent once more by whoever comes after.
    """
    sounding: set[tuple[int, int]] = set()
    for message in dropwhile(lambda message: message[0] & 0xF0 == 0x80, messages):
        kind, key = message[0] & 0xF0, (message[0] & 0x0F, message[1])
        if kind == 0x90:
            assert key not in sounding
            sounding.add(key)
        elif kind == 0x80:
            assert killed or key in sounding
            sounding.discard(key)
    return sounding

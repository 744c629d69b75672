"""Two voices that sound together: a key that is still down as another one goes down.

Legato laps over for a moment only; what is down together for longer is two voices.
"""

from collections.abc import Iterator, Sequence

from improvd.core.hearing.keyboard import Struck
from improvd.core.hearing.windows import Spans
from improvd.core.music import PULSES_PER_BEAT

_VOICES = 8  # notes before a note that may sound together with it


def two_together(
    notes: Sequence[Struck], end: int, spans: Spans, *, both_ways: bool
) -> Iterator[tuple[int, int, int]]:
    """Pairs of which the lower note was struck alone: low and high pitch, and the later's pulse.

    Args:
        notes: by pulse.
        end: of a beat; only those are looked for that are known to sound together in it.
        spans: the windows.
        both_ways: whether the lower one may come later too, amid no strum.
    """
    alone, in_no_strum = _lone(notes, spans.chord), _lone(notes, spans.strum_gap)
    for index, later in enumerate(notes):
        if not 0 < end - later.pulse - spans.together <= PULSES_PER_BEAT:
            continue
        for at in range(max(index - _VOICES, 0), index):
            before = notes[at]
            if not _together(before, later, spans.together):
                continue
            if before.pitch < later.pitch and alone[at]:
                yield before.pitch, later.pitch, later.pulse
            elif both_ways and later.pitch < before.pitch and in_no_strum[index]:
                yield later.pitch, before.pitch, later.pulse


def _lone(notes: Sequence[Struck], span: int) -> list[bool]:
    """Which notes have no other so near to them in time."""
    beside = ([*notes[max(at - 1, 0) : at], *notes[at + 1 : at + 2]] for at in range(len(notes)))
    return [
        all(abs(note.pulse - other.pulse) > span for other in others)
        for note, others in zip(notes, beside, strict=True)
    ]


def _together(before: Struck, after: Struck, span: int) -> bool:
    """Whether a note and one struck after it sound together for so many pulses."""
    at = after.pulse + span
    return before.pulse < after.pulse and before.down_at(at) and after.down_at(at)

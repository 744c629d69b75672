"""Gathering notes into chords: what is struck together, and what is strummed.

A strum takes up to 170 ms, so it may well be in its middle as the hearing of a beat closes. It is
one chord all the same, and heard with the beat that it goes on in.
"""

from collections.abc import Sequence
from itertools import pairwise

from improvd.core.hearing.keyboard import Struck
from improvd.core.hearing.windows import Spans

# Steps of a strum are thirds and more on the average, those of a scale are not.
_STRUM_STEP = 2.5
_STRUM_NOTES = 3
_MOST_IN_CHORD = 12


def groups(struck: Sequence[Struck], spans: Spans) -> list[list[Struck]]:
    """Notes gathered into chords: what is struck together, and what is strummed.

    Args:
        struck: by pulse.
        spans: the windows.
    """
    gathered: list[list[Struck]] = []
    rest = list(struck)
    while rest:
        count = max(_together_count(rest, spans), _strum_count(rest, spans))
        gathered.append(rest[:count])
        rest = rest[count:]
    return gathered


def _together_count(notes: Sequence[Struck], spans: Spans) -> int:
    end = notes[0].pulse + spans.chord
    return next((n for n, note in enumerate(notes) if note.pulse > end), len(notes))


def _strum_count(notes: Sequence[Struck], spans: Spans) -> int:
    """How many of the first notes are one chord whose keys all stay down, 0 for none."""
    best = 0
    for count in range(2, min(len(notes), _MOST_IN_CHORD) + 1):
        before, last = notes[count - 2], notes[count - 1]
        span = last.pulse - notes[0].pulse
        near = last.pulse - before.pulse <= spans.strum_gap and span <= spans.strum
        if not near or not all(note.down_at(last.pulse) for note in notes[:count]):
            break
        if count >= _STRUM_NOTES and (span <= spans.loose_chord or _is_strum(notes[:count], spans)):
            best = count
    return best


def _is_strum(notes: Sequence[Struck], spans: Spans) -> bool:
    """Whether pitches go one way, by steps that no scale has.

    Gaps are alike, too, by rules 4: a note of the one hand, and a chord of the other, are none.
    """
    if spans.late and not _is_even(notes, spans):
        return False
    steps = [b.pitch - a.pitch for a, b in pairwise(notes)]
    one_way = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return one_way and abs(sum(steps)) >= _STRUM_STEP * len(steps)


def _is_even(notes: Sequence[Struck], spans: Spans) -> bool:
    gaps = [after.pulse - before.pulse for before, after in pairwise(notes)]
    return max(gaps) <= max(2 * sum(gaps) / len(gaps), spans.chord)


def unfinished(struck: Sequence[Struck], end: int, spans: Spans) -> int:
    """How many of the last notes may be the beginning of a chord that goes on after `end`.

    The keys of all of them are down still, and the last one was struck so shortly before that
    another may follow: a strum's gaps are alike.

    Args:
        struck: by pulse, all before `end`.
        end: when hearing closes.
        spans: the windows.
    """
    best = 0
    for count in range(1, min(len(struck), _MOST_IN_CHORD) + 1 if spans.late else 1):
        notes, before = struck[-count:], struck[-count - 1 : -count]
        if not notes[0].down_at(end) or notes[-1].pulse - notes[0].pulse > spans.strum:
            break
        since = notes[0].pulse - before[0].pulse if before else spans.strum
        if since > spans.chord and _may_go_on(notes, end, spans):  # else a chord would be torn
            best = count
        if since > spans.strum_gap:
            break
    return best


def _may_go_on(notes: Sequence[Struck], end: int, spans: Spans) -> bool:
    """Whether these may be the first notes of a chord, by what is known of them."""
    gaps = [after.pulse - before.pulse for before, after in pairwise(notes)]
    since = end - notes[-1].pulse
    if sum(gaps) <= spans.chord:
        return since <= spans.late
    return _is_strum(notes, spans) and since <= min(max(2 * max(gaps), spans.late), spans.strum_gap)

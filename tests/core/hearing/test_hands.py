"""Laws of parting hands: one line is melody wherever it lies, chords and basses are not."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.hearing.ear import Ear, HeardBeat
from improvd.core.hearing.keyboard import Struck
from improvd.core.hearing.parting.hands import Hands
from improvd.core.hearing.parting.strums import groups
from improvd.core.hearing.windows import spans
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.messages import RULES

BEAT, MS = 480, 480 / 500  # pulses, at 120 BPM
SPANS = spans(Timeline(0, 0, ns_per_beat(120)), RULES)

Notes = list[tuple[int, int, int]]
"""(onset, end, pitch), in pulses."""


def hear(notes: Notes) -> list[HeardBeat]:
    """What an ear hears of these notes, by the beat."""
    events = sorted(
        [(on, 1, pitch) for on, _, pitch in notes] + [(end, 0, pitch) for _, end, pitch in notes]
    )
    ear, heard = Ear(RULES), []
    for beat in range(events[-1][0] // BEAT + 2):
        while events and events[0][0] < (beat + 1) * BEAT - SPANS.early:
            pulse, on, pitch = events.pop(0)
            if on:
                ear.note_on(pulse, 0, pitch, 80)
            else:
                ear.note_off(pulse, 0, pitch)
        heard.append(ear.close(beat, SPANS))
    return heard


def melody(notes: Notes) -> list[int]:
    return [pitch for beat in hear(notes) for _, pitch in beat.melody]


def chord(at: int, *pitches: int, length: int = 300, spread_ms: float = 0) -> Notes:
    apart = spread_ms * MS / max(len(pitches) - 1, 1)
    return [
        (round(at + number * apart), at + length, pitch) for number, pitch in enumerate(pitches)
    ]


@given(
    st.lists(
        st.tuples(st.integers(SPANS.chord + 1, 700), st.integers(-11, 11), st.integers(0, 30)),
        min_size=1,
        max_size=40,
    ),
    st.integers(30, 90),
)
def test_of_one_line_every_note_is_melody_in_any_register(line, start):
    """Steps within an octave, legato or detached."""
    onsets = list(accumulate(gap for gap, _, _ in line))
    pitches = [
        20 + pitch % 90 for pitch in accumulate((step for _, step, _ in line), initial=start)
    ]
    ends = [*onsets[1:], onsets[-1] + 100]
    notes = [
        (on, max(on + 1, end - detached), pitch)
        for on, end, pitch, (_, _, detached) in zip(onsets, ends, pitches[1:], line, strict=True)
    ]
    leaps = [abs(b - a) for a, b in pairwise(pitches[1:])]
    if max(leaps, default=0) < 12:  # it may have been folded into the keyboard's range
        assert melody(notes) == pitches[1:]


VOICINGS = {
    "close": (52, 55, 59, 62),
    "rootless": (53, 57, 60, 64),
    "rootless, high": (58, 60, 64, 67),
    "shell": (53, 60),
    "shell, the other way": (52, 57),
    "shell and root": (38, 53, 60),
    "seventh and third": (36, 46, 64),
    "drop-2": (55, 60, 64, 71),
    "drop-2, low": (50, 57, 60, 65),
    "triad": (60, 64, 67),
    "octave in the bass": (36, 48),
    "guitar": (40, 47, 52, 56, 59, 64),
}


@pytest.mark.parametrize("voicing", VOICINGS.values(), ids=VOICINGS)
@pytest.mark.parametrize("beats", [1, 1.5, 2, 4])
def test_a_chord_that_comps_is_no_melody(voicing, beats):
    notes = [n for hit in range(8) for n in chord(round(hit * beats * BEAT), *voicing)]
    assert melody(notes) == []
    accompanied = [pitch for beat in hear(notes) for _, pitch in (*beat.chords, *beat.bass)]
    assert sorted(accompanied) == sorted(voicing * 8)


@pytest.mark.parametrize("spread_ms", [0, 30, 60, 90, 120, 150])
@pytest.mark.parametrize(
    "strings", [(40, 47, 52, 56, 59, 64), (64, 59, 56, 52, 47, 40), (48, 55, 64)]
)
def test_a_strum_is_one_chord(strings, spread_ms):
    notes = [n for bar in range(4) for n in chord(bar * 960, *strings, spread_ms=spread_ms)]
    assert melody(notes) == []


@pytest.mark.parametrize("spread_ms", [15, 30, 60, 90])
@pytest.mark.parametrize(
    "voicing",
    [(40, 47, 52, 56, 59, 64), (64, 59, 56, 52, 47, 40), (52, 55, 59, 62), (52, 64, 55, 59)],
)
def test_a_chord_that_goes_over_a_beats_close_is_one_chord(voicing, spread_ms):
    """However long before its end hearing closes; in any order, where it is struck together."""
    in_turn = voicing in (tuple(sorted(voicing)), tuple(sorted(voicing, reverse=True)))
    if not in_turn and spread_ms > 35:
        return
    for ahead_ms in range(0, 100, 3):
        at = BEAT - SPANS.early - round(ahead_ms * MS)
        heard = hear(chord(at, *voicing, spread_ms=spread_ms))
        assert not any(beat.melody for beat in heard)
        [whole] = [beat.chords + beat.bass for beat in heard if beat.chords or beat.bass]
        assert sorted(pitch for _, pitch in whole) == sorted(voicing)


@pytest.mark.parametrize("begins", range(0, 60, 5))
def test_a_legato_run_over_a_beats_close_is_heard_note_for_note(begins):
    arpeggio = [60, 64, 67, 71, 74, 71, 67, 64] * 2
    notes = [(begins + n * 60, begins + n * 60 + 70, pitch) for n, pitch in enumerate(arpeggio)]
    assert melody(notes) == arpeggio


def test_by_older_rules_a_beat_keeps_what_was_struck_in_it():
    older = spans(Timeline(0, 0, ns_per_beat(120)), 3)
    ear = Ear(RULES)
    ear.note_on(BEAT - SPANS.early - 1, 0, 64, 80)
    assert ear.close(0, older).played


def test_the_top_of_a_strum_that_goes_on_with_a_line_is_melody_when_it_is_struck():
    line = [(0, 230, 76), (240, 470, 77)]
    [_, beat, *_] = hear([*line, *chord(BEAT, 60, 64, 67, 72, 79, spread_ms=120)])
    assert beat.melody == ((round(120 * MS) / 40, 79),)


@pytest.mark.parametrize("apart_ms", [40, 60, 75, 100])
@pytest.mark.parametrize("lap_ms", [-10, 0, 15, 30])
def test_a_fast_run_is_no_strum(apart_ms, lap_ms):
    scale = [60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79]
    arpeggio = [60, 64, 67, 71, 74, 77, 81, 77, 74, 71, 67, 64]
    for line in (scale, arpeggio):
        notes = [
            (round(n * apart_ms * MS), round(((n + 1) * apart_ms + lap_ms) * MS), pitch)
            for n, pitch in enumerate(line)
        ]
        assert melody(notes) == line


WALKING = [36, 40, 43, 45, 48, 45, 43, 40]
RIGHT = [72, 74, 76, 79, 77, 76, 74, 72]


def test_a_walking_left_hand_is_bass_under_a_melody():
    bass = [(n * BEAT, n * BEAT + 430, pitch) for n, pitch in enumerate(WALKING)]
    right = [(n * BEAT + 240, n * BEAT + 430, pitch) for n, pitch in enumerate(RIGHT)]
    heard = hear(bass + right)
    assert [pitch for beat in heard for _, pitch in beat.melody] == RIGHT
    assert [pitch for beat in heard for _, pitch in beat.bass] == WALKING


def test_a_left_hand_walks_on_while_the_right_one_rests():
    bass = [(n * BEAT, n * BEAT + 430, WALKING[n % 8]) for n in range(24)]
    right = [(n * BEAT + 240, n * BEAT + 430, pitch) for n, pitch in enumerate(RIGHT)]
    assert melody(bass + right) == RIGHT


def test_a_walking_bass_alone_is_a_line():
    bass = [(n * BEAT, n * BEAT + 430, pitch) for n, pitch in enumerate(WALKING)]
    assert melody(bass) == WALKING


def test_a_low_root_that_ends_a_phrase_is_its_bass_and_a_new_phrase_there_is_melody():
    right = [(n * 240, n * 240 + 200, pitch) for n, pitch in enumerate(RIGHT)]
    assert melody([*right, (8 * 240, 8 * 240 + 400, 36)]) == RIGHT
    later = [(8 * BEAT + n * 240, 8 * BEAT + n * 240 + 200, 40 + n) for n in range(4)]
    assert melody([*right, *later]) == [*RIGHT, 40, 41, 42, 43]


def test_a_bass_note_between_chords_is_no_melody():
    notes = []
    for bar in range(4):
        notes += chord(bar * 4 * BEAT, 52, 55, 60)
        notes += [(bar * 4 * BEAT + 2 * BEAT, bar * 4 * BEAT + 3 * BEAT, 43)]
    assert melody(notes) == []


@pytest.mark.parametrize("voicing", [(53, 60), (52, 55, 59, 62), (38, 53, 60)])
def test_a_melody_over_a_comping_hand_is_heard_and_the_hand_is_not(voicing):
    right = [(n * 240, n * 240 + 200, RIGHT[n % 8]) for n in range(32)]
    left = [n for hit in range(4) for n in chord((4 * hit + 1) * BEAT, *voicing, spread_ms=10)]
    assert melody(right + left) == RIGHT * 4


def test_block_chords_whose_tops_move_are_a_harmonised_line():
    tops = [72, 74, 76, 77, 79, 77, 76, 74]
    notes = [n for beat, top in enumerate(tops) for n in chord(beat * BEAT, top - 8, top - 5, top)]
    assert melody(notes)[-6:] == tops[-6:]


def test_of_a_grace_note_and_its_main_note_the_main_one_is_heard():
    assert melody([(0, 30, 73), (25, 400, 72)]) == [72]


def test_groups_take_every_note_once():
    notes = [Struck(pulse, 0, 60 + pulse % 11, pulse + 50) for pulse in range(0, 900, 23)]
    assert [note for group in groups(notes, SPANS) for note in group] == notes


def test_hands_that_were_copied_part_alike():
    one = Hands()
    one.part([Struck(0, 0, 72)])
    other = one.copy()
    group = [Struck(100, 0, 40), Struck(101, 0, 60)]
    assert one.part(group) == other.part(group)
    assert one == other

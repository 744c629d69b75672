"""Pitches are chosen as the contour says, in the register, and the same each time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.scales import Harmony, harmonize
from improvd.core.network.contour import ANY, moves_of
from improvd.core.network.vocabulary import Register
from improvd.core.realising.melody import REMEMBERED, Melody
from improvd.core.realising.realiser import Realiser, Where
from improvd.core.realising.templates import END, MOVES, SIZE, Setting, weights_of
from improvd.core.realising.tones import CHORD, GUIDE, OUTSIDE, ROOT, SCALE, tones_of

REGISTER = Register(55, 79)
SYMBOLS = ("C7", "Fmaj7", "Dm7", "G7b9", "Bm7b5", "Ebdim7", "Asus4", "F#m6", "C", "Db/F")
HARMONIES = harmonize([parse_chord(symbol) for symbol in SYMBOLS])
FLAT = np.zeros(SIZE, dtype=np.float32)
CONTOURS = st.lists(st.integers(-ANY, ANY), min_size=1, max_size=4).map(
    lambda its: [(3 * i, contour) for i, contour in enumerate(its)]
)
HARMONY = st.sampled_from(HARMONIES)
PITCH = st.integers(0, 127)


def where(harmony: Harmony = HARMONIES[0], beat: int = 0, then: int | None = None) -> Where:
    return Where(beat, beat % 4, harmony, harmony, then)


WHERE = st.builds(
    Where, st.integers(0, 10**9), st.integers(0, 6), HARMONY, HARMONY, st.integers(-ANY, ANY)
)


@given(CONTOURS, WHERE, st.integers(55, 79), st.integers(0, 9))
def test_each_note_goes_its_way_or_turns_where_the_register_ends(contours, there, start, seed):
    notes = Realiser(FLAT, seed).realise(contours, Melody((start,)), there, REGISTER)
    assert [note.tick for note in notes] == [tick for tick, _ in contours]
    before = start
    for (_, contour), note in zip(contours, notes, strict=True):
        low, high = moves_of(contour)
        move = note.pitch - before
        assert note.pitch in REGISTER
        assert low <= move <= high or low <= -move <= high
        if low <= -move <= high and not low <= move <= high:
            assert before + (low if contour > 0 else high) not in REGISTER
        before = note.pitch


@given(st.lists(PITCH, min_size=1, max_size=80), CONTOURS, HARMONY, PITCH)
def test_whatever_was_heard_before_it_stays_in_the_register(pitches, contours, harmony, root):
    melody = Melody((pitches[0],))
    for place, pitch in enumerate(pitches):
        melody = melody.with_note(pitch, tones_of(harmony), 5 * place)
    assert len(melody.pitches) <= REMEMBERED
    low = min(root, 115)
    register = Register(low, low + 12)
    notes = Realiser(FLAT).realise(contours, melody, where(harmony, beat=100), register)
    assert all(note.pitch in register for note in notes)


def sung(realiser: Realiser, beats: int = 40) -> list[int]:
    melody, pitches = Melody((67,)), []
    for beat in range(beats):
        harmony = HARMONIES[beat // 4 % len(HARMONIES)]
        contours = [(0, ANY if beat % 3 else -ANY), (6, -ANY)]
        notes = realiser.realise(contours, melody, where(harmony, beat, -ANY), REGISTER)
        melody = melody.with_notes(notes, harmony, beat)
        pitches += [note.pitch for note in notes]
    return pitches


def test_one_seed_is_one_line_and_another_another():
    assert sung(Realiser(FLAT, 5)) == sung(Realiser(FLAT, 5))
    assert sung(Realiser(FLAT, 5)) != sung(Realiser(FLAT, 6))
    assert sung(Realiser(FLAT, 2**63)) != sung(Realiser(FLAT, 0))


def test_a_weight_draws_moves_to_itself():
    """Moves over C7 from G are made as often as their weights say."""
    melody = Melody((67,))
    tones = tones_of(HARMONIES[0])
    speaking = weights_of(melody, Setting(tones, tones, 0, 0, 0, END))
    weights = FLAT.copy()
    weights[speaking[0, MOVES.tolist().index(4)]] = 20.0
    notes = Realiser(weights).realise([(0, ANY)], melody, where(), REGISTER)
    assert [note.pitch for note in notes] == [71]
    notes = Realiser(weights).realise([(0, -ANY)], melody, where(), REGISTER)
    assert notes[0].pitch < 67


def test_what_comes_next_and_what_was_heard_speak_too():
    tones, coming = tones_of(HARMONIES[0]), tones_of(HARMONIES[1])
    plain = weights_of(Melody((67,)), Setting(tones, tones, 0, 0, 0, END))
    assert plain.shape[1] == len(MOVES)
    for melody, setting in (
        (Melody((67,)), Setting(tones, coming, 0, 0, 0, END)),
        (Melody((67,)), Setting(tones, tones, 1, 0, 0, END)),
        (Melody((67,)), Setting(tones, tones, 0, 6, 6, END)),
        (Melody((67,)), Setting(tones, tones, 0, 0, 0, 0)),
        (Melody((64, 67)), Setting(tones, tones, 0, 0, 0, END)),
        (Melody((67,), root=7), Setting(tones, tones, 0, 0, 0, END)),
    ):
        assert (weights_of(melody, setting) != plain).any()


TONES = HARMONY.map(tones_of)
SETTINGS = st.builds(
    Setting,
    *(TONES, TONES),
    *(st.integers(0, 6), st.integers(0, 11), st.integers(0, 10**9), st.integers(0, END)),
)


@given(st.lists(PITCH, min_size=1, max_size=REMEMBERED), SETTINGS)
def test_every_move_has_a_weight_of_every_template(pitches, setting):
    speaking = weights_of(Melody(tuple(pitches)), setting)
    assert speaking.min() >= 0
    assert speaking.max() < SIZE
    assert (np.diff(speaking, axis=0) > 0).all()  # each in a table of its own, in order


def test_roles_of_a_dominant():
    roles = tones_of(HARMONIES[0]).roles
    assert [roles[pc] for pc in (0, 4, 10, 7, 9, 1)] == [ROOT, GUIDE, GUIDE, CHORD, SCALE, OUTSIDE]


def test_weights_of_another_size_are_refused():
    with pytest.raises(ValueError, match=f"a realisation has {SIZE} weights"):
        Realiser(FLAT[1:])

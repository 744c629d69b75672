"""Chords heard in what accompanies a melody, where nobody wrote them down.

Each half bar is compared with every chord by the pitch classes that sound in it; where they say
little, the chord before it goes on.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from improvd.core.arrays import Float64Array
from improvd.core.harmony.chord import Chord, parse_chord
from improvd.core.music import PITCH_CLASS_NAMES, PULSES_PER_BEAT, Note

# What accompaniments are made of; an earlier one wins where two fit alike.
_SUFFIXES = ("maj7", "7", "m7", "6", "m6", "m7b5", "dim7", "+7", "7sus4")
_CHORDS = tuple(parse_chord(root + suffix) for root in PITCH_CLASS_NAMES for suffix in _SUFFIXES)

# Above it the lowest note is that of any inversion.
_BASS_BELOW = 48
# How much it says that the lowest note is the root, and that the whole piece uses the scale: a
# plain triad leaves its seventh to the key.
_BASS_IS_ROOT = 0.5
_SCALE_OF_THE_PIECE = 0.5
# A change of chord has to explain this much more of what sounds.
_PRICE_OF_A_CHANGE = 0.35


def _one_hot(of_each: Sequence[Sequence[int]]) -> Float64Array:
    return np.array([[float(pc in classes) for pc in range(12)] for classes in of_each])


_TONES = _one_hot([chord.tones for chord in _CHORDS])
_SCALES = _one_hot([chord.scale for chord in _CHORDS])
_ROOTS = _one_hot([(chord.root,) for chord in _CHORDS])


def heard(notes: Sequence[Note], beats: int, span: int) -> list[Chord]:
    """The chord of each beat, changing at most every `span` beats.

    Args:
        notes: what sounds, in pulses from the first beat; one at least.
        beats: how many.
        span: beats that share a chord.
    """
    sounding, lowest = _profiles(notes, -(-beats // span), span * PULSES_PER_BEAT)
    total = sounding.sum(axis=1, keepdims=True)
    # What sounds for less than half the span says less.
    shares = sounding / np.maximum(total, span * PULSES_PER_BEAT / 2)
    fits = shares @ _TONES.T + _BASS_IS_ROOT * (lowest @ _ROOTS.T)
    fits += _SCALE_OF_THE_PIECE * (_SCALES @ sounding.sum(axis=0)) / max(sounding.sum(), 1.0)
    chosen = _smoothest(fits)
    return [_CHORDS[chosen[beat // span]] for beat in range(beats)]


def tonic(notes: Sequence[Note]) -> Chord:
    """The tonic chord of the key these notes are in (music21's Krumhansl-Schmuckler)."""
    from music21 import note, stream  # noqa: PLC0415 - seldom needed, and slow to import

    histogram: Any = stream.Stream()
    for pitch_class in range(12):
        lasting = sum(n.length for n in notes if n.pitch % 12 == pitch_class)
        if lasting:
            histogram.append(note.Note(60 + pitch_class, quarterLength=lasting / PULSES_PER_BEAT))
    key = histogram.analyze("key")
    root = PITCH_CLASS_NAMES[key.tonic.pitchClass]
    return parse_chord(root + ("maj7" if key.mode == "major" else "m7b13"))


def _profiles(
    notes: Sequence[Note], segments: int, pulses: int
) -> tuple[Float64Array, Float64Array]:
    """How long each pitch class sounds in each segment, and the first bass's, one-hot."""
    sounding = np.zeros((segments, 12))
    lowest = np.full(segments, 128)
    for each in notes:
        end = each.onset + each.length
        for segment in range(max(each.onset // pulses, 0), min(-(-end // pulses), segments)):
            overlap = min(end, (segment + 1) * pulses) - max(each.onset, segment * pulses)
            sounding[segment, each.pitch % 12] += max(overlap, 0)
            # A walking bass says the root on the beat, and then walks.
            on_the_beat = each.onset < segment * pulses + PULSES_PER_BEAT // 2
            if on_the_beat and each.pitch < _BASS_BELOW:
                lowest[segment] = min(lowest[segment], each.pitch)
    bass = (lowest[:, None] % 12 == np.arange(12)) & (lowest < 128)[:, None]
    return sounding, bass.astype(float)


def _smoothest(fits: Float64Array) -> list[int]:
    """The sequence of columns with the most fit, less the price of each change (Viterbi)."""
    best = fits[0]
    came_from = []
    for fit in fits[1:]:
        leader = int(best.argmax())
        changed = best[leader] - _PRICE_OF_A_CHANGE
        came_from.append(np.where(best >= changed, np.arange(len(best)), leader))
        best = np.maximum(best, changed) + fit
    chosen = [int(best.argmax())]
    for origins in reversed(came_from):
        chosen.append(int(origins[chosen[-1]]))
    return chosen[::-1]

"""What the features of an excerpt say of music that is known."""

import math

import pytest

from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.scales import harmonize
from improvd.core.network.vocabulary import BeatNote
from improvd.training.measure.tell.classifier import GROUPS
from improvd.training.measure.tell.excerpt import BEATS, Excerpt, excerpts
from improvd.training.read.corpus import HELD_BEAT, REST_BEAT, MelodyBeat


def excerpt(*bar: MelodyBeat, chords: str = "C7") -> Excerpt:
    """One bar eight times over, on chords of a bar each."""
    symbols = chords.split()
    harmonies = harmonize([parse_chord(symbols[beat // 4 % len(symbols)]) for beat in range(BEATS)])
    return Excerpt(list(bar) * (BEATS // 4), harmonies)


def beat(*notes: tuple[int, int]) -> MelodyBeat:
    return MelodyBeat(tuple(BeatNote(tick, pitch) for tick, pitch in notes))


EIGHTHS = excerpt(
    beat((0, 60), (6, 62)), beat((0, 64), (6, 65)), beat((0, 67)), REST_BEAT, chords="C7 F7"
)


def features(of: Excerpt) -> dict[str, float]:
    return {name: value for take in GROUPS.values() for name, value in take(of).items()}


def test_density_and_rhythm():
    told = features(EIGHTHS)
    assert told["notes a beat"] == 5 / 4
    assert told["empty beats"] == 1 / 4
    assert told["beats of 2"] == 1 / 2
    assert told["on the beat"] == 3 / 5
    assert told["off the beat"] == 2 / 5
    assert told["onsets of 1 bars ago"] == 1
    assert told["longest run of full beats"] == 3
    assert told["density like 4 beats ago"] == pytest.approx(1)


def test_phrases_end_where_nothing_begins_for_a_beat_and_a_half():
    told = features(EIGHTHS)
    assert told["phrases"] == 8
    assert told["notes a phrase"] == 5
    assert told["phrases begun in beat 4 or 1"] == 1
    assert told["phrases ended in beat 1 or 3"] == 1
    assert told["beats between phrases"] == 2
    assert told["last interval"] == 2


def test_intervals_and_what_they_do_next():
    told = features(EIGHTHS)
    assert told["interval within a beat"] == pytest.approx(1.5)
    assert told["repeated notes"] == 0
    assert told["most notes one way"] == 4
    assert told["fourths and fifths"] == 7 / 39
    assert told["leaps answered by a step"] == 1
    assert told["leaps carried on"] == 0


def test_harmony_is_told_against_each_beats_own_chord():
    told = features(EIGHTHS)
    # C D E F G over C7: C E G; over F7: C F.
    assert told["chord tones"] == pytest.approx((3 + 2) / 10)
    assert told["roots"] == pytest.approx(2 / 10)
    assert told["scale tones"] == pytest.approx((5 + 4) / 10)  # E is none of F7's
    assert told["outside tones resolved"] == 1
    assert told["guide tones at changes"] == 0


def test_what_comes_back_is_heard_before():
    told = features(EIGHTHS)
    assert told["pitches heard before"] > 0.8
    assert told["rhythms heard before"] > 0.8
    assert features(excerpt(beat((0, 60))))["entropy of pitch classes"] == 0


def test_no_feature_sees_an_absolute_pitch():
    up = Excerpt(
        [
            MelodyBeat(tuple(BeatNote(n.tick, n.pitch + 12) for n in beat.notes), held=beat.held)
            for beat in EIGHTHS.line
        ],
        EIGHTHS.harmonies,
    )
    assert features(up) == pytest.approx(features(EIGHTHS), nan_ok=True)


@pytest.mark.parametrize(
    "bar",
    [
        (beat((0, 60)), REST_BEAT, REST_BEAT, REST_BEAT),
        (beat((0, 60)), HELD_BEAT, HELD_BEAT, REST_BEAT),
        (beat((0, 60), (3, 60), (6, 60), (9, 60)),) * 4,
        (beat((5, 71), (7, 40), (11, 88)),) * 4,
    ],
)
def test_whatever_is_played_has_every_feature_or_none_of_it(bar):
    told = features(excerpt(*bar))
    assert told.keys() == features(EIGHTHS).keys()
    assert not any(math.isinf(value) for value in told.values())


def test_excerpts_are_whole_and_have_notes():
    line = [*EIGHTHS.line, *[REST_BEAT] * BEATS, *EIGHTHS.line[:-1]]
    assert len(list(excerpts(line, EIGHTHS.harmonies * 3))) == 1

"""A written solo: one voice in whole bars, chords as their names say, the same bytes every time."""

import pytest
from music21 import converter, harmony, stream

from improvd.core.harmony.chart import parse_chart
from improvd.core.network.vocabulary import BeatNote
from improvd.training.read.corpus import HELD_BEAT, REST_BEAT, MelodyBeat
from improvd.training.read.notation import read
from improvd.training.show import sheet

CHART = parse_chart("| Dm7 | G7b9 | Cmaj7#11 | A7#9b13 | Dm7b5/Ab | Eb6 | F+7 | Bdim7 |")
BEATS = len(CHART)


def beat(*notes: tuple[int, int]) -> MelodyBeat:
    return MelodyBeat(tuple(BeatNote(tick, pitch) for tick, pitch in notes))


# Off-beats, triplets, a note held over a bar line, and an empty bar.
LINE = [
    beat((6, 65)),
    beat((0, 66), (4, 67), (8, 65)),
    REST_BEAT,
    beat((9, 70)),
    HELD_BEAT,
    REST_BEAT,
    beat((0, 61), (6, 60)),
    *[REST_BEAT] * 9,
    *[beat((0, 72), (3, 71), (6, 70), (9, 69))] * 16,
]


@pytest.fixture
def written(tmp_path):
    chords = [CHART.at(number).chord for number in range(BEATS)]
    path = tmp_path / "solo.musicxml"
    sheet.write(path, LINE, chords, beats_per_bar=4, bpm=100, title="Mine")
    return path


def test_every_bar_is_full_and_has_one_voice(written):
    [part] = converter.parse(written).parts
    bars = list(part.getElementsByClass(stream.Measure))
    assert len(bars) == 8
    for bar in bars:
        assert not bar.voices
        lasting = [e.quarterLength for e in bar.notesAndRests if not isinstance(e, harmony.Harmony)]
        assert sum(lasting) == 4
    assert [rest.quarterLength for rest in bars[2].notesAndRests[1:]] == [4.0], "one rest a bar"


def test_the_notes_come_back_where_they_were(written):
    [score] = read(written)
    [voice] = score.voices
    due = [
        (place * 480 + note.tick * 40, note.pitch)
        for place, music in enumerate(LINE)
        for note in music.notes
    ]
    assert [(note.onset, note.pitch) for note in voice.notes] == due
    held = next(note for note in voice.notes if note.pitch == 70)
    assert held.length == 120 + 480


def test_chords_come_back_as_they_were(written):
    [score] = read(written)
    due = [CHART.at(beat).chord for beat in range(0, BEATS, 4)]
    for (_, chord), expected in zip(score.chords, due, strict=True):
        assert chord is not None
        assert (chord.root, set(chord.tones), chord.bass) == (
            expected.root,
            set(expected.tones),
            expected.bass,
        )
    assert [pulse for pulse, _ in score.chords] == [bar * 4 * 480 for bar in range(8)]


def test_parts_have_names_that_stay(written):
    assert '<score-part id="P1">' in written.read_text()

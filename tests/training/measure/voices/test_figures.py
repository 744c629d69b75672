"""The figures of each voice, by hand; and the same music in a take and in a file measures alike."""

from dataclasses import replace
from pathlib import Path

import mido
import pytest

from improvd.config import Config
from improvd.core.band.lineup import BASS, DRUMS, PIANO, SOLOIST
from improvd.core.harmony.chart import chart_of, parse_chart
from improvd.core.music import Note
from improvd.model import find, load
from improvd.take import MUSICIAN
from improvd.training import generate
from improvd.training.measure.voices import figures, music
from improvd.training.measure.voices.figures import VoiceFigure
from improvd.training.measure.voices.music import BandMusic
from improvd.training.read.weimar import LeftOutError

BARS = 32


@pytest.fixture(scope="module")
def take():
    config = Config(band="bass, piano, drums", tempo=140, seed=3)
    chart = parse_chart("| Dm7 | G7 | Cmaj7 | A7 | Dm7 | G7 | Em7 A7 | Dm7 G7 |")
    made, _ = generate.solo(config, load(find("default")), chart, 4 * (BARS + 1))
    return made


def named(found: list[VoiceFigure]) -> dict[str, VoiceFigure]:
    return {figure.name: figure for figure in found}


def test_a_file_measures_as_what_was_played(take, tmp_path):
    """Without its count-in, which is in both."""
    take.save(tmp_path / "take.mid")
    of_take = music.of_take(take)
    of_file = music.of_file((tmp_path / "take.mid").read_bytes(), "take.mid")
    assert of_take.bars == of_file.bars == BARS
    assert of_take.beats_per_bar == of_file.beats_per_bar == 4
    ours, files = figures.by_voice(of_take), figures.by_voice(of_file)
    assert list(ours) == list(files) == [SOLOIST, BASS, PIANO, DRUMS]
    for voice, each in ours.items():
        assert [f.name for f in files[voice]] == [f.name for f in each]
        for one, other in zip(each, files[voice], strict=True):
            assert other.value == pytest.approx(one.value, abs=0.01)
            assert other.band == one.band


def test_the_band_that_plays_is_in_its_bands(take):
    found = figures.by_voice(music.of_take(take))
    assert len([f for f in found[BASS] if f.band]) == 19 + 4
    assert figures.share_inside([found], BASS) > 0.85  # as bassists' own lines are
    for voice in (PIANO, DRUMS):
        assert figures.share_inside([found], voice) == 1


def one_voice(voice: str, notes: list[Note], bars: int, feel: str = "swing") -> BandMusic:
    chart = parse_chart("| C7 | F7 |")
    chords = [chart.at(beat).chord for beat in range(4 * bars)]
    return BandMusic({voice: notes}, chart_of(chords), 120, feel)


def test_the_figures_of_a_drummer_by_hand():
    """Eight bars of ride, of which the third has none; hi-hat on two alone; a fill at the end."""
    strokes = []
    for beat in range(32):
        if beat // 4 != 2:
            strokes.append(Note(480 * beat, 48, 51, 90))
        if beat % 4 == 1:
            strokes.append(Note(480 * beat, 48, 44, 80))
    strokes += [Note(480 * 2 + 300, 48, 51, 80), Note(480 * 5 + 312, 48, 38, 50)]
    strokes += [Note(480 * 30 + 160 * third, 48, 45, 95) for third in range(6)]
    found = named(figures.by_voice(one_voice(DRUMS, strokes, 8))[DRUMS])
    assert found["strokes a bar"].value == len(strokes) / 8
    assert found["time on every beat"] == VoiceFigure("time on every beat", 29 / 32, (0.9, 1.0))
    assert found["hi-hat on two and four"].value == 0.5
    assert found["hi-hat on two and four"].outside
    assert found["fills in eight bars"].value == 1
    assert found["velocity of ghost notes"].value == 50
    assert found["swing of the ride"].value == 300 / 480


def test_what_is_no_swing_has_no_bands_of_swing():
    ride = [Note(480 * beat, 48, 51, 90) for beat in range(32)]
    bossa = named(figures.by_voice(one_voice(DRUMS, ride, 8, "bossa"))[DRUMS])
    assert bossa["hi-hat on two and four"].band is None
    assert bossa["time on every beat"].band is not None


def test_a_bass_is_measured_where_it_walks():
    walking = [Note(480 * b, 400, p) for b, p in enumerate([36, 40, 43, 42, 41, 45, 48, 47])]
    in_two = [Note(480 * (8 + b), 900, 36) for b in (0, 2, 4, 6)]
    found = named(figures.by_voice(one_voice(BASS, walking + in_two, 4))[BASS])
    assert found["beats walked"].value == 0.5
    assert found["semitones"].value == pytest.approx(3 / 7)
    assert found["chord begins on its bass"].value == 3 / 4
    assert found["one pitch in a row"].value == 4
    two = named(figures.by_voice(one_voice(BASS, in_two, 4))[BASS])
    assert "semitones" not in two


def test_a_short_line_is_not_judged_and_who_did_not_play_is_not_there():
    line = [Note(480 * beat, 400, 60 + beat % 12) for beat in range(16)]
    assert figures.by_voice(one_voice(SOLOIST, line, 4)) == {}
    long = [Note(480 * beat, 400, 60 + beat % 12) for beat in range(96)]
    found = figures.by_voice(one_voice(MUSICIAN, long, 24))
    assert list(found) == [MUSICIAN]
    assert named(found[MUSICIAN])["notes per beat"].value == 1


def test_medians_and_shares_are_over_all_of_several():
    several = [
        {BASS: [VoiceFigure("turns", value, (0.3, 0.5))]} for value in (0.2, 0.35, 0.4, 0.45, 0.9)
    ]
    assert figures.medians(several) == {BASS: [VoiceFigure("turns", 0.4, (0.3, 0.5))]}
    assert figures.share_inside(several, BASS) == 0.6
    assert figures.share_inside(several, DRUMS) is None


def written(path: Path, names: list[str], chords: bool = True) -> bytes:
    file = mido.MidiFile(ticks_per_beat=480)
    for number, name in enumerate(names):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        for _ in range(8):
            track.append(mido.Message("note_on", channel=number, note=40 + number, velocity=80))
            track.append(mido.Message("note_off", channel=number, note=40 + number, time=480))
        if chords and number == 0:
            track.insert(0, mido.MetaMessage("marker", text="C7"))
        file.tracks.append(track)
    file.save(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("track", "voice"),
    [
        ("Soloist", SOLOIST), ("improvd", SOLOIST), ("You", MUSICIAN), ("musician", MUSICIAN),
        ("Acoustic Bass", BASS), ("Electric Piano", PIANO), ("Drum Kit", DRUMS), ("lead", SOLOIST),
    ],
)  # fmt: skip
def test_tracks_are_known_by_their_names(tmp_path, track, voice):
    content = written(tmp_path / "x.mid", ["bass", track])
    assert voice in music.of_file(content, "x.mid").parts


def test_what_cannot_be_measured_says_why(tmp_path):
    with pytest.raises(LeftOutError, match=r"no track of it is called .* its tracks are 'Tuba'"):
        music.of_file(written(tmp_path / "x.mid", ["Tuba"]), "x.mid")
    with pytest.raises(LeftOutError, match="has no chords: write them as markers"):
        music.of_file(written(tmp_path / "x.mid", ["bass"], chords=False), "x.mid")


def test_nobody_in_a_take_is_nothing_to_measure(take):
    empty = take.without([SOLOIST, BASS, PIANO, DRUMS])
    empty.messages = []
    assert figures.by_voice(music.of_take(empty)) == {}
    silent = take.without([])
    silent.beats = [replace(beat, chord="N.C.") for beat in silent.beats]
    with pytest.raises(LeftOutError, match="no chord"):
        music.of_take(silent)

"""A band on paper: each voice on staves of its own, the same notes when it is read back."""

import mido
import pytest
from click.testing import CliRunner
from music21 import clef, converter

from improvd.core.music import Note
from improvd.sheets import layout, musicxml, roll
from improvd.sheets.part import VoicePart
from improvd.training.commands.generate import generate
from tests.harness.takes import take


def generated(*options: str):
    return CliRunner().invoke(generate, options, catch_exceptions=False)


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    """Eight bars of a blues as MIDI and as written music."""
    folder = tmp_path_factory.mktemp("band")
    for ending in ("mid", "musicxml"):
        path = folder / f"band.{ending}"
        assert generated("--band", "--bars", "8", "-o", str(path)).exit_code == 0
    return folder


def pitches_sent(path, name):
    [track] = [track for track in mido.MidiFile(path).tracks if track.name == name]
    return sorted(m.note for m in track if m.type == "note_on" and m.velocity)


def pitches_written(parts):
    """All pitches of parts, a note that is tied once."""
    return sorted(
        pitch.midi
        for part in parts
        for each in part.recurse().notes
        if "Harmony" not in each.classes and (each.tie is None or each.tie.type == "start")
        for pitch in each.pitches
    )


def test_every_voice_stands_on_its_own_staves(band):
    score = converter.parse(band / "band.musicxml")
    clefs = [
        (part.partName, type(part.recurse().getElementsByClass(clef.Clef).first()).__name__)
        for part in score.parts
    ]
    assert clefs == [
        ("improvd", "TrebleClef"),
        ("bass", "Bass8vbClef"),
        ("piano", "TrebleClef"),
        ("piano", "BassClef"),
        ("drums", "PercussionClef"),
    ]
    for part in score.parts:
        for bar in part.getElementsByClass("Measure"):
            for voice in bar.voices or [bar]:
                music = [each for each in voice.notesAndRests if "Harmony" not in each.classes]
                assert sum(each.quarterLength for each in music) == pytest.approx(4)


@pytest.mark.parametrize("voice", ["improvd", "bass", "piano"])
def test_the_notes_of_a_voice_come_back(band, voice):
    score = converter.parse(band / "band.musicxml")
    parts = [part for part in score.parts if part.partName == voice]
    assert pitches_written(parts) == pitches_sent(band / "band.mid", voice)


def test_drums_come_back_as_instruments_of_their_kit(band):
    text = (band / "band.musicxml").read_text()
    for pitch in set(pitches_sent(band / "band.mid", "drums")):
        assert f"<midi-unpitched>{pitch + 1}</midi-unpitched>" in text
    struck = text.count("<unpitched>")
    assert struck == len(pitches_sent(band / "band.mid", "drums"))


def test_the_same_command_writes_the_same_sheet(band, tmp_path):
    generated("--band", "--bars", "8", "-o", str(tmp_path / "again.musicxml"))
    assert (tmp_path / "again.musicxml").read_bytes() == (band / "band.musicxml").read_bytes()


@pytest.mark.parametrize("voice", ["soloist", "bass", "piano", "drums"])
def test_a_play_along_counts_in_and_leaves_one_voice_out(tmp_path, voice):
    names = {"soloist": "improvd"}
    path = tmp_path / "along.mid"
    generated("--band", "--minus", voice, "--bars", "4", "-o", str(path))
    file = mido.MidiFile(path)
    first_bar = 4 * file.ticks_per_beat
    counted, played = set(), set()
    for track in file.tracks:
        at = 0
        for message in track:
            at += message.time
            if message.type == "note_on" and message.velocity:
                # What swings or is struck early is never this early.
                (counted if at < first_bar - 60 else played).add(track.name)
    assert counted == {"drums"}, "the sticks, and nothing else"
    everybody = {"improvd", "bass", "piano", "drums"}
    assert played == everybody - {names.get(voice, voice)}
    generated("--band", "--minus", voice, "--bars", "4", "-o", str(tmp_path / "along.musicxml"))
    score = converter.parse(tmp_path / "along.musicxml")
    assert {part.partName for part in score.parts} == everybody - {names.get(voice, voice)}
    assert all(len(part.getElementsByClass("Measure")) == 4 for part in score.parts)


def test_who_is_to_be_left_out_has_to_be_there(tmp_path):
    result = generated("--minus", "bass", "-o", str(tmp_path / "x.mid"))
    assert result.exit_code == 2
    assert "there is none; what plays is soloist" in result.output
    result = generated("--minus", "soloist", "-o", str(tmp_path / "x.mid"))
    assert result.exit_code == 2
    assert "nobody is left" in result.output


def test_a_jam_is_written_in_the_bars_it_had(tmp_path):
    """The musician has two hands, and chords are those that were played over."""
    played = take((0, 0x90, 72, 80), (1, 0x80, 72, 0), (5, 0x91, 40, 70), (6, 0x91, 40, 0))
    for pitch in (41, 65):
        played.add_heard(10**12 + 2 * 500_000_000, bytes((0x90, pitch, 60)))
        played.add_heard(10**12 + 3 * 500_000_000, bytes((0x80, pitch, 0)))
    path = tmp_path / "jam.musicxml"
    path.write_text(musicxml.document(layout.of_take(played, "A jam")))
    score = converter.parse(path)
    assert [part.partName for part in score.parts] == ["improvd", "bass", "you", "you"]
    assert pitches_written(score.parts) == [40, 41, 65, 72]
    assert [str(c.figure) for c in score.recurse().getElementsByClass("ChordSymbol")] == ["F7"]


def test_a_roll_has_a_colour_for_each_voice_and_lanes_for_the_drums(tmp_path):
    line = VoicePart("improvd", tuple(Note(480 * beat, 400, 60 + beat) for beat in range(8)))
    bass = VoicePart("bass", (Note(0, 400, 40), Note(480, 400, 43)))
    drums = VoicePart("drums", (Note(0, 48, 51), Note(480, 48, 44), Note(480 * 7, 48, 36)))
    figure = roll.piano_roll([line, bass, drums], ["F7"] * 8, bars_in_a_row=1)
    assert len(figure.axes) == 4, "two rows, each with lanes below"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "improvd", "bass", "drums",
    ]  # fmt: skip
    lanes = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert lanes == ["ride", "hi-hat", "kick"]
    patches = [patch for axes in figure.axes for patch in axes.patches]
    assert len(patches) == 10
    assert len({patch.get_facecolor()[:3] for patch in patches}) == 2
    struck = [
        len(points.get_offsets())
        for axes in figure.axes
        for points in axes.collections[:1]
        if axes.get_yticklabels() and len(axes.get_yticklabels()) == 3
    ]
    assert sum(struck) == 3
    roll.save(figure, tmp_path / "roll.png")
    assert (tmp_path / "roll.png").stat().st_size > 5000


def test_bars_are_as_long_as_the_chart_has_them(tmp_path):
    chart = "| C7 | 3/4 F7 | G7 | 4/4 C7 |"
    path = tmp_path / "band.musicxml"
    written = generated("--band", "--chart", chart, "--bars", "4", "-o", str(path))
    assert written.exit_code == 0, written.output
    score = converter.parse(path)
    for part in score.parts:
        bars = part.getElementsByClass("Measure")
        assert [bar.duration.quarterLength for bar in bars] == [4, 3, 3, 4]
    assert generated("--band", "--chart", chart, "--bars", "4", "-o", f"{path}.png").exit_code == 0

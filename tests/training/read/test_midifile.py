"""Any MIDI file is read as the melody and chords that are in it, or left out with a reason."""

from contextlib import suppress
from io import BytesIO

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from music21 import converter

from improvd.core.music import PULSES_PER_BEAT
from improvd.training.read import midifile
from improvd.training.read.corpus import Piece
from improvd.training.read.score import pieces_of
from improvd.training.read.sources import read
from improvd.training.read.weimar import LeftOutError
from tests.harness.midi_files import (
    BEATS,
    CHART,
    band,
    bass,
    comping,
    drums,
    events,
    line,
    meta,
    track,
    write,
)

MELODY = [round(start * PULSES_PER_BEAT) for start, _, _ in line()]
PITCHES = [pitch for _, _, pitch in line()]


def symbols(piece: Piece) -> list[str]:
    return [harmony.chord.symbol for harmony in piece.harmonies]


def pieces(content: bytes) -> list[Piece]:
    return [piece for score in midifile.read(content, "made") for piece in pieces_of(score)]


def is_the_melody(piece: Piece) -> bool:
    return [n.onset for n in piece.notes] == MELODY and [n.pitch for n in piece.notes] == PITCHES


# -- the melody ----------------------------------------------------------------------------


def test_the_melody_of_a_band_is_found(tmp_path):
    [piece] = read(band(tmp_path / "band.mid"))
    assert is_the_melody(piece)
    assert len(piece.harmonies) == BEATS
    assert (piece.name, piece.bpm) == ("band", 140)


def test_in_one_track_it_is_found_among_the_channels(tmp_path):
    everything = track(
        events(drums(), 9), events(bass(), 0), events(comping(), 4), events(line(), 2)
    )
    [piece] = read(write(tmp_path / "one.mid", everything))
    assert is_the_melody(piece)


def test_under_the_hands_of_a_pianist_it_is_the_top_line(tmp_path):
    piano = track(events(line(low=72)), events(comping()), events(bass()))
    [piece] = read(write(tmp_path / "piano.mid", piano))
    assert [n.pitch for n in piece.notes] == [pitch + 7 for pitch in PITCHES]


def test_a_track_that_calls_itself_the_melody_wins_over_a_higher_one(tmp_path):
    path = write(
        tmp_path / "named.mid",
        track(events(line(low=80)), name="Flute"),
        track(events(line(), 1), name="Lead Guitar"),
    )
    assert is_the_melody(read(path)[0])


@pytest.mark.parametrize("melody", ["3", "upright", "UP right"])
def test_any_other_track_can_be_named(tmp_path, melody):
    [piece] = read(band(tmp_path / "band.mid"), melody)
    assert [n.pitch for n in piece.notes] == [pitch for _, _, pitch in bass()]


def test_a_name_that_is_not_there_is_told_with_those_that_are(tmp_path):
    with pytest.raises(LeftOutError, match=r"band\.mid: .*'oboe'.* 3 Upright, 4 Tenor, 5 Rhodes"):
        read(band(tmp_path / "band.mid"), "oboe")


def test_a_few_high_notes_are_no_melody(tmp_path):
    bells = [(float(beat), 0.5, 100) for beat in range(0, BEATS, 8)]
    path = write(tmp_path / "bells.mid", track(events(bells)), track(events(line(), 1)))
    assert is_the_melody(read(path)[0])


def test_legato_is_one_voice(tmp_path):
    falling = [(i / 2, 0.6, 90 - i % 24) for i in range(2 * BEATS)]
    [piece] = read(write(tmp_path / "legato.mid", track(events(falling))))
    assert [n.pitch for n in piece.notes] == [pitch for _, _, pitch in falling]
    assert all(
        a.onset + a.length <= b.onset for a, b in zip(piece.notes, piece.notes[1:], strict=False)
    )


def test_after_more_than_four_bars_of_rest_another_piece_begins(tmp_path):
    again = [(start + BEATS + 20, length, pitch) for start, length, pitch in line()]
    found = read(write(tmp_path / "twice.mid", track(events(line() + again))))
    assert [is_the_melody(piece) for piece in found] == [True, True]


# -- the chords ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["marker", "cue_marker", "text", "lyrics"])
def test_chords_that_are_written_are_read(tmp_path, kind):
    written = [meta(0, kind, text="Dm7"), meta(8, kind, text="N.C."), meta(16, kind, text="Bbmaj7")]
    [piece] = read(write(tmp_path / "marked.mid", track(written, events(line()))))
    assert symbols(piece) == ["Dm7"] * 16 + ["Bbmaj7"] * (BEATS - 16)


def test_a_chord_played_ahead_of_its_beat_belongs_to_it(tmp_path):
    written = [meta(0, "marker", text="Dm7"), meta(7.9, "marker", text="G7")]
    [piece] = read(write(tmp_path / "pushed.mid", track(written, events(line()))))
    assert symbols(piece).index("G7") == 8


@pytest.mark.parametrize(
    "texts",
    [
        [meta(0, "marker", text="A"), meta(32, "marker", text="B")],
        [
            meta(beat, "lyrics", text=text)
            for beat, text in enumerate(["A", "day", "in", "the", "life", "Am"])
        ],
    ],
    ids=["sections", "words"],
)
def test_sections_and_words_are_no_chords(tmp_path, texts):
    path = write(tmp_path / "a.mid", track(texts, events(line())), track(events(comping(), 1)))
    assert symbols(read(path)[0])[:4] == ["F7"] * 4


def test_chords_that_are_only_played_are_heard(tmp_path):
    [piece] = read(band(tmp_path / "band.mid"))
    due = [CHART.at(beat).chord.tones for beat in range(BEATS)]
    heard = [harmony.chord.tones for harmony in piece.harmonies]
    agreeing = sum(set(a) == set(b) for a, b in zip(heard, due, strict=True))
    assert agreeing >= 0.9 * BEATS


@pytest.mark.parametrize(
    ("scale", "root", "major"),
    [((0, 2, 4, 5, 7, 9, 11), 10, True), ((0, 2, 3, 5, 7, 8, 10), 4, False)],
)
def test_a_melody_alone_stands_on_the_tonic_of_its_key(tmp_path, scale, root, major):
    degrees = [0, 1, 2, 4, 2, 1, 0, 6, 0, 2, 4, 5, 4, 3, 2, 0]
    notes = [(float(i), 0.9, 60 + root + scale[degrees[i % 16]]) for i in range(BEATS)]
    [piece] = read(write(tmp_path / "alone.mid", track(events(notes))))
    [chord] = {harmony.chord for harmony in piece.harmonies}
    assert chord.root == root
    assert set(chord.scale) == {(root + step) % 12 for step in scale}
    assert ((root + 4) % 12 in chord.tones) == major


# -- time ----------------------------------------------------------------------------------


def test_the_notes_are_those_that_music21_reads(tmp_path):
    path = write(tmp_path / "alone.mid", track(events(line())))
    theirs = converter.parse(path, forceSource=True).flatten().notes
    [piece] = read(path)
    assert [(n.onset, n.pitch) for n in piece.notes] == [
        (round(float(n.offset) * PULSES_PER_BEAT), n.pitch.midi) for n in theirs
    ]


def test_the_tempo_is_the_average_by_beats(tmp_path):
    tempos = [meta(0, "set_tempo", tempo=500_000), meta(24, "set_tempo", tempo=250_000)]
    end = [meta(48, "end_of_track")]
    [piece] = read(write(tmp_path / "faster.mid", track(tempos, events(line()), end)))
    assert piece.bpm == pytest.approx(160)  # 24 beats in 12 s, 24 in 6 s


@pytest.mark.parametrize(("numerator", "denominator", "bar"), [(3, 4, 3), (4, 4, 4), (6, 8, 3)])
def test_a_piece_begins_with_the_bar_of_its_first_note(tmp_path, numerator, denominator, bar):
    signature = [meta(0, "time_signature", numerator=numerator, denominator=denominator)]
    later = [(start + 2 * bar + 1, length, pitch) for start, length, pitch in line()]
    [piece] = read(write(tmp_path / "waltz.mid", track(signature, events(later))))
    assert piece.notes[0].onset == PULSES_PER_BEAT
    assert len(piece.harmonies) == BEATS + 1


def test_running_status_and_note_ons_that_mean_off(tmp_path):
    data = bytearray()
    for i, (_, _, pitch) in enumerate(line()):
        status = b"\x90" if i == 0 else b""
        data += b"\x00" + status + bytes((pitch, 64)) + b"\x30" + bytes((pitch, 0))
    data += b"\x00\xff\x2f\x00"
    content = b"MThd" + bytes((0, 0, 0, 6, 0, 0, 0, 1, 0, 96)) + b"MTrk"
    content += len(data).to_bytes(4, "big") + data
    [piece] = pieces(content)
    assert is_the_melody(piece)


def test_what_is_never_let_go_sounds_to_the_end(tmp_path):
    stuck = [(0.0, mido.Message("note_on", note=30)), *events(line(), 1)]
    [score] = midifile.read(write(tmp_path / "stuck.mid", track(stuck)).read_bytes(), "stuck")
    [low] = [voice for voice in score.voices if voice.notes[0].pitch == 30]
    assert low.notes[0].length >= (BEATS - 1) * PULSES_PER_BEAT


# -- what is left out ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"RIFF....WAVE", "it is not MIDI"),
        (b"MThd", "it is cut short"),
        (b"MThd\0\0\0\6\0\1\0\3\0\x60", "it is cut short"),
        (b"MThd\0\0\0\6\0\1\0\0\0\0", "its header says 0 ticks a beat"),
        (b"MThd\0\0\0\6\0\1\0\0\xe7\x28", "film frames"),
        (b"MThd\0\0\0\6\0\1\0\0\0\x60", "it has no notes"),
    ],
)
def test_what_is_no_midi_says_so(tmp_path, content, reason):
    path = tmp_path / "a.mid"
    path.write_bytes(content)
    with pytest.raises(LeftOutError, match=rf"a\.mid: .*{reason}"):
        read(path)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (track([meta(0, "text", text="hello")]), "it has no notes"),
        (track(events(drums(), 9)), "it has drums alone"),
        (track(events(line(20))), r"it has 20 beats of melody \(1\), where 31 are due"),
        (track([meta(0, "marker", text="NC"), meta(1, "marker", text="F7")]), "no notes"),
    ],
    ids=["text", "drums", "short", "chords"],
)
def test_what_has_no_melody_says_so(tmp_path, made, reason):
    with pytest.raises(LeftOutError, match=reason):
        read(write(tmp_path / "a.mid", made))


def test_a_file_cut_short_anywhere_is_left_out(tmp_path):
    whole = band(tmp_path / "band.mid").read_bytes()
    for length in (*range(60), *range(60, len(whole), 97), len(whole) - 1):
        with pytest.raises(LeftOutError, match=r"it is (empty|not MIDI|cut short)"):
            midifile.read(whole[:length], "cut")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_is_read_or_left_out_and_nothing_else(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "whole.mid"
    whole = path if path.exists() else band(path)
    content = bytearray(whole.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    with suppress(LeftOutError):
        found = pieces(bytes(content))
        assert found
        assert all(piece.notes and piece.harmonies for piece in found)


@pytest.mark.parametrize("controller", [120, 123, 124, 127])
def test_all_notes_off_ends_every_note_of_its_channel(controller):
    """As sequencers write it at a song's end, or an arranger keyboard at each stop."""
    parts = [
        [(beat, mido.Message("note_on", note=60 + beat, channel=channel)) for beat in range(3)]
        for channel in (0, 1)
    ]
    ended = [(4, mido.Message("control_change", control=controller, channel=0))]
    other = [(4.5, mido.Message("control_change", control=7, value=100, channel=1))]
    again = [(5 + beat, mido.Message("note_on", note=72, channel=0)) for beat in (0, 1)]
    last = [meta(8, "text", text="end")]
    file = mido.MidiFile(tracks=[track(*parts, ended, other, again, last)], ticks_per_beat=96)
    content = BytesIO()
    file.save(file=content)
    [score] = midifile.read(content.getvalue(), "arranger")
    first, second = (
        [(note.pitch, note.onset, note.onset + note.length) for note in voice.notes]
        for voice in score.voices
    )
    assert first[:3] == [(60, 0, 1920), (61, 480, 1920), (62, 960, 1920)]
    assert {end for _, _, end in second} == {8 * 480}

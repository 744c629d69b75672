"""MIDI that other programs play is read, and what is not read has a reason that is true."""

import itertools

import pytest

from improvd.core.music import PULSES_PER_BEAT
from improvd.training.read import midifile
from improvd.training.read.corpus import Piece
from improvd.training.read.score import pieces_of
from improvd.training.read.sources import read, read_all
from improvd.training.read.weimar import LeftOutError
from tests.harness.bytes_of_midi import (
    BEATS,
    CHORDS,
    END,
    PITCHES,
    chunk,
    eighths,
    header,
    markers,
    meta,
    number,
    plain,
    track,
)

ONSETS = [i * PULSES_PER_BEAT // 2 for i in range(2 * BEATS)]
MELODY = track(eighths() + END)
CONDUCTOR = track(CHORDS)


def pieces(content: bytes, melody: str | None = None) -> list[Piece]:
    return [p for score in midifile.read(content, "made") for p in pieces_of(score, melody)]


def runs(piece: Piece) -> list[tuple[str, int]]:
    symbols = (harmony.chord.symbol for harmony in piece.harmonies)
    return [(symbol, len(list(run))) for symbol, run in itertools.groupby(symbols)]


def is_whole(content: bytes) -> bool:
    [piece] = pieces(content)
    notes = [(note.onset, note.pitch) for note in piece.notes]
    due = [(onset, PITCHES[i % len(PITCHES)]) for i, onset in enumerate(ONSETS)]
    chords = runs(piece) == [("Cmaj7", 16), ("Dm7", 16), ("G7", 8)]
    return notes == due and chords and piece.bpm == 120


def test_a_plain_file_is_read():
    assert is_whole(plain())


@pytest.mark.parametrize(
    "damage",
    [
        meta(0x59, b"\xee\x01"),  # eighteen flats
        meta(0x59, b"\x08\xff"),
        meta(0x59, b""),
        meta(0x20, b""),  # a channel prefix of no channel
        meta(0x51, b"\x07\xa1"),
        meta(0x51, b""),
        meta(0x58, b"\x04"),
        meta(0x58, b"\x00\x02\x18\x08"),
        meta(0x58, b"\x02\x21\x18\x08"),  # two over 2**33
        meta(0x54, b"\x61\x00"),
        meta(0x00, b"\x01"),
        meta(0x60, b"what no standard knows"),
        meta(0x03, bytes(range(128, 256))),
        b"\x00\xf8",  # a clock, recorded with the notes
        b"\x00\xf2\x01\x02",
        b"\x00\xf7\x02\x43\x12",
    ],
    ids=range(16),
)
def test_what_says_nothing_about_notes_stops_none(damage):
    assert is_whole(plain(conductor=damage + CHORDS))
    assert is_whole(plain(music=damage + eighths() + END))


@pytest.mark.parametrize(
    "between",
    [b"\x00\xf0\x03\x43\x10\xf7", meta(1, b"la"), b"\x00\xfe"],
    ids=["SysEx", "text", "FE"],
)
def test_a_status_runs_on_over_what_stands_between(between):
    assert is_whole(plain(music=eighths(between=between) + END))


@pytest.mark.parametrize(
    "content",
    [
        header(tracks=1) + CONDUCTOR + MELODY,
        header(tracks=40) + CONDUCTOR + MELODY,
        header() + chunk(b"SEM1", b"abc") + CONDUCTOR + chunk(b"XFIH", b"\0" * 9) + MELODY,
        chunk(b"MThd", header()[8:] + b"\0\0") + CONDUCTOR + MELODY,
        header(kind=0) + CONDUCTOR + MELODY,
        header() + CONDUCTOR + MELODY + b"and what a download put behind it",
        b"\0" * 128 + plain(),  # MacBinary
        header(tracks=3) + CONDUCTOR + track(b"") + MELODY,
    ],
    ids=[
        "too few",
        "too many",
        "foreign",
        "long header",
        "format 0",
        "behind",
        "MacBinary",
        "empty",
    ],
)
def test_the_tracks_that_are_there_are_read_whatever_else_is(content):
    assert is_whole(content)


@pytest.mark.parametrize("length", [0, 1, 90, 10_000, 0xFFFFFFFF])
def test_a_track_ends_where_it_ends_whatever_length_it_says(length):
    assert is_whole(header() + CONDUCTOR + track(eighths() + END, length))
    # Also where another follows.
    assert is_whole(header() + track(eighths() + END, length) + CONDUCTOR)


def test_a_track_may_be_without_its_end():
    assert is_whole(header() + track(CHORDS.removesuffix(END)) + track(eighths()))
    assert is_whole(header() + CONDUCTOR + track(eighths() + END + b"\0\0\0"))


def test_a_riff_wrapper_is_taken_off(tmp_path):
    content = plain()
    data = b"data" + len(content).to_bytes(4, "little") + content
    listed = b"LIST" + (4).to_bytes(4, "little") + b"INFO"
    for order in (data + listed, listed + data):
        wrapped = b"RIFF" + (4 + len(order)).to_bytes(4, "little") + b"RMID" + order
        assert is_whole(wrapped)
        (tmp_path / "song.rmi").write_bytes(wrapped)
        assert len(read(tmp_path / "song.rmi")) == 1


@pytest.mark.parametrize("division", [1, 24, 32767, 32768, 55440, 65535])
def test_any_division_places_the_notes(division):
    music, before = b"", 0
    for i in range(BEATS):
        tick = i * division
        music += number(tick - before) + bytes((0x90, PITCHES[i % 10], 90))
        music += number(division) + bytes((0x80, PITCHES[i % 10], 0))
        before = tick + division
    [piece] = pieces(header(1, 1, division) + track(music + END))
    assert [note.onset for note in piece.notes] == [i * PULSES_PER_BEAT for i in range(BEATS)]


def test_film_frames_are_beats_where_a_tempo_is_written():
    """25 frames of 40 ticks: a tick is a millisecond, and at 600 ms a beat so many are a beat."""
    frames = 0xE728
    music = eighths(division=600) + END
    tempo = meta(0x51, (600_000).to_bytes(3, "big")) + END
    [piece] = pieces(header(1, 2, frames) + track(tempo) + track(music))
    assert [note.onset for note in piece.notes] == ONSETS
    assert piece.bpm == 100
    with pytest.raises(LeftOutError, match="film frames, and has no tempo"):
        pieces(header(1, 1, frames) + track(music))


def test_film_frames_follow_a_tempo_that_changes():
    change = meta(0x51, (500_000).to_bytes(3, "big")) + meta(
        0x51, (1_000_000).to_bytes(3, "big"), 10_000
    )
    beats = [(0, 0)]  # (millisecond, pulse): 20 beats of half a second, then one of a second each
    beats = [(500 * i, i) for i in range(20)] + [(10_000 + 1000 * i, 20 + i) for i in range(20)]
    music, before = b"", 0
    for at, _ in beats:
        music += number(at - before) + b"\x90\x40\x50" + number(100) + b"\x80\x40\x00"
        before = at + 100
    [piece] = pieces(header(1, 2, 0xE728) + track(change + END) + track(music + END))
    assert [n.onset for n in piece.notes] == [beat * PULSES_PER_BEAT for _, beat in beats]


@pytest.mark.parametrize("tempo", [0, 1, 59_999])
def test_a_tempo_that_is_none_is_passed_over(tempo):
    assert is_whole(plain(conductor=meta(0x51, tempo.to_bytes(3, "big")) + CHORDS))


def test_in_format_2_each_track_is_a_song(tmp_path):
    song = track(eighths() + END)
    assert len(pieces(header(2, 1) + song)) == 1
    assert len(pieces(header(2, 3) + song + track(CHORDS) + song)) == 2


def test_a_delta_of_years_is_no_music():
    """Neither a note that nobody lets go, nor one long after the end, makes a piece of years."""
    years = number(2**28 - 1)
    for tail in (
        years + b"\x90\x40\x50\x60\x40\x00",
        b"\x00\x90\x40\x50" + years + b"\x90\x43\x50\x60\x43\x00",
    ):
        [piece] = pieces(plain(music=eighths() + tail + END))
        assert BEATS <= len(piece.harmonies) <= BEATS + 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (header(division=0) + MELODY, "0 ticks a beat"),
        (header() + track(b"\x00\x40\x40" + END), "no status before byte"),
        (header() + track(b"\x00\x90\x40") + CONDUCTOR, "runs over its track's end"),
        (header(1, 16) + 16 * track(END), "it has no notes"),
        (header(1, 2) + CONDUCTOR, "it is cut short"),
    ],
)
def test_the_reason_is_true(content, reason):
    with pytest.raises(LeftOutError, match=reason):
        pieces(content)


def test_a_header_of_any_length_leads_to_the_tracks():
    content = plain()
    for said in (0, 5, 10, 0x06000000, 0xFFFFFFFF):
        assert is_whole(content[:4] + said.to_bytes(4, "big") + content[8:]), said
    with pytest.raises(LeftOutError, match="no track begins with MTrk"):
        pieces(content.replace(b"MTrk", b"MTRK"))


def test_a_status_runs_on_from_the_track_before():
    without_status = eighths().replace(b"\x90", b"", 1)
    switch = track(b"\0\x90\x0c\x01" + END)
    assert is_whole(header(1, 3) + CONDUCTOR + switch + track(without_status + END))


# -- what is played ------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_key_that_is_pressed_twice_at_once_is_one_note(times):
    music = b"".join(
        (b"\0\x90" + bytes((pitch, 90))) * times + number(480) + bytes((pitch, 0))
        for pitch in PITCHES * 4
    )
    [piece] = pieces(header(1, 1) + track(music + END))
    assert [note.pitch for note in piece.notes] == PITCHES * 4
    assert {note.length for note in piece.notes} == {PULSES_PER_BEAT}


def test_a_note_that_lasts_no_time_leaves_its_neighbours_as_they_are():
    music = eighths().replace(number(240) + b"\x41\x00", b"\0\x41\x00", 1)
    music = music.replace(b"\0\x43\x5a", number(240) + b"\x43\x5a", 1)
    [piece] = pieces(plain(music=music + END))
    assert [note.onset for note in piece.notes] == ONSETS
    lengths = [note.length for note in piece.notes]
    assert lengths[3] < 240
    assert {*lengths[:3], *lengths[4:]} == {240}


@pytest.mark.parametrize("early", [0, 60])
def test_a_key_that_is_pressed_again_before_it_is_let_go_is_two_notes(early):
    again = b"\x3c\x5a" + number(early) + b"\x3c\x00" + number(480 - early)
    music = b"\0\x90\x3c\x5a" + number(480) + again * 39 + b"\x3c\x00"
    [piece] = pieces(plain(music=music + END))
    assert [(n.onset, n.length) for n in piece.notes] == [(480 * i, 480) for i in range(40)]


def test_a_key_below_any_piano_s_is_a_switch_and_no_bass():
    alone = pieces(header(1, 1) + MELODY)[0]
    switched = eighths(between=b"\0\x0c\x01\0\x0c\x00")
    [piece] = pieces(header(1, 2) + track(switched + END) + track(b"\0\x91\x00\x40" + END))
    assert (piece.notes, runs(piece)) == (alone.notes, runs(alone))


def test_drums_on_another_channel_are_known_by_their_name():
    kit = track(meta(3, b"Drum Kit") + eighths().replace(b"\x90", b"\x91") + END)
    low = [pitch - 12 for pitch in PITCHES]
    music = b"".join(
        b"\0\x90" + bytes((pitch, 90)) + number(480) + bytes((pitch, 0)) for pitch in low * 4
    )
    [piece] = pieces(header(1, 2) + kit + track(music + END))
    assert [note.pitch for note in piece.notes] == low * 4
    steel = track(meta(3, b"Steel Drums") + eighths().replace(b"\x90", b"\x91") + END)
    assert pieces(header(1, 2) + steel + track(music + END))[0].notes[0].pitch == PITCHES[0]


def test_a_pick_up_may_have_a_metre_of_its_own():
    metres = meta(0x58, b"\x01\x02\x18\x08") + meta(0x58, b"\x04\x02\x18\x08", 480)
    chords = meta(6, b"G7", 0) + meta(6, b"Cmaj7", 4 * 480)
    [piece] = pieces(plain(conductor=metres + chords + END))
    assert piece.notes[0].onset == 3 * PULSES_PER_BEAT
    assert runs(piece)[0] == ("G7", 8)


# -- tracks by number ----------------------------------------------------------------------


def test_a_number_is_a_track_before_it_is_part_of_a_name():
    def voice(name: bytes, low: int) -> bytes:
        music = eighths()
        for pitch in sorted(set(PITCHES), reverse=True):
            music = music.replace(bytes((pitch, 90)), bytes((pitch + low, 90)))
            music = music.replace(bytes((pitch, 0)), bytes((pitch + low, 0)))
        return track(meta(3, name) + music + END)

    band = header(1, 4) + CONDUCTOR + voice(b"Piano 3", -24) + MELODY + voice(b"Bass", -12)
    assert pieces(band, "3")[0].notes[0].pitch == PITCHES[0]
    assert pieces(band, "2")[0].notes[0].pitch == PITCHES[0] - 24
    assert pieces(band, "piano 3")[0].notes[0].pitch == PITCHES[0] - 24
    assert pieces(band, "BASS")[0].notes[0].pitch == PITCHES[0] - 12


def test_a_track_that_sounds_alone_has_its_own_number():
    assert len(pieces(plain(), "2")) == 1
    with pytest.raises(LeftOutError, match="its tracks are 2"):
        pieces(plain(), "1")


# -- chord names ---------------------------------------------------------------------------


def chords_of(texts: list[tuple[int, bytes]]) -> list[tuple[str, int]]:
    return runs(pieces(plain(conductor=markers(texts) + END))[0])


def test_names_may_end_in_a_nul():
    assert chords_of([(0, b"Dm7\0"), (4, b"G7\0\xff"), (8, b" Cmaj7 \0")]) == [
        ("Dm7", 4),
        ("G7", 4),
        ("Cmaj7", 32),
    ]


@pytest.mark.parametrize(
    "written",
    [
        lambda name: name.encode("utf-8"),
        lambda name: name.encode("utf-8-sig"),
        lambda name: name.encode("utf-16"),
        lambda name: name.encode("utf-16-le"),
        lambda name: (name + "\0").encode("utf-16-be"),
        lambda name: f'"{name}"'.encode(),
        lambda name: f"[{name}]".encode(),
        lambda name: f"({name}) ".encode(),
        lambda name: f"Chord: {name}".encode(),
    ],
)
def test_names_are_read_in_any_encoding_and_quotes(written):
    names = ["D°7", "G7♭9", "C△7", "F"]
    due = [("Ddim7", 4), ("G7b9", 4), ("Cmaj7", 4), ("F", 28)]
    assert chords_of([(4 * i, written(name)) for i, name in enumerate(names)]) == due


def test_syllables_are_no_chords():
    said = ["Ночь", "B-ten", "D/in", "A", "e-ve-ning"]
    words = b"".join(meta(5, word.encode("cp1251"), 480) for word in said * 6)
    assert runs(pieces(plain(conductor=words + END))[0]) == [("Am7b13", 40)]


@pytest.mark.parametrize("encoding", ["latin-1", "mac-roman"])
def test_the_degree_sign_of_old_programs_is_read(encoding):
    texts = [(0, "D°7".encode(encoding)), (4, b"G7"), (8, b"Cmaj7")]
    assert chords_of(texts) == [("Ddim7", 4), ("G7", 4), ("Cmaj7", 32)]


def test_letters_among_chords_are_parts_of_the_form():
    texts = [(0, b"A"), (4, b"Dm7"), (8, b"G7"), (16, b"B"), (20, b"Em7"), (24, b"A7")]
    assert chords_of(texts) == [("Dm7", 8), ("G7", 12), ("Em7", 4), ("A7", 16)]
    # Plain triads among them do not come as the alphabet does.
    texts = [(0, b"A"), (4, b"Bm7"), (8, b"E7"), (16, b"A"), (20, b"D"), (24, b"E7"), (28, b"F#m")]
    assert [symbol for symbol, _ in chords_of(texts)] == ["A", "Bm7", "E7", "A", "D", "E7", "F#m"]


def test_names_of_parts_are_no_chords_and_hide_none():
    texts = [(0, b"Intro"), (4, b"Dm7"), (8, b"Bridge"), (8, b"G7"), (16, b"Ending"), (20, b"C6")]
    assert chords_of(texts) == [("Dm7", 8), ("G7", 12), ("C6", 20)]


def test_a_chord_that_nobody_can_read_is_told():
    with pytest.raises(LeftOutError, match=r"a chord at beat 9 that improvd cannot read, 'C7add8'"):
        chords_of([(0, b"Dm7"), (4, b"G7"), (8, b"C7add8"), (12, b"F6")])


def test_yamaha_writes_chords_in_an_event_of_its_own():
    def named(*data: int, beats: int = 0) -> bytes:
        return meta(0x7F, bytes((0x43, 0x7B, 0x01, *data)), 480 * beats)

    events = named(0x31, 2, 0x31, 127)
    events += named(0x23, 10, 0x26, 0, beats=8)  # E flat minor 7 over A flat
    events += named(0x44, 19, 127, 127, beats=8)  # F sharp 7
    events += named(0x31, 34, beats=8)
    [piece] = pieces(plain(conductor=events + END))
    assert runs(piece) == [("Cmaj7", 8), ("Ebm7/Ab", 8), ("F#7", 24)]


# -- many files ----------------------------------------------------------------------------


def test_one_bad_file_never_ends_the_run(tmp_path, monkeypatch):
    (tmp_path / "a.mid").write_bytes(plain())
    (tmp_path / "b.mid").write_bytes(plain(conductor=markers([(0, b"C6")]) + END))

    def stumble(content: bytes, name: str) -> None:
        raise ZeroDivisionError("something that nobody thought of")

    real = midifile.read
    monkeypatch.setattr(midifile, "read", lambda c, n: real(c, n) if n == "b" else stumble(c, n))
    reading = read_all([tmp_path])
    assert [piece.name for piece in reading.pieces] == ["b"]
    [(place, reason)] = reading.left_out.items()
    assert place == str(tmp_path / "a.mid")
    assert reason.startswith("it cannot be read as mid (ZeroDivisionError: something")

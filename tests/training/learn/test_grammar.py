"""Laws of reading the course's tokens as notes."""

import pytest
from music21.interval import Interval

from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.scales import Harmony, harmonize
from improvd.core.network.vocabulary import Register
from improvd.training.learn.grammar import Token, notes_of, parse_token

ANYWHERE = Register(0, 127)


def on(symbol: str, beats: int = 8) -> tuple[Harmony, ...]:
    return harmonize([parse_chord(symbol)] * beats)


def pitches(tokens: str, symbol: str = "Cmaj7", start: int = 67) -> list[int]:
    read = [parse_token(token) for token in tokens.split()]
    return [note.pitch for note in notes_of(read, on(symbol), start, ANYWHERE)]


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("C,0.250,<P4,m-2>", Token("C", 120, (-1, 5))),
        ("S,0.667,<m3,m-3>", Token("S", 320, (-3, 3))),
        ("A,0.333,<M2,d-4>", Token("A", 160, (-4, 2))),
        ("X,1.500,<dd5,d1>", Token("X", 720, (-1, 5))),
        ("C,0.250,<P11,M7>", Token("C", 120, (11, 17))),
        ("C,0.250,<m-2,P4>", Token("C", 120, (-1, 5))),
        ("S,0.125", Token("S", 60)),
        ("R,0.083", Token("R", 40)),
        ("R,2", Token("R", 960)),
    ],
)
def test_a_token_is_read(text: str, token: Token):
    assert parse_token(text) == token


@pytest.mark.parametrize(
    "text",
    ["", "C", "Q,0.250", "C,-1.0", "C,0.250,<P4>", "C,0.250,<H4,m-2>", "rest", "C,0.250 " * 2],
)
def test_what_is_no_token_is_refused(text: str):
    with pytest.raises(ValueError, match="is not a value of the course's"):
        parse_token(text)


def test_a_token_that_lasts_no_time_is_refused():
    with pytest.raises(ValueError, match=r"'C,0\.000' lasts no time"):
        parse_token("C,0.000")


def test_intervals_are_as_wide_as_music21_says():
    for number in range(1, 16):
        perfect = (number - 1) % 7 + 1 in (1, 4, 5)
        for quality in ("P", "A", "AA", "d", "dd") if perfect else ("M", "m", "A", "AA", "d", "dd"):
            for sign in ("", "-") if number > 1 else ("",):
                name = f"{quality}{sign}{number}"
                window = parse_token(f"C,1.0,<{name},{name}>").window
                wide = int(Interval(name).semitones)
                assert window == (wide, wide), name


def test_the_note_is_the_one_of_its_kind_nearest_to_the_windows_middle():
    assert pitches("C,0.250,<P4,m-2>") == [67]  # the middle is A: of G and B the lower
    assert pitches("C,0.250,<P5,A1>") == [71]  # the middle is B itself
    assert pitches("S,0.250,<P4,m-2>") == [69]
    assert pitches("A,0.250,<d4,M-2>") == [68]  # a semitone above G, outside the scale
    assert pitches("X,0.250,<m2,P-4>", "Dm7") == [66]


def test_each_note_goes_on_from_the_one_before():
    assert pitches("S,0.250,<P4,m-2> S,0.250,<P4,m-2> R,0.500 S,0.250,<M2,d-4>") == [69, 71, 69]


def test_a_kind_the_window_does_not_hold_gives_the_middle():
    assert pitches("A,0.250,<P1,P1>") == [67]


def test_tokens_follow_each_other_without_gaps_and_end_with_the_harmonies():
    read = [parse_token(token) for token in ["C,0.333,<m3,m-3>", "R,0.667", "S,1.500,<m3,m-3>"] * 9]
    notes = notes_of(read, on("Dm7", beats=4), 62, ANYWHERE)
    assert [(note.onset, note.length) for note in notes] == [
        (0, 160),
        (480, 720),
        (1200, 160),
        (1680, 720),
    ]


def test_a_line_that_leaves_the_register_is_folded_back():
    read = [parse_token("S,0.250,<m7,M3>")] * 40
    notes = notes_of(read, on("Gm7", beats=10), 67, Register(55, 79))
    assert len(notes) == 40
    assert all(55 <= note.pitch <= 79 for note in notes)


def test_a_token_without_a_window_starts_near_the_start():
    assert pitches("S,0.250,<P-4,d-8> C,0.250") == [59, 67]

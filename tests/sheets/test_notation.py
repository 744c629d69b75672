"""Every bar is full, every note is one symbol or several that are tied, and all can be written."""

from hypothesis import given
from hypothesis import strategies as st

from improvd.sheets.notation import NoteSymbol, symbols
from improvd.sheets.part import NotatedNote
from improvd.sheets.spelling import spelled

_UNITS = {"whole": 384, "half": 192, "quarter": 96, "eighth": 48, "16th": 24, "32nd": 12, "64th": 6}


def shown(*notes: tuple[int, int], bars: int = 1, length: int = 384, beat: int = 96):
    voice = [NotatedNote(onset, length, (60,)) for onset, length in notes]
    places = [(number * length, length) for number in range(bars)]
    return symbols(voice, places, beat)


def words(bar: list[NoteSymbol]) -> str:
    """A bar as people say it: r for rests, a dot, a tie into the next, 3 for a third."""
    return " ".join(
        ("" if symbol.pitches else "r")
        + (symbol.value or "bar")
        + "." * symbol.dots
        + "3" * symbol.three
        + "~" * symbol.tied[1]
        for symbol in bar
    )


def test_notes_and_rests_are_written_as_people_write_them():
    [bar] = shown((0, 12), (12, 6), (18, 6), (24, 24))
    assert words(bar) == "quarter eighth eighth half"
    [bar] = shown((6, 12), (24, 18), (42, 6))
    assert words(bar) == "reighth eighth~ eighth reighth quarter. eighth"
    [bar] = shown((0, 48))
    assert words(bar) == "whole"
    [bar] = shown((36, 12))
    assert words(bar) == "rhalf rquarter quarter"
    assert words(shown()[0]) == "rbar"


def test_thirds_of_a_beat_stand_under_one_bracket():
    [bar] = shown((0, 4), (8, 4), (12, 8), (20, 4), (24, 24))
    assert words(bar) == "eighth3 reighth3 eighth3 quarter3 eighth3 half"
    assert [symbol.bracket for symbol in bar] == [
        ("start",), (), ("stop",), ("start",), ("stop",), (),
    ]  # fmt: skip


def test_a_note_over_the_bar_line_is_tied():
    one, two = shown((36, 24), bars=2)
    assert words(one) == "rhalf rquarter quarter~"
    assert words(two) == "quarter rquarter rhalf"
    assert two[0].tied == (True, False)


def test_a_dotted_beat_is_written_in_eighths():
    [bar] = shown((0, 4), (4, 8), (12, 12), length=288, beat=144)
    assert words(bar) == "eighth quarter quarter."


NOTES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 30)), max_size=12)
METRES = st.sampled_from([(4, 4), (3, 4), (5, 4), (7, 8), (5, 8), (6, 8), (3, 32), (11, 16)])


@given(gaps=NOTES, metre=METRES, dotted=st.booleans())
def test_every_bar_is_full_and_every_note_comes_back(gaps, metre, dotted):
    length = 384 * metre[0] // metre[1]
    beat = 144 if dotted and length % 144 == 0 else 96
    voice, at = [], 0
    for pitch, (gap, lasting) in enumerate(gaps):
        voice.append(NotatedNote(at + gap, lasting, (pitch,)))
        at += gap + lasting
    count = -(-at * beat // 12 // length) + 1
    bars = symbols(voice, [(number * length, length) for number in range(count)], beat)
    found: list[list[int]] = []
    for number, bar in enumerate(bars):
        assert sum(symbol.length for symbol in bar) == length
        assert bar[0].start == number * length
        for symbol in bar:
            if symbol.value:
                plain = _UNITS[symbol.value] * (3 if symbol.dots else 2) // 2
                assert symbol.length == (plain * 2 / 3 if symbol.three else plain)
            if symbol.pitches and symbol.tied[0]:
                found[-1][1] += symbol.length
            elif symbol.pitches:
                found.append([symbol.start, symbol.length, symbol.pitches[0]])
    unit = beat // 12
    assert found == [[each.onset * unit, each.length * unit, each.pitches[0]] for each in voice]


ROOTS = [letter + sign for letter in "CDEFGAB" for sign in ("", "b", "#")]


@given(st.integers(0, 127), st.sampled_from(ROOTS))
def test_a_name_means_its_pitch(pitch, root):
    for flat_five in (False, True):
        name = spelled(pitch, root, flat_five=flat_five)
        steps = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
        assert 12 * (name.octave + 1) + steps[name.step] + name.alter == pitch
        assert abs(name.alter) <= 1


def test_a_pitch_is_named_as_the_tone_of_its_chord():
    assert spelled(63, "F")[:2] == ("E", -1)
    assert spelled(61, "A")[:2] == ("C", 1)
    assert spelled(65, "B")[:2] == ("E", 1)
    assert spelled(65, "B", flat_five=True)[:2] == ("F", 0)

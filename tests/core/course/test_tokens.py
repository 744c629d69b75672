"""Laws of beats that are filled with tokens: their number says all, and time adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.course.token import is_kind
from improvd.core.course.tokens import Fill, TokenVocabulary
from improvd.core.harmony.chord import read_chord
from improvd.core.harmony.scales import harmonize
from improvd.core.music import HOLD, REST
from improvd.core.network.vocabulary import BeatNote, Register
from tests.harness.course import TEXTS

VOCABULARY = TokenVocabulary(TEXTS)
N_VALUES = len(VOCABULARY)
TOKENS = st.lists(st.integers(0, N_VALUES - 1), min_size=1, max_size=VOCABULARY.most)
REGISTER = Register(55, 79)
[C7] = harmonize([read_chord("C7")], cyclic=False)


@given(st.none() | st.integers(0, 23), TOKENS)
def test_a_number_says_how_a_beat_is_filled(start: int | None, tokens: list[int]):
    fill = Fill(start, tuple(tokens))
    number = VOCABULARY.number(fill)
    assert HOLD < number < 2**63
    assert VOCABULARY.fill(number) == fill


@pytest.mark.parametrize("n_values", [1, 2, 78, 90, 300, 2000])
def test_the_fullest_beat_is_a_number_that_can_be_recorded(n_values: int):
    vocabulary = TokenVocabulary(["C,0.125"] * n_values)
    fill = Fill(None, (n_values - 1,) * vocabulary.most)
    assert vocabulary.number(fill) < 2**63
    assert vocabulary.fill(vocabulary.number(fill)) == fill
    assert vocabulary.most >= (8 if n_values <= 90 else 5)


@given(st.lists(st.integers(0, N_VALUES - 1), max_size=200))
def test_tokens_fill_beats_for_as_long_as_they_say(tokens: list[int]):
    """Every token that ends a beat is there, in order, where all before it have taken it."""
    starts = []
    for beat, value in enumerate(VOCABULARY.beats(tokens)):
        starts += [(beat * 480 + pulse, token) for pulse, token in VOCABULARY.starts(value)]
    pulse = 0
    for (start, token), index in zip(starts, tokens, strict=False):
        assert token == VOCABULARY.tokens[index]
        assert start == pulse
        pulse += token.length
    # only what does not fill its beat is missing
    missing = sum(VOCABULARY.tokens[index].length for index in tokens[len(starts) :])
    assert missing < 480


def test_rest_and_hold_begin_nothing():
    assert VOCABULARY.figure(REST) == VOCABULARY.figure(HOLD) == ()
    assert VOCABULARY.fill(REST).tokens == ()


@given(TOKENS, st.integers(55, 79))
def test_notes_are_of_their_kind_last_as_long_as_they_say_and_keep_to_the_register(
    tokens: list[int], previous: int
):
    value = VOCABULARY.number(Fill(0, tuple(tokens)))
    notes = VOCABULARY.speak(value, C7, previous, REGISTER, fresh=False)
    assert [note.tick for note in notes] == [tick for tick, *_ in VOCABULARY.figure(value)]
    ticks = [note.tick for note in notes]
    assert ticks == sorted(set(ticks))
    for note in notes:
        assert note.pitch in REGISTER
        assert note.length in {token.length for token in VOCABULARY.tokens}


@given(st.lists(st.integers(0, 11), min_size=1, max_size=6, unique=True), st.data())
def test_what_is_heard_is_one_token_a_note_and_lasts_its_beat(ticks: list[int], data):
    notes = [BeatNote(tick, data.draw(st.integers(50, 84))) for tick in sorted(ticks)]
    fill = VOCABULARY.fill(VOCABULARY.understand(notes, C7, 67))
    assert fill.start is None
    kinds = [VOCABULARY.tokens[index].kind for index in fill.tokens]
    assert kinds.count("R") == (notes[0].tick > 0)
    assert len(kinds) - kinds.count("R") == len(notes)


def test_a_note_is_heard_as_the_token_that_fits_it():
    # G4 to C5 on C7, an eighth, then a passing tone
    heard = VOCABULARY.understand([BeatNote(0, 72), BeatNote(6, 73)], C7, 67)
    first, second = (TEXTS[index] for index in VOCABULARY.fill(heard).tokens)
    assert first == "C,0.500,<P4,m-2>" or first.startswith("C,0.5")
    assert second.startswith(("A", "C", "S"))
    assert is_kind("C", 72, C7)
    assert not is_kind("C", 73, C7)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "not JSON"),
        ('{"a": 1}', "not a list"),
        ("[1]", "not a list"),
        ('["C;1"]', "not a value"),
    ],
)
def test_what_holds_no_tokens_is_refused(text: str, problem: str):
    with pytest.raises(ValueError, match=problem):
        TokenVocabulary.from_json(text)


def test_it_is_read_back_as_it_was_written():
    again = TokenVocabulary.from_json(VOCABULARY.to_json())
    assert again.tokens == VOCABULARY.tokens
    assert again.id == VOCABULARY.id

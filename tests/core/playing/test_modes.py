"""Laws of sharing the floor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.playing.modes import (
    MODES,
    Answer,
    Floor,
    Follow,
    Mode,
    Situation,
    Solo,
    Trade,
    Turn,
)

LISTENING = Floor(Turn.LISTEN)
METERS = st.integers(1, 12)
BARS = st.integers(1, 99)


def floors(mode: Mode, situations: list[Situation], before: Floor = LISTENING) -> list[Floor]:
    """Who has the floor, beat after beat."""
    taken = []
    for situation in situations:
        before = mode.floor(situation, before)
        taken.append(before)
    return taken


def pause(first: int, beats: int, *, phrase: float = 4.0, quiet: float = 0.0) -> list[Situation]:
    """Beats in which a player of 4/4 who has just stopped stays silent."""
    return [
        Situation(first + n, 4, quiet=quiet + n, patience=1.5, phrase=phrase) for n in range(beats)
    ]


def turns(taken: list[Floor]) -> str:
    return "".join("P" if floor.turn is Turn.PLAY else "-" for floor in taken)


@pytest.mark.parametrize("mode", [Follow(), Solo()])
@given(beat=st.integers(-100, 10**6), played=st.booleans())
def test_follow_and_solo_always_play(mode: Mode, beat: int, played: bool):
    assert mode.floor(Situation(beat, 4, played=played), LISTENING).turn is Turn.PLAY


def test_solo_alone_does_not_hear_and_follow_alone_makes_room():
    modes = [MODES[name](4) for name in ("follow", "answer", "trade", "solo")]
    assert [mode.hears(0, 4) for mode in modes] == [True, True, True, False]
    assert [mode.ducks() for mode in modes] == [True, False, False, False]


def test_modes_are_found_by_name():
    assert MODES["trade"](7) == Trade(7)
    assert set(MODES) == {"follow", "answer", "trade", "solo"}


# -- trade -----------------------------------------------------------------------------------


@given(st.integers(0, 10**5), METERS, BARS)
def test_traded_bars_go_by_turns_yours_first(beat: int, meter: int, bars: int):
    own = Trade(bars).floor(Situation(beat, meter), LISTENING).turn is Turn.PLAY
    swapped = Trade(bars).floor(Situation(beat + bars * meter, meter), LISTENING).turn is Turn.PLAY
    assert own != swapped
    assert own == (beat // meter // bars % 2 == 1)


@given(st.integers(-100, -1), METERS, BARS)
def test_the_count_in_of_a_trade_is_yours(beat: int, meter: int, bars: int):
    assert Trade(bars).floor(Situation(beat, meter), LISTENING).turn is Turn.LISTEN
    assert Trade(bars).hears(beat, meter)


@given(st.integers(-100, 10**5), METERS, BARS)
def test_a_trade_hears_your_bars_and_a_beat_around_them(beat: int, meter: int, bars: int):
    def yours(beat: int) -> bool:
        return Trade(bars).floor(Situation(beat, meter), LISTENING).turn is Turn.LISTEN

    assert Trade(bars).hears(beat, meter) == any(map(yours, (beat - 1, beat, beat + 1)))


# -- answer ----------------------------------------------------------------------------------


def test_without_a_player_nothing_is_answered():
    never = [Situation(beat, 4, quiet=None, patience=1.5) for beat in range(64)]
    assert turns(floors(Answer(), never)) == "-" * 64


def test_an_answer_starts_when_the_player_s_patience_is_over():
    assert turns(floors(Answer(), pause(8, 4, quiet=0.0))) == "--PP"
    patient = [Situation(8 + n, 4, quiet=float(n), patience=3.5, phrase=4.0) for n in range(6)]
    assert turns(floors(Answer(), patient)) == "----PP"
    just = Situation(8, 4, quiet=1.5, patience=1.5, phrase=4.0)
    assert Answer().floor(just, LISTENING).turn is Turn.PLAY


@given(st.integers(0, 1000), st.floats(0, 100), METERS)
def test_an_answer_is_as_long_as_the_phrase_to_a_bar_line_two_to_eight_bars(
    beat: int, phrase: float, meter: int
):
    now = Situation(beat, meter, quiet=2.0, patience=1.5, phrase=phrase)
    floor = Answer().floor(now, LISTENING)
    assert floor.turn is Turn.PLAY
    assert floor.until is not None
    assert floor.until % meter == 0
    bars = -(-beat // meter) + min(max(-(-phrase // meter), 2), 8)
    assert floor.until == bars * meter


def test_one_silence_is_answered_once():
    taken = floors(Answer(), pause(0, 40, quiet=2.0))
    assert turns(taken) == "P" * 8 + "-" * 32


@given(st.integers(1, 30))
def test_the_player_s_return_ends_an_answer_at_once(after: int):
    silence = pause(0, after, quiet=2.0)
    taken = floors(Answer(), [*silence, Situation(after, 4, played=True, quiet=0.0)])
    assert taken[-1] == LISTENING


def test_the_next_phrase_is_answered_again():
    phrase = [Situation(20 + n, 4, played=True, quiet=0.0, patience=1.5) for n in range(4)]
    taken = floors(Answer(), [*pause(0, 20, quiet=2.0), *phrase, *pause(24, 10)])
    assert turns(taken) == "P" * 8 + "-" * 12 + "-" * 4 + "--" + "P" * 8

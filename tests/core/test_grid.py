from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from improvd.core.grid import Grid
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn

BEAT_NS = 500_000_000


def beat(number: int, start_ns: int | None = None, beats_per_bar: int = 4) -> Beat:
    return Beat(
        number=number,
        bar=number // beats_per_bar + 1,
        beat_in_bar=number % beats_per_bar + 1,
        chord="C",
        turn=Turn.PLAY,
        x=None,
        heard=False,
        value=2,
        pitches=(),
        start_ns=number * BEAT_NS if start_ns is None else start_ns,
    )


def grid(beats: list[Beat], beats_per_bar: float = 4) -> Grid:
    return Grid(beats, BEAT_NS, beats_per_bar)


def test_beats_are_a_beat_of_ticks_apart_however_long_they_last():
    found = grid([beat(0, 0), beat(1, 400_000_000), beat(2, 10**9), beat(3, 1_700_000_000)])
    assert [found.tick(ns) for ns in found.starts] == [0, 480, 960, 1440]
    assert found.tick(1_350_000_000) == 1200
    assert found.tick(2_400_000_000) == 1920


def test_a_pause_is_filled_with_beats_at_the_tempo_before_it():
    beats = [beat(0), beat(1), beat(2, 2 * BEAT_NS), beat(3, 3 * BEAT_NS)]
    later = 3 * BEAT_NS + 9 * BEAT_NS + 40_000_000
    found = grid([*beats, beat(4, later)])
    assert len(found.places) == 13
    assert [place.chord for place in found.places[4:12]] == [None] * 8
    assert found.starts[12] == later
    assert max(b - a for a, b in zip(found.starts, found.starts[1:], strict=False)) < 510_000_000


def test_a_clock_at_half_the_tempo_is_no_pause():
    found = grid([beat(0), beat(1), beat(2, 3 * BEAT_NS), beat(3, 5 * BEAT_NS)])
    assert len(found.places) == 4


def test_beats_that_were_skipped_keep_the_bars_in_place():
    found = grid([*map(beat, range(6)), *map(beat, range(27, 36))])
    assert [i for i, place in enumerate(found.places) if place.starts_bar] == list(range(0, 36, 4))
    assert list(found.bars()) == [(start, 4) for start in range(0, 36, 4)]


def test_a_jump_breaks_off_its_bar():
    played = [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4]
    beats = [replace(beat(n), start_ns=i * BEAT_NS) for i, n in enumerate(played)]
    assert list(grid(beats).bars()) == [(0, 4), (4, 2), (6, 4), (10, 4)]


def test_a_take_that_begins_in_mid_bar_begins_with_a_short_one():
    assert list(grid([beat(n) for n in range(2, 9)]).bars()) == [(0, 2), (2, 4), (6, 4)]


def test_seven_eighths_are_told_once():
    assert list(grid([beat(n) for n in range(14)], 3.5).bars()) == [(0, 3.5)]


def test_beats_that_say_how_long_their_bar_is_are_believed():
    waltz = [replace(beat(n, beats_per_bar=3), beats_per_bar=3) for n in range(6)]
    # Another chart took over on the seventh beat, which is the third of its bar in four.
    common = [replace(beat(n), beats_per_bar=4) for n in range(6, 13)]
    assert list(grid([*waltz, *common], 3).bars()) == [(0, 3), (3, 3), (6, 2), (8, 4), (12, 4)]
    sevens = [replace(beat(n, (n - 2) * BEAT_NS), beats_per_bar=3.5) for n in range(8, 16)]
    assert list(grid([*waltz, *sevens]).bars()) == [(0, 3), (3, 3), (6, 3.5)]


def test_nothing_played_is_an_empty_grid():
    assert grid([]).places == []
    assert grid([]).tick(10**9) == 960
    assert list(grid([]).bars()) == [(0, 4)]


def test_a_beat_cut_short_by_a_jump_is_no_tempo():
    assert len(grid([beat(0, 0), beat(1, 100), beat(2, 400_000_000)]).places) == 3


@given(st.lists(st.integers(0, 10**11), min_size=1, max_size=30), st.lists(st.integers(0, 10**11)))
def test_later_is_never_at_an_earlier_tick(starts, moments):
    found = grid([beat(n, start) for n, start in enumerate(starts)])
    ticks = [found.tick(ns) for ns in sorted(moments)]
    assert ticks == sorted(ticks)
    assert [found.tick(ns) for ns in found.starts] == [
        n * PULSES_PER_BEAT for n in range(len(found.places))
    ]

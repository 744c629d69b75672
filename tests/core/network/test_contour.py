"""Contours say which way and how far, and values of contours are heard and sung as such."""

from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.ladder import ladder
from improvd.core.network.contour import ANY, WIDEST, any_of, contour_of, moves_of, rungs_of
from improvd.core.network.vocabulary import BeatNote, Vocabulary

C_MAJOR = ladder((0, 2, 4, 5, 7, 9, 11))
UP_DOWN = ((0, ANY), (6, -ANY))
DOWN_UP = ((0, -ANY), (6, ANY))
SAME = ((0, 0),)
LATE = ((6, ANY),)
FIFTH_UP = ((0, 3),)
STEP_UP = ((0, 1),)
CONTOURS = Vocabulary([UP_DOWN, DOWN_UP, SAME, LATE, FIFTH_UP, STEP_UP])


@given(st.integers(-WIDEST, WIDEST))
def test_a_move_is_among_those_of_its_contours(move: int):
    for contour in (contour_of(move), any_of(move)):
        low, high = moves_of(contour)
        assert low <= move <= high
        assert moves_of(-contour) == (-high, -low)


def test_sizes_part_the_moves_among_them():
    moves = sorted(
        m for size in range(1, ANY) for m in range(moves_of(size)[0], moves_of(size)[1] + 1)
    )
    assert moves == list(range(1, WIDEST + 1))
    assert moves_of(ANY) == (1, WIDEST)
    assert [rungs_of(contour) for contour in (-ANY, 0, 1, 4)] == [-1, 0, 1, 6]


def heard(*notes: tuple[int, int], previous: int = 60) -> int:
    return CONTOURS.encode([BeatNote(*note) for note in notes], C_MAJOR, previous)


def value(figure: object) -> int:
    return CONTOURS.values_indices[figure]


def test_a_beat_is_heard_by_its_ways_whatever_its_pitches():
    assert heard((0, 61), (6, 55)) == heard((0, 72), (6, 71)) == value(UP_DOWN)
    assert heard((0, 55), (6, 61)) == value(DOWN_UP)
    assert heard((0, 60)) == value(SAME)
    assert heard((7, 63)) == value(LATE)


def test_where_figures_tell_sizes_the_nearest_is_heard():
    assert heard((0, 67)) == value(FIFTH_UP)
    assert heard((0, 61)) == value(STEP_UP)


def test_without_anybody_to_choose_steps_on_the_ladder_stand_for_contours():
    assert [n.pitch for n in CONTOURS.decode(value(UP_DOWN), C_MAJOR, 60)] == [62, 60]
    assert [n.pitch for n in CONTOURS.decode(value(FIFTH_UP), C_MAJOR, 60)] == [67]
    assert CONTOURS.rises[value(FIFTH_UP)] == 4
    assert CONTOURS.has_contours
    assert not Vocabulary([[[0, 1, 0]]]).has_contours


def test_it_is_known_by_its_text():
    again = Vocabulary.from_json(CONTOURS.to_json())
    assert again.id == CONTOURS.id
    assert again.figures == CONTOURS.figures
    assert again.contours(value(UP_DOWN)) == UP_DOWN
    assert again.contours(0) == again.contours(1) == ()

"""Laws of what ends when a keyboard leaves: its own keys and pedals, and nobody else's for sure."""

from hypothesis import given
from hypothesis import strategies as st

from improvd.core.midi.keys_down import KeysDown

ALL_UP = [bytes([0xB0 | on, number, 0]) for number in (121, 123) for on in range(16)]


def hear(keys: KeysDown, now: int, *messages: str) -> None:
    keys.hear([(now, bytes.fromhex(message)) for message in messages])


def two_keyboards(*before: str) -> KeysDown:
    """Piano is there from the start and struck these; Organ came after it, from 10 to 20."""
    keys = KeysDown()
    assert keys.look(1, {"Piano"}, left=False) == []
    hear(keys, 5, *before)
    assert keys.look(10, {"Piano"}, left=False) == []
    assert keys.look(20, {"Piano", "Organ"}, left=False) == []
    return keys


def test_what_was_down_before_it_came_is_not_its_own():
    keys = two_keyboards("90 3C 50", "B0 40 7F", "91 3C 50")
    hear(keys, 15, "90 43 50")  # Organ's, perhaps, though it was not seen yet
    hear(keys, 30, "B1 42 7F", "B0 40 64")
    assert keys.look(40, {"Piano"}, left=True) == [
        bytes.fromhex("80 43 00"),
        bytes.fromhex("B1 42 00"),
    ]
    assert keys.look(50, {"Piano"}, left=False) == []


def test_what_is_up_already_needs_no_end():
    keys = two_keyboards()
    hear(keys, 30, "90 3C 50", "90 3E 50", "91 40 50", "92 41 50", "B0 40 7F", "B3 42 7F")
    hear(keys, 31, "80 3C 00", "90 3E 00", "B1 7B 00", "B2 78 00", "B0 40 3F", "B3 79 00")
    assert keys.look(40, {"Piano"}, left=True) == []


def test_who_was_there_from_the_start_may_hold_everything():
    """So may what another player of ours has heard before."""
    keys = two_keyboards("90 3C 50")
    assert keys.look(40, {"Organ"}, left=True) == [bytes.fromhex("80 3C 00"), *ALL_UP]


def test_of_the_last_one_everything_ends():
    keys = KeysDown()
    keys.look(10, (), left=False)
    keys.look(20, {"Piano"}, left=False)
    hear(keys, 25, "90 3C 50", "B2 40 7F")
    assert keys.look(30, (), left=True) == [
        bytes.fromhex("80 3C 00"),
        bytes.fromhex("B2 40 00"),
        *ALL_UP,
    ]


def test_who_is_called_something_else_is_the_same():
    keys = two_keyboards("90 3C 50")
    hear(keys, 25, "90 43 50")
    assert keys.look(30, {"Piano", "Keys"}, left=False) == []
    assert keys.look(40, {"Piano"}, left=True) == [bytes.fromhex("80 43 00")]


def test_who_was_away_between_two_looks_let_go():
    keys = two_keyboards()
    hear(keys, 25, "90 43 50")
    assert bytes.fromhex("80 43 00") in keys.look(30, {"Piano", "Organ"}, left=True)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x80, 0x90, 0xB0]),
            st.integers(0, 15),
            st.sampled_from([60, 64, 66, 120, 121, 123]),
            st.integers(0, 127),
        )
    )
)
def test_whatever_came_in_nothing_is_down_after_the_last_one_left(messages):
    keys = KeysDown()
    keys.look(0, {"Piano"}, left=False)
    for kind, on, number, value in messages:
        keys.hear([(1, bytes((kind | on, number, value)))])
    ended = keys.look(2, (), left=True)
    assert ended[-32:] == ALL_UP
    keys.look(3, {"Organ"}, left=False)
    assert keys.look(4, {"Organ"}, left=True) == ALL_UP

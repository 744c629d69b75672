"""Which change a player is thought to have died of."""

from msgspec.structs import replace

from improvd.config import Config
from improvd.messages import Change, Perform
from improvd.service.players.changes import BeforeChange, Changes

S = 1_000_000_000
WAS = Perform(Config(), None)
WIDE = Change(replace(WAS.config, model="wide"), None)
CHART = Change(WAS.config, "| Dm7 |")


def ordered(*changes: tuple[int, Change]) -> Changes:
    lately = Changes()
    for at_s, change in changes:
        lately.ordered(BeforeChange(change, at_s * S, WAS, b""))
    return lately


def test_the_latest_is_blamed_then_the_one_before_it_and_no_more():
    lately = ordered((1, WIDE), (2, CHART))
    blamed = [lately.blamed(5 * S, 5 * S, ()) for _ in range(3)]
    assert [each and each.keys for each in blamed] == [["chart"], ["model"], None]


def test_what_was_lived_with_for_long_is_not_blamed():
    assert ordered((1, WIDE)).blamed(22 * S, 22 * S, ()) is None


def test_what_was_declined_is_not_blamed():
    lately = ordered((1, WIDE))
    lately.declined(WIDE)
    assert lately.blamed(2 * S, 2 * S, ()) is None


def test_what_came_when_the_player_stood_still_already_is_for_the_next_one():
    lately = ordered((3, WIDE))
    assert lately.blamed(4 * S, 2 * S, [WIDE]) is None
    # That one takes it over, and dies of it.
    assert lately.blamed(6 * S, 5 * S, ()) is not None


def test_what_it_stood_still_in_carrying_out_is_blamed():
    assert ordered((3, WIDE)).blamed(5 * S, 3 * S + 1, [WIDE]) is not None


def test_a_change_of_nothing_is_nothing_to_go_back_from():
    assert ordered((1, Change(WAS.config, None))).blamed(2 * S, 2 * S, ()) is None

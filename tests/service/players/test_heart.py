"""When a player is taken for lost, with time passed in."""

import pytest

from improvd.service.players.heart import Heart

MS = 1_000_000
EVERY = 50 * MS


def stopped_after(beat: int | None, *, asleep: bool, until: int) -> int | None:
    """After how many ns without a beat, or of being told to play, it is found to have stopped."""
    heart = Heart(0)
    heart.ordered(0)
    for now in range(0, until, EVERY):
        if heart.stopped(now, beat, lambda: asleep):
            return now
    return None


def test_one_that_waits_for_its_turn_gets_a_second() -> None:
    assert stopped_after(0, asleep=False, until=3000 * MS) == 1050 * MS


def test_one_that_is_stopped_gets_half_a_second() -> None:
    assert stopped_after(0, asleep=True, until=3000 * MS) == 550 * MS


def test_one_that_opens_its_ports_gets_fifteen() -> None:
    assert stopped_after(None, asleep=True, until=20_000 * MS) == 15_050 * MS


@pytest.mark.parametrize("pause", [600, 5000, 60_000])
def test_where_the_service_stood_still_itself_the_player_gets_a_second_to_recover(
    pause: int,
) -> None:
    heart = Heart(0)
    woken = pause * MS
    assert not heart.stopped(woken, 0, lambda: True)
    assert not heart.stopped(woken + 450 * MS, 0, lambda: True)
    assert not heart.stopped(woken + 900 * MS, 0, lambda: True)
    assert heart.stopped(woken + 1050 * MS, 0, lambda: True)


def test_a_heart_that_beats_is_never_lost() -> None:
    heart = Heart(0)
    assert not any(
        heart.stopped(now, now - 200 * MS, lambda: True) for now in range(0, 60_000 * MS, EVERY)
    )

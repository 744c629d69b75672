"""Pages that are open: told, dropped where they do not listen, and kept from shouting."""

import asyncio

from improvd.service.web.crowd import MOST_PAGES, Crowd, Visitor


def test_all_are_told_in_order():
    async def told() -> list[str]:
        crowd = Crowd()
        visitors = [crowd.enter(), crowd.enter()]
        for news in ("one", "two"):
            crowd.tell(news)
        return [await visitor.next() for visitor in visitors for _ in range(2)]

    assert asyncio.run(told()) == ["one", "two", "one", "two"]


def test_who_does_not_listen_is_shown_out_and_nobody_else():
    async def crowded() -> tuple[bool, bool]:
        crowd = Crowd()
        slow, quick = crowd.enter(), crowd.enter()
        for number in range(1000):
            crowd.tell(str(number))
            await quick.next()
        return slow.gone.is_set(), quick.gone.is_set()

    assert asyncio.run(crowded()) == (True, False)


def test_there_is_room_for_so_many_and_again_when_one_leaves():
    crowd = Crowd()
    visitors = [crowd.enter() for _ in range(MOST_PAGES)]
    assert None not in visitors
    assert crowd.enter() is None
    crowd.leave(visitors[3])
    assert crowd.enter() is not None
    assert len(crowd) == MOST_PAGES


def test_two_hands_may_always_speak_and_a_flood_may_not():
    visitor = Visitor(1)
    assert all(visitor.may_speak(0.02 * n) for n in range(5000))  # 50 a second, for long
    flooded = [visitor.may_speak(200.0) for _ in range(10_000)]
    assert flooded.count(True) < 1000
    assert visitor.may_speak(203.0)

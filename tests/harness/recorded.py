"""A jam for tests: its events as a player would report them."""

from collections.abc import Iterator

from improvd.config import Config
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Began, Event, Heard, Played, Sent, Turned

START_NS = 10**12
BEAT_NS = 500_000_000
CHART = "| Dm7 | G7 |"


def began(**settings) -> Began:
    return Began(Config(tempo=120, **settings), CHART, "ab" * 32, START_NS)


def beat(number: int, **changes) -> Beat:
    return Beat(
        **{
            "number": number,
            "bar": number // 4 + 1,
            "beat_in_bar": number % 4 + 1,
            "chord": "Dm7" if number // 4 % 2 == 0 else "G7",
            "turn": Turn.PLAY,
            "x": None,
            "heard": False,
            "value": 2,
            "pitches": (60,),
            "start_ns": START_NS + number * BEAT_NS,
            **changes,
        }
    )


def jam(beats: int) -> Iterator[Event]:
    """improvd plays a C4 on every beat, the musician an E4 off every beat."""
    yield began()
    for number in range(beats):
        start = START_NS + number * BEAT_NS
        yield Turned(start - 30_000_000)
        yield Played(beat(number))
        yield Turned(start + 100_000)
        yield Sent(start, start + 200_000, bytes([0x90, 60, 90]))
        yield Heard(start + BEAT_NS // 2, bytes([0x92, 64, 80]))
        yield Turned(start + BEAT_NS * 3 // 5)
        yield Sent(start + BEAT_NS * 3 // 5, start + BEAT_NS * 3 // 5, bytes([0x80, 60, 64]))
        yield Heard(start + BEAT_NS * 3 // 4, bytes([0x82, 64, 64]))

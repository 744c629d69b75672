"""Takes made of messages."""

from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.take import Take

BEAT_NS = 500_000_000


def take(*messages: tuple[float, int, int, int], beats: int = 8, count_in: int = 0) -> Take:
    """Messages at beats of 120 BPM, in bars of four, the bass on channel 2, drums on 10."""
    made = Take(120, 4, voices={1: "bass", 9: "drums"})
    for number in range(-count_in, beats):
        bar, place = divmod(number, 4)
        beat = Beat(number, bar + 1, place + 1, "F7", Turn.PLAY, None, False, 0, (), at(number))
        made.add_beat(beat)
    for beat_at, *message in messages:
        made.add_message(at(beat_at), bytes(message))
    return made


def at(beat: float) -> int:
    """When that is, monotonic ns."""
    return 10**12 + round(beat * BEAT_NS)

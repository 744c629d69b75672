"""A jam, somebody who wakes it, a player, and what holds of every performance."""

import random
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

import numpy as np

from improvd.core.band.lineup import SOLOIST
from improvd.core.harmony.chart import BLUES_IN_F, Chart, parse_chart
from improvd.core.jam import Jam, Offsets
from improvd.core.music import REST
from improvd.core.network.cell import Cell, Weights
from improvd.core.network.improviser import Improviser
from improvd.core.network.policy import Policy
from improvd.core.network.tilt import Tilts
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import MODES, Turn
from improvd.core.playing.setup import Setup, SoloistSetup
from improvd.core.sync.transport import Transport
from improvd.core.sync.transport_state import Following, Sync
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.core.voice.line import Style
from improvd.messages import RULES
from tests.harness.drawn import drawn_weights
from tests.harness.live_script import VOCABULARY
from tests.harness.notes import check_one_voice

START_NS = 10**12
MS = 10**6
BLUES = parse_chart(BLUES_IN_F)
STYLE = Style()
ALONE = Following(Sync.INTERNAL)

# A message that comes in, and how long after the one before.
Arrival = tuple[int, bytes]
# A message that goes out, when it was due and when it left.
Departure = tuple[int, int, bytes]


@cache
def weights(n_values: int) -> Weights:
    return drawn_weights(n_values=n_values, n_a=6)


def jam(  # noqa: PLR0917 - the parts of a performance
    mode: str = "follow",
    bpm: float = 120.0,
    seed: int = 0,
    temperature: float = 0.0,
    vocabulary: Vocabulary = VOCABULARY,
    style: Style = STYLE,
    chart: Chart = BLUES,
    count_in: int = 0,
    respond: float = 3.0,
    who: Policy | None = None,
    following: Following = ALONE,
    offsets: Offsets = Offsets(),  # noqa: B008 - frozen
    dotted: bool = False,
) -> Jam:
    n_values = len(vocabulary)
    cell = Cell(weights(n_values))
    soloist = SoloistSetup(
        improviser=who or Improviser(cell, temperature=temperature, seed=seed),
        vocabulary=vocabulary,
        tilts=Tilts(
            vocabulary,
            np.full(n_values, 1 / n_values, dtype=np.float32),
            None,
            respond,
            style.register,
        ),
        mode=MODES[mode](1),
        style=style,
    )
    setup = Setup({SOLOIST: soloist}, chart, dotted=dotted, rules=RULES)
    own = Timeline(START_NS, 0, ns_per_beat(bpm))
    transport = Transport(own.undotted() if dotted else own, following)
    return Jam(setup, transport, count_in=count_in, offsets=offsets)


class Session:
    """A jam with somebody to wake it; what it sent and told so far."""

    def __init__(self, jam: Jam) -> None:
        self.jam = jam
        self.sent: list[Departure] = []
        self.beats: list[Beat] = []

    def wake_at(self, now: int) -> None:
        self.sent += [(due, now, message) for due, message in self.jam.turn(now)]
        self.beats += self.jam.beats
        self.jam.beats.clear()

    def until(self, now: int) -> None:
        """Wake it whenever it asks to be."""
        while (wake := self.jam.wake()) is not None and wake <= now:
            self.wake_at(wake)

    def hear(self, messages: Iterable[Arrival], *, late: bool = False) -> None:
        """Let messages come in, each so long after the one before."""
        now = START_NS - 2_000 * MS
        for after, message in messages:
            now += after
            if late:
                self.wake_at(now)
            else:
                self.until(now)
            self.jam.hear(now, message)

    def play(self, beats: int) -> "Session":
        self.until(self.jam.performer.timeline.when(beats * 480))
        return self

    @property
    def sounding(self) -> tuple[int, ...]:
        return self.jam.performer.soloists.first.line.agenda.sounding

    def stop(self) -> list[bytes]:
        """Everything sent, from the first message to the last off."""
        return [message for _, _, message in self.sent] + self.jam.silence()


def check(session: Session) -> None:
    """What holds of every performance."""
    vocabulary = session.jam.performer.soloists.first.setup.vocabulary
    register = session.jam.performer.soloists.first.setup.style.register
    dues = [due for due, _, _ in session.sent]
    assert dues == sorted(dues)
    assert all(due <= now for due, now, _ in session.sent)
    numbers = [beat.number for beat in session.beats]
    assert all(earlier < later for earlier, later in pairwise(numbers))
    before: int | None = None
    begun = False
    for beat in session.beats:
        if not beat.heard:
            assert beat.x == (before if before is not None else REST if begun else None)
        begun = begun or beat.heard or beat.number >= 0
        before = beat.value
        assert (beat.value is None) == (beat.turn is Turn.LISTEN)
        assert all(pitch in register for pitch in beat.pitches)
        for value in {beat.x, beat.value} - {None}:
            assert 0 <= value < len(vocabulary)
    assert len(session.sounding) <= 1
    messages = session.stop()
    check_one_voice(messages)
    assert all(1 <= message[2] <= 127 for message in messages)
    assert session.sounding == ()


def melody(seed: int, beats: int, bpm: float = 120.0) -> Iterator[Arrival]:
    """A player who plays phrases and leaves gaps, from one second before the first beat on."""
    draw = random.Random(seed)
    beat_ns, pitch, left = ns_per_beat(bpm), 67, beats
    yield 1_000 * MS, b"\xfe"
    while left > 0:
        for _ in range(draw.randint(1, 12)):
            pitch = min(max(pitch + draw.randint(-5, 5), 40), 90)
            length = draw.choice((0.25, 0.33, 0.5, 1.0))
            left -= length
            yield 0, bytes((0x90, pitch, draw.randint(30, 110)))
            yield int(length * beat_ns), bytes((0x80, pitch, 64))
        rest = draw.choice((0.5, 2.0, 6.0))
        left -= rest
        yield int(rest * beat_ns), b"\xfe"

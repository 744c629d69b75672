"""The jam: everything that sounds together in time. Bytes heard go in, bytes due come out.

It joins the transport (a master's clock), the leader (our own, for others) and the performer, and
knows our own messages when they come back. Whoever owns the ports calls `hear` with stamped
messages, sleeps until `wake`, sends what `turn` returns, and passes on what a person orders. The
same calls with the same arguments make the same music.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from fractions import Fraction

from improvd.core.midi.copies import Copies
from improvd.core.midi.feedback import Feedback
from improvd.core.midi.messages import (
    ACTIVE_SENSING,
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BREATH,
    CHANNEL_PRESSURE,
    RESET,
    SUSTAIN,
    SYSTEM,
    Stamped,
    channel,
    control_change,
    is_whole,
    kind,
)
from improvd.core.midi.sensing import ActiveSensing
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.beat import Beat
from improvd.core.playing.entrance import Entrance, Entry
from improvd.core.playing.modes import Mode, Turn
from improvd.core.playing.performer import Performer, PerformerMemory
from improvd.core.playing.setup import Setup, Takeover
from improvd.core.sync.follower import CLOCKS_PER_BEAT
from improvd.core.sync.leader import Leader, LeaderMemory
from improvd.core.sync.transport import Transport, TransportMemory
from improvd.core.sync.transport_state import TransportState

# A note is closed, a pedal let go, and whatever may sound in spite of that is cut.
_PANIC = (SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF)


@dataclass(frozen=True, slots=True)
class Offsets:
    """Nanoseconds by which our notes leave later, and by which theirs were played earlier."""

    send_ns: int = 0
    hear_ns: int = 0


@dataclass(frozen=True, slots=True)
class JamMemory:
    """Where a jam is, and all that decides how it goes on."""

    transport: TransportMemory
    performer: PerformerMemory
    leader: LeaderMemory | None
    echo: tuple[Stamped, ...]
    copies: Copies
    sensing: ActiveSensing = field(default_factory=ActiveSensing)
    entrance: Entrance | None = None


class Jam:
    """Plays with somebody, alone or under a clock. No method blocks.

    Args:
        setup: what the performance is made of.
        transport: whose time it is.
        count_in: beats before the first in which improvd only listens, on its own clock.
        offsets: of what is sent and heard.
        leads: a nanosecond from which clock is sent for others to follow; None sends none.
    """

    def __init__(
        self,
        setup: Setup,
        transport: Transport,
        *,
        count_in: int = 0,
        offsets: Offsets = Offsets(),
        leads: int | None = None,
    ) -> None:
        self._transport = transport
        self._offsets = offsets
        self.performer = Performer(setup, self._shifted(transport.state), count_in)
        self._leader = None if leads is None else Leader(leads, transport.state)
        self._followed = transport.state
        self._feedback = Feedback()
        self._sensing = ActiveSensing()
        self._at_once: list[bytes] = []
        self._coming: Takeover | None = None  # the tune that is waited for

    @property
    def state(self) -> TransportState:
        """Where the transport stands, and in what time."""
        return self._transport.state

    @property
    def beats(self) -> deque[Beat]:
        """What became of the latest beats, to be taken away."""
        return self.performer.beats

    @property
    def beats_per_bar(self) -> float:
        """Those of the chart that is played."""
        return self.setup.chart.beats_per_bar

    @property
    def notices(self) -> deque[str]:
        """Sentences for the person, to be taken away."""
        return self._transport.notices

    # -- bytes in, bytes out ---------------------------------------------------------------

    def hear(self, stamp: int, message: bytes) -> None:
        """A MIDI message that came in at this nanosecond; what is no whole one is passed over."""
        if not is_whole(message):
            return
        self._let_go_if_lost(stamp)
        self._sensing.hear(stamp, message)
        if message[0] == ACTIVE_SENSING:
            return
        if message[0] == RESET and self.setup.rules > 3:  # a device is as it was when switched on
            self.performer.let_go(self._played_at(stamp))
        if message[0] >= SYSTEM:
            self._hear_master(stamp, message)
            return
        if kind(message) == CHANNEL_PRESSURE and self.setup.rules > 3:
            # Some wind controllers say so how hard they are blown; and a key that is pressed down
            # after it was brushed is played.
            message = control_change(channel(message), BREATH, message[1])
        if len(message) != 3 or self._is_ours(stamp, message):
            return
        self.performer.hear(self._played_at(stamp), message)

    def _played_at(self, stamp: int) -> int:
        """When it was played on the performer's time, which is as much later as our notes leave."""
        return stamp - self._offsets.hear_ns + self._offsets.send_ns

    def _let_go_if_lost(self, now: int) -> None:
        """A keyboard whose cable was pulled holds nothing any more."""
        gone = self._sensing.lost(now)
        if gone is not None:
            self.performer.let_go(self._played_at(gone))

    def _is_ours(self, stamp: int, message: bytes) -> bool:
        """Whether a message is our own come back; that it comes back changed is said once."""
        came = stamp - max(self._offsets.hear_ns, 0)
        known = self._feedback.copies.found
        ours = self._feedback.is_ours(came, message)
        if self._feedback.copies.found and not known:
            self.notices.append(
                "What comes in is improvd's own line, "
                f"{self._feedback.describe(stamp - came)}, "
                "and is not listened to; see where your output is fed back."
            )
        return ours

    def _hear_master(self, stamp: int, message: bytes) -> None:
        if self._leader is not None and self._leader.is_echo(stamp, message):
            return
        self._transport.hear(stamp, message)
        self._follow(stamp)

    def wake(self) -> int | None:
        """The nanosecond of the next thing to do; None if nothing is, unless something comes in."""
        if self._at_once:
            return 0
        wakes = [self.performer.wake(), self._transport.wake()]
        if self._leader is not None:
            wakes.append(self._leader.wake())
        return min((wake for wake in wakes if wake is not None), default=None)

    def turn(self, now: int) -> list[tuple[int, bytes]]:
        """Do all that is due by now; the messages to send, each after its due time."""
        self._let_go_if_lost(now)
        self._transport.turn(now)
        self._follow(now)
        messages = [(now, message) for message in self._at_once]
        self._at_once.clear()
        if self._leader is not None:
            messages += self._leader.turn(now)
        notes = self.performer.turn(now)
        if self._coming is not None and self.performer.halts and now >= self.performer.picks:
            self._enter(now, self._coming)
            notes += [(now, message) for message in self._at_once]
            self._at_once.clear()
            notes += self.performer.turn(now)
        messages += notes
        own = self.setup.first.style.channel
        for _, message in notes:
            self._feedback.sent(now, message, accompanies=channel(message) != own)
        return messages

    def silence(self) -> list[bytes]:
        """What closes all that sounds and stops who follows us. For every way out."""
        offs = self._at_once + self.performer.silence()
        self._at_once = []
        return offs + (self._leader.silence() if self._leader is not None else [])

    def _follow(self, now: int) -> None:
        """Let all others know where the transport stands, if that has changed."""
        state = self._transport.state
        if state is self._followed:
            return
        self._followed = state
        self._at_once += self.performer.follow(now, self._shifted(state))
        if self._leader is not None:
            self._leader.lead(now, state)

    def _shifted(self, state: TransportState) -> TransportState:
        return replace(state, timeline=state.timeline.shifted(self._offsets.send_ns))

    # -- what a person orders --------------------------------------------------------------

    def change(self, setup: Setup, entrance: Entrance | None = None) -> None:
        """Another setup takes over on the next bar line, the state carried where it fits.

        With an `entrance` it is another tune, which begins there at its first bar; where nothing
        plays, or the piece is over, it does not wait for the end of a chorus. What else is changed
        while it is waited for is changed with it.
        """
        entrance = entrance or self.entrance
        if entrance is None:
            self.performer.soloists.change(setup)
            return
        if not self.state.rolling or self.performer.soloists.ending.over:
            entrance = replace(entrance, at=Entry.BAR)
        self._coming = Takeover(setup, entrance)
        self.performer.halt = entrance.at

    def _enter(self, now: int, coming: Takeover) -> None:
        """The tune that was waited for begins with the next beat, as beat 0 of bar 1.

        After a loss the bar line may be long gone.
        """
        performer, state = self.performer, self._transport.state
        self._coming = performer.halt = None
        beat = max(performer.next_beat, performer.coming_beat(now))
        quarters = Fraction(beat * (3 if self.setup.dotted else 2), 2)
        begins = state.timeline.when(round(quarters * PULSES_PER_BEAT))
        self._transport.renumber(-round(quarters * CLOCKS_PER_BEAT))
        performer.soloists.begin()
        performer.soloists.change(coming.setup)
        self._follow(now)
        if coming.entrance is not None and coming.entrance.bpm is not None:
            self.retime(begins, coming.entrance.bpm)

    def begin(self, now: int) -> bool:
        """Play alone, where no clock is to be waited for; whether there is music from now on."""
        begun = self._transport.begin(now)
        self._follow(now)
        return begun

    def retime(self, now: int, bpm: float) -> bool:
        """This tempo (beats per minute) from now on; False, and nothing happens, under a clock."""
        quarters = bpm * 3 / 2 if self.setup.dotted else bpm
        retimed = self._transport.retime(now, quarters)
        self._follow(now)
        return retimed

    def locate(self, now: int, bar: int) -> None:
        """This bar of the song, 1 being the first, begins now."""
        setup = self.setup
        clocks = CLOCKS_PER_BEAT * 3 // 2 if setup.dotted else CLOCKS_PER_BEAT
        self._transport.locate(now, round(setup.chart.bar_line(bar - 1) * clocks))
        self._follow(now)

    def share(self, mode: Mode, voice: str | None = None) -> None:
        """Let this voice, or every soloist, share the floor by this mode from the next beat on.

        A piece that was over goes on.
        """
        names = frozenset(self.soloists if voice is None else (voice,))
        self.performer.soloists.share(mode, names)
        if self._coming is not None:
            setup = self._coming.setup.sharing(mode, names)
            self._coming = replace(self._coming, setup=setup)

    def give(self, turn: Turn | None, voice: str | None = None) -> None:
        """From the next beat on it is this voice's turn, or every soloist's, or the musician's.

        None leaves it to the mode again.
        """
        self.performer.soloists.give(turn, self.soloists if voice is None else (voice,))

    def mute(self, on: bool) -> None:
        """Play without a sound, or aloud again."""
        self._at_once += self.performer.mute(on)

    def panic(self) -> None:
        """Close what sounds, and everything that may sound in spite of that."""
        self._at_once += self.performer.hush()
        for each in dict.fromkeys(self.setup.voices.values()):
            self._at_once += [control_change(each, controller, 0) for controller in _PANIC]

    def balance(self, silent: frozenset[str]) -> None:
        """Let these voices play without a sound, and all others aloud."""
        self._at_once += self.performer.balance(silent)

    @property
    def voices(self) -> tuple[str, ...]:
        """Who plays, by name, the soloists first."""
        return tuple(self.setup.voices)

    @property
    def soloists(self) -> tuple[str, ...]:
        """Who of them plays by a model."""
        return tuple(self.setup.soloists)

    @property
    def silent(self) -> frozenset[str]:
        """The voices that play without a sound."""
        return self.performer.silent

    def reset(self) -> None:
        """The cells as before their first beat."""
        for soloist in self.performer.soloists.by_name.values():
            soloist.reset()

    def forget(self) -> None:
        """What the musician played this evening leans no more picks."""
        for soloist in self.performer.soloists.by_name.values():
            soloist.forget()

    def reseed(self) -> bool:
        """The cells to zero, then through the musician's last phrase; False if there is none."""
        return self.performer.soloists.reseed()

    def again(self) -> None:
        """Repeat the chorus being played as soon as it is over."""
        self.performer.again()

    def end(self) -> bool:
        """A cadence within two bars, then silence; asked again before it: silence at once, True."""
        over, offs = self.performer.end()
        self._at_once += offs
        return over

    @property
    def counting_in(self) -> bool:
        """Whether the next beat belongs to the count-in, in which improvd only listens."""
        return self.performer.next_beat < 0

    @property
    def muted(self) -> bool:
        """Whether it plays without a sound."""
        return self.performer.muted

    @property
    def entrance(self) -> Entrance | None:
        """How the tune begins that is waited for, if one is."""
        return self._coming.entrance if self._coming is not None else None

    @property
    def changing(self) -> bool:
        """Whether another setup waits for its bar line."""
        return self._coming is not None or self.performer.soloists.changing

    @property
    def setup(self) -> Setup:
        """What the performance is made of."""
        return self.performer.soloists.setup

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> JamMemory:
        """What another jam of the same setup goes on from."""
        leader = None if self._leader is None else self._leader.memory()
        return JamMemory(
            transport=self._transport.memory(),
            performer=self.performer.memory(),
            leader=leader,
            echo=self._feedback.echo.memory(),
            copies=self._feedback.copies.copy(),
            sensing=self._sensing.copy(),
            entrance=self.entrance,
        )

    def restore(self, memory: JamMemory) -> None:
        """Go on from there, as if nothing had been between.

        Raises ValueError for a memory of another model's shape; nothing has changed then.
        """
        state = TransportState(
            memory.transport.standing, memory.transport.timeline, memory.transport.jumps
        )
        self.performer.restore(memory.performer, self._shifted(state))
        self._transport.restore(memory.transport)
        self._followed = self._transport.state
        self._feedback.echo.restore(memory.echo)
        self._feedback.copies = memory.copies.copy()
        self._sensing = memory.sensing.copy()
        if memory.entrance is not None:  # what is played already is the tune that was waited for
            self.change(self.setup, replace(memory.entrance, at=Entry.BAR))
        if self._leader is not None and memory.leader is not None:
            self._leader.restore(self._followed, memory.leader)

    def resume(self, now: int) -> None:
        """After a `restore` across a loss: what sounded has been closed by others, time went on."""
        self._feedback.echo.restore(())
        self.performer.resume(now)
        self._transport.resume(now)
        self._follow(now)
        if self._leader is not None:
            self._leader.resume(now)

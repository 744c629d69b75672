"""What the service and the player say to each other: orders one way, reports the other.

All are frozen values. Times are monotonic nanoseconds of the machine that played.
"""

from collections.abc import Collection

import msgspec
from msgspec.structs import replace

from improvd.config import Config
from improvd.config.voices import sharing
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn

RULES = 4
"""Which rules what is played goes by; a recording is played again by its own.

0: every solo begins from the zero state.
1: the cell has heard an opening first.
2: notes are played with a touch learned from soloists.
3: what was heard tonight leans the picks.
4: a chord that is not complete as a beat closes is heard with the next one; what cables and pedals
   say more than hands do is left out; a clock whose tempo jumps is counted anew; chords are known
   by their shapes, and by the choruses before; how many notes a beat are due slides with the tempo.
"""


class Resume(msgspec.Struct, frozen=True):
    """Where a player that was lost left off: what it sounded, and the state to go on from, if any.

    `notes` are those whose note-offs are still owed, (channel 0 to 15, pitch); before there was a
    band, `sounding` were their pitches, all on `channel`. `peers` are the ports that were connected
    to its own, (its port, theirs). `api` is the MIDI system that it was on, to which a successor
    goes back; "" where that is to be seen anew.
    """

    snapshot: bytes | None
    sounding: tuple[int, ...] = ()
    channel: int = 0
    peers: tuple[tuple[str, str], ...] = ()
    api: str = ""
    notes: tuple[tuple[int, int], ...] = ()

    @property
    def owed(self) -> tuple[tuple[int, int], ...]:
        """All notes whose note-offs are still owed: (channel, pitch)."""
        return (*((self.channel, pitch) for pitch in self.sounding), *self.notes)


# -- orders: from the service to the player ------------------------------------------------------


class Perform(msgspec.Struct, frozen=True, tag=True):
    """Order: load the model, open the ports and play. `chart` is text, not a file name."""

    config: Config
    chart: str | None
    resume: Resume | None = None

    def after(self, order: "LiveOrder") -> "Perform":
        """What is performed once this order has been carried out: the one fold of orders."""
        match order:
            case Change(config, chart):
                return replace(self, config=config, chart=chart)
            case Share(mode, voice):
                return replace(self, config=sharing(self.config, mode, voice))
            case Tempo(bpm):
                return replace(self, config=replace(self.config, tempo=bpm))
        return self


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Order: close what sounds and leave."""


class Try(msgspec.Struct, frozen=True, tag=True):
    """Order, to a player that waits for its first: try this model, and say how quick it is."""

    config: Config


class StandBy(msgspec.Struct, frozen=True, tag=True):
    """Order, to a player that waits for its first: be ready to close the notes of who plays.

    `api` is the MIDI system, as the configuration has it.
    """

    api: str


class Change(msgspec.Struct, frozen=True, tag=True):
    """Order: go over to this configuration and chart on the next bar line, the state carried.

    Where it `begins` something, the chart is played from its first bar on, which is bar 1: on the
    next "bar" line, or when this "chorus" is over. `bpm` is its tempo then, where no clock is
    followed; None leaves it.
    """

    config: Config
    chart: str | None
    begins: str = ""
    bpm: float | None = None


class Tempo(msgspec.Struct, frozen=True, tag=True):
    """Order: this tempo from now on, in beats per minute, where no clock is followed."""

    bpm: float


class Locate(msgspec.Struct, frozen=True, tag=True):
    """Order: this bar of the song (1 is the first) begins now."""

    bar: int


class Share(msgspec.Struct, frozen=True, tag=True):
    """Order: share the floor by this mode, written as in the configuration.

    `voice` is the soloist that it is for; "": all of them.
    """

    mode: str
    voice: str = ""


class Cue(msgspec.Struct, frozen=True, tag=True):
    """Order: from the next beat on it is improvd's turn to play, or to listen; None: the mode's.

    `voice` is the soloist that it is for; "": all of them.
    """

    turn: Turn | None
    voice: str = ""


class Mute(msgspec.Struct, frozen=True, tag=True):
    """Order: play silently, or aloud again; music and time go on."""

    on: bool


class Panic(msgspec.Struct, frozen=True, tag=True):
    """Order: note-offs for all that sounds, then CC 64 off, 120 and 123 on the channel."""


class Reset(msgspec.Struct, frozen=True, tag=True):
    """Order: the cell back to its zero state, as at the first beat."""


class Reseed(msgspec.Struct, frozen=True, tag=True):
    """Order: the cell back to its zero state, and then through what the player last played."""


class Again(msgspec.Struct, frozen=True, tag=True):
    """Order: repeat this chorus, to the byte, as soon as it is over."""


class End(msgspec.Struct, frozen=True, tag=True):
    """Order: a cadence within two bars, then silence; a second one cuts."""


class Balance(msgspec.Struct, frozen=True, tag=True):
    """Order: mute these voices, have them alone ("solo"), or have them aloud again (none: all)."""

    how: str
    voices: tuple[str, ...]

    def after(self, silent: Collection[str], everybody: Collection[str]) -> frozenset[str]:
        """Who plays without a sound once this was done, who did being known, and who plays."""
        named = frozenset(self.voices)
        match self.how:
            case "mute":
                return frozenset(silent) | named
            case "solo":
                return frozenset(everybody) - named
        return frozenset(silent) - named if named else frozenset()


class Forget(msgspec.Struct, frozen=True, tag=True):
    """Order: what the musician has played this evening leans no more picks."""


LiveOrder = (
    Change
    | Tempo
    | Locate
    | Share
    | Cue
    | Mute
    | Panic
    | Reset
    | Reseed
    | Again
    | End
    | Balance
    | Forget
)
"""What is ordered of a jam that plays."""


class Hear(msgspec.Struct, frozen=True, tag=True):
    """Order: hear a message that was struck elsewhere, at this nanosecond, like one of the port's.

    It is told as `Heard` when it was, and is no order that a person gives.
    """

    stamp_ns: int
    message: bytes


Order = Perform | Stop | Try | StandBy | Hear | LiveOrder


# -- reports: from the player to the service -----------------------------------------------------


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Report: the ports are open. Without MIDI both are None and `no_midi` says why.

    `api` is the MIDI system that they are on; `why` says why that one, where there was a choice.
    """

    plays_on: str | None
    hears_on: str | None
    bpm: float
    beats_per_bar: float
    title: str
    no_midi: str | None = None
    meter: tuple[int, int] | None = None
    seed: int | None = None
    api: str = ""
    why: str = ""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """Report: this cannot be played; one sentence for the person who asked."""

    reason: str


class Tried(msgspec.Struct, frozen=True, tag=True):
    """Report: a model can take over while another plays; seconds to load it, and for one beat."""

    load_s: float
    beat_s: float


class Left(msgspec.Struct, frozen=True, tag=True):
    """Report: the last word. Nothing sounds; `dropped` reports before it did not fit.

    `midi_lost`: it left because the MIDI system did, and another player is to wait for that.
    """

    dropped: int
    midi_lost: bool = False


class Began(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: a performance begins at `start_ns`, and all that decides it.

    `model` is the SHA-256 of the first soloist's file, `models` are those of all others by the
    model's name, `tables` those of the tables that a band goes by, by name; none in recordings that
    did not say yet. Every hear, turn and order after it, in order, make the same music again.
    """

    config: Config
    chart: str | None
    model: str
    start_ns: int
    snapshot: bytes | None = None
    tables: dict[str, str] = {}
    models: dict[str, str] = {}


class Heard(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: a message that came in, played at this nanosecond."""

    stamp_ns: int
    message: bytes


class Turned(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: time was passed in; what follows up to the next one was done at this nanosecond."""

    now_ns: int


class Obeyed(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: an order was carried out at this nanosecond; `outcome` says what came of it.

    Recordings made before there were outcomes have an empty one.
    """

    now_ns: int
    order: LiveOrder
    outcome: str = ""


class Declined(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: an order could not be carried out at this nanosecond; one sentence says why."""

    now_ns: int
    order: LiveOrder
    reason: str


class Played(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: what became of a beat."""

    beat: Beat


class Sent(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: a message left at this nanosecond; `due_ns` is when it should have."""

    due_ns: int
    sent_ns: int
    message: bytes


class Moved(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: the transport stands otherwise, or plays at another tempo, from `now_ns` on."""

    now_ns: int
    standing: str
    bpm: float


class Notice(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: something a person should know, in one sentence."""

    text: str


class Ended(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: the performance ended in order at this nanosecond, and what sounded was closed."""

    now_ns: int


class Gap(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Report: so many reports found no room and are missing here."""

    lost: int


SocketReport = Ready | Refused | Tried | Left
"""What the player says over the socket; all other reports it leaves in the shared memory."""

Event = Began | Heard | Turned | Obeyed | Played | Sent | Moved | Notice | Gap | Ended | Declined
"""What happened in a jam, in order: what the journal keeps.

Written without the names of their fields, which would be half of it: new ones come last, with a
default.
"""

Report = SocketReport | Event

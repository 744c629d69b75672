"""The player's world: its clock, and the ports that it plays on, or will once there are some."""

import time
from collections.abc import Callable, Mapping

from improvd.core.midi.messages import NOTE_OFF, Stamped, channel, kind, note_off, note_on, strikes
from improvd.messages import Resume
from improvd.player import realtime
from improvd.player.ports.ports import NoMidi, PortError, Ports
from improvd.player.sounding import SoundingNotes
from improvd.player.wait import Bell, Waiter
from improvd.shared import Peers, Shared

# A connection that was made is there for what is sent this much later, in s.
_JOINED = 0.03
# Where nobody can be joined again, and listeners have to find us themselves: they have so long to
# do it, in ns, and offs are repeated until then; who wants to leave waits so long for them.
_RETURNED_NS = 3_000_000_000
_LEAVING_NS = 500_000_000


class PlayerWorld:
    """Ports that are there or awaited; in the latter case what is sent is heard by nobody.

    Args:
        open_ports: opens them with a bell. Raises NoMidi where there is no MIDI system yet.
        shared: where it stands what sounds.
        resume: what was lost: its connections are made again, and its notes closed.
        waiter: the clock; its bell is the ports' own.
        elsewhere: what was played elsewhere than on the ports, up to now (ns).

    Raises:
        PortError: the ports cannot be had by their names; not where somebody had them before.
    """

    def __init__(
        self,
        open_ports: Callable[[Bell], Ports],
        shared: Shared,
        resume: Resume | None,
        waiter: Waiter,
        elsewhere: Callable[[int], list[Stamped]],
    ) -> None:
        self.no_midi: str | None = None
        """Why there is nobody to play to, in a sentence."""
        self._open_ports = open_ports
        self._shared = shared
        self._notes = SoundingNotes(shared)
        self._waiter = waiter
        self._elsewhere = elsewhere
        self._peers: Peers = resume.peers if resume else ()
        self._owed = _offs(resume) if resume else []
        self._owed_since = 0
        self._struck: set[tuple[int, int]] = set()
        self._ports: Ports | None = None
        self._said: str | None = None
        self._was_on = resume.api if resume else ""
        self._routes: dict[int, str] = {}
        try:
            self._enter()
        except PortError as error:
            if resume is None:
                raise
            self.no_midi = str(error)

    def _enter(self) -> None:
        try:
            self._ports = ports = self._open_ports(self._waiter.bell)
        except NoMidi as error:
            self.no_midi = str(error)
            return
        self.no_midi = None
        if self._routes:
            ports.route(self._routes)
        if self._peers:
            ports.join(self._peers)
            time.sleep(_JOINED)
        if ports.blind:
            for off in self._owed:
                self._shared.mark(note_on(*_key(off), 1))
        self._owed_since = self._waiter.now()
        self._pay(ports)

    def _pay(self, ports: Ports) -> None:
        """Close what was left sounding; again and again, as long as listeners may come back.

        Until then it counts as sounding, for who goes on after us.
        """
        for off in self._owed:
            if _key(off) not in self._struck:  # that one sounds because of us now
                ports.send(off)
        if ports.blind and self._waiter.now() - self._owed_since < _RETURNED_NS:
            return
        for off in self._owed:
            if _key(off) not in self._struck:
                self._shared.mark(off)
        self._owed = []
        self._struck.clear()

    @property
    def names(self) -> tuple[str, str] | None:
        """The ports it plays on and hears, as others see them; None while there are none."""
        return None if self._ports is None else (self._ports.plays_on, self._ports.hears_on)

    @property
    def system(self) -> tuple[str, str]:
        """The MIDI system that the ports are on, and why that one; both empty without ports."""
        return ("", "") if self._ports is None else (self._ports.system.api, self._ports.system.why)

    @property
    def gone(self) -> bool:
        """Whether the MIDI system that was there has left."""
        return self._ports is not None and self._ports.gone

    @property
    def peers(self) -> Peers:
        """Who is connected to the ports, or was, and is expected back."""
        return self._peers if self._ports is None else self._ports.peers

    def now(self) -> int:
        """Monotonic nanoseconds."""
        return self._waiter.now()

    def wait(self, until: int) -> bool:
        """Sleep until the margin before a moment (monotonic ns) begins, or something comes in.

        Whether the margin has begun.
        """
        self._notes.settle(self._waiter.now())
        return self._waiter.sleep(until)

    def rehearse(self, due: int) -> None:
        """All is ready for a moment that was slept for: learn from how long that took.

        Goes through a sending, but for the last step, so that the next one is quicker.
        """
        if self._ports is not None:
            self._ports.rehearse()
        self._waiter.learn(due)

    def send(self, due: int, message: bytes) -> int:
        """Send one message to whoever is there when it is due; when it left."""
        self._notes.leaving(message)
        self._waiter.spin(due)
        if self._owed:
            self._follow(message)
        if self._ports is not None:
            self._ports.send(message)
        left = self._waiter.now()
        self._notes.left(left, message)
        return left

    def route(self, voices: Mapping[int, str]) -> None:
        """From now on these channels are sent to the ports of these names."""
        self._routes |= voices
        if self._ports is not None:
            self._ports.route(voices)

    def _follow(self, message: bytes) -> None:
        """Know which pitches sound because of us, and strike none that was left sounding."""
        if strikes(message):
            self._struck.add(_key(message))
            for off in self._owed:
                if _key(off) == _key(message) and self._ports is not None:
                    self._ports.send(off)
        elif kind(message) == NOTE_OFF:
            self._struck.discard(_key(message))

    def receive(self) -> list[Stamped]:
        """What came in since the last call."""
        heard = [] if self._ports is None else self._ports.receive()
        if struck := self._elsewhere(self._waiter.now()):
            heard = sorted(heard + struck, key=lambda stamped: stamped[0])
        return heard

    def tend(self) -> list[str]:
        """Look after the ports, or for them; sentences about what has changed."""
        realtime.tidy()
        if self._ports is not None:
            if self._owed:
                self._pay(self._ports)
            return self._ports.tend()
        try:
            self._enter()
        except PortError as error:
            return self._once(f"{error}.")
        if self.names is None:
            return []
        api, why = self.system
        if api == self._was_on:
            why = ""  # that was said when it was there first
        there = "MIDI is there: playing on {}, listening on {}.".format(*self.names)
        return [f"{there} {why}".rstrip()]

    def unheard(self) -> list[str]:
        """Once there are ports: a sentence if nobody is connected to the one that it plays on."""
        return [] if self._ports is None else self._ports.unheard()

    def _once(self, sentence: str) -> list[str]:
        """The sentence, unless it was the last one."""
        said, self._said = self._said, sentence
        return [] if sentence == said else [sentence]

    def close(self) -> None:
        """Let go of every key that is still down, whatever happened before, and close the ports.

        Once the MIDI system is gone, a successor owes the offs of what sounded, and must not wait
        for the second that it takes to close ports which are gone as well.
        """
        if self.gone:
            return
        if self._ports is not None:
            if self._owed:
                time.sleep(max(self._owed_since + _LEAVING_NS - self._waiter.now(), 0) / 1e9)
            try:
                for off in self._notes.owed():
                    self.send(0, off)
            finally:
                self._ports.close()
        self._notes.all_arrived()


def _key(message: bytes) -> tuple[int, int]:
    """The channel and pitch of a note-on or note-off."""
    return channel(message), message[1]


def _offs(resume: Resume) -> list[bytes]:
    return [note_off(channel, pitch) for channel, pitch in resume.owed]

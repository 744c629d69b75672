"""The player's way out and in: two MIDI ports of the system it runs on, by rtmidi.

Nothing here blocks but opening and closing. rtmidi calls back on the driver's own thread, on JACK
the one that all its clients wait for: while something plays, no code of the player may keep the
interpreter to itself for longer than a period of that server.
"""

import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from improvd.core.midi.keys_down import KeysDown
from improvd.core.midi.messages import (
    NOTE_OFF,
    NOTE_ON,
    SYSTEM,
    Stamped,
    channel,
    kind,
    strikes,
)
from improvd.player.ports.alsa import Sequencer
from improvd.player.ports.cables import Cable, Side, lay
from improvd.player.ports.hotplug import Partners
from improvd.player.ports.inbox import Inbox
from improvd.player.ports.jack import Jack
from improvd.player.ports.midi_input import MidiInput
from improvd.player.ports.names import CLIENT, PortError, ours
from improvd.player.ports.systems import NoMidi, System, first
from improvd.player.quiet_stderr import quiet_stderr
from improvd.player.wait import Bell, now
from improvd.shared import Peers
from improvd.system.coremidi import endpoints

__all__ = ["NoMidi", "PortError", "Ports", "available", "open_ports"]

# What other threads of the driver were doing for a port is done after this, in s.
_SETTLED = 0.05


class _Wanted(NamedTuple):
    """The names of the ports to play on and to hear, and whether to join an only synthesiser.

    `voices` are the names of the ports that voices play on, by channel.
    """

    out: str
    into: str
    join: bool
    voices: Mapping[int, str]

    @property
    def others(self) -> list[str]:
        """The names of the ports that voices have for themselves."""
        return [name for name in dict.fromkeys(self.voices.values()) if name != self.out]


class Ports:
    """Two open ports, made by `open_ports`; closed by `close` or at the end of a `with`.

    `plays_on` and `hears_on` are their names as other programs see them, on `system`. Voices may
    have more of them, to play on.
    """

    def __init__(
        self,
        system: System,
        sides: Mapping[str, tuple[Cable, Partners]],
        inbox: Inbox,
        patchbay: Jack | Sequencer | None,
        opened: ExitStack,
    ) -> None:
        self.system = system
        names = [partners.target or cable.own for cable, partners in sides.values()]
        self.plays_on, self.hears_on, *_ = names
        cables = {role: cable for role, (cable, _) in sides.items()}
        self._out = cables["out"]
        self._others = {_name(role): cable for role, cable in cables.items() if _name(role)}
        self._of_channel: dict[int, Cable] = {}
        self._struck_on: dict[tuple[int, int], Cable] = {}
        self._asked = False  # whether anybody hears us
        self._partners = {role: partners for role, (_, partners) in sides.items()}
        self._inbox = inbox
        self._patchbay = patchbay
        self._opened = opened
        self._closed = False
        self._keys = KeysDown()
        self._let_go: list[bytes] = []
        self._tell_from = 1  # so many dropped messages are worth a sentence

    @property
    def dropped(self) -> int:
        """How many messages came in while the inbox was full."""
        return self._inbox.dropped

    @property
    def gone(self) -> bool:
        """Whether the MIDI system has left, as only a JACK server does."""
        return self._patchbay is not None and self._patchbay.gone

    @property
    def blind(self) -> bool:
        """Whether who hears it can be neither seen nor joined again, as on a virtual port of a Mac.

        Whoever heard another of us there is back when it has found this one, some time after now.
        """
        return any(cable.blind for cable in (self._out, *self._others.values()))

    def now(self) -> int:
        """Monotonic nanoseconds."""
        return now()

    def route(self, voices: Mapping[int, str]) -> None:
        """From now on these channels are sent to the ports of these names, all others as before.

        A port that was not opened for a voice is the one that all others play on.
        """
        for of, name in voices.items():
            if name in self._others:
                self._of_channel[of] = self._others[name]
            else:
                self._of_channel.pop(of, None)

    def send(self, message: bytes) -> None:
        """Send one message; into the void once the ports are closed, or `gone`."""
        if not (self._closed or self.gone):
            cable = self._cable(message) if self._others else self._out
            cable.client.send_message(message)

    def _cable(self, message: bytes) -> Cable:
        """Where a message goes: its channel's port, a note-off to where the note was struck."""
        if not message or message[0] >= SYSTEM:
            return self._out
        cable = self._of_channel.get(channel(message), self._out)
        if strikes(message):
            self._struck_on[channel(message), message[1]] = cable
        elif kind(message) in (NOTE_OFF, NOTE_ON):
            cable = self._struck_on.pop((channel(message), message[1]), cable)
        return cable

    def rehearse(self) -> None:
        """Go through a sending up to the driver's door, so that the next one finds it all warm.

        Just before a note is due this takes 4 us off its 11 (measured 20 ms apart, see bench).
        rtmidi refuses an empty message as the last thing that it does before the driver's turn.
        """
        with suppress(ValueError):
            self.send(b"")

    def receive(self) -> list[Stamped]:
        """The messages that came in since the last call, each after its moment, oldest first.

        Where somebody has left, what ends the keys and pedals follows that they may have held.
        """
        heard = self._inbox.take()
        self._keys.hear(heard)
        if self._let_go:
            moment = now()
            heard += [(moment, message) for message in self._let_go]
            self._let_go = []
        return heard

    def tend(self) -> list[str]:
        """Look after the connections: sentences about who is gone, here, or back again.

        To be called about twice a second, away from what is due: 0.1 ms where nothing changed,
        some 5 ms where a port is joined again.
        """
        if self._closed or self.gone:
            return []
        born, renamed = self._patchbay.news() if self._patchbay is not None else (set(), {})
        news = {role: partners.tend(born, renamed) for role, partners in self._partners.items()}
        self._let_go += self._keys.look(now(), self._partners["in"].here, left=news["in"].left)
        notices = [sentence for each in news.values() for sentence in each.notices]
        return list(dict.fromkeys(self._overflow() + notices))

    def unheard(self) -> list[str]:
        """A sentence if nobody is connected to the port it plays on, or was; asked again, nothing.

        On JACK and the ALSA sequencer only: elsewhere connections cannot be seen.
        """
        if self._asked or self._patchbay is None or not self._patchbay.sees:
            return []
        self._asked = True
        return self._partners["out"].unheard()

    def _overflow(self) -> list[str]:
        """That messages were dropped, and again when there are twice as many: a flood goes on."""
        dropped = self.dropped
        if dropped < self._tell_from:
            return []
        self._tell_from = 2 * dropped
        return [f"More comes in than can be heard: {dropped} messages have been dropped so far."]

    @property
    def peers(self) -> Peers:
        """Who is connected to our ports, and who was until they vanished, as of the last `tend`.

        Connections to virtual ports are known on JACK and the ALSA sequencer only.
        """
        return tuple((role, name) for role, side in self._partners.items() for name in side.known)

    def join(self, peers: Peers) -> None:
        """Make these connections again, those with ports that are away as soon as they come.

        Does nothing where the system does not allow it: on JACK and the ALSA sequencer only, a
        client may plug the cables of others.
        """
        if self._patchbay is not None:
            for role, partners in self._partners.items():
                partners.expect({name for end, name in peers if end == role})

    def close(self) -> None:
        """Send what is under way and close both ports; more than once does no harm.

        Blocks for some 200 ms, for a second where the JACK server has left. Must come before other
        ports are opened: a JACK client closed after its server was replaced by another, to which
        the process has turned already, takes the process down.
        """
        self._closed = True
        with quiet_stderr():
            self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_ports(  # noqa: PLR0913 - what a person can say of ports
    name_out: str = CLIENT,
    name_in: str = CLIENT,
    api: str = "auto",
    bell: Bell | None = None,
    *,
    join: bool = False,
    voices: Mapping[int, str] = MappingProxyType({}),
) -> Ports:
    """Open a port to play on and one to hear.

    May be called again and again until there is a system: without one it returns within 1 ms.

    Args:
        name_out: words of an existing port's name; where they find none, a virtual port of that
            name is opened, "out" for our own name, and `tend` looks out for the other.
        name_in: the same for the port to hear, "in" for our own name.
        api: "alsa", "jack", "coremidi", "winmm", "auto" for the one that is there, and of several
            the one that others are on, or "none".
        bell: rings when something came in.
        join: whether to play on the only synthesiser there is, where `name_out` names none.
        voices: the names of the ports that voices play on, by channel (0 to 15); the others are
            `name_out`'s.

    Raises:
        NoMidi: there is no such MIDI system, or python-rtmidi cannot be loaded.
        PortError: a name fits several ports, or a port cannot be opened.
    """
    with quiet_stderr(), ExitStack() as opened:
        system, out = first(api, name_out, name_in)
        try:
            wanted = _Wanted(name_out, name_in, join, voices)
            return _open(system, out, wanted, Inbox(bell=bell), opened)
        except system.error as error:
            raise PortError(f"a MIDI port could not be opened: {error}") from error


def available(api: str = "auto") -> list[tuple[str, str]]:
    """The ports there are, improvd's own left out: ("out", name) to play on, ("in", name) to hear.

    Raises NoMidi as `open_ports` does.
    """
    with quiet_stderr(), ExitStack() as opened:
        system, out = first(api)
        opened.callback(out.delete)
        into = system.hearer()
        opened.callback(into.delete)
        opened.callback(time.sleep, _SETTLED)
        listed = [("out", name) for name in system.listed(out)]
        listed += [("in", name) for name in system.listed(into)]
    return [(role, name) for role, name in listed if not ours(name, system.api)]


def _open(
    system: System,
    out: Any,
    wanted: _Wanted,
    inbox: Inbox,
    opened: ExitStack,
) -> Ports:
    """What `open_ports` does, with what it has to close in `opened`."""
    opened.callback(out.delete)
    # libjack hears of the other client's leaving on a thread of its own; a port given up at
    # that very moment brings it down (seen in one closing of a thousand).
    opened.callback(time.sleep, _SETTLED)
    others = []
    for _ in wanted.others:
        others.append(system.player())
        opened.callback(others[-1].delete)
        opened.callback(time.sleep, _SETTLED)
    ears = MidiInput(system.hearer, inbox)
    opened.callback(ears.close)
    patchbay: Jack | Sequencer | None = None
    if system.api == "jack":
        patchbay = Jack(system.extension)
        opened.callback(time.sleep, _SETTLED)
        opened.callback(patchbay.close)
    elif system.api == "alsa":
        patchbay = Sequencer()
        opened.callback(patchbay.close)
    opened.callback(ears.shut)

    def renew_out(old: Any) -> Any:
        new = system.player()
        opened.callback(new.delete)
        old.delete()
        return new

    into = ears.client
    server = endpoints() if system.api == "coremidi" else None
    ends = (server.of("out"), server.of("in")) if server else (None, None)
    side_out = Side("out", wanted.out, out, system.listed, lambda: system.listed(into), ends[0])
    side_in = Side("in", wanted.into, into, system.listed, lambda: system.listed(out), ends[1])
    sides = [(side_out, renew_out), (side_in, ears.renew)]
    for name, client in zip(wanted.others, others, strict=True):
        end = server.of("out") if server else None
        sides.append((side_out._replace(wanted=name, client=client, ends=end), renew_out))
    cables = [lay(side, system.api, patchbay, renew) for side, renew in sides]
    partners = [
        Partners(
            cable,
            None if side.wanted == CLIENT else side.wanted,
            system.api,
            only=wanted.join and side is side_out and patchbay is not None,
        )
        for cable, (side, _) in zip(cables, sides, strict=True)
    ]
    for partner in partners:
        partner.seek()
    if wanted.out == wanted.into and partners[0].target is not None:
        partners[1].excuse()
    roles = ["out", "in", *(_role(name) for name in wanted.others)]
    laid = dict(zip(roles, zip(cables, partners, strict=True), strict=True))
    ports = Ports(system, laid, inbox, patchbay, opened.pop_all())
    ports.route(wanted.voices)
    return ports


def _role(name: str) -> str:
    """What the port is called among ours that voices have for themselves by this name."""
    return f"out {name}"


def _name(role: str) -> str:
    """The name of a port that voices have for themselves, "" for the others."""
    return role.partition(" ")[2]

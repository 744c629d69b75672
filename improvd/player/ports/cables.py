"""The two kinds of cable: one that anybody may plug, and one that only its owner can.

On JACK and the ALSA sequencer a client connects any two ports, and sees every connection. Elsewhere
rtmidi offers only to open a port of one's own that leads to another's, so there a cable is renewed
by a new client.
"""

import os
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from improvd.player.ports.names import CLIENT, PortError, find, virtual_name
from improvd.system.coremidi import Ends, Identity


class Side(NamedTuple):
    """Which of our two ports, and to what end."""

    role: str
    """ "out" or "in". """
    wanted: str
    """Words of the name of the port at the other end."""
    client: Any
    """rtmidi's, which has no port yet."""
    listed: Callable[[Any], list[str]]
    """Lists the ports that a client could be connected with, by number."""
    seen: Callable[[], list[str]]
    """Lists our ports as others see them."""
    ends: Ends | None = None
    """What CoreMIDI tells of endpoints."""


class Patchbay(Protocol):
    """A client of the MIDI system's own, which plugs anybody's cables."""

    def connected(self, port: str) -> set[str]:
        """The ports that are connected with one, which may not exist."""

    def connect(self, source: str, destination: str) -> None:
        """Connect two ports; nothing happens if they are already, or one is not there."""


class PatchedCable:
    """A side on a system with a patch bay; `own` is the full name of our port."""

    blind = False
    """Who is connected with it is seen, and can be joined again."""

    def __init__(self, side: Side, own: str, patchbay: Patchbay) -> None:
        self.client = side.client
        self.own = own
        self._role = side.role
        self._list = side.listed
        self._patchbay = patchbay

    def joined(self) -> set[str]:
        """The ports that it is connected with now."""
        return self._patchbay.connected(self.own)

    def listed(self) -> list[str]:
        """All ports that it could be connected with."""
        return self._list(self.client)

    def join(self, port: str) -> None:
        """Connect it with one of these, if that is still there."""
        self._patchbay.connect(*((self.own, port) if self._role == "out" else (port, self.own)))

    def sharing(self, port: str) -> set[str]:
        """The other ports that are connected with one of these."""
        return self._patchbay.connected(port) - {self.own}


class OwnedCable:
    """A port that leads to one other, `partner`, or is virtual and called `own`.

    `renew` makes a client in place of the one given, which it retires. What is connected to a
    virtual port is not seen here and cannot be made again; by its `identity`, where it has one, it
    is found again.
    """

    def __init__(
        self,
        side: Side,
        own: str,
        renew: Callable[[Any], Any],
        partner: str | None,
        identity: Identity | None = None,
    ) -> None:
        self.client = side.client
        self.own = own
        self._role = side.role
        self._list = side.listed
        self._renew = renew
        self._partner = partner
        self._ends = side.ends
        self._identity = identity
        self._endpoint = self._endpoint_of(partner)

    @property
    def blind(self) -> bool:
        """Whether it is virtual: those who were connected with it return by themselves, or not."""
        return self._partner is None

    def joined(self) -> set[str]:
        """The port that it leads to, until that is no longer listed."""
        if self._identity is not None:
            self._identity.keep()
        if self._partner not in self.listed() or self._replaced():
            self._partner = None
        return set() if self._partner is None else {self._partner}

    def listed(self) -> list[str]:
        """All ports that it could lead to."""
        return self._list(self.client)

    def join(self, port: str) -> None:
        """Open it to one of these, if that is still there."""
        if port == self._partner or port not in self.listed():
            return
        self.client = self._renew(self.client)
        there = self.listed()
        if port in there:
            self.client.open_port(there.index(port), name=self._role)
            self._partner = port
            self._endpoint = self._endpoint_of(port)

    def _replaced(self) -> bool:
        """Whether the partner went and came back between two looks; rtmidi does not tell."""
        now = self._endpoint_of(self._partner)
        return None not in (now, self._endpoint) and now != self._endpoint

    def _endpoint_of(self, port: str | None) -> int | None:
        """Which one it is of those that may be called so; None where that is not known."""
        if self._ends is None or port is None:
            return None
        there, endpoints = self.listed(), self._ends.others()
        known = port in there and len(there) == len(endpoints)
        return endpoints[there.index(port)] if known else None

    def sharing(self, port: str) -> set[str]:
        """Nobody: this is not to be seen here."""
        del port
        return set()


Cable = PatchedCable | OwnedCable


def lay(side: Side, api: str, patchbay: Patchbay | None, renew: Callable[[Any], Any]) -> Cable:
    """Open a side's port, towards the one that its name finds, or else a virtual one.

    Args:
        side: what to open, and where to.
        api: the MIDI system, "alsa", "jack", "coremidi" or "winmm".
        patchbay: the system's, None where it has none.
        renew: makes a client in place of the one given, which it retires.

    Raises:
        PortError: the name fits several ports, or there are no virtual ports on this system.
    """
    there = side.listed(side.client)
    found = find(side.wanted, there, api)
    name = side.role if found is not None or side.wanted == CLIENT else side.wanted
    before = set(side.seen())
    identity = None
    if found is not None and patchbay is None:
        side.client.open_port(there.index(found), name=side.role)
    elif api == "winmm":
        raise PortError(_no_virtual_ports(side.wanted, there))
    else:
        identity = None if side.ends is None else Identity(side.ends)
        side.client.open_virtual_port(virtual_name(name, side.role, api))
    if patchbay is None:
        own = virtual_name(name, side.role, api)
        if identity is not None:
            identity.take(own)
        return OwnedCable(side, own, renew, found, identity)
    made = set(side.seen()) - before
    if len(made) > 1:
        made = _marked(side, name)
    return PatchedCable(side, made.pop() if made else f"{CLIENT}:{name}", patchbay)


def _marked(side: Side, name: str) -> set[str]:
    """Our port alone, where another improvd was opening its own at the same time."""
    mark = f"{name} {os.getpid()}"
    side.client.set_port_name(mark)
    ours = {port.replace(mark, name) for port in side.seen() if mark in port}
    side.client.set_port_name(name)
    return ours


def _no_virtual_ports(wanted: str, there: list[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in there) or "none"
    return (
        f'no port is called "{wanted}" and Windows lets no program open one of its own: '
        f"make one with loopMIDI, or choose with --port or --input among these: {listed}"
    )

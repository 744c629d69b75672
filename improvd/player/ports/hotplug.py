"""Whom one of our ports is joined with, remembered while they are away.

A device that was named in the configuration is looked for until it comes, and taken again each time
that it comes back. What a person connected to a port of ours is joined again too, if it was the
other side that vanished; a connection that a person undid stays undone.
"""

import shlex
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from improvd.player.ports.names import (
    PortError,
    address_of,
    again,
    bare,
    call,
    connecting,
    find,
    ours,
    synthesisers,
)

# So many synthesisers are named to who hears nothing.
_MOST_NAMED = 5


class Cable(Protocol):
    """One of our ports, and what its system lets us know and do about its connections."""

    own: str
    """Its full name."""

    def joined(self) -> set[str]:
        """The ports that it is connected with now."""

    def listed(self) -> list[str]:
        """All ports that it could be connected with."""

    def join(self, port: str) -> None:
        """Connect it with one of these, if that is still there."""

    def sharing(self, port: str) -> set[str]:
        """The other ports that are connected with one of these."""


class News(NamedTuple):
    """What has changed: sentences for a person, and whether somebody left or was disconnected."""

    notices: list[str]
    left: bool


class Partners:
    """The partners of one port.

    Args:
        cable: the port.
        wanted: words of the name of a port that it is to be joined with, None for no matter whom.
        api: the MIDI system, for `find`.
        only: whether to join the only synthesiser there is, as long as nobody else was joined.
    """

    def __init__(self, cable: Cable, wanted: str | None, api: str, *, only: bool = False) -> None:
        self._cable = cable
        self._wanted = wanted
        self._api = api
        self._only = only and wanted is None
        self._target: str | None = None
        self._known: set[str] = set()
        self._away: set[str] = set()
        self._doubtful: set[str] = set()
        self._missed: set[str] = set()
        self._met: set[str] = set()
        self._said: set[str] = set()
        self._found: str | None = None  # the wanted port, seen once

    @property
    def known(self) -> list[str]:
        """The ports that it is joined with or, while they are away, was."""
        return sorted(self._known)

    @property
    def here(self) -> set[str]:
        """The ports that it is joined with."""
        return self._known - self._away

    @property
    def target(self) -> str | None:
        """The port that the wanted name found last."""
        return self._target

    def seek(self) -> None:
        """Join the wanted port if it is there. Raises PortError for a name that fits several."""
        if self._wanted is None:
            return
        found = find(self._wanted, self._cable.listed(), self._api)
        if found is not None:
            self._take(found)

    def excuse(self) -> None:
        """Another port of ours has found the wanted name: that there is none here needs no word.

        A synthesiser often has nothing to say.
        """
        if self._wanted is not None:
            self._said.add(_absent(self._wanted))

    def expect(self, ports: set[str]) -> None:
        """Join these, those that are not there as soon as they come."""
        self._known |= ports
        self._away |= ports
        there = self._cable.listed()
        self._rejoin(there)
        # No greeting for who did not notice that it was another of us before.
        self._away -= set(there)

    def tend(self, born: set[str], renamed: Mapping[str, str]) -> News:
        """Notice who left and join who came back.

        Args:
            born: the ports made since the last call.
            renamed: the ports that have another name since then, before to after.
        """
        joined = self._cable.joined()
        notices = self._follow_names({**renamed, **self._readdressed(joined)})
        strangers = joined - self._known
        self._known |= joined
        notices += [self._greeting(name) for name in sorted(self._away & joined)]
        self._away -= joined
        self._met |= {self._called(name) for name in joined}
        lost = self._known - joined
        seeking = self._wanted is not None and self._target not in joined
        there = self._cable.listed() if lost or seeking else []
        vanished = lost - set(there) - self._away
        if strangers:
            # Who left may be who came, renamed; the news of that may still be on its way.
            vanished, self._missed = vanished & self._missed, vanished
        replaced = (lost & self._reborn(born)) - self._away - vanished
        undone = (lost & set(there)) - self._away - replaced
        # The news of a birth may still be on its way: a cable is taken for undone at the second
        # look.
        undone, self._doubtful = undone & self._doubtful, undone - self._doubtful
        self._known -= undone
        self._away |= vanished | replaced
        self._rejoin([name for name in there if name not in joined])
        notices += [
            f"{self._called(name)} is gone; still keeping time." for name in sorted(vanished)
        ]
        if self._wanted is not None and seeking and self._target not in there:
            notices += self._look(self._wanted, there)
        if self._only and not self._known and not self._met:
            notices += self._join_the_only_one()
        return News(notices + self._rivals(), bool(vanished | replaced | undone))

    def unheard(self) -> list[str]:
        """Whom one could join and how, if nobody is joined or expected; of the port to play on."""
        if self._known or self._cable.joined():
            return []
        own, there, api = self._cable.own, self._cable.listed(), self._api
        nobody = f"Nobody is connected to {bare(own, api)}"
        seen = synthesisers(there, api)
        if not seen:
            start = f"start one, and connect it with {bare(own, api)}"
            return [f"{nobody}, and no synthesiser is there: {start}."]
        names = ", ".join([bare(name, api) for name in seen[:_MOST_NAMED]])
        more = " and others" if len(seen) > _MOST_NAMED else ""
        are = f"there {'is' if len(seen) == 1 else 'are'} {names}{more}"
        option = f"improvd --port {shlex.quote(call(seen[0], there, api))}"
        return [f"{nobody}; {are}: start {option}, or type {connecting(own, seen[0], api)}"]

    def _reborn(self, born: set[str]) -> set[str]:
        """What a lost cable means: that its other end was made anew, or that a person undid it.

        Only JACK tells of births. Elsewhere a port that was asked for by name is plugged in again
        whatever happened: better too often than silence for ever.
        """
        return born if self._api == "jack" or self._target is None else {self._target}

    def _rejoin(self, there: list[str]) -> None:
        """Join those who were away and are there again; the next look shows whether they are.

        Each takes one port, of several alike too, and who is called as before its own.
        """
        free = list(there)
        for name in sorted(self._away, key=lambda name: (name not in there, name)):
            found = again(name, free, self._api)
            if found is not None:
                free.remove(found)
                self._rename(name, found)
                self._cable.join(found)

    def _readdressed(self, joined: set[str]) -> dict[str, str]:
        """Those who are joined under another name than before, by their address."""
        addresses = {address: name for name in joined if (address := address_of(name, self._api))}
        return {
            name: addresses[address]
            for name in self._known - joined
            if (address := address_of(name, self._api)) in addresses
        }

    def _follow_names(self, renamed: Mapping[str, str]) -> list[str]:
        """A port that is called something else is still the same: its keys stay down."""
        notices = []
        for before, now in renamed.items():
            if before in self._known:
                notices.append(f"{self._called(before)} is called {bare(now, self._api)} now.")
                self._rename(before, now)
        return notices

    def _rename(self, before: str, now: str) -> None:
        for names in (self._known, self._away, self._doubtful):
            if before in names:
                names.remove(before)
                names.add(now)
        if self._target == before:
            self._target = now

    def _look(self, wanted: str, there: list[str]) -> list[str]:
        """Take the wanted port, if it has come or is there under another full name.

        At the second look: the ports of one device come one after another, and may all fit.
        """
        before = self._found
        try:
            self._found = found = find(wanted, there, self._api)
        except PortError as error:
            return self._once(str(error))
        if found is None:
            if self._target is not None:
                return []
            return self._once(_absent(wanted))
        if found == before:
            self._take(found)
            self._away.add(found)
        return []

    def _take(self, found: str) -> None:
        """Join the port that the name found, in place of the one that it meant before."""
        if self._target is not None:
            self._known.discard(self._target)
            self._away.discard(self._target)
        self._target = found
        self._known.add(found)
        self._cable.join(found)

    def _join_the_only_one(self) -> list[str]:
        """Join the one synthesiser there is; among several, a person chooses."""
        there = synthesisers(self._cable.listed(), self._api)
        if len(there) != 1:
            return []
        [found] = there
        self._known.add(found)
        self._cable.join(found)
        return self._once(f"Joined {bare(found, self._api)}, the only synthesiser there is.")

    def _rivals(self) -> list[str]:
        """Another improvd on the port that was wanted: allowed, but hardly meant."""
        if self._target is None:
            return []
        return [
            sentence
            for rival in sorted(self._cable.sharing(self._target))
            if ours(rival, self._api)
            for sentence in self._once(f"Another improvd, {rival}, is on {self._wanted} too.")
        ]

    def _once(self, sentence: str) -> list[str]:
        if sentence in self._said:
            return []
        self._said.add(sentence)
        return [sentence]

    def _greeting(self, name: str) -> str:
        called = self._called(name)
        return f"{called} is back." if called in self._met else f"{called} is here."

    def _called(self, name: str) -> str:
        """A port as the person knows it."""
        return self._wanted if name == self._target and self._wanted else bare(name, self._api)


def _absent(wanted: str) -> str:
    return f'No port is called "{wanted}" yet; looking out for one.'

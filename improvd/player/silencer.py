"""What a spare has at hand to close the notes of who dies, before it has ports of its own.

On JACK only: elsewhere ports are open in a few milliseconds.
"""

from improvd.core.midi.messages import note_off
from improvd.messages import Resume
from improvd.player.ports.jack import SpareClient
from improvd.player.ports.systems import NoMidi, first
from improvd.player.quiet_stderr import quiet_stderr

_LOOK_EVERY_S = 2.0


class Silencer:
    """Looks out for a JACK server, once it is told to, and stays known to the one that is there.

    `patience` is how long one may wait in s before the next `tend`; None: for ever.
    """

    def __init__(self) -> None:
        self.patience: float | None = None
        self._api = "none"
        self._client: SpareClient | None = None

    def begin(self, api: str) -> None:
        """Somebody plays on this MIDI system, as the configuration calls it."""
        self._api, self.patience = api, _LOOK_EVERY_S
        self.tend()

    def tend(self) -> None:
        """Look for a server, or whether it is still there; some 3 ms where there is none."""
        if self._client is not None and not self._client.gone:
            return
        self.close()
        with quiet_stderr():
            try:
                system, out = first(self._api)
            except NoMidi:
                return
            out.delete()
            if system.api == "jack":
                self._client = SpareClient(system.extension)
            else:
                self.patience = None

    def silence(self, resume: Resume) -> None:
        """Close what was left sounding; whoever opens ports closes it again, and does no harm."""
        ports = [name for role, name in resume.peers if role != "in"]
        if self._client is not None and resume.owed and ports:
            offs = [note_off(channel, pitch) for channel, pitch in resume.owed]
            with quiet_stderr():
                self._client.send(offs, ports)

    def close(self) -> None:
        """Leave the server; must come before ports are opened."""
        if self._client is not None:
            with quiet_stderr():
                self._client.close()
            self._client = None

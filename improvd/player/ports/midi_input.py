"""What hears: the client that puts everything that comes in into the inbox."""

import gc
import time
from collections.abc import Callable
from typing import Any

from improvd.player.ports.inbox import Inbox
from improvd.player.wait import now

# What the driver's thread was doing for a client is done after this, in s.
_SETTLED = 0.05


class MidiInput:
    """A client of `make` and an inbox, in which also lands what nobody wants.

    rtmidi closes an input without giving the interpreter away, and waits for the driver's thread,
    which may wait for the interpreter to call back: for ever, if messages keep coming. So a client
    is first made deaf, and closed when its last call is done.
    """

    def __init__(self, make: Callable[[], Any], inbox: Inbox) -> None:
        self.inbox = inbox
        self._make = make
        self._retired: Any = None
        self.client = self._open()

    def renew(self, old: Any) -> Any:
        """A new client in place of the old one, which is deaf from now on."""
        old.cancel_callback()
        if self._retired is not None:
            self._retired.delete()
        self._retired = old
        self.client = self._open()
        return self.client

    def shut(self) -> None:
        """No more calls from the driver.

        What rtmidi hands the last one (a tuple that it frees too early) is kept alive meanwhile.
        """
        handed_over = gc.get_referents(self.client)
        self.client.cancel_callback()
        time.sleep(_SETTLED)
        del handed_over

    def close(self) -> None:
        """Close the client, once it is shut."""
        for client in (self._retired, self.client):
            if client is not None:
                client.delete()

    def _open(self) -> Any:
        client = self._make()
        client.set_callback(self._put)
        return client

    def _put(self, event: tuple[list[int], float], _: object = None) -> None:
        self.inbox.put(*event, now())

"""`python -m improvd.player SOCKET MEMORY`: the player process, as the service starts it."""

import gc
import socket
import sys

from improvd.messages import Order, Refused
from improvd.system.portable import scarcity
from improvd.wire import Link


def main(descriptor: int, memory: int) -> None:
    """Play; what the system has too little of, even for what it is made of, is refused."""
    gc.disable()  # what is loaded stays: a collector would look through it again and again
    # First, as there may be no room for it when there is something to refuse.
    link: Link[Order] = Link(socket.socket(fileno=descriptor), Order)
    try:
        # It brings NumPy along, which is where memory ends first.
        from improvd.player import process  # noqa: PLC0415 - where it is caught

        process.main(link, memory)
    except (OSError, ImportError, MemoryError) as error:
        if (lacking := scarcity(error)) is None:
            raise
        link.tell(Refused(lacking))
        link.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

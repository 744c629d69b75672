"""Asking the system for time: what a process may have that must not be late.

Everything is asked for and nothing is insisted on: an ordinary process plays too, and wakes some
tens of microseconds later, milliseconds where the machine is busy.
"""

import gc
from dataclasses import dataclass

from improvd import system


@dataclass(frozen=True, slots=True)
class Rights:
    """What was granted: to go before others (SCHED_FIFO), and to keep memory from being paged."""

    first: bool
    locked: bool

    @property
    def sentence(self) -> str | None:
        """What is missing and what to do about it, None if nothing is."""
        missing = [
            what
            for what, granted in (("SCHED_FIFO", self.first), ("locked memory", self.locked))
            if not granted
        ]
        if not missing:
            return None
        return (
            f"Playing without {' and '.join(missing)}, a little less exactly: "
            'put the lines "@audio - rtprio 95" and "@audio - memlock unlimited" into '
            "/etc/security/limits.d/audio.conf, join the group audio and log in again; "
            "in a systemd unit, set LimitRTPRIO=95 and LimitMEMLOCK=infinity."
        )


def ask() -> Rights:
    """Ask for all that this system has to give, for this process and the threads it starts.

    Blocks for a few milliseconds, so it comes when everything is loaded and before music plays.
    Elsewhere than on Linux nothing that is refused could be helped, and so nothing is missing.
    """
    _settle_garbage()
    first, locked = system.ask_for_time()
    return Rights(first, locked)


def tidy() -> None:
    """Collect what was left in cycles since `ask`, if anything: an exception leaves some.

    The beat path makes no cycles, so the collector, which would stop it at any moment, is off.
    Everything that was there before is passed over, so this takes some 0.1 ms.
    """
    gc.collect()


def _settle_garbage() -> None:
    """What is there now stays for good, and no collector looks through it any more.

    What loading leaves in cycles, some hundred kilobytes, is not looked for: that takes 10 ms, for
    which somebody waits who started it, or whose player died.
    """
    gc.disable()
    gc.freeze()

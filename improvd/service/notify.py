"""What the service tells systemd, by the protocol of sd_notify(3).

A state is one or several lines `NAME=value`, sent as one datagram to the socket that systemd names
in NOTIFY_SOCKET. Where nobody asked for it, nothing is sent.
"""

import os
import time

from improvd import system

READY = "READY=1"
STOPPING = "STOPPING=1"
WATCHDOG = "WATCHDOG=1"


BY_LAUNCHD = "IMPROVD_BY_LAUNCHD"
"""Set in the environment of what macOS's launchd starts, which is not told anything."""


def status(text: str) -> str:
    """One line for `systemctl status`."""
    return "STATUS=" + " ".join(text.split())


def reloading() -> str:
    """The configuration is being read again; READY must follow."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


def notify(*states: str) -> bool:
    """Tell systemd these states together; whether it was asked for and has been taken.

    Never blocks: a manager that does not read loses what it was told.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # Linux's abstract sockets, which have no file
        address = "\0" + address[1:]
    try:
        system.send_datagram(address, "\n".join(states).encode())
    except OSError:
        return False
    return True


def watched() -> bool:
    """Whether a service manager started us, and nobody looks on."""
    return bool(os.environ.get("NOTIFY_SOCKET") or os.environ.get(BY_LAUNCHD))


def watchdog_interval() -> float | None:
    """How long systemd waits for WATCHDOG before it ends us, in s; None if it does not.

    Tell it twice as often.
    """
    ours = os.environ.get("WATCHDOG_PID") in (None, str(os.getpid()))
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not ours or not microseconds.isdecimal() or int(microseconds) == 0:
        return None
    return int(microseconds) / 1e6

"""macOS: real time by its threads' policy, and its folders. Untried on a Mac.

Waiting, memory and reserving are the portable ways.
"""

import sys

assert sys.platform == "darwin"

import ctypes
from contextlib import suppress
from pathlib import Path

MIDI_SYSTEMS = ("coremidi",)
"""As the `api` of the configuration calls them; the first that answers is taken."""

STARTS_SERVICES = "launchd"
"""What starts programs and looks after them."""

HOW_TO_HAVE_MIDI = (
    "macOS always has MIDI; open Audio MIDI Setup once, and if it shows none either, restart: the "
    "MIDI server hangs."
)
"""What to do where no MIDI system answers."""

# <mach/thread_policy.h>
_TIME_CONSTRAINT = 2
_FIELDS = 4
# What a turn takes at most, the spinning before a note included, and by when it has to be done.
_COMPUTATION_NS = 1_000_000
_CONSTRAINT_NS = 2_000_000


class _Constraint(ctypes.Structure):
    """thread_time_constraint_policy_data_t; times in units of mach_absolute_time."""

    _fields_ = (
        ("period", ctypes.c_uint32),  # 0: not periodic
        ("computation", ctypes.c_uint32),
        ("constraint", ctypes.c_uint32),
        ("preemptible", ctypes.c_int),
    )


class _Timebase(ctypes.Structure):
    """mach_timebase_info_data_t: ns = units * numerator / denominator."""

    _fields_ = (("numerator", ctypes.c_uint32), ("denominator", ctypes.c_uint32))


def ask_for_time() -> tuple[bool, bool]:
    """Ask that this thread be run in time, as Apple documents it for audio and MIDI.

    It is asked for and not insisted on: whatever comes of it, nothing is said to be missing, since
    there is nothing that a person could do about it.
    """
    with suppress(OSError, AttributeError):
        _constrain(ctypes.CDLL(None))
    return True, True


def _constrain(library: ctypes.CDLL) -> None:
    base = _Timebase()
    if library.mach_timebase_info(ctypes.byref(base)) != 0:
        return
    policy = _Constraint(
        0, _units(_COMPUTATION_NS, base), _units(_CONSTRAINT_NS, base), preemptible=1
    )
    library.mach_thread_self.restype = ctypes.c_uint32
    library.thread_policy_set.argtypes = (
        ctypes.c_uint32,
        ctypes.c_uint32,
        ctypes.c_void_p,
        ctypes.c_uint32,
    )
    thread = library.mach_thread_self()
    library.thread_policy_set(thread, _TIME_CONSTRAINT, ctypes.byref(policy), _FIELDS)


def _units(nanoseconds: int, base: _Timebase) -> int:
    return int(nanoseconds * base.denominator // base.numerator)


def state_folder() -> Path:
    """The folder for what lasts."""
    return Path.home() / "Library" / "Application Support" / "improvd"

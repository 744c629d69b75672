"""Silence on stderr, for libraries in C that print there what they also report.

libjack and ALSA write several lines each time that they find no server, and rtmidi raises an error
that says the same.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Nothing that C libraries or we print to stderr meanwhile is seen; for the whole process."""
    try:
        stderr = os.dup(2)
    except OSError:  # closed, as under some service managers: quiet already
        yield
        return
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)

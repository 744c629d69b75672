"""Another Unix than Linux and macOS: the portable ways only. Untried."""

import sys

assert sys.platform != "win32"

from pathlib import Path

MIDI_SYSTEMS = ("alsa", "jack")
"""As the `api` of the configuration calls them; the first that answers is taken."""

STARTS_SERVICES = "systemd"
"""What starts programs and looks after them."""

HOW_TO_HAVE_MIDI = (
    "Install a MIDI system and start it: `modprobe snd-seq` for ALSA's (Debian: libasound2), "
    "or jackd2, or PipeWire (Debian: pipewire-jack)."
)
"""What to do where no MIDI system answers."""


def state_folder() -> Path:
    """The folder for what lasts."""
    return Path.home() / ".local" / "state" / "improvd"

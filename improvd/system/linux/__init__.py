"""Linux: exact waiting, real time, memory that is locked, folders in memory."""

import sys

assert sys.platform == "linux"

MIDI_SYSTEMS = ("alsa", "jack")
"""As the `api` of the configuration calls them; the first that answers is taken."""

STARTS_SERVICES = "systemd"
"""What starts programs and looks after them."""

HOW_TO_HAVE_MIDI = (
    "Install a MIDI system and start it: `modprobe snd-seq` for ALSA's (Debian: libasound2), "
    "or jackd2, or PipeWire (Debian: pipewire-jack)."
)
"""What to do where no MIDI system answers."""

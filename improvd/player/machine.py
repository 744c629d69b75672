"""What can be seen of a machine without measuring it."""

import os
from pathlib import Path
from typing import NamedTuple

from improvd.system import HOW_TO_HAVE_MIDI, pipewire_answers

_CPUS = Path("/sys/devices/system/cpu")
_LATENCY = Path("/dev/cpu_dma_latency")


class Finding(NamedTuple):
    """One thing that was looked at, what came out, and what to change, None where it is good."""

    what: str
    came_out: str
    advice: str | None = None


def looked_at() -> list[Finding]:
    """How the processors are run; nothing where the system does not show it."""
    findings = []
    governors = {
        path.read_text().strip() for path in _CPUS.glob("cpu[0-9]*/cpufreq/scaling_governor")
    }
    if governors:
        steadier = (
            "For the steadiest time: `sudo cpupower frequency-set -g performance` (Debian: "
            "linux-cpupower)."
        )
        advice = None if governors == {"performance"} else steadier
        findings.append(Finding("processors' clock rate", ", ".join(sorted(governors)), advice))
    if _LATENCY.exists():
        allow = (
            'To allow it, put KERNEL=="cpu_dma_latency", GROUP="audio", MODE="0660" into '
            "/etc/udev/rules.d/99-cpu-dma-latency.rules, and restart."
        )
        granted = os.access(_LATENCY, os.W_OK)
        findings.append(
            Finding(
                "keeping processors from sleep",
                "granted" if granted else "refused",
                None if granted else allow,
            )
        )
    return findings


def installed() -> str:
    """What to do where no MIDI system answers."""
    if pipewire_answers():
        return "PipeWire is running; install its libjack (Debian: pipewire-jack)."
    return HOW_TO_HAVE_MIDI

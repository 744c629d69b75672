"""improvd in a terminal: a line a beat, and a .mid file where there is no MIDI system."""

import os
import sys
import textwrap
import threading
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from improvd import system
from improvd.config import Config
from improvd.messages import Change, Left, Notice, Obeyed, Played, Ready, Report, Sent
from improvd.service.status.company import Company
from improvd.service.terminal import console, qr_code
from improvd.service.terminal.invitation import Invitation
from improvd.system.portable import scarcity

if TYPE_CHECKING:
    from improvd.take import Take

# A take is written again every so many beats, so that a power cut costs a few bars at most.
_BEATS_BETWEEN_SAVES = 16


class Foreground:
    """Shows reports to a person, and keeps the take if there is no port to hear it on.

    Not `attended`, as a service of systemd, it shows what would stand in a log: no beats, no take.
    `verbose` adds the values to the beats; `voices` are those of a band by their channels.
    """

    def __init__(  # noqa: PLR0913 - all but the folder by name
        self,
        folder: Path,
        *,
        attended: bool = True,
        dotted: bool = False,
        voices: Mapping[int, str] = MappingProxyType({}),
        verbose: bool = False,
        write: Callable[[str], None] | None = None,
    ) -> None:
        self._folder = folder
        self._dotted = dotted
        self._voices = voices
        self._attended = attended
        self._verbose = verbose
        self._invitation = Invitation()
        self._write = write or _print
        self._take: Take | None = None
        self._path = folder
        self._beats = 0
        self._opened = False
        self._page_shown = False
        self._company = Company(Config())
        self._said_of_company = ""

    def tell(self, report: Report) -> None:
        """Show one report."""
        self._company = self._company.after(report)
        if self._attended and (invitation := self._invitation.take(report)):
            self._write("\n".join(textwrap.wrap(invitation, console.width())))
        if isinstance(report, Ready):
            self._open(report)
        elif isinstance(report, Played):
            if self._attended:
                self._introduce()
                self._write(console.beat_line(report.beat, console.width(), verbose=self._verbose))
            self._keep_beat(report)
        elif isinstance(report, Sent) and self._take:
            self._take.add_message(report.due_ns, report.message)
        elif isinstance(report, Obeyed) and isinstance(report.order, Change) and self._take:
            self._take.voices.update(report.order.config.band_channels)
        elif isinstance(report, Notice):
            self._write(report.text)
        elif isinstance(report, Left) and not report.midi_lost:
            self._write("Nothing sounds any more. Bye.")

    def _introduce(self) -> None:
        """Say who plays with the soloist, and in which feel, before the first beat that is so."""
        if (said := self._company.sentence) != self._said_of_company:
            self._said_of_company = said
            self._write(said or "Band: nobody.")

    def show(self, link: str) -> None:
        """Show where the live page is, and open it where there is a person with a browser.

        A link with a token is for a telephone too, which reads it from the terminal.
        """
        self._page_shown = True
        self._write(f"Hear it, see it and play along: {link}")
        if not self._attended:
            return
        if "?token=" in link:
            self._write("\n".join(qr_code.lines(link)))
        if sys.stdout.isatty() and system.has_screen():
            with suppress(RuntimeError):  # no thread can be had: a person can open it, too
                threading.Thread(target=webbrowser.open, args=[link], daemon=True).start()

    def keep(self) -> None:
        """Save the take, however the player ended, if there is one."""
        if self._take and self._save(self._take, over=True):
            self._write(f"The take is in {self._path}.")

    def _open(self, ready: Ready) -> None:
        if self._opened:
            return  # another player goes on; that was said already
        self._opened = True
        if ready.no_midi is not None and self._attended:
            self._path = self._folder / f"improvd-{datetime.now().astimezone():%Y%m%d-%H%M%S}.mid"
            self._take = self._begun(ready)
        take = self._path.name if self._take else None
        for line in console.opening(ready, take, attended=self._attended):
            self._write(line)
        if take and not self._page_shown:
            self._write("`improvd --web` is heard in a browser, and played along with there.")
        if self._attended:
            self._write(console.heading(console.width(), verbose=self._verbose))

    def _begun(self, ready: Ready) -> "Take | None":
        """A take; the music goes on without one where there is no room for what writes it."""
        try:
            # It brings NumPy along; a service that only starts a player does without.
            from improvd.take import Take  # noqa: PLC0415 - only when it is needed
        except (OSError, ImportError, MemoryError) as error:
            if (lacking := scarcity(error)) is None:
                raise
            self._write(f"No take is kept: {lacking}.")
            return None
        return Take(
            ready.bpm,
            ready.beats_per_bar,
            dotted=self._dotted,
            meter=ready.meter,
            voices=self._voices,
        )

    def _keep_beat(self, played: Played) -> None:
        if self._take is None:
            return
        self._take.add_beat(played.beat)
        self._beats += 1
        if self._beats % _BEATS_BETWEEN_SAVES == 0:
            self._save(self._take)

    def _save(self, take: "Take", *, over: bool = False) -> bool:
        try:
            take.save(self._path)
        except (OSError, MemoryError) as error:
            why = error.strerror if isinstance(error, OSError) else scarcity(error)
            goes_on = "" if over else "; still playing"
            self._write(f"{self._path}: cannot be written ({why}){goes_on}.")
            return False
        return True


def _print(line: str) -> None:
    """Print at once; a terminal that went away is no reason to stop the music."""
    try:
        print(line, flush=True)  # noqa: T201 - this is the program's output
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - until the end

"""Another program on the ALSA sequencer that hears what improvd plays: `aseqdump`."""

import re
import subprocess
import threading
import time

_NOTE = re.compile(r"Note (on|off)\s+(\d+), note (\d+)(?:, velocity (\d+))?")
_WAITING = re.compile(r"port (\d+:\d+)")


class MidiInput:
    """Hears from now on. `port` is where to connect; the others are what was heard so far."""

    def __init__(self) -> None:
        self.notes = 0
        """How many notes have begun."""
        self.sounding: dict[tuple[int, int], float] = {}
        """Since when each (channel, pitch) sounds, monotonic s."""
        # Into a pipe, aseqdump says nothing until it has filled a buffer.
        self._program = subprocess.Popen(
            ["stdbuf", "-oL", "aseqdump"], stdout=subprocess.PIPE, text=True
        )
        assert self._program.stdout is not None
        self._lines = self._program.stdout
        waiting = _WAITING.search(self._lines.readline())
        assert waiting is not None
        self.port = waiting[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def sounding_since(self, moment: float) -> set[tuple[int, int]]:
        """What began before this moment and has not been let go."""
        return {key for key, begun in list(self.sounding.items()) if begun < moment}

    def close(self) -> None:
        """Hear no more."""
        self._program.terminate()
        self._program.wait()

    def _listen(self) -> None:
        for line in self._lines:
            note = _NOTE.search(line)
            if note is None:
                continue
            key = int(note[2]), int(note[3])
            if note[1] == "on" and note[4] != "0":
                self.notes += 1
                self.sounding[key] = time.monotonic()
            else:
                self.sounding.pop(key, None)

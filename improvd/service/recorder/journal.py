"""The journal: every event of a jam goes into its file, and nothing that happens there stops it.

What was written is the system's at once, so a killed service loses nothing of it; a thread sees
to it every few seconds that it is on the disk too. A disk that is full, read-only or gone is told
once and tried again every second; what was missed is counted and stands there as a Gap.
"""

import errno
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from improvd import __version__, folders, records, system
from improvd.messages import RULES, Began, Event, Gap
from improvd.records import Closed, Opened
from improvd.service.recorder import library
from improvd.service.recorder.library import Limits

_SYNC_EVERY_S = 2.0
_TIDY_EVERY_S = 3600.0
_RETRY_EVERY_S = 1.0
# Some minutes of the densest playing.
_MOST_RECENT = 50_000


class Journal:
    """Writes the events of a performance into a folder. No method raises.

    Making one raises OSError where no thread can be had.

    Args:
        folder: of the jams; made where it is absent.
        limits: of all jams in it together.
        tell: gets a sentence for the person when writing fails, and when it goes on; it may write
            that here itself.
    """

    def __init__(self, folder: Path, limits: Limits, tell: Callable[[str], None]) -> None:
        self.recent: deque[Event] = deque(maxlen=_MOST_RECENT)
        """The latest events, also those that could not be written."""
        self.began: Began | None = None
        """How what plays now began, or last told its whole state."""
        self._folder = folder
        self._limits = limits
        self._tell = tell
        self._file: _File | None = None
        self._lost = 0
        self._retry = 0.0
        self._told: set[str] = set()
        # One thread, so that a file is synced before it is closed.
        self._later = ThreadPoolExecutor(1, thread_name_prefix="journal")
        try:
            self._later.submit(int)  # it begins now: no want of threads meets it in mid-music
        except RuntimeError as error:
            raise OSError(errno.EAGAIN, str(error)) from None
        self._doing: Future[None] | None = None
        self._synced, self._tidied = time.monotonic(), float("-inf")

    def write(self, events: Sequence[Event]) -> None:
        """Append these events. Once the file is large it goes on, at a Began, in a new one."""
        self.recent.extend(events)
        done = 0
        for index, event in enumerate(events):
            if isinstance(event, Began):
                self._append(events[done:index])
                self._turn_over()
                self.began, done = event, index
        self._append(events[done:])
        self._look_after()

    def close(self) -> None:
        """The orderly end: all is on the disk when it returns."""
        self._end(Closed())
        self._later.shutdown()

    # -- writing ---------------------------------------------------------------------------

    def _append(self, events: Sequence[Event]) -> None:
        if not events:
            return
        if self._lost and time.monotonic() < self._retry:
            self._lost += len(events)
            return
        try:
            file = self._open_file(events[0])
            file.append([*([Gap(self._lost)] if self._lost else []), *events])
        except OSError as error:
            self._lost += len(events)
            self._retry = time.monotonic() + _RETRY_EVERY_S
            self._say(f"{self._folder}: the jam cannot be recorded ({error.strerror}).")
            return
        file.events += len(events)
        if self._lost:
            # Who is told may write it here at once.
            lost, self._lost = self._lost, 0
            self._told.clear()
            self._tell(f"The jam is recorded again; {lost} events are missing.")

    def _open_file(self, first: Event) -> "_File":
        """The file, or a new one, which says what is played if its first event does not."""
        if self._file and not self._file.vanished:
            return self._file
        if self._file:
            self._lost += self._file.events
            self._later.submit(self._file.close)
            self._file = None
        file = _File(library.next_name(self._folder, time.time_ns()))
        begun = system.now(), time.time_ns()
        opened = Opened(records.FORMAT, __version__, *begun, RULES)
        told = [self.began] if self.began and not isinstance(first, Began) else []
        try:
            file.append([opened, *told])
        except OSError:
            file.remove()
            raise
        self._file, self._tidied = file, float("-inf")
        return file

    def _turn_over(self) -> None:
        if self._file and self._file.size >= self._limits.part:
            self._end(Closed(goes_on=True))

    def _end(self, closed: Closed) -> None:
        """The file is complete; it is synced and closed when there is time."""
        if self._file is None:
            return
        with suppress(OSError):
            self._file.append([closed])
        self._later.submit(self._file.sync)
        self._later.submit(self._file.close)
        self._file = None

    def _look_after(self) -> None:
        """Sync and tidy now and then, in the thread, and never while it is still at it."""
        if self._doing:
            if not self._doing.done():
                return
            error = self._doing.exception()
            # What somebody else removed meanwhile is no failure.
            if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                self._say(f"{self._folder}: the disk fails ({error.strerror}).")
            self._doing = None
        now = time.monotonic()
        if self._file and now - self._tidied > _TIDY_EVERY_S:
            self._tidied = now
            self._doing = self._later.submit(library.tidy, self._folder, self._limits)
        elif self._file and now - self._synced > _SYNC_EVERY_S:
            self._synced = now
            self._doing = self._later.submit(self._file.sync)

    def _say(self, sentence: str) -> None:
        """Tell it once, until there is better news."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._tell(sentence)


class _File:
    """A file that is being appended to, record by record. Raises OSError.

    It is locked for as long, which tells whoever lists the jams that this one is playing.
    """

    def __init__(self, path: Path) -> None:
        folders.make_private(path.parent)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | system.BINARY
        self._path = path
        self._descriptor = os.open(path, flags, 0o600)
        with suppress(OSError):  # some network file systems have no locks
            system.lock(self._descriptor)
        self.size = 0
        self.events = 0  # of the jam, which are lost with the file

    @property
    def vanished(self) -> bool:
        """Somebody has removed it, or its folder."""
        return os.fstat(self._descriptor).st_nlink == 0

    def append(self, batch: Sequence[records.Record]) -> None:
        """All of them in one call, or none."""
        data = b"".join(map(records.write, batch))
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError:
            # A full disk takes what fits; a reader would pass over the half of a record.
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    def sync(self) -> None:
        """Have it on the disk."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """Take it away again."""
        os.close(self._descriptor)
        self._path.unlink()

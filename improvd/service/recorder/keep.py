"""The keeper: what was just played, as a .mid file, because somebody said so."""

from datetime import datetime
from pathlib import Path

from improvd import folders
from improvd.service.recorder.journal import Journal
from improvd.service.recorder.library import JamError
from improvd.service.recorder.recording import take


def keep(journal: Journal, folder: Path, bars: int = 8) -> Path:
    """Write the last so many whole bars into a folder, made where it is absent; the file's path.

    Raises JamError before the first bar is over, OSError where it cannot be written.
    """
    kept = take(journal.recent, journal.began).last_bars(bars)
    if not kept.beats:
        raise JamError("there is no whole bar to keep yet")
    folders.make_private(folder)
    path = folder / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}.mid"
    kept.save(path)
    path.chmod(0o600)
    return path

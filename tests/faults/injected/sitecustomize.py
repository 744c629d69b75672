"""Python runs this at its start wherever this folder is on its path: it injects one fault.

`FAULT` names the place, `FAULT_ONCE` a file that is there until the fault has happened, so that
whoever goes on in place of a process that died of it does not die too.
"""

# ruff: noqa: PLC0415 - each fault imports only what it happens in

import os
import runpy
import sys
from pathlib import Path

# Another folder on the path may have one too, which is as on another system (tests/elsewhere).
for _place in sys.path[sys.path.index(str(Path(__file__).parent)) + 1 :]:
    if (_other := Path(_place, "sitecustomize.py")).exists():
        runpy.run_path(str(_other))
        break


def _raise_once(owner: type, method: str, calls: int) -> None:
    """The method raises at a later call, in the first process that comes to it."""
    original, left = getattr(owner, method), [calls]

    def faulty(*args, **kwargs):
        left[0] -= 1
        if left[0] <= 0 and _once.exists():
            _once.unlink()
            raise RuntimeError("injected")
        return original(*args, **kwargs)

    setattr(owner, method, faulty)


_fault = os.environ.get("FAULT", "")
_once = Path(os.environ.get("FAULT_ONCE", "/nonexistent"))
_in_player = "improvd.player" in sys.orig_argv
_in_service = "improvd" in sys.orig_argv and not _in_player


def _in_every_player() -> None:
    if _fault == "player":
        from improvd.core.jam import Jam

        _raise_once(Jam, "turn", 60)
    elif _fault == "wide":
        from improvd.core.network.improviser import Improviser

        _step = Improviser.step

        def _fatal(self, x):
            """Whoever plays the model of this name dies of it; who only tries it does not."""
            if self.cell.n_values == 256 and self.beats > 8:
                raise RuntimeError("injected")
            _step(self, x)

        Improviser.step = _fatal
    elif _fault == "deaf":
        from improvd.live import loop

        _obey = loop._obey

        def _deaf(*args):
            """The first player to be told to stop does not, and is in good health."""
            if _obey(*args):
                return True
            first = _once.exists()
            _once.unlink(missing_ok=True)
            return first

        loop._obey = _deaf
    elif _fault == "driver":
        from improvd.player.ports.inbox import Inbox

        _raise_once(Inbox, "put", 3)


if _in_player:
    _in_every_player()
elif _in_service and hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_every_player)  # the first player is a copy

if _in_service and _fault == "service":
    from improvd.service.players.supervisor import Supervisor

    _raise_once(Supervisor, "_replace_player", 1)
elif _in_service and _fault == "deaf":
    from improvd.service.players import supervisor

    supervisor._PATIENCE_S = 3600
elif _in_service and _fault == "hung read":
    import threading

    from improvd import folders

    _read = folders.read

    def _hung(path, most):
        """As from a server that is gone, once it has been there."""
        if path.suffix == ".toml" and not _once.exists():
            threading.Event().wait()
        return _read(path, most)

    folders.read = _hung
elif _in_service and _fault == "watcher":
    from improvd.service.status.status import Status

    _raise_once(Status, "after", 40)
elif _in_service and _fault == "journal":
    from improvd.service.recorder import journal

    _raise_once(journal._File, "sync", 1)

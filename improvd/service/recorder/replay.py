"""A replay: what decided a jam is done again, and what comes out compared with what did then."""

from collections import deque
from pathlib import Path

from improvd import performance, snapshot
from improvd.core.jam import Jam
from improvd.core.playing.beat import Beat
from improvd.messages import Began, Ended, Event, Gap, Heard, Obeyed, Sent, Turned
from improvd.model import Model, digest, find, load
from improvd.service.recorder.library import JamError
from improvd.service.recorder.recording import empty_take
from improvd.take import Take

Due = tuple[int, bytes]


class Replay:
    """Is given a jam's events one by one, and plays it again. `tell` may raise JamError.

    After a Gap nothing can be known until the whole state is told again, in the next Began.
    """

    def __init__(self) -> None:
        self.same = 0
        """Messages that came out again, each at its nanosecond."""
        self.skipped = 0
        """Messages that were not compared, because events before them are missing."""
        self.parted: str | None = None
        """Where something else came out, in a sentence; nothing after that is compared."""
        self.take: Take | None = None
        """What came out."""
        self._jam: Jam | None = None
        self._models: dict[Path, tuple[str, Model]] = {}
        self._beat: Beat | None = None
        self._due: deque[Due] = deque()  # came out, and is to be met in the recording
        self._closing: list[bytes] = []  # met in the recording, and no turn made it

    def tell(self, event: Event) -> None:
        """The next event. Raises JamError where the model it was played with is another one."""
        if isinstance(event, Began):
            self._begin(event)
        elif isinstance(event, Gap):
            self._jam = None
        elif self._jam is None:
            self.skipped += isinstance(event, Sent)
        else:
            self._play(self._jam, event)

    def _begin(self, began: Began) -> None:
        """Go on with the jam at hand if its state is the one that is told; else with a new one."""
        if self.take is None:
            self.take = empty_take(began)
        if self._jam and snapshot.take(self._jam, began.start_ns) == began.snapshot:
            return
        self._due.clear()
        self._closing.clear()
        config = began.config
        model, chart = self._model(began), performance.chart_of(began.chart, config)
        who = performance.improviser(config, model)
        self._jam = performance.jam(config, who, model, chart, began.start_ns)
        if began.snapshot is not None:
            self._jam.restore(snapshot.read(began.snapshot).memory)

    def _model(self, began: Began) -> Model:
        path = find(began.config.model)
        if path not in self._models:
            self._models[path] = digest(path), load(path)
        found, model = self._models[path]
        if found != began.model:
            raise JamError(
                f"{path}: is not the model that this jam was played with, which begins with "
                f"{began.model[:12]} and not {found[:12]}"
            )
        return model

    def _play(self, jam: Jam, event: Event) -> None:
        match event:
            case Heard(stamp, message):
                self._settle()
                jam.hear(stamp, message)
            case Turned(now):
                self._settle()
                self._due.extend(jam.turn(now))
                self._collect(jam)
            case Obeyed(now, order):
                self._settle()
                performance.obey(jam, now, order)
            case Sent(due, _, message):
                self._meet(due, message)
            case Ended():
                closing, self._closing = self._closing, []
                self._settle()
                if closing == (offs := jam.silence()):
                    self.same += len(offs)
                else:
                    self._part(f"closed with {_hex(*closing)}, and now with {_hex(*offs)}")

    def _collect(self, jam: Jam) -> None:
        """Keep what came out, for the take."""
        if self.take is None:
            return
        for due, message in self._due:
            self.take.add_message(due, message)
        while jam.beats:
            self._beat = jam.beats.popleft()
            self.take.add_beat(self._beat)

    def _meet(self, due: int, message: bytes) -> None:
        """A message was sent: it is to be the next that came out."""
        if not self._due:
            self._closing.append(message)
        elif (ours := self._due.popleft()) == (due, message):
            self.same += self.parted is None
        elif ours[1] == message:
            self._part(f"{_hex(message)} comes {(ours[0] - due) / 1e6:+.3f} ms later")
        else:
            self._part(f"{_hex(message)} was sent, and now {_hex(ours[1])}")

    def _settle(self) -> None:
        """What came out has to have been met by now, and nothing else."""
        if self._closing:
            self._part(f"{_hex(*self._closing)} was sent, and now nothing")
        if self._due:
            self._part(f"nothing was sent, and now {_hex(*(message for _, message in self._due))}")
        self._closing.clear()
        self._due.clear()

    def _part(self, how: str) -> None:
        beat = self._beat
        where = f"bar {beat.bar}, beat {beat.beat_in_bar}" if beat else "before the first beat"
        self.parted = self.parted or f"{where}: {how}"


def _hex(*messages: bytes) -> str:
    return ", ".join(message.hex(" ").upper() for message in messages) or "nothing"

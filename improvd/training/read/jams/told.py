"""What a recording tells of who played what and when, improvd's own line coming back left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from improvd.config import Config
from improvd.core.midi.copies import Copies
from improvd.core.midi.echo import EchoFilter
from improvd.core.midi.messages import SYSTEM, Stamped, channel
from improvd.core.playing.beat import Beat
from improvd.messages import Began, Change, Event, Heard, Obeyed, Played, Sent

_NS_PER_MS = 1e6


@dataclass(slots=True)
class BothSides:
    """What a recording tells, each part in order of time: beats, and both sides' messages."""

    beats: list[Beat] = field(default_factory=list)
    theirs: list[Stamped] = field(default_factory=list)
    ours: list[Stamped] = field(default_factory=list)
    config: Config = field(default_factory=Config)


def told(events: Iterable[Event]) -> BothSides:
    """Go through what happened, in order."""
    tells = BothSides()
    echo, copies = EchoFilter(), Copies()
    for event in events:
        match event:
            case Began(config=config) | Obeyed(order=Change(config=config)):
                tells.config = config
            case Played(beat=beat):
                tells.beats.append(beat)
            case Sent(due_ns=due, sent_ns=sent, message=message):
                own = channel(message) == tells.config.channel - 1
                echo.sent(sent, message)
                copies.strike(sent, message, band=not own)
                if own and len(message) == 3 and message[0] < SYSTEM:
                    tells.ours.append((due, message))
            case Heard(stamp_ns=stamp, message=message):
                if len(message) != 3 or message[0] >= SYSTEM:
                    continue
                if not echo.is_echo(stamp, message) and not copies.is_copy(stamp, message):
                    tells.theirs.append((_played_at(stamp, tells.config), message))
    return tells


def _played_at(stamp: int, config: Config) -> int:
    """When it was played, in the time of the beats, which fall as much later as our notes leave."""
    return stamp + round((config.send_ms - config.hear_ms) * _NS_PER_MS)

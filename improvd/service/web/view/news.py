"""What pages are told of the player's reports. Pure: reports in, frames out."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from improvd.core.midi.echo import EchoFilter
from improvd.core.midi.messages import SYSTEM, Stamped
from improvd.messages import Began, Heard, Left, Moved, Notice, Obeyed, Played, Ready, Report, Sent
from improvd.service.status.status import Status
from improvd.service.web.frames import ms, say

_CHANGES = (Ready, Moved, Obeyed, Notice, Left, Began)
# Struck by pages a moment ago: who struck it has sounded and drawn it already.
_MOST_STRUCK = 512


class Newsroom:
    """Reports of one look at the player are gathered, and told in as few frames as will do."""

    def __init__(self) -> None:
        self._echo = EchoFilter()
        self._struck: dict[Stamped, int] = {}
        self._sent: list[tuple[float, float, list[int]]] = []
        self._heard: list[tuple[float, list[int], int]] = []
        self._beats: list[dict[str, Any]] = []
        self._said: list[str] = []
        self._changed = False

    def struck(self, stamped: Stamped, visitor: int) -> None:
        """This page struck this."""
        while len(self._struck) >= _MOST_STRUCK:
            del self._struck[next(iter(self._struck))]
        self._struck[stamped] = visitor

    def take(self, report: Report) -> None:
        """One report."""
        match report:
            case Sent(due_ns=due, sent_ns=sent, message=message):
                self._echo.sent(sent, message)
                if message[0] < SYSTEM:
                    self._sent.append((ms(due), ms(sent), list(message)))
            case Heard(stamp_ns=stamp, message=message):
                self._hear(stamp, message)
            case Played(beat=beat):
                shown = msgspec.to_builtins(beat)
                self._beats.append(shown | {"start": ms(beat.start_ns)})
            case Notice(text=text):
                self._said.append(text)
        self._changed |= isinstance(report, _CHANGES)

    def frames(self, status: Mapping[str, Any]) -> Iterator[str]:
        """What there is to be told now, and nothing twice; `status` is how things stand."""
        if self._sent:
            yield say("sent", m=self._sent)
        if self._heard:
            yield say("heard", m=self._heard)
        for beat in self._beats:
            yield say("beat", **beat)
        for text in self._said:
            yield say("say", text=text)
        if self._changed or self._beats:
            yield say("status", **status)
        self._sent, self._heard, self._beats, self._said = [], [], [], []
        self._changed = False

    def _hear(self, stamp: int, message: bytes) -> None:
        if len(message) != 3 or message[0] >= SYSTEM:
            return
        by = self._struck.pop((stamp, message), 0)
        if by or not self._echo.is_echo(stamp, message):
            self._heard.append((ms(stamp), list(message), by))


def status_shown(status: Status) -> dict[str, Any]:
    """The status as pages are told it."""
    shown: dict[str, Any] = msgspec.to_builtins(status)
    return shown | {"notices": [notice.text for notice in status.notices]}

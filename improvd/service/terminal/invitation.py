"""What to play, told to a musician who has not played yet."""

from improvd.core.playing.modes import Turn
from improvd.messages import Began, Obeyed, Perform, Played, Report

_ANY = {
    "follow": "Play along: it follows you, and makes room while you play.",
    "answer": "Your turn. Play something: it answers when you pause.",
    "trade": "Your turn. Play something: it answers when your bars are over.",
}


class Invitation:
    """Watches whether the musician has played, and whose turn it is in which mode."""

    def __init__(self) -> None:
        self._performed: Perform | None = None
        self._accepted = False
        self._turn: Turn | None = None  # of the beat before, once bar 1 has begun

    def take(self, report: Report) -> str | None:
        """A sentence where, after this report, one is due: as a turn begins that is not played."""
        if isinstance(report, Began):
            self._performed = Perform(report.config, report.chart)
        elif isinstance(report, Obeyed) and self._performed is not None:
            self._performed = self._performed.after(report.order)
        elif isinstance(report, Played):
            return self._beat(report)
        return None

    def _beat(self, played: Played) -> str | None:
        beat = played.beat
        self._accepted |= beat.heard
        if self._accepted or beat.bar < 1 or self._performed is None:
            return None
        before, self._turn = self._turn, beat.turn
        if beat.turn is before:
            return None
        mode, _, _ = self._performed.config.mode.partition(" ")
        # Where it plays all the time, one word is enough; elsewhere there is one for each turn.
        due = before is None if mode == "follow" else beat.turn is Turn.LISTEN
        return _ANY.get(mode) if due else None

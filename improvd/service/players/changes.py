"""The changes of late, and what was performed before each: where to go back to if one kills."""

from collections.abc import Collection
from dataclasses import dataclass

from improvd.config import Config
from improvd.messages import Change, LiveOrder, Perform

# It begins with the next bar line, up to twelve seconds off. What has been lived with for so much
# longer is not what a player dies of.
_ON_TRIAL_NS = 20_000_000_000


@dataclass(frozen=True, slots=True)
class BeforeChange:
    """A change, and what was performed, with the player's last snapshot, when it was ordered."""

    order: Change
    ordered_ns: int
    perform: Perform
    snapshot: bytes | None

    @property
    def keys(self) -> list[str]:
        """What it changed."""
        before, after = self.perform, self.perform.after(self.order)
        keys = [
            key
            for key in Config.__struct_fields__
            if getattr(before.config, key) != getattr(after.config, key)
        ]
        return keys if before.chart == after.chart or "chart" in keys else [*keys, "chart"]


class Changes:
    """Those that are not yet known to be good. Times are monotonic ns."""

    def __init__(self) -> None:
        self._on_trial: list[BeforeChange] = []

    def ordered(self, change: BeforeChange) -> None:
        """This has been ordered."""
        oldest = change.ordered_ns - _ON_TRIAL_NS
        self._on_trial = [each for each in self._on_trial if each.ordered_ns > oldest] + [change]

    def declined(self, order: LiveOrder) -> None:
        """This was not carried out."""
        self._on_trial = [each for each in self._on_trial if each.order != order]

    def blamed(
        self, died_ns: int, heart_ns: int, unanswered: Collection[LiveOrder]
    ) -> BeforeChange | None:
        """The latest change that a player had taken over when it died; it is forgotten then.

        Args:
            died_ns: when it died.
            heart_ns: when its heart last beat: what was ordered later it never came to.
            unanswered: what it has not said it had carried out.
        """
        for change in reversed(self._on_trial):
            if died_ns - change.ordered_ns > _ON_TRIAL_NS:
                return None
            unseen = change.order in unanswered and heart_ns < change.ordered_ns
            if change.keys and not unseen:
                self._on_trial.remove(change)
                return change
        return None

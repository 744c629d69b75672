"""How a set goes by: the tune that is waited for, and what comes after so many choruses of one."""

from collections.abc import Callable, Sequence

from improvd.charts import set_list
from improvd.charts.set_list import SetTune
from improvd.config import Config
from improvd.core.playing.beat import Beat
from improvd.messages import Change, End, Perform
from improvd.orders.asks import OrderError, Segue
from improvd.service.status import settings
from improvd.service.status.settings import WrittenSettings


class SetProgress:
    """Watches the beats of a set. `coming` is the tune that begins when the chorus is over."""

    def __init__(self) -> None:
        self.coming: Change | None = None
        self._told: int | None = None  # the tune that was told what comes after it
        self._measured: tuple[str | None, int] | None = None  # a chart, and its beats

    def begun(self, beat: Beat) -> Change | None:
        """The tune that was waited for, if it begins with this beat."""
        coming = self.coming
        if coming is None or beat.tune != coming.config.tune or beat.bar != 1:
            return None
        self.coming = self._told = None
        return coming

    def after(self, beat: Beat, tunes: Sequence[SetTune], perform: Perform) -> Segue | End | None:
        """What is to be ordered once this beat has been played; nothing twice for one tune."""
        if self.coming is not None or not tunes or self._told == beat.tune:
            return None
        order = after(beat, tunes, lambda: self._form(perform))
        if order is not None:
            self._told = beat.tune
        return order

    def _form(self, perform: Perform) -> int:
        """How many beats the chart has that is performed."""
        # NumPy comes with charts; a service that only starts a player does without.
        from improvd import performance  # noqa: PLC0415 - only when it is needed

        if self._measured is None or self._measured[0] != perform.chart:
            beats = len(performance.chart_of(perform.chart, perform.config))
            self._measured = perform.chart, beats
        return self._measured[1]


def after(beat: Beat, tunes: Sequence[SetTune], form: Callable[[], int]) -> Segue | End | None:
    """What is to be ordered when this beat has been played, `form` being the beats of its chart.

    In the last chorus of a tune that has a number of them it is the next tune, and in the last bar
    of the set the end; None where it plays on.
    """
    if beat.tune is None or not 0 < beat.tune <= len(tunes):
        return None
    choruses = tunes[beat.tune - 1].choruses
    if choruses is None:
        return None
    if beat.tune < len(tunes):
        return Segue("next") if beat.number >= (choruses - 1) * form() else None
    last_bar = choruses * form() - (beat.beats_per_bar or 0)
    return End() if beat.number >= last_bar else None


def next_tune(written: WrittenSettings, performed: Config, ask: Segue) -> Change:
    """The order to go over to another tune of the set. Raises ValueError, a sentence."""
    number = set_list.found(_tunes(written), ask.to, performed.tune)
    return settings.next_tune(performed, written, number, "bar" if ask.at_once else "chorus")


def listing(written: WrittenSettings, now: int | None, coming: Change | None) -> str:
    """The set, the tunes that is played and that comes marked. Raises OrderError without a set."""
    return set_list.listing(_tunes(written), now, coming.config.tune if coming else None)


def _tunes(written: WrittenSettings) -> Sequence[SetTune]:
    if not written.tunes:
        raise OrderError("there is no set; start with --set FILE, a chart a line")
    return written.tunes

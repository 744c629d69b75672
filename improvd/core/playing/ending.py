"""The ending: a cadence that somebody asked for, and the silence after it. One for all voices."""

from improvd.core.harmony.chart import Chart


class Ending:
    """When the piece ends.

    `cadence` is the beat on which everybody's last note falls, None while none was asked for;
    `over` whether it has fallen: nothing more then, until somebody says so.
    """

    def __init__(self) -> None:
        self.cadence: int | None = None
        self.over = False

    def ask(self, beat: int, chart: Chart) -> bool:
        """A cadence within two bars of this beat; True, and all is over, if that was asked before.

        The last note falls on the bar line that is half a bar off or more.
        """
        if self.cadence is not None:
            self.fall()
            return True
        bar, place, beats = chart.place(beat)
        coming = bar + (place > 0)
        late = chart.bar_line(coming) - beat < beats / 2
        self.cadence = round(chart.bar_line(coming + late))
        return False

    def fall(self) -> None:
        """The last note has fallen."""
        self.cadence, self.over = None, True

    def leave(self) -> None:
        """The song is elsewhere: where it was to end is not where it is."""
        self.cadence = None

    def go_on(self) -> None:
        """A piece that was over goes on."""
        self.over = False

"""What the etudes are about: swing, blues, ii-V-I, modal, ballad and bossa, in several keys."""

from dataclasses import dataclass

from improvd.core.harmony.chart import BLUES_IN_F, Chart, parse_chart
from improvd.core.harmony.scales import Harmony, harmonize


@dataclass(frozen=True, slots=True)
class EtudePlan:
    """What an etude is about: a name, a chart and a tempo."""

    name: str
    chart: Chart
    bpm: float

    def harmonies(self, beats: int) -> tuple[Harmony, ...]:
        """The chart's chords for so many beats, in the context of these beats alone."""
        return harmonize([self.chart.at(beat).chord for beat in range(beats)], cyclic=False)


_CHARTS = {
    "swing-in-c": (
        176,
        """| Cmaj7 A7 | Dm7 G7 | Em7 A7 | Dm7 G7 |
           | Gm7 C7 | Fmaj7 Bb7 | Cmaj7 A7 | Dm7 G7 |""",
    ),
    "swing-in-ab": (
        152,
        """| Fm7 | Bbm7 | Eb7 | Abmaj7 | Dbmaj7 | G7 | Cmaj7 | % |
           | Cm7 | Fm7 | Bb7 | Ebmaj7 | Abmaj7 | D7 | Gmaj7 | C7 |""",
    ),
    "swing-in-bb": (
        208,
        """| Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 |
           | Bb7 | Eb6 Edim7 | Bb6 G7 | Cm7 F7 |""",
    ),
    "blues-in-f": (140, BLUES_IN_F),
    "blues-in-bb": (
        120,
        "| Bb7 | Eb7 | Bb7 | % | Eb7 | % | Bb7 | G7 | Cm7 | F7 | Bb7 G7 | Cm7 F7 |",
    ),
    "minor-blues-in-c": (
        132,
        "| Cm7 | % | % | % | Fm7 | % | Cm7 | % | Ab7 | G7 | Cm7 | Dm7b5 G7 |",
    ),
    "two-five-one": (
        160,
        """| Dm7 | G7 | Cmaj7 | % | Cm7 | F7 | Bbmaj7 | % |
           | Bbm7 | Eb7 | Abmaj7 | % | Am7 | D7 | Gmaj7 | % |""",
    ),
    "two-five-one-minor": (
        126,
        "| Dm7b5 | G7b9 | Cm6 | % | Gm7b5 | C7b9 | Fm6 | % | Am7b5 | D7b9 | Gm6 | % |",
    ),
    "two-five-one-fast": (232, "| Gm7 | C7 | Fm7 | Bb7 | Ebm7 | Ab7 | Dbmaj7 | % |"),
    "modal-in-d": (
        144,
        """| Dm7 | % | % | % | % | % | % | % |
           | Ebm7 | % | % | % | Dm7 | % | % | % |""",
    ),
    "modal-in-f": (188, "| F7sus4 | % | % | % | Ab7sus4 | % | % | % | Db7sus4 | % | Eb7sus4 | % |"),
    "ballad-in-eb": (
        66,
        """| Ebmaj7 Cm7 | Fm7 Bb7 | Gm7 C7 | Fm7 Bb7 |
           | Abmaj7 Db7 | Ebmaj7 Cm7 | F7 | Bb7 |""",
    ),
    "ballad-in-db": (
        60,
        """| Dbmaj7 | Ebm7 Ab7 | Fm7 Bb7 | Ebm7 Ab7 |
           | Gbmaj7 | Gbm6 | Fm7 Bb7 | Ebm7 Ab7 |""",
    ),
    "bossa-in-f": (132, "| Fmaj7 | % | G7#11 | % | Gm7 | C7 | Fmaj7 | Gb7#11 |"),
    "bossa-in-dm": (
        124,
        """| Dm6 | % | E7 | % | Em7b5 | A7b9 | Dm6 | % |
           | Am7b5 | D7b9 | Gm7 | % | Bb7#11 | A7 | Dm6 | A7 |""",
    ),
}
ETUDE_PLANS = tuple(
    EtudePlan(f"{number:02}-{name}", parse_chart(chart), bpm)
    for number, (name, (bpm, chart)) in enumerate(_CHARTS.items(), start=1)
)

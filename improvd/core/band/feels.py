"""Feels: in which manner a band plays a chart, read from its style, meter and tempo."""

import re

from improvd.core.harmony.chart import Chart

SWING, TWO_FEEL, BALLAD, BOSSA, WALTZ, STRAIGHT = (
    "swing",
    "two-feel",
    "ballad",
    "bossa",
    "waltz",
    "straight",
)
FEELS = (SWING, TWO_FEEL, BALLAD, BOSSA, WALTZ, STRAIGHT)
"""What a band can play in."""

# Below this many beats a minute a chart that says nothing else is a ballad, and below that one a
# swing stays in two.
_BALLAD_BPM, _WALKING_BPM = 76.0, 96.0
_STRAIGHT_SWING = 52.0
# Words of a style, as charts have it, the first that is found deciding: "Jazz Waltz" is a waltz,
# "Latin Swing" is played straight.
_WORDS = (
    (re.compile(r"waltz|3/4", re.IGNORECASE), WALTZ),
    (re.compile(r"bossa|samba|latin|calypso|brazil|bolero|rumba|cha", re.IGNORECASE), BOSSA),
    (re.compile(r"two|2[- ]?(feel|beat)", re.IGNORECASE), TWO_FEEL),
    (re.compile(r"ballad|slow", re.IGNORECASE), BALLAD),
    (re.compile(r"straight|even|rock|funk|pop|soul|8th|16th", re.IGNORECASE), STRAIGHT),
)


def feel_of(chart: Chart, bpm: float, beat: int) -> str:
    """The feel of a beat of a chart at a tempo (beats a minute).

    The style that the chart names decides, then its meter, its swing and the tempo. A swing begins
    in two, for its first chorus.
    """
    feel = _named(chart, bpm)
    if feel == WALTZ and chart.beats_per_bar != 3:
        feel = SWING
    in_two = feel == SWING and chart.beats_per_bar % 2 == 0
    if in_two and (bpm < _WALKING_BPM or beat < len(chart)):
        return TWO_FEEL
    return feel


def _named(chart: Chart, bpm: float) -> str:
    for words, feel in _WORDS:
        if words.search(chart.style):
            return feel
    if chart.beats_per_bar == 3:
        return WALTZ
    if chart.swing is not None and chart.swing < _STRAIGHT_SWING:
        return STRAIGHT
    return BALLAD if bpm < _BALLAD_BPM and not chart.style else SWING

"""The meter of a bar, and into what its chords are shared."""

import re
from dataclasses import dataclass

_METER = re.compile(r"([1-9][0-9]?)/(1|2|4|8|16|32)")
_NAMED = {"c": "4/4", "common": "4/4", "cut": "2/2"}


class ChartError(ValueError):
    """A chart that cannot be read; one sentence that names the line, the bar or the header."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter such as 6/8: `count` over `unit`.

    Chords share the `units` of a bar: its `beats`, or where those are no whole number, or half a
    bar is none, one for each of `count`. A beat is a quarter note or a dotted one.
    """

    count: int
    unit: int
    units: int
    beats: float

    def __str__(self) -> str:
        return f"{self.count}/{self.unit}"

    @property
    def in_beats(self) -> bool:
        """Whether chords share the beats themselves."""
        return self.units == self.beats


def meter_of(text: str, *, dotted: bool = False) -> Meter:
    """The meter that a text says, with dotted quarters as beats where `dotted`. Raises ChartError.

    Half a bar of 6/8 in quarters is no whole number of them, so its chords share eighths.
    """
    fraction = _METER.fullmatch(_NAMED.get(text.lower(), text))
    if fraction is None:
        raise ChartError(f"meter {text!r} is not one such as 4/4, 3/4 or 6/8")
    count, unit = int(fraction[1]), int(fraction[2])
    if dotted:
        beats, rest = divmod(count * 8, unit * 3)
        if rest:
            raise ChartError(
                f"meter {text} has no whole number of dotted quarters: set beat to quarter, or "
                "use a meter such as 6/8, 9/8 or 12/8"
            )
        return Meter(count, unit, beats, beats)
    beats, rest = divmod(count * 4, unit)
    in_threes = unit >= 8 and count % 3 == 0
    units = count if rest or in_threes else beats
    return Meter(count, unit, units, count * 4 / unit if rest else beats)

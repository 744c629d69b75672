"""A take: what was played, as a .mid file that any DAW opens, in time with the beats.

A track of chords (markers), tempo and metre, one of each voice that improvd played, and one of what
it heard.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from importlib import import_module
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from improvd import folders
from improvd.core.band.lineup import BASS, PIANO, SOLOIST
from improvd.core.grid import Grid
from improvd.core.harmony.spellings import plain
from improvd.core.hearing.windows import early_window
from improvd.core.midi.messages import REAL_TIME, SYSTEM, Stamped, channel, is_whole
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.beat import Beat
from improvd.core.timeline import NS_PER_MINUTE, ns_per_beat

if TYPE_CHECKING:
    import mido

MUSICIAN = "musician"
"""Who was heard, where voices are named."""
MUSICIAN_TRACK = "you"
"""What the track is called that has what was heard."""
# The soloist's is called what is plugged into a synthesiser.
_TRACKS = {SOLOIST: "improvd"}
# General MIDI, from 0: an acoustic bass and a grand piano.
_PROGRAMS = {BASS: 32, PIANO: 0}
_LONGEST_TEMPO = 0xFFFFFF  # microseconds, the most that a MIDI file can say
_LARGEST_METRE = 255
# A tempo holds for as long as the beats are not off by more than this.
_TOLERANCE_NS = 1_000_000

Ticked: TypeAlias = "tuple[int, mido.Message | mido.MetaMessage]"


class Take:
    """Collects beats and messages with their moments; `save` writes all of them at any time.

    Args:
        bpm: the tempo, in beats a minute, of a take of less than two beats.
        beats_per_bar: 3.5 for 7/8 in quarter notes.
        dotted: a beat is a dotted quarter note.
        meter: of its bars, as the chart writes it; else the plainest that is as long.
        voices: the names of a band's voices by their channels (0 to 15); all else is the soloist's.
    """

    def __init__(
        self,
        bpm: float,
        beats_per_bar: float,
        *,
        dotted: bool = False,
        meter: tuple[int, int] | None = None,
        voices: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        self.bpm = bpm
        self._beats_per_bar = beats_per_bar
        self.dotted = dotted
        self._meter = meter
        self.voices = dict(voices)
        self.beats: list[Beat] = []
        self.messages: list[Stamped] = []
        self.heard: list[Stamped] = []

    def add_beat(self, beat: Beat) -> None:
        """A beat was planned: it tells where in time the bars are."""
        self.beats.append(beat)

    def add_message(self, due_ns: int, message: bytes) -> None:
        """A message was sent that was due at this nanosecond."""
        self.messages.append((due_ns, message))

    def add_heard(self, stamp_ns: int, message: bytes) -> None:
        """A message came in at this nanosecond, as it came: running status is understood."""
        self.heard.append((stamp_ns, message))

    def last_bars(self, bars: int) -> "Take":
        """What was played in the last so many whole bars, or in all there are if fewer.

        A note struck a little ahead of a bar line, as people do, is in the bar it was meant for.
        """
        grid = self.grid()
        starts = [place.start_ns for place in grid.places if place.starts_bar] or [0]
        first, end = starts[max(len(starts) - 1 - bars, 0)], starts[-1]
        early = early_window(grid.last_ns)
        cut = self._like()
        cut.beats = [beat for beat in self.beats if first <= beat.start_ns < end]
        cut.messages = _between(self.messages, first - early, end - early)
        cut.heard = _between(self.heard, first - early, end - early)
        return cut

    def by_voice(self) -> list[tuple[str, list[Stamped]]]:
        """What was sent, by the name of the voice: the soloist first, who is always there."""
        parts: dict[str, list[Stamped]] = {SOLOIST: [], **{v: [] for v in self.voices.values()}}
        for stamp, message in self.messages:
            own = message and message[0] < SYSTEM
            name = self.voices.get(channel(message), SOLOIST) if own else SOLOIST
            parts[name].append((stamp, message))
        return [(name, messages) for name, messages in parts.items() if messages or name == SOLOIST]

    def tracks(self) -> list[tuple[str, list[Stamped]]]:
        """What each voice played, and the musician, if they did, by the names of their tracks.

        Channel messages, each with its status.
        """
        tracks = [(_TRACKS.get(name, name), messages) for name, messages in self.by_voice()]
        tracks += [(MUSICIAN_TRACK, self.heard)] if self.heard else []
        return [(name, list(_whole(messages))) for name, messages in tracks]

    @property
    def names(self) -> tuple[str, ...]:
        """Who played, as `without` takes it: the voices that sent, and the musician."""
        heard = (MUSICIAN,) if self.heard else ()
        return (*(name for name, _ in self.by_voice()), *heard)

    def without(self, voices: Collection[str]) -> "Take":
        """The same less what these voices sent; their tracks are empty, or gone.

        What counts in stays: whoever plays along needs that, whether the drums play on or not.
        """
        first = next((beat.start_ns for beat in self.beats if beat.bar > 0), inf)
        counted = first - early_window(self.grid().last_ns)
        cut = self._like()
        cut.beats = self.beats
        cut.heard = [] if MUSICIAN in voices else self.heard
        cut.messages = sorted(
            (
                message
                for name, part in self.by_voice()
                for message in part
                if name not in voices or message[0] < counted
            ),
            key=lambda message: message[0],
        )
        return cut

    def counted_in(self) -> "Take":
        """The same from its first bar on, without what counts in."""
        first = next((beat.start_ns for beat in self.beats if beat.bar > 0), None)
        if first is None or first == self.beats[0].start_ns:
            return self
        start = first - early_window(self.grid().last_ns)
        cut = self._like()
        cut.beats = [beat for beat in self.beats if beat.start_ns >= first]
        cut.messages = [each for each in _whole(self.messages) if each[0] >= start]
        cut.heard = [each for each in _whole(self.heard) if each[0] >= start]
        return cut

    def save(self, path: Path) -> None:
        """Write the file anew, whole or not at all. Raises OSError."""
        # Chords are written in ASCII, which every program reads; whatever else stands in a text of
        # an old recording is no reason to lose a take.
        file = _mido().MidiFile(type=1, ticks_per_beat=self._ticks_per_quarter, charset="utf-8")
        grid = self.grid()
        lines = [(name, _line(grid, messages)) for name, messages in self.tracks()]
        end = max(grid.end, *(line[-1][0] for _, line in lines if line), 0)
        file.tracks.append(_track("chords", self._conductor(grid), end))
        for name, line in lines:
            file.tracks.append(_track(name, [*self._program(name), *_closed(line, end)], end))
        with folders.whole(path) as written:
            file.save(file=written)

    @property
    def _ticks_per_quarter(self) -> int:
        return PULSES_PER_BEAT * 2 // 3 if self.dotted else PULSES_PER_BEAT

    def _program(self, name: str) -> Iterator[Ticked]:
        """The instrument of a voice of the band, for whoever plays the file in General MIDI."""
        for of, voice in self.voices.items():
            if voice == name and voice in _PROGRAMS:
                program = _mido().Message("program_change", channel=of, program=_PROGRAMS[voice])
                yield 0, program

    def _like(self) -> "Take":
        """An empty one of the same time and voices."""
        return Take(
            self.bpm,
            self._beats_per_bar,
            dotted=self.dotted,
            meter=self._meter,
            voices=self.voices,
        )

    @property
    def tempo(self) -> float:
        """Beats a minute, as they were played from the first to the last."""
        starts = self.grid().starts
        span = starts[-1] - starts[0]
        return NS_PER_MINUTE * (len(starts) - 1) / span if span else self.bpm

    def grid(self) -> Grid:
        """The beats as they fell, on which what was played is laid."""
        return Grid(self.beats, ns_per_beat(self.bpm), self._beats_per_bar)

    def _conductor(self, grid: Grid) -> list[Ticked]:
        events = [*self._metres(grid), *self._tempos(grid)]
        chord = None
        for index, place in enumerate(grid.places):
            if place.chord not in (chord, None):
                chord = place.chord
                events.append((index * PULSES_PER_BEAT, _meta("marker", text=plain(chord))))
        return sorted(events, key=lambda event: event[0])

    def metre(self, beats: float) -> tuple[int, int]:
        """How the metre of a bar of so many beats is written."""
        usual = self._meter if beats == self._beats_per_bar else None
        return usual or _time_signature(beats, dotted=self.dotted)

    def _metres(self, grid: Grid) -> Iterator[Ticked]:
        """The metre of every bar that has another than the one before."""
        before = None
        for index, beats in grid.bars():
            metre = self.metre(beats)
            if metre != before:
                before = metre
                signature = _meta("time_signature", numerator=metre[0], denominator=metre[1])
                yield index * PULSES_PER_BEAT, signature

    def _tempos(self, grid: Grid) -> Iterator[Ticked]:
        """As few tempos as keep a DAW's beats within a millisecond of where they were played."""
        quarters = PULSES_PER_BEAT / self._ticks_per_quarter  # in a beat
        starts = [*grid.starts, grid.starts[-1] + grid.last_ns]
        index, reached = 0, starts[0]
        while index < len(starts) - 1:
            beats, beat_ns = _steady(starts, index, reached)
            tempo = min(max(round(beat_ns / quarters / 1000), 1), _LONGEST_TEMPO)
            yield index * PULSES_PER_BEAT, _meta("set_tempo", tempo=tempo)
            reached += round(beats * tempo * quarters * 1000)
            index += beats


def _time_signature(beats_per_bar: float, *, dotted: bool) -> tuple[int, int]:
    """The metre of a bar, as it is written: 3.5 beats are 7/8, two dotted quarter notes 6/8."""
    quarters = Fraction(beats_per_bar) * (Fraction(3, 2) if dotted else 1)
    unit = 8 if dotted else max(4, 4 * quarters.denominator)
    return min(int(quarters * unit / 4), _LARGEST_METRE), unit


def _steady(starts: Sequence[int], index: int, reached: int) -> tuple[int, float]:
    """How many beats from one on are of one length (ns), it being laid at `reached`; the length."""
    shortest, longest = 0.0, inf
    for beats in range(1, len(starts) - index):
        early, late = (starts[index + beats] - reached + t for t in (-_TOLERANCE_NS, _TOLERANCE_NS))
        if beats > 1 and max(shortest, early / beats) > min(longest, late / beats):
            return beats - 1, (shortest + longest) / 2
        shortest, longest = max(shortest, early / beats), min(longest, late / beats)
    return len(starts) - index - 1, (shortest + longest) / 2


def _mido() -> Any:
    """The library, which is loaded when a file is first written: it takes a tenth of a second."""
    return import_module("mido")


def _meta(kind: str, **values: object) -> "mido.MetaMessage":
    made: mido.MetaMessage = _mido().MetaMessage(kind, **values)
    return made


def _whole(messages: Iterable[Stamped]) -> Iterator[Stamped]:
    """The channel messages among these, each with its status byte."""
    running = 0
    for stamp, message in messages:
        whole = message
        if message and message[0] < 0x80:
            whole = bytes((running, *message))
        elif message and message[0] < REAL_TIME:  # those come between any others
            running = message[0] if message[0] < SYSTEM else 0
        if is_whole(whole) and whole[0] < SYSTEM:
            yield stamp, whole


def _between(messages: Iterable[Stamped], start: int, end: int) -> list[Stamped]:
    return [each for each in _whole(messages) if start <= each[0] < end]


def _line(grid: Grid, messages: Iterable[Stamped]) -> list[Ticked]:
    """Messages at their ticks, in order of time."""
    line = [(grid.tick(stamp), _mido().Message.from_bytes(data)) for stamp, data in messages]
    return sorted(line, key=lambda event: event[0])


def _closed(line: Iterable[Ticked], end: int) -> Iterator[Ticked]:
    """The line with every note let go, at the end if nowhere before, and nothing let go twice."""
    sounding: dict[tuple[int, int], int] = {}
    for tick, message in line:
        if message.type in ("note_on", "note_off"):
            key = message.channel, message.note
            if message.type == "note_on" and message.velocity:
                sounding[key] = sounding.get(key, 0) + 1
            elif sounding.get(key):
                sounding[key] -= 1
            else:
                continue
        yield tick, message
    for (of, note), times in sounding.items():
        for _ in range(times):
            yield end, _mido().Message("note_off", channel=of, note=note)


def _track(name: str, events: Iterable[Ticked], end: int) -> "mido.MidiTrack":
    """Events at absolute ticks, in order, as the delta times of a track."""
    track: mido.MidiTrack = _mido().MidiTrack([_meta("track_name", name=name)])
    last = 0
    for tick, event in events:
        track.append(event.copy(time=tick - last))
        last = tick
    track.append(_meta("end_of_track", time=end - last))
    return track

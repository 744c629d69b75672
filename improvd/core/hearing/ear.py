"""The ear: what the musician does, read as the content of whole beats.

Time is in pulses throughout, so that what was heard stays in its beat when the tempo moves.
"""

from bisect import insort
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from improvd.core.hearing.breath import Breath
from improvd.core.hearing.drones import Drones
from improvd.core.hearing.keyboard import Key, Keyboard, KeyboardMemory, Struck, packed, unpacked
from improvd.core.hearing.parting.hands import Hands, Parts
from improvd.core.hearing.parting.strums import groups, unfinished
from improvd.core.hearing.phrases import Phrases
from improvd.core.hearing.windows import FAINTEST_VELOCITY, Spans
from improvd.core.midi.zones import Zones
from improvd.core.music import PULSES_PER_BEAT, PULSES_PER_TICK

# Nobody's hands play more in a beat; the rest of a flood is not music.
_MOST_ONSETS = 256
# Notes that a new one may sound together with.
_LATEST_KEPT = 16
ALL_CHANNELS = range(16)


@dataclass(frozen=True, slots=True)
class HeardBeat:
    """One beat of the musician: onsets as (ticks into the beat, pitch), and what is held.

    Ticks are fractional and ascend; a little below 0 is an onset just ahead of the beat.
    `melody` is their top line, `chords` what accompanies it and `bass` what lies under it, all of a
    chord at its first onset. `pitches` are those struck in the beat or sounding at its end, drones
    left out: what a line of ours could clash with. `held`: the last melody note sounds on.
    """

    melody: tuple[tuple[float, int], ...]
    held: bool
    pitches: tuple[int, ...]
    chords: tuple[tuple[float, int], ...] = ()
    bass: tuple[tuple[float, int], ...] = ()

    @property
    def played(self) -> bool:
        """Whether a melody note was struck: only onsets count as played."""
        return bool(self.melody)

    @property
    def struck(self) -> tuple[int, ...]:
        """The pitches of the melody in order, or where there is none, of the chords from below."""
        if self.melody:
            return tuple(pitch for _, pitch in self.melody)
        return tuple(sorted({pitch for _, pitch in self.chords + self.bass}))

    @property
    def sounded(self) -> bool:
        """Whether anything of the musician sounded, chords included."""
        return bool(self.pitches)


@dataclass(frozen=True, slots=True)
class EarMemory:
    """What an ear has heard and not yet given back, and knows of a musician; times in pulses.

    Notes are as `keyboard.packed` has them.
    """

    gaps: tuple[float, ...]
    phrase_start: int
    last_onset: int | None
    last_end: int | None
    struck: tuple[tuple[int, int, int, int], ...] = ()
    latest: tuple[tuple[int, int, int, int], ...] = ()
    keyboard: KeyboardMemory = field(default_factory=KeyboardMemory)
    breath: Breath = field(default_factory=Breath)
    hands: Hands = field(default_factory=Hands)
    melody: int | None = None
    moves: tuple[int, ...] = ()
    drones: tuple[Key, ...] = ()
    zones: Zones = field(default_factory=Zones)


class Ear:
    """Collects what is played and gives it back by the beat. Never blocks; memory is bounded.

    `rules` are those of what is played.
    """

    def __init__(self, rules: int) -> None:
        self._struck: deque[Struck] = deque(maxlen=_MOST_ONSETS)
        self._latest: deque[Struck] = deque(maxlen=_LATEST_KEPT)
        self._keyboard = Keyboard(rules)
        self._breath = Breath()
        self._hands = Hands(rules=rules)
        self._rules = rules
        self._melody: int | None = None  # the last melody pitch, while it sounds
        self._drones = Drones()
        self._phrases = Phrases()
        self._sounds = False

    # -- what comes in ---------------------------------------------------------------------

    def note_on(self, pulse: int, channel: int, pitch: int, velocity: int) -> None:
        """A key went down. Brushed keys (velocity under 8) are heard only with breath."""
        self._breath.lift(channel, pitch)
        if velocity >= FAINTEST_VELOCITY or self._breath.carries(pulse, channel):
            self._strike(Struck(pulse, channel, pitch))
        else:
            self._breath.brush(pulse, channel, pitch)

    def _strike(self, note: Struck) -> None:
        self._drones.strike((note.channel, note.pitch))
        if not self._keyboard.strike(note):
            return
        self._sounds = True
        if self._struck and note.pulse < self._struck[-1].pulse:  # heard only now, by its breath
            ordered = list(self._struck)
            insort(ordered, note, key=lambda each: each.pulse)
            self._struck = deque(ordered, maxlen=_MOST_ONSETS)
        else:
            self._struck.append(note)

    def breathe(self, pulse: int, channel: int, value: int, *, ahead: bool = True) -> None:
        """Breath or expression moved; `ahead`: it carries what is struck after it too."""
        for onset, pitch in self._breath.blow(pulse, channel, value, ahead=ahead):
            self._strike(Struck(onset, channel, pitch))

    def note_off(self, pulse: int, channel: int, pitch: int) -> None:
        """A key went up."""
        if not self._breath.lift(channel, pitch):
            self._keyboard.lift(pulse, channel, pitch)
            self._settle(pulse)

    def sustain(self, pulse: int, channels: Collection[int], *, down: bool) -> None:
        """The sustain pedal (CC 64) of these channels moved."""
        for channel in channels:
            self._keyboard.sustain(pulse, channel, down)
        self._settle(pulse)

    def sostenuto(self, pulse: int, channels: Collection[int], *, down: bool) -> None:
        """The sostenuto pedal (CC 66) of these channels moved."""
        for channel in channels:
            self._keyboard.sostenuto(channel, down)
        self._settle(pulse)

    def reset_controllers(self, pulse: int, channels: Collection[int]) -> None:
        """The pedals of these channels are up (CC 121)."""
        self._keyboard.release(pulse, channels)
        self._settle(pulse)

    def notes_off(self, pulse: int, channels: Collection[int]) -> None:
        """All keys of these channels are up (CC 123 to 127)."""
        self._keyboard.lift_all(pulse, channels)
        self._settle(pulse)

    def cut(self, pulse: int, channels: Collection[int]) -> None:
        """Nothing of these channels sounds any more (CC 120)."""
        self._keyboard.cut(pulse, channels)
        self._settle(pulse)

    def all_off(self, pulse: int) -> None:
        """Nothing sounds any more and every pedal is up: their side is lost."""
        self._keyboard.release(pulse, ALL_CHANNELS)
        self.cut(pulse, ALL_CHANNELS)

    def _settle(self, pulse: int) -> None:
        """Something may have ended: drones too, and with it the last sound."""
        self._drones.keep(self._keyboard.sounding())
        if self._sounds and not self.holding:
            self._sounds, self._phrases.last_end = False, pulse

    def jump(self, moved: int, since: int) -> None:
        """All that was heard is so many pulses later; onsets before `since` are forgotten."""
        shared = {id(note): note for note in (*self._struck, *self._latest)}
        shared |= {id(note): note for note in self._keyboard.sounding()}
        for note in shared.values():
            note.pulse += moved
            note.end = None if note.end is None else note.end + moved
        kept = [note for note in self._struck if note.pulse >= since]
        self._struck.clear()
        self._struck.extend(kept)
        self._keyboard.jump(moved)
        self._breath.jump(moved)
        self._hands.jump(moved)
        self._drones.jump(moved)
        self._phrases.jump(moved)

    # -- what is given back ----------------------------------------------------------------

    @property
    def holding(self) -> bool:
        """Whether anything of the musician's sounds that is no drone."""
        return any(True for _ in self._sounding())

    @property
    def held(self) -> tuple[int, ...]:
        """The pitches that sound, drones left out."""
        return tuple(sorted({note.pitch for note in self._sounding()}))

    def _sounding(self) -> Iterator[Struck]:
        return self._drones.without(self._keyboard.sounding())

    def close(self, beat: int, spans: Spans) -> HeardBeat:
        """All onsets before the end of a beat, which is `early` pulses ahead of the next.

        A chord that may not be complete yet is left for the next beat.
        """
        start, end = beat * PULSES_PER_BEAT, (beat + 1) * PULSES_PER_BEAT - spans.early
        struck = []
        while self._struck and self._struck[0].pulse < end:
            struck.append(self._struck.popleft())
        for _ in range(unfinished(struck, end, spans)):
            self._struck.appendleft(struck.pop())
        self._hands.look([*self._drones.without(self._latest), *struck], end, spans)
        heard: list[tuple[float, Parts]] = []
        for group in groups(struck, spans):
            parts = self._hands.part(group)
            onset = _onset(group, parts, spans)
            heard.append((max(onset - start, -spans.early) / PULSES_PER_TICK, parts))
            self._drones.moves.append(group[0].pulse)
            if parts.melody is not None:
                self._melody = parts.melody
                self._phrases.follow(onset)
        self._latest.extend(struck)
        self._keyboard.tire(end - spans.alone)
        self._settle(end)
        self._drones.find(self._keyboard.sounding(), self._melody, end, spans.alone)
        self._sounds = self.holding
        return self._heard(heard, struck)

    def _heard(self, parts: list[tuple[float, Parts]], struck: list[Struck]) -> HeardBeat:
        sounding = {note.pitch for note in self._sounding()}
        if self._melody not in sounding:
            self._melody = None
        return HeardBeat(
            melody=tuple((at, each.melody) for at, each in parts if each.melody is not None),
            held=self._melody is not None,
            pitches=tuple(sorted(sounding | {note.pitch for note in struck})),
            chords=tuple((at, pitch) for at, each in parts for pitch in each.chord),
            bass=tuple((at, each.bass) for at, each in parts if each.bass is not None),
        )

    @property
    def patience(self) -> float:
        """Beats of silence that end this musician's phrases."""
        return self._phrases.patience

    def quiet(self, pulse: int) -> float | None:
        """Beats since their last sound, 0 while something sounds; None if they never played."""
        silence = self._phrases.silence(pulse)
        return silence if silence is None or not self.holding else 0.0

    @property
    def phrase_beats(self) -> float:
        """How long the musician's latest phrase lasted, from its first onset to its last."""
        return self._phrases.beats

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> EarMemory:
        """What another ear goes on from."""
        return EarMemory(
            gaps=self._phrases.gaps,
            phrase_start=self._phrases.start,
            last_onset=self._phrases.last_onset,
            last_end=self._phrases.last_end,
            struck=tuple(map(packed, self._struck)),
            latest=tuple(map(packed, self._latest)),
            keyboard=self._keyboard.memory(),
            breath=self._breath.copy(),
            hands=self._hands.copy(),
            melody=self._melody,
            moves=tuple(self._drones.moves),
            drones=tuple(sorted(self._drones.keys)),
        )

    def restore(self, memory: EarMemory) -> None:
        """Go on from there."""
        self._keyboard.restore(memory.keyboard)
        sounding = {packed(note): note for note in self._keyboard.sounding()}
        self._struck.extend(sounding.get(note, unpacked(note)) for note in memory.struck)
        self._latest.extend(sounding.get(note, unpacked(note)) for note in memory.latest)
        self._breath = memory.breath.copy()
        self._hands = replace(memory.hands, rules=self._rules)
        self._melody = memory.melody
        self._drones.restore(memory.moves, memory.drones)
        self._phrases.restore(memory.gaps, memory.phrase_start, memory.last_onset, memory.last_end)
        self._sounds = self.holding


def _onset(group: list[Struck], parts: Parts, spans: Spans) -> int:
    """When a group was struck: a chord with its first note, the top of a strum by itself."""
    first = group[0].pulse
    top = next((note.pulse for note in group if note.pitch == parts.melody), first)
    return top if top - first > spans.chord else first

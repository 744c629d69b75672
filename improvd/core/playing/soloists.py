"""The soloists: everybody who plays by a model takes in the same beat, and plans the next one.

They hear one musician, play on one harmony and end together. What one of them played is the next x
of those that trade with it.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from improvd.core.harmony.scales import Harmony
from improvd.core.hearing.listener import NOTHING_HEARD
from improvd.core.music import PULSES_PER_BEAT, REST
from improvd.core.playing.beat import Beat
from improvd.core.playing.choir import Choir
from improvd.core.playing.ending import Ending
from improvd.core.playing.modes import Mode, Solo, Turn
from improvd.core.playing.musician import Musician, MusicianMemory
from improvd.core.playing.setup import Setup
from improvd.core.playing.soloist import Choice, Soloist, SoloistMemory
from improvd.core.timeline import Timeline
from improvd.core.voice.encore import WrittenBeat
from improvd.core.voice.line import Surroundings


class Soloists:
    """All soloists of a setup, by name, and what they share. No method blocks."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.musician = Musician(setup.rules)
        self.ending = Ending()
        self.by_name = {name: Soloist(each) for name, each in setup.soloists.items()}
        self._choir = self._gathered()
        self._change: Setup | None = None  # what takes over on the next bar line

    @property
    def first(self) -> Soloist:
        """The first of them, whose beats are told."""
        return next(iter(self.by_name.values()))

    def jump(self, pulses: int, beats: int, beat: int) -> None:
        """The song moved on by so many pulses and beats; the beat `beat` comes next."""
        self.musician.jump(pulses, beat)
        for soloist in self.by_name.values():
            soloist.jump(beats)
        self.ending.leave()

    def begin(self) -> None:
        """The transport starts: nobody has the floor yet, and what was over begins again."""
        for soloist in self.by_name.values():
            soloist.begin()
        self.ending.go_on()

    # -- what a person orders --------------------------------------------------------------

    def share(self, mode: Mode, names: Iterable[str]) -> None:
        """From the next beat on these share the floor by this mode; what was over goes on."""
        shared = frozenset(names)
        self.setup = self.setup.sharing(mode, shared)
        if self._change is not None:
            self._change = self._change.sharing(mode, shared)
        for name, soloist in self.by_name.items():
            soloist.setup = self.setup.soloists[name]
            if name in shared:
                soloist.share()
        self.ending.go_on()

    def give(self, cue: Turn | None, names: Iterable[str]) -> None:
        """From the next beat on it is their turn or the musician's; None leaves it to the mode."""
        for name in names:
            self.by_name[name].cue = cue
        self.ending.go_on()

    def reseed(self) -> bool:
        """Their cells begin anew, and hear the musician's last phrase; False if there is none."""
        heard = [soloist.reseed() for soloist in self.by_name.values()]
        return any(heard)

    def change(self, setup: Setup) -> None:
        """Another setup takes over on the next bar line, the state carried where it fits."""
        self._change = setup

    @property
    def changing(self) -> bool:
        """Whether another setup waits for the next bar line."""
        return self._change is not None

    def take_over(self, beat: int) -> bool:
        """Whether another setup took over, as a beat is about to be picked."""
        if self._change is None or self.setup.chart.place(beat).beat >= 1:
            return False
        self.setup, self._change = self._change, None
        before, self.by_name = self.by_name, {}
        for name, setup in self.setup.soloists.items():
            soloist = before.get(name)
            if soloist is None:
                soloist = Soloist(setup)
            else:
                soloist.go_over(setup)
            self.by_name[name] = soloist
        self._choir = self._gathered()
        return True

    def _gathered(self) -> Choir:
        return Choir([each.setup.improviser for each in self.by_name.values()])

    # -- what everybody hears --------------------------------------------------------------

    @property
    def listen(self) -> bool:
        """Whether any of them listens, as in every mode but solo; the band does where they do."""
        return any(not isinstance(each.setup.mode, Solo) for each in self.by_name.values())

    @property
    def follow_chords(self) -> bool:
        """Whether the musician's chords are heard as everybody's harmony."""
        return self.setup.changes is not None and self.listen

    def harmony(self, beat: int) -> Harmony:
        """The harmony of the beat picked last: the chart's, or what the musician comps."""
        chart = self.setup.chart
        return self.musician.harmony(chart, beat) if self.follow_chords else chart.at(beat)

    # -- one beat --------------------------------------------------------------------------

    def next(
        self, beat: int, timeline: Timeline, written: Mapping[str, WrittenBeat | None]
    ) -> Beat:
        """Take in the beat before, and plan this one, or let it be as it was `written` for some.

        What became of it for the first of them.
        """
        self.musician.close(beat - 1, timeline)
        self._take_in(beat, timeline)
        if self.setup.changes is not None and self.follow_chords:
            self.musician.follow(self.setup.changes, self.setup.chart, beat)
        self._step(beat)
        choices: dict[str, Choice] = {}
        for name, soloist in self.by_name.items():
            as_written = written.get(name)
            if as_written is not None:
                soloist.lean()
                soloist.repeat(as_written)
            elif (choice := self._choose(soloist, beat, timeline)) is not None:
                choices[name] = choice
        self._play(choices)
        if beat == self.ending.cadence:
            self.ending.fall()
        return self._report(beat, timeline)

    def _take_in(self, beat: int, timeline: Timeline) -> None:
        chart = self.setup.chart
        before, bar = chart.counted(beat - 1), chart.beats_per_bar
        listening = [each for each in self.by_name.values() if each.listens(before, bar)]
        if not listening:
            self.musician.overhear(beat - 1)
        harmony = self.harmony(beat - 1)
        for soloist in self.by_name.values():
            heard = self.musician.heard if soloist in listening else NOTHING_HEARD
            soloist.take_in(heard, self._partner(soloist), harmony, timeline)

    def _partner(self, soloist: Soloist) -> Soloist | None:
        """Who of those that a soloist trades with played in the beat gone by."""
        mode = soloist.setup.mode
        for other in self.by_name.values():
            trades = other is not soloist and mode.trades_with(other.setup.mode)
            if trades and other.played.value is not None:
                return other
        return None

    def _step(self, beat: int) -> None:
        """The cells take in what became x; silence before the first beat is nothing to take in."""
        taken = {
            who: soloist.x
            for soloist in self.by_name.values()
            if (who := soloist.setup.improviser).beats > 0 or soloist.answers or beat >= 0
        }
        self._choir.step(taken)

    def _choose(self, soloist: Soloist, beat: int, timeline: Timeline) -> Choice | None:
        soloist.lean()
        around = self._around(soloist, beat, timeline)
        if beat == self.ending.cadence:
            soloist.close(around)
            return None
        played = soloist.heard.played
        situation = self.musician.situation(beat, self.setup.chart, played=played)
        return soloist.choose(situation, around, over=self.ending.over)

    def _around(self, soloist: Soloist, beat: int, timeline: Timeline) -> Surroundings:
        chart = self.setup.chart
        return Surroundings(
            beat,
            self.harmony(beat),
            timeline,
            others=soloist.heard.pitches if soloist.setup.mode.ducks() else (),
            level=self.musician.level(beat, chart.beats_per_bar),
            coming=self.harmony(beat + 1),
            in_bar=int(chart.place(beat).beat),
        )

    def _play(self, choices: Mapping[str, Choice]) -> None:
        """Plan what was chosen, each knowing how its own line would go on."""
        following = self._choir.foresee(
            {
                self.by_name[name].setup.improviser: (choice.value, choice.leaning)
                for name, choice in choices.items()
                if choice.leaning is not None
            }
        )
        for name, choice in choices.items():
            soloist = self.by_name[name]
            soloist.play(choice, following.get(soloist.setup.improviser, REST))

    def _report(self, beat: int, timeline: Timeline) -> Beat:
        first = self.first
        others = tuple(
            (name, each.played.pitches)
            for name, each in self.by_name.items()
            if each is not first and each.floor.turn is Turn.PLAY
        )
        bar, beat_in_bar, beats_per_bar = self.setup.chart.place(beat)
        return Beat(
            number=beat,
            bar=bar + 1,
            beat_in_bar=int(beat_in_bar) + 1,
            chord=self.harmony(beat).chord.symbol,
            turn=Turn.PLAY if others else first.floor.turn,
            x=first.x,
            heard=first.answers,
            value=first.played.value,
            pitches=first.played.pitches,
            start_ns=timeline.when(beat * PULSES_PER_BEAT),
            beats_per_bar=beats_per_bar,
            yours=first.heard.struck,
            tune=self.setup.tune,
            others=others,
        )

    # -- across a loss ---------------------------------------------------------------------

    def memory(self) -> dict[str, SoloistMemory]:
        """What others of the same setup go on from, by name; what they share is with the first."""
        memories = {name: soloist.memory() for name, soloist in self.by_name.items()}
        first, known = next(iter(memories)), self.musician.memory()
        memories[first] = replace(
            memories[first],
            ear=known.ear,
            level=known.level,
            live=known.live,
            cadence=self.ending.cadence,
            over=self.ending.over,
        )
        return memories

    def restore(self, first: SoloistMemory, others: Mapping[str, SoloistMemory]) -> None:
        """Go on from there; one of the others whose model is another now begins anew.

        Raises ValueError for a memory of another model's shape; nothing has changed then.
        """
        self.first.restore(first)
        for name, soloist in self.by_name.items():
            if soloist is not self.first and name in others:
                with suppress(ValueError):
                    soloist.restore(others[name])
        if first.ear is not None:
            self.musician.restore(MusicianMemory(first.ear, first.level, first.live))
        self.ending.cadence, self.ending.over = first.cadence, first.over

"""Scoring: how a model plays on from real solos, and alone, by every measure beside real solos'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from improvd import performance
from improvd.config import Config
from improvd.core.music import HOLD, REST
from improvd.core.network.guard import LoopGuard
from improvd.core.network.tilt import HOME_BPM, tempo_class
from improvd.core.network.vocabulary import Vocabulary
from improvd.model import Model
from improvd.training import generate
from improvd.training.measure import measures
from improvd.training.measure.evaluate import (
    HEARD,
    LONG_ENOUGH,
    PLAYED,
    REGISTER,
    play_on,
    values_of,
)
from improvd.training.read.corpus import NOTHING, Piece, beats_of, sing

ALONE = 10_000
OPENING = 1_000
TEMPI = (60.0, 120.0, 200.0, 300.0)

# What a default model may do in its first thousand beats alone; more is a fault.
MOST_EMPTY = 8
LONGEST_PHRASE = 14
MOST_COPIED = 0.01


@dataclass(frozen=True, slots=True)
class Alone:
    """What a model plays with nobody, from the zero state, in 10,000 beats.

    The period of a `cycle`, if any; in how many beats the loop guard would step in (`guarded`); the
    share of 8-value runs heard within the last five minutes at 120 BPM (`heard_again`); the beat
    in which it begins; the longest phrase and silence of the first 1,000 beats.
    """

    cycle: int | None
    guarded: int
    heard_again: float
    begins: int
    longest_phrase: int
    longest_silence: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How a model plays on for 512 beats from 30 beats of each of some solos, and alone.

    `measured` are medians over the streams; `bands` the 10th, 50th and 90th percentile of real
    solos; `guarded` counts the beats of all streams in which the loop guard would step in; `copied`
    and `quoted` are the shares of 8-value runs found in real solos and in the model's own book
    (None without one); `shared` is the share of 8-value runs that the other of two streams has too,
    and `sounding` the same of what sounds, by tick and pitch.
    """

    measured: Mapping[str, float]
    bands: measures.Bands
    streams: int
    cycles: int
    guarded: int
    copied: float
    quoted: float | None
    shared: float
    sounding: float
    alone: Alone

    @property
    def outside(self) -> list[str]:
        """The measures outside the bands of real solos."""
        return measures.outside(self.measured, self.bands)

    @property
    def faults(self) -> int:
        """How much is wrong with it; 0 is what a default model must reach."""
        return (
            len(self.outside)
            + self.cycles
            + self.guarded
            + self.alone.guarded
            + (self.alone.cycle is not None)
            + (self.copied > MOST_COPIED)
            + self.alone.begins
            + max(self.alone.longest_phrase - LONGEST_PHRASE, 0)
            + max(self.alone.longest_silence - MOST_EMPTY, 0)
        )


def bands_of(pieces: Sequence[Piece], vocabulary: Vocabulary) -> measures.Bands:
    """The bands of real solos from their 31st beat on, their values those of a vocabulary."""
    books = values_of(pieces, vocabulary)
    return measures.bands_of(
        measures.measure_solo(book[HEARD:], beats_of(piece)[HEARD:], piece.harmonies[HEARD:])
        for piece, book in zip(pieces, books, strict=True)
        if len(book) >= LONG_ENOUGH
    )


def score(  # noqa: PLR0913 - what to measure, on what and beside what, by name
    model: Model,
    pieces: Sequence[Piece],
    bands: measures.Bands,
    *,
    known: set[measures.Run],
    book: set[measures.Run] | None = None,
    temperature: float = 0.0,
) -> Scorecard:
    """Let a model play on from 30 beats of each piece, on the piece's own chords.

    `known` are the runs of values of real solos, `book` those of the model's own book, if any.
    """
    pieces = [piece for piece in pieces if len(piece.harmonies) >= 2 * HEARD]
    heard = [[NOTHING, *values[:HEARD]] for values in values_of(pieces, model.vocabulary)]
    solos = play_on(model.weights, heard, PLAYED, temperature).tolist()
    measured, lines = [], []
    for piece, solo in zip(pieces, solos, strict=True):
        length = len(piece.harmonies)
        harmonies = [piece.harmonies[(HEARD + beat) % length] for beat in range(PLAYED)]
        line = sing(solo, harmonies, model.vocabulary, piece.start, REGISTER, model.realiser())
        measured.append(measures.measure_solo(solo, line, harmonies))
        lines.append([beat.notes for beat in line])
    [alone] = play_on(model.weights, [[NOTHING]], ALONE, temperature).tolist()
    return Scorecard(
        measured=measures.medians(measured),
        bands=bands,
        streams=len(solos),
        cycles=sum(measures.cycle(solo) is not None for solo in solos),
        guarded=sum(guard_calls(solo) for solo in solos),
        copied=copied_of(solos, known),
        quoted=None if book is None else copied_of(solos, book),
        shared=measures.shared(solos, {REST, HOLD}),
        sounding=measures.shared(lines, {()}),
        alone=Alone(
            cycle=measures.cycle(alone, longest=2 * OPENING),
            guarded=guard_calls(alone),
            heard_again=measures.heard_again(alone, HOME_BPM),
            begins=next((beat for beat, value in enumerate(alone) if value > HOLD), ALONE),
            longest_phrase=measures.longest_phrase(alone[:OPENING]),
            longest_silence=measures.longest_silence(alone[:OPENING]),
        ),
    )


def copied_of(solos: Sequence[Sequence[int]], known: set[measures.Run]) -> float:
    """Share of runs of eight values that are known, mean over solos."""
    return float(np.mean([measures.copied(solo, known) for solo in solos]))


def notes_by_tempo(model: Model) -> dict[float, float]:
    """Notes per beat of the daemon's own solos at some tempi, with nobody playing."""
    chart = performance.chart_of(None)
    solos = {
        bpm: generate.solo(Config(tempo=bpm, count_in=0), model, chart, OPENING)[1] for bpm in TEMPI
    }
    return {bpm: sum(len(beat.pitches) for beat in solo) / OPENING for bpm, solo in solos.items()}


def real_notes_by_tempo(pieces: Sequence[Piece]) -> dict[float, float]:
    """Notes per beat of the pieces in the classes of these tempi, mean over pieces."""
    played = [(tempo_class(p.bpm), measures.notes_per_beat(beats_of(p))) for p in pieces]
    return {
        bpm: float(np.mean([notes for its, notes in played if its == tempo_class(bpm)]))
        for bpm in TEMPI
    }


def guard_calls(values: Sequence[int]) -> int:
    """In how many of these beats the loop guard would have barred what was played."""
    guard = LoopGuard()
    calls = 0
    for value in values:
        calls += value in guard.barred()
        guard.record(value)
    return calls

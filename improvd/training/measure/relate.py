"""Whether an answer relates: real solos are the live musician, and their phrases are answered.

A solo goes into the very performer that the daemon runs, as the bytes of a musician, at its own
tempo and on its own chords: eight bars of it, then eight bars of answer, and so on. Each answer is
nearer to the phrase it follows than to another phrase in some share of all pairs; so is what the
soloist played in its place. An echo is no answer: runs of values copied from the phrase are counted
too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from improvd import performance
from improvd.config import Config, load
from improvd.core.harmony.chart import chart_of
from improvd.core.harmony.scales import Harmony
from improvd.core.midi.messages import note_off, note_on, strikes
from improvd.core.music import PULSES_PER_BEAT, REST
from improvd.core.playing.modes import Turn
from improvd.core.timeline import Timeline
from improvd.model import Model
from improvd.take import Take
from improvd.training.generate import line_of, rehearse
from improvd.training.measure import measures
from improvd.training.measure.evaluate import MOST_STREAMS, TooShortError
from improvd.training.measure.similarity import Block, Similarity, notes_in, similarity
from improvd.training.read.corpus import BEATS_PER_BAR, MelodyBeat, Piece, beats_of

BARS = 8
BEATS = BARS * BEATS_PER_BAR
TRADE = f"trade {BARS}"
COPIED_RUN = 4
RESPONDS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
# Who plays fewer notes in eight bars has said nothing that could be answered.
FEWEST_NOTES = 8
SHORTEST_ANSWER = 2 * BEATS_PER_BAR
SLOWEST, FASTEST = 20.0, 400.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """Eight bars of a musician, the answer in the eight after, and what the soloist played there.

    The answer is only of beats that were improvd's turn. `heard` are the values that the phrase was
    taken for, `values` and `line` those of the answer and how they sounded, on `harmonies`.
    """

    phrase: Block
    answer: Block
    own: Block
    heard: list[int]
    values: list[int]
    line: list[MelodyBeat]
    harmonies: Sequence[Harmony]

    @property
    def copied(self) -> float:
        """Share of the answer's runs of four values that stand in the phrase."""
        known = measures.all_runs([self.heard], COPIED_RUN)
        return measures.copied(self.values, known, COPIED_RUN)


@dataclass(frozen=True, slots=True)
class Relation:
    """How answers relate to the phrases before them, and how the soloists' own bars did."""

    phrases: int
    answers: Similarity
    soloists: Similarity
    copied: float

    @property
    def sentence(self) -> str:
        """The same, as a model's card says it."""
        answers, own = self.answers, self.soloists
        return (
            f"nearer to the phrase just heard than to another of {self.phrases} in "
            f"{answers.density:.0%} of pairs by density, {answers.rhythm:.0%} by rhythm, "
            f"{answers.register:.0%} by register; its corpus goes on nearer in {own.density:.0%}, "
            f"{own.rhythm:.0%}, {own.register:.0%}; {self.copied:.1%} of its runs copied"
        )

    def lines(self) -> list[str]:
        """What people read, as a table."""
        named = ("note density", "density"), ("rhythm", "rhythm"), ("register", "register")
        shares = [
            f"  in {name:14}{getattr(self.answers, key):5.0%} of pairs; "
            f"the soloists' own next bars {getattr(self.soloists, key):4.0%}"
            for name, key in named
        ]
        return [
            f"answers to {self.phrases} phrases of {BARS} bars are nearer to them than to others",
            *shares,
            f"  {self.copied:.1%} of {COPIED_RUN}-beat runs copied from the phrase",
        ]


def conversations(
    model: Model, pieces: Sequence[Piece], **settings: object
) -> Iterator[list[Exchange]]:
    """What is exchanged over each piece that is long enough, and over it without its first bars.

    So every phrase of eight bars is once the musician's; of many pieces some are passed over.
    `settings` are the configuration's.
    """
    for piece in pieces[:: -(-len(pieces) // MOST_STREAMS)]:
        for start in (0, BEATS):
            exchanges = converse(model, _from(piece, start), **settings)
            if exchanges:
                yield exchanges


def converse(model: Model, piece: Piece, **settings: object) -> list[Exchange]:
    """Let a piece play every other eight bars to a model, and the model the others."""
    count = len(piece.harmonies) // (2 * BEATS) * 2 * BEATS
    if not count:
        return []
    config = _configured(piece, settings)
    chart = chart_of([harmony.chord for harmony in piece.harmonies])
    who = performance.improviser(config, model)
    performing = performance.offline(config, who, model, chart)
    take, played = rehearse(performing, count, _musician(piece, performing.performer.timeline))
    struck = _struck(take, performing.performer.timeline, count)
    real = [[note.pitch for note in beat.notes] for beat in beats_of(piece)]
    line = line_of(model.vocabulary, played)
    exchanges = []
    for start in range(0, count, 2 * BEATS):
        turn, end = start + BEATS, start + 2 * BEATS
        # A beat is heard when the next one is picked.
        heard = [beat.x or REST for beat in played[start + 1 : turn + 1]]
        mine = [i for i in range(turn, end) if played[i].turn is Turn.PLAY]
        exchange = Exchange(
            phrase=real[start:turn],
            answer=[struck[i] for i in mine],
            own=real[turn:end],
            heard=heard,
            values=[played[i].value or REST for i in mine],
            line=[line[i] for i in mine],
            harmonies=[piece.harmonies[i] for i in mine],
        )
        said = min(notes_in(exchange.phrase), notes_in(exchange.own)) >= FEWEST_NOTES
        if said and len(mine) >= SHORTEST_ANSWER:
            exchanges.append(exchange)
    return exchanges


def relation(exchanges: Sequence[Exchange]) -> Relation | None:
    """How the answers of these exchanges relate; None for fewer than two phrases."""
    if len(exchanges) < 2:
        return None
    phrases = [exchange.phrase for exchange in exchanges]
    return Relation(
        phrases=len(phrases),
        answers=similarity([exchange.answer for exchange in exchanges], phrases),
        soloists=similarity([exchange.own for exchange in exchanges], phrases),
        copied=float(np.mean([exchange.copied for exchange in exchanges])),
    )


def relate(model: Model, pieces: Sequence[Piece], **settings: object) -> Relation | None:
    """How a model's answers relate to these pieces, all together."""
    return relation(list(chain.from_iterable(conversations(model, pieces, **settings))))


def by_respond(model: Model, pieces: Sequence[Piece]) -> dict[float, Relation]:
    """How the answers relate at each of RESPONDS.

    Raises TooShortError for pieces without two phrases.
    """
    relations = {respond: relate(model, pieces, respond=respond) for respond in RESPONDS}
    known = {respond: related for respond, related in relations.items() if related}
    if not known:
        raise TooShortError(f"there are no two phrases of {BARS} bars here, each with {BARS} after")
    return known


def _from(piece: Piece, start: int) -> Piece:
    """The piece from this beat on."""
    pulse = start * PULSES_PER_BEAT
    notes = tuple(replace(n, onset=n.onset - pulse) for n in piece.notes if n.onset >= pulse)
    return replace(piece, notes=notes, harmonies=piece.harmonies[start:])


def _configured(piece: Piece, settings: dict[str, object]) -> Config:
    tempo = min(max(piece.bpm, SLOWEST), FASTEST)
    return load(None, {"mode": TRADE, "count_in": 0, "tempo": tempo, **settings})


def _musician(piece: Piece, timeline: Timeline) -> list[tuple[int, bytes]]:
    """Every other eight bars of a piece as messages of a musician, offs first where they meet."""
    messages = []
    for note in piece.notes:
        if note.onset // PULSES_PER_BEAT // BEATS % 2 == 0:
            end = note.onset + note.length
            messages.append((timeline.when(note.onset), note_on(0, note.pitch, 80)))
            messages.append((timeline.when(end), note_off(0, note.pitch)))
    return sorted(messages)


def _struck(take: Take, timeline: Timeline, beats: int) -> list[list[int]]:
    """The pitches struck in each beat, by the bytes that were sent."""
    struck: list[list[int]] = [[] for _ in range(beats)]
    for due, message in take.messages:
        beat = timeline.pulse_at(due) // PULSES_PER_BEAT
        if strikes(message) and beat < beats:
            struck[beat].append(message[1])
    return struck

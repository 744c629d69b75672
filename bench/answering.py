"""How answers relate to a player, by `respond`, and how busy solos are at each tempo.

    .venv/bin/python -m bench.answering SOLOS.jsonl.gz [MODEL [PICTURE.png]]

SOLOS are the Weimar Jazz Database's as JSON lines; those kept for scoring are played, eight bars
for eight, to the performer that the daemon runs. All answers to a solo end to end are measured as a
solo is: what lies outside the bands of real solos is named. Solos by tempo are on the chords of the
etudes, with nobody playing.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from improvd.config import Config
from improvd.core.network.tilt import notes_due, tempo_class
from improvd.model import Model, find, load
from improvd.training.generate import line_of, solo
from improvd.training.measure import measures
from improvd.training.measure.relate import TRADE, Exchange, Relation, conversations, relation
from improvd.training.read import weimar
from improvd.training.read.corpus import Piece
from improvd.training.recipes.etude_plans import ETUDE_PLANS
from improvd.training.recipes.teacher import split
from improvd.training.show import pictures

RESPONDS = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
TEMPI = (60, 80, 100, 120, 165, 200, 225, 300)
BEATS = 512
# Shorter talks have no 64 beats to count different values in.
LONG_ENOUGH = 64


def answering(
    model: Model, pieces: Sequence[Piece], relations: dict[float, Relation]
) -> Iterator[str]:
    """Lines of a table; fills in the relations of trading by `respond`."""
    heads = ("density", 9), ("rhythm", 8), ("register", 10), ("copied", 8), ("cycles", 8)
    yield f"{'respond':16}" + "".join(f"{head:>{width}}" for head, width in heads) + "  outside"
    for mode, responds in (("answer", (Config().respond,)), (TRADE, RESPONDS)):
        for respond in responds:
            talks = list(conversations(model, pieces, respond=respond, mode=mode))
            related = relation(list(chain.from_iterable(talks)))
            if related is None:
                sys.exit("there are no phrases of eight bars to answer")
            cycles, outside = as_solos(talks)
            near = related.answers
            yield (
                f"{respond:<4g}{mode:12}{near.density:9.1%}{near.rhythm:8.1%}{near.register:10.1%}"
                f"{related.copied:8.2%}{cycles:8}  {', '.join(outside) or 'nothing'}"
            )
            if mode == TRADE:
                relations[respond] = related
    own = related.soloists
    yield f"{related.phrases} phrases"
    yield f"{'the soloists':16}{own.density:9.1%}{own.rhythm:8.1%}{own.register:10.1%}"


def as_solos(talks: Sequence[Sequence[Exchange]]) -> tuple[int, list[str]]:
    """Cycles in all answers to a solo end to end, and the measures outside the bands."""
    cycles, measured = 0, []
    for talk in talks:
        values = [value for exchange in talk for value in exchange.values]
        if len(values) >= LONG_ENOUGH:
            line = [beat for exchange in talk for beat in exchange.line]
            harmonies = [harmony for exchange in talk for harmony in exchange.harmonies]
            measured.append(measures.measure_solo(values, line, harmonies))
            cycles += measures.cycle(values) is not None
    played = measures.medians(measured)
    outside = measures.outside(played, measures.real_bands())
    return cycles, [f"{name} {played[name]:.3g}" for name in outside]


def by_tempo(model: Model, pieces: Sequence[Piece]) -> Iterator[str]:
    yield f"{'BPM':>4}{'real':>7}{'due':>7}{'played':>8}{'cycles':>8}  outside"
    real: dict[int, list[float]] = {}
    for piece in pieces:
        notes = len(piece.notes) / len(piece.harmonies)
        real.setdefault(tempo_class(piece.bpm), []).append(notes)
    for bpm in TEMPI:
        notes, cycles, measured = [], 0, []
        for subject in ETUDE_PLANS:
            _, beats = solo(Config(tempo=bpm, count_in=0), model, subject.chart, BEATS)
            values = [beat.value or 0 for beat in beats]
            line = line_of(model.vocabulary, beats)
            harmonies = [subject.chart.at(beat.number) for beat in beats]
            notes.append(measures.notes_per_beat(line))
            cycles += measures.cycle(values) is not None
            measured.append(measures.measure_solo(values, line, harmonies))
        played = measures.medians(measured)
        outside = measures.outside(played, measures.real_bands())
        shown = ", ".join(f"{name} {played[name]:.3g}" for name in outside) or "nothing"
        shares = model.tempo_shares
        due = notes_due(shares @ model.vocabulary.onsets / shares.sum(axis=1), bpm)
        yield (
            f"{bpm:4}{np.mean(real[tempo_class(bpm)]):7.2f}{due:7.2f}{np.mean(notes):8.2f}"
            f"{cycles:8}  {shown}"
        )


def main(solos: Path, name: str = "default", picture: str = "") -> None:
    model = load(find(name))
    pieces, _ = weimar.read(solos)
    relations: dict[float, Relation] = {}
    answers = answering(model, split(pieces).scoring, relations)
    for line in chain(answers, [""], by_tempo(model, pieces)):
        print(line, flush=True)
    if picture:
        pictures.save(pictures.answers(relations, Config().respond), Path(picture))


if __name__ == "__main__":
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
        sys.exit("give the Weimar Jazz Database's solos, as JSON lines")
    main(Path(sys.argv[1]), *sys.argv[2:4])

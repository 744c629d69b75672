"""What `improvd evaluate --tell` shows: how well a model is told from real solos, and by what."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from improvd.model import Model
from improvd.training.measure.evaluate import TooShortError
from improvd.training.measure.tell import players
from improvd.training.measure.tell.classifier import FOLDS, GROUPS, Sample, Told, sample, tell
from improvd.training.measure.tell.excerpt import Excerpt, excerpts
from improvd.training.read.corpus import Piece

REAL = "real solos against other real ones"
_FEWEST_EXCERPTS = 30


@dataclass(frozen=True, slots=True)
class Telling:
    """Who was told from the real solos of how many tunes, and how well."""

    tunes: int
    excerpts: int
    told: Mapping[str, Told]


def telling(
    model: Model, pieces: Sequence[Piece], on_player: Callable[[str], None] = lambda _: None
) -> Telling:
    """Tell a model's music from real solos on the same chords; minutes for hundreds of solos.

    `on_player` is called with each one that comes next. Raises TooShortError where there are not
    enough bars or tunes to learn a difference from.
    """
    pieces = players.long_enough(pieces)
    tunes = {_tune(piece) for piece in pieces}
    real = sample_of(pieces, players.real(pieces))
    if len(tunes) < FOLDS or len(real.tunes) < _FEWEST_EXCERPTS:
        raise TooShortError(
            f"to tell what is played from these pieces takes {_FEWEST_EXCERPTS} excerpts of eight "
            f"bars after the first eight, of {FOLDS} tunes; here are {len(real.tunes)} of "
            f"{len(tunes)}"
        )
    on_player(REAL)
    told = {REAL: _among_themselves(pieces)}
    for name, lines in players.PLAYERS.items():
        on_player(name)
        told[name] = tell(real, sample_of(pieces, lines(model, pieces)))
    return Telling(len(tunes), len(real.tunes), told)


def _tune(piece: Piece) -> str:
    return f"{piece.performer}/{piece.name}"


def sample_of(pieces: Sequence[Piece], lines: players.Lines) -> Sample:
    """The features of lines over pieces."""
    return sample(_named(pieces, lines))


def _named(pieces: Sequence[Piece], lines: players.Lines) -> Iterator[tuple[str, Excerpt]]:
    for piece, line in zip(pieces, lines, strict=True):
        for excerpt in excerpts(line, piece.harmonies[players.BEGIN :]):
            yield _tune(piece), excerpt


def _among_themselves(pieces: Sequence[Piece]) -> Told:
    """How well one half of the tunes is told from the other, where there is nothing to tell."""
    halves: list[list[Piece]] = [[], []]
    for piece in pieces:
        halves[hashlib.sha256(_tune(piece).encode()).digest()[0] % 2].append(piece)
    return tell(*(sample_of(half, players.real(half)) for half in halves))


def lines(measured: Telling) -> list[str]:
    """What people read: a table, and what told each player."""
    what = f"{measured.excerpts} excerpts of {measured.tunes} tunes, 0.50 is guessing"
    shown = [
        f"How well eight bars are told from real ones: {what}",
        "",
        f"{'':36}{'AUC':>5} {'95 %':>12}" + "".join(f"{group:>11}" for group in GROUPS),
    ]
    for name, told in measured.told.items():
        interval = f"{told.low:.2f}..{told.high:.2f}"
        groups = "".join(f"{told.groups[group]:11.2f}" for group in GROUPS)
        shown.append(f"{name:36}{told.auc:5.2f} {interval:>12}{groups}")
    for name, told in measured.told.items():
        shown += ["", f"what tells {name} (here, in real solos):"]
        shown += [
            f"  {each.feature[0]}: {each.feature[1]:32}{each.theirs:8.2f}{each.real:8.2f}"
            f"   {max(each.auc, 1 - each.auc):.2f}"
            for each in told.telltales
        ]
    return shown

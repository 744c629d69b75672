"""Tokens of the course's one after the other, as notes: see `improvd.core.course.token`."""

from collections.abc import Iterable, Sequence

from improvd.core.course.token import REST_KIND, Token, parse_token, pitch_of
from improvd.core.harmony.scales import Harmony
from improvd.core.music import PULSES_PER_BEAT, Note
from improvd.core.network.vocabulary import Register

__all__ = ["Token", "notes_of", "parse_token"]


def notes_of(
    tokens: Iterable[Token], harmonies: Sequence[Harmony], start: int, register: Register
) -> tuple[Note, ...]:
    """The notes of tokens one after the other, on one harmony a beat, to the last harmony's end.

    A token without a window (the course's first of a bar) is sought around the pitch `start`.
    """
    notes = []
    onset, previous = 0, start
    for token in tokens:
        if onset >= len(harmonies) * PULSES_PER_BEAT:
            break
        if token.kind != REST_KIND:
            pitch = pitch_of(token, harmonies[onset // PULSES_PER_BEAT], previous, start)
            previous = register.fold(pitch)
            notes.append(Note(onset, token.length, previous))
        onset += token.length
    return tuple(notes)

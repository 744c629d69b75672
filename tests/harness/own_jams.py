"""Jams of a musician with improvd, in no time, as the real recorder writes them down."""

from collections.abc import Sequence
from pathlib import Path

from improvd import performance
from improvd.config import Config
from improvd.core.midi.messages import Stamped, note_off, note_on
from improvd.core.music import PULSES_PER_BEAT
from improvd.core.playing.beat import Beat
from improvd.core.timeline import Timeline
from improvd.messages import Began
from improvd.model import digest, find, load
from improvd.service.recorder.journal import Journal
from improvd.service.recorder.library import Limits, jams
from improvd.training.read.corpus import Piece
from tests.harness.virtual import Playing

START_NS = 10**12
LIMITS = Limits(megabytes=1000, days=365)


def messages_of(piece: Piece, timeline: Timeline, early_ns: int = 5_000_000) -> list[Stamped]:
    """A piece's notes as bytes at the port, a little ahead of the beat; offs first."""
    messages = []
    for note in piece.notes:
        start = timeline.when(note.onset) - early_ns
        end = timeline.when(note.onset + note.length) - early_ns
        messages += [(start, note_on(0, note.pitch, 80)), (end, note_off(0, note.pitch))]
    return sorted(messages, key=lambda each: (each[0], each[1][0]))


def chart_of(piece: Piece, bars: int | None = None) -> str:
    """The piece's chords, four beats to the bar, as a chart is written."""
    symbols = [harmony.chord.symbol for harmony in piece.harmonies]
    lines = [" ".join(symbols[at : at + 4]) for at in range(0, len(symbols), 4)]
    return f"| {' | '.join(lines[:bars])} |"


def play(
    folder: Path,
    piece: Piece,
    *,
    beats: int | None = None,
    only: Sequence[range] | None = None,
    **settings: object,
) -> list[Beat]:
    """Let somebody play a piece to improvd, or `only` these beats of it; what became of each beat.

    The recording is the newest in the folder.
    """
    config = Config(**({"tempo": piece.bpm, "count_in": 1, "mode": "answer"} | settings))
    text = chart_of(piece)
    model = load(find(config.model))
    chart = performance.chart_of(text, config)
    who = performance.improviser(config, model)
    jam = performance.jam(config, who, model, chart, START_NS)
    began = Began(config, text, digest(find(config.model)), START_NS)
    playing = Playing(jam, START_NS, began=began)
    timeline = jam.performer.timeline
    for stamp, message in messages_of(piece, timeline):
        beat = timeline.pulse_at(stamp + 10_000_000) // PULSES_PER_BEAT
        if only is None or any(beat in each for each in only):
            playing.hear(stamp, message)
    last = len(piece.harmonies) if beats is None else beats
    playing.play(timeline.when(last * PULSES_PER_BEAT))
    playing.close()
    journal = Journal(folder, LIMITS, print)
    journal.write(playing.events)
    journal.close()
    return playing.beats


def newest(folder: Path) -> Path:
    """The file of the jam that was recorded last."""
    return jams(folder)[0]

"""What is due, and what the network thinks: read from the snapshot that the player saves each beat.

The player saves it for a successor, so that the page costs it nothing. Pure, but for the model's
file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from improvd import snapshot
from improvd.config import Config
from improvd.core.arrays import Float32Array
from improvd.core.jam import JamMemory
from improvd.core.midi.messages import channel, strikes
from improvd.core.network.cell import State, Weights
from improvd.core.network.vocabulary import Vocabulary
from improvd.core.sync.transport_state import Standing
from improvd.core.timeline import Timeline
from improvd.core.voice.agenda import PlannedEvent
from improvd.model import Model
from improvd.service.web.frames import ms
from improvd.snapshot import Snapshot

LIKELIEST = 10
_NS_PER_MS = 1e6
_ROLLING = (Standing.ALONE, Standing.ROLLING)


@dataclass(frozen=True, slots=True)
class Thought:
    """What the network expected of one beat: the share of each value, float32 (n_values,)."""

    beat: int
    shares: Float32Array


def time_of(memory: JamMemory, config: Config) -> Timeline:
    """When which pulse of the beats falls, as it is played."""
    timeline = memory.transport.timeline.shifted(round(config.send_ms * _NS_PER_MS))
    return timeline if config.beat == "quarter" else timeline.dotted()


def due(memory: JamMemory, config: Config) -> dict[str, Any]:
    """The notes that are planned, the ends of those that sound, and the time they stand in.

    `notes`: (name, starts, ends, channel from 0, pitch, velocity), in order, the name being the
    same as long as the note is; `ends`: (channel, pitch, ends) of what sounds already.
    """
    timeline = time_of(memory, config)
    notes, ends = _notes(_planned(memory), timeline)
    return {
        "beat": memory.performer.beat,
        "rolling": memory.transport.standing in _ROLLING,
        "origin": ms(timeline.when(0)),
        "beat_ms": timeline.beat_ns / _NS_PER_MS,
        "notes": notes,
        "ends": ends,
    }


def _planned(memory: JamMemory) -> list[PlannedEvent]:
    """What is planned, the soloist's and that of every voice of a band."""
    performer = memory.performer
    agendas = [performer.soloist.line.agenda]
    agendas += [voice.agenda for voice in performer.voices.values()]
    return sorted(event for agenda in agendas for event in agenda.planned)


def _notes(
    planned: Sequence[PlannedEvent], timeline: Timeline
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Note-ons, each with the note-off that closes it, and note-offs without one."""
    begun: dict[tuple[int, int], list[Any]] = {}
    notes: list[list[Any]] = []
    ends: list[tuple[Any, ...]] = []
    for pulse, _, pitch, message in planned:
        key = channel(message), pitch
        if strikes(message):
            name = f"{pulse}.{key[0]}.{pitch}"
            begun[key] = [name, ms(timeline.when(pulse)), None, *key, message[2]]
            notes.append(begun[key])
        elif key in begun:
            begun.pop(key)[2] = ms(timeline.when(pulse))
        else:
            ends.append((*key, ms(timeline.when(pulse))))
    return [tuple(note) for note in notes if note[2] is not None], ends


def think(state: State, weights: Weights, beat: int) -> Thought:
    """The softmax that follows from a state: what is expected of the beat that it was left for."""
    logits = state.a @ weights.dense_kernel + weights.dense_bias
    heights = np.exp(logits - logits.max())
    return Thought(beat, (heights / heights.sum()).astype(np.float32))


def mind(
    seen: Snapshot, model: Model, before: Thought | None
) -> tuple[dict[str, Any], Thought] | None:
    """What a page shows of the network at a beat, and the thought itself; None of another model.

    `a` and `c` are the state in 127ths, c through a tanh; `likeliest` (value, share); `bits` is
    how surprising x was by what was thought before, None where nothing was.
    """
    if seen.vocabulary != model.vocabulary.id:
        return None
    memory = seen.memory
    improviser = memory.performer.soloist.improviser
    thought = think(improviser.state, model.weights, memory.performer.beat - 1)
    best = np.argsort(thought.shares)[::-1][:LIKELIEST]
    shown = {
        "beat": thought.beat,
        "a": _in_127ths(improviser.state.a),
        "c": _in_127ths(np.tanh(improviser.state.c)),
        "likeliest": [(int(value), round(float(thought.shares[value]), 4)) for value in best],
        "value": memory.performer.soloist.value,
        "x": improviser.x,
        "bits": surprise(improviser.x, thought, before),
    }
    return shown, thought


def surprise(x: int | None, now: Thought, before: Thought | None) -> float | None:
    """-log2 of the share that the beat before was thought to have of becoming this x, in bits."""
    known = before is not None and before.beat == now.beat - 1
    if before is None or not known or x is None or x >= len(before.shares):
        return None
    return round(float(-np.log2(max(before.shares[x], 1e-9))), 2)


def figures(vocabulary: Vocabulary) -> list[Any]:
    """The notes of every value: (tick of 12, steps on the ladder from the note before)."""
    return [
        [[tick, step] for tick, step, _ in vocabulary.steps(value)]
        for value in range(len(vocabulary))
    ]


def read(data: bytes) -> Snapshot | None:
    """The snapshot in these bytes; None where it is of another version."""
    try:
        return snapshot.read(data)
    except snapshot.SnapshotError:
        return None


def _in_127ths(numbers: Float32Array) -> list[int]:
    return [int(number) for number in np.rint(np.clip(numbers, -1, 1) * 127)]

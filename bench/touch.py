"""How loud and how long the default model's notes are, before and after they were learned.

`python bench/touch.py` plays 1,024 beats offline at four tempi, by the even and by the learned
touch. Decibels are 40 log10 of the velocity. The figures of real solos beside them in README.md are
printed by `python -m improvd.training.recipes.loudness SOLOS`.
"""

from itertools import pairwise
from statistics import median

import numpy as np
from msgspec.structs import replace

from improvd import performance
from improvd.config import load
from improvd.core.midi.messages import strikes
from improvd.model import find
from improvd.model import load as load_model
from improvd.take import Take
from improvd.training.generate import rehearse

BEATS = 1024
TEMPI = (60, 120, 180, 240)
TOUCHES = {"even": 1, "learned": 2}


def take_of(bpm: float, rules: int) -> Take:
    config = replace(load(None, {"count_in": 0, "seed": 3, "tempo": bpm}), sync="internal")
    model, chart = load_model(find("default")), performance.chart_of(None)
    who = performance.improviser(config, model)
    take, _ = rehearse(performance.jam(config, who, model, chart, 0, rules=rules), BEATS)
    return take


def measure(take: Take, bpm: float) -> str:
    beat_ns = 60e9 / bpm
    notes = [(due, message) for due, message in take.messages if strikes(message)]
    decibels = 40 * np.log10([message[2] for _, message in notes])
    span = np.subtract(*np.percentile(decibels, [95, 5]))
    quarters, lasts = [], []
    for (on, message), (following, _) in pairwise(notes):
        off = next(due for due, each in take.messages if due > on and each[1] == message[1])
        beats = (following - on) / beat_ns
        if 0.9 < beats < 1.1:
            quarters.append((off - on) / (following - on))
        elif beats >= 1.5:
            lasts.append((off - on) / beat_ns)
    loud = f"sd {np.std(decibels):4.1f} dB, p5 to p95 {span:4.1f} dB"
    return f"{loud}; quarters {median(quarters):.2f}, last notes {median(lasts):.2f} beats"


if __name__ == "__main__":
    for name, rules in TOUCHES.items():
        for bpm in TEMPI:
            print(f"{name:8}{bpm:4} BPM: {measure(take_of(bpm, rules), bpm)}")

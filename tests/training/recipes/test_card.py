"""What a model's page says: every measure beside real solos, and what is outside stands out."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np

from improvd.training.measure.scorecard import Alone, Scorecard
from improvd.training.recipes import card
from improvd.training.recipes.teacher import Split

ALONE = Alone(
    cycle=None, guarded=0, heard_again=0.0125, begins=0, longest_phrase=11, longest_silence=3
)
SCORE = Scorecard(
    measured={"H1": 2.0, "leaps": 0.2},
    bands={"H1": (1.5, 1.9, 2.4), "leaps": (0.01, 0.04, 0.07)},
    streams=44,
    cycles=0,
    guarded=3,
    copied=0.0123,
    quoted=0.05,
    shared=0.0123,
    sounding=0.0004,
    alone=ALONE,
)
PARTS = Split([None] * 7, [None] * 5, [None] * 3)


def test_a_measure_outside_its_band_is_bold_and_named():
    page = card.measures_of(SCORE, "Argmax", PARTS)
    assert "| H1 | 1.5 | 1.9 | 2.4 | 2 |" in page
    assert "| leaps | 0.01 | 0.04 | 0.07 | **0.2** |" in page
    assert "- outside the bands: leaps" in page
    assert "each of 44 real solos" in page
    assert "the 12 solos of the teacher and of the choice" in " ".join(page.split())


def test_cycles_copies_and_the_guard_are_told_in_figures():
    page = " ".join(card.measures_of(SCORE, "Argmax", PARTS).split())
    assert "0 of 44 continuations; alone from the zero state none in 10,000 beats" in page
    assert "3 of the 22,528 of the continuations, 0 of 10,000 alone" in page
    assert "found in any real solo: 1.23%; in the etude book: 5.00%" in page
    assert "other of two continuations has too: 1.23%; of 8 beats that sound alike: 0.04%" in page
    assert "alone at 120 BPM: 1.2%" in page
    stuck = replace(SCORE, cycles=2, alone=replace(ALONE, cycle=64))
    page = " ".join(card.measures_of(stuck, "Argmax", PARTS).split())
    assert "2 of 44 continuations; alone from the zero state one of 64 beats" in page


def test_faults_count_all_that_a_default_model_must_not_do():
    assert SCORE.faults == 1 + 3 + 1  # leaps, the guard, copies
    clean = replace(SCORE, measured={"H1": 2.0, "leaps": 0.03}, guarded=0, copied=0.0)
    assert clean.faults == 0
    assert replace(clean, alone=replace(ALONE, begins=2)).faults == 2
    assert replace(clean, alone=replace(ALONE, longest_phrase=15)).faults == 1


def test_notes_by_tempo_stand_beside_those_of_real_solos():
    page = card.tempi({60.0: 2.5, 300.0: 1.25}, {60.0: 2.9, 300.0: 1.3})
    assert "| 60 | 2.90 | 2.50 |" in page
    assert "| 300 | 1.30 | 1.25 |" in page


def test_a_processor_with_nothing_that_numpy_finds_is_named_too():
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    plain = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(found)}
    script = "from improvd.training.recipes.card import made_with; print(made_with())"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=plain, check=True, capture_output=True, text=True)
    keras, tensorflow, processor = done.stdout.strip().split(", ")
    assert keras.startswith("Keras ")
    assert tensorflow.startswith("TensorFlow ")
    assert processor
    assert processor not in found

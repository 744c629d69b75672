"""Chords heard: single voicings, the chart as a prior, and following hands without one."""

import random

import numpy as np
import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.harmony.chart import Chart, parse_chart
from improvd.core.harmony.chord import Chord, parse_chord
from improvd.core.hearing import chord_filter
from improvd.core.hearing.ear import HeardBeat
from improvd.core.hearing.live_harmony import LiveHarmony
from improvd.core.jam import Jam
from improvd.model import find, load
from improvd.models import chords
from improvd.options import CHARTS
from tests.harness.pianist import Pianist, heard_well, stacked
from tests.harness.session import START_NS, Session

MODEL = load(find("default"))
LIVE = parse_chart(CHARTS["live"].read_text())
PROGRESSIONS = ("rhythm-changes", "two-five-one", "minor-blues", "ballad")
BEAT_NS = 500_000_000


def jam(chart: Chart, **settings) -> Jam:
    config = Config(**({"count_in": 0, "tempo": 120, "band": "drums", "mode": "answer"} | settings))
    who = performance.improviser(config, MODEL)
    return performance.jam(config, who, MODEL, chart, START_NS)


def comped(chart: Chart, chords: list[Chord], **how) -> list[tuple[bool, bool]]:
    """How well the chords of a pianist are heard while a chart is played."""
    session = Session(jam(chart))
    for at, message in sorted(Pianist(chords, **how).notes(START_NS), key=lambda note: note[0]):
        session.until(at)
        session.jam.hear(at, message)
    session.until(START_NS + len(chords) * BEAT_NS - 1)
    return heard_well(session.beats, chords)


def progression(name: str) -> list[Chord]:
    chart = parse_chart(CHARTS[name].read_text())
    return [chart.at(beat).chord for beat in range(2 * len(chart))]


def shares(found: list[tuple[bool, bool]]) -> tuple[float, float]:
    exact, scale = np.mean(found, axis=0)
    return float(exact), float(scale)


@pytest.mark.parametrize("root", range(12))
@pytest.mark.parametrize(
    ("kind", "voicing"),
    [
        ("maj7", [0, 4, 7, 11]),
        ("7", [0, 4, 10]),
        ("7", [0, 10, 16]),
        ("m7", [0, 3, 7, 10]),
        ("m7b5", [0, 3, 6, 10]),
        ("dim7", [0, 3, 6, 9]),
        ("7sus4", [0, 5, 7, 10]),
        ("mMaj7", [0, 3, 7, 11]),
        ("7b9", [0, 4, 10, 13]),
    ],
)
def test_a_voicing_over_its_root_is_its_chord(root: int, kind: str, voicing: list[int]):
    pitches = [36 + root, *(48 + root + each for each in voicing[1:])]
    belief = chord_filter.struck(chords.load().usual, pitches, 36 + root)
    harmony = chord_filter.harmony_of(int(belief.argmax()))
    assert harmony.chord.root == root
    assert harmony.chord.symbol.endswith(kind)


def test_every_chord_has_a_state_and_every_state_is_its_own():
    for state in range(chord_filter.STATES):
        assert chord_filter.state_of(chord_filter.harmony_of(state).chord) == state
    assert chord_filter.state_of(parse_chord("G13")) == chord_filter.state_of(parse_chord("G7"))


def test_with_a_chart_that_is_followed_it_is_heard():
    found = []
    for seed, name in enumerate(PROGRESSIONS):
        chart = parse_chart(CHARTS[name].read_text())
        found += comped(chart, progression(name), seed=seed, bass=True)
    exact, scale = shares(found)
    assert exact >= 0.94
    assert scale >= 0.95


def test_who_leaves_the_chart_is_followed():
    found = []
    for seed, name in enumerate(PROGRESSIONS):
        chart = parse_chart(CHARTS[name].read_text())
        meant = progression(name)
        draw = random.Random(seed)
        away = set()
        for start in range(0, len(meant), 4):
            if draw.random() < 0.25:
                away |= set(range(start, start + 4))
                meant[start : start + 4] = [parse_chord(draw.choice(("Gb7", "Abm7", "Bmaj7")))] * 4
        heard = comped(chart, meant, seed=seed, bass=True)
        found += [each for beat, each in enumerate(heard) if beat in away]
    exact, scale = shares(found)
    assert len(found) > 60
    assert exact >= 0.5
    assert scale >= 0.57


def test_without_a_chart_the_hands_alone_are_followed():
    found = []
    for seed, name in enumerate(PROGRESSIONS):
        found += comped(LIVE, progression(name), seed=seed, bass=True, often=1.5)
    exact, scale = shares(found)
    assert exact >= 0.6
    assert scale >= 0.7


def test_ii_v_i_in_another_key_is_followed_within_a_beat():
    """In whole bars, struck on one; the chart says something else all the time."""
    session = Session(jam(parse_chart("| Fmaj7 | % | % | % |"), band="bass", feel="swing"))
    meant = [parse_chord(name) for name in ("Em7", "A7", "Dmaj7", "Cm7", "F7", "Bbmaj7")]
    for bar, chord in enumerate(meant):
        at = START_NS + bar * 4 * BEAT_NS
        tones = [(tone - chord.root) % 12 for tone in chord.tones]
        pitches = [36 + chord.root, *stacked(tones[1:], chord.root, 52)]
        for pitch in pitches:
            session.until(at)
            session.jam.hear(at, bytes((0x90, pitch, 80)))
        session.until(at + 3 * BEAT_NS)
        for pitch in pitches:
            session.jam.hear(at + 3 * BEAT_NS, bytes((0x80, pitch, 64)))
    session.until(START_NS + 24 * BEAT_NS - 1)
    for bar, chord in enumerate(meant):
        for beat in session.beats[4 * bar + 1 : 4 * bar + 4]:
            assert parse_chord(beat.chord).root == chord.root, (bar, beat)
    struck = [(due, m[1]) for due, _, m in session.sent if m[0] == 0x91]
    for bar, chord in enumerate(meant):
        start = START_NS + (4 * bar + 1) * BEAT_NS
        played = {pitch % 12 for due, pitch in struck if start <= due < start + 3 * BEAT_NS}
        assert played & set(chord.tones)


def test_a_chart_holds_as_long_as_nothing_is_struck():
    harmony, chart = LiveHarmony(), parse_chart("| Dm7 | G7 | Cmaj7 | % |")
    nothing = HeardBeat((), held=False, pitches=())
    for beat in range(200):
        harmony.follow(chords.load(), chart, beat, nothing)
        assert harmony.at(chart, beat) is chart.at(beat)


def test_a_fist_on_the_keys_is_some_chord_and_the_music_goes_on():
    harmony = LiveHarmony()
    fist = HeardBeat((), held=False, pitches=(), chords=tuple((0.0, p) for p in range(48, 72)))
    for beat in range(32):
        harmony.follow(chords.load(), LIVE, beat, fist)
        assert harmony.at(LIVE, beat).chord.symbol
        assert np.isfinite(harmony.memory.belief).all()


def test_with_the_band_off_the_chart_is_the_harmony():
    chart = parse_chart("| Dm7 | G7 | Cmaj7 | % |")
    session = Session(jam(chart, band="off"))
    meant = [parse_chord("Gb7")] * 32
    for at, message in sorted(Pianist(meant).notes(START_NS), key=lambda note: note[0]):
        session.until(at)
        session.jam.hear(at, message)
    assert all(beat.chord == chart.at(beat.number).chord.symbol for beat in session.beats)


def test_live_without_a_chord_yet_bass_and_piano_wait():
    session = Session(jam(LIVE, band="bass, piano, drums")).play(8)
    assert not {m[0] & 0x0F for _, _, m in session.sent} & {1, 2}

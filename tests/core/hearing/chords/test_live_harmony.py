"""Chords heard: single voicings, the chart as a prior, and following hands without one."""

import random
from itertools import groupby

import msgspec
import numpy as np
import pytest

from improvd import performance
from improvd.config import Config
from improvd.core.harmony.chart import Chart, parse_chart
from improvd.core.harmony.chord import Chord, parse_chord
from improvd.core.hearing.chords import chord_filter
from improvd.core.hearing.chords.chord_filter import KINDS
from improvd.core.hearing.chords.live_harmony import LiveHarmony, LiveHarmonyMemory
from improvd.core.hearing.ear import HeardBeat
from improvd.core.jam import Jam
from improvd.core.music import PITCH_CLASS_NAMES
from improvd.messages import RULES
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


@pytest.mark.parametrize(
    ("pitches", "symbol"),
    [
        ((52, 58, 62, 67), "C7"),  # E Bb D G, spread: third, seventh, ninth, fifth
        ((52, 57, 58, 62), "C7"),  # E A Bb D: C13
        ((58, 62, 64, 69), "C7"),  # Bb D E A: C13 the other way
        ((53, 57, 59, 64), "G7"),  # F A B E: G13
        ((59, 64, 65, 69), "G7"),  # B E F A
    ],
)
def test_after_a_chord_of_its_key_a_rootless_voicing_is_its_chord(pitches, symbol):
    """A rootless voicing has the tones of another chord, too: what came before decides."""
    before = {"C7": "Gm7", "G7": "Dm7"}[symbol]
    harmony, beats = LiveHarmony(RULES), 8
    tones = parse_chord(before).tones
    first = tuple((0.0, 48 + tones[0] + (tone - tones[0]) % 12) for tone in tones)
    for beat in range(beats):
        hit = first if beat == 0 else tuple((0.0, p) for p in pitches) if beat == 4 else ()
        harmony.follow(
            chords.load(), LIVE, beat + 1, HeardBeat((), held=False, pitches=(), chords=hit)
        )
    assert harmony.at(LIVE, beats).chord.symbol == symbol


def test_every_chord_has_a_state_and_every_state_is_its_own():
    for state in range(chord_filter.STATES):
        assert chord_filter.state_of(chord_filter.harmony_of(state).chord) == state
    assert chord_filter.state_of(parse_chord("G13")) == chord_filter.state_of(parse_chord("G7"))


def test_with_a_chart_that_is_followed_it_is_heard():
    found = []
    for seed, name in enumerate(PROGRESSIONS):
        chart = parse_chart(CHARTS[name].read_text())
        found += comped(chart, progression(name), seed=seed)
    exact, scale = shares(found)
    assert exact >= 0.95
    assert scale >= 0.96


def away(meant: list[Chord], draw: random.Random) -> tuple[list[Chord], set[int]]:
    """A quarter of the chords by others, and on which beats: a dominant by its tritone's."""
    played, left, beat = list(meant), set(), 0
    for chord, beats in ((chord, len(list(of))) for chord, of in groupby(meant)):
        if draw.random() < 0.25:
            dominant = KINDS[chord_filter.state_of(chord) % len(KINDS)] in ("7", "7b9")
            far, kind = (6, "7") if dominant else (draw.choice((2, 3, 5, 9)), "maj7")
            other = parse_chord(f"{PITCH_CLASS_NAMES[(chord.root + far) % 12]}{kind}")
            played[beat : beat + beats] = [other] * beats
            left |= set(range(beat, beat + beats))
        beat += beats
    return played, left


def test_who_leaves_the_chart_is_followed():
    """With the right hand alone, on a quarter of the chords, where they last a bar or more."""
    found = []
    for seed, name in enumerate(2 * ("minor-blues", "bossa", "modal", "two-five-one")):
        played, left = away(progression(name), random.Random(seed))
        heard = comped(parse_chart(CHARTS[name].read_text()), played, seed=seed)
        found += [each for beat, each in enumerate(heard) if beat in left]
    assert len(found) > 200
    assert shares(found)[0] >= 0.5


def test_without_a_chart_the_right_hand_alone_is_followed():
    found = []
    for seed, name in enumerate(PROGRESSIONS):
        found += comped(LIVE, progression(name), seed=seed)
    exact, scale = shares(found)
    assert exact >= 0.6
    assert scale >= 0.7


@pytest.mark.parametrize("bars", [8, 12, 16])
def test_without_a_chart_the_second_chorus_is_heard_better_than_the_first(bars: int):
    """And the third: who hits seldom is known by what was hit there before."""
    first, third = [], []
    for seed in range(6):
        draw = random.Random(100 * bars + seed)
        names = [
            f"{draw.choice(['C', 'D', 'E', 'F', 'G', 'A', 'Bb', 'Eb'])}{kind}" for kind in KINDS
        ]
        draw.shuffle(names)
        chorus = [parse_chord(names[bar % len(names)]) for bar in range(bars) for _ in range(4)]
        heard = comped(LIVE, 3 * chorus, seed=seed)
        first += heard[: len(chorus)]
        third += heard[2 * len(chorus) :]
    assert shares(third)[0] > shares(first)[0] + 0.1


def test_thirds_and_sevenths_alone_are_chords():
    """A ii-V-I twice, a shell on each bar's one, its other notes left to others."""
    harmony, names = LiveHarmony(RULES), 2 * ("Dm7", "G7", "Cmaj7", "Cmaj7")
    for bar, name in enumerate(names):
        chord = parse_chord(name)
        shell = tuple((0.0, 48 + (tone % 12)) for tone in (chord.tones[1], chord.tones[3]))
        for beat in range(4):
            hit = HeardBeat((), held=False, pitches=(), chords=shell if beat == 0 else ())
            harmony.follow(chords.load(), LIVE, 4 * bar + beat + 1, hit)
            if bar >= len(names) // 2 and beat < 3:
                assert harmony.at(LIVE, 4 * bar + beat + 1).chord.symbol == name
    older = LiveHarmony(3)
    older.follow(chords.load(), LIVE, 1, HeardBeat((), held=False, pitches=(), chords=shell))
    assert older.memory.heard is None


def test_recordings_of_older_rules_hear_chords_as_they_did():
    """Shapes and choruses are for performances of today."""
    older = LiveHarmony(3)
    hit = HeardBeat((), held=False, pitches=(), chords=((0.0, 58), (0.0, 62), (0.0, 64), (0.0, 67)))
    older.follow(chords.load(), LIVE, 1, hit)
    expected = chord_filter.struck(chords.load().usual, (58, 62, 64, 67))
    assert older.memory.belief.tobytes() == chords.load().predict(expected, 1).tobytes()
    assert older.memory.choruses == LiveHarmony(3).memory.choruses


def test_choruses_outlast_a_loss():
    """Who takes over in the middle of a chorus goes on to the byte."""
    one, other = LiveHarmony(RULES), LiveHarmony(RULES)
    draw = random.Random(3)
    for beat in range(80):
        pitches = sorted(draw.sample(range(50, 70), 4)) if draw.random() < 0.6 else []
        hit = HeardBeat((), held=False, pitches=(), chords=tuple((0.0, p) for p in pitches))
        if beat % 9 == 0:
            other.memory = msgspec.convert(
                msgspec.to_builtins(one.memory, enc_hook=np.ndarray.tolist),
                LiveHarmonyMemory,
                dec_hook=lambda _, numbers: np.array(numbers, dtype=np.float64),
            )
        one.follow(chords.load(), LIVE, beat, hit)
        other.follow(chords.load(), LIVE, beat, hit)
        assert one.memory.belief.tobytes() == other.memory.belief.tobytes()
        assert one.at(LIVE, beat) is other.at(LIVE, beat)


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
    harmony, chart = LiveHarmony(RULES), parse_chart("| Dm7 | G7 | Cmaj7 | % |")
    nothing = HeardBeat((), held=False, pitches=())
    for beat in range(200):
        harmony.follow(chords.load(), chart, beat, nothing)
        assert harmony.at(chart, beat) is chart.at(beat)


def test_a_fist_on_the_keys_is_some_chord_and_the_music_goes_on():
    harmony = LiveHarmony(RULES)
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

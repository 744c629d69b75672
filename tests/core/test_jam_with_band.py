"""Laws of a jam that has a band: whatever comes in, each voice closes what it strikes."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd import performance
from improvd.config import Config
from improvd.core.jam import Jam
from improvd.core.playing.modes import Turn
from improvd.model import find, load
from tests.harness.session import MS, START_NS, Arrival, Session, melody

BEAT_NS = 500_000_000
BAND = "bass, piano, drums"
SOLOIST, BASS, PIANO, DRUMS = 0, 1, 2, 9
MODEL = load(find("default"))
CHORD = [b"\x90\x34\x50", b"\x90\x3a\x50", b"\x90\x3e\x50"]


def jam(chart: str | None = None, **settings) -> Jam:
    config = Config(**({"count_in": 0, "tempo": 120, "sync": "internal", "band": BAND} | settings))
    who = performance.improviser(config, MODEL)
    return performance.jam(config, who, MODEL, performance.chart_of(chart, config), START_NS)


def by_channel(session: Session) -> dict[int, list[tuple[int, bytes]]]:
    found = defaultdict(list)
    for due, _, message in session.sent:
        found[message[0] & 0x0F].append((due, message))
    return found


def check(session: Session) -> None:
    """Every on has its off, none is struck while it sounds, and stopping closes the rest."""
    sounding: set[tuple[int, int]] = set()
    dues = [due for due, _, _ in session.sent]
    assert dues == sorted(dues)
    for message in session.stop():
        kind, key = message[0] & 0xF0, (message[0] & 0x0F, message[1])
        if kind == 0x90:
            assert key not in sounding
            assert 1 <= message[2] <= 127
            sounding.add(key)
        elif kind == 0x80:
            assert key in sounding
            sounding.discard(key)
    assert not sounding


ORDERS = st.sampled_from(
    ["again", "end", "mute", "aloud", "panic", "play", "listen", "silent", "locate", "tempo", "two"]
)


def give(session: Session, order: str, now: int) -> None:
    jammed = session.jam
    match order:
        case "again":
            jammed.again()
        case "end":
            jammed.end()
        case "mute" | "aloud":
            jammed.mute(order == "mute")
        case "panic":
            jammed.panic()
        case "play" | "listen":
            jammed.give(Turn.PLAY if order == "play" else Turn.LISTEN)
        case "silent":
            jammed.balance(frozenset({"bass", "soloist"}))
        case "two":
            jammed.balance(frozenset())
            config = Config(band="piano, drums", feel="waltz", tempo=120)
            who = performance.improviser(config, MODEL)
            jammed.change(performance.setup(config, who, MODEL, performance.chart_of("| C | F |")))
        case "locate":
            jammed.locate(now, 6)
        case "tempo":
            jammed.retime(now, 311.0)
    session.wake_at(now)


@given(
    orders=st.lists(st.tuples(ORDERS, st.integers(50, 9000)), max_size=12),
    bpm=st.sampled_from([20, 60, 120, 240, 400]),
    chart=st.sampled_from(
        [None, "| Dm7 | N.C. | G7 C |", "meter: 7/8\n| F7 |", "meter: 3/4\n| F |"]
    ),
    feel=st.sampled_from(["auto", "swing", "bossa", "ballad", "waltz", "straight", "two-feel"]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_ordered_every_voice_closes_what_it_strikes(
    orders: list[tuple[str, int]], bpm: int, chart: str | None, feel: str
):
    session = Session(jam(chart, tempo=bpm, feel=feel))
    now = START_NS
    for order, after in orders:
        now += after * MS
        session.until(now)
        give(session, order, now)
    session.until(now + 4000 * MS)
    check(session)


@pytest.mark.parametrize("mode", ["follow", "answer", "trade 4", "solo"])
def test_every_voice_plays_in_every_mode_also_under_the_musician_s_bars(mode: str):
    session = Session(jam(mode=mode))
    session.hear(melody(3, 90))
    session.play(96)
    found = by_channel(session)
    assert set(found) >= {BASS, PIANO, DRUMS}
    for voice in (BASS, DRUMS):
        bars = {(due - START_NS) // (4 * 500 * MS) for due, _ in found[voice]}
        assert bars >= set(range(24))
    check(session)


def test_what_the_soloist_plays_alone_it_plays_with_a_band():
    def soloist(band: str) -> list[tuple[int, bytes]]:
        return by_channel(Session(jam(band=band, seed=5)).play(96))[SOLOIST]

    assert soloist(BAND) == soloist("off")


def test_sticks_count_in_from_the_first_beat():
    session = Session(jam(count_in=2)).play(0)
    struck = [(due, m[1]) for due, _, m in session.sent if m[0] == 0x99]
    beats = [(due - START_NS) // (500 * MS) for due, pitch in struck if pitch == 37]
    assert beats == [0, 2, 4, 5, 6, 7]


def test_an_ending_brings_all_home_together():
    session = Session(jam()).play(10)
    session.jam.end()
    session.play(40)
    found = by_channel(session)
    last = {
        voice: [d for d, m in notes if m[0] & 0xF0 == 0x90][-1] for voice, notes in found.items()
    }
    assert len({last[voice] for voice in (SOLOIST, BASS, PIANO, DRUMS)}) == 1
    assert session.sent[-1][0] <= last[BASS] + 3 * 500 * MS
    session.jam.give(Turn.PLAY)
    session.play(60)
    assert [d for d, m in by_channel(session)[BASS] if m[0] & 0xF0 == 0x90][-1] > last[BASS]
    check(session)


def test_again_repeats_the_chorus_of_every_voice():
    session = Session(jam("| Dm7 | G7 | Cmaj7 | A7 |", feel="swing")).play(20)
    session.jam.again()
    session.play(48)
    beat_ns, chorus = 500 * MS, 16 * 500 * MS
    for notes in by_channel(session).values():

        def struck(start: int, notes=notes):
            return [
                (due - start, m)
                for due, m in notes
                if start <= due < start + chorus and m[0] & 0xF0 == 0x90
            ]

        second = START_NS + 16 * beat_ns
        assert struck(second) == struck(second + chorus) != []
    check(session)


def test_a_change_ends_a_chorus_that_is_being_repeated():
    """Its notes would go on beside the new band's, on the channels of the old one."""
    session = Session(jam("| Dm7 | G7 | Cmaj7 | A7 |", feel="swing")).play(14)
    session.jam.again()
    session.play(18)
    session.jam.change(jam("| C | F |", feel="bossa", bass_channel=5).setup)
    session.play(32)
    bar_ns = START_NS + 20 * 500 * MS
    found = by_channel(session)
    assert [d for d, m in found[BASS] if m[0] & 0xF0 == 0x90 and d >= bar_ns] == []
    assert [d for d, m in found[4] if m[0] & 0xF0 == 0x90 and d >= bar_ns] != []
    check(session)


def test_a_voice_is_muted_and_heard_again_while_the_others_go_on():
    session = Session(jam(feel="swing")).play(16)
    session.jam.balance(frozenset({"bass"}))
    session.wake_at(START_NS + 16 * 500 * MS)
    session.play(32)
    session.jam.balance(frozenset())
    session.play(48)
    bass = [
        (due - START_NS) // (500 * MS)
        for due, m in by_channel(session)[BASS]
        if m[0] & 0xF0 == 0x90
    ]
    assert set(bass) >= {*range(15), *range(33, 47)}
    assert not set(bass) & set(range(17, 32))
    drums = [(due - START_NS) // (500 * MS) for due, _ in by_channel(session)[DRUMS]]
    assert set(drums) >= set(range(47))
    check(session)


def test_panic_closes_every_channel_that_it_plays_on():
    session = Session(jam()).play(8)
    session.jam.panic()
    session.wake_at(START_NS + 4001 * MS)
    closed = {m[0] & 0x0F for _, _, m in session.sent if m[0] & 0xF0 == 0xB0 and m[1] == 123}
    assert closed == {SOLOIST, BASS, PIANO, DRUMS}


def test_the_piano_lays_out_when_the_musician_comps():
    def hits(comping: bool) -> int:
        session = Session(jam())
        arrivals: list[Arrival] = [(2000 * MS, b"\xf8")]
        for _ in range(40 if comping else 0):
            arrivals += [(0, note) for note in CHORD]
            arrivals += [
                (300 * MS, bytes((0x80, note[1], 64)))
                if note is CHORD[0]
                else (0, bytes((0x80, note[1], 64)))
                for note in CHORD
            ]
            arrivals.append((700 * MS, b"\xf8"))
        session.hear(arrivals)
        session.play(80)
        return len([m for _, m in by_channel(session)[PIANO] if m[0] & 0xF0 == 0x90])

    assert hits(comping=True) < hits(comping=False) / 4


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(48, 84), st.integers(1, 6)), max_size=24))
@settings(max_examples=20, deadline=None)
def test_no_chord_of_the_piano_rubs_a_key_that_the_musician_holds(keys):
    """Whenever it went down: quarters of beats after the one before, a pitch, how long."""
    session, at, over = Session(jam(seed=1, mode="answer")), 0, 0
    for wait, pitch, length in keys:
        at += wait
        session.until(START_NS + at * BEAT_NS // 4)
        session.jam.hear(START_NS + at * BEAT_NS // 4, bytes((0x90, pitch, 80)))
        over = at + length
        session.until(START_NS + over * BEAT_NS // 4)
        session.jam.hear(START_NS + over * BEAT_NS // 4, bytes((0x80, pitch, 0)))
        for due, message in by_channel(session)[PIANO]:
            sounds = START_NS + at * BEAT_NS // 4 < due <= START_NS + over * BEAT_NS // 4
            if sounds and message[0] & 0xF0 == 0x90:
                assert abs(message[1] - pitch) % 12 != 1
        at = over


def test_in_solo_the_band_does_not_listen_either():
    def played(mode: str, listened: bool) -> list[tuple[int, bytes]]:
        session = Session(jam(mode=mode))
        session.hear(melody(3, 60) if listened else [])
        session.play(64)
        return [n for v in (BASS, PIANO, DRUMS) for n in by_channel(session)[v]]

    assert played("solo", listened=True) == played("solo", listened=False)
    assert played("follow", listened=True) != played("follow", listened=False)


def test_a_band_comes_and_goes_on_a_bar_line():
    session = Session(jam(band="off")).play(6)
    config = Config(band="bass, drums", tempo=120, feel="swing")
    who = performance.improviser(config, MODEL)
    setup = performance.setup(config, who, MODEL, performance.chart_of(None, config))
    session.jam.change(setup)
    session.play(24)
    found = by_channel(session)
    assert PIANO not in found
    assert min(due for due, _ in found[BASS]) == START_NS + 8 * 500 * MS
    session.jam.change(performance.setup(Config(tempo=120), who, MODEL, setup.chart))
    session.play(40)
    assert max(due for due, _ in by_channel(session)[BASS]) <= START_NS + 28 * 500 * MS
    check(session)

"""Laws of a jam of several soloists: each closes what it strikes, and all go on to the byte."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd import performance, snapshot
from improvd.config import Config, load
from improvd.core.jam import Jam
from improvd.core.playing.modes import Follow, Solo, Trade, Turn, in_rounds, mode_of
from tests.harness.session import MS, START_NS, Session, melody

BEAT_NS = 250 * MS
CHART = "| Dm7 | G7 | Cmaj7 | A7 |"
TENOR = {"name": "tenor", "low": 48, "high": 72, "channel": 5}
# Another vocabulary than the others': what it hears of them is read note for note.
REED = {"name": "reed", "model": "contours", "channel": 6}
BAND = {"band": "bass, piano, drums"}


def written(*voices: dict, **keys) -> Config:
    usual = {"count_in": 0, "tempo": 240.0, "sync": "internal", "seed": 4, "mode": "trade 1"}
    return load(None, usual | keys | {"voice": list(voices)})


def jam(config: Config, chart: str = CHART) -> Jam:
    model = performance.kept_model(config)
    who = performance.improviser(config, model)
    return performance.jam(config, who, model, performance.chart_of(chart, config), START_NS)


def setup(config: Config, chart: str = CHART):
    return jam(config, chart).setup


def by_channel(session: Session) -> dict[int, list[tuple[int, bytes]]]:
    found = defaultdict(list)
    for due, _, message in session.sent:
        found[message[0] & 0x0F].append((due, message))
    return found


def bars(session: Session, channel: int) -> set[int]:
    """The bars in which a voice strikes."""
    struck = (due for due, m in by_channel(session)[channel] if m[0] & 0xF0 == 0x90)
    return {(due - START_NS) // (4 * BEAT_NS) for due in struck}


def check(session: Session) -> None:
    """What leaves in order of time; every on has its off, none is struck while it sounds."""
    dues = [due for due, _, _ in session.sent]
    assert dues == sorted(dues)
    sounding: set[tuple[int, int]] = set()
    for message in session.stop():
        kind, key = message[0] & 0xF0, (message[0] & 0x0F, message[1])
        if kind == 0x90:
            assert key not in sounding
            sounding.add(key)
        elif kind == 0x80:
            assert key in sounding
            sounding.discard(key)
    assert not sounding


# -- who plays when --------------------------------------------------------------------------


def test_those_that_trade_as_many_bars_are_one_round():
    seated = in_rounds([Trade(4), Follow(), Trade(4), Trade(2), Solo(), Trade(4)])
    assert seated == [
        *(Trade(4, 1, 4), Follow(), Trade(4, 2, 4)),
        *(Trade(2, 1, 2), Solo(), Trade(4, 3, 4)),
    ]


def test_two_soloists_trade_with_each_other_and_with_you():
    session = Session(jam(written(TENOR))).play(48)
    assert bars(session, 0) <= {1, 4, 7, 10}
    assert bars(session, 4) <= {2, 5, 8, 11}
    assert bars(session, 0)
    assert bars(session, 4)
    check(session)


def test_what_one_plays_is_the_next_x_of_the_others():
    playing = jam(written(TENOR, REED))
    session = Session(playing)
    soloist, tenor, reed = playing.performer.soloists.by_name.values()
    before = None
    for beat in range(4, 36):
        session.play(beat)
        if before is not None:
            assert tenor.x == before
        before = soloist.played.value if soloist.played.value is not None else tenor.played.value
        if reed.played.value is not None:
            before = None
    assert reed.setup.improviser.beats > 30


def test_a_soloist_whose_values_are_others_reads_the_notes():
    playing = jam(written(REED, mode="trade 2"))
    session, values = Session(playing), set()
    reed = playing.performer.soloists.by_name["reed"]
    for beat in range(9, 17):
        session.play(beat)
        values.add(reed.x)
    assert len(values) > 2
    assert max(values) < len(reed.setup.vocabulary)


def test_without_a_seed_of_its_own_a_soloist_plays_another_solo():
    def struck(*voices: dict, channel: int) -> list[tuple[int, int]]:
        found = by_channel(Session(jam(written(*voices, mode="solo"))).play(64))[channel]
        return [(due, m[1]) for due, m in found if m[0] & 0xF0 == 0x90]

    plain = {"name": "tenor", "channel": 5}
    assert struck(plain, channel=4) != struck(plain, channel=0)
    assert struck({**plain, "seed": 4}, channel=4) == struck(plain, channel=0)


def test_what_you_comp_is_everybody_s_harmony_unless_all_play_solo():
    def chord(*modes: str) -> str:
        voice = {**TENOR, "mode": modes[1]}
        session = Session(jam(written(voice, mode=modes[0], **BAND), "| Cmaj7 | % | % | % |"))
        session.play(4)
        for pitch in (48, 51, 55, 58):
            session.jam.hear(session.jam.performer.timeline.when(4 * 480), bytes((0x90, pitch, 90)))
        session.play(7)
        return session.beats[-1].chord

    assert chord("follow", "follow") != "Cmaj7"
    assert chord("solo", "follow") == chord("follow", "solo") == chord("follow", "follow")
    assert chord("solo", "solo") == "Cmaj7"


# -- laws ------------------------------------------------------------------------------------

DONE = {
    "again": lambda playing, _: playing.again(),
    "end": lambda playing, _: playing.end(),
    "mute": lambda playing, _: playing.mute(on=True),
    "aloud": lambda playing, _: playing.mute(on=False),
    "panic": lambda playing, _: playing.panic(),
    "locate": lambda playing, now: playing.locate(now, 6),
    "tempo": lambda playing, now: playing.retime(now, 311.0),
    "other": lambda playing, _: playing.change(OTHERS),
    "alone": lambda playing, _: playing.change(setup(written())),
    "the last plays": lambda playing, _: playing.give(Turn.PLAY, playing.soloists[-1]),
    "the last follows": lambda playing, _: playing.share(Follow(), playing.soloists[-1]),
    "all listen": lambda playing, _: playing.give(Turn.LISTEN),
    "silent": lambda playing, _: playing.balance(frozenset({"tenor", "bass"})),
    "reset": lambda playing, _: playing.reset(),
    "trade 2": lambda playing, _: playing.share(mode_of("trade 2")),
}
OTHERS = setup(written(REED, {**TENOR, "channel": 8}, **BAND), "| F | C |")


@given(
    orders=st.lists(st.tuples(st.sampled_from(sorted(DONE)), st.integers(50, 4000)), max_size=10),
    seed=st.integers(0, 9),
    mode=st.sampled_from(["trade 1", "follow", "answer", "solo"]),
)
@settings(max_examples=25, deadline=None)
def test_whatever_is_ordered_every_voice_closes_what_it_strikes(
    orders: list[tuple[str, int]], seed: int, mode: str
):
    session = Session(jam(written(TENOR, REED, mode=mode, **BAND)))
    session.hear(melody(seed, 8, 240))
    now = START_NS + 8000 * MS  # when the musician is over
    for order, after in orders:
        now += after * MS
        session.until(now)
        DONE[order](session.jam, now)
        session.wake_at(now)
    session.until(now + 2000 * MS)
    check(session)


@pytest.mark.parametrize("beats", [3, 21, 30])
def test_another_jam_goes_on_from_a_snapshot_to_the_byte(beats: int):
    config = written(TENOR, REED, **BAND)
    one = Session(jam(config))
    one.hear(melody(2, 8, 240))
    one.play(beats)
    one.jam.again()
    other = Session(jam(config))
    other.jam.restore(snapshot.read(snapshot.take(one.jam, 0)).memory)
    before = len(one.sent)
    one.play(beats + 40)
    other.play(beats + 40)
    assert one.sent[before:] == other.sent != []


def test_a_soloist_of_another_model_since_begins_anew_and_the_others_go_on():
    one = Session(jam(written(TENOR, mode="solo"))).play(13)
    successor = jam(written({**TENOR, "model": "contours"}, mode="solo"))
    successor.restore(snapshot.read(snapshot.take(one.jam, 0)).memory)
    other = Session(successor)
    before = len(one.sent)
    one.play(40)
    other.play(40)
    mine, theirs = (
        [message for _, _, message in sent if message[0] & 0x0F == 0]
        for sent in (one.sent[before:], other.sent)
    )
    assert mine == theirs
    assert bars(other, 4)


def test_one_that_left_ends_what_it_sounds_and_a_new_one_begins_on_the_bar_line():
    session = Session(jam(written(TENOR, mode="solo"))).play(6)
    session.jam.change(setup(written({"name": "reed", "channel": 9}, mode="solo")))
    session.play(24)
    bar_line = START_NS + 8 * BEAT_NS
    assert max(due for due, _ in by_channel(session)[4]) <= bar_line + BEAT_NS
    assert min(due for due, _ in by_channel(session)[8]) >= bar_line
    assert session.jam.voices == ("soloist", "reed")
    session.jam.change(setup(written(TENOR, mode="solo")))
    session.play(40)
    assert bars(session, 4) >= {7, 8}
    check(session)


def test_again_repeats_the_chorus_of_every_soloist_and_each_feeds_on_what_it_repeats():
    session = Session(jam(written(TENOR, REED, mode="solo"))).play(20)
    session.jam.again()
    session.play(48)
    chorus = 16 * BEAT_NS
    for notes in by_channel(session).values():

        def struck(start: int, notes=notes):
            return [
                (due - start, m)
                for due, m in notes
                if start <= due < start + chorus and m[0] & 0xF0 == 0x90
            ]

        assert struck(START_NS + chorus) == struck(START_NS + 2 * chorus) != []
    check(session)


def test_a_chorus_that_began_after_an_ending_is_repeated_beat_for_beat():
    """The band played what it repeated once more, on top of it."""
    session = Session(jam(written(**BAND), "| F | C |")).play(6)
    session.jam.end()
    session.play(26)
    session.jam.give(Turn.LISTEN)
    session.play(28)
    session.jam.again()
    session.play(48)
    drums = [(due, m[1]) for due, m in by_channel(session)[9] if m[0] & 0xF0 == 0x90]
    assert len(set(drums)) == len(drums)
    check(session)


def test_all_play_the_last_note_together_whoever_s_turn_it_is():
    session = Session(jam(written(TENOR, REED, **BAND))).play(6)
    session.jam.end()
    session.play(40)
    last = {
        channel: max(due for due, m in notes if m[0] & 0xF0 == 0x90)
        for channel, notes in by_channel(session).items()
    }
    assert set(last) == {0, 1, 2, 4, 5, 9}
    assert len(set(last.values())) == 1
    assert not session.jam.silence()


def test_a_voice_is_muted_and_panic_closes_every_channel():
    session = Session(jam(written(TENOR, mode="solo")))
    session.jam.balance(frozenset({"tenor"}))
    session.play(8)
    assert 4 not in by_channel(session)
    session.jam.panic()
    session.wake_at(START_NS + 8 * BEAT_NS + MS)
    closed = {m[0] & 0x0F for _, _, m in session.sent if m[0] & 0xF0 == 0xB0 and m[1] == 123}
    assert closed == {0, 4}

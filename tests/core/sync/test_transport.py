"""The transport: scripts of stamped bytes, and what state after each.

A script is lines of `<ms> <hex bytes>` and `<ms> xN <bpm>` for N clocks from that time on.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd.core.sync.transport import Transport
from improvd.core.sync.transport_state import Following, Standing, Sync
from improvd.core.timeline import Timeline, ns_per_beat
from tests.harness.masters import START_NS, arrivals, in_lumps, tempo

MS = 1_000_000
BAR = 4 * 480
START, CONTINUE, STOP, CLOCK = b"\xfa", b"\xfb", b"\xfc", b"\xf8"


def position(sixteenths):
    return bytes((0xF2, sixteenths & 0x7F, sixteenths >> 7))


class Script:
    """A transport, and a master that says things to it while time passes."""

    def __init__(self, **following):
        self.now = START_NS
        self.said = []
        self.transport = Transport(Timeline(START_NS, 0, ns_per_beat(120)), Following(**following))

    @property
    def state(self):
        return self.transport.state

    @property
    def pulse(self):
        return self.state.timeline.pulse_at(self.now)

    def says(self, *messages):
        for message in messages:
            self.transport.hear(self.now, message)
        self._listen()
        return self

    def clocks(self, count, bpm=120):
        """The first clock now, the last one `count - 1` later; the time is that of the last."""
        step = ns_per_beat(bpm) / 24
        begin = self.now
        for number in range(count):
            self.now = begin + round(number * step)
            self.says(CLOCK)
        return self

    def waits(self, ms, bpm=None):
        """Time passes, for a tick of the clock if nothing else is said."""
        self.now += round(ns_per_beat(bpm) / 24) if bpm else round(ms * MS)
        self.transport.turn(self.now)
        self._listen()
        return self

    def next_clock(self, bpm=120):
        return self.waits(0, bpm)

    def _listen(self):
        while self.transport.notices:
            self.said.append(self.transport.notices.popleft())


def started(**following):
    """Four beats into the song."""
    return Script(**following).says(START).waits(1).clocks(97)


# -- Start, Stop, Continue --------------------------------------------------------------------


def test_the_first_clock_after_start_is_the_first_downbeat():
    script = Script(sync=Sync.MIDI).says(START)
    assert not script.state.rolling
    script.waits(3).says(CLOCK)
    assert script.state.standing is Standing.ROLLING
    assert script.state.timeline.when(0) == script.now
    assert script.state.jumps == 1


def test_a_lock_before_start_gives_the_tempo_from_the_first_clock():
    script = Script(sync=Sync.MIDI).clocks(96, bpm=97)
    assert not script.state.rolling
    script.waits(1).says(START).waits(10).clocks(1, bpm=97)
    assert script.state.timeline.bpm == pytest.approx(97, rel=1e-3)
    assert abs(script.state.timeline.when(0) - script.now) < MS


@pytest.mark.parametrize("bpm", [40, 90, 140, 240])
def test_a_clock_that_comes_only_with_start_is_followed_within_a_beat(bpm):
    script = Script().says(START).waits(5).clocks(25, bpm)
    assert script.state.timeline.bpm == pytest.approx(bpm, rel=0.01)
    assert abs(script.state.timeline.when(480) - script.now) < 2 * MS
    assert script.state.jumps == 1


def test_stop_cuts_and_continue_goes_on_with_the_clock_that_was_due():
    script = started().waits(5).says(STOP)
    assert script.state.standing is Standing.STOPPED
    script.waits(16).clocks(50).next_clock().says(CONTINUE)
    assert not script.state.rolling
    script.next_clock().says(CLOCK)
    assert script.state.rolling
    assert script.pulse == pytest.approx(97 * 20, abs=1)
    assert script.state.jumps == 2


def test_stopped_clocks_keep_the_tempo():
    script = started().says(STOP).next_clock().clocks(200, bpm=150).next_clock(150)
    script.says(CONTINUE, CLOCK)
    assert script.state.timeline.bpm == pytest.approx(150, rel=1e-3)


def test_start_again_after_stop_is_from_the_top():
    script = started().says(STOP).waits(700).says(START).waits(2).says(CLOCK)
    assert script.state.timeline.when(0) == pytest.approx(script.now, abs=MS)


@pytest.mark.parametrize("shift_ms", [1, 8, 300, 5_000])
def test_a_start_with_another_phase_is_taken_at_its_word(shift_ms):
    script = started().says(STOP).waits(shift_ms).says(START).clocks(49)
    assert script.pulse == pytest.approx(48 * 20, abs=1)


def test_start_twice_is_one_start():
    script = Script().says(START, START).waits(2).says(CLOCK, START, START).next_clock()
    script.clocks(24)
    assert script.pulse == pytest.approx(24 * 20, abs=1)
    assert script.state.jumps == 1


def test_start_while_rolling_begins_again():
    script = started().waits(3).says(START).waits(17.8).says(CLOCK)
    assert script.state.standing is Standing.ROLLING
    assert script.state.jumps == 2
    assert script.pulse == pytest.approx(0, abs=1)


def test_stop_without_start_is_said_once_and_harmless():
    script = Script(sync=Sync.MIDI).says(STOP).waits(20).says(STOP)
    assert script.state.standing is Standing.STOPPED
    assert len(script.said) == 1
    script.says(START).waits(2).clocks(10)
    assert script.state.rolling


def test_continue_while_rolling_changes_nothing():
    script = started()
    before = script.state
    assert script.says(CONTINUE).state == before


# -- song position ----------------------------------------------------------------------------


@pytest.mark.parametrize("sixteenths", [0, 1, 16, 256, 257, 16_383])
def test_any_song_position_before_continue(sixteenths):
    script = Script().says(position(sixteenths), CONTINUE).waits(2).says(CLOCK)
    assert script.state.timeline.when(sixteenths * 120) == script.now


def test_song_position_before_the_first_start_is_forgotten_by_it():
    script = Script().says(position(64), START).waits(2).says(CLOCK)
    assert script.state.timeline.when(0) == script.now


@pytest.mark.parametrize(
    "brace",
    [
        [position(0)],
        [STOP, position(0), CONTINUE],
        [STOP, position(0), START],
        [START],
        [STOP, START],
    ],
    ids=["position alone", "stop, position, continue", "and start", "start", "stop, start"],
)
def test_a_loop_brace_jumps_without_a_hitch(brace):
    script = started()  # the clock of bar 2's first beat has come
    jumps = script.state.jumps
    script.waits(18).says(*brace).waits(500 / 24 - 18).says(CLOCK)
    assert script.state.rolling
    assert script.state.jumps == jumps + 1
    assert script.state.timeline.bpm == pytest.approx(120, rel=1e-3)
    assert script.pulse == pytest.approx(0, abs=1)
    script.next_clock().clocks(24)
    assert script.pulse == pytest.approx(480, abs=1)


def test_a_loop_brace_forward_and_back_to_any_bar():
    script = started().says(position(16 * 40)).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(40 * BAR, abs=1)
    script.says(position(16 * 7)).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(7 * BAR, abs=1)


def test_a_position_that_we_are_at_is_no_jump():
    script = started()
    before = script.state
    assert script.says(position(16)).state == before


def test_a_position_as_the_song_rolls_by_is_no_jump():
    script = started()
    for _ in range(20):
        script.next_clock().clocks(6)
        script.says(position(round(script.pulse // 120)))
    assert script.state.jumps == 1


def played_on(script, clocks):
    """So many clocks go by, then the master stops."""
    return script.next_clock().clocks(clocks).says(STOP)


def test_a_position_in_clocks_is_understood_when_several_tell():
    script = played_on(started(sync=Sync.MIDI), 95)  # 192 clocks have gone by
    script.says(position(192), CONTINUE).next_clock().says(CLOCK)
    assert not script.said
    played_on(script, 95).says(position(288), CONTINUE).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(288 * 20, abs=1)
    assert any("in clocks" in notice for notice in script.said)
    script.says(STOP, position(96), CONTINUE).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(96 * 20, abs=1)


def test_a_position_that_is_a_multiple_by_chance_overturns_nothing():
    """After two bars to bar 13: 192 sixteenths on, where 192 clocks have gone by."""
    script = played_on(started(), 95).says(position(192), CONTINUE).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(12 * BAR, abs=1)
    played_on(script, 95).says(position(208), CONTINUE).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(13 * BAR, abs=1)
    # The same chance much later meets a master that is known.
    played_on(script, 95).says(position(208 + 96), CONTINUE).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(19 * BAR, abs=1)
    assert not script.said


def test_another_master_is_judged_anew():
    script = played_on(started(sync=Sync.MIDI), 95)
    for clocks in (192, 288):
        script.says(position(clocks), CONTINUE).next_clock().says(CLOCK)
        played_on(script, 95)
    # From here on by a master that counts sixteenths.
    for sixteenths in (64, 80, 96, 112):
        script.says(position(sixteenths), CONTINUE).next_clock().says(CLOCK)
        played_on(script, 95)
    script.says(position(16), CONTINUE).next_clock().says(CLOCK)
    assert script.pulse == pytest.approx(BAR, abs=1)


def test_a_position_in_sixteenths_is_never_taken_for_clocks():
    script = started()
    for bar in (3, 8, 1, 20):
        script.says(STOP, position(16 * bar), CONTINUE).next_clock().clocks(97)
        assert script.pulse == pytest.approx((bar + 1) * BAR, abs=1)
    assert not script.said


# -- a clock without Start, Start without a clock ---------------------------------------------


def test_without_a_clock_auto_plays_alone_and_midi_waits():
    assert Script().waits(10_000).state.standing is Standing.ALONE
    assert not Script(sync=Sync.MIDI).waits(10_000).state.rolling


@pytest.mark.parametrize("sync", [Sync.AUTO, Sync.MIDI])
def test_a_clock_without_start_is_locked_to_in_silence(sync):
    script = Script(sync=sync).waits(1_000).clocks(96, bpm=100)
    assert script.state.standing is Standing.STOPPED
    assert script.said == ["There is a clock; waiting for its Start."]


def test_a_clock_without_start_is_enough_if_the_person_says_so():
    script = Script(sync=Sync.MIDI, start_on_clock=True).clocks(48, bpm=100)
    assert script.state.standing is Standing.ROLLING
    assert script.state.timeline.bpm == pytest.approx(100, rel=1e-3)


def test_playing_alone_it_joins_a_clock_where_it_is():
    script = Script(start_on_clock=True).waits(10_007).clocks(48, bpm=100)
    assert script.state.standing is Standing.ROLLING
    assert script.state.jumps == 0
    assert script.pulse == pytest.approx(20 * 480 + 47 * 20, abs=30)


def test_a_stop_is_a_stop_even_where_a_clock_is_enough():
    script = Script(start_on_clock=True).clocks(48).says(STOP).next_clock().clocks(48)
    assert script.state.standing is Standing.STOPPED


def test_auto_goes_on_alone_when_a_clock_without_start_is_gone():
    script = Script().waits(1_000).clocks(96, bpm=100)
    assert not script.state.rolling
    script.waits(60_000)
    assert script.state.standing is Standing.ALONE
    assert script.said[-1] == "There is no clock; playing alone at 100.0 BPM."


@pytest.mark.parametrize("seconds", [2.1, 2.5, 3, 6])
def test_a_pedals_clock_that_lasts_longer_says_the_tempo_too(seconds):
    script = Script().waits(1_000).clocks(round(seconds * 36), 90).waits(2_100)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(90, rel=1e-3)


@pytest.mark.parametrize("pause_ms", [200, 300, 450])
def test_a_tempo_that_is_tapped_again_and_again_stops_nothing(pause_ms):
    script = Script().waits(1_000)
    for bpm in (80, 84, 88, 92):
        script.clocks(28, bpm).waits(pause_ms)
        assert script.state.standing is Standing.ALONE
    script.waits(600)
    assert script.state.timeline.bpm == pytest.approx(92, rel=5e-3)
    assert script.state.jumps == 0


def test_what_was_said_last_is_the_tempo_a_clocks_or_a_persons():
    script = started().says(STOP).next_clock().clocks(160, 133).waits(10_100)
    assert script.state.timeline.bpm == pytest.approx(133, rel=1e-3)
    script = started().waits(2_100)
    assert script.transport.retime(script.now, 90)
    script.waits(1_000).says(STOP)
    script.transport.begin(script.now)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(90, rel=1e-3)


@pytest.mark.parametrize("bpm", [60, 90, 200])
@pytest.mark.parametrize("seconds", [0.8, 1.0, 1.5])
def test_a_pedals_clock_of_a_second_says_the_tempo_and_the_music_goes_on(bpm, seconds):
    script = Script().waits(1_000).clocks(round(seconds * bpm / 60 * 24), bpm)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(120)
    before = script.pulse
    script.waits(600)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(bpm, rel=1e-3)
    assert script.state.jumps == 0
    assert before < script.pulse < before + 2 * 480
    assert script.said == [f"A clock said {bpm:.1f} BPM and is gone; that is the tempo."]
    script.waits(600_000).clocks(round(bpm / 60 * 24), bpm + 10)
    script.waits(600)
    assert script.state.timeline.bpm == pytest.approx(bpm + 10, rel=1e-3)


def test_a_few_clocks_say_nothing():
    script = Script().waits(1_000).clocks(4, 90).waits(60_000)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(120)
    assert script.said == []


def test_start_without_a_clock_waits_and_then_auto_goes_on_alone():
    script = Script().waits(5_000).says(START).waits(900)
    assert not script.state.rolling
    script.waits(200)
    assert script.state.standing is Standing.ALONE
    assert script.pulse == 0


def test_start_without_a_clock_waits_for_ever_under_midi_and_says_so():
    script = Script(sync=Sync.MIDI).says(START).waits(1_100)
    assert script.said == ["The master said Start but sends no clock; waiting for one."]
    assert script.transport.wake() is None
    script.waits(60_000).says(CLOCK)
    assert script.state.timeline.when(0) == script.now


def test_a_late_clock_joins_what_start_began():
    script = Script().says(START).waits(1_100)  # alone, from position 0
    script.waits(2_000).clocks(30)
    assert script.state.standing is Standing.ROLLING
    assert script.pulse == pytest.approx(4 * 480 + 29 * 20, abs=11)


def test_stop_is_obeyed_where_there_is_no_clock():
    assert Script().waits(3_000).says(STOP).state.standing is Standing.STOPPED


def test_internal_hears_no_master():
    script = Script(sync=Sync.INTERNAL).clocks(48, bpm=90).says(STOP, position(9), START)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(120)
    assert script.transport.wake() is None


# -- dropouts ---------------------------------------------------------------------------------


def test_a_silent_clock_is_made_up_for_and_then_it_rests():
    script = started().waits(1_900)
    assert script.state.rolling
    assert script.pulse == pytest.approx(4 * 480 + 1_900 / 500 * 480, abs=1)
    script.waits(200)
    assert script.state.standing is Standing.RESTING
    assert script.said == ["The clock fell silent; resting until it is back."]


def test_a_clock_that_is_back_in_time_is_not_even_noticed():
    script = started().waits(1_500 + 500 / 24).clocks(24)
    assert script.state.jumps == 1
    assert script.pulse == pytest.approx((96 + 72 + 24) * 20, abs=1)


def test_after_a_rest_it_goes_on_in_phase():
    script = started().waits(10_000 + 500 / 24).clocks(24)
    assert script.state.standing is Standing.ROLLING
    assert script.pulse == pytest.approx((96 + 480 + 24) * 20, abs=1)
    assert script.said[-1] == "The clock is back; going on at beat 25."


def test_freewheel_beats_are_the_persons():
    script = started(freewheel_beats=1).waits(600)
    assert script.state.standing is Standing.RESTING


@pytest.mark.parametrize("message", [START, CONTINUE])
def test_a_rest_ends_with_start_or_continue_too(message):
    script = started().waits(9_000).says(message).waits(4).says(CLOCK)
    assert script.state.standing is Standing.ROLLING


def test_a_process_that_stood_still_hears_the_clocks_it_missed():
    script = started()
    due = [script.now + round(number * 500 * MS / 24) for number in range(1, 97)]
    script.now = due[-1]
    for stamp in due:
        script.transport.hear(stamp, CLOCK)
    assert script.state.jumps == 1
    assert script.pulse == pytest.approx(192 * 20, abs=1)


def test_after_a_rest_auto_plays_on_alone_at_the_tempo_last_known():
    script = Script().says(START).waits(1).clocks(97, bpm=133).waits(2_000)
    assert script.state.standing is Standing.RESTING
    script.waits(9_900)
    assert script.state.standing is Standing.RESTING
    script.waits(200)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(133, rel=1e-3)
    assert script.said[-1] == "There is no clock; playing alone at 133.0 BPM."
    assert script.transport.wake() is None


@pytest.mark.parametrize("resting", [0, 3, 120])
def test_how_long_it_rests_is_the_persons(resting):
    script = started(resting_ns=resting * 10**9).waits(2_100)
    assert script.state.standing is Standing.RESTING
    if resting:
        assert script.waits(resting * 1_000 - 10).state.standing is Standing.RESTING
    assert script.waits(100).state.standing is Standing.ALONE


def test_under_midi_it_rests_for_ever():
    script = started(sync=Sync.MIDI).waits(2_100)
    assert script.transport.wake() is None
    assert script.waits(3_600_000).state.standing is Standing.RESTING


def test_after_a_stop_and_no_clock_auto_plays_on_alone():
    script = started().waits(3).says(STOP).waits(9_900)
    assert script.state.standing is Standing.STOPPED
    script.waits(200)
    assert script.state.standing is Standing.ALONE
    assert script.pulse == pytest.approx(97 * 20, abs=50)


@pytest.mark.parametrize("silent_ms", [600, 1_900, 2_100, 9_000])
def test_a_stop_that_comes_after_its_clock_does_not_end_the_music_for_good(silent_ms):
    script = started().waits(silent_ms).says(STOP).waits(9_900)
    assert script.state.standing is Standing.STOPPED
    assert script.waits(200).state.standing is Standing.ALONE


def test_a_stop_that_comes_twice_does_not_either():
    script = started().waits(3).says(STOP).waits(5_000).says(STOP).waits(9_900)
    assert script.state.standing is Standing.STOPPED
    assert script.waits(200).state.standing is Standing.ALONE


def gone_for_good(**following):
    """It plays alone after its master was gone."""
    script = started(**following).waits(2_100).waits(10_100)
    assert script.state.standing is Standing.ALONE
    return script


def test_a_pedal_after_a_master_that_is_gone_is_a_pedal():
    script = gone_for_good().waits(3_000).clocks(36, 90)
    assert script.state.standing is Standing.ALONE
    script.waits(600)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(90, rel=1e-3)
    assert script.said[-1] == "A clock said 90.0 BPM and is gone; that is the tempo."


def test_a_master_that_was_gone_for_good_and_lasts_is_joined_where_it_is():
    script = gone_for_good().waits(3_007)
    jumps = script.state.jumps
    script.clocks(44, 120)
    assert script.state.standing is Standing.ALONE
    script.next_clock().clocks(96)
    assert script.state.standing is Standing.ROLLING
    assert script.state.jumps == jumps
    script.says(STOP)
    assert script.state.standing is Standing.STOPPED


def test_a_master_that_was_gone_for_good_and_says_start_is_obeyed_at_once():
    script = gone_for_good().waits(3_000).clocks(10).says(START).next_clock().clocks(49)
    assert script.state.standing is Standing.ROLLING
    assert script.pulse == pytest.approx(48 * 20, abs=1)


@pytest.mark.parametrize("after_ms", [1_000, 5_000])
def test_recordings_of_before_go_by_the_stops_and_tempi_of_then(after_ms):
    script = started(rules=3).waits(after_ms).says(STOP).waits(60_000)
    assert script.state.standing is Standing.STOPPED
    script = Script(rules=3).waits(1_000).clocks(96, bpm=100).waits(60_000)
    assert script.state.timeline.bpm == pytest.approx(120)


def test_after_a_stop_a_clock_that_goes_on_is_waited_for():
    script = started().says(STOP).next_clock().clocks(24 * 60)
    assert script.state.standing is Standing.STOPPED
    assert script.said == []


def test_a_clock_that_is_back_after_a_stop_without_its_start_is_told_each_time():
    script = started(sync=Sync.MIDI).says(STOP)
    for times in (1, 2):
        script.waits(5_000).clocks(48)
        assert script.state.standing is Standing.STOPPED
        assert script.said == ["There is a clock; waiting for its Start."] * times


def test_a_clock_that_is_enough_is_left_as_it_was_joined():
    """`start_on_clock`: there is no Start to wait for, so it does not rest either."""
    script = Script(start_on_clock=True).waits(1_000).clocks(48, bpm=100).waits(2_500)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(100, rel=1e-3)
    assert script.state.jumps == 0


# -- a person's orders where no clock is ------------------------------------------------------


def rested(**following):
    return started(**following).waits(2_100)


def stopped(**following):
    return started(**following).says(STOP).waits(3_000)


@pytest.mark.parametrize("silent", [rested, stopped])
def test_an_order_makes_it_play_alone(silent):
    script = silent()
    assert script.transport.begin(script.now)
    assert script.state.standing is Standing.ALONE
    script = silent()
    script.transport.locate(script.now, 5 * 96)
    assert script.pulse == 5 * BAR
    assert script.state.standing is Standing.ALONE
    script = silent()
    assert script.transport.retime(script.now, 90)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(90)


@pytest.mark.parametrize("silent", [rested, stopped])
def test_under_midi_an_order_does_not(silent):
    script = silent(sync=Sync.MIDI)
    assert not script.transport.begin(script.now)
    assert not script.transport.retime(script.now, 90)
    assert not script.state.rolling


def test_an_order_does_not_start_what_a_clock_holds_back():
    script = started().says(STOP).next_clock().clocks(48)
    assert not script.transport.begin(script.now)
    assert script.state.standing is Standing.STOPPED


def test_what_an_order_began_a_start_ends():
    script = stopped()
    script.transport.begin(script.now)
    script.waits(3_000).says(START).waits(2).clocks(49)
    assert script.state.standing is Standing.ROLLING
    assert script.pulse == pytest.approx(960, abs=1)


@pytest.mark.parametrize("after_ms", [-0.3, 0.3])
def test_a_loop_brace_is_at_its_first_clock_whether_told_just_before_it_or_just_after(after_ms):
    """A loop of 17 sixteenths, as masters that loop any stretch send it."""
    script = Script().says(START)
    for number in range(5 * 102):
        loop, script.now = number % 102, START_NS + round(number * 500 * MS / 24)
        told = round(after_ms * MS)
        if number and loop == 0 and told < 0:
            script.transport.hear(script.now + told, position(0))
        script.says(CLOCK)
        if number and loop == 0 and told > 0:
            script.transport.hear(script.now + told, position(0))
        assert script.state.timeline.pulse_at(script.now) == pytest.approx(loop * 20, abs=2)


# -- two clocks -------------------------------------------------------------------------------

TWO = "There are two clocks on the input; the one that was there first is followed."


def with_another(later_ms, other, jitter_ms=0.0):
    """A clock at 120 for 40 beats, and from its eighth on another clock, or several."""
    first = arrivals(tempo((120, 120, 40)), 1, jitter_ms, lost=0, doubled=0)[0].tolist()
    stamps = list(first)
    for seed, later in enumerate([later_ms] if isinstance(later_ms, int | float) else later_ms):
        due = tempo((other, other, 120))
        second = arrivals(due, 2 + seed, jitter_ms, lost=0, doubled=0)[0] + 4_000 * MS
        stamps += [s for s in (second + round(later * MS)).tolist() if s < first[-1]]
    script = Script(sync=Sync.MIDI)
    script.now -= 4 * MS
    script.says(START)
    for stamp in sorted(stamps):
        script.now = stamp
        script.says(CLOCK)
    return script


def is_followed(script, within_ms=2):
    """Whether it is the first clock that is, and whether it is said that there are two."""
    assert script.state.timeline.bpm == pytest.approx(120, abs=0.3)
    due = START_NS + 39 * 500 * MS
    assert script.state.timeline.when(39 * 480) == pytest.approx(due, abs=within_ms * MS)
    assert script.said == [TWO]


@pytest.mark.parametrize("jitter", [0.0, 1.0])
@pytest.mark.parametrize("later_ms", [4, 5, 6, 8, 15])
def test_the_same_clock_over_two_cables_is_one(later_ms, jitter):
    script = with_another(later_ms, 120, jitter)
    assert script.state.timeline.bpm == pytest.approx(120, abs=0.2)
    assert abs(script.state.timeline.when(39 * 480) - (START_NS + 39 * 500 * MS)) < 2 * MS
    assert script.said == [TWO]


@pytest.mark.parametrize("other", [90, 100, 118, 150])
def test_where_the_first_of_two_masters_is_gone_the_other_one_is_followed_in_time(other):
    first = [(START_NS + round(number * 500 * MS / 24), CLOCK) for number in range(480)]
    step = ns_per_beat(other) / 24
    second = [(START_NS + 4_007 * MS + round(number * step), CLOCK) for number in range(700)]
    script = Script().says(START)
    pulse = 0
    for script.now, message in sorted(first + second):
        script.says(message)
        if script.now > START_NS + 500 * MS:
            assert pulse - 48 < script.pulse < pulse + 96  # from one phase to the other
        pulse = script.pulse
    assert script.state.standing is Standing.ROLLING
    assert script.state.timeline.bpm == pytest.approx(other, rel=2e-3)
    assert script.state.jumps == 1


@pytest.mark.parametrize("other", [90, 100, 133, 150])
def test_another_clock_beside_it_is_not_followed(other):
    script = with_another(7, other, 1.0)
    assert script.state.timeline.bpm == pytest.approx(120, abs=0.3)
    assert abs(script.state.timeline.when(39 * 480) - (START_NS + 39 * 500 * MS)) < 3 * MS
    assert script.said == [TWO]


@pytest.mark.parametrize("jitter", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("later_ms", [8, 9, 12, 13])
def test_a_copy_near_half_a_tick_later_is_no_doubled_tempo(later_ms, jitter):
    script = with_another(later_ms, 120, jitter)
    assert script.state.timeline.bpm == pytest.approx(120, abs=0.3)
    assert script.said == [TWO]


@pytest.mark.parametrize("jitter", [0.0, 1.0])
@pytest.mark.parametrize(("later_ms", "other"), [(5, 60), (9, 60), (5, 240), (5, 121), (5, 119)])
def test_a_clock_at_half_or_double_the_tempo_or_next_to_it_is_not_followed(later_ms, other, jitter):
    script = with_another(later_ms, other, jitter)
    assert script.state.timeline.bpm == pytest.approx(120, abs=0.5)
    assert abs(script.state.timeline.when(39 * 480) - (START_NS + 39 * 500 * MS)) < 6 * MS
    assert script.said == [TWO]


@pytest.mark.parametrize("jitter", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("later_ms", [9.9, 10.4, 500 / 48, 10.5, 10.9])
def test_a_copy_half_a_tick_later_is_no_doubled_tempo(later_ms, jitter):
    is_followed(with_another(later_ms, 120, jitter))


@pytest.mark.parametrize("jitter", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("later_ms", [(3, 6), (4, 8), (6, 12), (500 / 72, 500 / 36), (9, 18)])
def test_three_copies_of_a_clock_are_one(later_ms, jitter):
    is_followed(with_another(later_ms, 120, jitter), within_ms=3)


@pytest.mark.parametrize("other", [118, 119, 119.5, 120.5, 121, 122, 240])
@pytest.mark.parametrize("later_ms", [2, 5, 10])
def test_a_jittery_clock_is_not_captured_by_one_next_to_it_or_doubled(other, later_ms):
    is_followed(with_another(later_ms, other, 2.0), within_ms=3)


@pytest.mark.parametrize("later_ms", [1, 2, 19, 20])
def test_a_copy_that_is_next_to_its_clock_counts_nothing_twice(later_ms):
    is_followed(with_another(later_ms, 120, 0.5))


@pytest.mark.parametrize("bpm", [60, 80])
def test_a_tempo_that_doubles_where_a_copy_would_be_late_is_a_tempo(bpm):
    due = tempo((bpm, bpm, 16), (2 * bpm, 2 * bpm, 16))
    script = Script(sync=Sync.MIDI).says(START)
    for stamp in due.astype(int).tolist():
        script.now = stamp
        script.says(CLOCK)
    assert script.state.timeline.bpm == pytest.approx(2 * bpm, rel=1e-3)
    assert script.said == []


@pytest.mark.parametrize("jitter", [0.0, 1.0])
@pytest.mark.parametrize(("before", "after"), [(60, 120), (120, 60), (70, 140), (80, 160)])
def test_no_tick_is_lost_or_made_up_where_a_tempo_doubles_or_halves(before, after, jitter):
    due = tempo((before, before, 20), (after, after, 20))
    script = Script(sync=Sync.MIDI)
    script.now -= 3 * MS
    script.says(START)
    for stamp in arrivals(due, 5, jitter, lost=0, doubled=0)[0].tolist():
        script.now = stamp
        script.says(CLOCK)
    assert script.state.timeline.when(39 * 480) == pytest.approx(due[39 * 24], abs=2 * MS)


def jumped(before, after, jitter_ms, seed, **following):
    """How many ticks the count is off, two bars after a jump of the tempo and six."""
    due = tempo((before, before, 10), (after, after, 24))
    off = []
    for beats in (18, 34):
        script = Script(sync=Sync.MIDI, **following)
        script.now -= 3 * MS
        script.says(START)
        stamps = arrivals(due, seed, jitter_ms, lost=0, doubled=0)[0]
        for stamp in stamps[: beats * 24].tolist():
            script.now = stamp
            script.says(CLOCK)
        late = script.state.timeline.when((beats - 1) * 480) - due[(beats - 1) * 24]
        off.append(late * after * 24 / 60e9)
        assert script.said == []
    return off


@pytest.mark.parametrize("jitter", [0.0, 2.0])
@pytest.mark.parametrize("ratio", [1 / 3, 0.4, 0.5, 2 / 3, 1.17, 1.5, 3])
@pytest.mark.parametrize("bpm", [60, 90, 120, 170])
def test_after_a_jump_of_the_tempo_the_count_is_right_within_two_bars(bpm, ratio, jitter):
    if 25 < bpm * ratio < 300:
        off = jumped(bpm, bpm * ratio, min(jitter, 500 / max(bpm, bpm * ratio)), bpm)
        assert off == pytest.approx([0, 0], abs=0.15)


def test_a_recording_of_before_is_counted_as_it_was_then():
    assert jumped(170, 170 / 3, 0.0, 0, rules=3) == pytest.approx([-4, -4], abs=0.01)


@pytest.mark.parametrize("jitter", [2.0, 3.0, 5.0])
@pytest.mark.parametrize("bpm", [40, 60, 70])
def test_a_tempo_that_doubles_is_no_second_clock_however_large_the_jitter(bpm, jitter):
    due = tempo((bpm, bpm, 10), (2 * bpm, 2 * bpm, 12))
    for seed in range(10):
        script = Script(sync=Sync.MIDI).says(START)
        for stamp in arrivals(due, seed, jitter)[0].tolist():
            script.now = stamp
            script.says(CLOCK)
        assert script.said == []
        assert script.state.timeline.bpm == pytest.approx(2 * bpm, rel=0.02)


@pytest.mark.parametrize("lump_ms", [10, 21.333, 30])
@pytest.mark.parametrize("bpm", [90, 140])
@pytest.mark.parametrize("delay_ms", [4, 7, 10.4])
def test_two_cables_in_lumps_are_one_clock(delay_ms, bpm, lump_ms):
    """Both are handed over when a period is over, and so is Start."""
    due = tempo((bpm, bpm, 24))
    sent = [(START_NS - MS, START), (START_NS - MS + delay_ms * MS, START)]
    sent += [(stamp + later * MS, CLOCK) for later in (0, delay_ms) for stamp in due.tolist()]
    script = Script(sync=Sync.MIDI)
    for stamp, message in sorted(sent):
        due_at = int(-(-stamp // (lump_ms * MS)) * lump_ms * MS)
        script.now = max(due_at, script.now + 30_000)
        script.says(message)
    assert script.state.timeline.bpm == pytest.approx(bpm, rel=0.004)
    off = script.state.timeline.when(20 * 480) - due[20 * 24]
    assert abs(off) < max(lump_ms, delay_ms) * MS


@pytest.mark.parametrize(
    ("bpm", "lump_ms", "jitter"),
    [(163, 50, 0), (148, 11.25, 1), (155.7, 46.44, 2), (133, 35.2, 0.2), (242, 33.4, 0)],
)
def test_of_one_clock_in_lumps_it_is_never_said_that_there_are_two(bpm, lump_ms, jitter):
    for seed in range(4):
        script = Script(sync=Sync.MIDI).says(START)
        for stamp in in_lumps(tempo((bpm, bpm, 12)), seed, lump_ms, jitter, lost=0)[0].tolist():
            script.now = stamp
            script.says(CLOCK)
        assert script.said == []


@pytest.mark.parametrize("stall_ms", [60, 100, 150, 300])
def test_ticks_that_are_held_up_and_come_at_once_are_neither_lost_nor_doubled(stall_ms):
    """A clock over Wi-Fi: up to 6 ms late, and now and then all of it stands still."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        due = tempo((120, 120, 60))
        script = Script(sync=Sync.MIDI)
        script.now -= MS
        script.says(START)
        free, stall = 0.0, START_NS + 3e9
        for at in due.tolist():
            if at > stall:
                free, stall = at + stall_ms * MS * rng.uniform(0.6, 1), at + rng.uniform(2e9, 4e9)
            script.now = int(max(at + rng.uniform(0, 6 * MS), free, script.now + 100_000))
            script.says(CLOCK)
        late = script.state.timeline.when(58 * 480) - due[58 * 24]
        assert late == pytest.approx(3 * MS, abs=2 * MS)


def cables(delays_ms, jitter_ms, running_ms, bpm=120, seed=0):
    """A master over several cables: clock for so long, Start, and 24 beats more."""
    due = tempo((bpm, bpm, 24 + running_ms * bpm // 60_000))
    start = START_NS + running_ms * MS
    sent = [(start - 1 * MS + round(delay * MS), START) for delay in delays_ms]
    for cable, delay in enumerate(delays_ms):
        stamps = arrivals(due, seed + cable, jitter_ms, lost=0, doubled=0)[0]
        sent += [(stamp + round(delay * MS), CLOCK) for stamp in stamps.tolist()]
    script = Script(sync=Sync.MIDI)
    for stamp, message in sorted(sent):
        script.now = stamp
        script.says(message)
    return script, start


@pytest.mark.parametrize("running_ms", [0, 1_000])
@pytest.mark.parametrize("jitter", [0.0, 0.9])
@pytest.mark.parametrize(
    "delays_ms",
    [(0, 1), (0, 4), (0, 7), (0, 9), (0, 10.4), (0, 12), (0, 18), (0, 3, 6), (0, 6, 12)],
)
def test_a_start_that_comes_twice_tells_which_ticks_do(delays_ms, jitter, running_ms):
    script, start = cables(delays_ms, jitter, running_ms)
    assert script.state.timeline.bpm == pytest.approx(120, abs=0.3)
    assert script.state.timeline.when(20 * 480) == pytest.approx(start + 10_000 * MS, abs=2 * MS)


@pytest.mark.parametrize("bpm", [95, 140, 190])
@pytest.mark.parametrize("delays_ms", [(0, 2, 4), (0, 1, 2), (0, 2, 2)])
def test_three_cables_nearer_than_the_jitter_are_three(delays_ms, bpm):
    for seed in (0, 190):
        script, start = cables(delays_ms, 2.0, 0, bpm, seed)
        assert script.state.timeline.bpm == pytest.approx(bpm, rel=0.005)
        late = script.state.timeline.when(20 * 480) - start - 20 * 60e9 / bpm
        assert -2 * MS < late < (max(delays_ms) + 2) * MS


@pytest.mark.parametrize("bpm", [100, 160, 190])
def test_three_cables_without_jitter_are_told_wherever_in_a_period_they_come(bpm):
    due = tempo((bpm, bpm, 32))
    stamps = [*due, *(due[192:] + 2.02 * MS), *(due[192:] + 4.04 * MS)]
    script = Script(sync=Sync.MIDI).says(START)
    for stamp in sorted(int(each) for each in stamps):
        script.now = stamp
        script.says(CLOCK)
    assert script.state.timeline.bpm == pytest.approx(bpm, rel=0.002)
    assert script.state.timeline.when(31 * 480) == pytest.approx(due[31 * 24], abs=5 * MS)
    assert script.said == [TWO]


def test_a_start_that_comes_twice_restarts_nothing_and_a_later_one_does():
    script = started().clocks(24)
    script.says(START).waits(20).says(START).clocks(1)
    assert script.state.timeline.pulse_at(script.now) == pytest.approx(0, abs=30)
    script.clocks(48).says(START).clocks(1)
    assert script.state.timeline.pulse_at(script.now) == pytest.approx(0, abs=30)


def test_stop_and_start_at_once_are_two_messages():
    script = started().clocks(24)
    for _ in range(3):
        script.says(STOP).says(position(0)).says(START).clocks(96)
        assert script.state.standing is Standing.ROLLING


# -- silly clocks -----------------------------------------------------------------------------


@pytest.mark.parametrize(("bpm", "pace"), [(25_000, "too fast"), (1_000, "too fast"), (10, "slow")])
def test_a_silly_clock_is_ignored_and_said_once(bpm, pace):
    script = Script().clocks(1_000, bpm)
    assert script.state.standing is Standing.ALONE
    assert script.state.timeline.bpm == pytest.approx(120)
    assert len(script.said) == 1
    assert pace in script.said[0]


@pytest.mark.parametrize("bpm", [25_000, 1_000, 10])
def test_a_clock_that_turns_silly_while_rolling_ends_in_a_rest(bpm):
    script = started(sync=Sync.MIDI).next_clock().clocks(4_000, bpm).waits(2_500)
    assert script.state.standing is Standing.RESTING
    assert 20 <= script.state.timeline.bpm <= 400
    assert len(script.said) == 2
    script.says(START).waits(4).clocks(97)
    assert script.pulse == pytest.approx(96 * 20, abs=1)


@pytest.mark.parametrize("jitter", [0.0, 0.5])
@pytest.mark.parametrize("first_gap", [None, 0.5, 1.0])
@pytest.mark.parametrize("silly", [450, 600, 800, 1_000, 25_000])
@pytest.mark.parametrize("bpm", [60, 100, 120, 140, 160, 200])
def test_a_clock_that_turns_too_fast_is_no_second_clock(bpm, silly, first_gap, jitter):
    """Whatever the gap at the turn: a tick's at the new pace, or a part of one at the old."""
    calm, fast = ns_per_beat(bpm) / 24, ns_per_beat(silly) / 24
    turn = 96 * calm + (fast if first_gap is None else first_gap * calm)
    due = START_NS + np.concatenate([np.arange(97) * calm, turn + np.arange(600) * fast])
    rng = np.random.default_rng(bpm + silly)
    # No more than a quarter of a gap: the ticks stay apart.
    most = min(jitter * MS, fast / 4)
    script = Script(sync=Sync.MIDI).says(START)
    for stamp in (due + rng.uniform(-most, most, len(due))).astype(int).tolist():
        script.now = max(stamp, script.now)
        script.says(CLOCK)
    script.waits(5_000)
    assert script.said == [
        "The clock is too fast to be followed and is ignored.",
        "The clock fell silent; resting until it is back.",
    ]


@pytest.mark.parametrize(
    "message", [b"", b"\xf2", b"\xf2\x01", b"\xf1\x20", b"\xfe", b"\xff", b"\x90\x40\x40", b"\x40"]
)
def test_other_messages_do_not_concern_it(message):
    script = started()
    before = script.state
    assert script.says(message).state == before


# -- laws -------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset_ms", [-12, 7])
def test_clock_offset_moves_the_music(offset_ms):
    shifted = started(clock_ns=offset_ms * MS).state.timeline.when(1_000)
    assert shifted - started().state.timeline.when(1_000) == pytest.approx(
        offset_ms * MS, abs=MS / 20
    )


@pytest.mark.parametrize("jitter", [1.0, 3.0])
def test_musical_time_never_runs_backwards_on_a_steady_clock(jitter):
    script = Script().says(START)
    last = -1
    for stamp in arrivals(tempo((120, 120, 200)), 3, jitter)[0].tolist():
        before = script.state.timeline.pulse_at(stamp)
        script.transport.hear(stamp, CLOCK)
        after = script.state.timeline.pulse_at(stamp)
        if last > 480:  # the first beat is played at a guessed tempo
            assert last <= before <= after <= before + 1
        last = after


MESSAGES = st.one_of(
    st.sampled_from([CLOCK] * 6 + [START, CONTINUE, STOP, b"\x90\x40\x40", b"\xf2\x01"]),
    st.integers(0, 16_383).map(position),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300 * MS), MESSAGES), max_size=120),
    st.sampled_from(Sync),
    st.booleans(),
    st.floats(0, 8),
)
def test_whatever_a_master_says_the_tempo_is_within_limits_and_time_outs_end(
    said, sync, start_on_clock, freewheel_beats
):
    script = Script(sync=sync, start_on_clock=start_on_clock, freewheel_beats=freewheel_beats)
    jumps = 0
    for gap, message in said:
        script.waits(gap / MS).says(message)
        assert 19.99 <= script.state.timeline.bpm <= 400.01
        assert script.state.jumps >= jumps
        jumps = script.state.jumps
    time_outs = 0
    while (wake := script.transport.wake()) is not None and time_outs < 5:
        script.transport.turn(wake)
        time_outs += 1
    assert script.transport.wake() is None

"""Laws of the keyboard: what cables and devices say more than hands do changes nothing."""

import pytest

from improvd.core.hearing.ear import Ear
from improvd.core.hearing.keyboard import Keyboard
from improvd.core.hearing.windows import spans
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.messages import RULES

BEAT = 480
SPANS = spans(Timeline(0, 0, ns_per_beat(120)), RULES)
OLDER = 3


def ear_of(*notes: tuple[int, int, int], rules: int = RULES) -> Ear:
    """An ear that has heard these: (pulse, pitch, velocity), on the first channel."""
    ear = Ear(rules)
    hear(ear, *notes)
    return ear


def hear(ear: Ear, *notes: tuple[int, int, int], channel: int = 0) -> None:
    for pulse, pitch, velocity in notes:
        if velocity:
            ear.note_on(pulse, channel, pitch, velocity)
        else:
            ear.note_off(pulse, channel, pitch)


@pytest.mark.parametrize("later", [0, 1, 40])
@pytest.mark.parametrize("held", [48, 72, 84])
def test_a_key_that_comes_up_twice_lets_go_of_no_other_octave(held, later):
    ear = ear_of((0, held, 80), (100, 60, 80), (200, 60, 0), (200 + later, 60, 0))
    assert ear.held == (held,)


def test_a_note_that_begins_before_its_like_has_ended_lets_go_of_no_other_octave():
    """As sequencers play: on, on, off, off."""
    ear = ear_of((0, 72, 80), (100, 60, 80), (340, 60, 80), (350, 60, 0), (580, 60, 0))
    assert ear.held == (72,)
    hear(ear, (600, 84, 0))  # the octave button, since
    assert ear.held == ()


def test_the_octave_button_still_strands_no_note():
    ear = ear_of((0, 60, 80), (100, 74, 80), (200, 74, 0), (300, 72, 0))
    assert ear.held == ()


def test_by_older_rules_it_does():
    ear = ear_of((0, 72, 80), (100, 60, 80), (200, 60, 0), (201, 60, 0), rules=OLDER)
    assert ear.held == ()


@pytest.mark.parametrize("channel", [0, 1, 15])
@pytest.mark.parametrize("late_ms", [0, 1, 20, 43, 60])
def test_a_stroke_that_comes_over_two_cables_is_one(late_ms, channel):
    """Of a keyboard that is connected twice, by way of a DAW too, or plays two sounds at once."""
    ear, late = Ear(RULES), round(late_ms * BEAT / 500)
    line = [60, 62, 62, 64]
    messages = []
    for number, pitch in enumerate(line):
        at = number * 240
        for on, delay in ((0, 0), (channel, late)):
            messages += [(at + delay, on, pitch, 80), (at + 150 + delay, on, pitch, 0)]
    for pulse, on, pitch, velocity in sorted(messages, key=lambda message: message[0]):
        hear(ear, (pulse, pitch, velocity), channel=on)
    melody = [pitch for beat in range(3) for _, pitch in ear.close(beat, SPANS).melody]
    assert melody == line
    assert ear.held == ()


def test_a_note_of_no_length_is_heard():
    """As of a program that sends its end in the same instant."""
    ear = ear_of((100, 60, 80), (100, 60, 0), (340, 64, 80), (340, 64, 0))
    assert [pitch for _, pitch in ear.close(0, SPANS).melody] == [60, 64]
    assert ear.held == ()


def test_a_key_whose_end_was_lost_can_be_struck_again():
    ear = ear_of((0, 60, 80), (240, 60, 80))
    assert [pitch for _, pitch in ear.close(0, SPANS).melody] == [60, 60]


def test_a_key_struck_while_the_pedal_holds_it_sounds_on_when_that_comes_up():
    ear = ear_of((0, 60, 80))
    ear.sustain(10, [0], down=True)
    hear(ear, (20, 60, 0), (100, 60, 80))
    ear.sustain(200, [0], down=False)
    assert ear.held == (60,)
    hear(ear, (300, 60, 0))
    assert ear.held == ()


def phrase(ear: Ear, beat: int) -> float | None:
    """Beats since the last sound, three beats after a phrase of one began."""
    for number, pitch in enumerate([67, 69, 70, 72]):
        at = beat * BEAT + number * 120
        hear(ear, (at, pitch, 80), (at + 90, pitch, 0))
    for each in range(beat, beat + 3):
        ear.close(each, SPANS)
    return ear.quiet((beat + 3) * BEAT)


@pytest.mark.parametrize("said", [1, 3])
def test_a_pedal_that_is_never_let_go_holds_for_ten_seconds_and_no_more(said):
    """Wired the wrong way round, it is down as long as nobody steps on it; or its end was lost."""
    ear = Ear(RULES)
    for _ in range(said):
        ear.sustain(0, [0], down=True)
    assert phrase(ear, 0) == 0
    for beat in range(4, 24):
        ear.close(beat, SPANS)
    ear.sustain(24 * BEAT, [0], down=True)  # as pedals with a way to go say again and again
    assert phrase(ear, 24) == pytest.approx(2.06, abs=0.01)
    ear.sustain(28 * BEAT, [0], down=False)
    ear.sustain(29 * BEAT, [0], down=True)
    assert phrase(ear, 30) == 0, "stepped on, it holds"


def test_a_tired_pedal_is_tired_after_a_loss_and_after_a_jump_too():
    keyboard, other = Keyboard(RULES), Keyboard(RULES)
    keyboard.sustain(0, 3, True)
    keyboard.sustain(900, 4, True)
    keyboard.tire(500)
    keyboard.jump(10_000)
    other.restore(keyboard.memory())
    assert other.memory() == keyboard.memory()
    assert (other.memory().tired, other.memory().pressed) == ((3,), ((4, 10_900),))


def test_by_older_rules_a_pedal_is_down_as_long_as_it_says():
    ear = Ear(OLDER)
    ear.sustain(0, [0], down=True)
    for beat in range(40):
        ear.close(beat, SPANS)
    assert phrase(ear, 40) == 0

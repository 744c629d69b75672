"""A second program comps over a chart that says something else, on a real MIDI system."""

import time
from pathlib import Path

from improvd.core.harmony.chord import parse_chord
from tests.harness.daemon import DaemonProcess
from tests.harness.jack import JackServer, Keyboard
from tests.harness.pianist import stacked

CHANGES = ("Em7", "A7", "Dmaj7", "Cm7", "F7", "Bbmaj7")
BPM = 200


def test_ii_v_i_in_other_keys_is_followed_within_a_beat(jack: JackServer, tmp_path: Path):
    """A chord in the middle of the keyboard on each bar's one, held for three beats."""
    options = ("--band", "--chart", "modal", "--sync", "internal", "--count-in", "0")
    with DaemonProcess(*options, "--tempo", str(BPM), env=jack.env, cwd=tmp_path) as jam:
        played: dict[int, str] = {}
        with Keyboard(jam.ports[1]) as keyboard:
            for name in CHANGES:
                bar = _wait_for_place(jam, 1)
                chord = parse_chord(name)
                tones = [(tone - chord.root) % 12 for tone in chord.tones]
                pitches = stacked(tones, chord.root, 50)
                keyboard.send(*(bytes((0x90, pitch, 80)) for pitch in pitches))
                played[bar] = name
                _wait_for_place(jam, 4)
                keyboard.send(*(bytes((0x80, pitch, 64)) for pitch in pitches))
        jam.wait_for_beats(len(jam.beats) + 1)
        assert jam.leave() == 0
    heard = {(int(beat[1]), int(beat[2])): beat[3] for beat in jam.beats}
    followed = [heard[bar, beat] == name for bar, name in played.items() for beat in (2, 3, 4)]
    assert sum(followed) >= 0.8 * len(followed), (played, heard)


def _wait_for_place(jam: DaemonProcess, place: int) -> int:
    """The bar of the next beat at this place of its bar, as soon as it is there."""
    before = len(jam.beats)
    while True:
        jam.wait_for_beats(before + 1)
        latest = jam.beats[-1]
        if int(latest[2]) == place:
            time.sleep(0.01)
            return int(latest[1])
        before = len(jam.beats)

"""The clocks that others use, for `bench/timing.py`: `peers.py naive|isobar SECONDS`.

Sends a note 48 times a second (24 a beat at 120 BPM) through a JACK port of its own, and prints in
JSON how many ns after its due time each one was sent, and what share of a core that took. Nobody
but these programs knows when their first note was due, so the one that came soonest, counted back
to the start, is taken to have been on time.
"""

import json
import sys
import time

import mido

_BPM, _PER_BEAT = 120, 24
_INTERVAL_S = 60 / _BPM / _PER_BEAT
_BACKEND = "mido.backends.rtmidi/UNIX_JACK"


def naive(seconds: float) -> list[int]:
    """What a first MIDI program looks like: send, sleep for the interval, again."""
    port = mido.Backend(_BACKEND).open_output("naive", virtual=True)
    sent = []
    for _ in range(int(seconds / _INTERVAL_S)):
        port.send(mido.Message("note_on", note=60, velocity=64))
        sent.append(time.monotonic_ns())
        time.sleep(_INTERVAL_S)
    return sent


def isobar(seconds: float) -> list[int]:
    """Isobar's own timeline and MIDI output, its events stamped as they have been sent."""
    import isobar as iso  # noqa: PLC0415 - only where it is asked for
    from isobar.io.midi import MidiOutputDevice  # noqa: PLC0415 - as above

    sent = []

    class Stamping(MidiOutputDevice):
        def note_on(self, note: int = 60, velocity: int = 64, channel: int = 0) -> None:
            super().note_on(note, velocity, channel)
            sent.append(time.monotonic_ns())

    mido.set_backend(_BACKEND)
    timeline = iso.Timeline(_BPM, output_device=Stamping("isobar", virtual=True))
    timeline.schedule({"note": iso.PSeries(60, 0), "duration": 1 / _PER_BEAT})
    timeline.background()
    time.sleep(seconds)
    return sent


def late(sent: list[int]) -> list[int]:
    """Each moment after its place in an even row, which is laid so that none is early."""
    row = [moment - round(count * _INTERVAL_S * 1e9) for count, moment in enumerate(sent)]
    return [moment - min(row) for moment in row]


if __name__ == "__main__":
    cpu, began = time.process_time(), time.monotonic()
    moments = {"naive": naive, "isobar": isobar}[sys.argv[1]](float(sys.argv[2]))
    share = (time.process_time() - cpu) / (time.monotonic() - began)
    print(json.dumps({"late": late(moments), "cpu": share}), flush=True)

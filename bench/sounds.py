"""Renders the sounds of the live page from the soundfont FluidR3, which is free (MIT licence).

    python bench/sounds.py /usr/share/sounds/sf2/FluidR3_GM.sf2

needs fluidsynth and lame (Debian: fluidsynth, lame, fluid-soundfont-gm). Every few semitones of a
voice one note is rendered, and the page plays the others by playing it faster or slower. Each file
begins with its onset, ends with a fade, and is as loud as the others of its voice were.
"""

import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import mido
import numpy as np

SOUNDS = Path(__file__).parents[1] / "improvd/service/web/page/sounds"
RATE = 44_100
LONGEST_S = 4.0
FADE_S = 0.15
# Program (from 0; None: the drum kit), seconds, and pitches.
VOICES = {
    "vibraphone": (11, 2.6, range(53, 90, 6)),
    "rhodes": (4, 2.4, range(41, 90, 6)),
    "piano": (0, 2.2, range(41, 90, 6)),
    "bass": (32, 1.6, range(28, 59, 5)),
    "ride": (None, 1.8, (51,)),
    "crash": (None, 1.8, (49,)),
    "hihat": (None, 0.35, (44,)),
    "openhat": (None, 0.8, (46,)),
    "snare": (None, 0.4, (38,)),
    "sidestick": (None, 0.3, (37,)),
    "kick": (None, 0.4, (36,)),
    "click": (None, 0.2, (76,)),
}


def rendered(soundfont: Path, program: int | None, pitches: list[int], place: Path) -> np.ndarray:
    """Each pitch struck alone, `LONGEST_S` apart, as mono samples (n,), -1 to 1."""
    channel = 9 if program is None else 0
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)])
    if program is not None:
        track.append(mido.Message("program_change", program=program, channel=channel))
    for pitch in pitches:
        track.append(mido.Message("note_on", note=pitch, velocity=100, channel=channel))
        off = round((LONGEST_S - 0.5) * 1000)
        track.append(mido.Message("note_off", note=pitch, channel=channel, time=off))
        track.append(mido.Message("control_change", control=120, channel=channel, time=500))
    mido.MidiFile(ticks_per_beat=1000, tracks=[track]).save(place / "notes.mid")
    plain = ["-ni", "-R", "0", "-C", "0", "-g", "0.8", "-r", str(RATE)]
    command = ["fluidsynth", *plain, "-F", place / "notes.wav", soundfont, place / "notes.mid"]
    subprocess.run(command, check=True, capture_output=True)
    with wave.open(str(place / "notes.wav")) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return frames.reshape(-1, 2).mean(axis=1) / 32768


def cut(samples: np.ndarray, seconds: float) -> np.ndarray:
    """The note from its onset on, with a fade at its end."""
    onset = int(np.argmax(np.abs(samples) > 0.01 * np.abs(samples).max()))
    note = samples[max(onset - RATE // 1000, 0) :][: round(seconds * RATE)].copy()
    fade = round(min(FADE_S, seconds / 2) * RATE)
    note[-fade:] *= np.linspace(1, 0, fade) ** 2
    return note


def write(note: np.ndarray, name: str, place: Path) -> None:
    """As an mp3 of the page's sounds."""
    with wave.open(str(place / "note.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((note * 32767).astype("<i2").tobytes())
    encode = ["lame", "--quiet", "-m", "m", "--resample", "32", "-V", "6", "-t"]
    subprocess.run([*encode, place / "note.wav", SOUNDS / f"{name}.mp3"], check=True)


def main(soundfont: Path) -> None:
    SOUNDS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for voice, (program, seconds, pitches) in VOICES.items():
            samples = rendered(soundfont, program, list(pitches), place)
            step = round(LONGEST_S * RATE)
            notes = [cut(samples[n * step :][:step], seconds) for n in range(len(pitches))]
            loudest = max(np.abs(note).max() for note in notes)
            for pitch, note in zip(pitches, notes, strict=True):
                name = voice if program is None else f"{voice}-{pitch}"
                write(note / loudest * 0.9, name, place)
    size = sum(path.stat().st_size for path in SOUNDS.glob("*.mp3"))
    print(f"{len(list(SOUNDS.glob('*.mp3')))} sounds, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

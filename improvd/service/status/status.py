"""Where the music is, as a person asks for it: built from what the player reports. Pure."""

from typing import Any

import msgspec
from msgspec.structs import replace

from improvd.config import Config
from improvd.core.midi.messages import strikes
from improvd.core.playing.modes import Turn
from improvd.core.sync.transport_state import Standing
from improvd.messages import (
    Gap,
    Left,
    Moved,
    Mute,
    Notice,
    Obeyed,
    Played,
    Ready,
    Report,
    Sent,
    Tempo,
)
from improvd.service.status.company import VoiceStanding

_NOTICES = 5
_FROM_READY = ("plays_on", "hears_on", "no_midi", "title", "bpm")


class SaidNotice(msgspec.Struct, frozen=True):
    """A sentence for the person, and when it was said (seconds since 1970)."""

    at: float
    text: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be known at a moment. It starts anew with the service, not with the player.

    `standing` is the transport's: alone, stopped, armed, rolling or resting. `bar` and `beat` count
    from 1, 0 before the first. `since` and the times of `notices` are seconds since 1970. `lost`
    counts reports that found no room, in so many `gaps`; `restarts` players that followed one that
    was lost, `reconnects` those that followed one that left because the MIDI system had gone.
    `voices` are the soloist and the band, none where there is no band, and `feel` is how it plays.
    `tune` is the number of the one that is played, of so many `tunes` of the set, None without one;
    `coming` is the title of the one that begins when the chorus is over.
    """

    name: str
    since: float
    mode: str
    model: str
    up: bool = False
    plays_on: str | None = None
    hears_on: str | None = None
    no_midi: str | None = None
    title: str = ""
    bpm: float = 0.0
    standing: str = Standing.ALONE
    bar: int = 0
    beat: int = 0
    chord: str = ""
    turn: Turn = Turn.LISTEN
    heard: bool = False
    muted: bool = False
    beats: int = 0
    notes: int = 0
    lost: int = 0
    gaps: int = 0
    restarts: int = 0
    reconnects: int = 0
    midi_lost: bool = False
    notices: tuple[SaidNotice, ...] = ()
    seed: int | None = None
    voices: tuple[VoiceStanding, ...] = ()
    feel: str = ""
    tune: int | None = None
    tunes: int = 0
    coming: str = ""

    def after(self, report: Report, now: float) -> "Status":
        """The status once this report has come, at `now` (seconds since 1970)."""
        changes = _changes(self, report, now)
        return replace(self, **changes) if changes else self


def opening(config: Config, now: float) -> Status:
    """The status before the player has said anything."""
    return Status(
        name=config.name, since=now, mode=config.mode, model=config.model, seed=config.seed
    )


def _changes(status: Status, report: Report, now: float) -> dict[str, Any]:
    """The fields that a report sets."""
    changes: dict[str, Any] = {}
    match report:
        case Played(beat=beat):
            changes = {"bar": beat.bar, "beat": beat.beat_in_bar, "beats": status.beats + 1}
            changes |= {key: getattr(beat, key) for key in ("chord", "turn", "heard", "tune")}
        case Sent(message=message) if strikes(message):
            changes = {"notes": status.notes + 1}
        case Moved(standing=standing, bpm=bpm):
            changes = {"standing": standing, "bpm": bpm}
        case Obeyed(order=Mute(on=on)):
            changes = {"muted": on}
        case Obeyed(order=Tempo(bpm=bpm)):
            changes = {"bpm": bpm}
        case Notice(text=text):
            changes = {"notices": (*status.notices, SaidNotice(now, text))[-_NOTICES:]}
        case Gap(lost=lost):
            changes = {"lost": status.lost + lost, "gaps": status.gaps + 1}
        case Left(midi_lost=midi_lost):
            changes = {"midi_lost": midi_lost}
        case Ready():
            changes = _opened(status) | {key: getattr(report, key) for key in _FROM_READY}
    return changes


def _opened(status: Status) -> dict[str, Any]:
    """Which kind of start this was: the first one, one after a loss, one after MIDI came back."""
    if not status.bpm:
        return {}
    kind = "reconnects" if status.midi_lost else "restarts"
    return {"midi_lost": False, kind: getattr(status, kind) + 1}

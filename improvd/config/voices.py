"""Voices as a configuration has them: those of the keys, and a soloist for each `[[voice]]`.

What an entry sets wins over the keys outside; what it leaves out it has from them.
"""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from msgspec.structs import replace

from improvd.config.keys import SHORTEST_REGISTER, Config

FIRST = "soloist"
"""The voice that the keys outside the entries set."""
BAND = ("bass", "piano", "drums")
OF_SOLOIST = (
    *("port", "channel", "low", "high", "velocity", "expression", "notes_per_second"),
    *("model", "mode", "temperature", "sample", "seed", "opening", "step", "respond", "tonight"),
)
"""The keys that a soloist can have of its own."""
_SEEDS = 1 << 63
Entry = Mapping[str, Any]


class VoiceError(ValueError):
    """Voices that cannot play together; one sentence, beginning with the entry's place."""


def of(config: Config, entry: Entry) -> Config:
    """The configuration that the soloist of an entry plays by, as if it were the only one.

    Without a seed of its own it has another than everybody else, by its name.
    """
    settings = {key: value for key, value in entry.items() if key != "name"}
    if "seed" not in settings:
        settings["seed"] = ((config.seed or 0) ^ crc32(entry["name"].encode())) % _SEEDS
    return replace(config, voice=(), **settings)


def soloists(config: Config) -> dict[str, Config]:
    """What each soloist plays by, by name, in the order in which they take turns."""
    entries = {entry["name"]: of(config, entry) for entry in config.voice}
    return {FIRST: replace(config, voice=()), **entries}


def check(config: Config) -> None:
    """Raises VoiceError where a voice has the channel of another, or too small a register."""
    taken = {getattr(config, f"{name}_channel"): name for name in config.band_voices}
    taken[config.channel] = FIRST
    for entry in config.voice:
        name, channel = entry["name"], entry["channel"]
        if (other := taken.setdefault(channel, name)) != name:
            raise VoiceError(
                f"[[voice]] {name}: channel = {channel} is the {other}'s; a voice has a "
                "channel of its own, on whichever port"
            )
        low, high = entry.get("low", config.low), entry.get("high", config.high)
        if high - low < SHORTEST_REGISTER:
            raise VoiceError(
                f"[[voice]] {name}: low = {low} and high = {high} leave less than an octave to "
                f"play in; high is to be at least low + {SHORTEST_REGISTER}"
            )


def check_name(config: Config, name: str) -> None:
    """Raises VoiceError where there is no soloist of that name."""
    names = tuple(soloists(config))
    if name not in names:
        raise VoiceError(f"there is no soloist {name!r}: there is {', '.join(names)}")


def adjusted(config: Config, name: str, values: Mapping[str, Any]) -> Config:
    """The same, other settings for one soloist; None leaves one to the keys outside again.

    Raises VoiceError where there is no soloist of that name, or they cannot play together then.
    """
    check_name(config, name)
    changed = _adjusted(config, name, values)
    check(changed)
    return changed


def sharing(config: Config, mode: str, name: str = "") -> Config:
    """The same, a soloist sharing the floor by this mode if there is one of the name; "": all."""
    if name:
        return _adjusted(config, name, {"mode": mode})
    entries = tuple({key: entry[key] for key in entry if key != "mode"} for entry in config.voice)
    return replace(config, mode=mode, voice=entries)


def _adjusted(config: Config, name: str, values: Mapping[str, Any]) -> Config:
    if name == FIRST:  # and nobody else, who may have had it from there
        entries = tuple(
            {key: getattr(of(config, entry), key) for key in values} | entry
            for entry in config.voice
        )
        return replace(config, voice=entries, **values)
    entries = tuple(
        _without_none({**entry, **values}) if entry["name"] == name else entry
        for entry in config.voice
    )
    return replace(config, voice=entries)


def _without_none(entry: Entry) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}

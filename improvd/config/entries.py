"""Reads the `[[voice]]` entries of a configuration file."""

import re
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from improvd.config.describing import allowed, fits
from improvd.config.keys import Config
from improvd.config.voices import BAND, FIRST, OF_SOLOIST, Entry, VoiceError, check

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,15}")
_WHO = ("name", "kind")
_OF_BAND = ("port", "channel", "low", "high", "level")
# Channel 10 is the drums', by General MIDI.
_MOST, _DRUMS = 16, 10


def read(config: Config, written: object) -> Config:
    """The configuration with these entries, as TOML has them.

    Those of the band's kinds set the band's keys, and a soloist without a channel has one found
    for it. Raises VoiceError.
    """
    if not isinstance(written, Sequence) or not all(isinstance(each, dict) for each in written):
        raise VoiceError("voice: is a table for each voice; write [[voice]] above its lines")
    entries = [_read(f"[[voice]] {number}", each) for number, each in enumerate(written, start=1)]
    names = [entry["name"] for entry in entries]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise VoiceError(f'[[voice]] {number + 1}: name = "{name}" is that of one above it')
    config = _with_band(config, [entry for entry in entries if entry["name"] in BAND])
    own = [entry for entry in entries if entry["name"] not in BAND]
    if (count := 1 + len(config.band_voices) + len(own)) > _MOST:
        raise VoiceError(
            f"[[voice]] {len(entries)}: is one too many; with the soloist and the band there are "
            f"{count} voices, where {_MOST} is the most"
        )
    config = replace(config, voice=tuple(_on_channels(config, own)))
    check(config)
    return config


def _read(place: str, entry: Entry) -> dict[str, Any]:
    """An entry by its kind's keys, and the name that it goes by."""
    name = _name(place, entry)
    place = f"{place} ({name})"
    settings = {key: value for key, value in entry.items() if key not in _WHO}
    if name not in BAND and "level" in settings:
        settings["velocity"] = settings.pop("level")  # as a voice of the band has it
    keys = {key: f"{name}_{key}" if name in BAND else key for key in _keys(name)}
    for key, value in settings.items():
        if key not in keys:
            raise VoiceError(f"{place}: unknown key {key!r}; its keys are {', '.join(keys)}")
        if not fits(keys[key], value):
            raise VoiceError(f"{place}: {key} = {value!r}: it is {allowed(keys[key])}")
    return {"name": name, **settings}


def _keys(name: str) -> Sequence[str]:
    if name not in BAND:
        return OF_SOLOIST
    return [key for key in _OF_BAND if f"{name}_{key}" in Config.__struct_fields__]


def _name(place: str, entry: Entry) -> str:
    kind, name = entry.get("kind"), entry.get("name")
    if kind not in {None, FIRST, *BAND}:
        raise VoiceError(f"{place}: kind = {kind!r}: it is one of {', '.join((FIRST, *BAND))}")
    if name is None and kind in BAND:
        name = kind
    if name is None:
        raise VoiceError(f'{place}: has no name; give it one, such as name = "tenor"')
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise VoiceError(
            f"{place}: name = {name!r}: it is up to 16 letters, digits, - and _, a letter first"
        )
    if name == FIRST:
        raise VoiceError(
            f'{place}: name = "{name}" is that of the voice which the keys outside set; '
            "call this one otherwise"
        )
    if (name in BAND or kind in BAND) and kind not in {None, name}:
        raise VoiceError(f'{place}: name = "{name}": a voice of kind "{kind}" has another name')
    return name


def _with_band(config: Config, entries: Sequence[Entry]) -> Config:
    """The same, these voices of the band playing, each as its entry has it."""
    for entry in entries:
        name = entry["name"]
        playing = {*config.band_voices, name}
        keys = {f"{name}_{key}": value for key, value in entry.items() if key != "name"}
        keys["band"] = ", ".join(each for each in BAND if each in playing)
        try:
            config = replace(config, **keys)
        except ValueError as error:  # a register without room
            raise VoiceError(f"[[voice]] {name}: {error}") from None
    return config


def _on_channels(config: Config, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The soloists, each on a channel: the first that nobody has, the band's only where all are."""
    taken = {config.channel, *(getattr(config, f"{name}_channel") for name in config.band_voices)}
    taken |= {entry["channel"] for entry in entries if "channel" in entry}
    shy = {_DRUMS, *(getattr(config, f"{name}_channel") for name in BAND)}
    free = [each for each in range(1, _MOST + 1) if each not in taken]
    free.sort(key=lambda each: each in shy)
    return [
        dict(entry) if "channel" in entry else {**entry, "channel": free.pop(0)}
        for entry in entries
    ]

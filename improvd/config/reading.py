"""Reads the configuration: a TOML file, with the values of the command line over it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from improvd.config.describing import allowed, fits
from improvd.config.entries import read as read_entries
from improvd.config.keys import Config
from improvd.config.remedies import path_in_double_quotes, remedy
from improvd.config.voices import VoiceError
from improvd.folders import read

# A thousand times what a configuration with every key takes.
_LARGEST = 1 << 20


class ConfigError(ValueError):
    """A configuration that cannot be used; one sentence naming the place and what is allowed."""


def load(path: Path | None, overrides: Mapping[str, Any]) -> Config:
    """The configuration of a file (None: all defaults), with the command line's values over it.

    Raises ConfigError, one sentence, for a file that is absent or not TOML, an unknown key, or a
    value out of range.
    """
    settings = {} if path is None else _read(path)
    place = "" if path is None else f"{path}: "
    _check(settings, place, "{key} = {value!r}")
    _check(overrides, "", "--{option} {value}")
    values = {**settings, **overrides}
    entries = values.pop("voice", ())
    try:
        return read_entries(msgspec.convert(values, Config), entries)
    except (msgspec.ValidationError, VoiceError) as error:
        raise ConfigError(f"{place}{error}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = read(path, _LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not a text file; a configuration is TOML") from None
    if wrong := path_in_double_quotes(text):
        raise ConfigError(f"{path}: {wrong}")
    import tomllib  # noqa: PLC0415 - players, and most services, read no file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        meant = remedy(text, str(error))
        raise ConfigError(f"{path}: is not TOML: {error}{meant}") from None
    except RecursionError:
        raise ConfigError(f"{path}: is nested deeper than any configuration") from None


def _check(settings: Mapping[str, Any], place: str, written: str) -> None:
    """Each value by itself, so that a message can say where it stands and what is allowed."""
    for key, value in settings.items():
        if key not in Config.__struct_fields__:
            known = ", ".join(sorted(Config.__struct_fields__))
            meant = key.lower().replace("-", "_")
            hint = f"; write {meant}" if meant in Config.__struct_fields__ else ""
            raise ConfigError(f"{place}unknown key {key!r}; the keys are {known}{hint}")
        if key != "voice" and not fits(key, value):
            what = written.format(key=key, option=key.replace("_", "-"), value=value)
            raise ConfigError(f"{place}{what}: it is {allowed(key)}")

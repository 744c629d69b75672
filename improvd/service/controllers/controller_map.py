"""Where a mapped knob is kept: in the person's configuration, or else in the state folder.

A file of theirs is written whole or not at all, keeps its comments, and says afterwards what it
said before and the new line; where that cannot be, it is left alone.
"""

import tomllib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from improvd import folders
from improvd.config import ConfigError, load

# A thousand times what a configuration with every key takes.
_LARGEST = 1 << 20


class NotKeptError(ValueError):
    """A control that could be written down nowhere; one sentence."""


def recall(learned: Path) -> Mapping[str, str]:
    """The controls kept in the state folder, none where there is no file. Raises ConfigError."""
    return load(learned, {}).controls if learned.exists() else {}


def keep(control: str, order: str, file: Path | None, learned: Path) -> Path:
    """Write down that a control gives an order, and return where.

    Args:
        control: as in the configuration, like "cc 20".
        order: the order's text.
        file: the configuration that improvd was started with.
        learned: the file in the state folder, for want of a configuration that can be written.

    Raises:
        NotKeptError: neither can be written.
    """
    for path in (file, learned):
        if path is None:
            continue
        try:
            if path is learned:
                folders.make_private(path.parent)
            _write(path.resolve(), control, order)
        except (OSError, ValueError, TOMLKitError, RecursionError):
            continue
        return path
    raise NotKeptError(f"{learned}: cannot be written, so this is forgotten when improvd ends")


def _write(path: Path, control: str, order: str) -> None:
    before = folders.read(path, _LARGEST).decode("utf-8-sig") if path.exists() else ""
    document = tomlkit.parse(before)
    controls: Any = document.setdefault("controls", tomlkit.table())
    if not isinstance(controls, MutableMapping):
        raise ConfigError(f"{path}: controls is no table")
    controls[control] = order
    after = tomlkit.dumps(document)
    expected = tomllib.loads(before)
    expected.setdefault("controls", {})[control] = order
    if tomllib.loads(after) != expected:
        raise ConfigError(f"{path}: controls cannot be added to")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    with folders.whole(path, mode=mode, to_disk=True) as file:
        file.write(after.encode())

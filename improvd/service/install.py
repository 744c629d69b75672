"""Installing improvd as a service of systemd: what is written where, and what is said about it."""

import importlib.resources
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from improvd import system
from improvd.config import load

_BOOTED = Path("/run/systemd/system")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
# Where a system service cannot look: ProtectHome is on.
_HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"))
_PROGRAM = re.compile(r"^(Exec\w+=-?)improvd(?= )", re.MULTILINE)
_FIRST_SETTINGS = """\
# The settings of improvd as a service. Every option of `improvd --help` is a key here: --count-in
# is count_in. After a change: {reload}
"""


class InstallError(ValueError):
    """The service cannot be installed like this; one sentence says why and what to do."""


class ManagerError(RuntimeError):
    """The service manager was asked and did not do it; one sentence says what and why."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service to install: a person's own, or one instance of the system's template.

    Args:
        instance: the name of a system instance, None for the service of whoever asks.
        home: the home of whoever asks.
        settings: the folder of a person's configuration files.
    """

    instance: str | None
    home: Path
    settings: Path

    @property
    def name(self) -> str:
        """What systemctl calls it."""
        return "improvd.service" if self.instance is None else f"improvd@{self.instance}.service"

    @property
    def unit(self) -> Path:
        """The file of its unit."""
        if self.instance is None:
            return self.settings / "systemd/user/improvd.service"
        return Path("/etc/systemd/system/improvd@.service")

    @property
    def config(self) -> Path:
        """The file of its settings."""
        if self.instance is None:
            return self.settings / "improvd/improvd.toml"
        return Path(f"/etc/improvd/{self.instance}.toml")

    @property
    def state(self) -> Path | None:
        """The folder that its unit lets it keep jams in; None where systemd makes it."""
        return None if self.instance is not None else self.home / ".local/state/improvd"

    @property
    def systemctl(self) -> tuple[str, ...]:
        """The command that speaks to its manager."""
        return ("systemctl",) if self.instance is not None else ("systemctl", "--user")

    @property
    def steps(self) -> list[tuple[str, ...]]:
        """What systemd is told once the files are there."""
        said = (("daemon-reload",), ("enable", "--quiet", self.name), ("restart", self.name))
        return [(*self.systemctl, *words) for words in said]


def wanted(instance: str | None) -> Service:
    """The service that is meant. Raises InstallError for a name that cannot be an instance's."""
    if instance is not None and _NAME.fullmatch(instance) is None:
        raise InstallError(
            f"--system {instance}: an instance is named with letters, digits and _ . -"
        )
    home = Path.home()
    given = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return Service(instance, home, given if given.is_absolute() else home / ".config")


def unit_text(service: Service, program: Sequence[str]) -> str:
    """The unit as shipped, starting this program."""
    name = "improvd.service" if service.instance is None else "improvd@.service"
    return shipped_unit(name, program)


def shipped_unit(name: str, program: Sequence[str]) -> str:
    """A unit of this name as shipped, starting this program."""
    text = (importlib.resources.files("improvd.service") / "units" / name).read_text("utf-8")
    words = " ".join(_quoted(word) for word in program)
    return _PROGRAM.sub(lambda found: found[1] + words, text)


def this_program() -> list[str]:
    """How this installation of improvd is started: its script, or its Python and the package."""
    script = Path(sys.argv[0]).absolute()
    if script.name == "improvd" and os.access(script, os.X_OK):
        return [str(script)]
    return [sys.executable, "-P", "-m", "improvd"]


def check(service: Service) -> None:
    """Raise InstallError where it could not run, or not be installed, here."""
    if not _BOOTED.is_dir():
        raise InstallError(
            f"systemd does not run here ({_BOOTED} is missing), so there is nothing to install a "
            "service into; have whatever starts your programs start: "
            + shlex.join([*this_program(), "--config", "FILE"])
        )
    if service.instance is None:
        return
    if not system.is_root():
        asked = shlex.join([*this_program(), "install-service", "--system", service.instance])
        raise InstallError(f"a service of the whole system is root's to install: sudo {asked}")
    for folder in map(Path, (sys.prefix, sys.base_prefix, __file__)):
        if any(folder.resolve().is_relative_to(hidden) for hidden in _HIDDEN):
            raise InstallError(
                f"this improvd needs {folder.resolve()}, where a service of the system cannot "
                "look; install it for all: python3 -m venv /opt/improvd, and then "
                "/opt/improvd/bin/pip install with the folder of its sources"
            )


def write(service: Service, text: str, given: Path | None) -> None:
    """Write the unit, and the settings where there are none yet.

    Args:
        service: whose they are.
        text: the unit.
        given: a file of settings to begin with.

    Raises:
        ConfigError: `given` is no configuration.
        InstallError: there are other settings already, or a file cannot be written.
    """
    reload = shlex.join([*service.systemctl, "reload", service.name])
    settings = first_settings(service.config, given, reload)
    try:
        for folder in (service.unit.parent, service.config.parent, service.state):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
        if settings is not None:
            service.config.write_text(settings, encoding="utf-8")
        service.unit.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InstallError(f"{error.filename}: cannot be written ({error.strerror})") from None


def start(service: Service) -> None:
    """Have systemd read the unit, start it now and at every start. Raises ManagerError."""
    for step in service.steps:
        run(step)


def run(step: Sequence[str]) -> None:
    """Tell systemd something. Raises ManagerError where it is not done."""
    try:
        subprocess.run(step, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise ManagerError("there is no systemctl here") from None
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.split()) or f"status {error.returncode}"
        raise ManagerError(f'"{shlex.join(step)}" failed: {said}') from None


def intention(service: Service, text: str) -> list[str]:
    """What would be done, for a person."""
    steps = [f"    {shlex.join(step)}" for step in service.steps]
    settings = f"It would play as {service.config} says, and make that file where there is none."
    return [f"This would be {service.unit}:", "", text, settings, "Then:", *steps]


def explanation(service: Service) -> list[str]:
    """What has been done, for a person, and how to go on and back."""
    own = service.instance is None
    systemctl = shlex.join(service.systemctl)
    journal = "journalctl --user" if own else "journalctl"
    lines = [
        f"improvd plays now, and from every {'login' if own else 'boot'} on: {service.unit}",
        f"Its settings: {service.config}; after a change: {systemctl} reload {service.name}",
        f"How it is:    {systemctl} status {service.name}",
        f"Its log:      {journal} -u {service.name} -f",
        f"To undo this: {systemctl} disable --now {service.name} && rm {service.unit}",
    ]
    if own:
        lines.append("To have it play with nobody logged in: loginctl enable-linger")
    return lines


def first_settings(config: Path, given: Path | None, reload: str) -> str | None:
    """What to write as settings, None for what is there already.

    Args:
        config: where they are to be.
        given: a file of settings to begin with.
        reload: the command after which a change of them is heard.

    Raises:
        ConfigError: `given` is no configuration.
        InstallError: there are other settings already.
    """
    there = config.exists()
    if given is None:
        return None if there else _FIRST_SETTINGS.format(reload=reload)
    load(given, {})
    text = given.read_text(encoding="utf-8")
    if there and config.read_text(encoding="utf-8") != text:
        raise InstallError(
            f"--config {given}: there are other settings in {config} already; "
            "change those, or move them away first"
        )
    return text


def _quoted(word: str) -> str:
    """A word as it stands in a unit file, where % and $ mean something."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"[\s'\"\\]", word) else escaped

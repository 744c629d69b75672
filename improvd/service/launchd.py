"""Installing improvd as a LaunchAgent of macOS, as launchd.plist(5) describes it. Untried on a Mac.

An agent belongs to the login of one person, as CoreMIDI does; there is none for the whole machine.
"""

import plistlib
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from improvd import folders, system
from improvd.service.install import InstallError, ManagerError, first_settings
from improvd.service.notify import BY_LAUNCHD

_LABEL = "improvd"
# Between two starts, in s: one that is refused is told so no oftener.
_AGAIN_S = 10
# From SIGTERM to SIGKILL, in s; notes are closed within two.
_EXIT_S = 5


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent of whoever asks, whose home this is."""

    home: Path

    @property
    def plist(self) -> Path:
        """Its property list."""
        return self.home / "Library/LaunchAgents" / f"{_LABEL}.plist"

    @property
    def config(self) -> Path:
        """The file of its settings."""
        return folders.state() / "improvd.toml"

    @property
    def log(self) -> Path:
        """Where it says what it has to say."""
        return self.home / "Library/Logs/improvd.log"

    @property
    def target(self) -> str:
        """What launchctl calls it."""
        return f"{_domain()}/{_LABEL}"

    @property
    def steps(self) -> list[tuple[str, ...]]:
        """What launchd is told once the files are there; the first may fail, if there was none."""
        return [
            ("launchctl", "bootout", self.target),
            ("launchctl", "enable", self.target),
            ("launchctl", "bootstrap", _domain(), str(self.plist)),
        ]


def wanted(instance: str | None) -> Agent:
    """The agent that is meant. Raises InstallError for a service of the whole machine."""
    if instance is not None:
        raise InstallError(
            f"--system {instance}: on macOS MIDI belongs to who is logged in, and so does improvd; "
            "leave --system out"
        )
    return Agent(Path.home())


def unit_text(agent: Agent, program: Sequence[str]) -> str:
    """The property list by which launchd starts this program."""
    content = {
        "Label": _LABEL,
        "ProgramArguments": [*program, "--config", str(agent.config)],
        "RunAtLoad": True,
        # Again when it failed, and not when a person ended it.
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": _AGAIN_S,
        "ExitTimeOut": _EXIT_S,
        # An application's share of the machine, not that of something in the background.
        "ProcessType": "Interactive",
        "StandardOutPath": str(agent.log),
        "StandardErrorPath": str(agent.log),
        "WorkingDirectory": str(agent.config.parent),
        "EnvironmentVariables": {BY_LAUNCHD: "1"},
    }
    return plistlib.dumps(content, sort_keys=False).decode()


def check(agent: Agent) -> None:
    """Raise InstallError where there is no launchd."""
    del agent
    if shutil.which("launchctl") is None:
        raise InstallError("there is no launchctl here, so there is nothing to install into")


def write(agent: Agent, text: str, given: Path | None) -> None:
    """Write the property list, and the settings where there are none yet.

    Raises ConfigError and InstallError as `first_settings` does, and where nothing can be written.
    """
    settings = first_settings(agent.config, given, _reload(agent))
    try:
        folders.make_private(agent.config.parent)
        for folder in (agent.plist.parent, agent.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        if settings is not None:
            agent.config.write_text(settings, encoding="utf-8")
        agent.plist.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InstallError(f"{error.filename}: cannot be written ({error.strerror})") from None


def start(agent: Agent) -> None:
    """Have launchd start it now and at every login. Raises ManagerError."""
    before, *steps = agent.steps
    subprocess.run(before, check=False, capture_output=True)
    for step in steps:
        done = subprocess.run(step, check=False, capture_output=True, text=True)
        if done.returncode:
            said = " ".join(done.stderr.split()) or f"status {done.returncode}"
            raise ManagerError(f'"{shlex.join(step)}" failed: {said}')


def intention(agent: Agent, text: str) -> list[str]:
    """What would be done, for a person."""
    steps = [f"    {shlex.join(step)}" for step in agent.steps]
    settings = f"It would play as {agent.config} says, and make that file where there is none."
    return [f"This would be {agent.plist}:", "", text, settings, "Then:", *steps]


def explanation(agent: Agent) -> list[str]:
    """What has been done, for a person, and how to go on and back."""
    return [
        f"improvd plays now, and from every login on: {agent.plist}",
        f"Its settings: {agent.config}; after a change: {_reload(agent)}",
        f"How it is:    launchctl print {agent.target}",
        f"Its log:      tail -f {shlex.quote(str(agent.log))}",
        f"To undo this: launchctl bootout {agent.target} && rm {shlex.quote(str(agent.plist))}",
        "Nobody has tried this on a Mac yet; what happens there is worth telling us.",
    ]


def _reload(agent: Agent) -> str:
    return f"launchctl kill SIGHUP {agent.target}"


def _domain() -> str:
    """The login session of whoever asks."""
    return f"gui/{system.user()}"

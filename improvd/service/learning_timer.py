"""Having systemd let improvd learn on from one's jams every night: `install-service --learn`."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from improvd.service.install import InstallError, Service, run, shipped_unit

_SERVICE, _TIMER = "improvd-learn.service", "improvd-learn.timer"


def check(service: Service) -> None:
    """Raise InstallError where nothing can be learned."""
    if service.instance is not None:
        raise InstallError(
            f"--learn with --system {service.instance}: the jams of a service of the system belong "
            "to an account that is there only while it plays; --learn is for your own"
        )
    if find_spec("keras") is None:
        raise InstallError(
            "--learn: keras is missing, since learning needs more than playing; in the folder of "
            "improvd, `.venv/bin/python -m pip install '.[train]'` installs it"
        )


def write(service: Service, program: Sequence[str]) -> None:
    """Write the units beside the service's own. Raises InstallError."""
    for path, text in _units(service, program).items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InstallError(f"{path}: cannot be written ({error.strerror})") from None


def start(service: Service) -> None:
    """Have the timer run from now on; the manager has read the units. Raises ManagerError."""
    run(_step(service))


def intention(service: Service, program: Sequence[str]) -> list[str]:
    """What would be done, for a person."""
    units = [
        line
        for path, text in _units(service, program).items()
        for line in (f"This would be {path}:", "", text)
    ]
    return [*units, "And then:", f"    {' '.join(_step(service))}"]


def explanation(service: Service) -> list[str]:
    """What has been done, for a person, and how to go on and back."""
    systemctl = " ".join(service.systemctl)
    return [
        f"Every night it learns on from your jams: {systemctl} list-timers {_TIMER}",
        f"At once:      {systemctl} start {_SERVICE}",
        f"What came of it: journalctl --user -u {_SERVICE}",
        f"Not any more: {systemctl} disable --now {_TIMER}",
    ]


def _units(service: Service, program: Sequence[str]) -> dict[Path, str]:
    folder = service.unit.parent
    return {folder / name: shipped_unit(name, program) for name in (_SERVICE, _TIMER)}


def _step(service: Service) -> tuple[str, ...]:
    return (*service.systemctl, "enable", "--quiet", "--now", _TIMER)

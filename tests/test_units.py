"""The unit files, by systemd's own judgement. What they do when they run is tested in tests/vm."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from improvd.service import install

FOLDER = Path(__file__).parent.parent / "systemd"
UNITS = ("improvd.service", "improvd@.service")
LEARNING = "improvd-learn.service"
ALL = (*UNITS, LEARNING)

# Of ten, of which systemd gives nine and more to a service that says nothing.
MOST_EXPOSED = 2.0

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.fixture
def analyze(monkeypatch, tmp_path):
    """Runs systemd-analyze on a unit as it is installed here, as a person's or the system's."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    def run(unit: str, *words: str) -> subprocess.CompletedProcess[str]:
        instance = "box" if "@" in unit else None
        text = install.shipped_unit(unit, [sys.executable, "-m", "improvd"])
        file = tmp_path / unit.replace("@", "@box")
        file.write_text(text)
        manager = "--system" if instance else "--user"
        return subprocess.run(
            ["systemd-analyze", manager, *words, str(file)],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@needs_systemd
@pytest.mark.parametrize("unit", [*ALL, "improvd-learn.timer"])
def test_systemd_finds_nothing_wrong(analyze, unit):
    result = analyze(unit, "verify", "--man=no")
    # It reads the machine's other units too, and may find fault with those.
    assert [line for line in result.stderr.splitlines() if "improvd" in line] == []
    assert result.returncode == 0


@needs_systemd
def test_systemd_would_find_a_mistake(analyze, monkeypatch):
    monkeypatch.setattr(
        install, "shipped_unit", lambda *_: "[Service]\nExecStart=/improvd\nTpye=x\n"
    )
    assert "Tpye" in analyze("improvd.service", "verify", "--man=no").stderr


@needs_systemd
@pytest.mark.parametrize("unit", ALL)
def test_little_is_exposed(analyze, unit):
    words = ["security", "--offline=yes", f"--threshold={MOST_EXPOSED * 10:.0f}", "--no-pager"]
    result = analyze(unit, *words)
    assert result.returncode == 0, result.stdout


@needs_systemd
@pytest.mark.parametrize("unit", ALL)
def test_every_omission_is_explained(analyze, unit):
    result = analyze(unit, "security", "--offline=yes", "--json=short", "--no-pager")
    findings: list[dict[str, Any]] = json.loads(result.stdout)
    omitted = {
        finding["name"].partition("=")[0]
        for finding in findings
        if finding["exposure"] and not finding["set"]
    }
    assert omitted
    comments = [line for line in (FOLDER / unit).read_text().splitlines() if line.startswith("# ")]
    explained = {name for name in omitted if any(f"{name}=" in line for line in comments)}
    assert explained == omitted


def test_both_sandbox_alike():
    own, system = (_settings(FOLDER / unit) for unit in UNITS)
    differing = {
        "ExecStart",
        "ExecStopPost",
        "OOMScoreAdjust",
        "ProtectHome",
        "RuntimeDirectory",
        # Only where there is one user, or only where there are several.
        "ReadWritePaths",
        "DynamicUser",
        "SupplementaryGroups",
        "StateDirectory",
        "StateDirectoryMode",
        "WorkingDirectory",
        "DeviceAllow",
    }
    assert {name for name in own | system if own.get(name) != system.get(name)} == differing


@pytest.mark.parametrize("unit", UNITS)
def test_midi_and_real_time_are_let_in(unit):
    settings = _settings(FOLDER / unit)
    assert "char-alsa rw" in settings["DeviceAllow"]
    assert settings["LimitRTPRIO"] == ["95"]
    assert settings["LimitMEMLOCK"] == ["infinity"]
    assert {"PrivateDevices", "RestrictRealtime", "PrivateIPC"}.isdisjoint(settings)


@pytest.mark.parametrize("unit", UNITS)
def test_it_is_watched_and_stopped_in_order(unit):
    settings = _settings(FOLDER / unit)
    expected = {"Type": "notify", "NotifyAccess": "main", "KillMode": "mixed"}
    expected |= {"Restart": "on-failure", "RestartPreventExitStatus": "2"}
    assert {name: " ".join(settings[name]) for name in expected} == expected
    assert int(settings["WatchdogSec"][0]) > 0


def test_learning_is_never_in_the_players_way():
    settings = _settings(FOLDER / LEARNING)
    expected = {"Nice": "19", "CPUSchedulingPolicy": "idle", "CPUWeight": "idle"}
    expected |= {"IOSchedulingClass": "idle", "RestrictRealtime": "yes", "PrivateNetwork": "yes"}
    assert {name: " ".join(settings[name]) for name in expected} == expected
    assert int(settings["OOMScoreAdjust"][0]) > 500
    # The present model stays, and that is no failure.
    assert settings["SuccessExitStatus"] == ["1"]


def _settings(file: Path) -> dict[str, list[str]]:
    """What stands under [Service]: the values of each setting, in order."""
    given: dict[str, list[str]] = {}
    lines = file.read_text().partition("[Service]")[2].partition("[Install]")[0].splitlines()
    for line in lines:
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            given.setdefault(name, []).append(value)
    return given

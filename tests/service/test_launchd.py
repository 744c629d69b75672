"""The agent of a Mac: its property list, and what launchctl is told."""

import os
import plistlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from improvd import system
from improvd.commands import main
from improvd.service import launchd, notify

# As launchd.plist(5) has them, and of which kind.
DOCUMENTED = {
    "Label": str,
    "ProgramArguments": list,
    "RunAtLoad": bool,
    "KeepAlive": dict,
    "ThrottleInterval": int,
    "ExitTimeOut": int,
    "ProcessType": str,
    "StandardOutPath": str,
    "StandardErrorPath": str,
    "WorkingDirectory": str,
    "EnvironmentVariables": dict,
}


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A person's home on a Mac, and a launchctl that writes down what it is told."""
    for name in ("XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "Library/Application Support/improvd"
    monkeypatch.setattr(system, "STARTS_SERVICES", "launchd")
    monkeypatch.setattr(system, "state_folder", lambda: folder)
    program = tmp_path / "bin/launchctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/told\n[ "$1" != "$FAILS" ]\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path


def invoke(*words: object):
    return CliRunner().invoke(main, ["install-service", *map(str, words)])


def installed(home: Path) -> dict:
    return plistlib.loads((home / "Library/LaunchAgents/improvd.plist").read_bytes())


def test_the_list_has_the_documented_keys_and_starts_improvd_with_its_settings(home):
    result = invoke()
    assert result.exit_code == 0, result.output
    content = installed(home)
    assert {key: type(value) for key, value in content.items()} == DOCUMENTED
    settings = home / "Library/Application Support/improvd/improvd.toml"
    assert content["ProgramArguments"][-4:] == ["-m", "improvd", "--config", str(settings)]
    assert Path(content["ProgramArguments"][0]).is_absolute()
    assert content["ProcessType"] == "Interactive"
    assert content["KeepAlive"] == {"SuccessfulExit": False}
    assert settings.read_text().startswith("# The settings of")
    for place in ("StandardOutPath", "StandardErrorPath"):
        assert Path(content[place]).parent.is_dir()
    assert Path(content["WorkingDirectory"]).is_dir()


def test_launchd_forgets_the_one_before_and_starts_this_one(home):
    result = invoke()
    gui = f"gui/{os.getuid()}"
    assert (home / "told").read_text().splitlines() == [
        f"bootout {gui}/improvd",
        f"enable {gui}/improvd",
        f"bootstrap {gui} {home}/Library/LaunchAgents/improvd.plist",
    ]
    for said in (f"launchctl kill SIGHUP {gui}/improvd", "improvd.log", "Nobody has tried this"):
        assert said in result.output


@pytest.mark.parametrize(("fails", "status"), [("bootout", 0), ("bootstrap", 1)])
def test_that_there_was_none_is_no_matter_that_it_cannot_start_is(home, monkeypatch, fails, status):
    monkeypatch.setenv("FAILS", fails)
    result = invoke()
    assert result.exit_code == status
    if status:
        assert "failed: status 1" in result.output


def test_what_would_be_done_is_shown_and_nothing_done(home):
    result = invoke("--dry-run")
    assert result.exit_code == 0, result.output
    assert "<key>KeepAlive</key>" in result.output
    assert "launchctl bootstrap" in result.output
    assert not (home / "Library/LaunchAgents").exists()
    assert not (home / "told").exists()


def test_given_settings_are_copied_once_and_others_refused(home, tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text("tempo = 90\n")
    assert invoke("--config", mine).exit_code == 0
    mine.write_text("tempo = 91\n")
    refused = invoke("--config", mine)
    assert refused.exit_code == 2
    assert "there are other settings" in refused.output
    mine.write_text("tempo = 9000\n")
    assert invoke("--config", mine).exit_code == 2


def test_a_service_of_the_machine_is_refused_in_a_sentence(home):
    refused = invoke("--system", "box")
    assert refused.exit_code == 2
    assert "leave --system out" in refused.output


def test_without_launchctl_there_is_nothing_to_install_into(home, monkeypatch):
    monkeypatch.setenv("PATH", "")
    refused = invoke()
    assert refused.exit_code == 2
    assert "no launchctl" in refused.output


def test_started_by_launchd_it_is_looked_on_by_nobody(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify.watched()
    content = plistlib.loads(launchd.unit_text(launchd.wanted(None), ["improvd"]).encode())
    for name, value in content["EnvironmentVariables"].items():
        monkeypatch.setenv(name, value)
    assert notify.watched()
    assert not notify.notify(notify.READY)

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from improvd.commands import main
from improvd.service import install, learning_timer


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A person's home, in which nothing is set."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


@pytest.fixture
def systemctl(monkeypatch, tmp_path, home):
    """A systemd that has been booted, and a systemctl that writes down what it is told.

    The manager itself is run in tests/vm; here only what is asked of it matters.
    """
    monkeypatch.setattr(learning_timer, "find_spec", lambda _: True)
    told = tmp_path / "told"
    program = tmp_path / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{told}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(install, "_BOOTED", tmp_path)
    return program


def invoke(*words: object):
    return CliRunner().invoke(main, ["install-service", *map(str, words)])


def test_a_person_gets_unit_settings_and_folders(home, systemctl):
    result = invoke()
    assert result.exit_code == 0, result.output
    unit = (home / ".config/systemd/user/improvd.service").read_text()
    assert f"\nExecStart={sys.executable} -P -m improvd --config %E/improvd/improvd.toml\n" in unit
    assert f"\nExecStopPost=-{sys.executable} -P -m improvd silence" in unit
    assert (home / ".config/improvd/improvd.toml").read_text().startswith("# The settings of")
    assert (home / ".local/state/improvd").is_dir()
    assert (home / "told").read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable --quiet improvd.service",
        "--user restart improvd.service",
    ]
    for said in ("improvd.toml", "journalctl --user -u improvd.service", "disable --now"):
        assert said in result.output


def test_learning_at_night_is_installed_beside_it(home, systemctl):
    result = invoke("--learn")
    assert result.exit_code == 0, result.output
    units = home / ".config/systemd/user"
    service = (units / "improvd-learn.service").read_text()
    assert f"\nExecStart={sys.executable} -P -m improvd train --jams --config %E/" in service
    assert "OnCalendar=" in (units / "improvd-learn.timer").read_text()
    told = (home / "told").read_text().splitlines()
    assert told[-1] == "--user enable --quiet --now improvd-learn.timer"
    assert told[0] == "--user daemon-reload"
    assert "disable --now improvd-learn.timer" in result.output


def test_learning_is_shown_by_a_dry_run_and_not_installed_unasked(home, systemctl):
    dry = invoke("--learn", "--dry-run")
    assert "improvd-learn.timer" in dry.output
    assert not (home / ".config").exists()
    assert invoke().exit_code == 0
    assert not list((home / ".config/systemd/user").glob("improvd-learn*"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--learn", "--system", "box"], "--learn is for your own"),
        (["--learn"], "keras is missing, since learning needs more"),
    ],
)
def test_learning_that_cannot_be_is_refused(home, systemctl, monkeypatch, words, sentence):
    monkeypatch.setattr(learning_timer, "find_spec", lambda _: None)
    result = invoke(*words)
    assert result.exit_code == 2
    assert sentence in result.output
    assert not (home / ".config").exists()


def test_settings_that_are_there_stay(home, systemctl):
    settings = home / ".config/improvd/improvd.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("tempo = 90\n")
    assert invoke().exit_code == 0
    assert settings.read_text() == "tempo = 90\n"


def test_settings_given_are_copied_but_never_over_others(home, systemctl, tmp_path):
    given = tmp_path / "mine.toml"
    given.write_text("tempo = 90\n")
    settings = home / ".config/improvd/improvd.toml"
    assert invoke("--config", given).exit_code == 0
    assert invoke("--config", given).exit_code == 0
    assert settings.read_text() == "tempo = 90\n"
    given.write_text("tempo = 91\n")
    result = invoke("--config", given)
    assert result.exit_code == 2
    assert f"there are other settings in {settings} already" in result.output
    assert settings.read_text() == "tempo = 90\n"


def test_bad_settings_are_refused_before_anything_is_written(home, systemctl, tmp_path):
    given = tmp_path / "bad.toml"
    given.write_text("tempi = 90\n")
    result = invoke("--config", given)
    assert result.exit_code == 2
    assert "tempi" in result.output
    assert not (home / ".config").exists()
    assert not (home / "told").exists()


def test_a_dry_run_writes_nothing(home):
    result = invoke("--system", "box", "--dry-run")
    assert result.exit_code == 0
    assert "/etc/systemd/system/improvd@.service" in result.output
    assert "systemctl restart improvd@box.service" in result.output
    assert "DynamicUser=yes" in result.output
    assert list(home.iterdir()) == []


def test_without_systemd_it_says_so(home, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "_BOOTED", tmp_path / "not booted")
    result = invoke()
    assert result.exit_code == 2
    assert "systemd does not run here" in result.output
    assert list(home.iterdir()) == []


def test_without_the_right_it_names_the_command(home, systemctl, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    result = invoke("--system", "box")
    assert result.exit_code == 2
    assert "sudo" in result.output
    assert "install-service --system box" in result.output


def test_an_installation_in_a_home_is_no_use_to_the_system(home, systemctl, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "prefix", "/home/somebody/venv")
    result = invoke("--system", "box")
    assert result.exit_code == 2
    assert "/home/somebody/venv" in result.output


@pytest.mark.parametrize("name", ["", "../x", "a b", "@", "-x", "a/b"])
def test_a_name_that_is_none_is_refused(home, name):
    result = invoke(f"--system={name}", "--dry-run")
    assert result.exit_code == 2
    assert "an instance is named with" in result.output


def test_user_and_system_exclude_each_other(home):
    assert invoke("--user", "--system", "box").exit_code == 2


def test_a_systemctl_that_fails_is_quoted(home, systemctl):
    systemctl.write_text(
        "#!/bin/sh\necho 'Failed to connect to bus: No medium found' >&2\nexit 1\n"
    )
    result = invoke()
    assert result.exit_code == 1
    assert '"systemctl --user daemon-reload" failed: Failed to connect to bus' in result.output


def test_a_folder_that_cannot_be_written_is_named(home, systemctl):
    (home / ".config").write_text("a file in the way")
    result = invoke()
    assert result.exit_code == 2
    assert f"{home}/.config" in result.output
    assert "cannot be written" in result.output


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/opt/improvd/bin/improvd", "/opt/improvd/bin/improvd"),
        ("/opt/my improvd/bin/improvd", '"/opt/my improvd/bin/improvd"'),
        ("/opt/100%/$x", "/opt/100%%/$$x"),
        ('/opt/"/improvd', '"/opt/\\"/improvd"'),
    ],
)
def test_a_path_is_written_as_systemd_reads_it(home, word, written):
    text = install.unit_text(install.wanted(None), [word])
    assert f"\nExecStart={written} --config " in text


def test_the_script_is_started_where_there_is_one(monkeypatch, tmp_path):
    script = tmp_path / "improvd"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert install.this_program() == [str(script)]
    monkeypatch.setattr(sys, "argv", [str(Path(install.__file__).parent / "__main__.py")])
    assert install.this_program() == [sys.executable, "-P", "-m", "improvd"]

"""How a service starts: a player on its way first, and nothing heavy before it plays."""

import os
import subprocess
import sys

import pytest

from improvd import system
from improvd.service.players.head_start import HeadStart, begun
from improvd.service.players.processes import settled


def test_a_service_that_starts_a_player_loads_neither_numpy_nor_what_writes_files():
    code = "import improvd.service.daemon, sys; print({'numpy', 'mido'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_a_player_is_on_its_way_before_the_command_line_is_read():
    code = "import improvd.__main__, sys; print({'click', 'msgspec', 'numpy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    """The runtime folder of improvd, which is not there yet."""
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "improvd"


@pytest.mark.parametrize("arguments", [[], ["--tempo", "90"], ["--chart", "| Dm7 | G7 |"]])
def test_who_asks_for_music_has_a_head_start(runtime, monkeypatch, arguments):
    # In a process that is all tests, a player had better not be a copy of it.
    monkeypatch.setattr(system, "forked", lambda _: None)
    first = begun(arguments)
    assert first is not None
    assert first.process.poll() is None
    assert first.path.parent == runtime
    first.give_up()
    first.give_up()


@pytest.mark.parametrize("arguments", [["--help"], ["--tempo", "90", "-h"], ["--version"], ["ctl"]])
def test_who_asks_for_something_else_starts_no_player(runtime, arguments):
    assert begun(arguments) is None
    assert not runtime.exists()


def test_where_there_can_be_no_head_start_the_reason_is_said_by_who_plays(tmp_path):
    (tmp_path / "improvd").write_text("not a folder")
    run = subprocess.run(
        [sys.executable, "-m", "improvd", "--api", "none"],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    [sentence] = run.stderr.splitlines()
    assert sentence.startswith(f"improvd: {tmp_path / 'improvd'}: ")


@pytest.mark.parametrize("options", [["--tmepo", "90"], ["--name", "x", "ctl", "status"]])
def test_a_player_that_was_started_in_vain_is_gone(tmp_path, options):
    run = subprocess.run(
        [sys.executable, "-m", "improvd", *options],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    assert not list(tmp_path.rglob("*.memory"))


def test_a_head_start_that_is_given_up_leaves_nothing(tmp_path):
    first = HeadStart(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f".{os.getpid()}.memory"]
    first.give_up()
    assert first.process.poll() is not None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(first.memory)


def test_what_was_left_sounding_is_known_until_another_player_plays(tmp_path):
    before = tmp_path / "mine.memory"
    before.write_bytes(b"what sounds")
    first = HeadStart(tmp_path)
    memory, player = settled(first)
    assert before.read_bytes() == b"what sounds"
    first.plays(before)
    assert os.path.samestat(before.stat(), os.fstat(memory))
    first.give_up()  # others see to what was settled
    assert player.process.poll() is None
    player.dismiss()
    os.close(memory)


@pytest.mark.parametrize("options", [["--chart", "| Xm7 |"], ["--model", "nobody"]])
def test_what_cannot_be_played_is_refused_and_nothing_is_lost(tmp_path, options):
    places = {f"XDG_{name}": str(tmp_path / name) for name in ("RUNTIME_DIR", "STATE_HOME")}
    runtime = tmp_path / "RUNTIME_DIR" / "improvd"
    runtime.mkdir(parents=True, mode=0o700)
    (runtime / "improvd.memory").write_bytes(b"what sounds")
    run = subprocess.run(
        [sys.executable, "-m", "improvd", "--api", "none", *options],
        env=os.environ | places,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    [sentence] = run.stderr.splitlines()
    assert sentence.startswith("improvd: ")
    assert run.stdout == ""
    assert (runtime / "improvd.memory").read_bytes() == b"what sounds"
    assert [path.name for path in runtime.glob("*.memory*")] == ["improvd.memory"]
    assert not list(tmp_path.rglob("*.jam"))

import errno
import os
import stat
from pathlib import Path

import pytest

from improvd import folders
from improvd.system.linux import memory


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for variable in ("STATE_DIRECTORY", "XDG_STATE_HOME", "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(memory, "IN_MEMORY", tmp_path / "no such folder")


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"STATE_DIRECTORY": "/var/lib/improvd"}, "/var/lib/improvd"),
        ({"STATE_DIRECTORY": "/var/lib/improvd:/var/lib/other"}, "/var/lib/improvd"),
        ({"STATE_DIRECTORY": "/var/lib/a", "XDG_STATE_HOME": "/b"}, "/var/lib/a"),
        ({"XDG_STATE_HOME": "/b"}, "/b/improvd"),
    ],
)
def test_state_goes_where_the_environment_says(monkeypatch, variables, folder):
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    assert folders.state() == Path(folder)


def test_state_has_a_place_of_its_own_in_a_home(tmp_path):
    assert folders.state() == tmp_path / "home/.local/state/improvd"


def test_a_relative_folder_is_passed_over(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", "here")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "here")
    assert folders.state().is_relative_to(tmp_path / "home")
    assert folders.runtime() == tmp_path / f"improvd-{os.getuid()}"


def test_a_folder_in_memory_is_better_than_one_on_a_disk(monkeypatch, tmp_path):
    (tmp_path / "shm").mkdir()
    monkeypatch.setattr(memory, "IN_MEMORY", tmp_path / "shm")
    assert folders.runtime() == tmp_path / f"shm/improvd-{os.getuid()}"


def test_systemd_s_runtime_folder_is_taken_as_it_is(monkeypatch, tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "private")
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{tmp_path}/run:/run/other")
    assert folders.runtime() == tmp_path / "run"


@pytest.mark.parametrize("variable", ["XDG_RUNTIME_DIR", None])
def test_the_runtime_folder_is_made_for_us_alone(monkeypatch, tmp_path, variable):
    folder = tmp_path / f"improvd-{os.getuid()}"
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "run"))
        folder = tmp_path / "run/improvd"
    assert folders.runtime() == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folders.runtime() == folder


def test_a_folder_open_to_others_is_closed_to_them(tmp_path):
    folder = tmp_path / f"improvd-{os.getuid()}"
    folder.mkdir(mode=0o777)
    assert stat.S_IMODE(folders.runtime().stat().st_mode) == 0o700


def test_a_link_put_in_its_place_is_refused(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / f"improvd-{os.getuid()}").symlink_to(tmp_path / "theirs")
    with pytest.raises(folders.FolderError, match="is not a folder of yours"):
        folders.runtime()


def test_a_folder_that_cannot_be_made_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "file"))
    with pytest.raises(folders.FolderError, match=r"cannot be made \(Not a directory\)"):
        folders.runtime()


# -- files -------------------------------------------------------------------------------------


def test_what_is_written_is_there_whole_or_as_it_was(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def fill_the_disk():
        with folders.whole(path) as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space") as failed:
        fill_the_disk()
    assert failed.value.filename == str(path)
    assert path.read_bytes() == b"before"
    with folders.whole(path, mode=0o600, to_disk=True) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_file_that_cannot_be_made_is_named_as_the_person_knows_it(tmp_path):
    path = tmp_path / "absent" / "file"
    with pytest.raises(FileNotFoundError) as failed, folders.whole(path):
        pass
    assert failed.value.filename == str(path)


def test_a_private_folder_is_nobody_else_s_and_those_above_it_stay_as_they_were(tmp_path):
    above = tmp_path / "home"
    above.mkdir(mode=0o755)
    folders.make_private(above / "improvd" / "box" / "jams")
    folders.make_private(above / "improvd" / "box" / "jams")
    modes = [stat.S_IMODE((above / name).stat().st_mode) for name in ("improvd", "improvd/box")]
    assert modes == [0o700, 0o700]
    assert stat.S_IMODE((above / "improvd/box/jams").stat().st_mode) == 0o700
    assert stat.S_IMODE(above.stat().st_mode) == 0o755


def test_only_a_regular_file_of_a_size_that_makes_sense_is_read(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"1234")
    assert folders.read(path, 4) == b"1234"
    with pytest.raises(OSError, match="larger than the 3 bytes"):
        folders.read(path, 3)
    os.mkfifo(tmp_path / "pipe")
    for endless in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file"):
            folders.read(endless, 4)
    with pytest.raises(IsADirectoryError):
        folders.read(tmp_path, 4)

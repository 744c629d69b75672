"""A person's file is written whole or not at all, and says what it said before."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.config import ConfigError, load
from improvd.service.controllers.controller_map import NotKeptError, keep, recall

THEIRS = """\
# my settings
port = "IAC Bus"   # the bus

[controls]  # the pedals
"cc 64" = "turn play"  # left
"""


@pytest.fixture
def learned(tmp_path: Path) -> Path:
    return tmp_path / "state" / "controls.toml"


def test_a_knob_is_kept_in_the_configuration_with_its_comments(tmp_path, learned):
    file = tmp_path / "my.toml"
    file.write_text(THEIRS)
    file.chmod(0o640)
    assert keep("cc 20", "tempo", file, learned) == file
    assert file.read_text() == THEIRS + '"cc 20" = "tempo"\n'
    assert load(file, {}).controls == {"cc 64": "turn play", "cc 20": "tempo"}
    assert file.stat().st_mode & 0o777 == 0o640
    assert not learned.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["my.toml"]


def test_a_knob_mapped_again_changes_its_line(tmp_path, learned):
    file = tmp_path / "my.toml"
    file.write_text(THEIRS)
    keep("cc 64", "keep", file, learned)
    assert load(file, {}).controls == {"cc 64": "keep"}
    assert file.read_text().startswith('# my settings\nport = "IAC Bus"   # the bus\n')


def test_a_link_stays_a_link(tmp_path, learned):
    file, link = tmp_path / "dotfiles.toml", tmp_path / "my.toml"
    file.write_text(THEIRS)
    link.symlink_to(file)
    keep("cc 20", "tempo", link, learned)
    assert link.is_symlink()
    assert load(file, {}).controls["cc 20"] == "tempo"


def test_without_a_configuration_it_is_kept_in_the_state_folder(learned):
    assert keep("cc 20", "tempo", None, learned) == learned
    assert keep("program 3", "end", None, learned) == learned
    assert recall(learned) == {"cc 20": "tempo", "program 3": "end"}


@pytest.mark.parametrize("text", ["port = ", "controls = 3\n", "\xff", "[[controls]]\nx = 1\n"])
def test_a_configuration_that_cannot_be_added_to_is_left_alone(tmp_path, learned, text):
    file = tmp_path / "my.toml"
    file.write_bytes(text.encode("latin-1"))
    assert keep("cc 20", "tempo", file, learned) == learned
    assert file.read_bytes() == text.encode("latin-1")
    assert recall(learned) == {"cc 20": "tempo"}


def test_what_can_be_kept_nowhere_is_told(tmp_path):
    (tmp_path / "state").write_text("a file where a folder is due")
    with pytest.raises(NotKeptError, match="this is forgotten when improvd ends"):
        keep("cc 20", "tempo", None, tmp_path / "state" / "controls.toml")


def test_nothing_learned_is_nothing_and_nonsense_is_told(learned):
    assert recall(learned) == {}
    learned.parent.mkdir()
    learned.write_text("nonsense")
    with pytest.raises(ConfigError, match="is not TOML"):
        recall(learned)


@given(
    st.dictionaries(st.sampled_from(["cc 1", "cc 2 up", "program 9"]), st.text(max_size=30)),
    st.text(max_size=60),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_other_value_stays(tmp_path_factory, controls, order, newline):
    folder = tmp_path_factory.mktemp("kept")
    lines = [
        'port = "x"', "[controls]", *(f'"{key}" = {quoted(text)}' for key, text in controls.items())
    ]  # fmt: skip
    file = folder / "my.toml"
    file.write_bytes(newline.join([*lines, ""]).encode())
    keep("cc 3", order, file, folder / "learned.toml")
    after = tomllib.loads(file.read_bytes().decode())
    assert after == {"port": "x", "controls": {**controls, "cc 3": order}}


def quoted(text: str) -> str:
    """A TOML string of any text."""
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'

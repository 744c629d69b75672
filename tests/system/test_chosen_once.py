"""Which system this is, is asked in one place."""

import ast
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import improvd
from improvd import system

_PACKAGE = Path(improvd.__file__).parent
_TELLING = {
    ("sys", "platform"),
    ("os", "name"),
    ("os", "uname"),
    ("platform", "system"),
    ("platform", "uname"),
    ("platform", "platform"),
}
# What some systems have not: whoever needs one of these goes through improvd.system.
_OF_SOME = {"fcntl", "msvcrt", "resource", "winreg", "pwd", "grp", "termios"}


def asked(path):
    """The lines of a module on which it asks for the platform, or takes what only some have."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if (module, name) in _TELLING:
                yield node.lineno
            case ast.ImportFrom(module=str(module), names=names):
                if module in _OF_SOME or any((module, each.name) in _TELLING for each in names):
                    yield node.lineno
            case ast.Import(names=names) if any(each.name in _OF_SOME for each in names):
                yield node.lineno


def test_the_platform_is_asked_for_in_the_room_of_the_systems_and_nowhere_else():
    found = {
        str(path.relative_to(_PACKAGE)): lines
        for path in _PACKAGE.rglob("*.py")
        if (lines := list(asked(path)))
    }
    elsewhere = {name for name in found if not name.startswith("system/")}
    assert elsewhere == set()
    assert found["system/__init__.py"]


def test_this_finds_all_ways_to_ask(tmp_path):
    module = tmp_path / "module.py"
    for line in (
        "import sys; sys.platform",
        "from sys import platform",
        "import os; os.name",
        "import platform; platform.system()",
        "import fcntl",
        "from resource import getrlimit",
    ):
        module.write_text(line)
        assert list(asked(module)) == [1], line


def test_every_module_of_one_system_says_first_which():
    room = Path(system.__file__).parent
    of_one = [path for path in room.rglob("*.py") if path.parent != room]
    of_one += [
        room / f"{name}.py" for name in ("jack_servers", "macos", "posix", "unix", "windows")
    ]
    for path in of_one:
        _, imported, asserted, *_ = ast.parse(path.read_text("utf-8")).body
        assert ast.unparse(imported) == "import sys", path
        assert ast.unparse(asserted).startswith("assert sys.platform "), path


def offered(body, platform):
    """The names that are there after these statements, on this platform."""
    for node in body:
        if isinstance(node, ast.ImportFrom):
            yield from (each.asname or each.name for each in node.names)
        elif isinstance(node, ast.If):
            condition = compile(ast.Expression(node.test), "", "eval")
            holds = eval(condition, {"sys": SimpleNamespace(platform=platform)})  # noqa: S307 - ours
            yield from offered(node.body if holds else node.orelse, platform)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "freebsd14"])
def test_what_is_offered_is_the_same_on_every_system(platform):
    """By what is imported for each, since modules of other systems cannot be."""
    body = ast.parse(Path(system.__file__).read_text("utf-8")).body
    assert sorted(offered(body, platform)) == sorted(system.__all__)


def test_all_of_it_is_there():
    assert sorted(system.__all__) == system.__all__
    assert all(hasattr(system, name) for name in system.__all__)
    assert sys.platform != "linux" or system.sleep_until.__module__.startswith(
        "improvd.system.linux"
    )

"""What a wheel has: `make wheel-test` builds one, installs it elsewhere, and plays."""

import subprocess
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_PACKAGE = _ROOT / "improvd"
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))


def test_every_file_of_the_package_that_is_no_module_goes_into_the_wheel():
    patterns = _PROJECT["tool"]["setuptools"]["package-data"]["improvd"]
    packed = {path for pattern in patterns for path in _PACKAGE.glob(pattern)}
    listed = subprocess.run(
        ["git", "ls-files", "improvd"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("no checkout")
    files = {_ROOT / name for name in listed.stdout.splitlines() if not name.endswith(".py")}
    # The units are the ones of the folder that people look into, behind a link.
    files = {path for path in files if path.is_file()} | set(
        (_PACKAGE / "service" / "units").glob("*.service")
    )
    assert files - packed == set()
    assert all(any(_PACKAGE.glob(pattern)) for pattern in patterns)


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for path in _PACKAGE.rglob("*.py")}
    assert {folder for folder in folders if not (folder / "__init__.py").exists()} == set()

"""What several tests need is in the harness; no test needs another."""

import ast
from collections.abc import Iterator
from pathlib import Path

_TESTS = Path(__file__).parent


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_no_test_imports_from_another_test():
    for path in _TESTS.rglob("*.py"):
        for name in imported(path):
            room, _, rest = name.partition(".")
            allowed = room not in {"tests", ""} or rest.split(".")[0] == "harness"
            assert allowed, f"{path.relative_to(_TESTS)} imports from {name}"

"""One word, one meaning: no two public classes of one name, and rooms that can be overlooked."""

import ast
from collections import defaultdict
from pathlib import Path

import improvd

_PACKAGE = Path(improvd.__file__).parent
# A room of more modules than this has walls that were not drawn yet.
_MOST_MODULES = 11
# Where one comes in; nobody looks for anything there.
_DOORS = ("__init__", "__main__")


def test_no_two_public_classes_have_one_name():
    where = defaultdict(list)
    for path in sorted(_PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where[node.name].append(str(path.relative_to(_PACKAGE)))
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


def test_a_room_has_so_many_modules_that_a_newcomer_can_read_its_list():
    for room in [_PACKAGE, *(path.parent for path in _PACKAGE.rglob("__init__.py"))]:
        modules = [path.stem for path in room.glob("*.py") if path.stem not in _DOORS]
        assert len(modules) <= _MOST_MODULES, f"{room}: {len(modules)} modules"

"""What lint and types are told to let pass is told rule by rule, and why."""

import re
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_LETS_PASS = re.compile(r"# (?:ruff: )?noqa\b.*|# type: ignore\b.*")
_RULES_AND_REASON = re.compile(
    r"# (ruff: )?noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \w.*|# type: ignore\[[\w, -]+\]  # \w.*"
)


def test_an_exception_names_its_rules_and_its_reason():
    unexplained = []
    for folder in ("improvd", "bench", "tests"):
        for path in (_ROOT / folder).rglob("*.py"):
            told = [found[0] for found in _LETS_PASS.finditer(path.read_text(encoding="utf-8"))]
            if path != Path(__file__):  # which speaks of them
                unexplained += [(path, each) for each in told if not _RULES_AND_REASON.match(each)]
    assert unexplained == []

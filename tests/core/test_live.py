"""LIVE.md is the law: every script in it is what the performer does, line for line."""

import re
from pathlib import Path

import pytest

from tests.harness.live_script import parse, run

_LIVE = Path(__file__).parents[2] / "LIVE.md"
_BLOCK = re.compile(r"^```live\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SCRIPTS = _BLOCK.findall(_LIVE.read_text(encoding="utf-8"))


def test_the_document_has_its_scripts():
    assert len(_SCRIPTS) >= 16


@pytest.mark.parametrize("block", _SCRIPTS, ids=lambda block: block.splitlines()[0][2:])
def test_performer_follows(block):
    script = parse(block)
    assert run(script) == script.expected

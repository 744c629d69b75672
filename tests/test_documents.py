"""The documents name only what is there."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_DOCUMENTS = [
    path
    for path in sorted(_ROOT.rglob("*.md"))
    if not {".venv", "build"} & set(path.relative_to(_ROOT).parts)
]
# Named from the document's own folder or from the root; a bare name of a module says too little.
_NAMED = re.compile(r"(?:`|\]\()((?:\.\./)*(?:[\w.-]+/)*[\w-]+\.(?:py|md|c|png|toml|chart|sh))\b")


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_every_file_that_a_document_names_exists(document):
    named = {name for name in _NAMED.findall(document.read_text("utf-8")) if "/" in name}
    absent = {
        name
        for name in named
        if not (document.parent / name).exists()
        and not (_ROOT / name).exists()
        and not name.startswith("NAME")
    }
    assert absent == set()

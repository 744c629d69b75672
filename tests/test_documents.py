"""The documents name only what is there."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
# In the folders left out there are other people's, and whole machines.
_DOCUMENTS = sorted(
    path
    for place in _ROOT.iterdir()
    if place.name not in {".venv", "build"}
    for path in (place.rglob("*.md") if place.is_dir() else [place])
    if path.suffix == ".md"
)
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

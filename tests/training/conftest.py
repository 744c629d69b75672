"""What tests of learning share."""

from pathlib import Path

import pytest

from improvd.training.read import weimar

# Beside the repository, where there is any: the Weimar Jazz Database's solos are not ours to keep.
SOLOS = Path(__file__).parents[3] / "shared" / "data" / "wjazzd_share.jsonl.gz"


@pytest.fixture(autouse=True)
def _cache_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory):
    """No test reads what was kept by another one, or by the person who runs it."""
    cache: Path = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture(scope="session")
def solos():
    """The Weimar solos in their three parts; what needs them is skipped where they are not."""
    from improvd.training.recipes.teacher import split  # noqa: PLC0415 - it imports Keras

    if not SOLOS.is_file():
        pytest.skip(f"needs the Weimar solos at {SOLOS}")
    return split(weimar.read(SOLOS)[0])

"""Few descriptors and little memory: it plays, or says in one sentence what it lacks."""

import os
import signal
import subprocess
import sys

import pytest

from tests.harness.daemon import folders

COMMAND = (sys.executable, "-m", "improvd", "--api", "none", "--tempo", "240", "--count-in", "0")


def limited(place, limit: str, most: int) -> subprocess.CompletedProcess[str]:
    """What comes of improvd with so much and no more, ended after some seconds if it plays."""
    place.mkdir()
    playing = subprocess.Popen(
        ["sh", "-c", f'ulimit {limit} {most}; exec "$@"', "sh", *COMMAND],
        env=os.environ | folders(place),
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = playing.communicate(timeout=6)
    except subprocess.TimeoutExpired:
        playing.send_signal(signal.SIGINT)
        said = playing.communicate(timeout=20)
    return subprocess.CompletedProcess([], playing.returncode, *said)


@pytest.mark.parametrize("most", [6, 8, 9, 11, 12, 13, 14, 15, 16, 18, 22])
def test_few_descriptors_are_one_sentence_or_enough(tmp_path, most):
    came = limited(tmp_path / "place", "-n", most)
    assert came.returncode in {0, 1, 2}
    assert len(came.stderr.splitlines()) <= 1
    assert came.returncode == 0 or "ulimit -n" in came.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not keep to this limit")
@pytest.mark.parametrize(
    "most_kb",
    [25_000, 45_000, 70_000, 90_000, 100_000, 130_000, 150_000, 180_000, 215_000, 240_000],
)
def test_little_memory_is_one_sentence_or_enough(tmp_path, most_kb):
    came = limited(tmp_path / "place", "-v", most_kb)
    assert came.returncode in {0, 1, 2}
    assert len(came.stderr.splitlines()) <= 1
    assert came.returncode == 0 or "too little memory" in came.stderr

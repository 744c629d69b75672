"""Whether an installed improvd plays, away from its sources: `python plays.py ENVIRONMENT`.

On the standard library alone, since it also runs in a bare Debian (debian.sh) and on other
processors. What is tried is what a wheel may lack: charts, models, units, the program itself.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PATIENCE_S = 120
PLAYS = ("--api", "none", "--mode", "solo", "--tempo", "240", "--count-in", "0")
COMPLETIONS = {"bash": "complete -o", "zsh": "#compdef improvd", "fish": "complete --no-files"}


class Installed:
    """The improvd of an environment, run in a folder of its own."""

    def __init__(self, environment: Path, folder: Path) -> None:
        self._bin = environment.absolute() / "bin"
        self.folder = folder
        keep = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self._env = keep | {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "XDG_STATE_HOME": str(folder / "state"),
        }

    def says(self, *words: str, program: str = "improvd", **env: str) -> str:
        """What it prints; it must succeed."""
        done = subprocess.run(
            [self._bin / program, *words],
            cwd=self.folder,
            env=self._env | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def plays(self, beats: int) -> str:
        """Have it play so many beats, asked meanwhile how it is, and end it as a person would."""
        output = self.folder / "said.txt"
        with output.open("w") as written:
            playing = subprocess.Popen(
                [self._bin / "improvd", *PLAYS],
                cwd=self.folder,
                env=self._env,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE_S
        while output.read_text("utf-8").count("improvd  ") < beats and playing.poll() is None:
            assert time.monotonic() < deadline, output.read_text("utf-8")
            time.sleep(0.1)
        status = json.loads(self.says("ctl", "status", "--json"))
        playing.send_signal(signal.SIGINT)
        assert playing.wait(PATIENCE_S) == 0, output.read_text("utf-8")
        [take] = self.folder.glob("improvd-*.mid")
        return f"{status['title']}, {status['beats']} beats, {take.stat().st_size} bytes"


def it_is_the_installed_one(improvd: Installed) -> str:
    """And not a checkout that Python finds."""
    where = improvd.says("-c", "import improvd; print(improvd.__file__)", program="python").strip()
    assert "site-packages" in where, where
    return improvd.says("--version").strip()


def it_plays(improvd: Installed) -> str:
    """Two processes, a jam that is kept, and a take."""
    played = improvd.plays(8)
    listed = improvd.says("jams", "list").splitlines()
    assert len(listed) >= 1, listed
    assert "the same" in improvd.says("jams", "replay", "1")
    return played


def its_models_and_charts_came_along(improvd: Installed) -> str:
    """Each of them."""
    charts = [line.split()[0] for line in improvd.says("charts").splitlines() if line.strip()]
    for model in ("default", "general", "wide"):
        solo = improvd.folder / f"{model}.mid"
        improvd.says("generate", "--bars", "4", "--model", model, "-o", solo.name)
        assert solo.stat().st_size > 100, model
    for chart in charts:
        improvd.says("chart", chart)
    return f"{len(charts)} charts"


def its_units_came_along(improvd: Installed) -> str:
    """The person's and the machine's."""
    for options in ((), ("--system", "box")):
        assert "ExecStart=" in improvd.says("install-service", "--dry-run", *options)
    return "both"


def a_shell_can_complete_its_words(improvd: Installed) -> str:
    """By the scripts that click writes."""
    for shell, part in COMPLETIONS.items():
        said = improvd.says(_IMPROVD_COMPLETE=f"{shell}_source")
        assert part in said, said
    words = {"COMP_WORDS": "improvd ctl temp", "COMP_CWORD": "2"}
    said = improvd.says(_IMPROVD_COMPLETE="bash_complete", **words)
    assert "plain,tempo" in said.splitlines(), said
    return ", ".join(COMPLETIONS)


STEPS = (
    it_is_the_installed_one,
    it_plays,
    its_models_and_charts_came_along,
    its_units_came_along,
    a_shell_can_complete_its_words,
)


def main(words: Sequence[str]) -> None:
    """Run all steps on an environment, and say what came out."""
    with tempfile.TemporaryDirectory() as folder:
        improvd = Installed(Path(words[0]), Path(folder))
        for step in STEPS:
            print(f"{step.__name__.replace('_', ' ')}: {step(improvd)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""What was measured of each voice, as text and as a page that needs nothing else."""

import re

import pytest
from click.testing import CliRunner

from improvd import records
from improvd.commands import main
from improvd.core.harmony.chart import parse_chart
from improvd.core.music import Note
from improvd.records import Opened
from improvd.training.measure.voices.figures import VoiceFigure
from improvd.training.measure.voices.music import BandMusic
from improvd.training.show import voices
from tests.harness.recorded import START_NS, jam

FOUND = {
    "bass": [
        VoiceFigure("turns", 0.7, (0.3, 0.5)),
        VoiceFigure("leaps", 0.1, (float("-inf"), 0.2)),
        VoiceFigure("root", 0.9, (0.4, float("inf"))),
    ],
    "drums": [VoiceFigure("strokes a bar", 12.0)],
}
NOTES = {"bass": [Note(0, 400, 40)], "drums": [Note(0, 48, 51), Note(480, 48, 44)]}


def test_the_table_marks_what_lies_outside():
    shown = list(voices.lines(FOUND, {"bass": 0.9}))
    assert "bass: 2 of 3 in their bands; 90.0% of all cases" in shown
    [turns] = [line for line in shown if "turns" in line]
    assert turns.split() == ["turns", "0.70", "0.30", "..", "0.50", "*"]
    assert [line.split()[-1] for line in shown if "leaps" in line or "root" in line] == [
        "0.20",
        "0.40",
    ]


def test_the_page_stands_alone_and_believes_nothing():
    music = BandMusic(NOTES, parse_chart("| C7 | F7 |"), 120, "swing")
    text = voices.page("<script>alert()</script>", "eight & more", music, FOUND)
    assert "<script" not in text
    assert "eight &amp; more" in text
    assert not re.search(r'(src|href)="(?!#)', text)
    for figure in FOUND["bass"]:
        assert figure.name in text
    assert text.count('<td class="n out">') == 1
    assert text.count('class="track"') == 3
    assert text == voices.page("<script>alert()</script>", "eight & more", music, FOUND)


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A folder with one jam in it: a C4 on every beat of 100, and the musician's E4."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    folder = tmp_path / "improvd" / "improvd" / "jams"
    folder.mkdir(parents=True)
    opened = Opened(records.FORMAT, "0", START_NS, START_NS, 0)
    content = b"".join(map(records.write, [opened, *jam(100)]))
    (folder / "20260101-000000.jam").write_bytes(content)
    return tmp_path


def test_a_jam_and_its_export_are_measured_alike(recorded):
    def said(*words: str) -> list[str]:
        result = CliRunner().invoke(main, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output.splitlines()

    page, take = recorded / "jam.html", recorded / "jam.mid"
    of_jam = said("jams", "measure", "1", "--report", str(page))
    assert of_jam[0].startswith("20260101-000000: 25 bars of swing at 120 BPM")
    assert of_jam[-1] == f"{page} is written."
    said("jams", "export", "1", str(take))
    assert said("evaluate", str(take))[1:] == of_jam[1:-2]
    assert sum("in their bands" in line for line in of_jam) == 2, "the soloist and the musician"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["jams", "measure", "2"], "2: there is no such jam"),
        (["evaluate", "nowhere.mid"], "nowhere.mid: No such file"),
        (["evaluate", "nowhere.mid", "corpus"], "nowhere.mid is measured by itself"),
        (["evaluate", "default", "--report", "x.html"], "--report is of voices"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(recorded, words, sentence):
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1

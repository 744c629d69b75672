from pathlib import Path

import mido
import pytest

from improvd import performance, records
from improvd.config import Config
from improvd.core.music import PULSES_PER_BEAT
from improvd.messages import Began, Change, Gap, Heard, Played, Sent
from improvd.model import find, load
from improvd.records import Closed, Opened
from improvd.service.recorder.journal import Journal
from improvd.service.recorder.keep import keep
from improvd.service.recorder.library import JamError, Limits, jams
from improvd.service.recorder.recording import Recording, take
from improvd.take import Take
from tests.harness.recorded import START_NS, beat, jam

OPENED = Opened(records.FORMAT, "0.1", START_NS, 1_764_000_000 * 10**9)


def written(folder: Path, *each) -> Path:
    path = folder / "20261125-000000.jam"
    path.write_bytes(b"".join(map(records.write, each)))
    return path


def test_a_summary_without_reading_all_of_it(tmp_path):
    path = written(tmp_path, OPENED, *jam(1000), Closed())
    summary = Recording(path).summary()
    assert summary.beats == 1000
    assert summary.bpm == pytest.approx(120)
    assert summary.seconds == pytest.approx(499.875, abs=0.25)
    assert summary.began == next(jam(1))
    assert summary.size == path.stat().st_size > 1 << 16
    assert summary.ending == ""


def test_how_it_ended(tmp_path):
    assert Recording(written(tmp_path, OPENED, *jam(1))).ending == "cut short"
    assert (
        Recording(written(tmp_path, OPENED, Closed(goes_on=True))).ending == "goes on in the next"
    )
    journal = Journal(tmp_path / "live", Limits(1, 1), print)
    journal.write(list(jam(1)))
    [path] = jams(tmp_path / "live")
    assert Recording(path).ending == "is playing"
    journal.close()
    assert Recording(path).ending == ""


def test_damage_is_passed_over_and_told(tmp_path):
    pieces = list(map(records.write, [OPENED, *jam(2)]))
    path = tmp_path / "a.jam"
    path.write_bytes(b"".join([*pieces[:4], b"rubbish", *pieces[4:], b"torn"]))
    recording = Recording(path)
    assert list(recording.events()) == list(jam(2))
    assert [damage.size for damage in recording.damages] == [7]


@pytest.mark.parametrize("content", [b"", b"MThd", bytes(100), b"\xc1" * 1000])
def test_what_is_no_jam_is_one_sentence(tmp_path, content):
    path = tmp_path / "a.jam"
    path.write_bytes(content)
    with pytest.raises(JamError, match=r"a\.jam: is not a recorded jam"):
        Recording(path)


def test_a_format_to_come_is_one_sentence(tmp_path):
    path = written(tmp_path, Opened(2, "3.0", 0, 0))
    with pytest.raises(JamError, match=r"was recorded by improvd 3\.0"):
        Recording(path)


def test_a_take_has_what_both_played_and_no_echo():
    echo = Heard(START_NS + 1_000_000, bytes([0x90, 60, 90]))
    events = [*jam(4)]
    events.insert(5, echo)
    made = take(events)
    assert len(made.beats) == 4
    assert made.messages == [(e.due_ns, e.message) for e in events if isinstance(e, Sent)]
    assert made.heard == [
        (e.stamp_ns, e.message) for e in events if isinstance(e, Heard) and e is not echo
    ]


def metres(made: Take, path: Path) -> list[tuple[int, int, int]]:
    """The beat at which each time signature of the exported file stands, and what it says."""
    made.save(path)
    tick, found = 0, []
    for message in mido.MidiFile(path).tracks[0]:
        tick += message.time
        if message.type == "time_signature":
            found.append((tick // PULSES_PER_BEAT, message.numerator, message.denominator))
    return found


@pytest.mark.parametrize("told", [None, 2])
def test_the_last_bar_of_dotted_quarters_is_as_long_as_the_others(tmp_path, told):
    config = Config(tempo=120, beat="dotted quarter", loop_bars=1)
    began = Began(config, "meter: 6/8\n| Dm7 | G7 |", "ab" * 32, START_NS)
    beats = [beat(n, bar=n // 2 + 1, beat_in_bar=n % 2 + 1, beats_per_bar=told) for n in range(5)]
    assert metres(take([began, *map(Played, beats)]), tmp_path / "take.mid") == [(0, 6, 8)]


@pytest.mark.parametrize(
    ("before", "after", "exported"),
    [
        # The seventh beat is the third of its bar where bars have four, and the first of three.
        ("meter: 3/4\n| C |", "| F |", [(0, 3, 4), (6, 2, 4), (8, 4, 4)]),
        ("| C |", "meter: 3/4\n| F |", [(0, 4, 4), (8, 1, 4), (9, 3, 4)]),
        ("| C |", "meter: 7/8\n| F |", [(0, 4, 4), (8, 7, 8)]),
    ],
)
def test_bars_are_those_of_the_chart_that_was_played(tmp_path, before, after, exported):
    config, model = Config(count_in=0), load(find("default"))
    who = performance.improviser(config, model)
    jam = performance.offline(config, who, model, performance.chart_of(before, config))
    made = Take(120, jam.performer.soloists.setup.chart.beats_per_bar)
    ordered = False
    while len(made.beats) < 16:
        now = jam.wake()
        jam.turn(now)
        while jam.beats:
            made.add_beat(jam.beats.popleft())
        if len(made.beats) == 5 and not ordered:
            ordered = True
            performance.obey(jam, now, Change(config, after))
    assert metres(made, tmp_path / "take.mid") == exported


def test_nothing_that_began_is_no_take():
    with pytest.raises(JamError, match="nothing was played"):
        take([Gap(3)])


def test_the_last_bars_are_kept_also_when_the_disk_was_full(tmp_path):
    (tmp_path / "jams").write_text("no folder")
    journal = Journal(tmp_path / "jams", Limits(1, 1), lambda _: None)
    with pytest.raises(JamError, match="nothing was played"):
        keep(journal, tmp_path / "kept")
    events = list(jam(4 * 10 + 2))
    journal.write(events[:10])
    with pytest.raises(JamError, match="no whole bar"):
        keep(journal, tmp_path / "kept")
    journal.write(events[10:])
    path = keep(journal, tmp_path / "kept")
    assert path.parent == tmp_path / "kept"
    music = take(events)
    kept = take(journal.recent, journal.began).last_bars(8)
    assert kept.beats == music.beats[8:40]
    assert path.stat().st_size > 0
    journal.close()

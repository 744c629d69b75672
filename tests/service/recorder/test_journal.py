import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from improvd import records
from improvd.messages import RULES, Gap, Heard, Notice
from improvd.records import Closed, Opened
from improvd.service.recorder import library
from improvd.service.recorder.journal import Journal
from improvd.service.recorder.library import Limits
from tests.harness.jack import eventually
from tests.harness.recorded import began, jam

ROOMY = Limits(megabytes=100, days=365)


class Told(list):
    """Collects what the journal tells."""

    def __call__(self, sentence: str) -> None:
        self.append(sentence)


@pytest.fixture
def told() -> Told:
    return Told()


def read(path: Path) -> list[object]:
    return list(records.read(path.read_bytes()))


def events(path: Path) -> list[object]:
    return [each for each in read(path) if not isinstance(each, Opened | Closed)]


def test_a_jam_is_its_events_between_two_words_of_the_journal(tmp_path, told):
    journal = Journal(tmp_path / "not" / "there yet", ROOMY, told)
    written = list(jam(8))
    for event in written:
        journal.write([event])
    journal.write([])
    journal.close()
    [path] = library.jams(tmp_path / "not" / "there yet")
    opened, *between, closed = read(path)
    assert between == written
    assert isinstance(opened, Opened)
    assert abs(opened.wall_ns - time.time_ns()) < 60e9
    assert opened.rules == RULES
    assert closed == Closed()
    assert told == []


def test_what_was_written_is_there_before_the_end(tmp_path, told):
    journal = Journal(tmp_path, ROOMY, told)
    journal.write(list(jam(2)))
    [path] = library.jams(tmp_path)
    assert events(path) == list(jam(2))
    journal.close()


def test_nothing_happens_in_a_jam_that_never_began(tmp_path, told):
    Journal(tmp_path, ROOMY, told).close()
    assert library.jams(tmp_path) == []


def test_where_no_thread_can_be_had_it_does_not_begin(tmp_path, told):
    before = threading.stack_size(1 << 46)  # no machine has room for such a stack
    try:
        with pytest.raises(OSError, match="thread"):
            Journal(tmp_path, ROOMY, told)
    finally:
        threading.stack_size(before)


def test_an_endless_jam_goes_on_in_new_files_within_its_limit(tmp_path, told):
    limits = Limits(megabytes=1, days=365)
    journal = Journal(tmp_path, limits, told)
    state = began()
    flood = [Heard(n, bytes([0x90, 60, 1])) for n in range(1000)]
    for _ in range(100):
        journal.write([state, *flood])

    def within_limit() -> bool:
        journal.write([])
        with suppress(FileNotFoundError):  # it is being removed just now
            return sum(path.stat().st_size for path in library.jams(tmp_path)) < 1_000_000
        return False

    eventually(within_limit, "removing the oldest")
    journal.close()
    paths = library.jams(tmp_path)
    assert len(paths) > 4
    for number, path in enumerate(paths):
        opened, first, *_, closed = read(path)
        assert isinstance(opened, Opened)
        assert first == state
        assert closed == Closed(goes_on=number > 0)
    assert told == []


def test_the_running_jam_is_kept_however_small_the_limit(tmp_path):
    for name in ("20240101-000000.jam", "20250101-000000.jam"):
        (tmp_path / name).write_bytes(bytes(2_000_000))
    library.tidy(tmp_path, Limits(megabytes=1, days=365))
    assert [path.name for path in library.jams(tmp_path)] == ["20250101-000000.jam"]


def test_old_jams_go_and_what_somebody_named_stays(tmp_path):
    for name in ("20240101-000000.jam", "20250101-000000.jam", "the good one.jam"):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / "20260101-000000.jam").write_bytes(b"x")
    library.tidy(tmp_path, ROOMY)
    assert {path.name for path in tmp_path.iterdir()} == {
        "20260101-000000.jam",
        "the good one.jam",
    }


def test_names_stay_in_order_when_the_clock_is_set_back(tmp_path):
    first = library.next_name(tmp_path, 2_000_000_000_000_000_000)
    first.touch()
    second = library.next_name(tmp_path, 1_000_000_000_000_000_000)
    second.touch()
    assert library.jams(tmp_path) == [second, first]


def test_a_new_jam_leaves_those_before_it_alone(tmp_path, told):
    for _ in range(3):
        journal = Journal(tmp_path, ROOMY, told)
        journal.write(list(jam(1)))
        journal.close()
    assert [events(path) for path in library.jams(tmp_path)] == [list(jam(1))] * 3


def test_a_folder_that_vanished_is_made_again(tmp_path, told):
    journal = Journal(tmp_path / "jams", ROOMY, told)
    journal.write(list(jam(1)))
    [path] = library.jams(tmp_path / "jams")
    path.unlink()
    path.parent.rmdir()
    journal.write([Notice("still playing")])
    [path] = library.jams(tmp_path / "jams")
    lost = len(list(jam(1)))
    assert events(path) == [began(), Gap(lost), Notice("still playing")]
    assert told == [f"The jam is recorded again; {lost} events are missing."]
    journal.close()


def test_a_folder_that_cannot_be_is_told_once_and_tried_again(tmp_path, told, monkeypatch):
    monkeypatch.setattr("improvd.service.recorder.journal._RETRY_EVERY_S", 0.01)
    (tmp_path / "jams").write_text("a file in its place")
    journal = Journal(tmp_path / "jams", ROOMY, told)
    for event in list(jam(2)):
        journal.write([event])
    assert told == [f"{tmp_path / 'jams'}: the jam cannot be recorded (Not a directory)."]
    (tmp_path / "jams").unlink()
    lost = len(list(jam(2)))

    def recorded() -> bool:
        nonlocal lost
        journal.write([Notice("on")])
        lost += 1
        return bool(library.jams(tmp_path / "jams"))

    eventually(recorded, "recording")
    [path] = library.jams(tmp_path / "jams")
    assert events(path) == [began(), Gap(lost - 1), Notice("on")]
    assert told[1:] == [f"The jam is recorded again; {lost - 1} events are missing."]
    journal.close()


def test_what_it_tells_can_be_written_into_it(tmp_path, monkeypatch):
    """As the daemon does, who lets everybody know what the journal says, the journal as well."""
    monkeypatch.setattr("improvd.service.recorder.journal._RETRY_EVERY_S", 0.0)
    journal = Journal(tmp_path / "jams", ROOMY, lambda text: journal.write([Notice(text)]))
    (tmp_path / "jams").write_text("a file in its place")
    journal.write([began()])
    (tmp_path / "jams").unlink()
    journal.write([Notice("on")])
    journal.close()
    [path] = library.jams(tmp_path / "jams")
    assert events(path) == [
        began(),
        Gap(2),
        Notice("on"),
        Notice("The jam is recorded again; 2 events are missing."),
    ]


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of 256 KiB, mounted for real."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "improvd-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_once_and_leaves_a_gap(small_disk, told, monkeypatch):
    monkeypatch.setattr("improvd.service.recorder.journal._RETRY_EVERY_S", 0.0)
    (small_disk / "ballast").write_bytes(bytes(200_000))
    journal = Journal(small_disk / "jams", ROOMY, told)
    written = [began()]
    journal.write(written)
    while not told:
        written.append(Heard(len(written), bytes([0x90, 60, 1])))
        journal.write([written[-1]])
    for _ in range(100):
        journal.write([Notice("there is no room for this" * 200)])
    assert told == [f"{small_disk / 'jams'}: the jam cannot be recorded (No space left on device)."]
    (small_disk / "ballast").unlink()
    journal.write([Notice("room again")])
    journal.close()
    [path] = library.jams(small_disk / "jams")
    *there, gap, last = events(path)
    assert there == written[:-1]
    assert gap == Gap(101)
    assert last == Notice("room again")
    assert told[1:] == ["The jam is recorded again; 101 events are missing."]


def test_a_full_disk_at_the_beginning(small_disk, told, monkeypatch):
    monkeypatch.setattr("improvd.service.recorder.journal._RETRY_EVERY_S", 0.0)
    room = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(bytes(room.f_bsize * room.f_bavail))
    journal = Journal(small_disk / "jams", ROOMY, told)
    written = list(jam(1))
    journal.write(written)
    assert len(told) == 1
    (small_disk / "ballast").unlink()
    journal.write([Notice("room again")])
    journal.close()
    [path] = library.jams(small_disk / "jams")
    assert events(path) == [written[0], Gap(len(written)), Notice("room again")]


def test_sigkill_loses_nothing_that_was_written(tmp_path):
    script = f"""
from pathlib import Path
from improvd.service.recorder.journal import Journal
from improvd.service.recorder.library import Limits
from tests.harness.recorded import jam
journal = Journal(Path({str(tmp_path)!r}), Limits(100, 365), print)
for number, event in enumerate(jam(10**9)):
    journal.write([event])
    print(number, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        written = next(int(line) for line in process.stdout if int(line) == 5000)
        process.send_signal(signal.SIGKILL)
    [path] = library.jams(tmp_path)
    opened, *found = read(path)
    assert isinstance(opened, Opened)
    assert found[: written + 1] == list(islice(jam(10**9), written + 1))
    assert Closed() not in found

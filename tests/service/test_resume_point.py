"""Laws of knowing where the music was last."""

import pytest

from improvd import snapshot
from improvd.config import Config
from improvd.messages import Perform, Resume
from improvd.service.resume_point import ResumeFiles, ResumePoint
from improvd.service.status.settings import WrittenSettings
from improvd.shared import Shared
from improvd.system.handover import make
from tests.harness.session import START_NS, Session, jam


@pytest.fixture
def last(tmp_path, monkeypatch) -> ResumeFiles:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return ResumeFiles("mine")


def order(sounding: tuple[int, ...] = (60,)) -> ResumePoint:
    state = snapshot.take(Session(jam()).play(9).jam, START_NS)
    resume = Resume(state, sounding, 2, (("out", "synth:in"),))
    return ResumePoint(
        Perform(Config(), "| C |", resume), WrittenSettings(Config(), "| C |", "abc")
    )


def test_what_was_noted_is_read(last):
    assert last.read() is None
    last.note(order())
    assert last.read() == order()
    last.note(order(()))
    assert last.read() == order(())


def test_after_a_reboot_what_was_kept_is_read(last):
    last.keep(order())
    last.note(order(()))
    last._now.unlink()
    assert last.read() == order()


def test_forgotten_for_good(last):
    last.keep(order())
    last.note(order())
    last.forget()
    assert last.read() is None


def test_cut_at_any_byte_it_is_as_if_there_were_none(last):
    last.note(order())
    whole = last._now.read_bytes()
    for length in range(len(whole)):
        last._now.write_bytes(whole[:length])
        assert last.read() is None


def test_cut_at_any_byte_a_snapshot_is_refused_in_a_sentence():
    whole = order().perform.resume.snapshot
    for length in range(len(whole)):
        with pytest.raises(snapshot.SnapshotError) as refused:
            snapshot.read(whole[:length])
        assert "\n" not in str(refused.value)


def test_a_place_that_cannot_be_written_to_is_passed_over(last):
    last._now = last._now / "no" / "such"
    last.note(order())
    assert last.read() is None


def test_the_memory_that_was_shared_knows_better(last):
    noted = order((60,))
    last.note(noted)
    shared = Shared(make(last.memory))
    assert last.read() == noted
    shared.save(b"later")
    shared.mark(bytes([0x92, 64, 90]))
    shared.close()
    assert last.read().perform.resume == Resume(b"later", notes=((2, 64),))
    last.silenced(last.read())
    assert last.read().perform.resume == Resume(b"later")
    assert last.read().written == noted.written

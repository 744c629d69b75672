import asyncio
import os
import socket

import pytest

from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import Moved, Played, Ready
from improvd.service.unit import Unit

READY = Ready("improvd:out", "improvd:in", 120.0, 4, "Blues in F")


@pytest.fixture
def systemd(monkeypatch, tmp_path):
    """Says what systemd has been told since it was last asked."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.setblocking(False)

        def told() -> list[str]:
            states = []
            while True:
                try:
                    states.append(end.recv(4096).decode())
                except BlockingIOError:
                    return states

        yield told


def played(bar: int, beat: int, turn: Turn) -> Played:
    return Played(Beat(0, bar, beat, "F7", turn, None, False, None, (), 0))


def test_it_is_ready_once_however_many_players_come(systemd):
    unit = Unit(lambda: True)
    unit.take(READY)
    assert systemd() == ["STATUS=Blues in F, 120 BPM, on improvd:out\nREADY=1"]
    unit.take(READY)
    assert systemd() == ["STATUS=Blues in F, 120 BPM, on improvd:out"]


def test_without_midi_it_is_ready_too_and_says_so(systemd):
    Unit(lambda: True).take(Ready(None, None, 90.0, 4, "", "no MIDI"))
    assert systemd() == ["STATUS=your chart, 90 BPM, no MIDI yet\nREADY=1"]


def test_the_status_follows_bars_turns_and_tempo(systemd):
    unit = Unit(lambda: True)
    unit.take(READY)
    systemd()
    for beat in (1, 2, 3):
        unit.take(played(3, beat, Turn.LISTEN))
    assert systemd() == ["STATUS=Blues in F, 120 BPM, bar 3, your turn"]
    unit.take(played(3, 4, Turn.PLAY))
    unit.take(Moved(0, "rolling", 96.5))
    unit.take(played(4, 1, Turn.PLAY))
    assert systemd() == [
        "STATUS=Blues in F, 120 BPM, bar 3, improvd's turn",
        "STATUS=Blues in F, 96.5 BPM, bar 4, improvd's turn",
    ]


def test_reloading_lasts_until_it_was_read_again(systemd):
    async def read_again() -> None:
        assert systemd()[0].startswith("RELOADING=1\nMONOTONIC_USEC=")

    asyncio.run(Unit(lambda: True).reload(read_again))
    assert systemd() == ["READY=1"]


def test_what_cannot_be_read_ends_the_reloading_too(systemd):
    async def read_again() -> None:
        raise ValueError("improvd.toml: no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(Unit(lambda: True).reload(read_again))
    assert systemd()[-1] == "READY=1"


def test_stopping_is_told(systemd):
    Unit(lambda: True).stop()
    assert systemd() == ["STOPPING=1\nSTATUS=closing what sounds"]


def test_the_watchdog_is_fed_only_while_the_player_lives(systemd, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "2000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))

    async def for_a_while() -> None:
        lives = [True, True, True, False, False, False]
        died_long_ago = asyncio.Event()

        def alive() -> bool:
            if len(lives) == 1:
                died_long_ago.set()
            return lives.pop(0) if lives else False

        feeding = asyncio.create_task(Unit(alive).feed())
        await asyncio.wait_for(died_long_ago.wait(), 20)
        feeding.cancel()

    asyncio.run(for_a_while())
    assert systemd() == ["WATCHDOG=1"] * 3


def test_without_a_watchdog_nobody_is_fed(systemd, monkeypatch):
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    asyncio.run(Unit(lambda: True).feed())
    assert systemd() == []

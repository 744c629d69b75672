"""Who tries models for the one that plays: one that hung in trying is not asked again."""

import asyncio
import os
import signal

import pytest

from improvd.config import Config
from improvd.service.players import spare as spares
from improvd.service.players.processes import PlayerProcess
from improvd.system.handover import make


def test_a_model_is_not_blamed_for_the_one_before_it(tmp_path, monkeypatch):
    monkeypatch.setattr(spares, "_TRYING_S", 0.3)
    started: list[PlayerProcess] = []

    def start(memory: int) -> PlayerProcess:
        started.append(start_player(memory))
        return started[-1]

    start_player = spares.start_player
    monkeypatch.setattr(spares, "start_player", start)
    memory = make(tmp_path / "memory")
    spare = spares.Spare(memory, pytest.fail)

    async def try_two() -> None:
        spare.stand_by("none")
        os.kill(started[0].process.pid, signal.SIGSTOP)
        with pytest.raises(spares.PlayerRefusedError, match="died or hung in trying"):
            await spare.try_out(Config(model="wide"))
        monkeypatch.setattr(spares, "_TRYING_S", 20.0)
        trying = asyncio.create_task(spare.try_out(Config(model="default")))
        await asyncio.to_thread(started[0].process.wait)
        spare.stand_by("none")
        await trying

    try:
        asyncio.run(try_two())
    finally:
        spare.dismiss()
        os.close(memory)
    assert len(started) == 2

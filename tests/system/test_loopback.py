"""Control over TCP and a secret in a file, which runs everywhere and is used on Windows."""

import asyncio
import json
import socket
import stat
import sys
import threading
from contextlib import suppress

import pytest

from improvd import system
from improvd.service.dispatching.dispatcher import Reply
from improvd.service.remote import address, client
from improvd.service.remote.server import Control
from improvd.system import loopback


class Taker:
    async def carry_out(self, ask):
        return Reply("Done.")


@pytest.fixture
def served(monkeypatch, tmp_path):
    """A control socket served in this folder as on a system without Unix sockets."""
    for name in ("control_socket", "bind", "connect"):
        monkeypatch.setattr(system, name, getattr(loopback, name))
    place = address.Address(tmp_path, "box", tmp_path / "state")
    ready, over = threading.Event(), asyncio.Event()
    loop = asyncio.SelectorEventLoop()

    async def serve():
        async with Control(place, Taker()):
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(10)
    yield tmp_path
    loop.call_soon_threadsafe(over.set)
    thread.join()
    loop.close()
    place.close()


def test_who_can_read_the_file_is_served(served):
    with client.Client(address.socket_path(served, "box"), "box") as connected:
        assert connected.ask("mute")["ok"]
        assert connected.ask("status")["ok"]


def test_who_cannot_is_not(served):
    port = int((served / "box.sock").read_text().split()[0])
    for first in (b"wrong\n", b"\n", json.dumps({"order": "mute"}).encode() + b"\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as stranger:
            stranger.sendall(first + b'{"order": "mute"}\n')
            with suppress(ConnectionResetError):
                assert stranger.recv(100) == b""
    with client.Client(address.socket_path(served, "box"), "box") as connected:
        assert connected.ask("mute")["ok"]


@pytest.mark.skipif(sys.platform == "win32", reason="the profile is closed to others there")
def test_the_secret_is_for_this_user_alone(served):
    assert stat.S_IMODE((served / "box.sock").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", ["", "no number\n", "1\n", "a b c\n"])
def test_a_file_that_names_no_port_is_nobody_there(monkeypatch, tmp_path, left):
    for name in ("control_socket", "bind", "connect"):
        monkeypatch.setattr(system, name, getattr(loopback, name))
    (tmp_path / "box.sock").write_text(left)
    with pytest.raises(client.AbsentError, match="no improvd named box plays here"):
        client.Client(address.socket_path(tmp_path, "box"), "box")


def test_each_start_has_another_secret(tmp_path):
    secrets = set()
    for _ in range(3):
        with loopback.control_socket() as bound:
            secrets.add(loopback.bind(bound, tmp_path / "box.sock"))
    assert len(secrets) == 3

"""The control socket: a JSON line in, a JSON line out, and `watch`. docs/CONTROL.md is its page.

Nobody who connects can hold up anything: lines and clients are bounded, whoever does not read is
dropped, and when there are too many it is the one who has been idle for longest who goes.
"""

import asyncio
from hmac import compare_digest
from typing import Any, Protocol, Self

import msgspec

from improvd.messages import Moved, Notice, Played, Report
from improvd.orders.asks import Ask, Errand, Map, OrderError
from improvd.orders.table import parse
from improvd.service.dispatching.dispatcher import Reply
from improvd.service.remote.address import Address

LONGEST_LINE = 1 << 16
MOST_CLIENTS = 100
# What a client may leave unread, beyond what the system holds for it, and for how long.
_UNREAD = 1 << 16
_PATIENCE_S = 2.0
_ENOUGH_WAITING = 128
_NO_LINE = f'a line is one JSON object of at most {LONGEST_LINE} bytes: {{"order": "tempo 120"}}'


class Asked(msgspec.Struct, frozen=True):
    """A line that came in."""

    order: str


class Refusal(msgspec.Struct, frozen=True):
    """Why an order was not carried out: one sentence."""

    error: str


class OrderTaker(Protocol):
    """Who carries out what is ordered."""

    async def carry_out(self, ask: Ask) -> Reply:
        """Carry out an order. Raises OrderError, one sentence."""


class Control:
    """The clients of a socket. `async with` opens and closes it.

    Args:
        address: where it listens; it is left to whoever claimed it to close that.
        dispatcher: carries out orders.
    """

    def __init__(self, address: Address, dispatcher: OrderTaker) -> None:
        self._address = address
        self._dispatcher = dispatcher
        # The longest idle first.
        self._clients: dict[asyncio.StreamWriter, asyncio.Task[Any] | None] = {}
        self._watching: set[asyncio.StreamWriter] = set()
        self._mapping: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._decode = msgspec.json.Decoder(Asked).decode
        self._encode = msgspec.json.Encoder().encode

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, sock=self._address.socket, limit=LONGEST_LINE, backlog=_ENOUGH_WAITING
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        served = [task for task in self._clients.values() if task]
        for writer in list(self._clients):
            writer.close()
        if served:
            await asyncio.wait(served, timeout=_PATIENCE_S)

    def take(self, report: Report) -> None:
        """Let those who watch know. Whoever has fallen behind is dropped, and never waited for."""
        if not self._watching or (news := _news(report)) is None:
            return
        line = self._encode(news) + b"\n"
        for writer in list(self._watching):
            if writer.transport.get_write_buffer_size() > _UNREAD:
                self._drop(writer)
            else:
                self._touch(writer)
                writer.write(line)

    # -- one client ------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients[writer] = asyncio.current_task()
        if len(self._clients) > MOST_CLIENTS:
            self._drop(next(iter(self._clients)))
        try:
            if await self._is_ours(reader):
                await self._converse(reader, writer)
            writer.close()
            async with asyncio.timeout(_PATIENCE_S):
                await writer.wait_closed()
        except OSError:
            pass  # it went away, or does not read what it asked for
        finally:
            self._drop(writer)

    async def _is_ours(self, reader: asyncio.StreamReader) -> bool:
        """Whether it knows the secret, if there is one."""
        secret = self._address.secret
        return not secret or compare_digest((await _line(reader)).strip(), secret)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await _line(reader):
            self._touch(writer)
            if (answer := await self._answer(line, writer)) is not None:
                self._write(writer, answer)
            async with asyncio.timeout(_PATIENCE_S):
                await writer.drain()
            # However much it sends at once, the others have their turn.
            await asyncio.sleep(0)

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> Reply | Refusal | None:
        """The answer, None if it comes later."""
        try:
            ask = parse(self._decode(line).order)
            if ask is Errand.WATCH:
                self._watching.add(writer)
                return Reply("You are told every beat.")
            if isinstance(ask, Map):
                self._map(ask, writer)
                return None
            return await self._dispatcher.carry_out(ask)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Refusal(_NO_LINE)
        except OrderError as error:
            return Refusal(str(error))

    def _map(self, ask: Map, writer: asyncio.StreamWriter) -> None:
        """Reply when a knob has moved, and go on meanwhile: it may also hang up before."""

        async def wait() -> None:
            try:
                answer: Reply | Refusal = await self._dispatcher.carry_out(ask)
            except OrderError as error:
                answer = Refusal(str(error))
            if writer in self._clients:
                self._write(writer, answer)

        self._unmap(writer)
        self._mapping[writer] = asyncio.create_task(wait())

    def _unmap(self, writer: asyncio.StreamWriter) -> None:
        if task := self._mapping.pop(writer, None):
            task.cancel()

    def _write(self, writer: asyncio.StreamWriter, answer: Reply | Refusal) -> None:
        ok = isinstance(answer, Reply)
        writer.write(self._encode({"ok": ok, **msgspec.to_builtins(answer)}) + b"\n")

    def _touch(self, writer: asyncio.StreamWriter) -> None:
        """This one is not the one who has been idle for longest."""
        if writer in self._clients:
            self._clients[writer] = self._clients.pop(writer)

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        self._clients.pop(writer, None)
        self._watching.discard(writer)
        self._unmap(writer)
        writer.transport.abort()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line, the last one without its end too; empty when there are no more."""
    try:
        return await reader.readline()
    except ValueError:
        return b"too long\n"


def _news(report: Report) -> dict[str, Any] | None:
    """What those who watch are told of a report."""
    match report:
        case Played(beat=beat):
            return {"beat": beat}
        case Notice(text=text):
            return {"notice": text}
        case Moved(standing=standing, bpm=bpm):
            return {"moved": {"standing": standing, "bpm": bpm}}
    return None

"""The page as a web application: its files, the jams, and the WebSocket that it talks over."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from improvd.service.apart import apart
from improvd.service.recorder.library import JamError
from improvd.service.web.conversation import Conversation
from improvd.service.web.crowd import Crowd, Visitor
from improvd.service.web.door.guard import Guard
from improvd.service.web.door.location import Location
from improvd.service.web.files import PageFiles
from improvd.service.web.frames import read
from improvd.service.web.view.archive import Archive

# Of the WebSocket protocol: more than we hold, too much said, and gone for now.
_FULL, _TOO_MUCH, _AGAIN_LATER = 1013, 1008, 1012
_CLOSING_S = 1.0


class Host(Protocol):
    """Who has the page."""

    crowd: Crowd

    def greeting(self, visitor: Visitor) -> list[str]:
        """How things stand, for one who has just come."""

    def conversation(self, visitor: Visitor) -> Conversation:
        """Somebody to talk to this page."""


def application(host: Host, location: Location, files: PageFiles, archive: Archive) -> ASGIApp:
    """All that is served."""
    return Guard(
        Starlette(
            routes=[
                WebSocketRoute("/talk", _talking(host)),
                Route("/jams", _json(lambda _: archive.list())),
                Route("/jams/{name}.mid", _midi(archive)),
                Route("/jams/{name}", _json(archive.roll)),
                Route("/{path:path}", _file(files)),
            ]
        ),
        location,
    )


def _file(files: PageFiles) -> Callable[[Request], Response]:
    async def file(request: Request) -> Response:
        found = files.by_path.get(request.path_params["path"] or "index.html")
        if found is None:
            return PlainTextResponse("There is no such page.\n", 404)
        headers = {"ETag": found.etag, "Content-Type": found.type}
        if request.headers.get("if-none-match") == found.etag:
            return Response(status_code=304, headers=headers)
        return Response(found.content, headers=headers)

    return file  # type: ignore[return-value]  # Starlette takes either kind of function


def _json(look_up: Callable[[str], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await apart(look_up, request.path_params.get("name", "")))
        except (JamError, OSError) as error:
            return PlainTextResponse(f"{error}\n", 404)

    return answer


def _midi(archive: Archive) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        try:
            content = await apart(archive.midi, name)
        except (JamError, OSError) as error:
            return PlainTextResponse(f"{error}\n", 404)
        disposition = f'attachment; filename="improvd-{name}.mid"'
        return Response(
            content, media_type="audio/midi", headers={"Content-Disposition": disposition}
        )

    return answer


# -- one page that is open ---------------------------------------------------------------------


def _talking(host: Host) -> Callable[[WebSocket], Awaitable[None]]:
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        visitor = host.crowd.enter()
        if visitor is None:
            await socket.close(_FULL)
            return
        conversation = host.conversation(visitor)
        for frame in host.greeting(visitor):
            visitor.tell(frame)
        leaving = asyncio.ensure_future(visitor.gone.wait())
        telling = asyncio.ensure_future(_tell(socket, visitor))
        hearing = asyncio.ensure_future(_hear(socket, visitor, conversation))
        try:
            await asyncio.wait((leaving, telling, hearing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (leaving, telling, hearing):
                task.cancel()
            await asyncio.gather(leaving, telling, hearing, return_exceptions=True)
            conversation.let_go()
            host.crowd.leave(visitor)
        with suppress(
            RuntimeError, OSError, TimeoutError, WebSocketDisconnect
        ):  # it may have left by itself
            async with asyncio.timeout(_CLOSING_S):
                await socket.close(_AGAIN_LATER)

    return talk


async def _tell(socket: WebSocket, visitor: Visitor) -> None:
    while True:
        await socket.send_text(await visitor.next())


async def _hear(socket: WebSocket, visitor: Visitor, conversation: Conversation) -> None:
    """Until it leaves, or says more than anybody can play."""
    with suppress(WebSocketDisconnect):
        while True:
            came = await socket.receive()
            if came["type"] == "websocket.disconnect" or not visitor.may_speak(time.monotonic()):
                return
            frame = read(came.get("text") or came.get("bytes") or b"")
            if frame is not None:
                conversation.take(frame)

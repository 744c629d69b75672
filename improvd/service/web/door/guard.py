"""Who is let in: who names us, comes from our own page, and knows the token where there is one."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from improvd.service.web.door.location import Location

_MONTH_S = 30 * 86_400
# Everything is our own file, and nothing is written into the page itself.
_ALLOWED = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _ALLOWED,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), midi=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ASK_FOR_THE_LINK = (
    "This page needs the link with the token that improvd printed in its terminal "
    "when it was started.\n"
)


class Guard:
    """Stands before the page, as ASGI has it: whoever is not let in never gets to it."""

    def __init__(self, inside: ASGIApp, location: Location) -> None:
        self._inside = inside
        self._location = location

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            return
        headers = Headers(scope=scope)
        if not self._location.is_meant(headers.get("host", "")):
            await _refuse(421, "Not by this name.\n", scope, receive, send)
        elif not _from_our_page(scope, headers):
            await _refuse(403, "Not from another page.\n", scope, receive, send)
        elif (token := _token(scope)) is not None and self._location.lets_in(token):
            await self._welcome(token, scope, receive, send)
        elif not self._location.lets_in(_kept(headers, self._location.cookie)):
            await _refuse(403, _ASK_FOR_THE_LINK, scope, receive, send)
        else:
            await self._inside(scope, receive, _with_headers(send))

    async def _welcome(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        """It keeps the token from now on, and the address is without it."""
        response = RedirectResponse(scope["path"], 303)
        response.set_cookie(
            self._location.cookie, token, max_age=_MONTH_S, httponly=True, samesite="strict"
        )
        await response(scope, receive, _with_headers(send))


async def _refuse(status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse(why, status)(scope, receive, _with_headers(send))


def _from_our_page(scope: Scope, headers: Headers) -> bool:
    """Whether a WebSocket was opened by our own page, or by no page at all.

    Other pages may ask for what any browser may see, and can read none of it.
    """
    origin = headers.get("origin")
    if scope["type"] != "websocket" or origin is None:
        return True
    return urlsplit(origin).netloc == headers.get("host")


def _token(scope: Scope) -> str | None:
    """The token of an address."""
    if scope["type"] != "http":
        return None
    query: bytes = scope["query_string"]
    name, _, value = query.partition(b"=")
    return value.decode("ascii", "replace") if name == b"token" else None


def _kept(headers: Headers, cookie: str) -> str | None:
    """The token that a browser has kept."""
    try:
        kept = SimpleCookie(headers.get("cookie", "")).get(cookie)
    except CookieError:
        return None
    return None if kept is None else kept.value


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-cache")
        await send(message)

    return sending

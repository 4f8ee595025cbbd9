"""What may come in: of what a browser can say to Streamlit only what this app needs, and no more than a person does.

Streamlit lets every browser empty the caches of all, upload files into memory, and ask for figures of the server; here
nobody may. What comes faster than a person clicks waits its turn, and a connection on which too much waits is closed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from ui.server.metrics import CLICKS, SESSIONS
from ui.state.shared.limits import Bucket

LONGEST = 10**6  # bytes of a message; the largest of an honest browser have some 10 kB
CLICKS_AT_ONCE, CLICKS_A_SECOND = 60, 10  # a key that is held down sends 30 a second
BYTES_AT_ONCE, BYTES_A_SECOND = 2 * LONGEST, 2 * 10**5
MOST_WAITING = 300  # messages
SHUT = ("_stcore/metrics", "_stcore/upload_file", "_stcore/agent", "component", "auth", "oauth2callback")
TOO_BIG, GARBAGE, TOO_MANY = 1009, 1002, 1008  # why a connection is closed: RFC 6455, section 7.4.1
_NEEDED = {"rerun_script", "stop_script", "app_heartbeat"}
_NEEDED_OPERATIONS = {"deferred_file"}  # a file that is made when its button is pressed


class Gate:
    """Middleware that keeps out what the app does not need."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        self._shut = tuple(f"/{base}/{path}".replace("//", "/") for path in SHUT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] == "websocket":
            await _Connection(receive, send).serve(self.app, scope)
        elif scope["type"] == "http" and self._is_shut(scope["path"]):
            await PlainTextResponse("not found", 404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_shut(self, path: str) -> bool:
        return any(path == shut or path.startswith(f"{shut}/") for shut in self._shut)


class _Connection:
    """A websocket: what comes is looked at when it comes, and handed on at a person's pace."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send, self._closed = receive, send, False
        self._clicks, self._bytes = Bucket(CLICKS_AT_ONCE, CLICKS_A_SECOND), Bucket(BYTES_AT_ONCE, BYTES_A_SECOND)
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        listening = asyncio.create_task(self._listen())
        SESSIONS.inc()
        try:
            await app(scope, self._next, self._tell)
        finally:
            SESSIONS.dec()
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _listen(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.receive":
                asked = _parsed(message.get("bytes"))
                if code := self._wrong(asked, message):
                    self._end({"type": "websocket.disconnect", "code": code})
                    with suppress(Exception):  # it may be gone by now
                        await self._tell({"type": "websocket.close", "code": code})
                    return
                if asked is None or not is_needed(asked):
                    continue
            elif message["type"] == "websocket.disconnect":
                self._end(message)
                return
            self._waiting.put_nowait(message)

    def _wrong(self, asked: BackMsg | None, message: Message) -> int:
        """Why the connection has to be closed; 0 if it has not."""
        if asked is None:
            return GARBAGE
        if len(message["bytes"]) > LONGEST:
            return TOO_BIG
        return TOO_MANY if self._waiting.qsize() >= MOST_WAITING else 0

    async def _tell(self, message: Message) -> None:
        """Send to the browser, unless the connection was closed: a run that is on its way may not know yet."""
        if self._closed:
            return
        self._closed = message["type"] == "websocket.close"
        await self._send(message)

    def _end(self, message: Message) -> None:
        """Hand on that it is over, before all that still waits."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(message)

    async def _next(self) -> Message:
        message = await self._waiting.get()
        if message["type"] == "websocket.receive":
            CLICKS.inc()
            await asyncio.sleep(max(self._clicks.take(), self._bytes.take(len(message["bytes"]))))
        return message


def is_needed(asked: BackMsg) -> bool:
    """Return whether the app needs what a browser's message asks for."""
    kind = asked.WhichOneof("type")
    if kind == "backend_operation_request":
        return asked.backend_operation_request.WhichOneof("payload") in _NEEDED_OPERATIONS
    return kind in _NEEDED


def _parsed(data: bytes | None) -> BackMsg | None:
    """A browser's message; None for what is none."""
    if data is None:
        return None
    try:
        return BackMsg.FromString(data)
    except DecodeError:
        return None

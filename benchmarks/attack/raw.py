"""Requests as they stand, byte for byte: what no browser and no library would send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

STREAM = "/_stcore/stream"
MEGABYTE = 10**6
PATIENCE = 60.0


@asynccontextmanager
async def open_stream(url: str) -> AsyncIterator[ClientConnection]:
    """Open a websocket as a page does."""
    address = url.replace("http", "ws", 1) + STREAM
    protocols = [Subprotocol("streamlit")]
    async with connect(address, subprotocols=protocols, max_size=None, open_timeout=PATIENCE) as socket:
        yield socket


async def handshake(url: str, headers: dict[str, str]) -> int:
    """Return the status with which the server answers the handshake of a websocket."""
    key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", **headers}
    status, _ = await ask(url, urlsplit(url).path + STREAM, upgrade, key)
    return status


async def ask(url: str, path: str, headers: Mapping[str, str] | None = None, more: str = "") -> tuple[int, bytes]:
    """Ask as it stands, without putting the path in order first; status 0 if the connection was closed instead."""
    host, port, name = place_of(url)
    lines = {"Host": name, "Connection": "close", **(headers or {})}
    text = "".join(f"{one}: {value}\r\n" for one, value in lines.items()) + (f"{more}\r\n" if more else "")
    try:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        status = int(head.split()[1])
        body = b"" if status == 101 else await asyncio.wait_for(reader.read(2 * MEGABYTE), PATIENCE)
        writer.transport.abort()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return 0, b""
    return status, body


async def is_well(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Return whether the server says that it is well."""
    status, body = await ask(url, f"{urlsplit(url).path}/_stcore/health", headers)
    return status == 200 and body.endswith(b"ok")


def place_of(url: str) -> tuple[str, int, str]:
    """Return host, port and both as one name; an AssertionError if the server is not on this machine."""
    parts = urlsplit(url)
    assert parts.hostname in ("127.0.0.1", "localhost"), "only ever against a server on this machine"
    assert parts.port is not None
    return parts.hostname, parts.port, parts.netloc

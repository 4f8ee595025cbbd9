"""Assaults by the network: many connections, slow ones, torn frames, foreign pages, paths that climb, swollen requests.

Each is bounded, and returns the faults that it found.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from websockets.exceptions import InvalidStatus

from benchmarks.attack.raw import MEGABYTE, PATIENCE, STREAM, ask, handshake, open_stream, place_of
from ui.parts.modules import PLACE, version

ROOTS = (
    f"{PLACE}/{version()}/", f"{PLACE}/{version()}/heatmap/", "static/", "media/", "component/x/", "app/static/",
    "_stcore/bidi-components/x/", "_stcore/upload_file/x/", "",
)  # fmt: skip
TARGETS = ("etc/passwd", "app.py", "ui/main.py", ".streamlit/config.toml", "requirements.txt")
CLIMBS = (
    "../", "..%2f", "%2e%2e/", "%2e%2e%2f", "%252e%252e%252f", "..\\", "..%5c", "..;/", "%c0%ae%c0%ae/", "..%00/",
    "./../", "..//",
)  # fmt: skip
SECRETS = (b"root:", b"st.App(", b"from __future__", b"gatherUsageStats", b"prometheus-client")
ORIGINS = ("http://evil.example", "null", "http://127.0.0.1.evil.example", "file://")
HOSTS = ("evil.example", "127.0.0.1@evil.example", "evil.example:80", "[::1")


async def connect_at_once(url: str, n: int) -> list[str]:
    """Open many connections at once, and hold them for a while; all are let in, or refused in order."""

    async def one(stack: AsyncExitStack) -> str:
        try:
            await stack.enter_async_context(open_stream(url))
        except (OSError, TimeoutError, InvalidStatus) as error:
            return f"of {n} at once: {type(error).__name__}"
        return ""

    async with AsyncExitStack() as stack:
        said = await asyncio.gather(*(one(stack) for _ in range(n)))
        await asyncio.sleep(1)
    return [fault for fault in said if fault]


async def dawdle(url: str, n: int, seconds: float) -> list[str]:
    """Send requests letter by letter, and handshakes that never end."""
    begun = b"GET / HTTP/1.1\r\nHost: %b\r\nX-Slow: " % place_of(url)[2].encode()

    async def one() -> None:
        _, writer = await asyncio.open_connection(*place_of(url)[:2])
        writer.write(begun)
        for _ in range(int(seconds / 0.2)):
            writer.write(b"a")
            await asyncio.sleep(0.2)
        writer.close()

    await asyncio.gather(*(one() for _ in range(n)), return_exceptions=True)
    return []


def torn_frames() -> Iterator[bytes]:
    """Yield frames that break RFC 6455, section 5.2: torn, unmasked, endless, unknown, longer than anything."""
    mask = b"\0\0\0\0"
    yield b"\x82\xfe"  # a length that does not follow
    yield b"\x82\xff" + struct.pack("!Q", 2**62) + mask  # longer than all memory
    yield b"\x82\x05hello"  # without a mask
    yield b"\xf2\x80" + mask  # reserved bits
    yield b"\x83\x80" + mask  # an unknown kind
    yield b"\x80\x80" + mask  # goes on with nothing
    yield b"\x02\xfe\xff\xff" + mask + b"\0" * 65535  # a first part, and no end
    yield b"\x89\xfe\x01\x00" + mask + b"\0" * 256  # a ping that is too long
    yield b"\x88\x81" + mask + b"\0"  # half a reason to close
    yield b"\x81\x82" + mask + b"\xff\xfe"  # no UTF-8
    yield b"\x82\xff" + struct.pack("!Q", 2 * MEGABYTE) + mask + b"\0" * (2 * MEGABYTE)  # whole, and too large


async def tear(url: str) -> list[str]:
    """Send each torn frame on a connection of its own, some of them cut off in the middle."""
    host, port, name = place_of(url)
    path = urlsplit(url).path + STREAM
    hello = (
        f"GET {path} HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    faults = []
    for number, frame in enumerate(torn_frames()):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(hello.encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        if not answer.startswith(b"HTTP/1.1 101"):
            faults.append(f"torn frame {number}: {answer[:40]!r}")
        writer.write(frame)
        await asyncio.sleep(0.05)
        writer.transport.abort()
    return faults


async def come_from_elsewhere(url: str) -> list[str]:
    """Come from foreign pages, and by wrong names of the server; the server must know its own by `allowedHosts`."""
    faults = []
    wrong = [*({"Origin": origin} for origin in ORIGINS), *({"Host": host} for host in HOSTS)]
    for headers in wrong:
        status = await handshake(url, headers)
        if status not in (400, 403):
            faults.append(f"{headers} was let in: {status}")
    return faults


async def climb_out(url: str, every: int = 1) -> list[str]:
    """Ask for files outside of what is served, encoded in every way; for every n-th of a thousand paths."""
    faults = []
    climbs = [climb * depth for climb in CLIMBS for depth in (1, 6)] + ["%2f", "/"]
    paths = [f"/{root}{climb}{target}" for root in ROOTS for climb in climbs for target in TARGETS]
    for path in paths[::every]:
        status, body = await ask(url, f"{urlsplit(url).path}{path}")
        if status == 200 and any(secret in body for secret in SECRETS):
            faults.append(f"{path} was read")
        elif status not in (200, 301, 307, 308, 400, 403, 404):
            faults.append(f"{path}: {status}")
    return faults


async def swell(url: str) -> list[str]:
    """Send an address, a cookie and a body of a megabyte."""
    faults, large = [], "a" * MEGABYTE
    asked = {
        "address": (f"/?source={large}", {}),
        "path": (f"/{large}", {}),
        "cookie": ("/", {"Cookie": f"replica={large}"}),
        "header": ("/", {"X-Large": large}),
    }
    for name, (path, headers) in asked.items():
        status, _ = await ask(url, f"{urlsplit(url).path}{path}", headers)
        if status not in (0, 400, 413, 414, 431):
            faults.append(f"a {name} of a megabyte: {status}")
    return faults

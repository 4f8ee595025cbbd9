"""What goes over the wire between a page and its server."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket


class Wire:
    """Counts a page's websocket messages, and the bytes that the server sends; `forget` starts over."""

    def __init__(self, page: Page) -> None:
        self.sent = self.received = 0
        page.on("websocket", self._on_socket)

    def forget(self) -> None:
        """Start over."""
        self.sent = self.received = 0

    def _on_socket(self, socket: WebSocket) -> None:
        socket.on("framesent", self._on_sent)
        socket.on("framereceived", self._on_received)

    def _on_sent(self, _: str | bytes) -> None:
        self.sent += 1

    def _on_received(self, payload: str | bytes) -> None:
        self.received += len(payload.encode() if isinstance(payload, str) else payload)

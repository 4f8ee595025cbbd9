"""What goes over the wire between a page and its server."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Wire:
    """Counts a page's websocket messages, and the bytes that the server sends; `forget` starts over.

    Attributes:
        sent, received: messages to the server, bytes from it.
        text: bytes of these that are components' scripts, styles and HTML.
    """

    def __init__(self, page: Page) -> None:
        self.sent = self.received = self.text = 0
        page.on("websocket", self._on_socket)

    def forget(self) -> None:
        """Start over."""
        self.sent = self.received = self.text = 0

    def _on_socket(self, socket: WebSocket) -> None:
        socket.on("framesent", self._on_sent)
        socket.on("framereceived", self._on_received)

    def _on_sent(self, _: str | bytes) -> None:
        self.sent += 1

    def _on_received(self, payload: str | bytes) -> None:
        self.received += len(payload)
        message = ForwardMsg()
        message.ParseFromString(payload if isinstance(payload, bytes) else payload.encode())
        component = message.delta.new_element.bidi_component
        self.text += sum(
            len(text.encode()) for text in (component.js_content, component.css_content, component.html_content)
        )

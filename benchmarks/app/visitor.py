"""A visitor without a browser: it speaks Streamlit's protocol over a websocket, as the page in the browser does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from ui.parts.modules import inflated

PATIENCE = 120.0  # seconds


@dataclass
class Drawn:
    """An element of the page: what the server sent, and the fragment that draws it."""

    proto: Any
    fragment: str


@dataclass
class Visitor:
    """One session of the app.

    Attributes:
        page: name of the page it looks at.
        drawn: the elements of the page by the key that the app gave them.
        widgets: what the visitor chose, by the id of the widget.
        trouble: what the server complained of.
        protocols, headers: with which it connects.
        session, script: the server's names for it and for what it shows.
    """

    url: str
    page: str
    query: Mapping[str, str]
    drawn: dict[str, Drawn] = field(default_factory=dict)
    widgets: dict[str, WidgetState] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    kept: dict[str, ForwardMsg] = field(default_factory=dict)
    protocols: Sequence[str] = ("streamlit",)
    headers: Mapping[str, str] = field(default_factory=dict)
    session: str = ""
    script: str = ""
    _socket: ClientConnection | None = None

    @property
    def socket(self) -> ClientConnection:
        """The connection."""
        assert self._socket is not None
        return self._socket

    async def enter(self) -> None:
        """Open the page, and wait until it is drawn."""
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(
            address,
            subprotocols=[Subprotocol(name) for name in self.protocols],
            additional_headers=self.headers,
            max_size=None,
            compression=None,
            open_timeout=PATIENCE,
        )
        await self._run(ClientState(query_string=urlencode(self.query), page_name=self.page))

    async def leave(self) -> None:
        """Close the connection."""
        await self.socket.close()

    async def press(self, key: str, event: str, value: object) -> None:
        """Let a component of ours tell of an event, and wait until the answer is drawn."""
        drawn = self.drawn[key]
        await self._rerun(drawn.fragment, told(drawn.proto.id, {event: value}))

    async def forge(self, state: WidgetState) -> None:
        """Tell of an element that it is in any state, one that it never is in, and wait until the answer is drawn."""
        await self._rerun("", state)  # of the whole page: what is forged may lead away from the fragment

    async def choose(self, key: str, option: int) -> None:
        """Choose one of a row of buttons, and wait until the answer is drawn."""
        drawn = self.drawn[key]
        state = WidgetState(id=drawn.proto.id)
        state.string_array_value.data.append(drawn.proto.options[option].content)
        self.widgets[drawn.proto.id] = state
        await self._rerun(drawn.fragment)

    def data(self, key: str) -> dict[str, Any]:
        """Return what a component of ours was last given to draw."""
        return inflated(self.drawn[key].proto.bytes)

    async def _rerun(self, fragment: str, *events: WidgetState) -> None:
        state = ClientState(query_string=urlencode(self.query), page_script_hash=self.script, fragment_id=fragment)
        state.widget_states.widgets.extend([*self.widgets.values(), *events])
        state.cached_message_hashes.extend(self.kept)
        await self._run(state)

    async def _run(self, state: ClientState) -> None:
        await self.socket.send(BackMsg(rerun_script=state).SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                message = ForwardMsg.FromString(bytes(await self.socket.recv()))
                if message.WhichOneof("type") == "ref_hash":
                    known = self.kept[message.ref_hash]
                    known.metadata.CopyFrom(message.metadata)
                    message = known
                elif message.metadata.cacheable and message.hash:
                    self.kept[message.hash] = message
                if self._hear(message):
                    return

    def _hear(self, message: ForwardMsg) -> bool:
        """Take in what the server says; return whether it has finished."""
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self.script = message.navigation.page_script_hash
        elif kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "delta":
            self._draw(message.delta)
        elif kind == "script_finished":
            done = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
            if message.script_finished not in (*done, ForwardMsg.FINISHED_EARLY_FOR_RERUN):
                self.trouble.append(f"script_finished: {message.script_finished}")
            return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False

    def _draw(self, delta: Delta) -> None:
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.trouble.append(element.exception.message)
        if kind == "alert" and element.alert.format == Alert.ERROR:
            self.trouble.append(element.alert.body)
        proto = getattr(element, kind) if kind else None
        key = _key(getattr(proto, "id", "")) if proto is not None else ""
        if key:
            self.drawn[key] = Drawn(proto, delta.fragment_id)


def told(element: str, events: Mapping[str, object]) -> WidgetState:
    """Return what the browser sends when a component tells of events, by the id of its element."""
    text = json.dumps([{"event": event, "value": value} for event, value in events.items()])
    return WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{element}__events", json_trigger_value=text)


def _key(widget_id: str) -> str:
    """The key that the app gave a widget: the end of its id, `$$ID-<hash>-<key>`."""
    return widget_id.split("-", 2)[2] if widget_id.startswith("$$ID-") and widget_id.count("-") >= 2 else ""

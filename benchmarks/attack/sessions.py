"""Assaults by one session: garbage, texts faster than anybody types, values that no component tells, another's session.

Each is bounded, and returns the faults that it found.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import cycle, islice
from random import Random

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from benchmarks.app.visitor import Drawn, Visitor, told
from benchmarks.attack.declared import declared_events, declared_fields
from benchmarks.attack.raw import is_well, open_stream
from ui.frame.text import t

EVENTS, FIELDS = declared_events(), declared_fields()
SCALARS = (None, True, -1, 0.5, 10**9, 10**400, float("nan"), "x", "decoder.9.cross_attn.weights", [], [-1, "x"], {})
FORGED = (
    *SCALARS, *(dict.fromkeys(FIELDS, value) for value in SCALARS), [FIELDS], {"row": 0},
    *({**FIELDS, name: value} for name in FIELDS for value in SCALARS),  # what could be meant, but for one part
)  # fmt: skip
OWN = (
    {"string_array_value": {"data": ["../en"]}}, {"string_value": "../../requirements"}, {"int_value": 2**60},
    {"string_value": "x" * 1000}, {"bool_value": True}, {"json_value": "{"}, {"bytes_value": b"\xff"},
    {"arrow_value": {}}, {"int_array_value": {"data": [-1, 99]}}, {"json_trigger_value": "[1, {}]"},
    {"double_value": float("nan")}, {"trigger_value": True},
)  # fmt: skip


async def talk_garbage(url: str, n: int) -> list[str]:
    """Send what is no message, and messages that no page sends: to empty the caches of all, to stop the server."""
    random, faults = Random(n), []
    wanted = ("clear_cache", "set_run_on_save", "load_git_info", "debug_shutdown_runtime", "debug_disconnect_websocket")
    asked = [BackMsg(**{name: True}).SerializeToString() for name in wanted]
    asked.append(BackMsg(backend_operation_request={"install_skills": {}}).SerializeToString())
    state = ClientState(query_string="%00&&&=%ff", page_script_hash="x" * 999, fragment_id="y", page_name="../../etc")
    asked.append(BackMsg(rerun_script=state).SerializeToString())
    noise = [random.randbytes(random.randrange(1, 400)) for _ in range(n)]
    async with open_stream(url) as socket:
        for message in asked * 5:
            await socket.send(message)
    for message in (*noise, "text", b""):
        async with open_stream(url) as socket:
            try:
                await socket.send(message)
            except ConnectionClosed:
                faults.append("closed before it was heard")
    return faults


async def type_fast(url: str, n: int) -> list[str]:
    """Type texts as fast as can be, in one session, without waiting for an answer."""
    visitor = Visitor(url, "attention", {"lang": "en", "source": "我有一只猫"})
    await visitor.enter()
    field, socket = visitor.drawn["source"].proto.id, visitor.socket
    heard = asyncio.create_task(_hear_out(socket))
    with suppress(ConnectionClosed):  # it may be closed on who does that
        for number in range(n):
            state = ClientState(query_string="", page_script_hash=visitor.script)
            state.widget_states.widgets.append(WidgetState(id=field, string_value=f"我有{number}只猫"))
            await socket.send(BackMsg(rerun_script=state).SerializeToString())
    await socket.close()
    await heard
    return [] if await is_well(url) else ["after many texts the server is not well"]


async def forge(url: str, page: str, every: int = 1) -> list[str]:
    """Let every component of a page tell what none ever tells, and look whether anything breaks.

    Args:
        url: of the server.
        page: that is looked at.
        every: how many components share the list of forged values; 1: each gets all of them.
    """
    faults: list[str] = []
    visitor, forged = await _enter(url, page), cycle(FORGED)
    for key in [key for key, one in visitor.drawn.items() if _is_ours(one)]:
        for value in islice(forged, -(-len(FORGED) // every)):
            await visitor.forge(told(visitor.drawn[key].proto.id, dict.fromkeys(EVENTS, value)))
            faults += [f"{page}, {key}, {str(value)[:60]}: {one}" for one in visitor.trouble]
            visitor.trouble.clear()
    await visitor.leave()
    return faults


async def forge_states(url: str, page: str) -> list[str]:
    """Let each of Streamlit's own widgets of a page be in a state of another kind, each in a session of its own.

    That session may break, with our own words for it, and nothing more.
    """
    faults, states = [], cycle(OWN)
    visitor = await _enter(url, page)
    await visitor.leave()
    for key in [key for key, one in visitor.drawn.items() if not _is_ours(one)]:
        visitor, state = await _enter(url, page), next(states)
        await visitor.forge(WidgetState(id=visitor.drawn[key].proto.id, **state))
        faults += [f"{page}, {key}, {state}: {one}" for one in visitor.trouble if one != t("error.error", "en")]
        await visitor.leave()
    return faults


async def _enter(url: str, page: str) -> Visitor:
    model, source = ("words-en", "the [MASK] sat on the mat") if page == "fill" else ("zh-en", "我有一只猫")
    visitor = Visitor(url, page, {"lang": "en", "source": source, "model": model})
    await visitor.enter()
    return visitor


def _is_ours(drawn: Drawn) -> bool:
    return bool(drawn.proto.DESCRIPTOR.name == "BidiComponent")


async def take_over(url: str) -> list[str]:
    """Guess at the session of somebody who is there: a new one must be given, which knows nothing of the other.

    A name has 122 random bits, and the server tells it to its own browser alone, which needs it to come back.
    """
    secret = "他们的红色汽车"
    other = Visitor(url, "attention", {"lang": "en", "source": secret})
    await other.enter()
    faults = []
    for guess in (other.session[:-1], f"{other.session[:-1]}{'0' if other.session[-1] != '0' else '1'}", "*"):
        thief = Visitor(url, "attention", {"lang": "en"}, protocols=["streamlit", "x", guess])
        await thief.enter()
        found = "".join(str(one.proto) for one in thief.drawn.values()) + str(thief.data("words"))
        if thief.session == other.session or secret in found:
            faults.append(f"the guess {guess} took a session over")
        await thief.leave()
    await other.leave()
    return faults


async def _hear_out(socket: ClientConnection) -> None:
    try:
        while True:
            await socket.recv()
    except ConnectionClosed:
        return

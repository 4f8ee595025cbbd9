"""What may come in: what the app needs, at a person's pace; the rest is shut, dropped, or ends the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from ui.server import gate
from ui.server.gate import GARBAGE, MOST_WAITING, SHUT, TOO_BIG, TOO_MANY, Gate

RERUN = BackMsg(rerun_script=ClientState(query_string="a=1")).SerializeToString()
UNWANTED = [
    BackMsg(clear_cache=True),  # it would empty the caches of all
    BackMsg(set_run_on_save=True),
    BackMsg(load_git_info=True),
    BackMsg(debug_shutdown_runtime=True),
    BackMsg(debug_disconnect_websocket=True),
    BackMsg(backend_operation_request={"install_skills": {}}),
    BackMsg(file_urls_request={"request_id": "1"}),
    BackMsg(),
]
WANTED = [
    RERUN,
    BackMsg(stop_script=True).SerializeToString(),
    BackMsg(app_heartbeat=True).SerializeToString(),
    BackMsg(backend_operation_request={"deferred_file": {"file_id": "1"}}).SerializeToString(),
]


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run in a thread of its own: in this one the browser tests may keep a loop going."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()


def pass_through(frames: Sequence[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """What an app hears of the frames of a websocket, and what the browser is told."""
    heard: list[Any] = []
    told: list[Any] = []

    async def app(_: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            heard.append(message.get("bytes") or message.get("code") or message["type"])
            if message["type"] == "websocket.disconnect":
                await send({"type": "websocket.send", "bytes": b"a run that was on its way"})
                return

    async def run() -> None:
        left = iter([{"type": "websocket.connect"}, *frames, {"type": "websocket.disconnect", "code": 1005}])

        async def receive() -> Any:
            return next(left)

        async def send(message: Any) -> None:
            if message["type"] == "websocket.close":
                told.append(message["code"])
            elif told:  # as uvicorn does
                raise RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.")

        await asyncio.wait_for(Gate(app)({"type": "websocket"}, receive, send), 30)

    _run(run())
    return heard, told


def frames(*texts: bytes) -> list[dict[str, Any]]:
    return [{"type": "websocket.receive", "bytes": text} for text in texts]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that leaves at once is told so before what it said is handed on; here all is handed on first."""

    def end(self: Any, message: Any) -> None:
        self._waiting.put_nowait(message)

    monkeypatch.setattr(gate._Connection, "_end", end)


def test_what_the_app_needs_comes_through_and_nothing_else() -> None:
    sent = frames(*WANTED, *(one.SerializeToString() for one in UNWANTED))
    heard, told = pass_through(sent)
    assert heard == ["websocket.connect", *WANTED, 1005]
    assert told == []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "websocket.receive", "text": "hello"}, GARBAGE),
        ({"type": "websocket.receive", "bytes": b"\xff\xff\xff\xff"}, GARBAGE),
        (
            {
                "type": "websocket.receive",
                "bytes": BackMsg(rerun_script={"query_string": "x" * gate.LONGEST}).SerializeToString(),
            },
            TOO_BIG,
        ),
    ],
    ids=["text", "no message", "too big"],
)
def test_garbage_ends_the_connection_without_reaching_the_app(frame: dict[str, Any], code: int) -> None:
    heard, told = pass_through([frame, *frames(RERUN)])
    assert heard == ["websocket.connect", code]
    assert told == [code]


def test_who_sends_faster_than_anybody_clicks_waits_and_in_the_end_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real(0)

    monkeypatch.setattr(gate.asyncio, "sleep", sleep)
    heard, told = pass_through(frames(*[RERUN] * 100))
    assert heard.count(RERUN) == 100
    assert told == []
    assert max(waits[: gate.CLICKS_AT_ONCE]) == 0
    assert waits[-1] > 0
    heard, told = pass_through(frames(*[RERUN] * 5 * MOST_WAITING))
    assert told == [TOO_MANY]
    assert heard.count(RERUN) <= MOST_WAITING + 1


@pytest.mark.parametrize("path", SHUT)
def test_doors_of_streamlit_that_nobody_needs_are_shut(path: str) -> None:
    for shut in (f"/{path}", f"/{path}/more"):
        status: list[int] = []

        async def send(message: Any, status: list[int] = status) -> None:
            status.append(message.get("status", 0))

        async def app(*_: Any) -> None:
            raise AssertionError

        _run(Gate(app)({"type": "http", "path": shut, "method": "GET", "headers": []}, lambda: None, send))  # type: ignore[arg-type]
        assert status[0] == 404

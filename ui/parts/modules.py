"""The components' modules and style sheets, as the browser gets them: an address (a route) of the app.

The hash of all their contents is part of the address, so that a browser may keep them for ever, and modules of two
versions never mix. What a message holds of a component is one line that imports its module, and its data as the bytes
of a JSON text: of an object Streamlit would write three texts, and send the longest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Protocol, TypeVar

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from figures.base.styles import COMPONENTS, theme_sheet
from figures.base.theme import Mode

PLACE = "gf"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
_FOR_EVER = "public, max-age=31536000, immutable"
# What a message carries, so that every letter counts. Imported once: what waits for one promise goes on in its order,
# and what waits for several need not. A module that is not there is said in the
# reader's language, in the words that the frame holds by this name (ui/frame/masthead.py).
_ISOLATED = (
    'const m=import(new URL("{address}",document.baseURI));\nexport default c=>'
    "m.then(m=>m.default(c),e=>{{c.parentElement.textContent=gfLost.textContent}})"
)
_BARE = 'const m=import(new URL("{address}",document.baseURI));\nexport default c=>m.then(m=>m.default(c),e=>{{}})'


Hear = Callable[[Any], None]
Data = TypeVar("Data", contravariant=True)


class Draw(Protocol[Data]):
    """What draws a component."""

    def __call__(self, key: str, data: Data, mode: Mode | None = None, **hear: Hear) -> None:
        """Draw it.

        Args:
            key: of the component.
            data: what it takes, one of `ui.parts.wires`.
            mode: light or dark; None for one that draws nothing.
            hear: by the name of an event, what is called before the rerun with what the component tells.
        """


def register(name: str, *, isolated: bool = True) -> Draw[Any]:
    """Register a component, and return what draws it.

    Args:
        name: of its module below assets/components, without its ending.
        isolated: whether it draws, in a place of its own that the page's styles do not reach.
    """
    if f"{name}.js" not in _files():
        raise FileNotFoundError(f"assets/components/{name}.js")
    script = (_ISOLATED if isolated else _BARE).format(address=f"{PLACE}/{version()}/{name}.js")
    component = st.components.v2.component(f"glassformer.{name.rpartition('/')[2]}", js=script, isolate_styles=isolated)

    def draw(key: str, data: Mapping[str, Any], mode: Mode | None = None, **hear: Hear) -> None:
        drawn = {} if mode is None else {"mode": mode}
        events: dict[str, Any] = {f"on_{event}_change": partial(_told, key, event, act) for event, act in hear.items()}
        component(key=key, data=told_text({**data, **drawn}), **events)

    return draw


def told_text(data: Mapping[str, Any]) -> bytes:
    """Return data as a component is told it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _told(key: str, event: str, act: Hear) -> None:
    act(st.session_state[key][event])


def routes() -> list[Route]:
    """Return the routes that the app serves beside its pages."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return [Route(f"/{base}/{PLACE}/{{version}}/{{name:path}}".replace("//", "/"), _answer)]


def version() -> str:
    """Return the hash of all that is served."""
    whole = hashlib.sha256()
    for name, text in sorted(_files().items()):
        whole.update(f"{name}\0".encode() + text + b"\0")
    return whole.hexdigest()[:6]


async def _answer(request: Request) -> Response:
    name = request.path_params["name"]
    text = _files().get(name) if request.path_params["version"] == version() else None
    if text is None:
        return Response("not found", 404, {"Cache-Control": "no-store"}, "text/plain")
    kind = next(kind for ending, kind in _TYPES.items() if name.endswith(ending))
    return Response(text, 200, {"Cache-Control": _FOR_EVER}, kind)


@lru_cache(maxsize=1)  # what is served stays what was hashed, whatever happens to the files meanwhile
def _files() -> dict[str, bytes]:
    found = [file for file in COMPONENTS.rglob("*") if file.suffix in _TYPES]
    texts = {file.relative_to(COMPONENTS).as_posix(): file.read_bytes() for file in found}
    return {**texts, "theme.css": theme_sheet().encode()}

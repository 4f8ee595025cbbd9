"""The components' modules and style sheets, as the browser gets them: an address (a route) of the app.

The hash of all their contents is part of the address, so that a browser may keep them for ever, and modules of two
versions never mix. What a message holds of a component is one line that names its module, and its data as a JSON text,
deflated: of an object Streamlit would write three texts, and send the longest.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import Any, Protocol, TypeVar

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from figures.base.styles import COMPONENTS, theme_sheet
from figures.base.theme import Mode
from transformer_core.glass.errors import UnknownSiteError
from ui.frame.text import section, t
from ui.parts.hearing import MisheardError

PLACE = "gf"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
REPEATED = ("heatmap_words", "explain_words", "heading", "stage")  # sections of texts that are told with every click
_FOR_EVER = "public, max-age=31536000, immutable"
# What a message carries, so that every letter counts: it asks the loader, which the frame of the page defines, or waits
# in a queue until it is there. Without a second line Streamlit would take it for the name of a file.
_SCRIPT = 'export default c=>\nnew Promise(r=>(self.gf??=[]).push("{name}",c,r))'
_LOADER = "frame/loader.js"


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
    told = f"glassformer.{name.rpartition('/')[2]}"
    component = st.components.v2.component(told, js=component_script(name), isolate_styles=isolated)

    def draw(key: str, data: Mapping[str, Any], mode: Mode | None = None, **hear: Hear) -> None:
        drawn = {} if mode is None else {"mode": mode}
        events: dict[str, Any] = {f"on_{event}_change": partial(_told, key, event, act) for event, act in hear.items()}
        component(key=key, data=deflated({**data, **drawn}, st.session_state.lang), **events)

    return draw


def component_script(name: str) -> str:
    """Return what every message of a component carries: the line that asks for its module.

    One that bears the name of its folder is asked for by that alone.
    """
    path = PurePosixPath(name)
    return _SCRIPT.format(name=path.name if path.parent.name == path.name else name)


def deflated(data: Mapping[str, Any], lang: str = "") -> bytes:
    """Return data as a message holds it; words that the frame holds in a language are told by their name alone."""
    known = next((name for of, name in _names(lang).items() if data.get("words") == section(of, lang)), None)
    text = _json(data if known is None else {**data, "words": known})
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def inflated(message: bytes) -> dict[str, Any]:
    """Return the data that a message holds, as the loader of the frame does."""
    return dict(json.loads(zlib.decompress(message)))


def _names(lang: str) -> dict[str, str]:
    """What the repeated sections are called in a message; none without a language."""
    return {of: f"{of}.{lang}" for of in REPEATED} if lang else {}


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _told(key: str, event: str, act: Hear) -> None:
    """Hand on what a component told; what none of ours tells, and what this model does not have, is not heard."""
    try:
        value = st.session_state[key][event]
    except KeyError:  # it has left the page
        return
    with suppress(MisheardError, UnknownSiteError):
        act(value)


def loader(lang: str) -> str:
    """Return the HTML of the frame by which a component's one line finds its module, and the words it is told by name.

    With it comes what a component says in its place if its module, or its style sheet, cannot be loaded.
    """
    words = {name: section(section_name, lang) for section_name, name in _names(lang).items()}
    told = {"place": f"{PLACE}/{version()}/", "lost": t("component.lost", lang), "words": words}
    return f"<script>(() => {{ {_files()[_LOADER].decode()} startLoader({_json(told)}); }})()</script>"


def routes() -> list[Route]:
    """Return the routes that the app serves beside its pages."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return [Route(f"/{base}/{PLACE}/{{version}}/{{name:path}}".replace("//", "/"), _answer)]


@lru_cache(maxsize=1)
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

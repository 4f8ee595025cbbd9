"""The headers of every answer, among them a content security policy (https://www.w3.org/TR/CSP3).

Scripts come from this server alone, and of those that stand in the page itself only ours and Streamlit's one run, known
by their hashes. Styles may stand in the page: Streamlit's front end writes them there.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import lru_cache
from pathlib import Path

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.frame.text import LANGUAGES
from ui.parts.modules import loader

INDEX = Path(st.__file__).parent / "static" / "index.html"
_INLINE = re.compile(r"<script>(.*?)</script>", flags=re.DOTALL)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",  # an address holds what a reader typed
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Headers:
    """Middleware that adds the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with more headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = {name.lower().encode(): value.encode() for name, value in headers().items()}
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in added]
                message = {**message, "headers": [*kept, *added.items()]}
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


@lru_cache(maxsize=1)
def headers() -> dict[str, str]:
    """Return the headers by their names."""
    return {**_FIXED, "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _policy().items())}


def _policy() -> dict[str, str]:
    scripts = [*_INLINE.findall(INDEX.read_text(encoding="utf-8"))]
    scripts += [script for lang in LANGUAGES for script in _INLINE.findall(loader(lang))]
    hashes = " ".join(f"'sha256-{b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts)
    return {
        "default-src": "'none'",
        "script-src": f"'self' blob: {hashes}",  # blob: a component's one line of script, which Streamlit imports
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-src": "'self'",
        "frame-ancestors": "'self'",
    }

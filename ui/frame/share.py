"""The button that shows the link to what is seen, for others, and the way into the mode for a projector."""

from __future__ import annotations

import re
from functools import lru_cache

import streamlit as st
from streamlit import net_util

from figures.base.qr import qr_code
from ui.frame.components import present
from ui.frame.text import section
from ui.state.session import mode

KEY = "share"
EVERYONE = ("", "0.0.0.0", "::")  # addresses at which a server listens to other machines, too
ITSELF = ("localhost", "127.0.0.1", "::1")
_LINK = re.compile(r"https?://[^\s<>\"]{1,8000}")


@st.fragment  # a code is made without the page
def show_share(lang: str) -> None:
    """Draw the button; the browser knows the link, and asks for its code when it is shown."""
    link = st.session_state.get("shared_link", "")

    def share(asked: str) -> None:
        if _LINK.fullmatch(asked):
            st.session_state.shared_link = asked

    data = {"others": address_for_others(str(st.get_option("server.address") or "")), "qr": None, "asked": link}
    present(KEY, {**data, "qr": qr_code(link) if link else None}, section("present", lang), mode(), share)


@lru_cache(maxsize=8)
def address_for_others(listens: str) -> str:
    """Return the address of this machine in its network; "" where the server listens to this machine only.

    Args:
        listens: the address at which the server listens; "" for all.
    """
    if listens in ITSELF:
        return ""
    return listens if listens not in EVERYONE else net_util.get_internal_ip() or ""

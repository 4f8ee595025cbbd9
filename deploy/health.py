"""Is the app of this container well? Exits with 0 if it answers; the Dockerfile's HEALTHCHECK runs it."""

from __future__ import annotations

import os
import sys
import urllib.request

HEALTH = "_stcore/health"


def health_url() -> str:
    """Return the address that the app answers when it is well, below the path where it is served."""
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    return f"http://127.0.0.1:{port}/" + "/".join(part for part in (base, HEALTH) if part)


if __name__ == "__main__":
    try:
        with urllib.request.urlopen(health_url(), timeout=4) as answer:
            sys.exit(answer.read() != b"ok")
    except OSError as error:
        sys.exit(f"{health_url()}: {error}")

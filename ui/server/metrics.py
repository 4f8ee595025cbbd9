"""Figures for the operator, in the text format of Prometheus: sessions, clicks, caches, memory, nothing of a reader.

They are off until $GLASSFORMER_METRICS_PORT names a port. It is one of its own, so that no proxy shows it to a student.
"""

from __future__ import annotations

import os

from prometheus_client import Counter, Gauge, start_http_server
from streamlit.logger import get_logger

from ui.frame.text import t
from ui.state.models import kept_bytes

PORT, ADDRESS = "GLASSFORMER_METRICS_PORT", "GLASSFORMER_METRICS_ADDRESS"
CACHE_BYTES = "glassformer_cache_bytes"
CLICKS = Counter("glassformer_clicks", t("metrics.clicks", "en"))
SESSIONS = Gauge("glassformer_sessions", t("metrics.sessions", "en"))
CACHE = Gauge(CACHE_BYTES, t("metrics.cache", "en"))


def serve_metrics() -> None:
    """Serve the figures, if the operator asks for them. What Prometheus' client adds of itself has memory and CPU."""
    port = os.environ.get(PORT)
    if not port:
        return
    address = os.environ.get(ADDRESS, "127.0.0.1")
    CACHE.set_function(kept_bytes)
    start_http_server(int(port), address)
    get_logger(__name__).info(t("log.metrics", "en", address=address, port=port))

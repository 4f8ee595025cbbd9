"""What a replica holds with each of the bundled models: `python -m benchmarks.model_memory`.

One server, on which one session after another opens a page of a model; its memory is read from /proc, so that this runs
on Linux only.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.app.visitor import Visitor
from benchmarks.load import megabytes
from tests.browser.app import Server, running_server
from transformer_core.models.files import bundled_models
from ui.state.examples import examples

PAGE = "attention"


async def look(server: Server, model: str) -> list[str]:
    """Open a model's page with its first example; return what the server complained of."""
    source = next(iter(examples(model)), "")
    visitor = Visitor(server.url, PAGE, {"lang": "en", "model": model, "source": source})
    await visitor.enter()
    await visitor.leave()
    return visitor.trouble


def main() -> None:
    """Measure, and print a line for each model."""
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        before = megabytes(server.pid)
        print(f"{'started':<24}{before:8.0f} MB")
        for model in bundled_models():
            trouble = asyncio.run(look(server, model))
            now = megabytes(server.pid)
            print(f"{model:<24}{now:8.0f} MB{now - before:+8.0f} {' '.join(trouble)}")
            before = now


if __name__ == "__main__":
    main()

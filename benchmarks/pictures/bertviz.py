"""BertViz (Vig 2019), to compare with: its own Python and JavaScript, from a folder on this machine, offline."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import torch
from numpy.typing import NDArray

from benchmarks.pictures.drawing import Side

# The versions that its script names; of jQuery the nearest that the registry has.
PYTHON, SCRIPTS = "bertviz==1.4.1", "d3@5.7.0 jquery@2.2.4 requirejs@2.3.6"
LIBRARIES = {
    "require.js": "requirejs/require.js",
    "jquery.js": "jquery/dist/jquery.min.js",
    "d3.js": "d3/dist/d3.min.js",
}
_PAGE = """<!doctype html><meta charset="utf-8"><script src="require.js"></script><body><script>
requirejs.config({ paths: { jquery: "jquery", d3: "d3" } });
const ready = new Promise((resolve) => requirejs(["jquery", "d3"], resolve));
async function draw() {
  await ready;
  const text = await (await fetch("view.html")).text();
  document.body.insertAdjacentHTML("beforeend", text.slice(0, text.indexOf("<script")));
  const script = document.createElement("script");
  script.text = text.slice(text.indexOf(">", text.indexOf("<script")) + 1, text.lastIndexOf("<\\/script>"));
  document.body.append(script);
}
</script>"""


def missing(folder: Path) -> str | None:
    """Return what to do if BertViz is not in the folder, None if it is."""
    needed = [folder / "bertviz" / "model_view.py", *(folder / "node_modules" / path for path in LIBRARIES.values())]
    if all(path.is_file() for path in needed):
        return None
    return (
        f"BertViz is missing in {folder}, and is not measured; to get it:\n"
        f"  pip install --no-deps --target {folder} {PYTHON}\n"
        f"  npm install --prefix {folder} {SCRIPTS}"
    )


def model_view(folder: Path, weights: NDArray) -> Side:
    """Return BertViz' model view of all heads, as it makes it for a page.

    Shapes: weights [N, H, Q, Q].
    """
    sys.path.insert(0, str(folder))
    try:
        view = importlib.import_module("bertviz").model_view
    finally:
        sys.path.remove(str(folder))
    layers = [torch.from_numpy(layer)[None] for layer in weights]
    words = [f"w{i}" for i in range(weights.shape[2])]
    html = view(attention=layers, tokens=words, html_action="return").data
    # Its libraries are loaded before, from this machine; the rest is as it came.
    html = re.sub(r'<script src="[^"]*require[^"]*"></script>', "", html)
    text = re.sub(r"require\.config\(\{.*?\n\}\);", "", html, count=1, flags=re.DOTALL).encode()
    libraries = {name: (folder / "node_modules" / path).read_bytes() for name, path in LIBRARIES.items()}
    files = {"index.html": _PAGE.encode(), "view.html": text, **libraries}
    return Side("BertViz model view", files, len(text), "document.querySelectorAll('svg line').length", weights.size)

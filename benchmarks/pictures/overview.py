"""The sides of the comparison of pictures of all heads: invented attention, our component, and one bare canvas."""

from __future__ import annotations

import math
import posixpath
import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.pictures.drawing import Side
from figures.base.styles import COMPONENTS, theme_sheet
from figures.base.theme import theme
from figures.base.wire import flagged
from figures.explore.heads import head_cells, reaches, sent_together, sprite
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import n_layers
from transformer_core.glass.words import Words, as_words
from transformer_core.studies.heads.attention_blocks import BOTH_WAYS, transfer
from transformer_core.studies.heads.head_measures import MEASURES
from transformer_core.studies.heads.head_table import HeadTable, measures_of
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans import transformer_plan
from ui.frame.text import section, t
from ui.parts.modules import deflated

_IMPORTED = re.compile(r'^(?:import .*? from|@import) "([^"]+)";$', re.MULTILINE)
START = {"layer": 0, "head": 0, "look": "heatmap", "over": "here", "sort": "head", "find": ""}
D_HEAD = 8

Shows = Literal["all heads", "all heads, one large", "all heads, one large, table"]

_OURS = """<!doctype html><meta charset="utf-8"><body style="margin: 0"><div id="place"></div><script type="module">
import component from "./heads/heads.js";
import numbers from "./heads/head_numbers.js";
const parentElement = document.getElementById("place").attachShadow({ mode: "open" });
window.draw = async () => {
  const inflated = async (name) => (await fetch(name)).body.pipeThrough(new DecompressionStream("deflate"));
  const told = async (name) => new Response(await inflated(name)).text();
  const [data, alone] = [await told("data"), await told("alone")];
  numbers({ data: alone, setTriggerValue: () => {} });
  component({ data, parentElement, setTriggerValue: () => {} });
};
</script>"""

_CANVAS = """<!doctype html><meta charset="utf-8"><body style="margin: 0"><script>
async function draw() {
  const values = new Uint8Array(await (await fetch("values.bin")).arrayBuffer());
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const image = context.createImageData(WIDTH, HEIGHT), pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < values.length; i++) pixels[i] = 0xff000000 | (values[i] * 0x010101);
  context.putImageData(image, 0, 0);
  canvas.style.width = "100%";
  document.body.append(canvas);
}
</script>"""


@dataclass(frozen=True)
class Size:
    """How many heads, and how many tokens they look at."""

    n_layers: int
    n_heads: int
    n_tokens: int

    @property
    def raw(self) -> int:
        """Bytes of the weights of all heads, one byte each."""
        return self.n_layers * self.n_heads * self.n_tokens**2

    def __str__(self) -> str:
        return f"{self.n_layers} x {self.n_heads} heads, {self.n_tokens} tokens"


def invented(size: Size) -> Trace:
    """Return a trace of random attention: no model of this size is bundled, and a picture costs the same of any."""
    random, (n, h, q) = np.random.default_rng(0), (size.n_layers, size.n_heads, size.n_tokens)
    config = TransformerConfig(
        architecture="encoder-only",
        d_model=h * D_HEAD,
        attention=AttentionConfig(h),
        feed_forward=FeedForwardConfig(1),
        n_encoder_layers=n,
        source_vocab_size=1000,
        max_length=q,
    )
    values: dict[str, Any] = {"src_embed.tokens": np.arange(3, 3 + q)}
    parameters = {}
    for layer in range(n):
        path = f"encoder.{layer}.self_attn"
        powers = np.exp(random.normal(0, 3, (h, q, q)).astype(np.float32))
        values[f"{path}.weights"] = powers / powers.sum(axis=2, keepdims=True)
        values[f"{path}.mask"] = np.ones((q, q), bool)
        values[f"{path}.v"] = random.normal(0, 1, (h, q, D_HEAD)).astype(np.float32)
        parameters[f"{path}.W_O"] = random.normal(0, 1, (h * D_HEAD, h * D_HEAD)).astype(np.float32)
    words = {"source": Words(as_words([f"w{i}" for i in range(q)]))}
    return Trace(transformer_plan(config), values, parameters=parameters, words=words)


def weights_of(trace: Trace) -> NDArray[np.float32]:
    """Return the attention of all layers, [N, H, Q, K]."""
    return np.stack([trace[f"encoder.{layer}.self_attn.weights"] for layer in range(n_layers(trace.plan, "encoder"))])


def component(trace: Trace, shows: Shows) -> Side:
    """Return our component: all heads alone, as while the numbers of one are on their way; or that one beside them."""
    weights = weights_of(trace)
    together = sent_together(weights)
    told = None if shows == "all heads" else _numbers(trace, weights, slice(None) if together else 0)
    data = {
        **_picture(trace, weights),
        "numbers": told if together else None,
        "measures": _measures(measures_of(trace)) if shows == "all heads, one large, table" else None,
        "start": START,
        "words": section("heads_words", "en"),
        "mode": "light",
    }
    alone = {"numbers": None if together or told is None else {"of": "", "only": [0, 0], **told}}
    texts = {name: deflated(one) for name, one in (("data", data), ("alone", alone))}
    parts = _parts("heads/heads.js", "heads/heads.css")
    files = {"index.html": _OURS.encode(), **parts, **texts}
    there = 'document.getElementById("place").shadowRoot.querySelectorAll(".thumb").length'
    wire = sum(map(len, [*texts.values(), *parts.values()]))
    return Side(f"ours: {shows}", files, wire, there, data["n_layers"] * data["n_heads"])


def canvas(trace: Trace) -> Side:
    """Return one canvas with a pixel for each weight, from raw bytes: the least that a picture of them can cost."""
    weights = weights_of(trace)
    largest = weights.max(axis=(2, 3), keepdims=True)
    cells = np.rint(255 * weights / largest).astype(np.uint8)
    n, h, q, k = cells.shape
    tiled = cells.transpose(0, 2, 1, 3).tobytes()
    page = _CANVAS.replace("WIDTH", str(h * k)).replace("HEIGHT", str(n * q))
    files = {"index.html": page.encode(), "values.bin": tiled}
    return Side("one bare canvas", files, len(tiled), "document.querySelectorAll('canvas').length", 1)


def _picture(trace: Trace, weights: NDArray[np.float32]) -> dict[str, Any]:
    """What the page sends of all heads; `ui/explore/heads.py` does it for a model that is there."""
    colours, (n_layers, n_heads, n_tokens, _) = theme("light"), weights.shape
    reach = reaches(weights, None)
    found = sprite(weights, np.ones((n_tokens, n_tokens), bool), reach, colours)
    words = flagged(trace.words_of("source").read)
    return {
        "of": "",
        "picture": found.source(),
        "tile": [found.height, found.width],
        "block": found.block,
        "n_layers": n_layers,
        "n_heads": n_heads,
        "scale": "head",
        "signed": False,
        "carried": False,
        "reach": reach.tolist(),
        "most": 1.0,
        "keys": [f"encoder.{layer}.self_attn.weights" for layer in range(n_layers)],
        "rows": words,
        "columns": words,
        "sides": ["source", "source"],
        "masked": False,
        "palette": list(colours.weights),
    }


def _numbers(trace: Trace, weights: NDArray[np.float32], which: slice | int) -> dict[str, Any]:
    """The numbers of all heads, or of the first alone."""
    carried = np.stack([transfer(trace, f"encoder.{layer}.self_attn") for layer in range(len(weights))])
    allowed = np.ones(weights.shape[-2:], bool)
    own = float(weights[which, which].max())
    return {
        "weight": head_cells(weights[which, which], allowed, own),
        "carried": head_cells(carried[which, which], allowed, math.inf),
    }


def _parts(*names: str) -> dict[str, bytes]:
    """The component's modules and style sheets, and all that they import, by their paths."""
    found, waiting = {"theme.css": theme_sheet().encode()}, list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = (COMPONENTS / name).read_bytes()
            folder = posixpath.dirname(name)
            imported = _IMPORTED.findall(found[name].decode())
            waiting += [posixpath.normpath(posixpath.join(folder, one)) for one in imported]
    return found


def _measures(table: HeadTable) -> dict[str, Any]:
    shown = [one for one in MEASURES.values() if BOTH_WAYS in one.blocks]
    columns = [
        {"name": one.name, "title": t(f"measure.{one.name}", "en"), "means": "", "high": one.high} for one in shown
    ]
    here = np.stack([table.values[one.name] for one in shown], axis=1)
    rounded = [[None if np.isnan(x) else round(float(x), 5) for x in head] for head in here]
    labels = {"here": [""] * len(rounded), "set": []}
    return {"columns": columns, "here": rounded, "set": None, "n_examples": 0, "labels": labels}

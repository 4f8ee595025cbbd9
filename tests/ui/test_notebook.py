"""What a notebook embeds: one page, with all that it needs inside, and without Streamlit."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest

from figures.base.styles import COMPONENTS
from figures.explore.architecture import architecture
from transformer_core.glass.errors import ArgumentError, UnknownSiteError
from transformer_core.models.files import load_model
from ui.frame.text import LANGUAGES, t
from ui.notebook import embed

MODEL, KEY = "stories-llama", "decoder.4.self_attn.weights"
LIGHT = "import sys; import ui.notebook; assert not {'streamlit', 'plotly.io'} & set(sys.modules), 'heavy'"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_holds_its_modules_its_words_and_the_runs_own_data(lang: str) -> None:
    glass = load_model(MODEL)
    trace = glass.trace("Once upon a time</script>")
    page = embed(glass, trace, lang=lang).html
    (told,) = re.findall(r'importmap">(.*)</script>', page)
    modules = json.loads(told)["imports"]
    code = {name: b64decode(address.partition(",")[2]).decode() for name, address in modules.items()}
    imported = {name for text in code.values() for name in re.findall(r'^(?:import|.*from) "([^"]+)";', text, re.M)}
    assert imported == set(code) - {"map/map.js"}
    assert code["shared/mount/component.js"] == (COMPONENTS / "shared/mount/alone.js").read_text(encoding="utf-8")
    (data,) = re.findall(r'querySelector\("\.gf"\), (.*)\);', page)
    found = json.loads(data)
    assert found["words"]["hint"] == t("notebook.hint", lang)
    wanted = json.loads(json.dumps(architecture(trace)))
    assert {name: found[name] for name in wanted} == wanted
    assert "http" not in re.sub(r"http://www\.w3\.org/[\w/]+", "", page)
    assert page.count("</script>") == 2


def test_a_head_is_shown_in_a_frame_and_what_is_none_is_refused() -> None:
    glass = load_model(MODEL)
    trace = glass.trace("Once upon a time")
    shown = embed(glass, trace, KEY, head=3)
    (inside,) = re.findall(r'srcdoc="([^"]*)"', shown._repr_html_())
    assert html.unescape(inside) == shown.html
    assert "heatmap/heatmap.js" in shown.html
    assert shown.html != embed(glass, trace, KEY, head=2).html
    for key in ("decoder.4.input", "head.logits", "tgt_embed.tokens", "decoder.4.ln1.mean_square"):
        assert embed(glass, trace, key, mode="dark").html
    for head in (None, 8, -1):
        with pytest.raises(ArgumentError, match=r"head must be (an integer|from 0 to 7)"):
            embed(glass, trace, KEY, head=head)
    with pytest.raises(UnknownSiteError):
        embed(glass, trace, "decoder.9.input")


@pytest.mark.slow
def test_no_streamlit_is_loaded() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", LIGHT], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

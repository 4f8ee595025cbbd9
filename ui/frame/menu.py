"""The menu (navigation): which pages there are, and in which section each lies."""

from __future__ import annotations

from ui.frame.text import GLOSSARY
from ui.state.road import END, PAGES, WHOLE

HOME, MODELS, CREDITS = END, "models", "credits"
RUNLESS = (MODELS, CREDITS)  # pages that show no run
SECTIONS = {
    "explore": ("architecture", "embedding", "heads", "attention", "layer", "output"),
    "decode": ("unfold", "forcing", "search", "fill"),
    "road": (WHOLE, *PAGES),
    "learn": ("masks", "what_if", MODELS, GLOSSARY, CREDITS),
}


def page_path(name: str) -> str:
    """Return the file of a page, from the folder of the project, e.g. pages/explore/attention.py."""
    section = next(section for section, names in SECTIONS.items() if name in names)
    return f"pages/{section}/{name}.py"

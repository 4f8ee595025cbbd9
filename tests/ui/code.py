"""What the code asks of the texts, read from its syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ui.frame.forms import ALONE, FORMS, RMS, SILENT, UNPLACED, WINDOW

FORM = "_(" + "|".join([*FORMS, ALONE, SILENT, UNPLACED, RMS, WINDOW]) + ")"  # of a section
PLAIN, WITH_FORMS = {"t", "dotted", "coded"}, {"said", "said_dotted", "said_coded"}  # what asks for a text by its key
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ask:
    """A call for a text: where it stands, a pattern of the keys it asks for, and the fields it gives.

    Attributes:
        fields: names of the given fields, or None if they cannot be told from the code.
    """

    place: str
    pattern: str
    fields: frozenset[str] | None


def files(*folders: str) -> list[Path]:
    """Return the Python files of some folders."""
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


@lru_cache
def tree(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def asks(file: Path) -> Iterator[Ask]:
    """Yield every call for a text whose key can be read from the code, with its forms where it is asked for in them."""
    for call in _calls(file):
        asks_for = _name(call)
        if asks_for in PLAIN | WITH_FORMS:
            named = {keyword.arg for keyword in call.keywords}
            fields = None if None in named else frozenset(name for name in named if name)
            for pattern in _patterns(call.args[0]):
                yield Ask(_place(file, call), pattern, fields)
                if asks_for in WITH_FORMS:
                    yield Ask(_place(file, call), pattern.replace(r"\.", rf"({FORM})?\.", 1), fields)


def asked(keys: Iterable[str]) -> tuple[dict[str, list[Ask]], list[tuple[re.Pattern[str], Ask]]]:
    """What the app asks for: by key where the code names one that is there, and by a pattern of keys elsewhere."""
    exact, families = dict[str, list[Ask]](), list[tuple[re.Pattern[str], Ask]]()
    named = {re.escape(key): key for key in keys}
    for file in files("ui", "pages"):
        for ask in asks(file):
            if key := named.get(ask.pattern):
                exact.setdefault(key, []).append(ask)
            else:
                families.append((re.compile(ask.pattern), ask))
    return exact, families


def sections(file: Path) -> Iterator[str]:
    """Yield the names of the sections that are handed to a component as a whole."""
    for call in _calls(file):
        if _name(call) in ("section", "fitting") and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value) + (f"({FORM})?" if _name(call) == "fitting" else "")


def raised(file: Path) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Yield (place, class, fields) of every error that is raised with a message."""
    for call in _calls(file):
        if isinstance(call.func, ast.Name) and call.func.id.endswith("Error") and call.args:
            named = {keyword.arg for keyword in call.keywords}
            yield _place(file, call), call.func.id, None if None in named else frozenset(name for name in named if name)


def strings(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every string that is no docstring, the fixed parts of f-strings included."""
    skipped = {
        id(node.body[0].value)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def _name(call: ast.Call) -> str:
    """The name of what is called, without the module that it comes from."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _calls(file: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(file)) if isinstance(node, ast.Call))


def _place(file: Path, node: ast.expr) -> str:
    return f"{file.relative_to(ROOT)}:{node.lineno}"


def _patterns(node: ast.expr) -> list[str]:
    """Regular expressions of the keys that an argument can be; none for a variable."""
    if isinstance(node, ast.Constant):
        return [re.escape(str(node.value))]
    if isinstance(node, ast.IfExp):
        return [*_patterns(node.body), *_patterns(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in node.values)]
    return []

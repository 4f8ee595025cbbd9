"""Outside of the glass no key is taken apart: what a value or a parameter belongs to is asked of the plan."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CUTS = {"split", "rsplit", "partition", "rpartition", "startswith", "endswith", "removeprefix", "removesuffix"}
MATCHES = {"match", "fullmatch", "search", "sub", "findall", "finditer"}
NAMES = {"key", "keys", "site", "path", "name", "names", "kind", "block", "param", "parameter", "chart"}
# What is cut though it looks like a key, by its file: none of these is the name of a value or a parameter.
OTHERS = {
    "transformer_core/edits/base.py": {"repr(float(x)).removesuffix('.0')"},  # a number
    "transformer_core/training/classroom/held_back.py": {"path.name.startswith('class.')"},  # a file
    "ui/explore/head_compare.py": {"BESIDE.value.split('.')", "name.partition('.')"},  # layer and head in a link
    "ui/frame/text.py": {"key.removeprefix(f'{name}.')", "key.startswith(f'{name}.')"},  # texts of a section
    "ui/decode/unfold.py": {"pick.partition('.')"},  # a step and a word in a link
    "ui/parts/modules.py": {"name.rpartition('/')", "name.endswith(ending)"},  # files of components
    "transformer_core/models/readings.py": {"name.partition(BETWEEN)", "name.split(BETWEEN)"},  # a model's name
    "ui/server/gate.py": {"path.startswith(f'{shut}/')"},  # an address
    "ui/frame/wording.py": {"key.partition('.')"},  # a text of a section
}


def suspects(source: str) -> Iterator[str]:
    """What may take a key apart: a cut at a dot, a cut of something called like a key, a question for a dot in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of, at = node.func.value, node.args[0] if node.args else None
            called = of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""
            if node.func.attr in CUTS and (called in NAMES or (at is not None and _dotted(at))):
                yield ast.unparse(node)
            if called == "re" and node.func.attr in MATCHES and len(node.args) > 1 and _name(node.args[-1]) in NAMES:
                yield ast.unparse(node)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str) and "." in node.left.value:
                if _name(node.comparators[0]) in NAMES:
                    yield ast.unparse(node)


def _dotted(node: ast.expr) -> bool:
    """Whether a text has a dot at one of its ends, or more than one text of a tuple does."""
    if isinstance(node, ast.Tuple):
        return any(_dotted(one) for one in node.elts)
    if isinstance(node, ast.JoinedStr):
        ends = [node.values[0], node.values[-1]]
        return any(isinstance(one, ast.Constant) and _dotted(one) for one in ends)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in (node.value[:1], node.value[-1:])


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def files() -> Iterator[Path]:
    for folder in ("transformer_core", "ui", "figures", "pages"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "glass" not in file.relative_to(ROOT).parts[1:2]:
                yield file


def test_no_key_is_taken_apart() -> None:
    found = {str(file.relative_to(ROOT)): set(suspects(file.read_text(encoding="utf-8"))) for file in files()}
    assert {file: cuts for file, cuts in found.items() if cuts} == OTHERS


@pytest.mark.parametrize(
    "source",
    [
        "stack, block = name.split('.')",
        "last = parameter.name.rpartition('.')[2]",
        "own = key.removeprefix(f'{block.path}.')",
        "is_matrix = name.endswith(('W_O', 'W_2'))",
        "inside = [one for one in keys if one.startswith('head.')]",
        "layers = '.ffn.' in site.key",
        "layer = re.match(r'decoder\\.(\\d+)', path)",
    ],
)
def test_a_key_that_is_taken_apart_would_be_found(source: str) -> None:
    assert list(suspects(source))


def test_a_text_may_be_taken_apart() -> None:
    assert not list(suspects("words = text.split(); rows = [line.partition('\\t') for line in lines]"))

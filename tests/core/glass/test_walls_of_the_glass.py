"""The glass knows no model: its room of the core leans on no other, and needs torch only to run one."""

import ast

import pytest

from tests.test_walls import ROOT, python, python_files

GLASS_ALONE = """
import importlib, pkgutil, sys
import transformer_core.glass
for _, name, _ in pkgutil.walk_packages(transformer_core.glass.__path__, "transformer_core.glass."):
    importlib.import_module(name)
there = sorted(name for name in sys.modules if name.startswith("transformer_core."))
away = [name for name in there if not f"{name}.".startswith("transformer_core.glass.")]
assert not away, away
print(*there)
"""

PLAN_WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from transformer_core.glass import compare, formulas, plan, sites, walks
from transformer_core.glass.files import plan_files, trace_files
from transformer_core.glass.formula import cells, operations
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans import transformer_plan
config = TransformerConfig(architecture="decoder-only", d_model=4, n_decoder_layers=1, target_vocab_size=5,
                           attention=AttentionConfig(2), feed_forward=FeedForwardConfig(3))
assert "decoder.0.self_attn.q" in sites.sites_by_key(transformer_plan(config))
"""


def modules_in(statements):
    """The full names of all modules from which these statements import, also inside functions."""
    names = set()
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add("." * node.level + (node.module or ""))
    return names


def doors(folder, room, root=ROOT):
    """By file what the files of a room import of the same house but of another room; relative imports, too."""
    found = {}
    for path in python_files(folder, root=root):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        package = room.partition(".")[0]
        away = {
            name
            for name in modules_in(tree.body)
            if name.startswith(".") or (f"{name}.".startswith(f"{package}.") and not f"{name}.".startswith(f"{room}."))
        }
        if away:
            found[str(path.relative_to(root))] = sorted(away)
    return found


class TestGlass:
    """The room that knows no model leans on no other."""

    def test_no_file_imports_another_room_but_the_reader_of_old_files(self):
        assert len(python_files("transformer_core/glass")) > 15
        assert doors("transformer_core/glass", "transformer_core.glass") == {
            "transformer_core/glass/files/trace_files.py": ["transformer_core.transformer.first_format"]
        }

    def test_that_one_is_imported_only_when_such_a_file_is_read(self):
        tree = ast.parse((ROOT / "transformer_core" / "glass" / "files" / "trace_files.py").read_text(encoding="utf-8"))
        at_once = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
        assert not any("first_format" in name for name in modules_in(at_once))

    @pytest.mark.slow
    def test_importing_it_whole_loads_no_other_room(self):
        done = python(GLASS_ALONE)
        assert done.returncode == 0, done.stderr
        assert "transformer_core.glass.capture" in done.stdout.split()

    @pytest.mark.slow
    def test_a_plan_and_all_that_walks_over_it_need_no_torch(self):
        done = python(PLAN_WITHOUT_TORCH)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from house.other import thing", ["house.other"]),
        ("def read():\n    import house.other.thing\n", ["house.other.thing"]),
        ("from house import other", ["house"]),
        ("from ..other import thing", ["..other"]),
        ("from house.roomy import thing", ["house.roomy"]),
    ],
    ids=["top", "inside a function", "the room itself", "relative", "a longer name"],
)
def test_a_door_into_another_room_is_found(tmp_path, code, found):
    folder = tmp_path / "house" / "room"
    folder.mkdir(parents=True)
    (folder / "clean.py").write_text("import json\nfrom house.room.other import thing\nimport houses\n")
    (folder / "leans.py").write_text(code)
    assert doors("house/room", "house.room", root=tmp_path) == {"house/room/leans.py": found}

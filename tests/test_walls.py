"""The walls of the house: who may import what, checked in fresh processes, and how long a file may be.

Each check is shown to be able to fail.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("assets", "benchmarks", "examples", "figures", "pages", "tests", "transformer_core", "ui")
LONGEST = 250  # lines of a file that a stranger can still hold in mind
VENDORED = ("assets/components/katex",)  # as its authors made it

# Imports every module of a package, subpackages named in `skipped` left out, with some packages made unimportable.
IMPORT_ALL = """
import importlib, pkgutil, sys
root, package, blocked, skipped = sys.argv[1], sys.argv[2], sys.argv[3].split(), sys.argv[4].split()
sys.path.insert(0, root)
for name in blocked:
    sys.modules[name] = None
found = [package]
importlib.import_module(package)
for _, name, is_package in pkgutil.walk_packages(sys.modules[package].__path__, f"{package}."):
    if not any(name == skip or name.startswith(f"{skip}.") for skip in skipped):
        importlib.import_module(name)
        found.append(name)
print(*found)
"""

LIGHT = """
import sys
import transformer_core
assert "torch" not in sys.modules, "the package"
assert "numpy" not in sys.modules, "the package"
from transformer_core import GlassformerError, Trace, TransformerConfig, all_sites
assert "torch" not in sys.modules, "its names that need no model"
assert "transformer_core.glass.trace" in sys.modules, "they were not loaded: this check would see nothing"
"""


def python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def import_all(package, *, blocked, skipped="", root=ROOT):
    return python(IMPORT_ALL, str(root), package, blocked, skipped)


def imported_by(path):
    """The top-level names of all packages that a file imports, at its top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("import_module", "importlib.import_module"):
            first = node.args[0]
            names.add(first.value.partition(".")[0] if isinstance(first, ast.Constant) else "")
    return names


def python_files(*folders, root=ROOT):
    return [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]


def breaches(folders, forbidden, root=ROOT):
    """The files in these folders that import something forbidden."""
    found = {
        str(path.relative_to(root)): sorted(imported_by(path) & forbidden) for path in python_files(*folders, root=root)
    }
    return {path: names for path, names in found.items() if names}


def too_long(root=ROOT):
    """The source files of all rooms, and beside them, that have more than `LONGEST` lines, with how many they have."""
    files = [path for room in ROOMS for path in (root / room).rglob("*")] + list(root.iterdir())
    lines = {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in files
        if path.suffix in (".py", ".js", ".css")
    }
    return {path: n for path, n in lines.items() if n > LONGEST and not path.startswith(VENDORED)}


class TestCore:
    @pytest.mark.slow
    def test_every_module_imports_without_streamlit_and_plotly(self):
        done = import_all("transformer_core", blocked="streamlit plotly", skipped="transformer_core.training")
        assert done.returncode == 0, done.stderr
        there = {
            ".".join(path.relative_to(ROOT / "transformer_core").with_suffix("").parts)
            for path in python_files("transformer_core")
            if "training" not in path.parts and path.stem != "__init__"
        }
        assert {f"transformer_core.{name}" for name in there} <= set(done.stdout.split())

    def test_no_file_imports_an_upper_floor_even_inside_a_function(self):
        assert len(python_files("transformer_core")) > 20
        assert breaches(["transformer_core"], {"streamlit", "plotly", "figures", "ui", "pages"}) == {}

    def test_importing_the_package_alone_loads_neither_torch_nor_numpy(self):
        done = python(LIGHT)
        assert done.returncode == 0, done.stderr


class TestFigures:
    @pytest.mark.slow
    def test_every_module_imports_without_streamlit_and_torch(self):
        done = import_all("figures", blocked="streamlit torch")
        assert done.returncode == 0, done.stderr
        there = {
            ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for path in python_files("figures")
            if path.stem != "__init__"
        }
        assert len(there) > 20
        assert there <= set(done.stdout.split())

    def test_no_file_imports_streamlit_torch_or_an_upper_floor(self):
        assert breaches(["figures"], {"streamlit", "torch", "ui", "pages"}) == {}


class TestApp:
    @pytest.mark.slow
    def test_only_ui_pages_and_the_starting_file_import_streamlit(self):
        rooms = [path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
        others = [name for name in rooms if name not in ("ui", "pages", "tests", "benchmarks")]
        assert {"transformer_core", "figures"} <= set(others)
        allowed = {
            f"benchmarks/{name}.py" for name in ("app/empty_app", "app/visitor", "attack/sessions")
        }  # the floor, the protocol
        assert set(breaches(["benchmarks"], {"streamlit"})) <= allowed
        assert breaches(others, {"streamlit"}) == {}
        assert [path.name for path in ROOT.glob("*.py") if "streamlit" in imported_by(path)] in ([], ["app.py"])
        users = breaches(["ui", "pages"], {"streamlit"})
        assert any(path.startswith("ui") for path in users)

    def test_ui_does_not_import_pages(self):
        assert breaches(["ui"], {"pages"}) == {}

    def test_the_state_knows_of_the_other_rooms_only_what_texts_say(self):
        upward = re.compile(r"^(?:from|import) ui\.(?!state\b|frame\.(?:text|wording)\b)", re.MULTILINE)
        assert upward.search("import re\nfrom ui.parts.maps import Map")
        files = list(python_files("ui/state"))
        assert len(files) > 10
        assert [path.name for path in files if upward.search(path.read_text(encoding="utf-8"))] == []


def test_no_file_is_longer_than_a_stranger_can_hold_in_mind():
    assert too_long() == {}


class TestTheWallsCanFail:
    @pytest.fixture
    def house(self, tmp_path):
        """A package of two modules, of which the second imports streamlit as a test asks."""

        def build(code):
            folder = tmp_path / "room"
            folder.mkdir()
            (folder / "__init__.py").write_text("")
            (folder / "clean.py").write_text("import json\n")
            (folder / "other.py").write_text(code)
            return tmp_path

        return build

    @pytest.mark.parametrize("code", ["import streamlit", "from streamlit.runtime import get_instance"])
    def test_an_import_of_what_is_blocked_is_caught(self, house, code):
        done = import_all("room", blocked="streamlit", root=house(code))
        assert done.returncode != 0
        assert "streamlit" in done.stderr

    def test_the_same_package_passes_where_nothing_is_blocked(self, house):
        done = import_all("room", blocked="plotly", root=house("import csv"))
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["room", "room.clean", "room.other"]

    @pytest.mark.parametrize(
        "code",
        [
            "import streamlit as st",
            "def show():\n    from streamlit import write\n",
            "import json, streamlit.web\n",
            "from importlib import import_module\nimport_module('streamlit')\n",
        ],
        ids=["top", "inside a function", "second of two", "by name"],
    )
    def test_reading_the_files_finds_an_import_wherever_it_stands(self, house, code):
        root = house(code)
        assert breaches(["room"], {"streamlit"}, root=root) == {"room/other.py": ["streamlit"]}

    def test_a_relative_import_is_no_breach(self, house):
        assert breaches(["room"], {"streamlit", "clean"}, root=house("from . import clean")) == {}

    def test_a_file_of_a_line_too_many_is_found_wherever_it_stands(self, tmp_path):
        lengths = {
            "ui/frame/page.py": 251,
            "ui/frame/menu.py": 250,
            "assets/components/map/map.css": 300,
            "assets/components/katex/katex.js": 300,
            "app.py": 251,
            "ui/text.tsv": 300,
        }
        for name, n in lengths.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("x = 1\n" * n)
        assert too_long(tmp_path) == {"ui/frame/page.py": 251, "assets/components/map/map.css": 300, "app.py": 251}

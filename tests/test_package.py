"""The library as a package: built, installed, and used from another folder, as a notebook does."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.test_readme import blocks
from tests.test_walls import imported_by, python_files
from transformer_core.glass.files.assets import ASSETS, find_assets
from transformer_core.models.files import bundled_models

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = {  # of an extra; imported only where it is needed
    "huggingface_hub": ("transformer_core/models/pretrained/reading/hub.py", "transformer_core/glass/files/stored.py"),
    "opencc": ("transformer_core/text/incoming.py",),
    "sentencepiece": ("transformer_core/text/engines.py",),
}
CHECK = """
import sys
from pathlib import Path
import transformer_core
from transformer_core.glass.files.assets import ASSETS
from transformer_core.models.files import bundled_models
home = Path(transformer_core.__file__).parent
assert home.is_relative_to(sys.prefix) is INSTALLED, home
assert ASSETS == (home / "assets" if INSTALLED else home.parent / "assets"), ASSETS
assert bundled_models() == MODELS, bundled_models()
from transformer_core.training.classroom.held_back import held_back
from transformer_core.training.classroom.tables import read_table
assert len(held_back()) > 100 and len(read_table("nouns")) > 10
print("checked")
"""


def requirements(name: str) -> dict[str, Requirement]:
    """The requirements in a file, by package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    return {one.name.lower(): one for one in found}


def test_the_app_pins_what_the_library_allows() -> None:
    pinned = requirements("requirements.txt")
    for line in PROJECT["dependencies"]:
        needed = Requirement(line)
        assert needed.specifier.contains(version(needed.name).partition("+")[0])
        assert needed.name in pinned, line
    both, extras = pinned | requirements("requirements-dev.txt"), PROJECT["optional-dependencies"]
    for line in (*extras["chinese"], *extras["hub"], *extras["train"], *extras["dev"][1:]):
        extra = Requirement(line)
        assert extra.name in both, line
        assert extra.specifier.contains(version(extra.name)), line


def test_the_core_imports_nothing_but_its_dependencies() -> None:
    allowed = {Requirement(line).name for line in PROJECT["dependencies"]} | {"transformer_core"}
    training = {Requirement(line).name for line in PROJECT["optional-dependencies"]["train"]}
    for path in python_files("transformer_core"):
        name = path.relative_to(ROOT).as_posix()
        other = imported_by(path) - set(sys.stdlib_module_names) - allowed
        other -= {""} if path.name == "__init__.py" else set()  # its own modules, by a name that is put together
        other -= training if "training" in path.parts else set()
        assert all(name in OPTIONAL.get(one, ()) for one in other), (name, other)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "call", "extra"),
    [
        ("opencc", "from transformer_core.text.incoming import prepare; prepare('猫', 'zh')", "chinese"),
        (
            "sentencepiece",
            "from transformer_core.text.engines import SentencePieceEngine; SentencePieceEngine(b'', {}, [], 0)",
            "hub",
        ),
        ("huggingface_hub", "from transformer_core import load_model; load_model('some/body')", "hub"),
        ("tqdm", "import transformer_core.training.report", "train"),
        ("jieba", "import transformer_core.training.road.chinese as zh; zh.chinese_words(['猫'], 1)", "train"),
        (
            "sacrebleu",
            "from transformer_core.training.evaluate import evaluate; evaluate(None, None, None, [])",
            "train",
        ),
    ],
)
def test_what_only_an_extra_installs_is_asked_for_by_name(module: str, call: str, extra: str) -> None:
    code = f"import sys; sys.modules[{module!r}] = None\n{call}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("transformer_core.glass.errors.MissingPackageError: ")
    assert f"'{module}'" in last
    assert f"pip install 'glassformer[{extra}]'" in last


def test_assets_lie_inside_of_a_wheel_and_beside_a_clone(tmp_path: Path) -> None:
    assert ASSETS == ROOT / "assets"
    package = tmp_path / "transformer_core"
    assert find_assets(package) == tmp_path / "assets"
    (package / "assets").mkdir(parents=True)
    assert find_assets(package) == package / "assets"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip(sys.executable, "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder))
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
@pytest.mark.parametrize("way", ["wheel", "editable"])
def test_installed_the_readme_runs_from_another_folder(way: str, wheel: Path, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "environment")
    seen = Path(python).parent.parent / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix) / "seen.pth"
    seen.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")  # what tests run with, and none of its .pth
    what = [str(wheel)] if way == "wheel" else ["--no-build-isolation", "--editable", str(ROOT)]
    pip(python, "install", "--no-deps", *what)
    assert use(python, tmp_path, installed=way == "wheel") == "checked"


@pytest.mark.install
def test_a_full_installation_into_an_empty_environment_works(wheel: Path, tmp_path: Path) -> None:
    """Downloads torch, some 200 MB in its CPU build and several GB in PyPI's for Linux: not part of any usual run."""
    python = new_environment(tmp_path / "environment")
    pip(python, "install", f"{wheel}[chinese,train]")
    assert use(python, tmp_path, installed=True) == "checked"


def new_environment(folder: Path) -> str:
    """The Python of a fresh virtual environment with nothing in it."""
    venv.create(folder, with_pip=False)
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def pip(python: str, *arguments: str) -> None:
    """Run pip on an environment, which need not have it."""
    command = [sys.executable, "-m", "pip", "--python", python, *arguments, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


ON_A_HUB, OF_A_CLONE = "openai-community/", "from ui."


def use(python: str, folder: Path, *, installed: bool) -> str:
    """Run the README's lines in another folder with this Python, and return what a check of the package prints."""
    check = CHECK.replace("INSTALLED", str(installed)).replace("MODELS", repr(bundled_models()))
    every = blocks("README.md", "python")  # a hub needs a network
    lines = [block for block in every if ON_A_HUB not in block and OF_A_CLONE not in block]
    code = [*lines, "assert trace['decoder.2.cross_attn.weights'].shape == (4, 6, 6)", check]
    for text in code:
        ast.parse(text)
    environment = {name: value for name, value in os.environ.items() if not re.match("PYTHON|PYTEST", name)}
    done = run([python, "-c", "\n".join(code)], folder, environment)
    return done.strip()


def run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
